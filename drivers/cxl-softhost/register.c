// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest does: register accesses, enables, resets.
 */
#include <linux/err.h>

#include "softhost.h"

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

/* Begin a change; the token is 0 unless it is pending */
static int softhost_change_begin(struct softhost_host *host, const struct softhost_change *change,
				 struct cxl_softhost_result *result, u64 *token)
{
	int ret;

	CLASS(softhost_state, state)(&host->state_lock);
	if (!softhost_state_locked(&state))
		return -EINTR;
	ret = __softhost_change(host, change, SOFTHOST_PHASE_BEGIN, result);
	if (ret)
		return ret;
	*token = __softhost_pending_token(host, result);
	return 0;
}

int softhost_reg_write_ioctl(struct softhost_ucmd *ucmd)
{
	struct cxl_softhost_reg_write *cmd = ucmd->cmd;
	struct softhost_change change = {
		.kind = SOFTHOST_CHANGE_WRITE,
		.node_id = cmd->node_id,
		.offset = cmd->offset,
		.width = cmd->width,
		.value = cmd->value,
	};

	if (cmd->flags || cmd->__reserved)
		return -EOPNOTSUPP;
	if (!cmd->width || cmd->width > 8)
		return -EINVAL;
	return softhost_change_begin(ucmd->host, &change, &cmd->out_result, &cmd->out_token);
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
	struct softhost_change change = {
		.kind = SOFTHOST_CHANGE_SET,
		.node_id = cmd->node_id,
		.mask = cmd->mask,
		.mem_enable = cmd->mem_enable,
		.media = cmd->media,
	};
	int ret;

	ret = softhost_node_set_check(cmd);
	if (ret)
		return ret;
	return softhost_change_begin(ucmd->host, &change, &cmd->out_result, &cmd->out_token);
}

int softhost_reset_ioctl(struct softhost_ucmd *ucmd)
{
	struct cxl_softhost_reset *cmd = ucmd->cmd;
	struct softhost_change change = {
		.kind = SOFTHOST_CHANGE_RESET,
		.node_id = cmd->node_id,
	};

	if (cmd->flags || cmd->__reserved)
		return -EOPNOTSUPP;
	if (!(ucmd->rights & (cmd->node_id ? CXL_SOFTHOST_RIGHT_REGISTERS :
					     CXL_SOFTHOST_RIGHT_APPLY)))
		return -EPERM;
	return softhost_change_begin(ucmd->host, &change, &cmd->out_result, &cmd->out_token);
}
