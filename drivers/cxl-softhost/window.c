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

/* Bits of a position that XOR maps select: the factors 2 of the ways */
static u32 softhost_window_bits(u32 ways)
{
	return ilog2(ways % 3 ? ways : ways / 3);
}

static bool softhost_window_ways_legal(u32 ways)
{
	switch (ways) {
	case 1: case 2: case 3: case 4: case 6: case 8: case 12: case 16:
		return true;
	}
	return false;
}

static bool softhost_window_xor_ok(const struct cxl_softhost_window_create *cmd)
{
	if (cmd->arithmetic == CXL_SOFTHOST_ARITHMETIC_MODULO)
		return !cmd->xor_map_count && !cmd->xor_maps;
	return cmd->xor_map_count <= SOFTHOST_MAX_XOR_MAPS &&
	       cmd->xor_map_count >= softhost_window_bits(cmd->ways);
}

static int softhost_window_check(const struct cxl_softhost_window_create *cmd)
{
	u64 end, rest;

	if ((cmd->flags & ~(CXL_SOFTHOST_WINDOW_LINEAR_ONLY | CXL_SOFTHOST_WINDOW_IDENTITY)) ||
	    cmd->__reserved || cmd->__reserved2 || cmd->__reserved3 || cmd->__reserved4)
		return -EOPNOTSUPP;
	if (!softhost_window_ways_legal(cmd->ways) || !is_power_of_2(cmd->granularity) ||
	    cmd->granularity < 256 || cmd->granularity > 16384 ||
	    cmd->arithmetic > CXL_SOFTHOST_ARITHMETIC_XOR || !softhost_window_xor_ok(cmd))
		return -EINVAL;
	/* Several targets can't be linear */
	if ((cmd->flags & CXL_SOFTHOST_WINDOW_LINEAR_ONLY) && cmd->ways > 1)
		return -EINVAL;
	if (cmd->flags & CXL_SOFTHOST_WINDOW_IDENTITY) {
		/* What more than one way leads from has no place of its own */
		if (!(cmd->flags & CXL_SOFTHOST_WINDOW_LINEAR_ONLY))
			return -EINVAL;
	} else if (cmd->backend_id || cmd->backend_offset) {
		return -EINVAL;
	}
	div64_u64_rem(cmd->length, cmd->ways * CXL_SOFTHOST_UNIT, &rest);
	if (!cmd->length || rest || cmd->hpa % CXL_SOFTHOST_UNIT)
		return -EINVAL;
	if (check_add_overflow(cmd->hpa, cmd->length, &end) || end > SOFTHOST_HPA_END)
		return -EOVERFLOW;
	return 0;
}

/* The arrays that @cmd points to; what is in them is checked as far as it can be */
static int softhost_window_copy(struct softhost_window *window, u32 *targets,
				const struct cxl_softhost_window_create *cmd)
{
	u32 i;

	if (copy_from_user(targets, u64_to_user_ptr(cmd->targets),
			   cmd->ways * sizeof(*targets)) ||
	    copy_from_user(window->xor_maps, u64_to_user_ptr(cmd->xor_maps),
			   cmd->xor_map_count * sizeof(window->xor_maps[0])))
		return -EFAULT;
	/* Below the granularity a map would deal out parts of a granule */
	for (i = 0; i < cmd->xor_map_count; i++)
		if (!window->xor_maps[i] || window->xor_maps[i] & (cmd->granularity - 1))
			return -EINVAL;

	window->flags = cmd->flags;
	window->hpa = cmd->hpa;
	window->backend_offset = cmd->backend_offset;
	window->length = cmd->length;
	window->ways = cmd->ways;
	window->interleave.shift = ilog2(cmd->granularity);
	window->interleave.bits = softhost_window_bits(cmd->ways);
	window->interleave.three = cmd->ways % 3 == 0;
	if (cmd->arithmetic == CXL_SOFTHOST_ARITHMETIC_XOR)
		window->xor_map_count = window->interleave.bits;
	return 0;
}

/* Look up what the window routes to; takes no reference yet */
static int __softhost_window_resolve(struct softhost_host *host, struct softhost_window *window,
				     const u32 *targets, u32 backend_id)
{
	struct softhost_object *object;
	u32 way, other;

	lockdep_assert_held(&host->state_lock);

	for (way = 0; way < window->ways; way++) {
		object = softhost_object_get(host, targets[way], SOFTHOST_OBJECT_NODE);
		if (IS_ERR(object))
			return PTR_ERR(object);
		window->targets[way] = &to_softhost_node(object)->core;
		if (window->targets[way]->kind != CXL_SOFTHOST_NODE_HOST_BRIDGE)
			return -EINVAL;
		for (other = 0; other < way; other++)
			if (window->targets[other] == window->targets[way])
				return -EINVAL;
	}
	if (window->flags & CXL_SOFTHOST_WINDOW_IDENTITY) {
		window->backend = __softhost_backend_find(host, backend_id, window->backend_offset,
							  window->length);
		if (IS_ERR(window->backend))
			return PTR_ERR(window->backend);
	}
	return 0;
}

/* Count (@by = 1) or stop counting (-1) as a user of host bridges and backend */
static void __softhost_window_use(struct softhost_window *window, int by)
{
	u32 way;

	for (way = 0; way < window->ways; way++)
		container_of(window->targets[way], struct softhost_node_object,
			     core)->obj.users += by;
	__softhost_backend_use(window->backend, by);
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
	u32 targets[SOFTHOST_MAX_WAYS];
	int ret;

	ret = softhost_window_check(cmd);
	if (ret)
		return ret;

	struct softhost_window_object *window __free(kfree) =
		kzalloc(sizeof(*window), GFP_KERNEL_ACCOUNT);
	if (!window)
		return -ENOMEM;
	window->obj.bytes = sizeof(*window);
	ret = softhost_window_copy(&window->core, targets, cmd);
	if (ret)
		return ret;

	CLASS(softhost_state, state)(&host->state_lock);
	if (!softhost_state_locked(&state))
		return -EINTR;
	/* ATTACH proved the slot numbers, and the worst case, for what there was */
	if (host->engine)
		return -EBUSY;
	ret = __softhost_window_resolve(host, &window->core, targets, cmd->backend_id);
	if (ret)
		return ret;

	ret = __softhost_object_reserve(host, &window->obj, SOFTHOST_OBJECT_WINDOW);
	if (ret)
		return ret;
	window->core.id = window->obj.id;
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

	__softhost_window_use(&window->core, 1);
	cmd->out_id = window->obj.id;
	__softhost_object_publish(host, &no_free_ptr(window)->obj);
	__softhost_apply(host, NULL, &result);
	return 0;
}

int __softhost_window_destroy(struct softhost_host *host, struct softhost_window_object *window,
			      struct cxl_softhost_result *result)
{
	const struct softhost_map *map = __softhost_map(host);
	u32 i;

	lockdep_assert_held(&host->state_lock);

	for (i = 0; i < map->count + map->condemned; i++)
		if (map->segments[i].window_id == window->obj.id &&
		    map->segments[i].kind != CXL_SOFTHOST_SEGMENT_HOLE)
			return -EBUSY;
	__softhost_window_remove(host, &window->core);
	/* Readers of a map that has it find the window as well */
	__softhost_apply(host, NULL, result);
	__softhost_window_use(&window->core, -1);
	__softhost_object_free(host, &window->obj);
	softhost_route_bound(&host->topology, &host->bound);
	return 0;
}
