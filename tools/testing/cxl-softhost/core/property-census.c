// SPDX-License-Identifier: GPL-2.0-only
/* What the walks came across, and whether that is enough. */
#include <inttypes.h>

#include "property.h"
#include "tap.h"

static u64 rubbish_refused(const struct census *census)
{
	u64 all = 0;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(census->rubbish_refused); i++)
		all += census->rubbish_refused[i];
	return all;
}

void census_print(const struct census *census, u64 seeds)
{
	u32 i;

	printf("# %" PRIu64 " seeds, %" PRIu64 " writes, %" PRIu64 " commits, %" PRIu64
	       " uncommits (%" PRIu64 " out of order), %" PRIu64 " addresses compared\n",
	       seeds, census->writes, census->commits, census->uncommits, census->out_of_order,
	       census->addresses);
	printf("# complete regions by ways:");
	for (i = 1; i <= SOFTHOST_MAX_WAYS; i++)
		if (census->regions[i])
			printf(" %u: %" PRIu64 ";", i, census->regions[i]);
	printf("\n# interleaved: %" PRIu64 " XOR, %" PRIu64 "/%" PRIu64 "/%" PRIu64
	       " on 1/2/3 levels, %" PRIu64 " through switches, %" PRIu64
	       " with the window coarser, %" PRIu64 " as Linux does 6 and 12, %" PRIu64
	       " on odd bases, %" PRIu64 " programs with one thing wrong\n",
	       census->region_xor, census->region_levels[1], census->region_levels[2],
	       census->region_levels[3], census->region_switch, census->region_coarse,
	       census->region_linux, census->region_odd, census->broken);
	printf("# addresses: %" PRIu64 " answered through switches (at most %" PRIu64
	       " components), %" PRIu64 " in granules, %" PRIu64 " silent beside such; %" PRIu64
	       " followed on, %" PRIu64 " back; interleaved segments seen: %" PRIu64
	       " whole, %" PRIu64 " with silent ways\n",
	       census->through_switch, census->deepest, census->granular,
	       census->granular_silent, census->runs, census->back, census->whole,
	       census->partial);
	printf("# strict-spec: %" PRIu64 " commits, %" PRIu64 " with a lock refused, %" PRIu64
	       " over another decoder (%" PRIu64 " took extents), %" PRIu64
	       " uncommits uncovered extents; LINEAR_ONLY: %" PRIu64 " refused, %" PRIu64
	       " segments uncovered; IDENTITY: %" PRIu64 " refused, %" PRIu64
	       " uncovered, %" PRIu64 " extents in place\n",
	       census->strict_commits, census->strict_locked, census->overlaps,
	       census->shadowed, census->uncovered, census->linear_only,
	       census->linear_only_uncovered, census->misplaced, census->misplaced_uncovered,
	       census->in_place);
	printf("# records: %" PRIu64 " restored (%" PRIu64 " errors, %" PRIu64 " locked, %" PRIu64
	       " above one that isn't live); spoiled: %" PRIu64 " senseless, %" PRIu64
	       " refused, %" PRIu64 " accepted, %" PRIu64 " decoders live\n",
	       census->restored, census->restored_errors, census->restored_locked,
	       census->restored_gaps, census->rubbish_senseless, rubbish_refused(census),
	       census->rubbish_accepted, census->rubbish_live);
	printf("# %" PRIu64 " extents (at most %" PRIu64 " at once), %" PRIu64 " split, %" PRIu64
	       " persistent; %" PRIu64 " + %" PRIu64 " taken back; %" PRIu64
	       " comings and goings; %" PRIu64 " interleaved, %" PRIu64 " zero size, %" PRIu64
	       " locked\n",
	       census->extents, census->most_extents, census->split, census->persistent,
	       census->taken_back, census->enables_taken_back, census->plugged,
	       census->interleaved, census->zero_size, census->locked);
}

static void check_reasons(const struct census *census)
{
	static const struct {
		u32 reason;
		const char *name;
	} reasons[] = {
		{ CXL_SOFTHOST_REASON_ORDER, "ORDER" },
		{ CXL_SOFTHOST_REASON_HPA_BELOW, "HPA_BELOW" },
		{ CXL_SOFTHOST_REASON_HPA_ABOVE, "HPA_ABOVE" },
		{ CXL_SOFTHOST_REASON_HPA_WRAP, "HPA_WRAP" },
		{ CXL_SOFTHOST_REASON_SIZE_WAYS, "SIZE_WAYS" },
		{ CXL_SOFTHOST_REASON_WAYS_RESERVED, "WAYS_RESERVED" },
		{ CXL_SOFTHOST_REASON_WAYS_UNSUPPORTED, "WAYS_UNSUPPORTED" },
		{ CXL_SOFTHOST_REASON_WAYS_TARGETS, "WAYS_TARGETS" },
		{ CXL_SOFTHOST_REASON_GRANULARITY_RESERVED, "GRANULARITY_RESERVED" },
		{ CXL_SOFTHOST_REASON_GRANULARITY_UNSUPPORTED, "GRANULARITY_UNSUPPORTED" },
		{ CXL_SOFTHOST_REASON_TARGET_DUPLICATE, "TARGET_DUPLICATE" },
		{ CXL_SOFTHOST_REASON_DPA_CAPACITY, "DPA_CAPACITY" },
		{ CXL_SOFTHOST_REASON_DPA_PARTITION, "DPA_PARTITION" },
		{ CXL_SOFTHOST_REASON_DPA_OVERLAP, "DPA_OVERLAP" },
		{ CXL_SOFTHOST_REASON_LOCKED, "LOCKED" },
		{ CXL_SOFTHOST_REASON_LIVE, "LIVE" },
		{ CXL_SOFTHOST_REASON_READ_ONLY, "READ_ONLY" },
		{ CXL_SOFTHOST_REASON_WIDTH, "WIDTH" },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(reasons); i++)
		if (!CHECK(census->reasons[reasons[i].reason] >= 5))
			tap_note("reason %s came up %" PRIu64 " times", reasons[i].name,
				 census->reasons[reasons[i].reason]);
}

static void check_regions(const struct census *census)
{
	static const u8 ways[] = { 1, 2, 3, 4, 6, 8, 12, 16 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(ways); i++)
		if (!CHECK(census->regions[ways[i]] >= 30))
			tap_note("%u ways, %" PRIu64 " times", ways[i],
				 census->regions[ways[i]]);
	CHECK(census->region_xor >= 200);
	CHECK(census->region_levels[1] >= 500);
	CHECK(census->region_levels[2] >= 300);
	CHECK(census->region_levels[3] >= 30);
	CHECK(census->region_switch >= 500);
	CHECK(census->region_coarse >= 100);
	CHECK(census->region_linux >= 30);
	CHECK(census->region_odd >= 200);
	CHECK(census->broken >= 300);
}

static void check_restored(const struct census *census)
{
	u32 reason;

	CHECK(census->restored >= 100000);
	CHECK(census->restored_errors >= 5000);
	CHECK(census->restored_locked >= 100);
	CHECK(census->restored_gaps >= 1000);
	/* All that a commit is refused for, but for its order */
	for (reason = CXL_SOFTHOST_REASON_HPA_BELOW;
	     reason <= CXL_SOFTHOST_REASON_DPA_OVERLAP; reason++)
		if (!CHECK(census->rubbish_refused[reason] >= 10))
			tap_note("records refused for reason %u %" PRIu64 " times", reason,
				 census->rubbish_refused[reason]);
	CHECK(!census->rubbish_refused[CXL_SOFTHOST_REASON_ORDER]);
	CHECK(census->rubbish_accepted >= 10000);
	CHECK(census->rubbish_live >= 10000);
}

void census_check(const struct census *census)
{
	check_reasons(census);
	check_regions(census);
	check_restored(census);
	CHECK(census->commits >= 5000);
	CHECK(census->device_commits >= 2000);
	CHECK(census->interleaved >= 10000);
	CHECK(census->zero_size >= 20);
	CHECK(census->locked >= 5);
	CHECK(census->uncommits >= 500);
	CHECK(census->out_of_order >= 50);
	CHECK(census->extents >= 10000);
	CHECK(census->most_extents >= 8);
	CHECK(census->split >= 20);
	CHECK(census->persistent >= 1000);
	CHECK(census->taken_back >= 20);
	CHECK(census->enables_taken_back >= 20);
	CHECK(census->plugged >= 100);

	CHECK(census->runs >= 100000);
	CHECK(census->back >= 50000);
	CHECK(census->through_switch >= 100000);
	CHECK(census->deepest == SOFTHOST_MAX_DEPTH);
	CHECK(census->granular >= 200000);
	CHECK(census->granular_silent >= 200000);
	CHECK(census->whole >= 5000);
	CHECK(census->partial >= 20000);

	CHECK(census->strict_commits >= 10000);
	CHECK(census->strict_locked >= 60);
	CHECK(census->overlaps >= 500);
	CHECK(census->shadowed >= 10);
	CHECK(census->uncovered >= 15);
	CHECK(census->linear_only >= 50);
	CHECK(census->linear_only_uncovered >= 15);
	CHECK(census->misplaced >= 50);
	CHECK(census->in_place >= 50);
}
