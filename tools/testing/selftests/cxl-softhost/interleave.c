// SPDX-License-Identifier: GPL-2.0-only
/*
 * Trees with switches and windows with several targets: every address is where
 * the model puts it, at every step of programming.
 */
#include "fixture.h"
#include "tree.h"
#include "vm.h"

#define BASE WINDOW_HPA
/* Ports are neither dense nor in order (T13) */
#define PORT(way) (201U - 7 * (way))

static uint32_t ways_code(unsigned int ways)
{
	unsigned int three = ways % 3 == 0;
	uint32_t code = three ? 8 : 0;

	for (ways /= three ? 3 : 1; ways > 1; ways /= 2)
		code++;
	return code;
}

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
		.ways_code = ways_code(ways),
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
		.ways_code = ways_code(region->shape.device_ways),
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
