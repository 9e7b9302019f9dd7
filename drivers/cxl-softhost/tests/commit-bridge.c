// SPDX-License-Identifier: GPL-2.0-only
/* Commit rules, host bridges: what the table of the policy "checked" says. */
#include "commit-rows.h"

#define FLAGS (CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8 | CXL_SOFTHOST_NODE_A14_12)
#define HB CXL_SOFTHOST_NODE_HOST_BRIDGE

static const struct rig_shape one_target = {
	.kind = HB, .flags = FLAGS, .decoders = 2, .targets = 1, .ports = 8,
};

static const struct rig_shape eight_targets = {
	.kind = HB, .flags = FLAGS, .decoders = 32, .targets = 8, .ports = 8,
};

#define WAYS_8_TARGETS	0x0706050403020100ULL

const struct commit_row rig_bridge_rows[] = {
	{
		.name = "C1: decoder 1 before decoder 0",
		.shape = &rig_bridge,
		.ask = { .n = 1, .base = 4 * UNIT, .size = UNIT },
		.answer = { CXL_SOFTHOST_REASON_ORDER, 0, 1 },
		.relaxed = true, .instead = { .reason = CXL_SOFTHOST_REASON_NONE },
	}, {
		.name = "C1: the last of 32 decoders after one",
		.shape = &eight_targets,
		.before_count = 1,
		.before = { { .n = 0, .base = 4 * UNIT, .size = UNIT } },
		.ask = { .n = 31, .base = 8 * UNIT, .size = UNIT },
		.answer = { CXL_SOFTHOST_REASON_ORDER, 1, 31 },
		.relaxed = true, .instead = { .reason = CXL_SOFTHOST_REASON_NONE },
	}, {
		.name = "C1: a hole further down doesn't matter, the next lower counts",
		.shape = &rig_bridge,
		.before_count = 3, .uncommit = 1 << 0,
		.before = {
			{ .n = 0, .base = 4 * UNIT, .size = UNIT },
			{ .n = 1, .base = 5 * UNIT, .size = UNIT },
			{ .n = 2, .base = 6 * UNIT, .size = UNIT },
		},
		.ask = { .n = 3, .base = 7 * UNIT, .size = UNIT },
	}, {
		.name = "C1: the lowest decoder to commit next is named, not the neighbour",
		.shape = &rig_bridge,
		.before_count = 3, .uncommit = 1 << 0 | 1 << 2,
		.before = {
			{ .n = 0, .base = 4 * UNIT, .size = UNIT },
			{ .n = 1, .base = 5 * UNIT, .size = UNIT },
			{ .n = 2, .base = 6 * UNIT, .size = UNIT },
		},
		.ask = { .n = 3, .base = 7 * UNIT, .size = UNIT },
		.answer = { CXL_SOFTHOST_REASON_ORDER, 0, 3 },
		.relaxed = true, .instead = { .reason = CXL_SOFTHOST_REASON_NONE },
	}, {
		.name = "C2: range right above the lower one",
		.shape = &rig_bridge,
		.before_count = 1,
		.before = { { .n = 0, .base = 4 * UNIT, .size = 2 * UNIT } },
		.ask = { .n = 1, .base = 6 * UNIT, .size = UNIT },
	}, {
		.name = "C2: base one unit into the lower one",
		.shape = &rig_bridge,
		.before_count = 1,
		.before = { { .n = 0, .base = 4 * UNIT, .size = 2 * UNIT } },
		.ask = { .n = 1, .base = 5 * UNIT, .size = 4 * UNIT },
		.answer = { CXL_SOFTHOST_REASON_HPA_BELOW, 6 * UNIT, 5 * UNIT },
		.relaxed = true, .instead = { .reason = CXL_SOFTHOST_REASON_NONE },
	}, {
		.name = "C2: range below the lower one, though apart (ascending)",
		.shape = &rig_bridge,
		.before_count = 1,
		.before = { { .n = 0, .base = 4 * UNIT, .size = 2 * UNIT } },
		.ask = { .n = 1, .base = UNIT, .size = UNIT },
		.answer = { CXL_SOFTHOST_REASON_HPA_BELOW, 6 * UNIT, UNIT },
		.relaxed = true, .instead = { .reason = CXL_SOFTHOST_REASON_NONE },
	}, {
		.name = "C2: the lower one ends at 2^64, no base is legal",
		.shape = &rig_bridge,
		.before_count = 1,
		.before = { { .n = 0, .base = -UNIT, .size = UNIT } },
		.ask = { .n = 1, .base = -UNIT, .size = UNIT },
		.answer = { CXL_SOFTHOST_REASON_HPA_BELOW, U64_MAX, -UNIT },
		.relaxed = true, .instead = { .reason = CXL_SOFTHOST_REASON_NONE },
	}, {
		.name = "T5: zero-size predecessor, whose base means nothing",
		.shape = &rig_bridge,
		.before_count = 1,
		.before = { { .n = 0, .base = 8 * UNIT, .size = 0 } },
		.ask = { .n = 1, .base = 4 * UNIT, .size = UNIT },
	}, {
		.name = "T5: zero-size predecessor is skipped, the one before it counts",
		.shape = &rig_bridge,
		.before_count = 2,
		.before = {
			{ .n = 0, .base = 4 * UNIT, .size = 2 * UNIT },
			{ .n = 1, .base = 0, .size = 0 },
		},
		.ask = { .n = 2, .base = 5 * UNIT, .size = UNIT },
		.answer = { CXL_SOFTHOST_REASON_HPA_BELOW, 6 * UNIT, 5 * UNIT },
		.relaxed = true, .instead = { .reason = CXL_SOFTHOST_REASON_NONE },
	}, {
		.name = "C2 upwards: back between two, its end passes the upper's base",
		.shape = &rig_bridge,
		.before_count = 2, .uncommit = 1 << 0,
		.before = {
			{ .n = 0, .base = 4 * UNIT, .size = UNIT },
			{ .n = 1, .base = 6 * UNIT, .size = UNIT },
		},
		.ask = { .n = 0, .base = 4 * UNIT, .size = 3 * UNIT },
		.answer = { CXL_SOFTHOST_REASON_HPA_ABOVE, 6 * UNIT, 7 * UNIT },
		.relaxed = true, .instead = { .reason = CXL_SOFTHOST_REASON_NONE },
	}, {
		.name = "C2 upwards: back between two, fills the room exactly",
		.shape = &rig_bridge,
		.before_count = 3, .uncommit = 1 << 1,
		.before = {
			{ .n = 0, .base = 4 * UNIT, .size = UNIT },
			{ .n = 1, .base = 6 * UNIT, .size = UNIT },
			{ .n = 2, .base = 9 * UNIT, .size = UNIT },
		},
		.ask = { .n = 1, .base = 5 * UNIT, .size = 4 * UNIT },
	}, {
		.name = "C2 upwards: a zero-size upper is skipped, the next counts",
		.shape = &rig_bridge,
		.before_count = 3, .uncommit = 1 << 0,
		.before = {
			{ .n = 0, .base = 4 * UNIT, .size = UNIT },
			{ .n = 1, .base = 0, .size = 0 },
			{ .n = 2, .base = 6 * UNIT, .size = UNIT },
		},
		.ask = { .n = 0, .base = 6 * UNIT, .size = UNIT },
		.answer = { CXL_SOFTHOST_REASON_HPA_ABOVE, 6 * UNIT, 7 * UNIT },
		.relaxed = true, .instead = { .reason = CXL_SOFTHOST_REASON_NONE },
	}, {
		.name = "C2 upwards: an end at 2^64 is named 2^64-1",
		.shape = &rig_bridge,
		.before_count = 2, .uncommit = 1 << 0,
		.before = {
			{ .n = 0, .base = 4 * UNIT, .size = UNIT },
			{ .n = 1, .base = 6 * UNIT, .size = UNIT },
		},
		.ask = { .n = 0, .base = -UNIT, .size = UNIT },
		.answer = { CXL_SOFTHOST_REASON_HPA_ABOVE, 6 * UNIT, U64_MAX },
		.relaxed = true, .instead = { .reason = CXL_SOFTHOST_REASON_NONE },
	}, {
		.name = "C2: what was uncommitted is no neighbour, though its registers stay (T9)",
		.shape = &rig_bridge,
		.before_count = 2, .uncommit = 1 << 1,
		.before = {
			{ .n = 0, .base = 4 * UNIT, .size = UNIT },
			{ .n = 1, .base = 6 * UNIT, .size = UNIT },
		},
		.ask = { .n = 1, .base = 5 * UNIT, .size = 8 * UNIT },
	}, {
		.name = "C3: base plus size is 2^64",
		.shape = &rig_bridge,
		.ask = { .n = 0, .base = 4 * UNIT, .size = -4 * UNIT },
	}, {
		.name = "C3: base plus size passes 2^64 by one unit",
		.shape = &rig_bridge,
		.ask = { .n = 0, .base = 4 * UNIT, .size = -3 * UNIT },
		.answer = { CXL_SOFTHOST_REASON_HPA_WRAP, -4 * UNIT, -3 * UNIT },
		.relaxed = true, .instead = { .reason = CXL_SOFTHOST_REASON_NONE },
	}, {
		.name = "C3: the largest size from 0",
		.shape = &rig_bridge,
		.ask = { .n = 0, .base = 0, .size = -UNIT },
	}, {
		.name = "C3: the highest base, two units",
		.shape = &rig_bridge,
		.ask = { .n = 0, .base = -UNIT, .size = 2 * UNIT },
		.answer = { CXL_SOFTHOST_REASON_HPA_WRAP, UNIT, 2 * UNIT },
		.relaxed = true, .instead = { .reason = CXL_SOFTHOST_REASON_NONE },
	}, {
		.name = "T4: size 0 is committed, whatever the base",
		.shape = &rig_bridge,
		.before_count = 1,
		.before = { { .n = 0, .base = 4 * UNIT, .size = 2 * UNIT } },
		.ask = { .n = 1, .base = 5 * UNIT, .size = 0 },
	}, {
		.name = "size isn't a multiple of the ways: nobody's business on a bridge",
		.shape = &rig_bridge,
		.ask = { .n = 0, .base = 4 * UNIT, .size = UNIT, .list = 0x03020100,
			 .ctrl = IW(2u) },
		.answer = { .reason = CXL_SOFTHOST_REASON_INTERLEAVED },
	}, {
		.name = "as many ways as targets",
		.shape = &eight_targets,
		.ask = { .n = 0, .base = 4 * UNIT, .size = 8 * UNIT, .list = WAYS_8_TARGETS,
			 .ctrl = IW(3u) },
		.answer = { .reason = CXL_SOFTHOST_REASON_INTERLEAVED },
	}, {
		.name = "more ways than targets",
		.shape = &rig_bridge,
		.ask = { .n = 0, .base = 4 * UNIT, .size = 8 * UNIT, .list = WAYS_8_TARGETS,
			 .ctrl = IW(3u) },
		.answer = { CXL_SOFTHOST_REASON_WAYS_TARGETS, 4, 8 },
	}, {
		.name = "two ways, one target",
		.shape = &one_target,
		.ask = { .n = 0, .base = 4 * UNIT, .size = 8 * UNIT, .list = 0x0100,
			 .ctrl = IW(1u) },
		.answer = { CXL_SOFTHOST_REASON_WAYS_TARGETS, 1, 2 },
	}, {
		.name = "C5: two ways to one port",
		.shape = &rig_bridge,
		.ask = { .n = 0, .base = 4 * UNIT, .size = 2 * UNIT, .list = 0x0707,
			 .ctrl = IW(1u) },
		.answer = { CXL_SOFTHOST_REASON_TARGET_DUPLICATE, 0, 1 },
		.relaxed = true, .instead = { .reason = CXL_SOFTHOST_REASON_INTERLEAVED },
	}, {
		.name = "C5: ways 2 and 7 to one port (T40: ways 4-7 are in the high dword)",
		.shape = &eight_targets,
		.ask = { .n = 0, .base = 4 * UNIT, .size = 8 * UNIT,
			 .list = 0x0206050403020100ULL, .ctrl = IW(3u) },
		.answer = { CXL_SOFTHOST_REASON_TARGET_DUPLICATE, 2, 7 },
		.relaxed = true, .instead = { .reason = CXL_SOFTHOST_REASON_INTERLEAVED },
	}, {
		.name = "C5: bytes at and above the number of ways don't count",
		.shape = &rig_bridge,
		.ask = { .n = 0, .base = 4 * UNIT, .size = 2 * UNIT,
			 .list = 0x0101010101010201ULL, .ctrl = IW(1u) },
		.answer = { .reason = CXL_SOFTHOST_REASON_INTERLEAVED },
	}, {
		.name = "a target port without a device is committed",
		.shape = &rig_bridge,
		.ask = { .n = 0, .base = 4 * UNIT, .size = UNIT, .list = 0xfe },
	}, {
		.name = "T2, T19: one way, granularity 4 KiB, host-only",
		.shape = &rig_bridge,
		.ask = { .n = 0, .base = 4 * UNIT, .size = UNIT, .ctrl = IG(4u) | TYPE },
	}, {
		.name = "reserved granularity, though one way needs none",
		.shape = &rig_bridge,
		.ask = { .n = 0, .base = 4 * UNIT, .size = UNIT, .ctrl = IG(7u) },
		.answer = { CXL_SOFTHOST_REASON_GRANULARITY_RESERVED, 6, 7 },
	}, {
		.name = "granularity 16 KiB, 8 ways: bits above 14 belong to no capability",
		.shape = &eight_targets,
		.ask = { .n = 0, .base = 4 * UNIT, .size = 8 * UNIT, .list = WAYS_8_TARGETS,
			 .ctrl = IW(3u) | IG(6u) },
		.answer = { .reason = CXL_SOFTHOST_REASON_INTERLEAVED },
	}, {
		.name = "T35: 16 ways are for devices only",
		.shape = &eight_targets,
		.ask = { .n = 0, .base = 4 * UNIT, .size = 16 * UNIT, .ctrl = IW(4u) },
		.answer = { CXL_SOFTHOST_REASON_WAYS_UNSUPPORTED, 8, 16 },
	}, {
		.name = "T35: 3 ways are for devices only",
		.shape = &eight_targets,
		.ask = { .n = 0, .base = 4 * UNIT, .size = 3 * UNIT, .ctrl = IW(8u) },
		.answer = { CXL_SOFTHOST_REASON_WAYS_UNSUPPORTED, 8, 3 },
	}, {
		.name = "order is looked at before encodings",
		.shape = &rig_bridge,
		.ask = { .n = 1, .base = 4 * UNIT, .size = UNIT, .ctrl = IW(15u) },
		.answer = { CXL_SOFTHOST_REASON_ORDER, 0, 1 },
		.relaxed = true, .instead = { CXL_SOFTHOST_REASON_WAYS_RESERVED, 10, 15 },
	},
};

const u32 rig_bridge_row_count = ARRAY_SIZE(rig_bridge_rows);
