// SPDX-License-Identifier: GPL-2.0-only
/* The commit rules, by the tables that the userspace tests of core/ run too. */
#include <kunit/test.h>

#include "commit-rows.h"

static const void *commit_next(const struct commit_row *rows, u32 count, const void *prev,
			       char *desc)
{
	const struct commit_row *row = prev ? (const struct commit_row *)prev + 1 : rows;

	if (row == rows + count)
		return NULL;
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
	return row;
}

static const void *bridge_gen_params(struct kunit *test, const void *prev, char *desc)
{
	return commit_next(rig_bridge_rows, rig_bridge_row_count, prev, desc);
}

static const void *device_gen_params(struct kunit *test, const void *prev, char *desc)
{
	return commit_next(rig_device_rows, rig_device_row_count, prev, desc);
}

KUNIT_ARRAY_PARAM_DESC(ways, rig_ways_rows, name);

static void commit_rules(struct kunit *test)
{
	rig_check_commit(test->param_value, CXL_SOFTHOST_POLICY_CHECKED, 0);
}

/* The rules of "checked" don't depend on Lock On Commit */
static void commit_rules_locked(struct kunit *test)
{
	rig_check_commit(test->param_value, CXL_SOFTHOST_POLICY_CHECKED, LOCK);
}

static void commit_rules_strict_spec(struct kunit *test)
{
	rig_check_commit(test->param_value, CXL_SOFTHOST_POLICY_STRICT_SPEC, 0);
}

/* Who asks for Lock On Commit asks for the rules */
static void commit_rules_strict_spec_locked(struct kunit *test)
{
	rig_check_commit(test->param_value, CXL_SOFTHOST_POLICY_STRICT_SPEC, LOCK);
}

static void every_ways_code(struct kunit *test)
{
	rig_check_ways(test->param_value);
}

static const struct granularity_row {
	const char *name;
	u32 capabilities;
} granularity_rows[] = {
	{ "A11to8", 1 },
	{ "A14to12", 2 },
	{ "A11to8 and A14to12", 3 },
};

KUNIT_ARRAY_PARAM_DESC(granularity, granularity_rows, name);

static void every_granularity_code(struct kunit *test)
{
	const struct granularity_row *row = test->param_value;

	rig_check_granularity(row->capabilities);
}

static struct kunit_case softhost_commit_bridge_cases[] = {
	KUNIT_CASE_PARAM(commit_rules, bridge_gen_params),
	KUNIT_CASE_PARAM(commit_rules_locked, bridge_gen_params),
	KUNIT_CASE_PARAM(commit_rules_strict_spec, bridge_gen_params),
	KUNIT_CASE_PARAM(commit_rules_strict_spec_locked, bridge_gen_params),
	{}
};

static struct kunit_suite softhost_commit_bridge_suite = {
	.name = "cxl_softhost_commit_bridge",
	.test_cases = softhost_commit_bridge_cases,
};

static struct kunit_case softhost_commit_device_cases[] = {
	KUNIT_CASE_PARAM(commit_rules, device_gen_params),
	KUNIT_CASE_PARAM(commit_rules_locked, device_gen_params),
	KUNIT_CASE_PARAM(commit_rules_strict_spec, device_gen_params),
	KUNIT_CASE_PARAM(commit_rules_strict_spec_locked, device_gen_params),
	{}
};

static struct kunit_suite softhost_commit_device_suite = {
	.name = "cxl_softhost_commit_device",
	.test_cases = softhost_commit_device_cases,
};

static struct kunit_case softhost_commit_codes_cases[] = {
	KUNIT_CASE_PARAM(every_ways_code, ways_gen_params),
	KUNIT_CASE_PARAM(every_granularity_code, granularity_gen_params),
	{}
};

static struct kunit_suite softhost_commit_codes_suite = {
	.name = "cxl_softhost_commit_codes",
	.test_cases = softhost_commit_codes_cases,
};

kunit_test_suites(&softhost_commit_bridge_suite, &softhost_commit_device_suite,
		  &softhost_commit_codes_suite);
