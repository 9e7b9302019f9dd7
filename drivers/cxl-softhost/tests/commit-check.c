// SPDX-License-Identifier: GPL-2.0-only
/*
 * What makes a decoder COMMITTED or ERROR NOT COMMITTED: one row of a table at
 * a time, and all Interleave Ways and Granularity codes with all capabilities.
 */
#include "commit-rows.h"

static const u32 ways_of[16] = { 1, 2, 4, 8, 16, 0, 0, 0, 3, 6, 12 };

static void check_latch(const struct commit_row *row, const struct softhost_latch *latch)
{
	u32 i;

	CHECK_EQUAL(latch->base, row->ask.base);
	CHECK_EQUAL(latch->size, row->ask.size);
	CHECK_EQUAL(latch->dpa_base, row->dpa_base);
	CHECK_EQUAL(softhost_ways(latch->interleave), ways_of[row->ask.ctrl >> 4 & 0xf]);
	CHECK_EQUAL(1u << latch->interleave.shift, 256u << (row->ask.ctrl & 0xf));
	for (i = 0; i < 8; i++)
		CHECK_EQUAL(latch->targets[i],
			    row->shape->kind == CXL_SOFTHOST_NODE_ENDPOINT ? 0 :
			    row->ask.list >> (8 * i) & 0xff);
}

static void check_registers(const struct softhost_node *node, const struct rig_program *ask,
			    u32 ctrl)
{
	u32 at = DEC(ask->n);

	CHECK_EQUAL(rig_read(node, at + BASE_LO), ask->base & 0xffffffff);
	CHECK_EQUAL(rig_read(node, at + BASE_HI), ask->base >> 32);
	CHECK_EQUAL(rig_read(node, at + SIZE_LO), ask->size & 0xffffffff);
	CHECK_EQUAL(rig_read(node, at + SIZE_HI), ask->size >> 32);
	CHECK_EQUAL(rig_read(node, at + LIST_LO), ask->list & 0xffffffff);
	CHECK_EQUAL(rig_read(node, at + LIST_HI), ask->list >> 32);
	CHECK_EQUAL(rig_read(node, at + CTRL), ctrl);
}

static bool is_commit(const struct commit_answer *answer)
{
	return answer->reason == CXL_SOFTHOST_REASON_NONE ||
	       answer->reason == CXL_SOFTHOST_REASON_INTERLEAVED;
}

bool rig_row_legal(const struct commit_row *row)
{
	return is_commit(&row->answer);
}

/* @lock: whether the commit asks for a lock too; of "checked" no rule depends on it */
void rig_check_commit(const struct commit_row *row, u32 policy, u32 lock)
{
	static const struct softhost_latch no_latch;
	bool relaxed = row->relaxed && policy == CXL_SOFTHOST_POLICY_STRICT_SPEC && !lock;
	const struct commit_answer *want = relaxed ? &row->instead : &row->answer;
	struct softhost_node *node = rig_node(row->shape);
	bool legal = is_commit(want);
	struct softhost_decoder *decoder = &node->next->decoders[row->ask.n];
	size_t size = row->shape->decoders * sizeof(*decoder);
	struct softhost_decoder *others = rig_alloc(size);
	struct rig_program ask = row->ask;
	struct cxl_softhost_result result;
	bool changed;
	u32 i;

	for (i = 0; i < row->before_count; i++)
		rig_must_commit(node, &row->before[i]);
	for (i = 0; i < row->shape->decoders; i++)
		if (row->uncommit & 1u << i)
			rig_uncommit(node, i, &result);
	memcpy(others, node->next->decoders, size);

	ask.ctrl |= lock;
	changed = rig_commit_as(node, policy, &ask, &result);
	CHECK_EQUAL(result.reason, want->reason);
	CHECK_EQUAL(result.decoder, ask.n);
	CHECK_EQUAL(changed, legal);
	CHECK_EQUAL(result.flags, 0);
	CHECK_EQUAL(result.expected, want->expected);
	CHECK_EQUAL(result.found, want->found);
	if (legal) {
		CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_COMMITTED);
		check_registers(node, &ask, ask.ctrl | COMMIT | COMMITTED);
		check_latch(row, &decoder->latch);
	} else {
		CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_REFUSED);
		check_registers(node, &ask, ask.ctrl | COMMIT | ERR);
		CHECK(!memcmp(&decoder->latch, &no_latch, sizeof(no_latch)));
	}
	memcpy(&others[ask.n], decoder, sizeof(*decoder));
	CHECK(!memcmp(others, node->next->decoders, size));

	if (!legal) {
		/* T23: a refused commit doesn't lock. T6: COMMIT = 0 clears ERR */
		CHECK(!rig_uncommit(node, ask.n, &result));
		CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_DONE);
		check_registers(node, &ask, ask.ctrl);
	}
	rig_release(others);
	rig_free(node);
}

static u32 try_codes(const struct rig_shape *shape, u32 iw, u32 ig,
		     struct cxl_softhost_result *result)
{
	struct softhost_node *node = rig_node(shape);
	struct rig_program ask = { .base = 4 * GIB, .size = 48 * UNIT, .list = 0,
				   .ctrl = IW(iw) | IG(ig) };

	if (shape->kind == CXL_SOFTHOST_NODE_HOST_BRIDGE)
		ask.list = 0x0706050403020100ULL;
	rig_commit(node, &ask, result);
	rig_free(node);
	return result->reason;
}

const struct ways_row rig_ways_rows[WAYS_ROWS] = {
	{ "bridge", CXL_SOFTHOST_NODE_HOST_BRIDGE, 0, 0x000f, 8 },
	{ "device", CXL_SOFTHOST_NODE_ENDPOINT, 0, 0x000f, 8 },
	{ "device with 3, 6, 12", CXL_SOFTHOST_NODE_ENDPOINT,
	  CXL_SOFTHOST_NODE_WAYS_3_6_12, 0x070f, 12 },
	{ "device with 16", CXL_SOFTHOST_NODE_ENDPOINT,
	  CXL_SOFTHOST_NODE_WAYS_16, 0x001f, 16 },
	{ "device with 3, 6, 12, 16", CXL_SOFTHOST_NODE_ENDPOINT,
	  CXL_SOFTHOST_NODE_WAYS_3_6_12 | CXL_SOFTHOST_NODE_WAYS_16, 0x071f, 16 },
};

void rig_check_ways(const struct ways_row *row)
{
	bool bridge = row->kind == CXL_SOFTHOST_NODE_HOST_BRIDGE;
	struct rig_shape shape = {
		.kind = row->kind,
		.flags = row->flags | rig_bridge.flags,
		.decoders = 1,
		.targets = bridge ? 8 : 0,
		.length = { bridge ? 0 : 64 * UNIT, 0 },
	};
	struct cxl_softhost_result result;
	u32 iw, reason;

	for (iw = 0; iw < 16; iw++) {
		reason = try_codes(&shape, iw, 0, &result);
		if (row->legal >> iw & 1) {
			CHECK_EQUAL(reason, iw ? CXL_SOFTHOST_REASON_INTERLEAVED :
				    CXL_SOFTHOST_REASON_NONE);
		} else if (!ways_of[iw]) {
			CHECK_EQUAL(reason, CXL_SOFTHOST_REASON_WAYS_RESERVED);
			CHECK_EQUAL(result.expected, 10);
			CHECK_EQUAL(result.found, iw);
		} else {
			CHECK_EQUAL(reason, CXL_SOFTHOST_REASON_WAYS_UNSUPPORTED);
			CHECK_EQUAL(result.expected, row->most);
			CHECK_EQUAL(result.found, ways_of[iw]);
		}
	}
}

/*
 * Every code; the address bits that select are counted out.
 *
 * @capabilities: bit 0: A11to8, bit 1: A14to12
 */
void rig_check_granularity(u32 capabilities)
{
	static const u32 bits_of[11] = { 0, 1, 2, 3, 4, 0, 0, 0, 0, 1, 2 };
	struct rig_shape shape = {
		.kind = CXL_SOFTHOST_NODE_ENDPOINT,
		.flags = CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_WAYS_3_6_12 |
			 CXL_SOFTHOST_NODE_WAYS_16 |
			 (capabilities & 1 ? CXL_SOFTHOST_NODE_A11_8 : 0) |
			 (capabilities & 2 ? CXL_SOFTHOST_NODE_A14_12 : 0),
		.decoders = 1,
		.length = { 64 * UNIT, 0 },
	};
	struct cxl_softhost_result result;
	u32 iw, ig, b, want;

	for (iw = 0; iw < 11; iw++) {
		if (!ways_of[iw])
			continue;
		for (ig = 0; ig < 16; ig++) {
			want = iw ? CXL_SOFTHOST_REASON_INTERLEAVED : CXL_SOFTHOST_REASON_NONE;
			for (b = 8 + ig; b < 8 + ig + bits_of[iw]; b++)
				if ((b < 12 && !(capabilities & 1)) ||
				    (b >= 12 && b < 15 && !(capabilities & 2)))
					want = CXL_SOFTHOST_REASON_GRANULARITY_UNSUPPORTED;
			if (ig > 6)
				want = CXL_SOFTHOST_REASON_GRANULARITY_RESERVED;
			if (!CHECK_EQUAL(try_codes(&shape, iw, ig, &result), want))
				rig_note("ways code %u, granularity code %u", iw, ig);
		}
	}
}
