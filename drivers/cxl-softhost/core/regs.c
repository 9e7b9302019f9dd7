// SPDX-License-Identifier: GPL-2.0-only
/*
 * The CXL.cachemem part of a component register block: capability headers and
 * the HDM decoder structure, read and written in any width a guest picks.
 */
#include "core.h"

/* CXL Capability Header: CXL_Capability_ID 1, versions 1 */
#define SOFTHOST_CAP_HEADER	0x00110001U
#define SOFTHOST_CAP_ID_HDM	5
/* HDM decoder capability version 2: the one that has 3, 6, 12 and 16 ways */
#define SOFTHOST_CAP_HDM_VERSION 2

#define SOFTHOST_HDM_OFFSET	(CXL_SOFTHOST_HDM_BASE - CXL_SOFTHOST_CM_BASE)
#define SOFTHOST_HDM_GLOBAL	0x04
#define SOFTHOST_HDM_DECODERS	0x10
#define SOFTHOST_HDM_STRIDE	0x20

/**
 * softhost_decoder_count_code() - HDM Decoder Capability, Decoder Count
 * @count: decoders
 * @code: where to put it
 *
 * Return: false if no code stands for @count.
 */
bool softhost_decoder_count_code(u32 count, u32 *code)
{
	static const u8 counts[] = { 1, 2, 4, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32 };
	u32 i;

	for (i = 0; i < sizeof(counts); i++) {
		if (counts[i] == count) {
			*code = i;
			return true;
		}
	}
	return false;
}

static bool softhost_has_hdm(const struct softhost_node *node)
{
	return node->flags & CXL_SOFTHOST_NODE_HDM;
}

static u32 softhost_hdm_length(const struct softhost_node *node)
{
	if (!softhost_has_hdm(node))
		return 0;
	return SOFTHOST_HDM_DECODERS + node->decoder_count * SOFTHOST_HDM_STRIDE;
}

/* Element @i (from 1) of the capability header array, or 0 */
static u32 softhost_read_element(const struct softhost_node *node, u32 i)
{
	u32 c;

	if (softhost_has_hdm(node) && !--i)
		return SOFTHOST_CAP_ID_HDM | SOFTHOST_CAP_HDM_VERSION << 16 |
		       SOFTHOST_HDM_OFFSET << 20;

	for (c = 0; c < CXL_SOFTHOST_CAPABILITIES; c++) {
		const struct cxl_softhost_capability *cap = &node->capabilities[c];

		if (cap->id && !--i)
			return cap->id | (u32)cap->version << 16 | (u32)cap->offset << 20;
	}
	return 0;
}

static u32 softhost_read_header(const struct softhost_node *node)
{
	u32 size = softhost_has_hdm(node);
	u32 c;

	for (c = 0; c < CXL_SOFTHOST_CAPABILITIES; c++)
		size += !!node->capabilities[c].id;
	return SOFTHOST_CAP_HEADER | size << 24;
}

static u32 softhost_read_hdm_capability(const struct softhost_node *node)
{
	u32 value = 0;

	softhost_decoder_count_code(node->decoder_count, &value);
	value |= node->target_count << 4;
	if (node->flags & CXL_SOFTHOST_NODE_A11_8)
		value |= 1U << 8;
	if (node->flags & CXL_SOFTHOST_NODE_A14_12)
		value |= 1U << 9;
	if (node->flags & CXL_SOFTHOST_NODE_WAYS_3_6_12)
		value |= 1U << 11;
	if (node->flags & CXL_SOFTHOST_NODE_WAYS_16)
		value |= 1U << 12;
	return value;
}

/* @offset from the start of the HDM structure, inside it, a multiple of 4 */
static u32 softhost_read_hdm(const struct softhost_node *node, const struct softhost_hdm *hdm,
			     u32 offset)
{
	u32 n, reg;

	if (offset == 0)
		return softhost_read_hdm_capability(node);
	if (offset == SOFTHOST_HDM_GLOBAL)
		return hdm->global_ctrl;
	if (offset < SOFTHOST_HDM_DECODERS)
		return 0;
	n = (offset - SOFTHOST_HDM_DECODERS) / SOFTHOST_HDM_STRIDE;
	reg = (offset - SOFTHOST_HDM_DECODERS) % SOFTHOST_HDM_STRIDE / 4;
	return reg < SOFTHOST_DECODER_REGS ? hdm->decoders[n].reg[reg] : 0;
}

/* @offset from the start of the CXL.cachemem range, a multiple of 4 */
static u32 softhost_read_dword(const struct softhost_node *node, const struct softhost_hdm *hdm,
			       u32 offset)
{
	if (offset == 0)
		return softhost_read_header(node);
	if (offset <= 4 * (CXL_SOFTHOST_CAPABILITIES + 1))
		return softhost_read_element(node, offset / 4);
	if (offset >= SOFTHOST_HDM_OFFSET &&
	    offset - SOFTHOST_HDM_OFFSET < softhost_hdm_length(node))
		return softhost_read_hdm(node, hdm, offset - SOFTHOST_HDM_OFFSET);
	return 0;
}

/* Does the access touch anything outside of what the module serves? */
static bool softhost_not_mine(const struct softhost_node *node, u32 offset, u32 width)
{
	u32 c;

	if (offset < CXL_SOFTHOST_CM_BASE ||
	    offset > CXL_SOFTHOST_CM_BASE + CXL_SOFTHOST_CM_SIZE - width)
		return true;
	offset -= CXL_SOFTHOST_CM_BASE;
	for (c = 0; c < CXL_SOFTHOST_CAPABILITIES; c++) {
		const struct cxl_softhost_capability *cap = &node->capabilities[c];

		if (cap->id && offset < cap->offset + cap->length && cap->offset < offset + width)
			return true;
	}
	return false;
}

/**
 * softhost_reg_read() - read from a component register block
 * @node: the component
 * @hdm: its registers
 * @offset: in the block, bytes; any value
 * @width: 1-8 bytes
 * @value: the bytes, little endian; 0 unless DONE
 *
 * Return: CXL_SOFTHOST_OUTCOME_DONE or _NOT_MINE.
 */
u32 softhost_reg_read(const struct softhost_node *node, const struct softhost_hdm *hdm,
		      u32 offset, u32 width, u64 *value)
{
	u32 i;

	*value = 0;
	if (softhost_not_mine(node, offset, width))
		return CXL_SOFTHOST_OUTCOME_NOT_MINE;

	offset -= CXL_SOFTHOST_CM_BASE;
	for (i = 0; i < width; i++) {
		u32 at = offset + i;
		u8 byte = softhost_read_dword(node, hdm, at & ~3U) >> (at % 4 * 8);

		*value |= (u64)byte << (i * 8);
	}
	return CXL_SOFTHOST_OUTCOME_DONE;
}

/**
 * softhost_result_init() - a result to be filled in by what follows
 * @result: the result: DONE, and no decoder so far
 */
void softhost_result_init(struct cxl_softhost_result *result)
{
	memset(result, 0, sizeof(*result));
	result->decoder = CXL_SOFTHOST_NONE;
}

static bool softhost_ignore(struct cxl_softhost_result *result, u32 reason)
{
	result->outcome = CXL_SOFTHOST_OUTCOME_IGNORED;
	result->reason = reason;
	return false;
}

/* HDM Decoder n Control: the one register with a life of its own */
static bool softhost_write_ctrl(const struct softhost_node *node, struct softhost_hdm *hdm,
				u32 policy, u32 n, u32 value, struct cxl_softhost_result *result)
{
	struct softhost_decoder *decoder = &hdm->decoders[n];
	u32 *ctrl = &decoder->reg[SOFTHOST_REG_CTRL];
	bool live = softhost_decoder_live(decoder);

	value &= SOFTHOST_CTRL_WRITABLE;
	result->outcome = CXL_SOFTHOST_OUTCOME_DONE;

	if (*ctrl & SOFTHOST_CTRL_COMMIT) {
		if (value & SOFTHOST_CTRL_COMMIT) {
			/* Without a 0 to 1 edge nothing happens, nor do fields change */
			if (value != (*ctrl & SOFTHOST_CTRL_WRITABLE))
				softhost_ignore(result, CXL_SOFTHOST_REASON_LIVE);
			return false;
		}
		/* First the decoder goes, then the other fields may change */
		softhost_hdm_uncommit(hdm, n);
		*ctrl = value;
		if (live)
			result->outcome = CXL_SOFTHOST_OUTCOME_UNCOMMITTED;
		return live;
	}

	*ctrl = value;
	if (!(value & SOFTHOST_CTRL_COMMIT))
		return false;
	softhost_hdm_commit(node, hdm, n, policy, result);
	return result->outcome == CXL_SOFTHOST_OUTCOME_COMMITTED;
}

static bool softhost_write_decoder(const struct softhost_node *node, struct softhost_hdm *hdm,
				   u32 policy, u32 n, u32 reg, u32 value,
				   struct cxl_softhost_result *result)
{
	struct softhost_decoder *decoder = &hdm->decoders[n];
	u32 ctrl = decoder->reg[SOFTHOST_REG_CTRL];

	if (reg >= SOFTHOST_DECODER_REGS)
		return softhost_ignore(result, CXL_SOFTHOST_REASON_READ_ONLY);

	result->decoder = n;
	if (softhost_decoder_live(decoder) && (ctrl & SOFTHOST_CTRL_LOCK))
		return softhost_ignore(result, CXL_SOFTHOST_REASON_LOCKED);
	if (reg == SOFTHOST_REG_CTRL)
		return softhost_write_ctrl(node, hdm, policy, n, value, result);
	if (ctrl & SOFTHOST_CTRL_COMMIT)
		return softhost_ignore(result, CXL_SOFTHOST_REASON_LIVE);

	if (reg == SOFTHOST_REG_BASE_LOW || reg == SOFTHOST_REG_SIZE_LOW ||
	    (reg == SOFTHOST_REG_LIST_LOW && node->kind == CXL_SOFTHOST_NODE_ENDPOINT))
		value &= SOFTHOST_LOW_MASK;
	decoder->reg[reg] = value;
	result->outcome = CXL_SOFTHOST_OUTCOME_DONE;
	return false;
}

/* HDM Decoder Global Control: only devices have a writable bit in it */
static bool softhost_write_global(const struct softhost_node *node, struct softhost_hdm *hdm,
				  u32 value, struct cxl_softhost_result *result)
{
	u32 old = hdm->global_ctrl;

	if (node->kind != CXL_SOFTHOST_NODE_ENDPOINT)
		return softhost_ignore(result, CXL_SOFTHOST_REASON_READ_ONLY);
	hdm->global_ctrl = value & SOFTHOST_GLOBAL_ENABLE;
	result->outcome = CXL_SOFTHOST_OUTCOME_DONE;
	return hdm->global_ctrl != old;
}

static bool softhost_write_dword(const struct softhost_node *node, struct softhost_hdm *hdm,
				 u32 policy, u32 offset, u32 value,
				 struct cxl_softhost_result *result)
{
	if (offset == SOFTHOST_HDM_GLOBAL)
		return softhost_write_global(node, hdm, value, result);
	if (offset < SOFTHOST_HDM_DECODERS)
		return softhost_ignore(result, CXL_SOFTHOST_REASON_READ_ONLY);
	offset -= SOFTHOST_HDM_DECODERS;
	return softhost_write_decoder(node, hdm, policy, offset / SOFTHOST_HDM_STRIDE,
				      offset % SOFTHOST_HDM_STRIDE / 4, value, result);
}

/**
 * softhost_reg_write() - write to a component register block
 * @node: the component
 * @hdm: its registers, changed as the write asks
 * @policy: enum cxl_softhost_policy: how a commit is judged
 * @offset: in the block, bytes; any value
 * @width: 1-8 bytes
 * @value: the bytes, little endian
 * @result: what it came to; all but flags and generation is set
 *
 * HDM decoder registers take aligned 4 and 8 bytes. The upper half of 8 is
 * stored first: so Control, which is always a lower half, sees all of the
 * setting when it carries COMMIT.
 *
 * Return: whether the map may have changed.
 */
bool softhost_reg_write(const struct softhost_node *node, struct softhost_hdm *hdm, u32 policy,
			u32 offset, u32 width, u64 value,
			struct cxl_softhost_result *result)
{
	struct cxl_softhost_result high = { .decoder = CXL_SOFTHOST_NONE };
	u32 first, last, length = softhost_hdm_length(node);
	bool changed;

	softhost_result_init(result);
	if (softhost_not_mine(node, offset, width)) {
		result->outcome = CXL_SOFTHOST_OUTCOME_NOT_MINE;
		return false;
	}

	first = offset - CXL_SOFTHOST_CM_BASE;
	last = first + width - 1;
	if (!length || last < SOFTHOST_HDM_OFFSET || first >= SOFTHOST_HDM_OFFSET + length)
		return softhost_ignore(result, CXL_SOFTHOST_REASON_READ_ONLY);
	if ((width != 4 && width != 8) || first % width) {
		result->expected = 4;
		result->found = width;
		return softhost_ignore(result, CXL_SOFTHOST_REASON_WIDTH);
	}

	first -= SOFTHOST_HDM_OFFSET;
	if (width == 4)
		return softhost_write_dword(node, hdm, policy, first, value, result);

	changed = softhost_write_dword(node, hdm, policy, first + 4, value >> 32, &high);
	changed |= softhost_write_dword(node, hdm, policy, first, value, result);
	/* One half that took effect is an effect */
	if (result->outcome == CXL_SOFTHOST_OUTCOME_IGNORED &&
	    high.outcome != CXL_SOFTHOST_OUTCOME_IGNORED)
		*result = high;
	return changed;
}
