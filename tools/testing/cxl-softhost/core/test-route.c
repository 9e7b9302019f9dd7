// SPDX-License-Identifier: GPL-2.0-only
/* Who answers where: scenes on which software CXL hosts have gone wrong. */
#include "scene.h"
#include "tap.h"

/* T11, T24, T25: five facts, in any order; something answers when all hold */
static void test_facts(void)
{
	static const u32 reasons[5] = {
		NO_DECODER, CXL_SOFTHOST_REASON_MEDIA_DISABLED,
		CXL_SOFTHOST_REASON_MEM_DISABLED, CXL_SOFTHOST_REASON_HDM_DISABLED, NO_ENDPOINT,
	};
	u32 facts, i;

	for (facts = 0; facts < 32; facts++) {
		struct softhost_node *bridge = rig_node(&rig_bridge);
		struct softhost_node *device = rig_child(bridge, 0, &rig_endpoint);
		struct scene scene = {};
		struct want want = { 0, 8, device, 0, 0 };

		scene_add_window(&scene, 4 * GIB, 8 * UNIT, bridge);
		if (facts & 1)
			scene_commit(bridge, 0, 0, 8, 0);
		if (!(facts & 2))
			device->next->media = CXL_SOFTHOST_MEDIA_DISABLED;
		device->next->mem_enable = facts & 4;
		rig_store(device, HDM_GLOBAL, facts & 8 ? ENABLE : 0);
		if (facts & 16)
			scene_commit(device, 0, 0, 8, 0);
		for (i = 5; i-- > 0;)
			if (!(facts & 1 << i))
				want.reason = reasons[i];
		if (!(facts & 1))
			want.node = bridge;
		tap_begin("T11, T24, T25: bridge %u, media %u, mem %u, enable %u, device %u",
			  facts & 1, facts >> 1 & 1, facts >> 2 & 1, facts >> 3 & 1, facts >> 4);
		scene_check(&scene, &want, 1);
		tap_end();
		scene_free(&scene, bridge);
	}
}

static void test_bridges(void)
{
	struct softhost_node *bridge = rig_node(&rig_passthrough);
	struct softhost_node *device, *other;
	struct scene scene = {};

	scene_add_window(&scene, 4 * GIB, 8 * UNIT, bridge);
	tap_begin("no HDM capability, nothing below");
	CHECK_SCENE(&scene, { 0, 8, bridge, NO_TARGET, 0 });
	tap_end();

	device = rig_child(bridge, 9, &rig_endpoint);
	rig_enable(device);
	tap_begin("T12: no HDM capability: everything goes to the only port");
	CHECK_SCENE(&scene, { 0, 8, device, NO_ENDPOINT, 0 });
	scene_commit(device, 0, 2, 4, 0);
	CHECK_SCENE(&scene, { 0, 2, device, NO_ENDPOINT, 0 }, { 2, 4, device, 0, 0 },
		    { 6, 2, device, NO_ENDPOINT, 0 });
	tap_end();

	tap_begin("B1, T9: uncommit behind a passthrough bridge takes the memory away");
	scene_uncommit(device, 0);
	CHECK_EQUAL(rig_read(device, DEC(0) + SIZE_LO), 4 * UNIT);
	CHECK_SCENE(&scene, { 0, 8, device, NO_ENDPOINT, 0 });
	tap_end();

	tap_begin("B2: commit elsewhere answers there");
	scene_commit(device, 0, 6, 2, 0);
	CHECK_SCENE(&scene, { 0, 6, device, NO_ENDPOINT, 0 }, { 6, 2, device, 0, 0 });
	tap_end();

	tap_begin("B3: volatile, then persistent at the same HPA");
	scene_uncommit(device, 0);
	scene_commit(device, 0, 6, 2, 16 * UNIT);
	CHECK_SCENE(&scene, { 0, 6, device, NO_ENDPOINT, 0 }, { 6, 2, device, 0, 16 });
	tap_end();

	tap_begin("B4: reset takes the memory away");
	CHECK(softhost_hdm_reset(device, device->next));
	CHECK_SCENE(&scene, { 0, 8, device, CXL_SOFTHOST_REASON_MEM_DISABLED, 0 });
	tap_end();
	scene_free(&scene, bridge);

	scene = (struct scene){};
	bridge = rig_node(&rig_bridge);
	device = rig_child(bridge, 200, &rig_endpoint);
	other = rig_child(bridge, 1, &rig_endpoint);
	scene_add_window(&scene, 4 * GIB, 8 * UNIT, bridge);
	rig_enable(device);
	rig_enable(other);
	scene_commit(device, 0, 0, 8, 0);
	tap_begin("T12: an HDM capability without a committed decoder passes nothing on");
	CHECK_SCENE(&scene, { 0, 8, bridge, NO_DECODER, 0 });
	tap_end();

	tap_begin("T13: the target byte is a port number");
	scene_commit(bridge, 0, 0, 2, 0xffffff00 | 200);
	CHECK_SCENE(&scene, { 0, 2, device, 0, 0 }, { 2, 6, bridge, NO_DECODER, 0 });
	tap_end();

	tap_begin("B8: the bridge routes to another port's device");
	scene_commit(bridge, 1, 2, 2, 1);
	CHECK_SCENE(&scene, { 0, 2, device, 0, 0 }, { 2, 2, other, NO_ENDPOINT, 0 },
		    { 4, 4, bridge, NO_DECODER, 0 });
	tap_end();

	tap_begin("the bridge routes to an empty port");
	scene_commit(bridge, 2, 5, 3, 0);
	CHECK_SCENE(&scene, { 0, 2, device, 0, 0 }, { 2, 2, other, NO_ENDPOINT, 0 },
		    { 4, 1, bridge, NO_DECODER, 0 }, { 5, 3, bridge, NO_TARGET, 0 });
	tap_end();
	scene_free(&scene, bridge);
}

static void test_clipping(void)
{
	struct softhost_node *bridge = rig_node(&rig_bridge);
	struct softhost_node *device = rig_child(bridge, 3, &rig_endpoint);
	struct scene scene = {};

	rig_enable(device);
	scene_add_window(&scene, 4 * GIB, 4 * UNIT, bridge);
	scene_add_window(&scene, 4 * GIB + 6 * UNIT, 4 * UNIT, bridge);

	tap_begin("T17, B6: one decoder over two windows and what is around them");
	scene_commit(bridge, 0, -3, 16, 3);
	scene_commit(device, 0, -2, 10, 0);
	CHECK_SCENE(&scene, { 0, 4, device, 0, 2 }, { 6, 2, device, 0, 8 },
		    { 8, 2, device, NO_ENDPOINT, 0 });
	tap_end();

	tap_begin("T17: a bridge decoder over all of the address space");
	scene_uncommit(bridge, 0);
	rig_must_commit(bridge, &(struct rig_program){ 0, 0, -UNIT, 3, 0 });
	CHECK_SCENE(&scene, { 0, 4, device, 0, 2 }, { 6, 2, device, 0, 8 },
		    { 8, 2, device, NO_ENDPOINT, 0 });
	tap_end();

	tap_begin("T18, B7: the device's range is larger than the bridge's");
	scene_uncommit(bridge, 0);
	scene_commit(bridge, 0, 1, 2, 3);
	CHECK_SCENE(&scene, { 0, 1, bridge, NO_DECODER, 0 }, { 1, 2, device, 0, 3 },
		    { 3, 1, bridge, NO_DECODER, 0 }, { 6, 4, bridge, NO_DECODER, 0 });
	tap_end();

	tap_begin("T18: two bridge ranges in one device range, and the other way round");
	scene_commit(bridge, 1, 3, 6, 3);
	scene_uncommit(device, 0);
	scene_commit(device, 0, 1, 6, 0);
	scene_commit(device, 1, 7, 1, 0);
	CHECK_SCENE(&scene, { 0, 1, bridge, NO_DECODER, 0 }, { 1, 2, device, 0, 0 },
		    { 3, 1, device, 0, 2 }, { 6, 1, device, 0, 5 }, { 7, 1, device, 0, 6 },
		    { 8, 1, device, NO_ENDPOINT, 0 }, { 9, 1, bridge, NO_DECODER, 0 });
	tap_end();

	tap_begin("T10: uncommit out of order leaves the upper decoder's memory where it was");
	scene_uncommit(device, 0);
	CHECK_SCENE(&scene, { 0, 1, bridge, NO_DECODER, 0 }, { 1, 2, device, NO_ENDPOINT, 0 },
		    { 3, 1, device, NO_ENDPOINT, 0 }, { 6, 1, device, NO_ENDPOINT, 0 },
		    { 7, 1, device, 0, 6 }, { 8, 1, device, NO_ENDPOINT, 0 },
		    { 9, 1, bridge, NO_DECODER, 0 });
	tap_end();
	scene_free(&scene, bridge);
}

static void test_interleave(void)
{
	struct softhost_node *bridge = rig_node(&rig_bridge);
	struct softhost_node *device = rig_child(bridge, 0, &rig_endpoint);
	struct scene scene = {};

	rig_enable(device);
	scene_add_window(&scene, 4 * GIB, 8 * UNIT, bridge);

	tap_begin("T19: one way with a granularity is linear");
	rig_must_commit(bridge, &(struct rig_program){ 0, 4 * GIB, 4 * UNIT, 0, IG(4u) });
	rig_must_commit(device, &(struct rig_program){ 0, 4 * GIB, 4 * UNIT, 0, IG(6u) });
	CHECK_SCENE(&scene, { 0, 4, device, 0, 0 }, { 4, 4, bridge, NO_DECODER, 0 });
	tap_end();

	tap_begin("T20: more ways on the bridge: nothing is linear, and one of them is silent");
	rig_must_commit(bridge, &(struct rig_program){ 1, 5 * GIB, 4 * UNIT, 0x100, IW(1u) });
	CHECK_SCENE(&scene, { 0, 4, device, 0, 0 }, { 4, 4, device, NO_ENDPOINT, 0 });
	rig_must_commit(device, &(struct rig_program){ 1, 5 * GIB, 2 * UNIT, 0, IW(1u) });
	CHECK_SCENE(&scene, { 0, 4, device, 0, 0 }, { 4, 2, bridge, NO_TARGET, BY_WAYS },
		    { 6, 2, device, NO_ENDPOINT, 0 });
	tap_end();

	tap_begin("T20: more ways on the device behind one-way levels: nothing is linear");
	scene_uncommit(bridge, 1);
	scene_uncommit(device, 1);
	rig_must_commit(bridge, &(struct rig_program){ 1, 5 * GIB, 4 * UNIT, 0, 0 });
	rig_must_commit(device, &(struct rig_program){ 1, 5 * GIB, 2 * UNIT, 0, IW(1u) });
	CHECK_SCENE(&scene, { 0, 4, device, 0, 0 }, { 4, 2, NULL, 0, BY_WAYS },
		    { 6, 2, device, NO_ENDPOINT, 0 });
	tap_end();

	tap_begin("T4: zero-size decoders answer nowhere");
	scene_uncommit(bridge, 1);
	scene_uncommit(device, 1);
	rig_must_commit(bridge, &(struct rig_program){ 1, 5 * GIB, 0, 0, 0 });
	rig_must_commit(device, &(struct rig_program){ 1, 5 * GIB, 0, 0, 0 });
	CHECK_SCENE(&scene, { 0, 4, device, 0, 0 }, { 4, 4, bridge, NO_DECODER, 0 });
	tap_end();
	scene_free(&scene, bridge);
}

/* Levels of switches: each decodes by itself, and is where a way may end */
static void test_switches(void)
{
	static const struct rig_shape passthrough = {
		.kind = CXL_SOFTHOST_NODE_SWITCH,
		.ports = 1,
	};
	struct softhost_node *bridge = rig_node(&rig_bridge);
	struct softhost_node *upper = rig_child(bridge, 9, &rig_switch);
	struct softhost_node *thin = rig_child(upper, 4, &passthrough);
	struct softhost_node *lower = rig_child(thin, 200, &rig_switch);
	struct softhost_node *device, *other;
	struct scene scene = {};

	scene_add_window(&scene, 4 * GIB, 8 * UNIT, bridge);
	tap_begin("switches: the way ends at the first level without a decoder");
	CHECK_SCENE(&scene, { 0, 8, bridge, NO_DECODER, 0 });
	scene_commit(bridge, 0, 0, 8, 9);
	CHECK_SCENE(&scene, { 0, 8, upper, NO_DECODER, 0 });
	scene_commit(upper, 0, 1, 7, 4);
	CHECK_SCENE(&scene, { 0, 1, upper, NO_DECODER, 0 }, { 1, 7, lower, NO_DECODER, 0 });
	scene_commit(lower, 0, 2, 6, 0);
	CHECK_SCENE(&scene, { 0, 1, upper, NO_DECODER, 0 }, { 1, 1, lower, NO_DECODER, 0 },
		    { 2, 6, lower, NO_TARGET, 0 });
	tap_end();

	tap_begin("switches: linear through five levels, clipped by each");
	device = rig_child(lower, 0, &rig_endpoint);
	other = rig_child(lower, 1, &rig_endpoint);
	rig_enable(device);
	rig_enable(other);
	scene_commit(device, 0, 0, 5, 0);
	CHECK_SCENE(&scene, { 0, 1, upper, NO_DECODER, 0 }, { 1, 1, lower, NO_DECODER, 0 },
		    { 2, 3, device, 0, 2 }, { 5, 3, device, NO_ENDPOINT, 0 });
	tap_end();

	tap_begin("switches: two ways at the lowest level only");
	scene_uncommit(lower, 0);
	scene_commit_ways(lower, 0, 2, 4, 0x0100, IW(1u) | IG(2u));
	scene_uncommit(device, 0);
	scene_commit_ways(device, 0, 2, 4, 0, IW(1u) | IG(2u));
	CHECK_SCENE(&scene, { 0, 1, upper, NO_DECODER, 0 }, { 1, 1, lower, NO_DECODER, 0 },
		    { 2, 4, other, NO_ENDPOINT, BY_WAYS }, { 6, 2, lower, NO_DECODER, 0 });
	scene_commit_ways(other, 0, 2, 4, 0, IW(1u) | IG(2u));
	CHECK_SCENE(&scene, { 0, 1, upper, NO_DECODER, 0 }, { 1, 1, lower, NO_DECODER, 0 },
		    { 2, 4, NULL, 0, BY_WAYS }, { 6, 2, lower, NO_DECODER, 0 });
	tap_end();

	tap_begin("a component that goes takes the way with it");
	lower->next->present = false;
	CHECK_SCENE(&scene, { 0, 1, upper, NO_DECODER, 0 }, { 1, 7, thin, NO_TARGET, 0 });
	tap_end();
	scene_free(&scene, bridge);
}

static void test_partitions(void)
{
	static const struct rig_shape persistent_only = {
		.kind = CXL_SOFTHOST_NODE_ENDPOINT,
		.flags = CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8,
		.decoders = 2,
		.length = { 0, 8 * UNIT },
	};
	struct softhost_node *bridge = rig_node(&rig_passthrough);
	struct softhost_node *device = rig_child(bridge, 0, &rig_endpoint);
	struct softhost_latch *latch = &device->next->decoders[0].latch;
	struct softhost_answer answer;
	struct scene scene = {};

	rig_enable(device);
	scene_add_window(&scene, 4 * GIB, 40 * UNIT, bridge);

	tap_begin("T22: neighbours in HPA and DPA, each in its partition's backend");
	scene_commit(device, 0, 0, 4, 12 * UNIT);
	scene_commit(device, 1, 4, 4, 0);
	CHECK_SCENE(&scene, { 0, 4, device, 0, 12 }, { 4, 4, device, 0, 16 },
		    { 8, 32, device, NO_ENDPOINT, 0 });
	tap_end();

	/* What the commit rules refuse is not mapped even if it got past them */
	tap_begin("I5: a latch that crosses partitions is cut there");
	scene_uncommit(device, 1);
	latch->size = 8 * UNIT;
	CHECK_SCENE(&scene, { 0, 4, device, 0, 12 }, { 4, 4, device, 0, 16 },
		    { 8, 32, device, NO_ENDPOINT, 0 });
	tap_end();

	tap_begin("I5: a latch that passes the capacity isn't mapped beyond it");
	latch->size = 40 * UNIT;
	latch->dpa_base = 0;
	CHECK_SCENE(&scene, { 0, 16, device, 0, 0 }, { 16, 16, device, 0, 16 },
		    { 32, 8, device, CXL_SOFTHOST_REASON_DPA_CAPACITY, 0 });
	softhost_walk(&scene.window[0], 4 * GIB + 33 * UNIT, true, &answer);
	CHECK_EQUAL(answer.reason, CXL_SOFTHOST_REASON_DPA_CAPACITY);
	CHECK(answer.node == device);
	softhost_walk(&scene.window[0], 4 * GIB + 17 * UNIT + 5, true, &answer);
	CHECK_EQUAL(answer.reason, CXL_SOFTHOST_REASON_NONE);
	CHECK_EQUAL(answer.dpa, 17 * UNIT + 5);
	CHECK_EQUAL(answer.length, 15 * UNIT - 5);
	latch->dpa_base = -UNIT;
	latch->size = UNIT;
	CHECK_SCENE(&scene, { 0, 1, device, CXL_SOFTHOST_REASON_DPA_CAPACITY, 0 },
		    { 1, 39, device, NO_ENDPOINT, 0 });
	tap_end();
	scene_free(&scene, bridge);

	scene = (struct scene){};
	bridge = rig_node(&rig_passthrough);
	device = rig_child(bridge, 0, &persistent_only);
	rig_enable(device);
	scene_add_window(&scene, 4 * GIB, 8 * UNIT, bridge);
	tap_begin("persistent only: DPA 0 lies in the persistent partition");
	scene_commit(device, 0, 0, 8, 0);
	CHECK_SCENE(&scene, { 0, 8, device, 0, 0 });
	CHECK_EQUAL(scene.map->segments[0].partition, CXL_SOFTHOST_PARTITION_PERSISTENT);
	tap_end();
	scene_free(&scene, bridge);
}

int main(void)
{
	test_facts();
	test_bridges();
	test_clipping();
	test_interleave();
	test_switches();
	test_partitions();
	return tap_done();
}
