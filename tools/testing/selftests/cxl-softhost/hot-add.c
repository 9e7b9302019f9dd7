// SPDX-License-Identifier: GPL-2.0-only
/* What is plugged in below a host bridge while its VM runs. */
#include <errno.h>

#include "fixture.h"
#include "tree.h"
#include "vm.h"

#define BASE WINDOW_HPA
#define FIRST 600

/* A bridge with a device at port 0, whose first unit is mapped */
struct plug_bed {
	struct tree tree;
	struct vm vm;
	int bridge;
};

static void bed_create(struct plug_bed *bed, uint32_t slots)
{
	struct decoder decoder = { .base = BASE, .size = UNIT };
	int device;

	tree_create(&bed->tree, CXL_SOFTHOST_POLICY_CHECKED);
	bed->bridge = tree_add_router(&bed->tree, TREE_NONE, 0, NULL);
	device = tree_add_device(&bed->tree, bed->bridge, 0, NULL);
	tree_add_window(&bed->tree, &(struct tree_window){
		.hpa = BASE, .length = 8 * UNIT, .ways = 1, .bridges = { bed->bridge } });
	vm_create(&bed->vm);
	attach(bed->tree.fd, bed->vm.fd, FIRST, slots);
	tree_enable(&bed->tree, device);
	ASSERT_RESULT(COMMITTED, NONE, tree_commit(&bed->tree, bed->bridge, 0, &decoder));
	ASSERT_RESULT(COMMITTED, NONE, tree_commit(&bed->tree, device, 0, &decoder));
	EXPECT_MAPPED(&bed->vm, BASE, UNIT);
}

/* Decoders from the bridge down to a device, for the second unit; what the last came to */
static struct cxl_softhost_result commit_down(struct plug_bed *bed, unsigned int port, int above,
					      int device)
{
	struct decoder decoder = { .base = BASE + UNIT, .size = UNIT, .extra = port };

	tree_enable(&bed->tree, device);
	ASSERT_RESULT(COMMITTED, NONE, tree_commit(&bed->tree, bed->bridge, 1, &decoder));
	if (above >= 0) {
		decoder.extra = 5;
		ASSERT_RESULT(COMMITTED, NONE, tree_commit(&bed->tree, above, 0, &decoder));
	}
	EXPECT_NOT_MAPPED(&bed->vm, BASE + UNIT, UNIT);
	decoder.extra = 0;
	return decoder_commit(bed->tree.fd, bed->tree.ids[device], 0, &decoder);
}

TEST(a_device_that_comes_later)
{
	struct plug_bed bed;
	int device;

	bed_create(&bed, 2);
	EXPECT_EQ(CXL_SOFTHOST_REASON_NO_DECODER, translate(bed.tree.fd, BASE + UNIT).out_reason);
	device = tree_add_device(&bed.tree, bed.bridge, 7, NULL);
	EXPECT_TREE(&bed.tree);
	EXPECT_RESULT(COMMITTED, NONE, commit_down(&bed, 7, -1, device));
	EXPECT_MAPPED(&bed.vm, BASE, 2 * UNIT);
	EXPECT_EQ(2, softhost_info(bed.tree.fd).out_slots_used);
	/* The new one's own memory */
	EXPECT_EQ(bed.tree.ids[device], translate(bed.tree.fd, BASE + UNIT).out_node_id);

	test_context("it goes");
	EXPECT_EQ(CXL_SOFTHOST_OUTCOME_UNCOMMITTED,
		  destroy(bed.tree.fd, bed.tree.ids[device]).outcome);
	EXPECT_MAPPED(&bed.vm, BASE, UNIT);
	EXPECT_NOT_MAPPED(&bed.vm, BASE + UNIT, 7 * UNIT);
	EXPECT_EQ(CXL_SOFTHOST_REASON_NO_TARGET, translate(bed.tree.fd, BASE + UNIT).out_reason);
}

TEST(a_switch_that_comes_later_and_a_device_below_it)
{
	struct plug_bed bed;
	int above, device;

	bed_create(&bed, 2);
	above = tree_add_router(&bed.tree, bed.bridge, 7, NULL);
	EXPECT_TREE(&bed.tree);
	device = tree_add_device(&bed.tree, above, 5, NULL);
	EXPECT_TREE(&bed.tree);
	EXPECT_RESULT(COMMITTED, NONE, commit_down(&bed, 7, above, device));
	EXPECT_MAPPED(&bed.vm, BASE, 2 * UNIT);
	EXPECT_EQ(bed.tree.ids[device], translate(bed.tree.fd, BASE + UNIT).out_node_id);

	test_context("they go, the device first");
	EXPECT_RETURN(-EBUSY, __destroy(bed.tree.fd, bed.tree.ids[above], NULL));
	EXPECT_EQ(CXL_SOFTHOST_OUTCOME_UNCOMMITTED,
		  destroy(bed.tree.fd, bed.tree.ids[device]).outcome);
	EXPECT_EQ(CXL_SOFTHOST_OUTCOME_UNCOMMITTED,
		  destroy(bed.tree.fd, bed.tree.ids[above]).outcome);
	EXPECT_MAPPED(&bed.vm, BASE, UNIT);
	EXPECT_NOT_MAPPED(&bed.vm, BASE + UNIT, 7 * UNIT);
}

TEST(more_than_numbers_were_donated_for)
{
	struct plug_bed bed;
	int device;

	bed_create(&bed, 1);
	device = tree_add_device(&bed.tree, bed.bridge, 7, NULL);
	EXPECT_REFUSED(NO_SLOTS, 1, 0, commit_down(&bed, 7, -1, device));
	EXPECT_MAPPED(&bed.vm, BASE, UNIT);
	EXPECT_NOT_MAPPED(&bed.vm, BASE + UNIT, 7 * UNIT);

	test_context("attached with more of them");
	ASSERT_RESULT(DONE, NONE, detach(bed.tree.fd));
	attach(bed.tree.fd, bed.vm.fd, FIRST, 0);
	reg_write(bed.tree.fd, bed.tree.ids[device], HDM_DECODER(0) + HDM_CONTROL, 4, 0);
	EXPECT_RESULT(COMMITTED, NONE,
		      decoder_commit(bed.tree.fd, bed.tree.ids[device], 0,
				     &(struct decoder){ .base = BASE + UNIT, .size = UNIT }));
	EXPECT_MAPPED(&bed.vm, BASE, 2 * UNIT);
}
