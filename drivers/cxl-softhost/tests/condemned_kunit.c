// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one exception of the transaction: an engine that doesn't let go of a
 * slot. It is condemned: reported, retried before every change, and in the way
 * of commits until it is gone.
 */
#include <kunit/test.h>

#include "host-rig.h"

#define ALL	(BIT(HOST_RIG_EXTENTS) - 1)

/* Map, result and engine all know of the stuck slots, and of no others */
static void check_condemned(struct host_rig *rig, unsigned long stuck)
{
	const struct softhost_map *map = host_rig_map(rig);
	struct kunit *test = rig->test;
	unsigned long seen = 0;
	u32 i;

	KUNIT_ASSERT_EQ(test, map->condemned, hweight_long(stuck));
	for (i = map->count; i < map->count + map->condemned; i++) {
		const struct softhost_segment *segment = &map->segments[i];
		u32 bit = segment->slot - FAKE_FIRST_SLOT;

		KUNIT_EXPECT_EQ(test, segment->kind, CXL_SOFTHOST_SEGMENT_CONDEMNED);
		KUNIT_EXPECT_EQ(test, segment->reason, CXL_SOFTHOST_REASON_STALE_SLOT);
		KUNIT_ASSERT_LT(test, bit, FAKE_SLOTS);
		KUNIT_EXPECT_EQ(test, segment->hpa, HOST_RIG_HPA + 2 * bit * UNIT);
		KUNIT_EXPECT_EQ(test, segment->length, UNIT);
		KUNIT_EXPECT_EQ(test, segment->host_addr, rig->memory + bit * UNIT);
		KUNIT_EXPECT_EQ(test, segment->backend_id, rig->backend);
		KUNIT_EXPECT_EQ(test, segment->window_id, rig->window);
		seen |= BIT(bit);
	}
	KUNIT_EXPECT_EQ(test, seen, stuck);
	KUNIT_EXPECT_EQ(test, fake_there(&rig->fake), hweight_long(stuck));
	fake_check_map(rig);
}

/* A change, here one that changes nothing: each stuck slot is tried once more */
static void check_retried(struct host_rig *rig, unsigned long stuck)
{
	struct cxl_softhost_result result;
	u64 generation = host_rig_map(rig)->generation;
	u32 i;

	fake_forget(&rig->fake);
	result = host_rig_set_memory(rig, rig->device[1], false);
	KUNIT_EXPECT_EQ(rig->test, result.flags, CXL_SOFTHOST_RESULT_DEGRADED);
	KUNIT_EXPECT_EQ(rig->test, result.generation, generation);
	KUNIT_EXPECT_EQ(rig->test, rig->fake.count, hweight_long(stuck));
	for (i = 0; i < rig->fake.count; i++)
		KUNIT_EXPECT_FALSE(rig->test, rig->fake.steps[i].add);
	check_condemned(rig, stuck);
}

/* What asks for more, or would build on it, has to wait */
static void check_refused(struct host_rig *rig, unsigned long stuck, enum host_rig_add how)
{
	struct cxl_softhost_result result;

	fake_forget(&rig->fake);
	result = host_rig_add(rig, how);
	KUNIT_EXPECT_EQ(rig->test, result.outcome, CXL_SOFTHOST_OUTCOME_REFUSED);
	KUNIT_EXPECT_EQ(rig->test, result.reason, CXL_SOFTHOST_REASON_STALE_SLOT);
	KUNIT_EXPECT_EQ(rig->test, result.expected, 0);
	KUNIT_EXPECT_EQ(rig->test, result.found, hweight_long(stuck));
	KUNIT_EXPECT_EQ(rig->test, result.flags, CXL_SOFTHOST_RESULT_DEGRADED);
	KUNIT_EXPECT_EQ(rig->test, rig->fake.adds, 0);
	check_condemned(rig, stuck);
}

/* KVM deletes again: the next change gets rid of them, and all is well */
static void check_recovers(struct host_rig *rig, unsigned long stuck)
{
	u64 generation = host_rig_map(rig)->generation;
	struct cxl_softhost_result result;

	fake_forget(&rig->fake);
	rig->fake.stuck = 0;
	result = host_rig_set_memory(rig, rig->device[1], false);
	KUNIT_EXPECT_EQ(rig->test, result.flags, 0);
	KUNIT_EXPECT_EQ(rig->test, result.generation, generation + 1);
	KUNIT_EXPECT_EQ(rig->test, rig->fake.count, hweight_long(stuck));
	check_condemned(rig, 0);
}

static const struct rollback_row {
	const char *name;
	enum host_rig_add how;
	u32 nth;			/* which slot can't be added */
	int error;
	unsigned long stuck;		/* which ones can't be taken back */
} rollback_rows[] = {
	{ "commit, last fails, first stays", HOST_RIG_COMMIT, 4, -ENOMEM, BIT(0) },
	{ "commit, last fails, middle stays", HOST_RIG_COMMIT, 4, -ENOMEM, BIT(1) },
	{ "commit, last fails, newest stays", HOST_RIG_COMMIT, 4, -ENOMEM, BIT(2) },
	{ "commit, last fails, all stay", HOST_RIG_COMMIT, 4, -ENOMEM, BIT(0) | BIT(1) | BIT(2) },
	{ "commit, second fails, first stays", HOST_RIG_COMMIT, 2, -EEXIST, BIT(0) },
	{ "commit, first unknown and stays", HOST_RIG_COMMIT, 1, -ESTALE, BIT(0) },
	{ "commit, last unknown, all stay", HOST_RIG_COMMIT, 4, -ESTALE, ALL },
	{ "HDM enable, last fails, two stay", HOST_RIG_HDM_ENABLE, 4, -ENOMEM, BIT(0) | BIT(2) },
	{ "HDM enable, third unknown and stays", HOST_RIG_HDM_ENABLE, 3, -ESTALE, BIT(2) },
	{ "Mem_Enable, last fails, first stays", HOST_RIG_MEM_ENABLE, 4, -ENOMEM, BIT(0) },
	{ "Mem_Enable, last unknown, all stay", HOST_RIG_MEM_ENABLE, 4, -ESTALE, ALL },
};

KUNIT_ARRAY_PARAM_DESC(rollback, rollback_rows, name);

/* I4 and its exception */
static void rollback_fails(struct kunit *test)
{
	const struct rollback_row *row = test->param_value;
	u32 back = row->error == -ESTALE ? row->nth : row->nth - 1;
	struct host_rig *rig = host_rig_make(test);
	struct fake_engine *fake = &rig->fake;
	struct cxl_softhost_result result;
	struct softhost_segment *segments;
	u64 generation;
	u32 count, i;

	host_rig_before_add(rig, row->how);
	count = host_rig_map(rig)->count;
	generation = host_rig_map(rig)->generation;
	segments = host_rig_copy(test, host_rig_map(rig)->segments, count * sizeof(*segments));
	fake->fail_add = row->nth;
	fake->add_error = row->error;
	fake->stuck = row->stuck;
	result = host_rig_add(rig, row->how);

	/* Refused for the first reason, and worse than that */
	KUNIT_EXPECT_EQ(test, result.outcome, CXL_SOFTHOST_OUTCOME_REFUSED);
	KUNIT_EXPECT_EQ(test, result.reason, CXL_SOFTHOST_REASON_ENGINE);
	KUNIT_EXPECT_EQ(test, result.found, -row->error);
	KUNIT_EXPECT_EQ(test, result.flags, CXL_SOFTHOST_RESULT_DEGRADED);
	KUNIT_EXPECT_EQ(test, result.generation, generation + 1);
	/* One that stays doesn't keep the others from being taken back */
	KUNIT_ASSERT_EQ(test, fake->count, row->nth + back);
	for (i = row->nth; i < fake->count; i++)
		KUNIT_EXPECT_FALSE(test, fake->steps[i].add);
	check_condemned(rig, row->stuck);
	/* Registers and what answers are as they were */
	KUNIT_ASSERT_EQ(test, host_rig_map(rig)->count, count);
	KUNIT_EXPECT_MEMEQ(test, host_rig_map(rig)->segments, segments, count * sizeof(*segments));
	KUNIT_EXPECT_EQ(test, host_rig_read(rig, rig->bridge, DEC(0) + CTRL),
			row->how == HOST_RIG_COMMIT ? COMMIT | ERR : COMMIT | COMMITTED);
	KUNIT_EXPECT_EQ(test, host_rig_read(rig, rig->device[0], HDM_GLOBAL),
			row->how == HOST_RIG_HDM_ENABLE ? 0 : ENABLE);

	fake->fail_add = 0;
	check_retried(rig, row->stuck);
	check_refused(rig, row->stuck, row->how);
	check_recovers(rig, row->stuck);

	fake_forget(fake);
	result = host_rig_add(rig, row->how);
	KUNIT_EXPECT_NE(test, result.outcome, CXL_SOFTHOST_OUTCOME_REFUSED);
	KUNIT_EXPECT_EQ(test, result.flags, 0);
	KUNIT_EXPECT_EQ(test, fake_there(fake), HOST_RIG_EXTENTS);
	fake_check_map(rig);
}

/* What is freed by a retry counts: the same command that found it stuck goes on */
static void retry_makes_room(struct kunit *test)
{
	struct host_rig *rig = host_rig_make(test);
	struct cxl_softhost_result result;

	host_rig_before_add(rig, HOST_RIG_MEM_ENABLE);
	rig->fake.engine.slot_count = HOST_RIG_EXTENTS;
	rig->fake.fail_add = HOST_RIG_EXTENTS;
	rig->fake.add_error = -ENOMEM;
	rig->fake.stuck = BIT(0);
	host_rig_add(rig, HOST_RIG_MEM_ENABLE);
	check_condemned(rig, BIT(0));

	fake_forget(&rig->fake);
	rig->fake.fail_add = 0;
	rig->fake.stuck = 0;
	result = host_rig_add(rig, HOST_RIG_MEM_ENABLE);
	KUNIT_EXPECT_EQ(test, result.outcome, CXL_SOFTHOST_OUTCOME_DONE);
	KUNIT_EXPECT_EQ(test, result.flags, 0);
	KUNIT_ASSERT_EQ(test, rig->fake.count, 1 + HOST_RIG_EXTENTS);
	KUNIT_EXPECT_FALSE(test, rig->fake.steps[0].add);
	KUNIT_EXPECT_EQ(test, fake_there(&rig->fake), HOST_RIG_EXTENTS);
	fake_check_map(rig);
}

#define DONE		CXL_SOFTHOST_OUTCOME_DONE
#define UNCOMMITTED	CXL_SOFTHOST_OUTCOME_UNCOMMITTED

static const struct removal_row {
	const char *name;
	enum host_rig_remove how;
	u32 outcome;
	unsigned long stuck;
} removal_rows[] = {
	{ "uncommit, first stays", HOST_RIG_UNCOMMIT, UNCOMMITTED, BIT(0) },
	{ "uncommit, middle stays", HOST_RIG_UNCOMMIT, UNCOMMITTED, BIT(2) },
	{ "uncommit, last stays", HOST_RIG_UNCOMMIT, UNCOMMITTED, BIT(3) },
	{ "uncommit, all stay", HOST_RIG_UNCOMMIT, UNCOMMITTED, ALL },
	{ "HDM disable, first stays", HOST_RIG_HDM_DISABLE, DONE, BIT(0) },
	{ "HDM disable, middle stays", HOST_RIG_HDM_DISABLE, DONE, BIT(2) },
	{ "HDM disable, last stays", HOST_RIG_HDM_DISABLE, DONE, BIT(3) },
	{ "HDM disable, all stay", HOST_RIG_HDM_DISABLE, DONE, ALL },
	{ "Mem_Enable off, first stays", HOST_RIG_MEM_DISABLE, DONE, BIT(0) },
	{ "Mem_Enable off, middle stays", HOST_RIG_MEM_DISABLE, DONE, BIT(2) },
	{ "Mem_Enable off, last stays", HOST_RIG_MEM_DISABLE, DONE, BIT(3) },
	{ "Mem_Enable off, all stay", HOST_RIG_MEM_DISABLE, DONE, ALL },
	{ "reset of the device, first stays", HOST_RIG_RESET_DEVICE, UNCOMMITTED, BIT(0) },
	{ "reset of the device, middle stays", HOST_RIG_RESET_DEVICE, UNCOMMITTED, BIT(2) },
	{ "reset of the device, last stays", HOST_RIG_RESET_DEVICE, UNCOMMITTED, BIT(3) },
	{ "reset of the device, all stay", HOST_RIG_RESET_DEVICE, UNCOMMITTED, ALL },
	{ "reset of the host, first stays", HOST_RIG_RESET_HOST, UNCOMMITTED, BIT(0) },
	{ "reset of the host, middle stays", HOST_RIG_RESET_HOST, UNCOMMITTED, BIT(2) },
	{ "reset of the host, last stays", HOST_RIG_RESET_HOST, UNCOMMITTED, BIT(3) },
	{ "reset of the host, all stay", HOST_RIG_RESET_HOST, UNCOMMITTED, ALL },
	{ "destroy, first stays", HOST_RIG_DESTROY, UNCOMMITTED, BIT(0) },
	{ "destroy, middle stays", HOST_RIG_DESTROY, UNCOMMITTED, BIT(2) },
	{ "destroy, last stays", HOST_RIG_DESTROY, UNCOMMITTED, BIT(3) },
	{ "destroy, all stay", HOST_RIG_DESTROY, UNCOMMITTED, ALL },
};

KUNIT_ARRAY_PARAM_DESC(removal, removal_rows, name);

/* I3 and its exception: a removal takes effect whatever the engine says */
static void removal_fails(struct kunit *test)
{
	const struct removal_row *row = test->param_value;
	struct rig_program empty = { .n = 1, .base = HOST_RIG_HPA, .size = 0 };
	struct host_rig *rig = host_rig_make(test);
	struct fake_engine *fake = &rig->fake;
	struct cxl_softhost_result result;
	const struct softhost_map *map;
	u64 generation;
	u32 i;

	host_rig_program(rig);
	fake_attach(rig, FAKE_SLOTS);
	fake_forget(fake);
	generation = host_rig_map(rig)->generation;
	fake->stuck = row->stuck;
	result = host_rig_remove(rig, row->how);

	KUNIT_EXPECT_EQ(test, result.outcome, row->outcome);
	KUNIT_EXPECT_EQ(test, result.flags, CXL_SOFTHOST_RESULT_DEGRADED);
	KUNIT_EXPECT_GT(test, result.generation, generation);
	check_condemned(rig, row->stuck);
	map = host_rig_map(rig);
	for (i = 0; i < map->count; i++)
		KUNIT_EXPECT_EQ(test, map->segments[i].kind, CXL_SOFTHOST_SEGMENT_HOLE);
	KUNIT_EXPECT_EQ(test, host_rig_read(rig, rig->bridge, DEC(0) + CTRL) & COMMITTED,
			row->how == HOST_RIG_UNCOMMIT || row->how == HOST_RIG_RESET_HOST ?
			0 : COMMITTED);

	check_retried(rig, row->stuck);
	/* Not even a commit that maps nothing */
	if (row->how != HOST_RIG_UNCOMMIT && row->how != HOST_RIG_RESET_HOST) {
		result = host_rig_commit(rig, rig->bridge, &empty);
		KUNIT_EXPECT_EQ(test, result.outcome, CXL_SOFTHOST_OUTCOME_REFUSED);
		KUNIT_EXPECT_EQ(test, result.reason, CXL_SOFTHOST_REASON_STALE_SLOT);
		KUNIT_EXPECT_EQ(test, host_rig_read(rig, rig->bridge, DEC(1) + CTRL),
				COMMIT | ERR);
	}
	if (row->how == HOST_RIG_UNCOMMIT)
		check_refused(rig, row->stuck, HOST_RIG_COMMIT);
	if (row->how == HOST_RIG_HDM_DISABLE)
		check_refused(rig, row->stuck, HOST_RIG_HDM_ENABLE);
	if (row->how == HOST_RIG_MEM_DISABLE)
		check_refused(rig, row->stuck, HOST_RIG_MEM_ENABLE);
	check_recovers(rig, row->stuck);
}

/* A guest may still reach that memory: it stays the module's */
static void backend_and_window_stay_busy(struct kunit *test)
{
	struct host_rig *rig = host_rig_make(test);
	struct softhost_host *host = rig->host;
	struct cxl_softhost_result result;

	host_rig_program(rig);
	fake_attach(rig, FAKE_SLOTS);
	rig->fake.stuck = BIT(1);
	KUNIT_EXPECT_EQ(test, host_rig_destroy(host, rig->device[0], &result), 0);
	KUNIT_EXPECT_EQ(test, result.flags, CXL_SOFTHOST_RESULT_DEGRADED);
	KUNIT_EXPECT_EQ(test, host_rig_destroy(host, rig->device[1], &result), 0);
	KUNIT_EXPECT_EQ(test, result.flags, CXL_SOFTHOST_RESULT_DEGRADED);

	/* Nothing refers to either any more */
	KUNIT_EXPECT_EQ(test, host_rig_destroy(host, rig->backend, NULL), -EBUSY);
	KUNIT_EXPECT_EQ(test, host_rig_destroy(host, rig->window, NULL), -EBUSY);
	check_condemned(rig, BIT(1));

	/* The retry is DESTROY's own */
	rig->fake.stuck = 0;
	KUNIT_EXPECT_EQ(test, host_rig_destroy(host, rig->backend, &result), 0);
	KUNIT_EXPECT_EQ(test, result.flags, 0);
	KUNIT_EXPECT_EQ(test, host_rig_destroy(host, rig->window, NULL), 0);
	KUNIT_EXPECT_EQ(test, fake_there(&rig->fake), 0);
}

/* DETACH takes everything out; registers stay */
static void remove_all(struct kunit *test)
{
	struct host_rig *rig = host_rig_make(test);
	struct softhost_host *host = rig->host;
	struct fake_engine *fake = &rig->fake;
	const struct softhost_map *map;
	u32 count, i;

	host_rig_program(rig);
	fake_attach(rig, FAKE_SLOTS);
	count = host_rig_map(rig)->count;
	fake_forget(fake);
	fake->stuck = BIT(0) | BIT(3);
	scoped_guard(mutex, &host->state_lock)
		KUNIT_EXPECT_FALSE(test, __softhost_remove_all(host));
	KUNIT_EXPECT_EQ(test, fake->count, HOST_RIG_EXTENTS);
	check_condemned(rig, BIT(0) | BIT(3));

	fake_forget(fake);
	fake->stuck = BIT(3);
	scoped_guard(mutex, &host->state_lock)
		KUNIT_EXPECT_FALSE(test, __softhost_remove_all(host));
	check_condemned(rig, BIT(3));

	fake_forget(fake);
	fake->stuck = 0;
	scoped_guard(mutex, &host->state_lock)
		KUNIT_EXPECT_TRUE(test, __softhost_remove_all(host));
	KUNIT_EXPECT_EQ(test, fake->count, 1);
	check_condemned(rig, 0);
	map = host_rig_map(rig);
	KUNIT_EXPECT_EQ(test, map->count, count);
	for (i = 0; i < map->count; i++)
		KUNIT_EXPECT_EQ(test, map->segments[i].slot, CXL_SOFTHOST_NONE);
	KUNIT_EXPECT_EQ(test, host_rig_read(rig, rig->bridge, DEC(0) + CTRL), COMMIT | COMMITTED);
}

/* An engine that is on its way out gets nothing more to do */
static void detaching_adds_nothing(struct kunit *test)
{
	struct host_rig *rig = host_rig_make(test);
	struct cxl_softhost_result result;

	host_rig_before_add(rig, HOST_RIG_COMMIT);
	rig->fake.engine.detaching = true;
	result = host_rig_add(rig, HOST_RIG_COMMIT);
	KUNIT_EXPECT_EQ(test, result.outcome, CXL_SOFTHOST_OUTCOME_COMMITTED);
	KUNIT_EXPECT_EQ(test, rig->fake.count, 0);
	fake_check_map(rig);
}

/* A slot that was never in the map, as ATTACH can leave one behind */
static void slot_outside_of_the_map(struct kunit *test)
{
	struct host_rig *rig = host_rig_make(test);
	struct softhost_host *host = rig->host;
	struct fake_engine *fake = &rig->fake;
	struct softhost_segment probe = {
		.hpa = HOST_RIG_HPA + 63 * UNIT, .length = PAGE_SIZE,
		.slot = FAKE_FIRST_SLOT + 7,
	};
	const struct softhost_map *map;

	host_rig_program(rig);
	fake_attach(rig, FAKE_SLOTS);
	__set_bit(7, fake->bits);
	__set_bit(7, fake->there);
	fake->installed[7] = probe;
	fake->stuck = BIT(7);
	scoped_guard(mutex, &host->state_lock)
		__softhost_condemn_slot(host, &probe);
	map = host_rig_map(rig);
	KUNIT_ASSERT_EQ(test, map->condemned, 1);
	KUNIT_EXPECT_EQ(test, map->segments[map->count].slot, FAKE_FIRST_SLOT + 7);
	KUNIT_EXPECT_EQ(test, map->segments[map->count].kind, CXL_SOFTHOST_SEGMENT_CONDEMNED);
	fake_check_map(rig);

	/* The extents of the map stay where they are */
	KUNIT_EXPECT_EQ(test, host_rig_set_memory(rig, rig->device[1], false).flags,
			CXL_SOFTHOST_RESULT_DEGRADED);
	KUNIT_EXPECT_EQ(test, fake_there(fake), HOST_RIG_EXTENTS + 1);
	fake->stuck = 0;
	KUNIT_EXPECT_EQ(test, host_rig_set_memory(rig, rig->device[1], false).flags, 0);
	KUNIT_EXPECT_EQ(test, fake_there(fake), HOST_RIG_EXTENTS);
	fake_check_map(rig);
}

static struct kunit_case softhost_condemned_cases[] = {
	KUNIT_CASE_PARAM(rollback_fails, rollback_gen_params),
	KUNIT_CASE(retry_makes_room),
	KUNIT_CASE_PARAM(removal_fails, removal_gen_params),
	KUNIT_CASE(backend_and_window_stay_busy),
	KUNIT_CASE(remove_all),
	KUNIT_CASE(detaching_adds_nothing),
	KUNIT_CASE(slot_outside_of_the_map),
	{}
};

static struct kunit_suite softhost_condemned_suite = {
	.name = "cxl_softhost_condemned",
	.test_cases = softhost_condemned_cases,
};

kunit_test_suite(softhost_condemned_suite);
