// SPDX-License-Identifier: GPL-2.0-only
/*
 * What makes a decoder COMMITTED or ERROR NOT COMMITTED: the tables, and all
 * Interleave Ways and Granularity codes with all capabilities.
 */
#include "commit-rows.h"
#include "tap.h"

static void test_rows(const char *kind, const struct commit_row *rows, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		tap_begin("%s %s: %s", kind, rig_row_legal(&rows[i]) ? "commits" : "refuses",
			  rows[i].name);
		rig_check_commit(&rows[i], CXL_SOFTHOST_POLICY_CHECKED, 0);
		rig_check_commit(&rows[i], CXL_SOFTHOST_POLICY_CHECKED, LOCK);
		tap_end();
		tap_begin("strict-spec, %s%s: %s", kind, rows[i].relaxed ? ", with a lock" : "",
			  rows[i].name);
		rig_check_commit(&rows[i], CXL_SOFTHOST_POLICY_STRICT_SPEC, LOCK);
		tap_end();
		tap_begin("strict-spec, %s%s: %s", kind, rows[i].relaxed ? ", relaxed" : ", unlocked",
			  rows[i].name);
		rig_check_commit(&rows[i], CXL_SOFTHOST_POLICY_STRICT_SPEC, 0);
		tap_end();
	}
}

static void test_every_ways_code(void)
{
	u32 i;

	for (i = 0; i < WAYS_ROWS; i++) {
		tap_begin("every Interleave Ways code: %s", rig_ways_rows[i].name);
		rig_check_ways(&rig_ways_rows[i]);
		tap_end();
	}
}

static void test_every_granularity_code(void)
{
	u32 caps;

	for (caps = 1; caps < 4; caps++) {
		tap_begin("every granularity with every ways, A11to8 %u, A14to12 %u",
			  caps & 1, caps >> 1);
		rig_check_granularity(caps);
		tap_end();
	}
}

int main(void)
{
	test_rows("bridge", rig_bridge_rows, rig_bridge_row_count);
	test_rows("device", rig_device_rows, rig_device_row_count);
	test_every_ways_code();
	test_every_granularity_code();
	return tap_done();
}
