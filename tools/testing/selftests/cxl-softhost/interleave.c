// SPDX-License-Identifier: GPL-2.0-only
/*
 * Trees with switches and windows with several targets: every address is where
 * the model puts it, at every step of programming.
 */
#include "fixture.h"
#include "random.h"
#include "tree.h"
#include "vm.h"

#define BASE WINDOW_HPA
#define CODE(ways) ((ways) == 1 ? 0U : (ways) == 2 ? 1U : (ways) == 4 ? 2U :	\
		    (ways) == 8 ? 3U : (ways) == 16 ? 4U : (ways) == 3 ? 8U :	\
		    (ways) == 6 ? 9U : 10U)

/* Ports are neither dense nor in order (T13) */
#define PORT(way) (201U - 7 * (way))

/* Ways and the code of the granularity at each level; no ways: no such level */
struct shape {
	unsigned int window_ways, window_code;
	unsigned int bridge_ways, bridge_code;
	unsigned int switch_ways, switch_code;
	unsigned int device_ways, device_code;
	unsigned int maps;
	uint64_t map[4];
};

struct region {
	struct tree tree;
	struct shape shape;
	uint64_t length;
	unsigned int router_count, device_count;
	int routers[32];
	int devices[32];
};

static void add_devices(struct region *region, int above, unsigned int ways)
{
	unsigned int way;

	for (way = 0; way < ways; way++)
		region->devices[region->device_count++] =
			tree_add_device(&region->tree, above, PORT(way), NULL);
}

static void add_bridge(struct region *region)
{
	const struct shape *shape = &region->shape;
	struct tree_shape passthrough = { .decoders = NO_HDM };
	bool thin = shape->bridge_ways == 1 && !shape->switch_ways;
	int bridge = tree_add_router(&region->tree, TREE_NONE, 0, thin ? &passthrough : NULL);
	unsigned int way;

	region->routers[region->router_count++] = bridge;
	if (!shape->switch_ways) {
		add_devices(region, bridge, shape->bridge_ways);
		return;
	}
	for (way = 0; way < shape->bridge_ways; way++) {
		int below = tree_add_router(&region->tree, bridge, PORT(way), NULL);

		region->routers[region->router_count++] = below;
		add_devices(region, below, shape->switch_ways);
	}
}

static void region_create(struct region *region, const struct shape *shape)
{
	struct tree_window window = {
		.hpa = BASE,
		.ways = shape->window_ways,
		.granularity = 256ULL << shape->window_code,
		.maps = shape->maps,
	};
	unsigned int way;

	*region = (struct region){ .shape = *shape };
	tree_create(&region->tree, CXL_SOFTHOST_POLICY_CHECKED);
	for (way = 0; way < shape->window_ways; way++) {
		window.bridges[way] = region->tree.model.node_count;
		add_bridge(region);
	}
	for (way = 0; way < shape->maps; way++)
		window.map[way] = shape->map[way];
	region->length = shape->device_ways * UNIT;
	/* One unit, or ways, more: where the window goes on and the region doesn't */
	window.length = region->length + shape->window_ways * UNIT;
	tree_add_window(&region->tree, &window);
}

/* Host bridges and switches */
static void commit_router(struct region *region, unsigned int i)
{
	const struct model_node *node = &region->tree.model.nodes[region->routers[i]];
	bool bridge = node->above < 0;
	unsigned int way, ways = bridge ? region->shape.bridge_ways : region->shape.switch_ways;
	struct decoder decoder = {
		.base = BASE,
		.size = region->length,
		.ways_code = CODE(ways),
		.granularity_code = bridge ? region->shape.bridge_code :
					     region->shape.switch_code,
	};

	if (!node->has_hdm)
		return;
	for (way = 0; way < ways; way++)
		decoder.extra |= (uint64_t)PORT(way) << 8 * way;
	EXPECT_EQ(CXL_SOFTHOST_OUTCOME_COMMITTED,
		  tree_commit(&region->tree, region->routers[i], 0, &decoder).outcome);
}

static void commit_device(struct region *region, unsigned int i)
{
	struct decoder decoder = {
		.base = BASE,
		.size = region->length,
		.ways_code = CODE(region->shape.device_ways),
		.granularity_code = region->shape.device_code,
	};

	tree_enable(&region->tree, region->devices[i]);
	EXPECT_EQ(CXL_SOFTHOST_OUTCOME_COMMITTED,
		  tree_commit(&region->tree, region->devices[i], 0, &decoder).outcome);
}

static void region_check(struct region *region, bool complete)
{
	if (complete) {
		test_context("complete");
		EXPECT_EQ(region->length, EXPECT_KIND(&region->tree, BASE, INTERLEAVED, NONE));
	}
	EXPECT_TREE(&region->tree);
}

/* Bottom-up as Linux does it, and top-down (T11) */
static void check_region(const struct shape *shape)
{
	struct region region;
	unsigned int i;

	test_context("bottom-up");
	region_create(&region, shape);
	region_check(&region, false);
	for (i = 0; i < region.device_count; i++)
		commit_device(&region, i);
	region_check(&region, false);
	for (i = region.router_count; i-- > 0;)
		commit_router(&region, i);
	region_check(&region, true);

	test_context("top-down");
	region_create(&region, shape);
	for (i = 0; i < region.router_count; i++)
		commit_router(&region, i);
	region_check(&region, false);
	for (i = 0; i < region.device_count; i++)
		commit_device(&region, i);
	region_check(&region, true);
	test_context("taken down from the middle");
	for (i = 0; i < region.device_count; i++)
		tree_uncommit(&region.tree, region.devices[(i + region.device_count / 2) %
							   region.device_count], 0);
	region_check(&region, false);
}

#define TEST_REGION(name, ...)							\
	TEST_TIMEOUT(name, 180)							\
	{									\
		check_region(&(struct shape){ __VA_ARGS__ });			\
	}

TEST_REGION(two_ways_over_two_host_bridges, 2, 0, 1, 0, .device_ways = 2)
TEST_REGION(two_ways_under_one_host_bridge, 1, 0, 2, 2, .device_ways = 2, .device_code = 2)
TEST_REGION(four_ways_through_a_switch, 1, 0, 1, 0, 4, 0, .device_ways = 4)
TEST_REGION(three_ways_over_three_host_bridges, 3, 0, 1, 0, .device_ways = 3)
TEST_REGION(six_ways_as_the_specification_has_them, 3, 1, 2, 0, .device_ways = 6)
/* cxl-rules: legal for hardware, though Linux labels positions otherwise */
TEST_REGION(six_ways_as_Linux_programs_them, 3, 0, 2, 0, .device_ways = 6)
TEST_REGION(eight_ways_with_the_finest_granules_at_the_bottom, 1, 0, 2, 4, 4, 2, .device_ways = 8,
	    .device_code = 2)
TEST_REGION(twelve_ways_on_three_levels, 3, 2, 2, 1, 2, 0, .device_ways = 12)
TEST_REGION(sixteen_ways_on_three_levels, 2, 0, 4, 1, 2, 3, .device_ways = 16)
TEST_REGION(four_ways_of_XOR_maps, 4, 0, 1, 0, .device_ways = 4, .maps = 2,
	    .map = { 0x2020900, 0x4041200 })
TEST_REGION(six_ways_of_XOR_maps, 3, 1, 2, 0, .device_ways = 6, .maps = 1, .map = { 0x2020a00 })
TEST_REGION(sixteen_KiB_granules, 2, 6, 1, 0, .device_ways = 2, .device_code = 6)

static void region_commit(struct region *region, const struct shape *shape)
{
	unsigned int i;

	region_create(region, shape);
	for (i = 0; i < region->router_count; i++)
		commit_router(region, i);
	for (i = 0; i < region->device_count; i++)
		commit_device(region, i);
}

static const struct shape four_ways = { 2, 0, 2, 1, .device_ways = 4 };

TEST_TIMEOUT(a_way_that_fails_is_silent_and_the_others_are_not, 120)
{
	struct region region;
	struct tree *tree = &region.tree;
	uint32_t id;
	int device;

	region_commit(&region, &four_ways);
	device = region.devices[2];
	id = tree->ids[device];

	test_context("media");
	node_set_media(tree->fd, id, CXL_SOFTHOST_MEDIA_DISABLED);
	tree->model.nodes[device].media_ok = false;
	EXPECT_KIND(tree, BASE, INTERLEAVED, MEDIA_DISABLED);
	EXPECT_TREE(tree);
	node_set_media(tree->fd, id, CXL_SOFTHOST_MEDIA_READY);
	tree->model.nodes[device].media_ok = true;

	test_context("Mem_Enable");
	node_set_mem_enable(tree->fd, id, 0);
	tree->model.nodes[device].mem_on = false;
	EXPECT_KIND(tree, BASE, INTERLEAVED, MEM_DISABLED);
	EXPECT_TREE(tree);

	test_context("reset");
	tree_reset(tree, device);
	tree_enable(tree, device);
	EXPECT_KIND(tree, BASE, INTERLEAVED, NO_ENDPOINT_DECODER);
	EXPECT_TREE(tree);

	test_context("gone");
	destroy(tree->fd, id);
	tree->model.nodes[device].present = false;
	EXPECT_KIND(tree, BASE, INTERLEAVED, NO_TARGET);
	EXPECT_TREE(tree);

	test_context("the host bridge");
	tree_reset(tree, region.routers[0]);
	EXPECT_KIND(tree, BASE, INTERLEAVED, NO_DECODER);
	EXPECT_TREE(tree);
	test_context("both host bridges");
	tree_reset(tree, region.routers[1]);
	EXPECT_KIND(tree, BASE, HOLE, NO_DECODER);
	EXPECT_TREE(tree);
}

TEST(an_interleaved_part_has_no_slots_and_a_linear_one_below_switches_has)
{
	struct tree tree;
	struct tree_shape passthrough = { .decoders = NO_HDM };
	struct decoder decoder = { .base = BASE, .size = 2 * UNIT, .extra = 3 };
	struct tree_window window = { .hpa = BASE, .length = 8 * UNIT, .ways = 1 };
	int bridge, upper, lower, one, two;
	struct vm vm;

	tree_create(&tree, CXL_SOFTHOST_POLICY_CHECKED);
	bridge = tree_add_router(&tree, TREE_NONE, 0, &passthrough);
	upper = tree_add_router(&tree, bridge, 200, NULL);
	lower = tree_add_router(&tree, upper, 3, &(struct tree_shape){ .ports = 2 });
	one = tree_add_device(&tree, lower, 3, NULL);
	two = tree_add_device(&tree, lower, 9, NULL);
	window.bridges[0] = bridge;
	tree_add_window(&tree, &window);
	vm_create(&vm);
	attach(tree.fd, vm.fd, CXL_SOFTHOST_SLOT_TOP, 0);
	tree_enable(&tree, one);
	tree_enable(&tree, two);

	decoder.extra = 0;
	EXPECT_RESULT(COMMITTED, NONE, tree_commit(&tree, one, 0, &decoder));
	decoder.extra = 3;
	EXPECT_RESULT(COMMITTED, NONE, tree_commit(&tree, lower, 0, &decoder));
	EXPECT_NOT_MAPPED(&vm, BASE, 8 * UNIT);
	decoder.size = 4 * UNIT;
	EXPECT_RESULT(COMMITTED, NONE, tree_commit(&tree, upper, 0, &decoder));
	EXPECT_MAPPED(&vm, BASE, 2 * UNIT);
	EXPECT_NOT_MAPPED(&vm, BASE + 2 * UNIT, 6 * UNIT);
	EXPECT_EQ(1, softhost_info(tree.fd).out_slots_used);
	EXPECT_TREE(&tree);

	test_context("two ways beside it");
	decoder = (struct decoder){
		.base = BASE + 2 * UNIT, .size = 2 * UNIT, .ways_code = 1, .granularity_code = 3,
	};
	EXPECT_RESULT(COMMITTED, INTERLEAVED, tree_commit(&tree, one, 1, &decoder));
	EXPECT_RESULT(COMMITTED, INTERLEAVED, tree_commit(&tree, two, 0, &decoder));
	decoder.extra = 0x0903;
	EXPECT_RESULT(COMMITTED, INTERLEAVED, tree_commit(&tree, lower, 1, &decoder));
	EXPECT_MAPPED(&vm, BASE, 2 * UNIT);
	EXPECT_NOT_MAPPED(&vm, BASE + 2 * UNIT, 6 * UNIT);
	EXPECT_KIND(&tree, BASE + 2 * UNIT, INTERLEAVED, NONE);
	EXPECT_EQ(1, softhost_info(tree.fd).out_slots_used);
	EXPECT_TREE(&tree);

	test_context("reset of the switch in the middle");
	tree_reset(&tree, lower);
	EXPECT_NOT_MAPPED(&vm, BASE, 8 * UNIT);
	EXPECT_EQ(0, softhost_info(tree.fd).out_slots_used);
	EXPECT_TREE(&tree);
}

TEST(a_window_with_several_targets_needs_no_slots)
{
	struct region region;
	struct cxl_softhost_attach attached;
	struct vm vm;

	region_commit(&region, &four_ways);
	EXPECT_EQ(0, softhost_info(region.tree.fd).out_slots_worst);
	vm_create(&vm);
	attached = attach(region.tree.fd, vm.fd, CXL_SOFTHOST_SLOT_TOP, 0);
	EXPECT_EQ(1, attached.out_slot_count);
	EXPECT_EQ(0, softhost_info(region.tree.fd).out_slots_used);
	EXPECT_NOT_MAPPED(&vm, BASE, region.length + 2 * UNIT);
	EXPECT_TREE(&region.tree);
	EXPECT_RESULT(DONE, NONE, detach(region.tree.fd));
}

/* One linear window and a LINEAR_ONLY one, below it a bridge and two devices */
static void linear_only_create(struct tree *tree, int *bridge, int devices[2])
{
	struct tree_window window = { .hpa = BASE, .length = 4 * UNIT, .ways = 1 };

	tree_create(tree, CXL_SOFTHOST_POLICY_CHECKED);
	*bridge = tree_add_router(tree, TREE_NONE, 0, NULL);
	devices[0] = tree_add_device(tree, *bridge, 0, NULL);
	devices[1] = tree_add_device(tree, *bridge, 1, NULL);
	window.bridges[0] = *bridge;
	tree_add_window(tree, &window);
	window.hpa += 8 * UNIT;
	window.flags = CXL_SOFTHOST_WINDOW_LINEAR_ONLY;
	tree_add_window(tree, &window);
}

TEST(T37_LINEAR_ONLY_refuses_the_commit_that_would_interleave)
{
	const uint64_t only = BASE + 8 * UNIT;
	struct decoder decoder = { .base = only + UNIT, .size = 2 * UNIT, .ways_code = 1 };
	struct tree tree;
	int bridge, devices[2];

	linear_only_create(&tree, &bridge, devices);
	test_context("the host bridge");
	decoder.extra = 0x0100;
	EXPECT_REFUSED(LINEAR_ONLY, only, only + UNIT, tree_commit(&tree, bridge, 0, &decoder));
	EXPECT_TRUE(decoder_control(tree.fd, tree.ids[bridge], 0) & CONTROL_ERROR);
	EXPECT_TREE(&tree);
	tree_uncommit(&tree, bridge, 0);

	test_context("a device that nothing leads to, and the host bridge that would");
	decoder.extra = 0;
	EXPECT_RESULT(COMMITTED, INTERLEAVED, tree_commit(&tree, devices[0], 0, &decoder));
	decoder.ways_code = 0;
	/* No enable is set: it is judged as if all were */
	EXPECT_REFUSED(LINEAR_ONLY, only, only + UNIT, tree_commit(&tree, bridge, 0, &decoder));
	EXPECT_TREE(&tree);
	tree_uncommit(&tree, bridge, 0);

	test_context("a device that something leads to");
	tree_uncommit(&tree, devices[0], 0);
	EXPECT_RESULT(COMMITTED, NONE, tree_commit(&tree, bridge, 0, &decoder));
	decoder.ways_code = 1;
	EXPECT_REFUSED(LINEAR_ONLY, only, only + UNIT, tree_commit(&tree, devices[0], 0, &decoder));
	tree_uncommit(&tree, devices[0], 0);
	EXPECT_RESULT(COMMITTED, INTERLEAVED, tree_commit(&tree, devices[1], 0, &decoder));

	test_context("one way");
	decoder.ways_code = 0;
	EXPECT_RESULT(COMMITTED, NONE, tree_commit(&tree, devices[0], 0, &decoder));
	tree_enable(&tree, devices[0]);
	EXPECT_KIND(&tree, only + UNIT, LINEAR, NO_ENGINE);
	EXPECT_TREE(&tree);
}

TEST(LINEAR_ONLY_is_of_its_window_alone)
{
	struct decoder decoder = { .base = BASE, .size = 4 * UNIT, .ways_code = 1, .extra = 0x0100 };
	struct tree tree;
	int bridge, devices[2];

	linear_only_create(&tree, &bridge, devices);
	EXPECT_RESULT(COMMITTED, INTERLEAVED, tree_commit(&tree, bridge, 0, &decoder));
	test_context("a range over both");
	tree_uncommit(&tree, bridge, 0);
	decoder.size = 9 * UNIT;
	EXPECT_REFUSED(LINEAR_ONLY, BASE + 8 * UNIT, BASE + 8 * UNIT,
		       tree_commit(&tree, bridge, 0, &decoder));
	EXPECT_TREE(&tree);
}

TEST_TIMEOUT(strict_spec_the_lowest_numbered_decoder_answers_in_slots_too, 120)
{
	struct tree_window window = { .hpa = BASE, .length = 8 * UNIT, .ways = 1 };
	struct tree_shape passthrough = { .decoders = NO_HDM };
	struct decoder decoder = { .base = BASE, .size = 3 * UNIT };
	struct tree tree;
	int bridge, device;
	struct vm vm;

	tree_create(&tree, CXL_SOFTHOST_POLICY_STRICT_SPEC);
	bridge = tree_add_router(&tree, TREE_NONE, 0, &passthrough);
	device = tree_add_device(&tree, bridge, 0, &(struct tree_shape){ .volatile_units = 16 });
	window.bridges[0] = bridge;
	tree_add_window(&tree, &window);
	vm_create(&vm);
	attach(tree.fd, vm.fd, CXL_SOFTHOST_SLOT_TOP, 0);
	tree_enable(&tree, device);

	test_context("out of order");
	decoder.extra = 4 * UNIT;
	EXPECT_RESULT(COMMITTED, NONE, tree_commit(&tree, device, 2, &decoder));
	EXPECT_EQ(1, softhost_info(tree.fd).out_slots_used);
	EXPECT_TREE(&tree);

	test_context("over the middle of it");
	decoder = (struct decoder){ .base = BASE + UNIT, .size = UNIT };
	EXPECT_RESULT(COMMITTED, NONE, tree_commit(&tree, device, 0, &decoder));
	EXPECT_EQ(3, softhost_info(tree.fd).out_slots_used);
	EXPECT_MAPPED(&vm, BASE, 3 * UNIT);
	EXPECT_EQ(0, translate(tree.fd, BASE + UNIT).out_dpa);
	EXPECT_EQ(6 * UNIT, translate(tree.fd, BASE + 2 * UNIT).out_dpa);
	EXPECT_TREE(&tree);

	test_context("under both");
	decoder = (struct decoder){ .base = BASE, .size = 5 * UNIT, .extra = UNIT };
	EXPECT_RESULT(COMMITTED, NONE, tree_commit(&tree, device, 3, &decoder));
	EXPECT_MAPPED(&vm, BASE, 5 * UNIT);
	EXPECT_TREE(&tree);

	test_context("uncovered");
	EXPECT_RESULT(UNCOMMITTED, NONE, tree_uncommit(&tree, device, 0));
	EXPECT_MAPPED(&vm, BASE, 5 * UNIT);
	EXPECT_TREE(&tree);
	EXPECT_RESULT(UNCOMMITTED, NONE, tree_uncommit(&tree, device, 2));
	EXPECT_EQ(1, softhost_info(tree.fd).out_slots_used);
	EXPECT_TREE(&tree);
	test_context("Lock On Commit asks for the rules");
	decoder = (struct decoder){ .base = BASE + 4 * UNIT, .size = 2 * UNIT, .lock = true };
	EXPECT_REFUSED(HPA_ABOVE, BASE, BASE + 6 * UNIT, tree_commit(&tree, device, 0, &decoder));
	EXPECT_TREE(&tree);
}

/* Whatever is programmed: no segment too many, and the model's answer everywhere */
TEST_TIMEOUT(hostile_programs_stay_within_the_bound, 240)
{
	struct tree_window windows[2] = {
		{ .hpa = BASE, .length = 8 * UNIT, .ways = 2, .granularity = 1024 },
		{ .hpa = BASE + 8 * UNIT, .length = 8 * UNIT, .ways = 1 },
	};
	uint64_t random = random_seed(4, 1);
	unsigned int i, most = 0, steps = 220;
	struct map map;
	struct tree tree;
	int nodes[7];

	tree_create(&tree, CXL_SOFTHOST_POLICY_STRICT_SPEC);
	nodes[0] = tree_add_router(&tree, TREE_NONE, 0, NULL);
	nodes[1] = tree_add_router(&tree, TREE_NONE, 0, NULL);
	nodes[2] = tree_add_router(&tree, nodes[0], 1, NULL);
	for (i = 3; i < ARRAY_SIZE(nodes); i++) {
		nodes[i] = tree_add_device(&tree, i < 5 ? nodes[2] : nodes[i % 2], 2 + i % 2, NULL);
		tree_enable(&tree, nodes[i]);
	}
	windows[0].bridges[0] = nodes[0];
	windows[0].bridges[1] = nodes[1];
	windows[1].bridges[0] = nodes[0];
	tree_add_window(&tree, &windows[0]);
	tree_add_window(&tree, &windows[1]);

	for (i = 0; i < steps; i++) {
		int node = nodes[random_from(&random, ARRAY_SIZE(nodes))];
		unsigned int number = random_from(&random, 4);
		struct decoder decoder = { .base = BASE };

		test_context("step %u", i);
		if (decoder_control(tree.fd, tree.ids[node], number) & CONTROL_COMMIT) {
			tree_uncommit(&tree, node, number);
			continue;
		}
		decoder.base += random_from(&random, 16) * UNIT;
		decoder.size = (1 + random_from(&random, 6)) * UNIT;
		decoder.ways_code = random_from(&random, 3);
		decoder.granularity_code = random_from(&random, 7);
		if (tree.model.nodes[node].kind != MODEL_DEVICE)
			decoder.extra = random_from(&random, 256) * 0x0101010101010101ULL &
					0x0302010003020100ULL;
		tree_commit(&tree, node, number, &decoder);
		map = map_get(tree.fd);
		EXPECT_TRUE(map.count <= softhost_info(tree.fd).out_segments_worst);
		if (map.count > most)
			most = map.count;
		map_free(&map);
		if (i % 20 == 19 && !EXPECT_TREE(&tree))
			break;
	}
	test_note("%u segments at most, the bound is %u", most,
		  softhost_info(tree.fd).out_segments_worst);
	EXPECT_TRUE(most >= 8);
}
