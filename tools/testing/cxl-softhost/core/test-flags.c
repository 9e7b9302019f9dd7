// SPDX-License-Identifier: GPL-2.0-only
/* What a window's flags don't allow, and what becomes of it. */
#include <string.h>

#include "scene.h"
#include "tap.h"

static void check_allowed(const struct scene *scene)
{
	static const struct cxl_softhost_result untouched;
	struct cxl_softhost_result result = {};

	CHECK(softhost_route_allowed(&scene->topology, &result));
	CHECK(!memcmp(&result, &untouched, sizeof(result)));
}

static void check_not_allowed(const struct scene *scene, u32 reason, u64 expected, u64 found)
{
	struct cxl_softhost_result result = {};

	CHECK(!softhost_route_allowed(&scene->topology, &result));
	CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_REFUSED);
	CHECK_EQUAL(result.reason, reason);
	CHECK_EQUAL(result.expected, expected);
	CHECK_EQUAL(result.found, found);
}

/* LINEAR_ONLY: judged as if all devices were enabled, whoever is committed last */
static void test_linear_only(void)
{
	struct softhost_node *bridge = rig_node(&rig_bridge);
	struct softhost_node *device = rig_child(bridge, 0, &rig_endpoint);
	struct scene scene = {};

	scene_add_window(&scene, 4 * GIB, 4 * UNIT, bridge);
	scene_add_window(&scene, 5 * GIB, 4 * UNIT, bridge);
	scene.window[1].flags = CXL_SOFTHOST_WINDOW_LINEAR_ONLY;

	tap_begin("LINEAR_ONLY: other windows may be interleaved");
	rig_must_commit(bridge, &(struct rig_program){ 0, 4 * GIB, 4 * UNIT, 0x100, IW(1u) });
	check_allowed(&scene);
	tap_end();

	tap_begin("LINEAR_ONLY: a device's ways that nothing leads to don't count");
	scene_commit_ways(device, 0, 6, 2, 0, IW(1u));
	check_allowed(&scene);
	tap_end();

	tap_begin("LINEAR_ONLY: they do once something leads there, enabled or not");
	scene_commit(bridge, 1, 4, 2, 0);
	check_allowed(&scene);
	scene_uncommit(bridge, 1);
	scene_commit(bridge, 1, 4, 4, 0);
	check_not_allowed(&scene, CXL_SOFTHOST_REASON_LINEAR_ONLY, 5 * GIB,
			  5 * GIB + 2 * UNIT);
	tap_end();

	tap_begin("LINEAR_ONLY: what got interleaved all the same answers nothing");
	rig_enable(device);
	CHECK_SCENE(&scene, { 0, 4, device, NO_ENDPOINT, 0 }, { 4, 2, device, NO_ENDPOINT, 0 },
		    { 6, 2, NULL, CXL_SOFTHOST_REASON_LINEAR_ONLY, 0 });
	tap_end();
	scene_free(&scene, bridge);
}

/* IDENTITY: at each address the byte that belongs there, or none */
static void test_identity(void)
{
	struct softhost_node *bridge = rig_node(&rig_bridge);
	struct softhost_node *device = rig_child(bridge, 0, &rig_endpoint);
	struct softhost_node *other = rig_child(bridge, 1, &rig_endpoint);
	const struct softhost_partition *partition = &device->partitions[0];
	struct softhost_backend elsewhere = *partition->backend;
	u64 place = partition->offset + 2 * UNIT;
	struct scene scene = {};

	/* All of DPA from 2 units on */
	scene_add_window(&scene, 4 * GIB, 4 * UNIT, bridge);
	scene.window[0].flags = CXL_SOFTHOST_WINDOW_LINEAR_ONLY | CXL_SOFTHOST_WINDOW_IDENTITY;
	scene.window[0].backend = partition->backend;
	scene.window[0].backend_offset = place;
	scene_commit(bridge, 0, 0, 4, 0);

	tap_begin("IDENTITY: what belongs there may be there, all or some of it");
	scene_commit(device, 0, 0, 4, 2 * UNIT);
	check_allowed(&scene);
	rig_enable(device);
	CHECK_SCENE(&scene, { 0, 4, device, 0, 2 });
	scene_uncommit(device, 0);
	scene_commit(device, 0, 1, 2, 3 * UNIT);
	check_allowed(&scene);
	CHECK_SCENE(&scene, { 0, 1, device, NO_ENDPOINT, 0 }, { 1, 2, device, 0, 3 },
		    { 3, 1, device, NO_ENDPOINT, 0 });
	tap_end();

	tap_begin("IDENTITY: what belongs elsewhere may not, and answers nothing");
	scene_uncommit(device, 0);
	scene_commit(device, 0, 0, 2, UNIT);
	check_not_allowed(&scene, CXL_SOFTHOST_REASON_IDENTITY, place, place - UNIT);
	CHECK_SCENE(&scene, { 0, 2, NULL, CXL_SOFTHOST_REASON_IDENTITY, 0 },
		    { 2, 2, device, NO_ENDPOINT, 0 });
	tap_end();

	tap_begin("IDENTITY: the first address that is wrong is told");
	scene_uncommit(device, 0);
	scene_commit(device, 0, 0, 1, 2 * UNIT);
	scene_commit(device, 1, 2, 1, 0);
	check_not_allowed(&scene, CXL_SOFTHOST_REASON_IDENTITY, place + 2 * UNIT, place + UNIT);
	tap_end();

	tap_begin("IDENTITY: nor what is at that offset of another backend");
	scene_uncommit(device, 1);
	scene_commit(device, 1, 2, 1, UNIT);
	check_allowed(&scene);
	elsewhere.id++;
	scene.window[0].backend = &elsewhere;
	check_not_allowed(&scene, CXL_SOFTHOST_REASON_IDENTITY, place, U64_MAX);
	scene.window[0].backend = partition->backend;
	tap_end();

	tap_begin("IDENTITY: judged as if all devices were enabled");
	scene_commit(other, 0, 0, 4, 0);
	check_allowed(&scene);
	scene_uncommit(bridge, 0);
	scene_commit(bridge, 0, 0, 4, 1);
	check_not_allowed(&scene, CXL_SOFTHOST_REASON_IDENTITY, place, place - 2 * UNIT);
	CHECK_SCENE(&scene, { 0, 4, other, CXL_SOFTHOST_REASON_MEM_DISABLED, 0 });
	tap_end();

	tap_begin("IDENTITY: more ways than one are LINEAR_ONLY's business");
	scene_uncommit(bridge, 0);
	scene_commit_ways(bridge, 0, 0, 4, 0x100, IW(1u));
	check_not_allowed(&scene, CXL_SOFTHOST_REASON_LINEAR_ONLY, 4 * GIB, 4 * GIB);
	tap_end();

	tap_begin("IDENTITY: offsets count from the window's base, not from a decoder's");
	scene.window[0].hpa = 4 * GIB + UNIT;
	scene.window[0].length = 3 * UNIT;
	scene.window[0].backend_offset = place + UNIT;
	scene_uncommit(bridge, 0);
	scene_commit(bridge, 0, 0, 4, 0);
	scene_uncommit(device, 1);
	scene_uncommit(device, 0);
	scene_commit(device, 0, 0, 4, 2 * UNIT);
	check_allowed(&scene);
	CHECK_SCENE(&scene, { 1, 3, device, 0, 3 });
	tap_end();
	scene_free(&scene, bridge);
}

int main(void)
{
	test_linear_only();
	test_identity();
	return tap_done();
}
