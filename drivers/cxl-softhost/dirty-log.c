// SPDX-License-Identifier: GPL-2.0-only
/*
 * DIRTY_LOG: whether KVM logs which pages of a window are written. A property of
 * the window: slots come and go, and each is flagged as its window says.
 */
#include <linux/err.h>

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

/* All slots that are there, or none, as far as the engine lets us */
static int __softhost_log_slots(struct softhost_host *host, u32 window_id, bool enable)
{
	const struct softhost_map *map = __softhost_map(host);
	const struct softhost_segment *segment;
	int ret = 0;
	u32 i;

	lockdep_assert_held(&host->state_lock);

	for (i = 0; i < map->count && !ret; i++) {
		segment = &map->segments[i];
		if (softhost_log_meant(segment, window_id))
			ret = host->engine->ops->log(host, segment->slot, segment, enable);
	}
	if (!ret)
		return 0;
	while (i--) {
		segment = &map->segments[i];
		if (softhost_log_meant(segment, window_id))
			host->engine->ops->log(host, segment->slot, segment,
					       __softhost_logs(host, segment->window_id));
	}
	return ret;
}

int softhost_dirty_log_ioctl(struct softhost_ucmd *ucmd)
{
	struct cxl_softhost_dirty_log *cmd = ucmd->cmd;
	struct softhost_host *host = ucmd->host;
	struct softhost_object *object;
	unsigned long id;
	int ret;

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
	if (host->engine) {
		if (!host->engine->ops->log)
			return -EOPNOTSUPP;
		ret = __softhost_log_slots(host, cmd->window_id, cmd->enable);
		if (ret)
			return ret;
	}
	xa_for_each(&host->objects, id, object)
		if (object->type == SOFTHOST_OBJECT_WINDOW &&
		    (!cmd->window_id || object->id == cmd->window_id))
			to_softhost_window(object)->logs = cmd->enable;
	return 0;
}
