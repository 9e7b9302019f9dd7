// SPDX-License-Identifier: GPL-2.0-only
/* The register block: layout, bits that exist, reset values. */
#include <kunit/test.h>

#include "register-rows.h"

KUNIT_ARRAY_PARAM_DESC(variant, rig_variants, name);

static void linux_finds_decoders(struct kunit *test)
{
	rig_check_linux_walk(test->param_value);
}

static void absent_bits_read_zero(struct kunit *test)
{
	rig_check_absent_bits(test->param_value);
}

static void reset_values(struct kunit *test)
{
	rig_check_reset_values(test->param_value);
}

/* The whole block in dwords, a pattern in everything that can be written */
static void every_dword(struct kunit *test)
{
	const struct rig_variant *variant = test->param_value;
	struct softhost_node *node = rig_variant_node(variant);
	u8 *image = rig_alloc(BLOCK);
	u32 offset, outcome, want;
	u64 value;

	rig_fill(variant, node, image);
	for (offset = 0; offset < BLOCK; offset += 4) {
		bool mine = rig_all_mine(variant, offset, 4);

		value = U64_MAX;
		outcome = softhost_reg_read(node, node->next, offset, 4, &value);
		want = 0;
		if (mine)
			memcpy(&want, image + offset, sizeof(want));
		if (!CHECK_EQUAL(outcome, mine ? CXL_SOFTHOST_OUTCOME_DONE :
				 CXL_SOFTHOST_OUTCOME_NOT_MINE) ||
		    !CHECK_EQUAL(value, want)) {
			rig_note("at %#x", offset);
			break;
		}
	}
}

static struct kunit_case softhost_registers_cases[] = {
	KUNIT_CASE_PARAM(linux_finds_decoders, variant_gen_params),
	KUNIT_CASE_PARAM(absent_bits_read_zero, variant_gen_params),
	KUNIT_CASE_PARAM(reset_values, variant_gen_params),
	KUNIT_CASE_PARAM(every_dword, variant_gen_params),
	{}
};

static struct kunit_suite softhost_registers_suite = {
	.name = "cxl_softhost_registers",
	.test_cases = softhost_registers_cases,
};

kunit_test_suite(softhost_registers_suite);
