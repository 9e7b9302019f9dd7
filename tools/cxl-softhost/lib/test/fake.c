// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "fake.h"

/* The fake has its own idea of where things are: it shares nothing with the library */
#define HDM 0x100
#define COMMIT 0x200U
#define COMMITTED 0x400U
#define FAILED 0x800U

static int fake_note(struct fake *fake, enum fake_op op, uint32_t node_id,
		     uint64_t offset, uint32_t width, uint64_t value)
{
	if (fake->count == FAKE_CALLS)
		abort();
	fake->calls[fake->count++] = (struct fake_call){
		op, node_id, offset, width, value
	};
	if (fake->fail_op != op)
		return 0;
	if (fake->fail_after) {
		fake->fail_after--;
		return 0;
	}
	return fake->fail_with;
}

static int fake_reg_read(void *ctx, struct cxl_softhost_reg_read *cmd)
{
	struct fake *fake = ctx;
	int ret = fake_note(fake, FAKE_READ, cmd->node_id, cmd->offset, cmd->width, 0);
	uint32_t at = cmd->offset - CXL_SOFTHOST_CM_BASE;

	if (ret)
		return ret;
	/* The contract of the command */
	if (!cmd->width || cmd->width > 8 || cmd->flags || cmd->node_id >= FAKE_NODES)
		abort();
	if (cmd->offset < CXL_SOFTHOST_CM_BASE || at + cmd->width > CXL_SOFTHOST_CM_SIZE ||
	    (fake->not_mine && at < fake->not_mine + 4 && at + cmd->width > fake->not_mine)) {
		cmd->out_outcome = CXL_SOFTHOST_OUTCOME_NOT_MINE;
		cmd->out_value = 0x5555555555555555;
		return 0;
	}
	cmd->out_outcome = CXL_SOFTHOST_OUTCOME_DONE;
	cmd->out_value = 0;
	for (uint32_t i = 0; i < cmd->width; i++)
		cmd->out_value |= (uint64_t)fake->regs[cmd->node_id][at + i] << (8 * i);
	return 0;
}

static void fake_control(struct fake *fake, uint32_t node_id, uint8_t *reg,
			 uint32_t value, struct cxl_softhost_result *result)
{
	uint32_t old = (uint32_t)reg[1] << 8 & (COMMIT | COMMITTED);

	value &= ~(COMMITTED | FAILED);
	if (old & COMMIT && !(value & COMMIT)) {
		if (old & COMMITTED)
			result->outcome = CXL_SOFTHOST_OUTCOME_UNCOMMITTED;
	} else if (value & COMMIT && node_id == fake->refuse_commit) {
		value |= FAILED;
		result->outcome = CXL_SOFTHOST_OUTCOME_REFUSED;
		result->reason = fake->refuse_reason;
	} else if (value & COMMIT) {
		value |= COMMITTED;
		result->outcome = CXL_SOFTHOST_OUTCOME_COMMITTED;
	}
	for (int i = 0; i < 4; i++)
		reg[i] = (uint8_t)(value >> (8 * i));
}

static int fake_reg_write(void *ctx, struct cxl_softhost_reg_write *cmd)
{
	struct fake *fake = ctx;
	int ret = fake_note(fake, FAKE_WRITE, cmd->node_id, cmd->offset, cmd->width,
			    cmd->value);
	uint32_t at = cmd->offset - CXL_SOFTHOST_CM_BASE;
	struct cxl_softhost_result *result = &cmd->out_result;

	if (ret)
		return ret;
	if (!cmd->width || cmd->width > 8 || cmd->flags || cmd->__reserved ||
	    cmd->node_id >= FAKE_NODES)
		abort();
	memset(result, 0, sizeof(*result));
	result->decoder = CXL_SOFTHOST_NONE;
	if (cmd->offset < CXL_SOFTHOST_CM_BASE || at + cmd->width > CXL_SOFTHOST_CM_SIZE) {
		result->outcome = CXL_SOFTHOST_OUTCOME_NOT_MINE;
		return 0;
	}
	if (fake->ignore_writes == cmd->node_id) {
		result->outcome = CXL_SOFTHOST_OUTCOME_IGNORED;
		result->reason = CXL_SOFTHOST_REASON_LIVE;
		return 0;
	}
	if (cmd->width == 4 && at >= HDM + 0x10 && (at - HDM - 0x10) % 0x20 == 0x10) {
		fake_control(fake, cmd->node_id, &fake->regs[cmd->node_id][at],
			     (uint32_t)cmd->value, result);
		return 0;
	}
	for (uint32_t i = 0; i < cmd->width; i++)
		fake->regs[cmd->node_id][at + i] = (uint8_t)(cmd->value >> (8 * i));
	return 0;
}

static int fake_node_set(void *ctx, struct cxl_softhost_node_set *cmd)
{
	struct fake *fake = ctx;
	int ret = fake_note(fake, FAKE_SET, cmd->node_id, cmd->mask, 0,
			    cmd->mem_enable | (uint64_t)cmd->media << 8);

	if (ret)
		return ret;
	if (cmd->flags || !cmd->mask)
		abort();
	memset(&cmd->out_result, 0, sizeof(cmd->out_result));
	cmd->out_result.decoder = CXL_SOFTHOST_NONE;
	if (fake->refuse_set == cmd->node_id) {
		cmd->out_result.outcome = CXL_SOFTHOST_OUTCOME_REFUSED;
		cmd->out_result.reason = fake->refuse_reason;
	}
	return 0;
}

static int fake_reset(void *ctx, struct cxl_softhost_reset *cmd)
{
	int ret = fake_note(ctx, FAKE_RESET, cmd->node_id, 0, 0, 0);

	if (ret)
		return ret;
	memset(&cmd->out_result, 0, sizeof(cmd->out_result));
	cmd->out_result.outcome = CXL_SOFTHOST_OUTCOME_UNCOMMITTED;
	return 0;
}

/* As the maths of the CXL specification has it for a base that is way 0's */
static bool fake_interleaved(const struct fake_interleave *part,
			     struct cxl_softhost_translate *cmd)
{
	uint64_t into = cmd->addr - part->hpa;
	uint64_t granules;
	uint32_t way;

	if (cmd->addr < part->hpa || into >= part->length)
		return false;
	granules = into / part->granule;
	way = (uint32_t)(granules % part->ways);
	cmd->out_length = part->granule - into % part->granule;
	if (part->silent & 1U << way) {
		cmd->out_reason = part->reason;
		return true;
	}
	cmd->out_reason = CXL_SOFTHOST_REASON_NONE;
	cmd->out_backend_id = part->first_backend + way;
	cmd->out_cookie = 100 * cmd->out_backend_id;
	cmd->out_backend_offset = granules / part->ways * part->granule +
				  into % part->granule;
	return true;
}

static int fake_translate(void *ctx, struct cxl_softhost_translate *cmd)
{
	struct fake *fake = ctx;
	int ret = fake_note(fake, FAKE_TRANSLATE, 0, cmd->addr, 0, 0);
	/* 0 = to the end of the address space */
	uint64_t end = 0;

	if (ret)
		return ret;
	if (fake_interleaved(&fake->interleave, cmd))
		return 0;
	for (int i = 0; i < FAKE_RANGES; i++) {
		const struct fake_range *range = &fake->ranges[i];
		uint64_t into = cmd->addr - range->hpa;

		if (!range->length)
			continue;
		if (cmd->addr < range->hpa) {
			if (!end || range->hpa < end)
				end = range->hpa;
			continue;
		}
		if (into >= range->length)
			continue;
		cmd->out_reason = range->reason;
		cmd->out_length = range->length - into;
		cmd->out_backend_id = range->backend_id;
		cmd->out_cookie = range->cookie;
		cmd->out_backend_offset = range->backend_offset + into;
		return 0;
	}
	cmd->out_reason = CXL_SOFTHOST_REASON_NO_WINDOW;
	cmd->out_length = end - cmd->addr;
	return 0;
}

static const struct cxlsh_ops fake_ops = {
	.reg_read = fake_reg_read,
	.reg_write = fake_reg_write,
	.node_set = fake_node_set,
	.reset = fake_reset,
	.translate = fake_translate,
};

static void fake_result(void *ctx, uint32_t node_id,
			const struct cxl_softhost_result *result)
{
	struct fake *fake = ctx;

	fake->results++;
	fake->last_node = node_id;
	fake->last = *result;
}

void fake_init(struct fake *fake)
{
	memset(fake, 0, sizeof(*fake));
	fake->host.ops = &fake_ops;
	fake->host.ctx = fake;
	fake->host.result = fake_result;
	fake->host.result_ctx = fake;
}

unsigned int fake_calls(const struct fake *fake, enum fake_op op)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < fake->count; i++)
		n += fake->calls[i].op == op;
	return n;
}

void fake_forget(struct fake *fake)
{
	fake->count = 0;
	fake->results = 0;
}
