// SPDX-License-Identifier: GPL-2.0-only
/* The plan that leads from one map to the next. */
#include <kunit/test.h>

#include "rig.h"

static const struct plan_row {
	const char *name;
	bool installed;
} plan_rows[] = {
	{ "before ATTACH", false },
	{ "installed", true },
};

KUNIT_ARRAY_PARAM_DESC(plan, plan_rows, name);

static void every_plan(struct kunit *test)
{
	const struct plan_row *row = test->param_value;

	rig_check_every_plan(row->installed);
}

static void other_length_is_other_extent(struct kunit *test)
{
	rig_check_plan_lengths();
}

static void from_and_to_nothing(struct kunit *test)
{
	rig_check_plan_empty();
}

static void refused_by_the_engine(struct kunit *test)
{
	rig_check_plan_refused();
}

static void equal_but_for_generation(struct kunit *test)
{
	rig_check_equal_maps();
}

static void every_byte_counts(struct kunit *test)
{
	rig_check_unequal_bytes();
}

static void every_entry_counts(struct kunit *test)
{
	rig_check_unequal_counts();
}

static struct kunit_case softhost_plan_cases[] = {
	KUNIT_CASE_PARAM(every_plan, plan_gen_params),
	KUNIT_CASE(other_length_is_other_extent),
	KUNIT_CASE(from_and_to_nothing),
	KUNIT_CASE(refused_by_the_engine),
	KUNIT_CASE(equal_but_for_generation),
	KUNIT_CASE(every_byte_counts),
	KUNIT_CASE(every_entry_counts),
	{}
};

static struct kunit_suite softhost_plan_suite = {
	.name = "cxl_softhost_plan",
	.test_cases = softhost_plan_cases,
};

kunit_test_suite(softhost_plan_suite);
