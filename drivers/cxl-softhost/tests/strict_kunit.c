// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policy "strict-spec": decoders overlap, so that a commit takes extents from
 * another one, and an uncommit gives them back. What then becomes of slots when
 * the engine fails at any step.
 */
#include <kunit/test.h>

#include "host-rig.h"

/* Of the lower device decoder's three units the middle one is covered */
#define COVERED		(HOST_RIG_HPA + UNIT)

static const struct rig_program below = {
	.n = 1, .base = HOST_RIG_HPA, .size = 3 * UNIT, .list = 4 * UNIT,
};
static const struct rig_program above = { .n = 0, .base = COVERED, .size = UNIT };

static struct host_rig *strict_make(struct kunit *test)
{
	struct rig_program bridge = { .n = 0, .base = HOST_RIG_HPA, .size = 16 * UNIT };
	struct host_rig *rig = host_rig_make(test);

	scoped_guard(mutex, &rig->host->state_lock) {
		rig->host->topology.policy = CXL_SOFTHOST_POLICY_STRICT_SPEC;
		KUNIT_ASSERT_EQ(test, __softhost_buffers_grow(rig->host), 0);
	}
	host_rig_must_commit(rig, rig->bridge, &bridge);
	host_rig_must_commit(rig, rig->device[0], &below);
	host_rig_write(rig, rig->device[0], HDM_GLOBAL, ENABLE);
	host_rig_set_memory(rig, rig->device[0], true);
	fake_attach(rig, FAKE_SLOTS);
	fake_forget(&rig->fake);
	return rig;
}

static struct cxl_softhost_result uncover(struct host_rig *rig)
{
	return host_rig_write(rig, rig->device[0], DEC(0) + CTRL, 0);
}

/* DPA at the covered unit, and extents of the map that have no slot though they could */
static void check_state(struct host_rig *rig, u64 dpa, u32 extents, u32 without_slot)
{
	const struct softhost_map *map = host_rig_map(rig);
	struct cxl_softhost_translate found = { .addr = COVERED };
	struct softhost_ucmd ucmd = { .host = rig->host, .cmd = &found, .rights = ~0U };
	struct kunit *test = rig->test;
	u32 i, linear = 0, refused = 0;

	for (i = 0; i < map->count; i++) {
		const struct softhost_segment *segment = &map->segments[i];

		if (segment->kind != CXL_SOFTHOST_SEGMENT_LINEAR)
			continue;
		linear++;
		refused += softhost_refused(segment);
		KUNIT_EXPECT_EQ(test, softhost_refused(segment),
				segment->slot == CXL_SOFTHOST_NONE);
	}
	KUNIT_EXPECT_EQ(test, linear, extents);
	KUNIT_EXPECT_EQ(test, refused, without_slot);
	fake_check_map(rig);

	/* With or without slot: who asks gets what the registers say */
	KUNIT_ASSERT_EQ(test, softhost_translate_ioctl(&ucmd), 0);
	KUNIT_EXPECT_EQ(test, found.out_reason, CXL_SOFTHOST_REASON_NONE);
	KUNIT_EXPECT_EQ(test, found.out_dpa, dpa);
}

static void covers_and_uncovers(struct kunit *test)
{
	struct host_rig *rig = strict_make(test);
	struct fake_engine *fake = &rig->fake;
	struct cxl_softhost_result result;
	u32 i;

	check_state(rig, 5 * UNIT, 1, 0);
	result = host_rig_commit(rig, rig->device[0], &above);
	KUNIT_EXPECT_EQ(test, result.outcome, CXL_SOFTHOST_OUTCOME_COMMITTED);
	KUNIT_EXPECT_EQ(test, fake->count, 4);
	for (i = 0; i < fake->count; i++)
		KUNIT_EXPECT_EQ(test, fake->steps[i].add, i > 0);
	check_state(rig, 0, 3, 0);

	fake_forget(fake);
	result = uncover(rig);
	KUNIT_EXPECT_EQ(test, result.outcome, CXL_SOFTHOST_OUTCOME_UNCOMMITTED);
	KUNIT_EXPECT_EQ(test, fake->count, 4);
	for (i = 0; i < fake->count; i++)
		KUNIT_EXPECT_EQ(test, fake->steps[i].add, i > 2);
	check_state(rig, 5 * UNIT, 1, 0);
}

static const struct commit_fails_row {
	const char *name;
	u32 first, count;	/* additions that fail */
	int error;
	unsigned long stuck;	/* slots that can't be removed */
	u32 without_slot;	/* in the end */
} commit_fails_rows[] = {
	{ "the first addition", 1, 1, -ENOMEM, 0, 0 },
	{ "the second", 2, 1, -EEXIST, 0, 0 },
	{ "the last", 3, 1, -ENOMEM, 0, 0 },
	{ "the last, nobody knows", 3, 1, -ESTALE, 0, 0 },
	{ "the removal", 0, 0, 0, BIT(0), 0 },
	{ "the last, and putting back", 3, 2, -ENOMEM, 0, 1 },
	{ "the first, and putting back", 1, 2, -ENOMEM, 0, 1 },
};

KUNIT_ARRAY_PARAM_DESC(commit_fails, commit_fails_rows, name);

/* I4: a commit that can't be had leaves registers and map as they were */
static void commit_fails(struct kunit *test)
{
	const struct commit_fails_row *row = test->param_value;
	struct host_rig *rig = strict_make(test);
	struct fake_engine *fake = &rig->fake;
	struct cxl_softhost_result result;

	fake->fail_add = row->first;
	fake->fail_count = row->count;
	fake->add_error = row->error;
	fake->stuck = row->stuck;
	result = host_rig_commit(rig, rig->device[0], &above);
	KUNIT_EXPECT_EQ(test, result.outcome, CXL_SOFTHOST_OUTCOME_REFUSED);
	KUNIT_EXPECT_EQ(test, result.reason, CXL_SOFTHOST_REASON_ENGINE);
	KUNIT_EXPECT_EQ(test, host_rig_read(rig, rig->device[0], DEC(0) + CTRL), COMMIT | ERR);
	check_state(rig, 5 * UNIT, 1, row->without_slot);

	/* The next change gets it back, whatever it is about */
	fake->fail_add = 0;
	fake->stuck = 0;
	host_rig_set_memory(rig, rig->device[1], false);
	check_state(rig, 5 * UNIT, 1, 0);
	uncover(rig);
	result = host_rig_commit(rig, rig->device[0], &above);
	KUNIT_EXPECT_EQ(test, result.outcome, CXL_SOFTHOST_OUTCOME_COMMITTED);
	check_state(rig, 0, 3, 0);
}

/* I3: an uncommit takes effect, even if what it uncovers can't be installed */
static void uncommit_takes_effect(struct kunit *test)
{
	struct host_rig *rig = strict_make(test);
	struct fake_engine *fake = &rig->fake;
	struct cxl_softhost_result result;

	host_rig_must_commit(rig, rig->device[0], &above);
	fake_forget(fake);
	fake->fail_add = 1;
	fake->add_error = -ENOMEM;
	result = uncover(rig);
	KUNIT_EXPECT_EQ(test, result.outcome, CXL_SOFTHOST_OUTCOME_UNCOMMITTED);
	KUNIT_EXPECT_EQ(test, host_rig_read(rig, rig->device[0], DEC(0) + CTRL), 0);
	check_state(rig, 5 * UNIT, 1, 1);
	host_rig_set_memory(rig, rig->device[1], false);
	check_state(rig, 5 * UNIT, 1, 0);
}

/* What should be gone is in the way: condemned, and nothing is added before it went */
static void uncommit_with_a_stuck_slot(struct kunit *test)
{
	struct host_rig *rig = strict_make(test);
	struct fake_engine *fake = &rig->fake;
	struct cxl_softhost_result result;

	host_rig_must_commit(rig, rig->device[0], &above);
	fake_forget(fake);
	fake->stuck = BIT(1);
	result = uncover(rig);
	KUNIT_EXPECT_EQ(test, result.outcome, CXL_SOFTHOST_OUTCOME_UNCOMMITTED);
	KUNIT_EXPECT_EQ(test, result.flags, CXL_SOFTHOST_RESULT_DEGRADED);
	KUNIT_EXPECT_EQ(test, fake->adds, 0);
	check_state(rig, 5 * UNIT, 1, 1);
	fake->stuck = 0;
	result = host_rig_set_memory(rig, rig->device[1], false);
	KUNIT_EXPECT_EQ(test, result.flags, 0);
	check_state(rig, 5 * UNIT, 1, 0);
}

/* Three extents come to light where there are two slots: exits serve the third */
static void uncommit_with_too_few_slots(struct kunit *test)
{
	struct host_rig *rig = strict_make(test);
	struct rig_program program = below;
	struct cxl_softhost_result result;

	host_rig_write(rig, rig->device[0], DEC(1) + CTRL, 0);
	program.n = 2;
	host_rig_must_commit(rig, rig->device[0], &program);
	program = above;
	program.n = 1;
	host_rig_must_commit(rig, rig->device[0], &program);
	program = (struct rig_program){ .n = 0, .base = HOST_RIG_HPA, .size = 3 * UNIT };
	host_rig_must_commit(rig, rig->device[0], &program);
	check_state(rig, UNIT, 1, 0);

	scoped_guard(mutex, &rig->host->state_lock)
		rig->fake.engine.slot_count = 2;
	result = uncover(rig);
	KUNIT_EXPECT_EQ(test, result.outcome, CXL_SOFTHOST_OUTCOME_UNCOMMITTED);
	check_state(rig, 0, 3, 1);
	scoped_guard(mutex, &rig->host->state_lock)
		rig->fake.engine.slot_count = FAKE_SLOTS;
	host_rig_set_memory(rig, rig->device[1], false);
	check_state(rig, 0, 3, 0);
}

static struct kunit_case softhost_strict_cases[] = {
	KUNIT_CASE(covers_and_uncovers),
	KUNIT_CASE_PARAM(commit_fails, commit_fails_gen_params),
	KUNIT_CASE(uncommit_takes_effect),
	KUNIT_CASE(uncommit_with_a_stuck_slot),
	KUNIT_CASE(uncommit_with_too_few_slots),
	{}
};

static struct kunit_suite softhost_strict_suite = {
	.name = "cxl_softhost_strict",
	.test_cases = softhost_strict_cases,
};

kunit_test_suite(softhost_strict_suite);
