// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps as such: the bound, extents at fixed boundaries, lookup, comparison, and
 * the plan that leads from one map to the next.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "rig.h"
#include "tap.h"

#define EXTENT_BOUNDARY (4 * TIB)

static struct softhost_topology one_window(struct softhost_window *window,
					   struct softhost_window **list)
{
	list[0] = window;
	return (struct softhost_topology){ .windows = list, .window_count = 1 };
}

static void commit(struct softhost_node *node, u32 n, u64 base, u64 size, u64 list)
{
	struct rig_program program = { n, base, size, list, 0 };

	rig_must_commit(node, &program);
}

/* The most that four bridge and twice four device decoders can cut a window into */
static void test_bound(void)
{
	struct softhost_node *bridge = rig_node(&rig_bridge);
	struct softhost_node *device[2];
	struct softhost_window window = rig_window(1, 4 * GIB, 64 * UNIT, bridge), *list[1];
	struct softhost_topology topology = one_window(&window, list);
	struct softhost_bound bound;
	struct softhost_map *map;
	u32 i, extents = 0;

	for (i = 0; i < 2; i++) {
		device[i] = rig_child(bridge, i, &rig_endpoint);
		rig_enable(device[i]);
	}
	/*
	 * Bridge ranges of 6 units with gaps of 2, by turns to each device; in
	 * each two ranges of the device with gaps around them.
	 */
	for (i = 0; i < 4; i++) {
		commit(bridge, i, 4 * GIB + (1 + 8 * i) * UNIT, 6 * UNIT, i % 2);
		commit(device[i % 2], i / 2 * 2, 4 * GIB + (2 + 8 * i) * UNIT, UNIT, 0);
		commit(device[i % 2], i / 2 * 2 + 1, 4 * GIB + (4 + 8 * i) * UNIT, UNIT, 0);
	}
	map = rig_map(&topology);
	softhost_route_bound(&topology, &bound);

	tap_begin("bound: holds for a window cut as often as can be");
	softhost_route(&topology, map);
	/* 1 + per bridge range: hole, 2 x (memory, hole) = 5, and a gap each */
	CHECK_EQUAL(map->count, 1 + 4 * (5 + 1));
	CHECK(map->count <= bound.segments);
	for (i = 0; i < map->count; i++)
		extents += map->segments[i].kind == CXL_SOFTHOST_SEGMENT_LINEAR;
	CHECK_EQUAL(extents, 8);
	CHECK(extents <= bound.extents);
	/* And isn't far from what can be reached */
	CHECK(bound.segments <= 2 * map->count);
	CHECK(bound.extents <= 2 * extents);
	tap_end();
	free(map);

	tap_begin("bound: one extent a decoder pair: one range of the device, many of the bridge");
	for (i = 0; i < 4; i++) {
		struct cxl_softhost_result result;

		rig_uncommit(device[0], i, &result);
		rig_uncommit(bridge, i, &result);
	}
	commit(device[0], 0, 4 * GIB, 16 * UNIT, 0);
	for (i = 0; i < 4; i++)
		commit(bridge, i, 4 * GIB + 2 * i * UNIT, 2 * UNIT, 0);
	map = rig_map(&topology);
	softhost_route(&topology, map);
	CHECK_EQUAL(map->count, 5);
	for (i = 0; i < 4; i++)
		CHECK_EQUAL(map->segments[i].dpa, 2 * i * UNIT);
	CHECK(bound.extents >= 4);
	free(map);
	tap_end();

	tap_begin("bound: a small window can't have more parts than units");
	for (i = 1; i <= 3; i++) {
		window.length = i * UNIT;
		softhost_route_bound(&topology, &bound);
		CHECK_EQUAL(bound.segments, i);
		CHECK_EQUAL(bound.extents, i);
	}
	topology.window_count = 0;
	softhost_route_bound(&topology, &bound);
	CHECK_EQUAL(bound.segments, 0);
	CHECK_EQUAL(bound.extents, 0);
	tap_end();
	rig_free(bridge);
}

/* Policy "strict-spec": one range cut by all the others, which lie upon it */
static void test_bound_of_overlaps(void)
{
	static const struct rig_shape many = {
		.kind = CXL_SOFTHOST_NODE_ENDPOINT,
		.flags = CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8,
		.decoders = 10,
		.length = { 64 * UNIT, 0 },
	};
	struct softhost_node *bridge = rig_node(&rig_passthrough);
	struct softhost_node *device = rig_child(bridge, 0, &many);
	struct softhost_window window = rig_window(1, 4 * GIB, 64 * UNIT, bridge), *list[1];
	struct softhost_topology topology = one_window(&window, list);
	struct cxl_softhost_result result;
	struct softhost_bound bound;
	struct softhost_map *map;
	u32 i, extents = 0;

	topology.policy = CXL_SOFTHOST_POLICY_STRICT_SPEC;
	rig_enable(device);
	for (i = 0; i < 10; i++) {
		struct rig_program ask = { i, 4 * GIB + (1 + 2 * i) * UNIT, UNIT, 0, 0 };

		if (i == 9) {
			ask.base = 4 * GIB;
			ask.size = 19 * UNIT;
		}
		rig_fields(device, &ask);
		rig_write_as(device, topology.policy, DEC(i) + CTRL, 4, COMMIT, &result);
		CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_COMMITTED);
	}

	tap_begin("strict-spec: the bound holds for a range that nine others cut");
	softhost_route_bound(&topology, &bound);
	map = rig_map(&topology);
	softhost_route(&topology, map);
	for (i = 0; i < map->count; i++)
		extents += map->segments[i].kind == CXL_SOFTHOST_SEGMENT_LINEAR;
	CHECK_EQUAL(extents, 19);
	CHECK(extents <= bound.extents);
	CHECK(map->count <= bound.segments);
	tap_end();
	free(map);
	rig_free(bridge);
}

/* Least of several times that a map takes, in ns */
static double map_time(const struct softhost_topology *topology, struct softhost_map *map)
{
	struct timespec begin, end;
	double took, least = 1e18;
	u32 i;

	for (i = 0; i < 9; i++) {
		clock_gettime(CLOCK_MONOTONIC, &begin);
		softhost_route(topology, map);
		clock_gettime(CLOCK_MONOTONIC, &end);
		took = (end.tv_sec - begin.tv_sec) * 1e9 + end.tv_nsec - begin.tv_nsec;
		if (took < least)
			least = took;
	}
	return least;
}

/*
 * Policy "strict-spec": eight ways to one port on each of six levels. Followed
 * each for itself they'd be 262144 paths.
 */
static void test_cost_of_duplicates(void)
{
	static const struct rig_shape shapes[2] = {
		{ CXL_SOFTHOST_NODE_HOST_BRIDGE, CXL_SOFTHOST_NODE_HDM, 1, 8, 1, { 0, 0 } },
		{ CXL_SOFTHOST_NODE_SWITCH, CXL_SOFTHOST_NODE_HDM, 1, 8, 1, { 0, 0 } },
	};
	struct softhost_node *chain[6], *device;
	struct softhost_window window, *list[1];
	struct softhost_topology topology;
	struct cxl_softhost_result result;
	struct softhost_map *map;
	double times[2];
	u32 ways, i;

	chain[0] = rig_node(&shapes[0]);
	for (i = 1; i < 6; i++)
		chain[i] = rig_child(chain[i - 1], 0, &shapes[1]);
	device = rig_child(chain[5], 0, &rig_endpoint);
	rig_enable(device);
	commit(device, 0, 4 * GIB, 8 * UNIT, 0);
	window = rig_window(1, 4 * GIB, 8 * UNIT, chain[0]);
	topology = one_window(&window, list);
	topology.policy = CXL_SOFTHOST_POLICY_STRICT_SPEC;
	map = rig_map(&topology);

	tap_begin("strict-spec: ways that name one port cost no more than the one");
	for (ways = 0; ways < 2; ways++) {
		for (i = 0; i < 6; i++) {
			struct rig_program ask = {
				.base = 4 * GIB, .size = 8 * UNIT, .ctrl = ways ? IW(3u) : 0,
			};

			rig_uncommit(chain[i], 0, &result);
			rig_commit_as(chain[i], topology.policy, &ask, &result);
			CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_COMMITTED);
		}
		times[ways] = map_time(&topology, map);
		CHECK_EQUAL(map->count, 1);
		CHECK_EQUAL(map->segments[0].kind, ways ? CXL_SOFTHOST_SEGMENT_INTERLEAVED :
							  CXL_SOFTHOST_SEGMENT_LINEAR);
	}
	printf("# %.0f ns with eight ways, %.0f ns with one\n", times[1], times[0]);
	CHECK(times[1] < 1000 * times[0]);
	tap_end();
	free(map);
	rig_free(chain[0]);
}

/* Windows that start and end on, before and after multiples of the boundary */
static void test_split(void)
{
	static const struct rig_shape large = {
		.kind = CXL_SOFTHOST_NODE_ENDPOINT,
		.flags = CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8,
		.decoders = 1,
		.length = { 32 * TIB, 0 },
	};
	static const struct {
		u64 hpa, length;
		u32 extents;
	} rows[] = {
		{ 0, 4 * TIB, 1 },
		{ 0, 4 * TIB + UNIT, 2 },
		{ 4 * TIB - UNIT, 2 * UNIT, 2 },
		{ 4 * TIB - UNIT, UNIT, 1 },
		{ 4 * TIB, UNIT, 1 },
		{ 4 * TIB - UNIT, 4 * TIB + 2 * UNIT, 3 },
		{ 8 * TIB, 8 * TIB, 2 },
		{ 4 * TIB + UNIT, 24 * TIB, 7 },
		/* Up to 2^52, where windows end */
		{ 4096 * TIB - 5 * TIB, 5 * TIB, 2 },
	};
	struct softhost_node *bridge = rig_node(&rig_passthrough);
	struct softhost_node *device = rig_child(bridge, 0, &large);
	struct softhost_window window = rig_window(1, 0, 0, bridge), *list[1];
	struct softhost_topology topology = one_window(&window, list);
	u32 i, j;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct softhost_bound bound;
		struct softhost_map *map;
		u64 at = rows[i].hpa;

		window.hpa = rows[i].hpa;
		window.length = rows[i].length;
		softhost_hdm_reset(device, device->next);
		rig_enable(device);
		commit(device, 0, rows[i].hpa, rows[i].length, 0);

		tap_begin("extents are split at fixed places: %#llx + %#llx",
			  (unsigned long long)rows[i].hpa, (unsigned long long)rows[i].length);
		map = rig_map(&topology);
		softhost_route_bound(&topology, &bound);
		softhost_route(&topology, map);
		CHECK_EQUAL(map->count, rows[i].extents);
		CHECK(map->count <= bound.extents);
		for (j = 0; j < map->count; j++) {
			const struct softhost_segment *segment = &map->segments[j];
			u64 last = segment->hpa + segment->length - 1;

			CHECK_EQUAL(segment->kind, CXL_SOFTHOST_SEGMENT_LINEAR);
			CHECK_EQUAL(segment->hpa, at);
			CHECK_EQUAL(segment->hpa / EXTENT_BOUNDARY, last / EXTENT_BOUNDARY);
			CHECK_EQUAL(segment->dpa, at - rows[i].hpa);
			/* What KVM takes: 2^31 - 1 pages */
			CHECK(segment->length / 4096 < 0x7fffffff);
			at = last + 1;
		}
		CHECK_EQUAL(at, rows[i].hpa + rows[i].length);
		tap_end();
		free(map);
	}
	rig_free(bridge);
}

static struct softhost_map *make_map(u32 count, const u64 (*ranges)[2])
{
	struct softhost_map *map = rig_map_room(count);
	u32 i;

	map->count = count;
	for (i = 0; i < count; i++) {
		map->segments[i].hpa = ranges[i][0];
		map->segments[i].length = ranges[i][1];
		map->segments[i].slot = CXL_SOFTHOST_NONE;
	}
	return map;
}

static void test_find(void)
{
	/* Two windows that touch, a gap, one more that ends at 2^64 */
	static const u64 ranges[5][2] = {
		{ 4 * UNIT, 2 * UNIT }, { 6 * UNIT, UNIT }, { 7 * UNIT, UNIT },
		{ 12 * UNIT, UNIT }, { -UNIT, UNIT },
	};
	static const u64 hpas[] = {
		0, 4 * UNIT - 1, 4 * UNIT, 6 * UNIT - 1, 6 * UNIT, 7 * UNIT - 1, 7 * UNIT,
		8 * UNIT - 1, 8 * UNIT, 12 * UNIT - 1, 12 * UNIT, 13 * UNIT - 1, 13 * UNIT,
		-UNIT - 1, -UNIT, -1ULL,
	};
	struct softhost_map *map = make_map(5, ranges);
	const struct softhost_segment *segment;
	u32 count, i, j;
	u64 next;

	for (count = 0; count <= 5; count++) {
		tap_begin("map_find: %u segments", count);
		for (i = 0; i < sizeof(hpas) / sizeof(hpas[0]); i++) {
			const struct softhost_segment *want = NULL;
			u64 above = 0;

			for (j = count; j-- > 0;) {
				if (ranges[j][0] > hpas[i])
					above = ranges[j][0];
				else if (hpas[i] - ranges[j][0] < ranges[j][1])
					want = &map->segments[j];
			}
			next = 42;
			segment = softhost_map_find(map, count, hpas[i], &next);
			CHECK(segment == want);
			if (!want)
				CHECK_EQUAL(next, above);
		}
		tap_end();
	}

	/* The exact room and ASan: looked at are @count entries, no matter what */
	tap_begin("map_find: a map that is being replaced is read within its count");
	srand(1);
	for (count = 1; count <= 5; count++) {
		u32 round;

		free(map);
		map = rig_map_room(count);
		for (round = 0; round < 2000; round++) {
			for (i = 0; i < count; i++) {
				map->segments[i].hpa = (u64)rand() << 33 | rand();
				map->segments[i].length = (u64)rand() << 33 | rand();
			}
			segment = softhost_map_find(map, count, (u64)rand() << 33, &next);
			CHECK(!segment || (segment >= map->segments &&
					   segment < map->segments + count));
		}
	}
	tap_end();
	free(map);
}

static void test_equal(void)
{
	tap_begin("map_equal: generation and capacity don't count");
	rig_check_equal_maps();
	tap_end();

	tap_begin("map_equal: every byte of every segment counts");
	rig_check_unequal_bytes();
	tap_end();

	tap_begin("map_equal: the numbers of segments and of condemned slots count");
	rig_check_unequal_counts();
	tap_end();
}

static void test_plan(void)
{
	u32 installed;

	for (installed = 0; installed < 2; installed++) {
		tap_begin("plan: what goes, what comes, what keeps its slot; %sinstalled",
			  installed ? "" : "not ");
		rig_check_every_plan(installed);
		tap_end();
	}

	tap_begin("plan: another length is another extent: slots are never resized");
	rig_check_plan_lengths();
	tap_end();

	tap_begin("plan: from and to a map without segments");
	rig_check_plan_empty();
	tap_end();

	tap_begin("plan: an extent that the engine refused");
	rig_check_plan_refused();
	tap_end();
}

int main(void)
{
	test_bound();
	test_bound_of_overlaps();
	test_cost_of_duplicates();
	test_split();
	test_find();
	test_equal();
	test_plan();
	return tap_done();
}
