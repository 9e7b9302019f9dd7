// SPDX-License-Identifier: GPL-2.0-only
/*
 * IDENTITY windows: what the VMM told those that do DMA at boot stays true,
 * whatever the guest programs.
 */
#include "fixture.h"
#include "random.h"
#include "tree.h"
#include "vm.h"

#define BASE WINDOW_HPA

struct bed {
	struct tree tree;
	struct vm vm;
	int bridge, devices[2];
};

/* In the window, device 0's DPA from @dpa on; two units above it one without flags */
static void bed_create(struct bed *bed, uint32_t policy, uint64_t dpa)
{
	struct tree_window window = {
		.hpa = BASE, .length = 2 * UNIT, .ways = 1,
		.flags = CXL_SOFTHOST_WINDOW_LINEAR_ONLY | CXL_SOFTHOST_WINDOW_IDENTITY,
		.dpa = dpa,
	};
	unsigned int i;

	*bed = (struct bed){ .bridge = 0 };
	tree_create(&bed->tree, policy);
	bed->bridge = tree_add_router(&bed->tree, TREE_NONE, 0, NULL);
	for (i = 0; i < 2; i++)
		bed->devices[i] = tree_add_device(&bed->tree, bed->bridge, i, NULL);
	window.bridges[0] = bed->bridge;
	window.device = bed->devices[0];
	tree_add_window(&bed->tree, &window);
	window.hpa += 4 * UNIT;
	window.length = 4 * UNIT;
	window.flags = 0;
	tree_add_window(&bed->tree, &window);
	vm_create(&bed->vm);
	attach(bed->tree.fd, bed->vm.fd, CXL_SOFTHOST_SLOT_TOP, 0);
}

/* Each page that the VM has of the window is the one that the VMM told of at boot */
static void expect_in_place(struct bed *bed, uint64_t dpa)
{
	uint8_t *memory = bed->tree.memory[bed->devices[0]] + dpa;
	struct map map = map_get(bed->tree.fd);
	unsigned int i;

	for (i = 0; i < map.count; i++) {
		const struct cxl_softhost_segment *segment = &map.segments[i];

		if (segment->kind != CXL_SOFTHOST_SEGMENT_LINEAR || segment->hpa >= BASE + 2 * UNIT)
			continue;
		EXPECT_EQ((uintptr_t)memory + (segment->hpa - BASE), segment->host_addr);
	}
	map_free(&map);
}

TEST(IDENTITY_refuses_what_belongs_elsewhere)
{
	const uint64_t place = BACKEND_OFFSET + UNIT;
	struct decoder decoder = { .base = BASE, .size = 8 * UNIT };
	struct bed bed;
	struct tree *tree = &bed.tree;

	bed_create(&bed, CXL_SOFTHOST_POLICY_CHECKED, UNIT);
	tree_enable(tree, bed.devices[0]);
	EXPECT_RESULT(COMMITTED, NONE, tree_commit(tree, bed.bridge, 0, &decoder));

	test_context("the device's first byte at the window's");
	decoder.size = UNIT;
	EXPECT_REFUSED(IDENTITY, place, place - UNIT,
		       tree_commit(tree, bed.devices[0], 0, &decoder));
	EXPECT_TRUE(decoder_control(tree->fd, tree->ids[bed.devices[0]], 0) & CONTROL_ERROR);
	EXPECT_NOT_MAPPED(&bed.vm, BASE, 2 * UNIT);
	tree_uncommit(tree, bed.devices[0], 0);

	test_context("what belongs there");
	decoder.extra = UNIT;
	EXPECT_RESULT(COMMITTED, NONE, tree_commit(tree, bed.devices[0], 0, &decoder));
	EXPECT_MAPPED(&bed.vm, BASE, UNIT);
	expect_in_place(&bed, UNIT);
	EXPECT_TREE(tree);

	test_context("it fits below, and not above");
	decoder = (struct decoder){ .base = BASE + UNIT, .size = UNIT, .extra = UNIT };
	EXPECT_REFUSED(IDENTITY, place + UNIT, place + 2 * UNIT,
		       tree_commit(tree, bed.devices[0], 1, &decoder));
	tree_uncommit(tree, bed.devices[0], 1);

	test_context("outside of the window anything goes");
	decoder.base = BASE + 4 * UNIT;
	EXPECT_RESULT(COMMITTED, NONE, tree_commit(tree, bed.devices[0], 1, &decoder));
	EXPECT_MAPPED(&bed.vm, BASE + 4 * UNIT, UNIT);
	expect_in_place(&bed, UNIT);
	EXPECT_TREE(tree);
}

TEST(IDENTITY_refuses_what_others_have)
{
	struct decoder decoder = { .base = BASE, .size = 2 * UNIT };
	struct bed bed;
	struct tree *tree = &bed.tree;

	bed_create(&bed, CXL_SOFTHOST_POLICY_CHECKED, 0);
	/* Nothing leads there yet: nobody objects. No enable is set, but could be */
	EXPECT_RESULT(COMMITTED, NONE, tree_commit(tree, bed.devices[1], 0, &decoder));
	decoder.extra = 1;
	EXPECT_REFUSED(IDENTITY, BACKEND_OFFSET, UINT64_MAX,
		       tree_commit(tree, bed.bridge, 0, &decoder));
	EXPECT_NOT_MAPPED(&bed.vm, BASE, 2 * UNIT);
	EXPECT_TREE(tree);

	test_context("more ways than one");
	tree_uncommit(tree, bed.bridge, 0);
	decoder.extra = 0x0100;
	decoder.ways_code = 1;
	EXPECT_REFUSED(LINEAR_ONLY, BASE, BASE, tree_commit(tree, bed.bridge, 0, &decoder));
	EXPECT_TREE(tree);
}

/* Under strict-spec an uncommit can uncover what nobody was asked about. */
TEST(IDENTITY_what_is_uncovered_answers_nothing)
{
	struct decoder decoder = { .base = BASE, .size = 2 * UNIT };
	struct bed bed;
	struct tree *tree = &bed.tree;
	int device;

	bed_create(&bed, CXL_SOFTHOST_POLICY_STRICT_SPEC, 0);
	device = bed.devices[0];
	tree_enable(tree, device);
	EXPECT_RESULT(COMMITTED, NONE, tree_commit(tree, bed.bridge, 0, &decoder));
	EXPECT_RESULT(COMMITTED, NONE, tree_commit(tree, device, 0, &decoder));
	/* The same addresses, two units of DPA further on, behind decoder 0 */
	EXPECT_RESULT(COMMITTED, NONE, tree_commit(tree, device, 1, &decoder));
	EXPECT_MAPPED(&bed.vm, BASE, 2 * UNIT);
	expect_in_place(&bed, 0);

	EXPECT_RESULT(UNCOMMITTED, NONE, tree_uncommit(tree, device, 0));
	EXPECT_NOT_MAPPED(&bed.vm, BASE, 2 * UNIT);
	EXPECT_KIND(tree, BASE, HOLE, IDENTITY);
	EXPECT_EQ(CXL_SOFTHOST_REASON_IDENTITY, translate(tree->fd, BASE + PAGE).out_reason);
	EXPECT_EQ(2 * UNIT - PAGE, translate(tree->fd, BASE + PAGE).out_length);
	test_context("nor is it found from the other side");
	{
		struct cxl_softhost_translate back;

		ASSERT_RETURN(0, __translate_dpa(tree->fd, tree->ids[device], 2 * UNIT, &back));
		EXPECT_EQ(CXL_SOFTHOST_REASON_NOT_MAPPED, back.out_reason);
	}
	EXPECT_TREE(tree);
	/* Until the guest has put it right no commit goes through */
	decoder.base = BASE + 4 * UNIT;
	EXPECT_REFUSED(IDENTITY, BACKEND_OFFSET, BACKEND_OFFSET + 2 * UNIT,
		       tree_commit(tree, bed.bridge, 1, &decoder));
	tree_uncommit(tree, bed.bridge, 1);
	EXPECT_RESULT(UNCOMMITTED, NONE, tree_uncommit(tree, device, 1));
	EXPECT_TREE(tree);
}

/* Whatever is programmed, the map of boot time holds. */
TEST_TIMEOUT(IDENTITY_holds_for_random_programs, 240)
{
	uint64_t random = random_seed(5, 1);
	unsigned int i, mapped = 0, refused = 0;
	struct bed bed;

	bed_create(&bed, CXL_SOFTHOST_POLICY_CHECKED, 0);
	tree_enable(&bed.tree, bed.devices[0]);
	tree_enable(&bed.tree, bed.devices[1]);
	for (i = 0; i < 2000; i++) {
		bool routes = !random_from(&random, 10);
		int node = routes ? bed.bridge : bed.devices[!random_from(&random, 4)];
		unsigned int number = random_from(&random, 2);
		struct cxl_softhost_result result;
		struct decoder decoder = { .base = BASE };

		test_context("step %u", i);
		if (decoder_control(bed.tree.fd, bed.tree.ids[node], number) & CONTROL_COMMIT) {
			tree_uncommit(&bed.tree, node, number);
			continue;
		}
		decoder.base += random_from(&random, 2) * random_from(&random, 4) * UNIT;
		decoder.size = (1 + random_from(&random, 2)) * UNIT;
		decoder.extra = random_from(&random, 3) ? 0 : routes ? 1 : UNIT;
		result = tree_commit(&bed.tree, node, number, &decoder);
		refused += result.reason == CXL_SOFTHOST_REASON_IDENTITY;
		mapped += translate(bed.tree.fd, BASE).out_reason == CXL_SOFTHOST_REASON_NONE;
		expect_in_place(&bed, 0);
		if (i % 100 == 99 && !EXPECT_TREE(&bed.tree))
			break;
	}
	test_note("%u steps with memory at the window's base, %u refused", mapped, refused);
	EXPECT_TRUE(mapped >= 20);
	EXPECT_TRUE(refused >= 20);
}
