// SPDX-License-Identifier: GPL-2.0-only
/* Commit rules, endpoints: sizes, ways and the DPA they lead to. */
#include "commit-rows.h"

#define EP CXL_SOFTHOST_NODE_ENDPOINT
#define HDM_FLAG CXL_SOFTHOST_NODE_HDM
#define BITS (CXL_SOFTHOST_NODE_A11_8 | CXL_SOFTHOST_NODE_A14_12)
#define ODD_WAYS CXL_SOFTHOST_NODE_WAYS_3_6_12
#define MANY_WAYS CXL_SOFTHOST_NODE_WAYS_16

/* Volatile 16 units, persistent 16 units */
#define EDGE (16 * UNIT)
#define CAPACITY (32 * UNIT)

static const struct rig_shape every_way = {
	.kind = EP, .flags = HDM_FLAG | BITS | ODD_WAYS | MANY_WAYS, .decoders = 4,
	.length = { 16 * UNIT, 16 * UNIT },
};

static const struct rig_shape low_bits = {
	.kind = EP, .flags = HDM_FLAG | CXL_SOFTHOST_NODE_A11_8, .decoders = 4,
	.length = { 16 * UNIT, 16 * UNIT },
};

static const struct rig_shape high_bits = {
	.kind = EP, .flags = HDM_FLAG | CXL_SOFTHOST_NODE_A14_12, .decoders = 4,
	.length = { 16 * UNIT, 16 * UNIT },
};

static const struct rig_shape persistent_only = {
	.kind = EP, .flags = HDM_FLAG | BITS, .decoders = 10, .length = { 0, 4 * UNIT },
};

static const struct rig_shape volatile_only = {
	.kind = EP, .flags = HDM_FLAG | BITS, .decoders = 1, .length = { 4 * UNIT, 0 },
};

const struct commit_row rig_device_rows[] = {
	{
		.name = "whole of the volatile capacity",
		.shape = &rig_endpoint,
		.ask = { .n = 0, .base = 4 * GIB, .size = 16 * UNIT },
		.dpa_base = 0,
	}, {
		.name = "whole of a device that is volatile only",
		.shape = &volatile_only,
		.ask = { .n = 0, .base = 4 * GIB, .size = 4 * UNIT },
		.dpa_base = 0,
	}, {
		.name = "whole of a device that is persistent only",
		.shape = &persistent_only,
		.ask = { .n = 0, .base = 4 * GIB, .size = 4 * UNIT },
		.dpa_base = 0,
	}, {
		.name = "skip over the volatile capacity into the persistent one",
		.shape = &rig_endpoint,
		.ask = { .n = 0, .base = 4 * GIB, .size = 16 * UNIT, .list = EDGE },
		.dpa_base = EDGE,
	}, {
		.name = "DPA follows the lower decoder's, plus the skip",
		.shape = &rig_endpoint,
		.before_count = 1,
		.before = { { .n = 0, .base = 4 * GIB, .size = 3 * UNIT, .list = 2 * UNIT } },
		.ask = { .n = 1, .base = 8 * GIB, .size = UNIT, .list = 4 * UNIT },
		.dpa_base = 9 * UNIT,
	}, {
		.name = "DPA follows a lower interleaved decoder's share, not its size",
		.shape = &every_way,
		.before_count = 1,
		.before = { { .n = 0, .base = 4 * GIB, .size = 12 * UNIT, .ctrl = IW(9u) } },
		.ask = { .n = 1, .base = 12 * GIB, .size = 14 * UNIT },
		.dpa_base = 2 * UNIT,
	}, {
		.name = "a zero-size decoder's skip counts",
		.shape = &rig_endpoint,
		.before_count = 1,
		.before = { { .n = 0, .base = 0, .size = 0, .list = 5 * UNIT } },
		.ask = { .n = 1, .base = 4 * GIB, .size = UNIT, .list = UNIT },
		.dpa_base = 6 * UNIT,
	}, {
		.name = "T4: zero size at the end of the capacity",
		.shape = &rig_endpoint,
		.ask = { .n = 0, .base = 4 * GIB, .size = 0, .list = CAPACITY },
		.dpa_base = CAPACITY,
	}, {
		.name = "I9: zero size, but the skip passes the capacity",
		.shape = &rig_endpoint,
		.ask = { .n = 0, .base = 4 * GIB, .size = 0, .list = CAPACITY + UNIT },
		.answer = { CXL_SOFTHOST_REASON_DPA_CAPACITY, CAPACITY, CAPACITY + UNIT },
	}, {
		.name = "I9: size passes the capacity by one unit",
		.shape = &persistent_only,
		.ask = { .n = 0, .base = 4 * GIB, .size = 5 * UNIT },
		.answer = { CXL_SOFTHOST_REASON_DPA_CAPACITY, 4 * UNIT, 5 * UNIT },
	}, {
		.name = "I9: the skip pushes it past the capacity",
		.shape = &rig_endpoint,
		.before_count = 1,
		.before = { { .n = 0, .base = 4 * GIB, .size = 16 * UNIT } },
		.ask = { .n = 1, .base = 12 * GIB, .size = 8 * UNIT, .list = 9 * UNIT },
		.answer = { CXL_SOFTHOST_REASON_DPA_CAPACITY, CAPACITY, 33 * UNIT },
	}, {
		.name = "T21: skip plus size wraps to a small end",
		.shape = &rig_endpoint,
		.ask = { .n = 0, .base = 4 * GIB, .size = 4 * UNIT, .list = -2 * UNIT },
		.answer = { CXL_SOFTHOST_REASON_DPA_CAPACITY, CAPACITY, U64_MAX },
	}, {
		.name = "T21: lower end plus skip wraps to a legal base",
		.shape = &rig_endpoint,
		.before_count = 1,
		.before = { { .n = 0, .base = 4 * GIB, .size = 8 * UNIT } },
		.ask = { .n = 1, .base = 12 * GIB, .size = 4 * UNIT, .list = -8 * UNIT },
		.answer = { CXL_SOFTHOST_REASON_DPA_CAPACITY, CAPACITY, U64_MAX },
	}, {
		.name = "T21: an end that is exactly 2^64",
		.shape = &rig_endpoint,
		.ask = { .n = 0, .base = 4 * GIB, .size = UNIT, .list = -UNIT },
		.answer = { CXL_SOFTHOST_REASON_DPA_CAPACITY, CAPACITY, U64_MAX },
	}, {
		.name = "I9: the largest size",
		.shape = &rig_endpoint,
		.ask = { .n = 0, .base = 0, .size = -UNIT },
		.answer = { CXL_SOFTHOST_REASON_DPA_CAPACITY, CAPACITY, -UNIT },
	}, {
		.name = "T22: crosses from volatile into persistent capacity",
		.shape = &rig_endpoint,
		.ask = { .n = 0, .base = 4 * GIB, .size = 17 * UNIT },
		.answer = { CXL_SOFTHOST_REASON_DPA_PARTITION, EDGE, 17 * UNIT },
	}, {
		.name = "T22: the skip ends one unit below the persistent capacity",
		.shape = &rig_endpoint,
		.ask = { .n = 0, .base = 4 * GIB, .size = 2 * UNIT, .list = 15 * UNIT },
		.answer = { CXL_SOFTHOST_REASON_DPA_PARTITION, EDGE, 17 * UNIT },
	}, {
		.name = "DPA up to the partition boundary, the next from there",
		.shape = &rig_endpoint,
		.before_count = 1,
		.before = { { .n = 0, .base = 4 * GIB, .size = UNIT, .list = 15 * UNIT } },
		.ask = { .n = 1, .base = 12 * GIB, .size = 16 * UNIT },
		.dpa_base = EDGE,
	}, {
		.name = "T10: recommit after out-of-order uncommit, grown into the upper's DPA",
		.shape = &rig_endpoint,
		.before_count = 2, .uncommit = 1 << 0,
		.before = {
			{ .n = 0, .base = 4 * GIB, .size = 2 * UNIT },
			{ .n = 1, .base = 12 * GIB, .size = 2 * UNIT },
		},
		.ask = { .n = 0, .base = 4 * GIB, .size = 3 * UNIT },
		.answer = { CXL_SOFTHOST_REASON_DPA_OVERLAP, 2 * UNIT, 3 * UNIT },
		.relaxed = true, .instead = { .reason = CXL_SOFTHOST_REASON_NONE },
	}, {
		.name = "T10: recommit with a skip into the upper's DPA",
		.shape = &rig_endpoint,
		.before_count = 2, .uncommit = 1 << 0,
		.before = {
			{ .n = 0, .base = 4 * GIB, .size = 2 * UNIT },
			{ .n = 1, .base = 12 * GIB, .size = 4 * UNIT },
		},
		.ask = { .n = 0, .base = 4 * GIB, .size = UNIT, .list = 4 * UNIT },
		.answer = { CXL_SOFTHOST_REASON_DPA_OVERLAP, 2 * UNIT, 5 * UNIT },
		.relaxed = true, .instead = { .reason = CXL_SOFTHOST_REASON_NONE },
		.dpa_base = 4 * UNIT,
	}, {
		.name = "T10: recommit within the room that it had",
		.shape = &rig_endpoint,
		.before_count = 3, .uncommit = 1 << 1,
		.before = {
			{ .n = 0, .base = 4 * GIB, .size = 2 * UNIT },
			{ .n = 1, .base = 12 * GIB, .size = 2 * UNIT },
			{ .n = 2, .base = 14 * GIB, .size = 2 * UNIT },
		},
		.ask = { .n = 1, .base = 8 * GIB, .size = UNIT, .list = UNIT },
		.dpa_base = 3 * UNIT,
	}, {
		.name = "T10: the upper one's share bounds it, not its size",
		.shape = &rig_endpoint,
		.before_count = 3, .uncommit = 1 << 0,
		.before = {
			{ .n = 0, .base = 4 * GIB, .size = UNIT },
			{ .n = 1, .base = 8 * GIB, .size = 4 * UNIT, .ctrl = IW(2u) },
			{ .n = 2, .base = 12 * GIB, .size = 2 * UNIT, .list = 4 * UNIT },
		},
		.ask = { .n = 0, .base = 4 * GIB, .size = 2 * UNIT, .list = 2 * UNIT },
		.dpa_base = 2 * UNIT,
	}, {
		.name = "T5: a zero-size decoder's DPA overlaps nothing",
		.shape = &rig_endpoint,
		.before_count = 2, .uncommit = 1 << 0,
		.before = {
			{ .n = 0, .base = 4 * GIB, .size = 2 * UNIT },
			{ .n = 1, .base = 0, .size = 0 },
		},
		.ask = { .n = 0, .base = 4 * GIB, .size = 8 * UNIT },
		.dpa_base = 0,
	}, {
		.name = "C1: decoder 2 after decoder 0",
		.shape = &rig_endpoint,
		.before_count = 1,
		.before = { { .n = 0, .base = 4 * GIB, .size = UNIT } },
		.ask = { .n = 2, .base = 8 * GIB, .size = UNIT },
		.answer = { CXL_SOFTHOST_REASON_ORDER, 1, 2 },
		.relaxed = true, .instead = { .reason = CXL_SOFTHOST_REASON_NONE },
		.dpa_base = UNIT,
	}, {
		.name = "C2: the same HPA twice",
		.shape = &rig_endpoint,
		.before_count = 1,
		.before = { { .n = 0, .base = 4 * GIB, .size = UNIT } },
		.ask = { .n = 1, .base = 4 * GIB, .size = UNIT },
		.answer = { CXL_SOFTHOST_REASON_HPA_BELOW, 4 * GIB + UNIT, 4 * GIB },
		.relaxed = true, .instead = { .reason = CXL_SOFTHOST_REASON_NONE },
		.dpa_base = UNIT,
	}, {
		.name = "C3: base plus size passes 2^64",
		.shape = &rig_endpoint,
		.ask = { .n = 0, .base = -UNIT, .size = 2 * UNIT },
		.answer = { CXL_SOFTHOST_REASON_HPA_WRAP, UNIT, 2 * UNIT },
		.relaxed = true, .instead = { .reason = CXL_SOFTHOST_REASON_NONE },
	}, {
		.name = "C4: three ways, size no multiple of 3 units",
		.shape = &every_way,
		.ask = { .n = 0, .base = 4 * GIB, .size = 4 * UNIT, .ctrl = IW(8u) },
		.answer = { CXL_SOFTHOST_REASON_SIZE_WAYS, 3 * UNIT, 4 * UNIT },
	}, {
		.name = "C4: six ways, half a multiple",
		.shape = &every_way,
		.ask = { .n = 0, .base = 4 * GIB, .size = 9 * UNIT, .ctrl = IW(9u) },
		.answer = { CXL_SOFTHOST_REASON_SIZE_WAYS, 6 * UNIT, 9 * UNIT },
		.relaxed = true, .instead = { .reason = CXL_SOFTHOST_REASON_INTERLEAVED },
	}, {
		.name = "four ways, half a unit for each",
		.shape = &rig_endpoint,
		.ask = { .n = 0, .base = 4 * GIB, .size = 2 * UNIT, .ctrl = IW(2u) },
		.answer = { CXL_SOFTHOST_REASON_SIZE_WAYS, 4 * UNIT, 2 * UNIT },
		.relaxed = true, .instead = { .reason = CXL_SOFTHOST_REASON_INTERLEAVED },
	}, {
		.name = "twelve ways, capacity is counted by share",
		.shape = &every_way,
		.ask = { .n = 0, .base = 4 * GIB, .size = 192 * UNIT, .ctrl = IW(10u) },
		.answer = { .reason = CXL_SOFTHOST_REASON_INTERLEAVED },
		.dpa_base = 0,
	}, {
		.name = "sixteen ways, one unit too much",
		.shape = &every_way,
		.ask = { .n = 0, .base = 4 * GIB, .size = 528 * UNIT, .ctrl = IW(4u) },
		.answer = { CXL_SOFTHOST_REASON_DPA_CAPACITY, CAPACITY, 33 * UNIT },
	}, {
		.name = "A11to8 only: 4 ways at 2 KiB need bit 12",
		.shape = &low_bits,
		.ask = { .n = 0, .base = 4 * GIB, .size = 4 * UNIT, .ctrl = IW(2u) | IG(3u) },
		.answer = { CXL_SOFTHOST_REASON_GRANULARITY_UNSUPPORTED, 0x0f00, 0x1800 },
		.relaxed = true, .instead = { .reason = CXL_SOFTHOST_REASON_INTERLEAVED },
	}, {
		.name = "A14to12 only: 2 ways at 256 bytes need bit 8",
		.shape = &high_bits,
		.ask = { .n = 0, .base = 4 * GIB, .size = 4 * UNIT, .ctrl = IW(1u) | IG(0u) },
		.answer = { CXL_SOFTHOST_REASON_GRANULARITY_UNSUPPORTED, 0x7000, 0x0100 },
		.relaxed = true, .instead = { .reason = CXL_SOFTHOST_REASON_INTERLEAVED },
	}, {
		.name = "A14to12 only: 8 ways at 4 KiB",
		.shape = &high_bits,
		.ask = { .n = 0, .base = 4 * GIB, .size = 8 * UNIT, .ctrl = IW(3u) | IG(4u) },
		.answer = { .reason = CXL_SOFTHOST_REASON_INTERLEAVED },
	}, {
		.name = "reserved granularity",
		.shape = &rig_endpoint,
		.ask = { .n = 0, .base = 4 * GIB, .size = UNIT, .ctrl = IG(15u) },
		.answer = { CXL_SOFTHOST_REASON_GRANULARITY_RESERVED, 6, 15 },
	}, {
		.name = "targets don't exist: equal bytes are part of a skip",
		.shape = &rig_endpoint,
		.ask = { .n = 0, .base = 4 * GIB, .size = 2 * UNIT, .ctrl = IW(1u) },
		.answer = { .reason = CXL_SOFTHOST_REASON_INTERLEAVED },
	},
};

const u32 rig_device_row_count = ARRAY_SIZE(rig_device_rows);
