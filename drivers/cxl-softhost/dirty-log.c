// SPDX-License-Identifier: GPL-2.0-only
/*
 * DIRTY_LOG: whether KVM logs which pages of a window are written. A property of
 * the window: slots come and go, and each is flagged as its window says.
 */
#include <linux/err.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "softhost.h"

/**
 * __softhost_logs() - whether the slots of a window are logged
 * @host: the host
 * @window_id: the window
 *
 * Return: true if so.
 */
bool __softhost_logs(struct softhost_host *host, u32 window_id)
{
	lockdep_assert_held(&host->state_lock);

	return to_softhost_window(softhost_object_find(host, window_id))->logs;
}

static bool softhost_log_meant(const struct softhost_segment *segment, u32 window_id)
{
	return segment->slot != CXL_SOFTHOST_NONE &&
	       (!window_id || segment->window_id == window_id);
}

/*
 * Of all slots that are there. None is set back if one is refused: its log could be
 * the VMM's own, and what it has logged would be lost with it. One log too many does
 * no harm.
 */
static int __softhost_log_slots(struct softhost_host *host, u32 window_id, bool enable)
{
	const struct softhost_map *map = __softhost_map(host);
	int ret, refused = 0;
	u32 i;

	lockdep_assert_held(&host->state_lock);

	for (i = 0; i < map->count; i++) {
		const struct softhost_segment *segment = &map->segments[i];

		if (!softhost_log_meant(segment, window_id))
			continue;
		ret = host->engine->ops->log(host, segment->slot, segment, enable);
		refused = refused ?: ret;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return refused;
}

static void __softhost_log_windows(struct softhost_host *host, u32 window_id, bool enable)
{
	struct softhost_object *object;
	unsigned long id;

	lockdep_assert_held(&host->state_lock);

	xa_for_each(&host->objects, id, object)
		if (object->type == SOFTHOST_OBJECT_WINDOW &&
		    (!window_id || object->id == window_id))
			to_softhost_window(object)->logs = enable;
}

int softhost_dirty_log_ioctl(struct softhost_ucmd *ucmd)
{
	struct cxl_softhost_dirty_log *cmd = ucmd->cmd;
	struct softhost_host *host = ucmd->host;
	struct softhost_object *object;
	int ret = 0;

	if (cmd->flags)
		return -EOPNOTSUPP;
	if (cmd->enable > 1)
		return -EINVAL;

	CLASS(softhost_state, state)(&host->state_lock);
	if (!softhost_state_locked(&state))
		return -EINTR;
	if (cmd->window_id) {
		object = softhost_object_get(host, cmd->window_id, SOFTHOST_OBJECT_WINDOW);
		if (IS_ERR(object))
			return PTR_ERR(object);
	}
	if (host->engine && !host->engine->ops->log)
		return -EOPNOTSUPP;
	/* On when all of it is on, off when the first of it may be off */
	if (!cmd->enable)
		__softhost_log_windows(host, cmd->window_id, false);
	if (host->engine)
		ret = __softhost_log_slots(host, cmd->window_id, cmd->enable);
	if (!ret && cmd->enable)
		__softhost_log_windows(host, cmd->window_id, true);
	return ret;
}
