// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * libcxlsofthost: following the changes of a two-phase host.
 */
#include <errno.h>

#include <cxlsofthost/phases.h>

int cxlsh_phases_finish(struct cxlsh_phases *phases, uint64_t token,
			struct cxl_softhost_result *result)
{
	struct cxl_softhost_deltas get = {
		.token = token,
		.entry_size = sizeof(phases->deltas[0]),
		.count = phases->room,
		.entries = (uintptr_t)phases->deltas,
	};
	struct cxl_softhost_apply apply = { .token = token };
	int ret = phases->ops->deltas(phases->ctx, &get);
	bool adds;

	if (ret)
		return ret;
	adds = get.count && phases->deltas[0].direction == CXL_SOFTHOST_DIRECTION_ADD;
	if (phases->begin && !phases->begin(phases->consumer, phases->deltas, get.count) && adds)
		apply.flags = CXL_SOFTHOST_APPLY_ABORT;
	ret = phases->ops->apply(phases->ctx, &apply);
	*result = apply.out_result;
	if (phases->end)
		phases->end(phases->consumer, phases->deltas, get.count,
			    !ret && result->outcome != CXL_SOFTHOST_OUTCOME_REFUSED);
	return ret;
}

/* Is the command's answer final? If not it is to be repeated, or @ret is an error */
static bool cxlsh_phases_done(struct cxlsh_phases *phases, struct cxl_softhost_result *result,
			      uint64_t token, int *ret)
{
	if (*ret)
		return true;
	switch (result->outcome) {
	case CXL_SOFTHOST_OUTCOME_BUSY:
		if (phases->busy)
			phases->busy(phases->consumer);
		return false;
	case CXL_SOFTHOST_OUTCOME_PENDING:
		*ret = cxlsh_phases_finish(phases, token, result);
		return *ret != -ESTALE;
	default:
		return true;
	}
}

static int cxlsh_phases_reg_write(void *ctx, struct cxl_softhost_reg_write *cmd)
{
	struct cxlsh_phases *phases = ctx;
	int ret;

	do {
		ret = phases->ops->reg_write(phases->ctx, cmd);
	} while (!cxlsh_phases_done(phases, &cmd->out_result, cmd->out_token, &ret));
	return ret;
}

static int cxlsh_phases_node_set(void *ctx, struct cxl_softhost_node_set *cmd)
{
	struct cxlsh_phases *phases = ctx;
	int ret;

	do {
		ret = phases->ops->node_set(phases->ctx, cmd);
	} while (!cxlsh_phases_done(phases, &cmd->out_result, cmd->out_token, &ret));
	return ret;
}

static int cxlsh_phases_reset(void *ctx, struct cxl_softhost_reset *cmd)
{
	struct cxlsh_phases *phases = ctx;
	int ret;

	do {
		ret = phases->ops->reset(phases->ctx, cmd);
	} while (!cxlsh_phases_done(phases, &cmd->out_result, cmd->out_token, &ret));
	return ret;
}

static int cxlsh_phases_reg_read(void *ctx, struct cxl_softhost_reg_read *cmd)
{
	struct cxlsh_phases *phases = ctx;

	return phases->ops->reg_read(phases->ctx, cmd);
}

static int cxlsh_phases_translate(void *ctx, struct cxl_softhost_translate *cmd)
{
	struct cxlsh_phases *phases = ctx;

	return phases->ops->translate(phases->ctx, cmd);
}

const struct cxlsh_ops cxlsh_phases_ops = {
	.reg_read = cxlsh_phases_reg_read,
	.reg_write = cxlsh_phases_reg_write,
	.node_set = cxlsh_phases_node_set,
	.reset = cxlsh_phases_reset,
	.translate = cxlsh_phases_translate,
};
