// SPDX-License-Identifier: GPL-2.0-only
/* Encodings of the HDM decoder registers. */
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

static struct kunit_case softhost_codes_cases[] = {
	KUNIT_CASE(ways_codes),
	KUNIT_CASE(position_bits),
	KUNIT_CASE(decoder_count_codes),
	{}
};

static struct kunit_suite softhost_codes_suite = {
	.name = "cxl_softhost_codes",
	.test_cases = softhost_codes_cases,
};

kunit_test_suite(softhost_codes_suite);
