// SPDX-License-Identifier: GPL-2.0-only
/*
 * The user interface as programs were compiled with it: sizes, offsets, numbers,
 * written out. Lines may be added here, none may change.
 */
#include <kunit/test.h>
#include <linux/cxl_softhost.h>
#include <linux/stddef.h>

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
};

KUNIT_ARRAY_PARAM_DESC(struct, struct_rows, name);

struct field_row {
	const char *name;
	size_t of;			/* size of the structure */
	size_t found_offset, found_size;
	size_t offset, size;
};

#define FIELD(_struct, _field, _offset, _size)					\
	{									\
		#_struct "." #_field,						\
		sizeof(struct cxl_softhost_##_struct),				\
		offsetof(struct cxl_softhost_##_struct, _field),		\
		sizeof_field(struct cxl_softhost_##_struct, _field),		\
		_offset, _size,							\
	}

static const struct field_row field_rows[] = {
	FIELD(result, outcome, 0, 4),
	FIELD(result, reason, 4, 4),
	FIELD(result, flags, 8, 4),
	FIELD(result, decoder, 12, 4),
	FIELD(result, expected, 16, 8),
	FIELD(result, found, 24, 8),
	FIELD(result, generation, 32, 8),

	FIELD(info, size, 0, 4),
	FIELD(info, flags, 4, 4),
	FIELD(info, out_abi, 8, 4),
	FIELD(info, out_engines, 12, 4),
	FIELD(info, out_engine, 16, 4),
	FIELD(info, out_first_slot, 20, 4),
	FIELD(info, out_slot_count, 24, 4),
	FIELD(info, out_slots_used, 28, 4),
	FIELD(info, out_slots_worst, 32, 4),
	FIELD(info, out_max_windows, 36, 4),
	FIELD(info, out_max_nodes, 40, 4),
	FIELD(info, out_max_backends, 44, 4),
	FIELD(info, out_host_bytes, 48, 8),
	FIELD(info, out_generation, 56, 8),
	FIELD(info, out_segments_worst, 64, 4),
	FIELD(info, out_max_depth, 68, 4),
	FIELD(info, out_token, 72, 8),

	FIELD(host_set, size, 0, 4),
	FIELD(host_set, flags, 4, 4),
	FIELD(host_set, policy, 8, 4),
	FIELD(host_set, max_windows, 12, 4),
	FIELD(host_set, max_nodes, 16, 4),
	FIELD(host_set, max_backends, 20, 4),

	FIELD(backend_create, size, 0, 4),
	FIELD(backend_create, flags, 4, 4),
	FIELD(backend_create, addr, 8, 8),
	FIELD(backend_create, length, 16, 8),
	FIELD(backend_create, cookie, 24, 8),
	FIELD(backend_create, out_id, 32, 4),
	FIELD(backend_create, __reserved, 36, 4),

	FIELD(window_create, size, 0, 4),
	FIELD(window_create, flags, 4, 4),
	FIELD(window_create, hpa, 8, 8),
	FIELD(window_create, length, 16, 8),
	FIELD(window_create, ways, 24, 4),
	FIELD(window_create, granularity, 28, 4),
	FIELD(window_create, arithmetic, 32, 4),
	FIELD(window_create, __reserved, 36, 4),
	FIELD(window_create, targets, 40, 8),
	FIELD(window_create, out_id, 48, 4),
	FIELD(window_create, __reserved2, 52, 4),
	FIELD(window_create, xor_maps, 56, 8),
	FIELD(window_create, xor_map_count, 64, 4),
	FIELD(window_create, __reserved3, 68, 4),
	FIELD(window_create, backend_id, 72, 4),
	FIELD(window_create, __reserved4, 76, 4),
	FIELD(window_create, backend_offset, 80, 8),

	FIELD(partition, length, 0, 8),
	FIELD(partition, offset, 8, 8),
	FIELD(partition, backend_id, 16, 4),
	FIELD(partition, __reserved, 20, 4),

	FIELD(capability, id, 0, 2),
	FIELD(capability, version, 2, 2),
	FIELD(capability, offset, 4, 2),
	FIELD(capability, length, 6, 2),

	FIELD(node_create, size, 0, 4),
	FIELD(node_create, flags, 4, 4),
	FIELD(node_create, kind, 8, 4),
	FIELD(node_create, parent_id, 12, 4),
	FIELD(node_create, port, 16, 4),
	FIELD(node_create, ports, 20, 4),
	FIELD(node_create, decoder_count, 24, 4),
	FIELD(node_create, target_count, 28, 4),
	FIELD(node_create, partitions, 32, 48),
	FIELD(node_create, capabilities, 80, 32),
	FIELD(node_create, out_id, 112, 4),
	FIELD(node_create, __reserved, 116, 4),

	FIELD(destroy, size, 0, 4),
	FIELD(destroy, flags, 4, 4),
	FIELD(destroy, id, 8, 4),
	FIELD(destroy, __reserved, 12, 4),
	FIELD(destroy, out_result, 16, 40),
	FIELD(destroy, out_token, 56, 8),

	FIELD(attach, size, 0, 4),
	FIELD(attach, flags, 4, 4),
	FIELD(attach, engine, 8, 4),
	FIELD(attach, vm_fd, 12, 4),
	FIELD(attach, first_slot, 16, 4),
	FIELD(attach, slot_count, 20, 4),
	FIELD(attach, out_first_slot, 24, 4),
	FIELD(attach, out_slot_count, 28, 4),
	FIELD(attach, out_result, 32, 40),

	FIELD(detach, size, 0, 4),
	FIELD(detach, flags, 4, 4),
	FIELD(detach, out_result, 8, 40),

	FIELD(fd_create, size, 0, 4),
	FIELD(fd_create, flags, 4, 4),
	FIELD(fd_create, rights, 8, 4),
	FIELD(fd_create, out_fd, 12, 4),
	FIELD(fd_create, __reserved, 16, 8),

	FIELD(reg_read, size, 0, 4),
	FIELD(reg_read, flags, 4, 4),
	FIELD(reg_read, node_id, 8, 4),
	FIELD(reg_read, offset, 12, 4),
	FIELD(reg_read, width, 16, 4),
	FIELD(reg_read, out_outcome, 20, 4),
	FIELD(reg_read, out_value, 24, 8),

	FIELD(reg_write, size, 0, 4),
	FIELD(reg_write, flags, 4, 4),
	FIELD(reg_write, node_id, 8, 4),
	FIELD(reg_write, offset, 12, 4),
	FIELD(reg_write, width, 16, 4),
	FIELD(reg_write, __reserved, 20, 4),
	FIELD(reg_write, value, 24, 8),
	FIELD(reg_write, out_result, 32, 40),
	FIELD(reg_write, out_token, 72, 8),

	FIELD(node_set, size, 0, 4),
	FIELD(node_set, flags, 4, 4),
	FIELD(node_set, node_id, 8, 4),
	FIELD(node_set, mask, 12, 4),
	FIELD(node_set, mem_enable, 16, 4),
	FIELD(node_set, media, 20, 4),
	FIELD(node_set, out_result, 24, 40),
	FIELD(node_set, out_token, 64, 8),

	FIELD(reset, size, 0, 4),
	FIELD(reset, flags, 4, 4),
	FIELD(reset, node_id, 8, 4),
	FIELD(reset, __reserved, 12, 4),
	FIELD(reset, out_result, 16, 40),
	FIELD(reset, out_token, 56, 8),

	FIELD(translate, size, 0, 4),
	FIELD(translate, flags, 4, 4),
	FIELD(translate, addr, 8, 8),
	FIELD(translate, node_id, 16, 4),
	FIELD(translate, out_reason, 20, 4),
	FIELD(translate, out_hpa, 24, 8),
	FIELD(translate, out_dpa, 32, 8),
	FIELD(translate, out_length, 40, 8),
	FIELD(translate, out_backend_offset, 48, 8),
	FIELD(translate, out_cookie, 56, 8),
	FIELD(translate, out_generation, 64, 8),
	FIELD(translate, out_window_id, 72, 4),
	FIELD(translate, out_node_id, 76, 4),
	FIELD(translate, out_backend_id, 80, 4),
	FIELD(translate, out_partition, 84, 4),

	FIELD(segment, hpa, 0, 8),
	FIELD(segment, length, 8, 8),
	FIELD(segment, dpa, 16, 8),
	FIELD(segment, backend_offset, 24, 8),
	FIELD(segment, cookie, 32, 8),
	FIELD(segment, host_addr, 40, 8),
	FIELD(segment, page_sizes, 48, 8),
	FIELD(segment, window_id, 56, 4),
	FIELD(segment, node_id, 60, 4),
	FIELD(segment, backend_id, 64, 4),
	FIELD(segment, partition, 68, 4),
	FIELD(segment, kind, 72, 4),
	FIELD(segment, reason, 76, 4),
	FIELD(segment, slot, 80, 4),
	FIELD(segment, misaligned, 84, 4),

	FIELD(map_get, size, 0, 4),
	FIELD(map_get, flags, 4, 4),
	FIELD(map_get, entry_size, 8, 4),
	FIELD(map_get, count, 12, 4),
	FIELD(map_get, entries, 16, 8),
	FIELD(map_get, out_generation, 24, 8),

	FIELD(delta, segment, 0, 88),
	FIELD(delta, direction, 88, 4),
	FIELD(delta, __reserved, 92, 4),

	FIELD(deltas, size, 0, 4),
	FIELD(deltas, flags, 4, 4),
	FIELD(deltas, token, 8, 8),
	FIELD(deltas, entry_size, 16, 4),
	FIELD(deltas, count, 20, 4),
	FIELD(deltas, entries, 24, 8),

	FIELD(apply, size, 0, 4),
	FIELD(apply, flags, 4, 4),
	FIELD(apply, token, 8, 8),
	FIELD(apply, out_result, 16, 40),
};

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
	VALUE(REG_READ, 0xce60),
	VALUE(REG_WRITE, 0xce61),
	VALUE(NODE_SET, 0xce62),
	VALUE(RESET, 0xce63),
	VALUE(TRANSLATE, 0xce64),
	VALUE(MAP_GET, 0xce65),
	VALUE(DELTAS, 0xce66),
	VALUE(APPLY, 0xce67),
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

	VALUE(TYPE, 0xce),
	VALUE(ABI, 0x4),
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
