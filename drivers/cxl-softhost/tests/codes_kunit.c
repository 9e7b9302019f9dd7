// SPDX-License-Identifier: GPL-2.0-only
/* Encodings of the HDM decoder registers, and decoding with them. */
#include <kunit/test.h>

#include "rig.h"

static void ways_codes(struct kunit *test)
{
	rig_check_ways_codes();
}

static void position_bits(struct kunit *test)
{
	rig_check_position_bits();
}

static void decoder_count_codes(struct kunit *test)
{
	rig_check_count_codes();
}

/* Counted from 1: NULL is the end */
static const void *examples_gen_params(struct kunit *test, const void *prev, char *desc)
{
	uintptr_t i = (uintptr_t)prev;

	if (i == rig_example_count())
		return NULL;
	strscpy(desc, rig_example_name(i), KUNIT_PARAM_DESC_SIZE);
	return (void *)(i + 1);
}

static void examples(struct kunit *test)
{
	rig_check_example((uintptr_t)test->param_value - 1);
}

static struct kunit_case softhost_codes_cases[] = {
	KUNIT_CASE(ways_codes),
	KUNIT_CASE(position_bits),
	KUNIT_CASE(decoder_count_codes),
	KUNIT_CASE_PARAM(examples, examples_gen_params),
	{}
};

static struct kunit_suite softhost_codes_suite = {
	.name = "cxl_softhost_codes",
	.test_cases = softhost_codes_cases,
};

kunit_test_suite(softhost_codes_suite);
