// SPDX-License-Identifier: GPL-2.0-only
/* DIRTY_LOG: the slots of a window, those that it has and those that it gets. */
#include <kunit/test.h>

#include "host-rig.h"

static int dirty_log(struct host_rig *rig, u32 window_id, u32 enable)
{
	struct cxl_softhost_dirty_log cmd = { .window_id = window_id, .enable = enable };
	struct softhost_ucmd ucmd = { .host = rig->host, .cmd = &cmd, .rights = ~0U };

	return softhost_dirty_log_ioctl(&ucmd);
}

/* A second window, with an extent of the second device */
static u32 second_window(struct host_rig *rig)
{
	u64 hpa = HOST_RIG_HPA + 64 * UNIT;
	u32 window = host_rig_window(rig->test, rig->host, rig->bridge, hpa, UNIT);
	struct rig_program bridge = { .n = 1, .base = hpa, .size = UNIT, .list = 1 };
	struct rig_program device = { .n = 0, .base = hpa, .size = UNIT };

	host_rig_program(rig);
	host_rig_must_commit(rig, rig->bridge, &bridge);
	host_rig_must_commit(rig, rig->device[1], &device);
	host_rig_write(rig, rig->device[1], HDM_GLOBAL, ENABLE);
	host_rig_set_memory(rig, rig->device[1], true);
	return window;
}

/* Slots of the first window are the first ones */
#define FIRST	(BIT(HOST_RIG_EXTENTS) - 1)
#define SECOND	BIT(HOST_RIG_EXTENTS)

static void slots_that_are_there(struct kunit *test)
{
	struct host_rig *rig = host_rig_make(test);
	u32 second = second_window(rig);

	fake_attach(rig, FAKE_SLOTS);
	KUNIT_EXPECT_EQ(test, rig->fake.logged, 0);
	KUNIT_EXPECT_EQ(test, dirty_log(rig, second, 1), 0);
	KUNIT_EXPECT_EQ(test, rig->fake.logged, SECOND);
	KUNIT_EXPECT_EQ(test, rig->fake.logs, 1);
	KUNIT_EXPECT_EQ(test, dirty_log(rig, 0, 1), 0);
	KUNIT_EXPECT_EQ(test, rig->fake.logged, FIRST | SECOND);
	KUNIT_EXPECT_EQ(test, dirty_log(rig, rig->window, 0), 0);
	KUNIT_EXPECT_EQ(test, rig->fake.logged, SECOND);
	KUNIT_EXPECT_EQ(test, dirty_log(rig, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, rig->fake.logged, 0);
	fake_check_map(rig);
}

static void slots_that_come(struct kunit *test)
{
	struct host_rig *rig = host_rig_make(test);
	u32 second = second_window(rig);

	/* Before the engine, while it is there, and for a window that is new */
	KUNIT_EXPECT_EQ(test, dirty_log(rig, second, 1), 0);
	fake_attach(rig, FAKE_SLOTS);
	KUNIT_EXPECT_EQ(test, rig->fake.logged, SECOND);
	host_rig_set_memory(rig, rig->device[0], false);
	KUNIT_EXPECT_EQ(test, dirty_log(rig, 0, 1), 0);
	host_rig_set_memory(rig, rig->device[0], true);
	KUNIT_EXPECT_EQ(test, rig->fake.logged, FIRST | SECOND);
	KUNIT_EXPECT_EQ(test, dirty_log(rig, 0, 0), 0);
	host_rig_set_memory(rig, rig->device[0], false);
	host_rig_set_memory(rig, rig->device[0], true);
	KUNIT_EXPECT_EQ(test, rig->fake.logged, 0);
	fake_check_map(rig);
}

static void refused_loses_no_log(struct kunit *test)
{
	struct host_rig *rig = host_rig_make(test);
	u32 second = second_window(rig);

	fake_attach(rig, FAKE_SLOTS);
	KUNIT_EXPECT_EQ(test, dirty_log(rig, second, 1), 0);
	/* The last of the first window's four; the second window's comes after it */
	fake_forget(&rig->fake);
	rig->fake.fail_log = 4;
	KUNIT_EXPECT_EQ(test, dirty_log(rig, 0, 1), -EREMOTEIO);
	KUNIT_EXPECT_EQ(test, rig->fake.logs, 5);
	KUNIT_EXPECT_EQ(test, rig->fake.logged, (FIRST >> 1) | SECOND);
	/* Not on, so what comes isn't logged; the second window's was on before */
	rig->fake.fail_log = 0;
	host_rig_set_memory(rig, rig->device[0], false);
	host_rig_set_memory(rig, rig->device[0], true);
	host_rig_set_memory(rig, rig->device[1], false);
	host_rig_set_memory(rig, rig->device[1], true);
	KUNIT_EXPECT_EQ(test, rig->fake.logged, SECOND);

	/* Off, and what can't be switched off goes on */
	KUNIT_EXPECT_EQ(test, dirty_log(rig, 0, 1), 0);
	fake_forget(&rig->fake);
	rig->fake.fail_log = 1;
	KUNIT_EXPECT_EQ(test, dirty_log(rig, 0, 0), -EREMOTEIO);
	KUNIT_EXPECT_EQ(test, rig->fake.logged, BIT(0));
	host_rig_set_memory(rig, rig->device[0], false);
	host_rig_set_memory(rig, rig->device[0], true);
	KUNIT_EXPECT_EQ(test, rig->fake.logged, 0);
}

static void bad_arguments(struct kunit *test)
{
	struct host_rig *rig = host_rig_make(test);

	KUNIT_EXPECT_EQ(test, dirty_log(rig, 0, 2), -EINVAL);
	KUNIT_EXPECT_EQ(test, dirty_log(rig, 9999, 1), -ENOENT);
	KUNIT_EXPECT_EQ(test, dirty_log(rig, rig->bridge, 1), -EINVAL);
}

static struct kunit_case softhost_log_cases[] = {
	KUNIT_CASE(slots_that_are_there),
	KUNIT_CASE(slots_that_come),
	KUNIT_CASE(refused_loses_no_log),
	KUNIT_CASE(bad_arguments),
	{}
};

static struct kunit_suite softhost_log_suite = {
	.name = "cxl_softhost_log",
	.test_cases = softhost_log_cases,
};

kunit_test_suite(softhost_log_suite);
