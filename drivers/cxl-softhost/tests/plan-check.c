// SPDX-License-Identifier: GPL-2.0-only
/* Comparing maps, and the plan that leads from one to the next. */
#include "rig.h"

/* Two segments, one after the other */
static struct softhost_map *two_segments(void)
{
	struct softhost_map *map = rig_map_room(2);
	u32 i;

	map->count = 2;
	for (i = 0; i < 2; i++) {
		map->segments[i].hpa = (1 + i) * UNIT;
		map->segments[i].length = UNIT;
		map->segments[i].slot = CXL_SOFTHOST_NONE;
	}
	return map;
}

void rig_check_equal_maps(void)
{
	struct softhost_map *a = two_segments(), *b = two_segments();

	b->generation = 9;
	b->capacity = 77;
	CHECK(softhost_map_equal(a, b));
	rig_release(a);
	rig_release(b);
}

void rig_check_unequal_bytes(void)
{
	struct softhost_map *a = two_segments(), *b = two_segments();
	u32 i, at;

	for (i = 0; i < 2; i++) {
		for (at = 0; at < sizeof(a->segments[0]); at++) {
			((u8 *)&b->segments[i])[at] ^= 1;
			CHECK(!softhost_map_equal(a, b));
			((u8 *)&b->segments[i])[at] ^= 1;
		}
	}
	CHECK(softhost_map_equal(a, b));
	rig_release(a);
	rig_release(b);
}

void rig_check_unequal_counts(void)
{
	struct softhost_map *a = two_segments(), *b = two_segments();

	a->count = 1;
	CHECK(!softhost_map_equal(a, b));
	a->condemned = 1;
	CHECK(!softhost_map_equal(a, b));
	b->count = 1;
	CHECK(!softhost_map_equal(a, b));
	b->condemned = 1;
	CHECK(softhost_map_equal(a, b));
	b->segments[1].slot = 4;
	CHECK(!softhost_map_equal(a, b));
	a->condemned = 0;
	b->condemned = 0;
	CHECK(softhost_map_equal(a, b));
	rig_release(a);
	rig_release(b);
}

/* A map of a few places: per place the host address, 0 = hole; slots from 10 on */
#define PLACES 4

static void set_places(struct softhost_map *map, const u64 *host, bool installed)
{
	u32 i;

	map->count = PLACES;
	for (i = 0; i < PLACES; i++) {
		struct softhost_segment *segment = &map->segments[i];

		segment->hpa = (i + 1) * UNIT;
		segment->length = UNIT;
		segment->host_addr = host[i];
		segment->kind = host[i] ? CXL_SOFTHOST_SEGMENT_LINEAR : CXL_SOFTHOST_SEGMENT_HOLE;
		segment->slot = host[i] && installed ? 10 + i : CXL_SOFTHOST_NONE;
	}
}

static void check_plan(struct softhost_map *old, struct softhost_map *new, const u64 *was,
		       const u64 *is, bool installed)
{
	u32 remove[PLACES], add[PLACES], r = 0, a = 0, i;
	struct softhost_plan plan = { remove, add, 0, 0 };

	set_places(old, was, installed);
	set_places(new, is, false);
	/* Condemned ones are retried by others, not planned */
	old->condemned = 1;
	old->segments[PLACES].hpa = 3 * UNIT;
	old->segments[PLACES].slot = 99;
	softhost_plan_make(old, new, &plan);
	for (i = 0; i < PLACES; i++) {
		bool stays = installed && was[i] && was[i] == is[i];

		if (installed && was[i] && !stays && CHECK(r < plan.remove_count))
			CHECK_EQUAL(remove[r++], i);
		if (is[i] && !stays && CHECK(a < plan.add_count))
			CHECK_EQUAL(add[a++], i);
		CHECK_EQUAL(new->segments[i].slot, stays ? 10 + i : CXL_SOFTHOST_NONE);
	}
	CHECK_EQUAL(plan.remove_count, r);
	CHECK_EQUAL(plan.add_count, a);
}

/* All pairs of maps with each place empty, at one address, or at another */
void rig_check_every_plan(bool installed)
{
	struct softhost_map *old = rig_map_room(PLACES + 1), *new = rig_map_room(PLACES + 1);
	u32 from, to, power, i;
	u64 was[PLACES], is[PLACES];

	for (from = 0; from < 81; from++) {
		for (to = 0; to < 81; to++) {
			for (i = 0, power = 1; i < PLACES; i++, power *= 3) {
				was[i] = from / power % 3 * GIB;
				is[i] = to / power % 3 * GIB;
			}
			check_plan(old, new, was, is, installed);
		}
	}
	rig_release(old);
	rig_release(new);
}

void rig_check_plan_lengths(void)
{
	struct softhost_map *old = rig_map_room(1), *new = two_segments();
	u32 remove[2], add[2];
	struct softhost_plan plan = { remove, add, 0, 0 };

	old->count = 1;
	old->segments[0] = (struct softhost_segment){
		.hpa = UNIT, .length = 2 * UNIT, .slot = 5,
		.kind = CXL_SOFTHOST_SEGMENT_LINEAR,
	};
	new->segments[0].kind = CXL_SOFTHOST_SEGMENT_LINEAR;
	new->segments[1].kind = CXL_SOFTHOST_SEGMENT_LINEAR;
	softhost_plan_make(old, new, &plan);
	CHECK_EQUAL(plan.remove_count, 1);
	CHECK_EQUAL(plan.add_count, 2);
	CHECK_EQUAL(new->segments[0].slot, CXL_SOFTHOST_NONE);
	rig_release(old);
	rig_release(new);
}

void rig_check_plan_empty(void)
{
	struct softhost_map *none = rig_map_room(1), *two = two_segments();
	u32 remove[2], add[2], i;
	struct softhost_plan plan = { remove, add, 0, 0 };

	for (i = 0; i < 2; i++) {
		two->segments[i].kind = CXL_SOFTHOST_SEGMENT_LINEAR;
		two->segments[i].slot = 1 + i;
	}
	softhost_plan_make(two, none, &plan);
	CHECK_EQUAL(plan.remove_count, 2);
	CHECK_EQUAL(plan.add_count, 0);
	two->segments[0].slot = CXL_SOFTHOST_NONE;
	two->segments[1].slot = CXL_SOFTHOST_NONE;
	softhost_plan_make(none, two, &plan);
	CHECK_EQUAL(plan.remove_count, 0);
	CHECK_EQUAL(plan.add_count, 2);
	rig_release(none);
	rig_release(two);
}

/* What the engine has refused isn't asked for again; what is new is */
void rig_check_plan_refused(void)
{
	struct softhost_map *old = two_segments(), *new = two_segments();
	u32 remove[2], add[2], i;
	struct softhost_plan plan = { remove, add, 0, 0 };

	for (i = 0; i < 2; i++) {
		old->segments[i].kind = CXL_SOFTHOST_SEGMENT_LINEAR;
		new->segments[i].kind = CXL_SOFTHOST_SEGMENT_LINEAR;
	}
	old->segments[0].slot = 7;
	old->segments[1].reason = CXL_SOFTHOST_REASON_ENGINE;
	softhost_plan_make(old, new, &plan);
	CHECK_EQUAL(plan.remove_count, 0);
	CHECK_EQUAL(plan.add_count, 0);
	CHECK_EQUAL(new->segments[0].slot, 7);
	CHECK_EQUAL(new->segments[0].reason, CXL_SOFTHOST_REASON_NONE);
	CHECK_EQUAL(new->segments[1].slot, CXL_SOFTHOST_NONE);
	CHECK_EQUAL(new->segments[1].reason, CXL_SOFTHOST_REASON_ENGINE);

	/* It lies elsewhere now: no slot to remove, one to add */
	new->segments[1].reason = CXL_SOFTHOST_REASON_NONE;
	new->segments[1].host_addr = 0x1000;
	softhost_plan_make(old, new, &plan);
	CHECK_EQUAL(plan.remove_count, 0);
	CHECK_EQUAL(plan.add_count, 1);
	CHECK_EQUAL(new->segments[1].reason, CXL_SOFTHOST_REASON_NONE);

	/* A hole of the same reason would be no such thing */
	old->segments[1].kind = CXL_SOFTHOST_SEGMENT_HOLE;
	CHECK(!softhost_refused(&old->segments[1]));
	rig_release(old);
	rig_release(new);
}
