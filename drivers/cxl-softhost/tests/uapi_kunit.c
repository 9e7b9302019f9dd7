// SPDX-License-Identifier: GPL-2.0-only
/*
 * The user interface as programs were compiled with it: sizes, offsets, numbers,
 * written out. Lines may be added here, none may change.
 */
#include <kunit/test.h>
#include <linux/cxl_softhost.h>

#include "uapi-fields.h"

struct struct_row {
	const char *name;
	size_t found;
	size_t size;
};

#define SIZE(_struct, _size) \
	{ #_struct, sizeof(struct cxl_softhost_##_struct), _size }

static const struct struct_row struct_rows[] = {
	SIZE(result, 40),
	SIZE(info, 80),
	SIZE(host_set, 24),
	SIZE(backend_create, 40),
	SIZE(window_create, 88),
	SIZE(partition, 24),
	SIZE(capability, 8),
	SIZE(node_create, 120),
	SIZE(destroy, 64),
	SIZE(attach, 72),
	SIZE(detach, 48),
	SIZE(fd_create, 24),
	SIZE(reg_read, 32),
	SIZE(reg_write, 80),
	SIZE(node_set, 72),
	SIZE(reset, 64),
	SIZE(translate, 88),
	SIZE(segment, 88),
	SIZE(map_get, 32),
	SIZE(delta, 96),
	SIZE(deltas, 32),
	SIZE(apply, 56),
	SIZE(record, 56),
	SIZE(state_get, 32),
	SIZE(state_set, 72),
	SIZE(dirty_log, 16),
};

KUNIT_ARRAY_PARAM_DESC(struct, struct_rows, name);

KUNIT_ARRAY_PARAM_DESC(field, field_rows, name);

struct value_row {
	const char *name;
	u64 found;
	u64 value;
};

#define VALUE(_name, _value) { #_name, CXL_SOFTHOST_##_name, _value }

/* _IO(0xCE, number): what a program passes to ioctl(), a seccomp filter sees */
static const struct value_row command_rows[] = {
	VALUE(INFO, 0xce40),
	VALUE(HOST_SET, 0xce41),
	VALUE(BACKEND_CREATE, 0xce42),
	VALUE(WINDOW_CREATE, 0xce43),
	VALUE(NODE_CREATE, 0xce44),
	VALUE(DESTROY, 0xce45),
	VALUE(ATTACH, 0xce46),
	VALUE(DETACH, 0xce47),
	VALUE(FD_CREATE, 0xce48),
	VALUE(STATE_SET, 0xce49),
	VALUE(REG_READ, 0xce60),
	VALUE(REG_WRITE, 0xce61),
	VALUE(NODE_SET, 0xce62),
	VALUE(RESET, 0xce63),
	VALUE(TRANSLATE, 0xce64),
	VALUE(MAP_GET, 0xce65),
	VALUE(DELTAS, 0xce66),
	VALUE(APPLY, 0xce67),
	VALUE(STATE_GET, 0xce68),
	VALUE(DIRTY_LOG, 0xce69),
};

KUNIT_ARRAY_PARAM_DESC(command, command_rows, name);

static const struct value_row value_rows[] = {
	VALUE(ENGINE_NONE, 0),
	VALUE(ENGINE_KVM, 1),
	VALUE(ENGINE_ADVISORY, 2),

	VALUE(POLICY_CHECKED, 0),
	VALUE(POLICY_STRICT_SPEC, 1),

	VALUE(OUTCOME_DONE, 0),
	VALUE(OUTCOME_COMMITTED, 1),
	VALUE(OUTCOME_UNCOMMITTED, 2),
	VALUE(OUTCOME_REFUSED, 3),
	VALUE(OUTCOME_IGNORED, 4),
	VALUE(OUTCOME_NOT_MINE, 5),
	VALUE(OUTCOME_PENDING, 6),
	VALUE(OUTCOME_BUSY, 7),

	VALUE(REASON_NONE, 0),
	VALUE(REASON_ORDER, 1),
	VALUE(REASON_HPA_BELOW, 2),
	VALUE(REASON_HPA_ABOVE, 3),
	VALUE(REASON_HPA_WRAP, 4),
	VALUE(REASON_SIZE_WAYS, 5),
	VALUE(REASON_WAYS_RESERVED, 6),
	VALUE(REASON_WAYS_UNSUPPORTED, 7),
	VALUE(REASON_WAYS_TARGETS, 8),
	VALUE(REASON_GRANULARITY_RESERVED, 9),
	VALUE(REASON_GRANULARITY_UNSUPPORTED, 10),
	VALUE(REASON_TARGET_DUPLICATE, 11),
	VALUE(REASON_DPA_CAPACITY, 12),
	VALUE(REASON_DPA_PARTITION, 13),
	VALUE(REASON_DPA_OVERLAP, 14),
	VALUE(REASON_NO_SLOTS, 15),
	VALUE(REASON_ENGINE, 16),
	VALUE(REASON_STALE_SLOT, 17),
	VALUE(REASON_LINEAR_ONLY, 18),
	VALUE(REASON_IDENTITY, 19),
	VALUE(REASON_ABORTED, 20),
	VALUE(REASON_LOCKED, 32),
	VALUE(REASON_LIVE, 33),
	VALUE(REASON_READ_ONLY, 34),
	VALUE(REASON_WIDTH, 35),
	VALUE(REASON_NO_WINDOW, 48),
	VALUE(REASON_NO_DECODER, 49),
	VALUE(REASON_NO_TARGET, 50),
	VALUE(REASON_NO_ENDPOINT_DECODER, 51),
	VALUE(REASON_HDM_DISABLED, 52),
	VALUE(REASON_MEM_DISABLED, 53),
	VALUE(REASON_MEDIA_DISABLED, 54),
	VALUE(REASON_INTERLEAVED, 55),
	VALUE(REASON_NO_ENGINE, 56),
	VALUE(REASON_NOT_MAPPED, 57),

	VALUE(ARITHMETIC_MODULO, 0),
	VALUE(ARITHMETIC_XOR, 1),

	VALUE(NODE_HOST_BRIDGE, 1),
	VALUE(NODE_SWITCH, 2),
	VALUE(NODE_ENDPOINT, 3),

	VALUE(MEDIA_READY, 0),
	VALUE(MEDIA_DISABLED, 1),

	VALUE(PARTITION_VOLATILE, 0),
	VALUE(PARTITION_PERSISTENT, 1),

	VALUE(SEGMENT_HOLE, 0),
	VALUE(SEGMENT_LINEAR, 1),
	VALUE(SEGMENT_CONDEMNED, 2),
	VALUE(SEGMENT_INTERLEAVED, 3),

	VALUE(DIRECTION_ADD, 1),
	VALUE(DIRECTION_REMOVE, 2),

	VALUE(RECORD_NODE, 1),
	VALUE(RECORD_DECODER, 2),
	VALUE(RECORD_SLOT, 3),

	VALUE(TYPE, 0xce),
	VALUE(ABI, 0x5),
	VALUE(UNIT, 0x10000000ULL),
	VALUE(NONE, 0xffffffff),
	VALUE(RESULT_DEGRADED, 0x1),
	VALUE(CAPABILITIES, 0x4),
	VALUE(NODE_HDM, 0x1),
	VALUE(NODE_A11_8, 0x2),
	VALUE(NODE_A14_12, 0x4),
	VALUE(NODE_WAYS_3_6_12, 0x8),
	VALUE(NODE_WAYS_16, 0x10),
	VALUE(NODE_MANY_DECODERS, 0x20),
	VALUE(WINDOW_LINEAR_ONLY, 0x1),
	VALUE(WINDOW_IDENTITY, 0x2),
	VALUE(SLOT_TOP, 0xffffffff),
	VALUE(CM_BASE, 0x1000),
	VALUE(CM_SIZE, 0x1000),
	VALUE(HDM_BASE, 0x1100),
	VALUE(SET_MEM_ENABLE, 0x1),
	VALUE(SET_MEDIA, 0x2),
	VALUE(TRANSLATE_FROM_DPA, 0x1),
	VALUE(HOST_TWO_PHASE, 0x1),
	VALUE(ATTACH_TAKEOVER, 0x1),
	VALUE(APPLY_ABORT, 0x1),
	VALUE(RIGHT_SET_UP, 0x1),
	VALUE(RIGHT_APPLY, 0x2),
	VALUE(RIGHT_REGISTERS, 0x4),
	VALUE(RIGHT_READ, 0x8),
};

KUNIT_ARRAY_PARAM_DESC(value, value_rows, name);

static void structure_size(struct kunit *test)
{
	const struct struct_row *row = test->param_value;

	KUNIT_EXPECT_EQ(test, row->found, row->size);
}

static void field_offset(struct kunit *test)
{
	const struct field_row *row = test->param_value;

	KUNIT_EXPECT_EQ(test, row->found_offset, row->offset);
	KUNIT_EXPECT_EQ(test, row->found_size, row->size);
}

/* Each field begins where the one before ended, up to the end: none is missing here */
static void fields_without_gaps(struct kunit *test)
{
	size_t end = 0;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(field_rows); i++) {
		const struct field_row *row = &field_rows[i];

		KUNIT_EXPECT_EQ_MSG(test, row->found_offset, end, "before %s", row->name);
		end = row->found_offset + row->found_size;
		if (i + 1 == ARRAY_SIZE(field_rows) || !field_rows[i + 1].offset) {
			KUNIT_EXPECT_EQ_MSG(test, end, row->of, "after %s", row->name);
			end = 0;
		}
	}
}

static void command_number(struct kunit *test)
{
	const struct value_row *row = test->param_value;

	KUNIT_EXPECT_EQ(test, row->found, row->value);
}

static void constant_value(struct kunit *test)
{
	const struct value_row *row = test->param_value;

	KUNIT_EXPECT_EQ(test, row->found, row->value);
}

static struct kunit_case softhost_uapi_cases[] = {
	KUNIT_CASE_PARAM(structure_size, struct_gen_params),
	KUNIT_CASE_PARAM(field_offset, field_gen_params),
	KUNIT_CASE(fields_without_gaps),
	KUNIT_CASE_PARAM(command_number, command_gen_params),
	KUNIT_CASE_PARAM(constant_value, value_gen_params),
	{}
};

static struct kunit_suite softhost_uapi_suite = {
	.name = "cxl_softhost_uapi",
	.test_cases = softhost_uapi_cases,
};

kunit_test_suite(softhost_uapi_suite);
