// SPDX-License-Identifier: GPL-2.0-only
/*
 * What may be interleaved and what may overlap: LINEAR_ONLY windows, the policy
 * strict-spec, and programs that keep to nothing.
 */
#include "fixture.h"
#include "random.h"
#include "tree.h"
#include "vm.h"

#define BASE WINDOW_HPA

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
	struct decoder decoder = {
		.base = BASE, .size = 4 * UNIT, .ways_code = 1, .extra = 0x0100,
	};
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

/* Under strict-spec, one device below a host bridge that passes all on; attached */
static int strict_create(struct tree *tree, struct vm *vm, unsigned int units)
{
	struct tree_window window = { .hpa = BASE, .length = 8 * UNIT, .ways = 1 };
	struct tree_shape passthrough = { .decoders = NO_HDM };
	int device;

	tree_create(tree, CXL_SOFTHOST_POLICY_STRICT_SPEC);
	window.bridges[0] = tree_add_router(tree, TREE_NONE, 0, &passthrough);
	device = tree_add_device(tree, window.bridges[0], 0,
				 &(struct tree_shape){ .volatile_units = units });
	tree_add_window(tree, &window);
	vm_create(vm);
	attach(tree->fd, vm->fd, CXL_SOFTHOST_SLOT_TOP, 0);
	tree_enable(tree, device);
	return device;
}

TEST_TIMEOUT(strict_spec_the_lowest_numbered_decoder_answers_in_slots_too, 120)
{
	struct decoder decoder = { .base = BASE, .size = 3 * UNIT };
	struct tree tree;
	struct vm vm;
	int device = strict_create(&tree, &vm, 16);

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

TEST(T16_one_DPA_at_two_HPAs_is_the_same_memory_twice)
{
	struct decoder decoder = { .base = BASE, .size = UNIT };
	const uint64_t later = BASE + 4 * UNIT;
	struct cxl_softhost_translate back;
	struct tree tree;
	struct vm vm;
	int device = strict_create(&tree, &vm, 4);

	EXPECT_RESULT(COMMITTED, NONE, tree_commit(&tree, device, 0, &decoder));
	decoder.base = BASE + 2 * UNIT;
	EXPECT_RESULT(COMMITTED, NONE, tree_commit(&tree, device, 1, &decoder));
	EXPECT_RESULT(UNCOMMITTED, NONE, tree_uncommit(&tree, device, 0));

	test_context("a lock asks that DPA isn't shared");
	decoder = (struct decoder){ .base = later, .size = 2 * UNIT, .lock = true };
	EXPECT_REFUSED(HPA_ABOVE, BASE + 2 * UNIT, later + 2 * UNIT,
		       tree_commit(&tree, device, 0, &decoder));
	tree_uncommit(&tree, device, 0);
	decoder.base = BASE;
	EXPECT_REFUSED(DPA_OVERLAP, UNIT, 2 * UNIT, tree_commit(&tree, device, 0, &decoder));

	test_context("not locked");
	tree_uncommit(&tree, device, 0);
	decoder = (struct decoder){ .base = later, .size = 2 * UNIT };
	EXPECT_RESULT(COMMITTED, NONE, tree_commit(&tree, device, 0, &decoder));
	EXPECT_EQ(2, softhost_info(tree.fd).out_slots_used);
	EXPECT_MAPPED(&vm, BASE + 2 * UNIT, UNIT);
	EXPECT_MAPPED(&vm, later, 2 * UNIT);
	EXPECT_EQ(UNIT + PAGE, translate(tree.fd, BASE + 2 * UNIT + PAGE).out_dpa);
	EXPECT_EQ(UNIT + PAGE, translate(tree.fd, later + UNIT + PAGE).out_dpa);
	ASSERT_RETURN(0, __translate_dpa(tree.fd, tree.ids[device], UNIT + PAGE, &back));
	EXPECT_EQ(BASE + 2 * UNIT + PAGE, back.out_hpa);
	EXPECT_TREE(&tree);

	test_context("never more than there is");
	tree_uncommit(&tree, device, 1);
	decoder = (struct decoder){ .base = BASE, .size = 3 * UNIT };
	EXPECT_REFUSED(DPA_CAPACITY, 4 * UNIT, 5 * UNIT, tree_commit(&tree, device, 1, &decoder));
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
