// SPDX-License-Identifier: GPL-2.0-only
/*
 * States saved and restored: whole or not at all, with the slot numbers they had.
 */
#include <kunit/test.h>
#include <linux/uaccess.h>

#include "host-rig.h"

#define RECORDS 64

/**
 * struct saved - a host's state and where it is given to commands
 * @rig: the host
 * @user: array in user memory
 * @count: records
 * @records: copy of the array
 */
struct saved {
	struct host_rig *rig;
	unsigned long user;
	u32 count;
	struct cxl_softhost_record records[RECORDS];
};

static struct saved *saved_make(struct host_rig *rig)
{
	struct saved *saved = kunit_kzalloc(rig->test, sizeof(*saved), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(rig->test, saved);
	saved->rig = rig;
	saved->user = host_rig_memory(rig->test, PAGE_SIZE, PROT_READ | PROT_WRITE);
	return saved;
}

static int saved_get(struct saved *saved, u32 room)
{
	struct cxl_softhost_state_get cmd = {
		.entry_size = sizeof(saved->records[0]), .count = room, .entries = saved->user,
	};
	struct softhost_ucmd ucmd = { .host = saved->rig->host, .cmd = &cmd, .rights = ~0U };
	int ret = softhost_state_get_ioctl(&ucmd);

	saved->count = cmd.count;
	if (ret)
		return ret;
	KUNIT_ASSERT_LE(saved->rig->test, cmd.count, RECORDS);
	KUNIT_EXPECT_EQ(saved->rig->test, cmd.out_generation, host_rig_map(saved->rig)->generation);
	KUNIT_ASSERT_EQ(saved->rig->test,
			copy_from_user(saved->records, (void __user *)saved->user,
				       cmd.count * sizeof(saved->records[0])), 0);
	return 0;
}

static int saved_set(struct saved *saved, struct cxl_softhost_state_set *out)
{
	struct cxl_softhost_state_set cmd = {
		.entry_size = sizeof(saved->records[0]), .count = saved->count,
		.entries = saved->user,
	};
	struct softhost_ucmd ucmd = { .host = saved->rig->host, .cmd = &cmd, .rights = ~0U };
	int ret;

	KUNIT_ASSERT_EQ(saved->rig->test,
			copy_to_user((void __user *)saved->user, saved->records,
				     saved->count * sizeof(saved->records[0])), 0);
	ret = softhost_state_set_ioctl(&ucmd);
	if (out)
		*out = cmd;
	return ret;
}

/* As DETACH does it, with nothing that could go wrong */
static void detach(struct host_rig *rig)
{
	guard(mutex)(&rig->host->state_lock);
	KUNIT_EXPECT_TRUE(rig->test, __softhost_remove_all(rig->host));
	softhost_engine_detach(rig->host);
}

static u32 saved_find(struct saved *saved, u32 kind, u32 node_id, u32 index)
{
	u32 i;

	for (i = 0; i < saved->count; i++)
		if (saved->records[i].kind == kind && saved->records[i].node_id == node_id &&
		    saved->records[i].index == index)
			return i;
	KUNIT_FAIL(saved->rig->test, "no record %u, %u, %u", kind, node_id, index);
	return 0;
}

/* Four extents, of which the second is left: it has neither the number nor the DPA of a first */
static struct host_rig *rig_with_history(struct kunit *test)
{
	struct host_rig *rig = host_rig_make(test);

	host_rig_program(rig);
	fake_attach(rig, FAKE_SLOTS);
	host_rig_write(rig, rig->device[0], DEC(0) + CTRL, 0);
	host_rig_write(rig, rig->device[0], DEC(3) + CTRL, 0);
	host_rig_write(rig, rig->device[0], DEC(2) + CTRL, 0);
	return rig;
}

static void restored_is_the_same(struct kunit *test)
{
	struct host_rig *rig = rig_with_history(test);
	struct saved *saved = saved_make(rig), *again = saved_make(rig);
	struct softhost_node_object *device = host_rig_node(rig, rig->device[0]);
	void *registers = host_rig_copy(test, device->core.hdm, device->hdm_bytes);
	const struct softhost_map *map = host_rig_map(rig);
	void *segments = host_rig_copy(test, map->segments,
				       map->count * sizeof(map->segments[0]));
	u32 count = map->count;

	KUNIT_ASSERT_EQ(test, saved_get(saved, RECORDS), 0);
	KUNIT_EXPECT_EQ(test, device->core.hdm->decoders[1].latch.dpa_base, UNIT);
	detach(rig);
	host_rig_reset(rig, 0);
	KUNIT_EXPECT_NE(test, memcmp(registers, device->core.hdm, device->hdm_bytes), 0);
	KUNIT_EXPECT_EQ(test, saved_set(saved, NULL), 0);
	KUNIT_EXPECT_MEMEQ(test, registers, device->core.hdm, device->hdm_bytes);
	KUNIT_EXPECT_MEMEQ(test, registers, device->core.next, device->hdm_bytes);

	/* Before there is an engine, and after */
	KUNIT_ASSERT_EQ(test, saved_get(again, RECORDS), 0);
	KUNIT_ASSERT_EQ(test, again->count, saved->count);
	KUNIT_EXPECT_MEMEQ(test, again->records, saved->records,
			   saved->count * sizeof(saved->records[0]));
	fake_attach(rig, FAKE_SLOTS);
	fake_check_map(rig);
	KUNIT_ASSERT_EQ(test, host_rig_map(rig)->count, count);
	KUNIT_EXPECT_MEMEQ(test, segments, host_rig_map(rig)->segments,
			   count * sizeof(map->segments[0]));
}

static void numbers_are_honoured(struct kunit *test)
{
	struct host_rig *rig = host_rig_make(test);
	struct saved *saved = saved_make(rig);
	const struct softhost_map *map;
	static const u32 numbers[] = { 3, 1, CXL_SOFTHOST_NONE, 0 };
	u32 i, linear = 0;
	size_t bytes;

	host_rig_program(rig);
	KUNIT_ASSERT_EQ(test, saved_get(saved, RECORDS), 0);
	bytes = rig->host->bytes;
	for (i = 0; i < HOST_RIG_EXTENTS; i++) {
		if (numbers[i] == CXL_SOFTHOST_NONE)
			continue;
		saved->records[saved->count++] = (struct cxl_softhost_record){
			.kind = CXL_SOFTHOST_RECORD_SLOT,
			.index = FAKE_FIRST_SLOT + numbers[i],
			.hpa = HOST_RIG_HPA + 2 * i * UNIT,
			.length = UNIT,
		};
	}
	KUNIT_ASSERT_EQ(test, saved_set(saved, NULL), 0);
	KUNIT_EXPECT_GT(test, rig->host->bytes, bytes);
	fake_attach(rig, HOST_RIG_EXTENTS);
	KUNIT_EXPECT_EQ(test, rig->host->bytes, bytes);
	fake_check_map(rig);
	map = host_rig_map(rig);
	for (i = 0; i < map->count; i++) {
		u32 at = (map->segments[i].hpa - HOST_RIG_HPA) / UNIT / 2;

		if (map->segments[i].kind != CXL_SOFTHOST_SEGMENT_LINEAR)
			continue;
		linear++;
		/* The one without a record gets what the others leave */
		KUNIT_EXPECT_EQ(test, map->segments[i].slot,
				FAKE_FIRST_SLOT + (numbers[at] == CXL_SOFTHOST_NONE ? 2 :
						   numbers[at]));
	}
	KUNIT_EXPECT_EQ(test, linear, HOST_RIG_EXTENTS);

	/* From then on the lowest that is free, as ever */
	host_rig_write(rig, rig->device[0], DEC(3) + CTRL, 0);
	host_rig_write(rig, rig->device[0], DEC(0) + CTRL, 0);
	host_rig_write(rig, rig->device[0], DEC(0) + CTRL, COMMIT);
	map = host_rig_map(rig);
	KUNIT_EXPECT_EQ(test, map->segments[0].slot, FAKE_FIRST_SLOT);
}

/* What went before the engine came has no claim to its number any more */
static void numbers_of_what_went(struct kunit *test)
{
	struct host_rig *rig = host_rig_make(test);
	struct saved *saved = saved_make(rig);
	u32 i;

	host_rig_program(rig);
	KUNIT_ASSERT_EQ(test, saved_get(saved, RECORDS), 0);
	for (i = 0; i < HOST_RIG_EXTENTS; i++)
		saved->records[saved->count++] = (struct cxl_softhost_record){
			.kind = CXL_SOFTHOST_RECORD_SLOT,
			.index = FAKE_FIRST_SLOT + (i ? HOST_RIG_EXTENTS - i : 0),
			.hpa = HOST_RIG_HPA + 2 * i * UNIT,
			.length = UNIT,
		};
	KUNIT_ASSERT_EQ(test, saved_set(saved, NULL), 0);
	host_rig_write(rig, rig->device[0], DEC(0) + CTRL, 0);
	host_rig_write(rig, rig->device[0], DEC(0) + BASE_LO, (HOST_RIG_HPA + UNIT) & U32_MAX);
	host_rig_write(rig, rig->device[0], DEC(0) + CTRL, COMMIT);
	KUNIT_EXPECT_EQ(test, fake_attach(rig, HOST_RIG_EXTENTS).outcome,
			CXL_SOFTHOST_OUTCOME_DONE);
	fake_check_map(rig);
	KUNIT_EXPECT_EQ(test, fake_there(&rig->fake), HOST_RIG_EXTENTS);
	KUNIT_EXPECT_EQ(test, host_rig_map(rig)->segments[1].hpa, HOST_RIG_HPA + UNIT);
	KUNIT_EXPECT_EQ(test, host_rig_map(rig)->segments[1].slot, FAKE_FIRST_SLOT);
}

static void numbers_that_cannot_be(struct kunit *test)
{
	struct host_rig *rig = host_rig_make(test);
	struct saved *saved = saved_make(rig);
	static const u32 numbers[][2] = {
		{ 0, 4 }, { 0, 0 }, { 3, U32_MAX - 1 - FAKE_FIRST_SLOT },
	};
	u32 i, j, count;

	host_rig_program(rig);
	KUNIT_ASSERT_EQ(test, saved_get(saved, RECORDS), 0);
	count = saved->count;
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		saved->count = count;
		for (j = 0; j < 2; j++)
			saved->records[saved->count++] = (struct cxl_softhost_record){
				.kind = CXL_SOFTHOST_RECORD_SLOT,
				.index = FAKE_FIRST_SLOT + numbers[i][j],
				.hpa = HOST_RIG_HPA + 2 * j * UNIT,
				.length = UNIT,
			};
		KUNIT_ASSERT_EQ(test, saved_set(saved, NULL), 0);
		scoped_guard(mutex, &rig->host->state_lock) {
			rig->host->engine = &rig->fake.engine;
			rig->fake.engine.first_slot = FAKE_FIRST_SLOT;
			rig->fake.engine.slot_count = HOST_RIG_EXTENTS;
			KUNIT_EXPECT_EQ(test, __softhost_numbers_claim(rig->host), -EINVAL);
			__softhost_numbers_unclaim(rig->host);
			rig->host->engine = NULL;
		}
	}

	/* The last ones are those that count */
	saved->records[saved->count - 1].index = FAKE_FIRST_SLOT;
	KUNIT_ASSERT_EQ(test, saved_set(saved, NULL), 0);
	fake_attach(rig, HOST_RIG_EXTENTS);
	KUNIT_EXPECT_EQ(test, host_rig_map(rig)->segments[2].slot, FAKE_FIRST_SLOT);
	fake_check_map(rig);
}

/* The host is revoked between a command's first look and its turn */
static void no_engine_for_what_is_condemned(struct kunit *test)
{
	struct host_rig *rig = host_rig_make(test);
	struct saved *saved = saved_make(rig);
	u32 steps;

	host_rig_program(rig);
	fake_attach(rig, FAKE_SLOTS);
	KUNIT_ASSERT_EQ(test, saved_get(saved, RECORDS), 0);
	rig->fake.stuck = BIT(0);
	host_rig_write(rig, rig->device[0], DEC(0) + CTRL, 0);
	KUNIT_ASSERT_EQ(test, host_rig_map(rig)->condemned, 1);
	scoped_guard(mutex, &rig->host->state_lock)
		softhost_engine_detach(rig->host);
	steps = rig->fake.count;

	saved->count = 0;
	KUNIT_EXPECT_EQ(test, saved_set(saved, NULL), 0);
	host_rig_write(rig, rig->device[0], DEC(0) + CTRL, COMMIT);
	host_rig_reset(rig, 0);
	KUNIT_EXPECT_EQ(test, host_rig_destroy(rig->host, rig->device[1], NULL), 0);
	KUNIT_EXPECT_EQ(test, rig->fake.count, steps);
}

/* Decoder 1 of the first device, which is between two others */
static const struct refused_row {
	const char *name;
	u32 reason;
	u64 hpa, length, dpa;
	u32 control;
} refused_rows[] = {
	{ "DPA past the capacity", CXL_SOFTHOST_REASON_DPA_CAPACITY,
	  HOST_RIG_HPA + 2 * UNIT, UNIT, HOST_RIG_LENGTH, COMMIT | COMMITTED },
	{ "DPA of another", CXL_SOFTHOST_REASON_DPA_OVERLAP,
	  HOST_RIG_HPA + 2 * UNIT, UNIT, 3 * UNIT, COMMIT | COMMITTED },
	{ "HPA of the one below", CXL_SOFTHOST_REASON_HPA_BELOW,
	  HOST_RIG_HPA, UNIT, UNIT, COMMIT | COMMITTED },
	{ "reserved ways", CXL_SOFTHOST_REASON_WAYS_RESERVED,
	  HOST_RIG_HPA + 2 * UNIT, UNIT, UNIT, COMMIT | COMMITTED | 0xf0 },
};

KUNIT_ARRAY_PARAM_DESC(refused, refused_rows, name);

static void refused_changes_nothing(struct kunit *test)
{
	const struct refused_row *row = test->param_value;
	struct host_rig *rig = host_rig_make(test);
	struct softhost_node_object *device = host_rig_node(rig, rig->device[0]);
	struct saved *saved = saved_make(rig);
	struct cxl_softhost_state_set out;
	const struct softhost_map *map;
	void *registers, *segments;
	size_t bytes;
	u32 at;

	host_rig_program(rig);
	map = host_rig_map(rig);
	KUNIT_ASSERT_EQ(test, saved_get(saved, RECORDS), 0);
	bytes = rig->host->bytes;
	registers = host_rig_copy(test, device->core.hdm, device->hdm_bytes);
	segments = host_rig_copy(test, map->segments, map->count * sizeof(map->segments[0]));

	at = saved_find(saved, CXL_SOFTHOST_RECORD_DECODER, rig->device[0], 1);
	saved->records[at].hpa = row->hpa;
	saved->records[at].length = row->length;
	saved->records[at].dpa = row->dpa;
	saved->records[at].control = row->control;
	/* Last, so that all others are there to be compared with */
	swap(saved->records[at], saved->records[saved->count - 1]);
	KUNIT_EXPECT_EQ(test, saved_set(saved, &out), 0);
	KUNIT_EXPECT_EQ(test, out.out_result.outcome, CXL_SOFTHOST_OUTCOME_REFUSED);
	KUNIT_EXPECT_EQ(test, out.out_result.reason, row->reason);
	KUNIT_EXPECT_EQ(test, out.out_result.decoder, 1);
	KUNIT_EXPECT_EQ(test, out.out_result.generation, map->generation);
	KUNIT_EXPECT_EQ(test, out.out_record, saved->count - 1);
	KUNIT_EXPECT_MEMEQ(test, registers, device->core.hdm, device->hdm_bytes);
	KUNIT_EXPECT_MEMEQ(test, registers, device->core.next, device->hdm_bytes);
	KUNIT_EXPECT_PTR_EQ(test, host_rig_map(rig), map);
	KUNIT_EXPECT_MEMEQ(test, segments, map->segments, map->count * sizeof(map->segments[0]));
	KUNIT_EXPECT_EQ(test, rig->host->bytes, bytes);
}

/* Records that can't be anybody's */
static void malformed_is_an_error(struct kunit *test)
{
	struct host_rig *rig = rig_with_history(test);
	struct softhost_node_object *device = host_rig_node(rig, rig->device[0]);
	struct saved *saved = saved_make(rig), *good = saved_make(rig);
	struct cxl_softhost_state_set out;
	void *registers;
	u32 decoder, node, slot;

	KUNIT_ASSERT_EQ(test, saved_get(good, RECORDS), 0);
	registers = host_rig_copy(test, device->core.hdm, device->hdm_bytes);
	decoder = saved_find(good, CXL_SOFTHOST_RECORD_DECODER, rig->device[0], 1);
	node = saved_find(good, CXL_SOFTHOST_RECORD_NODE, rig->device[0], 0);
	slot = good->count - 1;
	KUNIT_ASSERT_EQ(test, good->records[slot].kind, CXL_SOFTHOST_RECORD_SLOT);

	/* Not while there is an engine, whatever it says */
	*saved = *good;
	KUNIT_EXPECT_EQ(test, saved_set(saved, NULL), -EBUSY);
	detach(rig);

#define REFUSED(_errno, _record, _field, _value)				\
	do {									\
		*saved = *good;							\
		saved->records[_record]._field = _value;			\
		KUNIT_EXPECT_EQ(test, saved_set(saved, &out), _errno);		\
		KUNIT_EXPECT_TRUE(test, out.out_record == (_record) ||		\
				  (_errno == -EEXIST && out.out_record > (_record))); \
	} while (0)

	REFUSED(-EINVAL, node, kind, 0);
	REFUSED(-EINVAL, node, kind, 4);
	REFUSED(-EINVAL, node, hpa, UNIT);
	REFUSED(-EINVAL, node, media, 2);
	REFUSED(-ENOENT, node, node_id, 9999);
	REFUSED(-EINVAL, node, node_id, rig->window);
	REFUSED(-EEXIST, node, node_id, rig->device[1]);
	REFUSED(-EINVAL, decoder, index, HOST_RIG_DECODERS);
	REFUSED(-EEXIST, decoder, index, 0);
	REFUSED(-EINVAL, decoder, control, COMMITTED);
	REFUSED(-EINVAL, decoder, dpa, 1);
	REFUSED(-EINVAL, slot, length, 2 * UNIT);
	REFUSED(-EINVAL, slot, hpa, HOST_RIG_HPA);
	REFUSED(-EINVAL, slot, hpa, 0);
	REFUSED(-EINVAL, slot, node_id, rig->device[0]);
	REFUSED(-EINVAL, slot, index, CXL_SOFTHOST_NONE);
#undef REFUSED

	/* Two numbers for one extent */
	*saved = *good;
	saved->records[saved->count++] = good->records[slot];
	KUNIT_EXPECT_EQ(test, saved_set(saved, NULL), -EINVAL);
	KUNIT_EXPECT_MEMEQ(test, registers, device->core.hdm, device->hdm_bytes);
	KUNIT_EXPECT_MEMEQ(test, registers, device->core.next, device->hdm_bytes);

	*saved = *good;
	KUNIT_EXPECT_EQ(test, saved_set(saved, NULL), 0);
	/* No records: all as after a reset */
	saved->count = 0;
	KUNIT_EXPECT_EQ(test, saved_set(saved, NULL), 0);
	KUNIT_EXPECT_EQ(test, device->core.hdm->decoders[1].reg[SOFTHOST_REG_CTRL], 0);
	KUNIT_EXPECT_PTR_EQ(test, rig->host->numbers, NULL);
}

static void entries_and_room(struct kunit *test)
{
	struct host_rig *rig = rig_with_history(test);
	struct saved *saved = saved_make(rig);
	struct cxl_softhost_state_set set = {};
	struct cxl_softhost_state_get get = {};
	struct softhost_ucmd ucmd = { .host = rig->host, .rights = ~0U };
	static const u32 sizes[] = { 0, 48, 60, 4104, U32_MAX };
	u32 i, count;

	KUNIT_EXPECT_EQ(test, saved_get(saved, 0), -EMSGSIZE);
	count = saved->count;
	/* Three nodes, five decoders, one slot */
	KUNIT_EXPECT_EQ(test, count, 9);
	KUNIT_EXPECT_EQ(test, saved_get(saved, count - 1), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, saved_get(saved, count), 0);

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		get = (struct cxl_softhost_state_get){ .entry_size = sizes[i] };
		ucmd.cmd = &get;
		KUNIT_EXPECT_EQ(test, softhost_state_get_ioctl(&ucmd), -EINVAL);
		set = (struct cxl_softhost_state_set){ .entry_size = sizes[i] };
		ucmd.cmd = &set;
		KUNIT_EXPECT_EQ(test, softhost_state_set_ioctl(&ucmd), -EINVAL);
	}
	detach(rig);
	set = (struct cxl_softhost_state_set){
		.entry_size = 56, .count = U32_MAX, .entries = saved->user,
	};
	KUNIT_EXPECT_EQ(test, softhost_state_set_ioctl(&ucmd), -EINVAL);
	set.count = 1;
	set.entries = U64_MAX - 55;
	KUNIT_EXPECT_EQ(test, softhost_state_set_ioctl(&ucmd), -EFAULT);
	/* Larger entries, of which the rest is zero, or isn't */
	set.entries = saved->user;
	set.entry_size = 64;
	KUNIT_ASSERT_EQ(test, clear_user((void __user *)saved->user + 56, 8), 0);
	KUNIT_EXPECT_EQ(test, softhost_state_set_ioctl(&ucmd), 0);
	KUNIT_ASSERT_EQ(test, put_user(1, (u8 __user *)saved->user + 63), 0);
	KUNIT_EXPECT_EQ(test, softhost_state_set_ioctl(&ucmd), -E2BIG);
}

static struct kunit_case softhost_state_cases[] = {
	KUNIT_CASE(restored_is_the_same),
	KUNIT_CASE(numbers_are_honoured),
	KUNIT_CASE(numbers_of_what_went),
	KUNIT_CASE(numbers_that_cannot_be),
	KUNIT_CASE(no_engine_for_what_is_condemned),
	KUNIT_CASE_PARAM(refused_changes_nothing, refused_gen_params),
	KUNIT_CASE(malformed_is_an_error),
	KUNIT_CASE(entries_and_room),
	{}
};

static struct kunit_suite softhost_state_suite = {
	.name = "cxl_softhost_state",
	.test_cases = softhost_state_cases,
};

kunit_test_suite(softhost_state_suite);
