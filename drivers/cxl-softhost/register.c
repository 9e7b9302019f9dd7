// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest does: register accesses, enables, resets. A command changes a
 * node's @next registers, asks for the map they want, and publishes both
 * together, or puts @next back.
 */
#include <linux/slab.h>

#include "softhost.h"
#include "trace.h"

int softhost_reg_read_ioctl(struct softhost_ucmd *ucmd)
{
	struct cxl_softhost_reg_read *cmd = ucmd->cmd;
	struct softhost_host *host = ucmd->host;
	const struct softhost_node *node;
	struct softhost_object *object;
	int seq = 0;

	if (cmd->flags)
		return -EOPNOTSUPP;
	if (!cmd->width || cmd->width > 8)
		return -EINVAL;

	guard(rcu)();
	object = softhost_object_get(host, cmd->node_id, SOFTHOST_OBJECT_NODE);
	if (IS_ERR(object))
		return PTR_ERR(object);
	node = &to_softhost_node(object)->core;
	softhost_read_begin(host, &seq);
	do {
		cmd->out_outcome = softhost_reg_read(node, node->hdm, cmd->offset, cmd->width,
						     &cmd->out_value);
	} while (softhost_read_again(host, &seq));
	return 0;
}

static void softhost_trace_write(const struct softhost_node *node,
				 const struct cxl_softhost_result *result)
{
	switch (result->outcome) {
	case CXL_SOFTHOST_OUTCOME_COMMITTED:
		trace_cxl_softhost_commit(node->id, result->decoder,
					  &node->hdm->decoders[result->decoder].latch);
		break;
	case CXL_SOFTHOST_OUTCOME_UNCOMMITTED:
		trace_cxl_softhost_uncommit(node->id, result->decoder);
		break;
	case CXL_SOFTHOST_OUTCOME_REFUSED:
		trace_cxl_softhost_refuse(node->id, result);
		break;
	}
}

int softhost_reg_write_ioctl(struct softhost_ucmd *ucmd)
{
	struct cxl_softhost_reg_write *cmd = ucmd->cmd;
	struct softhost_host *host = ucmd->host;
	struct cxl_softhost_result *result = &cmd->out_result;
	struct softhost_node_object *node;
	struct softhost_object *object;
	bool committed;

	if (cmd->flags || cmd->__reserved)
		return -EOPNOTSUPP;
	if (!cmd->width || cmd->width > 8)
		return -EINVAL;

	CLASS(softhost_state, state)(&host->state_lock);
	if (!softhost_state_locked(&state))
		return -EINTR;
	object = softhost_object_get(host, cmd->node_id, SOFTHOST_OBJECT_NODE);
	if (IS_ERR(object))
		return PTR_ERR(object);
	node = to_softhost_node(object);

	if (!softhost_reg_write(&node->core, node->core.next, host->topology.policy, cmd->offset,
				cmd->width, cmd->value, result)) {
		__softhost_publish_node(host, node);
	} else {
		committed = result->outcome == CXL_SOFTHOST_OUTCOME_COMMITTED;
		if (!__softhost_apply(host, node, result)) {
			/* A commit gets its error bit, an enable doesn't stick */
			if (committed)
				softhost_hdm_refuse(node->core.next, result->decoder);
			else
				memcpy(node->core.next, node->core.hdm, node->hdm_bytes);
			__softhost_publish_node(host, node);
		}
	}
	softhost_trace_write(&node->core, result);
	__softhost_result_finish(host, result);
	return 0;
}

static int softhost_node_set_check(const struct cxl_softhost_node_set *cmd)
{
	u32 known = CXL_SOFTHOST_SET_MEM_ENABLE | CXL_SOFTHOST_SET_MEDIA;

	if (cmd->flags || (cmd->mask & ~known))
		return -EOPNOTSUPP;
	if (!cmd->mask || cmd->mem_enable > 1 || cmd->media > CXL_SOFTHOST_MEDIA_DISABLED)
		return -EINVAL;
	if ((!(cmd->mask & CXL_SOFTHOST_SET_MEM_ENABLE) && cmd->mem_enable) ||
	    (!(cmd->mask & CXL_SOFTHOST_SET_MEDIA) && cmd->media))
		return -EINVAL;
	return 0;
}

int softhost_node_set_ioctl(struct softhost_ucmd *ucmd)
{
	struct cxl_softhost_node_set *cmd = ucmd->cmd;
	struct softhost_host *host = ucmd->host;
	struct softhost_node_object *node;
	struct softhost_object *object;
	int ret;

	ret = softhost_node_set_check(cmd);
	if (ret)
		return ret;

	CLASS(softhost_state, state)(&host->state_lock);
	if (!softhost_state_locked(&state))
		return -EINTR;
	object = softhost_object_get(host, cmd->node_id, SOFTHOST_OBJECT_NODE);
	if (IS_ERR(object))
		return PTR_ERR(object);
	node = to_softhost_node(object);
	if (node->core.kind != CXL_SOFTHOST_NODE_ENDPOINT)
		return -EINVAL;

	softhost_result_init(&cmd->out_result);
	if (cmd->mask & CXL_SOFTHOST_SET_MEM_ENABLE)
		node->core.next->mem_enable = cmd->mem_enable;
	if (cmd->mask & CXL_SOFTHOST_SET_MEDIA)
		node->core.next->media = cmd->media;
	if (!__softhost_apply(host, node, &cmd->out_result)) {
		memcpy(node->core.next, node->core.hdm, node->hdm_bytes);
		trace_cxl_softhost_refuse(node->obj.id, &cmd->out_result);
	}
	__softhost_result_finish(host, &cmd->out_result);
	return 0;
}

static void softhost_reset_node(struct softhost_node_object *node,
				struct cxl_softhost_result *result)
{
	if (softhost_hdm_reset(&node->core, node->core.next))
		result->outcome = CXL_SOFTHOST_OUTCOME_UNCOMMITTED;
}

int softhost_reset_ioctl(struct softhost_ucmd *ucmd)
{
	struct cxl_softhost_reset *cmd = ucmd->cmd;
	struct softhost_host *host = ucmd->host;
	struct softhost_node_object *node = NULL;
	struct softhost_object *object;
	unsigned long id;

	if (cmd->flags || cmd->__reserved)
		return -EOPNOTSUPP;

	CLASS(softhost_state, state)(&host->state_lock);
	if (!softhost_state_locked(&state))
		return -EINTR;

	softhost_result_init(&cmd->out_result);
	if (cmd->node_id) {
		object = softhost_object_get(host, cmd->node_id, SOFTHOST_OBJECT_NODE);
		if (IS_ERR(object))
			return PTR_ERR(object);
		node = to_softhost_node(object);
		softhost_reset_node(node, &cmd->out_result);
	} else {
		xa_for_each(&host->objects, id, object)
			if (object->type == SOFTHOST_OBJECT_NODE)
				softhost_reset_node(to_softhost_node(object), &cmd->out_result);
	}
	/* Only removes, so it can't be refused */
	__softhost_apply(host, node, &cmd->out_result);
	if (cmd->out_result.outcome == CXL_SOFTHOST_OUTCOME_UNCOMMITTED)
		trace_cxl_softhost_uncommit(cmd->node_id, CXL_SOFTHOST_NONE);
	__softhost_result_finish(host, &cmd->out_result);
	return 0;
}
