// SPDX-License-Identifier: GPL-2.0-only
/* Encodings of the HDM decoder registers, written out. */
#include "rig.h"

static const u32 ways[16] = { 1, 2, 4, 8, 16, 0, 0, 0, 3, 6, 12 };

void rig_check_ways_codes(void)
{
	u32 i;

	for (i = 0; i < 16; i++)
		CHECK_EQUAL(softhost_ways_decode(i), ways[i]);
	CHECK_EQUAL(softhost_ways_decode(16), 0);
	CHECK_EQUAL(softhost_ways_decode(0xffffffff), 0);
}

void rig_check_position_bits(void)
{
	/* How many address bits select: of a factor 3 none do */
	static const u32 bits[11] = { 0, 1, 2, 3, 4, 0, 0, 0, 0, 1, 2 };
	u32 i, ig, b;

	for (i = 0; i <= 10; i++) {
		if (!ways[i])
			continue;
		for (ig = 0; ig <= 6; ig++) {
			u64 want = 0;

			for (b = 0; b < bits[i]; b++)
				want |= 1ULL << (8 + ig + b);
			CHECK_EQUAL(softhost_position_bits(i, ig), want);
		}
	}
}

void rig_check_count_codes(void)
{
	static const u32 counts[] = { 1, 2, 4, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32 };
	u32 code, i, count = 0;

	for (i = 0; i <= 40; i++) {
		bool legal = count < 13 && counts[count] == i;

		code = 0xdead;
		CHECK_EQUAL(softhost_decoder_count_code(i, &code), legal);
		if (legal)
			CHECK_EQUAL(code, count++);
		else
			CHECK_EQUAL(code, 0xdead);
	}
	CHECK_EQUAL(count, 13);
}
