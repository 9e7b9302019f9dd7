// SPDX-License-Identifier: GPL-2.0-only
/*
 * Windows: CXL Fixed Memory Window Structures of the CEDT.
 */
#include <linux/log2.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "softhost.h"

/* Where host physical addresses end (CXL HPA, 52 bits) */
#define SOFTHOST_HPA_END (1ULL << 52)

static bool softhost_window_ways_legal(u32 ways)
{
	switch (ways) {
	case 1: case 2: case 3: case 4: case 6: case 8: case 12: case 16:
		return true;
	}
	return false;
}

static int softhost_window_check(const struct cxl_softhost_window_create *cmd)
{
	u64 end, rest;

	if (cmd->flags || cmd->__reserved || cmd->__reserved2)
		return -EOPNOTSUPP;
	if (!softhost_window_ways_legal(cmd->ways) || !is_power_of_2(cmd->granularity) ||
	    cmd->granularity < 256 || cmd->granularity > 16384 ||
	    cmd->arithmetic > CXL_SOFTHOST_ARITHMETIC_XOR)
		return -EINVAL;
	div64_u64_rem(cmd->length, cmd->ways * CXL_SOFTHOST_UNIT, &rest);
	if (!cmd->length || rest || cmd->hpa % CXL_SOFTHOST_UNIT)
		return -EINVAL;
	if (check_add_overflow(cmd->hpa, cmd->length, &end) || end > SOFTHOST_HPA_END)
		return -EOVERFLOW;
	if (cmd->ways > 1 || cmd->arithmetic != CXL_SOFTHOST_ARITHMETIC_MODULO)
		return -EOPNOTSUPP;
	return 0;
}

/* Put @window among the others, which stay sorted by HPA */
static int __softhost_window_insert(struct softhost_host *host, struct softhost_window *window)
{
	struct softhost_topology *topology = &host->topology;
	const struct softhost_window *below, *above;
	u32 at = 0;

	lockdep_assert_held(&host->state_lock);

	while (at < topology->window_count && topology->windows[at]->hpa < window->hpa)
		at++;
	below = at ? topology->windows[at - 1] : NULL;
	above = at < topology->window_count ? topology->windows[at] : NULL;
	if ((below && below->hpa + below->length > window->hpa) ||
	    (above && above->hpa < window->hpa + window->length))
		return -EEXIST;
	memmove(&topology->windows[at + 1], &topology->windows[at],
		(topology->window_count - at) * sizeof(topology->windows[0]));
	topology->windows[at] = window;
	topology->window_count++;
	return 0;
}

static void __softhost_window_remove(struct softhost_host *host, struct softhost_window *window)
{
	struct softhost_topology *topology = &host->topology;
	u32 at = 0;

	lockdep_assert_held(&host->state_lock);

	while (topology->windows[at] != window)
		at++;
	topology->window_count--;
	memmove(&topology->windows[at], &topology->windows[at + 1],
		(topology->window_count - at) * sizeof(topology->windows[0]));
}

int softhost_window_create_ioctl(struct softhost_ucmd *ucmd)
{
	struct cxl_softhost_window_create *cmd = ucmd->cmd;
	struct softhost_host *host = ucmd->host;
	struct cxl_softhost_result result = {};
	struct softhost_object *target;
	u32 target_id;
	int ret;

	ret = softhost_window_check(cmd);
	if (ret)
		return ret;
	if (copy_from_user(&target_id, u64_to_user_ptr(cmd->targets), sizeof(target_id)))
		return -EFAULT;

	struct softhost_window_object *window __free(kfree) =
		kzalloc(sizeof(*window), GFP_KERNEL_ACCOUNT);
	if (!window)
		return -ENOMEM;
	window->obj.bytes = sizeof(*window);

	CLASS(softhost_state, state)(&host->state_lock);
	if (!softhost_state_locked(&state))
		return -EINTR;
	/* ATTACH proved the slot numbers, and the worst case, for what there was */
	if (host->engine)
		return -EBUSY;
	target = softhost_object_get(host, target_id, SOFTHOST_OBJECT_NODE);
	if (IS_ERR(target))
		return PTR_ERR(target);
	if (to_softhost_node(target)->core.kind != CXL_SOFTHOST_NODE_HOST_BRIDGE)
		return -EINVAL;

	ret = __softhost_object_reserve(host, &window->obj, SOFTHOST_OBJECT_WINDOW);
	if (ret)
		return ret;
	window->core.id = window->obj.id;
	window->core.hpa = cmd->hpa;
	window->core.length = cmd->length;
	window->core.target = &to_softhost_node(target)->core;
	ret = __softhost_window_insert(host, &window->core);
	if (!ret) {
		ret = __softhost_buffers_grow(host);
		if (ret)
			__softhost_window_remove(host, &window->core);
	}
	if (ret) {
		__softhost_object_abort(host, &window->obj);
		return ret;
	}

	target->users++;
	cmd->out_id = window->obj.id;
	__softhost_object_publish(host, &no_free_ptr(window)->obj);
	__softhost_apply(host, NULL, &result);
	return 0;
}

int __softhost_window_destroy(struct softhost_host *host, struct softhost_window_object *window)
{
	const struct softhost_map *map = __softhost_map(host);
	struct softhost_node_object *target;
	u32 i;

	lockdep_assert_held(&host->state_lock);

	for (i = 0; i < map->count + map->condemned; i++)
		if (map->segments[i].window_id == window->obj.id &&
		    map->segments[i].kind != CXL_SOFTHOST_SEGMENT_HOLE)
			return -EBUSY;
	target = container_of(window->core.target, struct softhost_node_object, core);
	target->obj.users--;
	__softhost_window_remove(host, &window->core);
	__softhost_object_free(host, &window->obj);
	return 0;
}
