// SPDX-License-Identifier: GPL-2.0-only
/* States of hosts with several bridges, several ways and window flags. */
#include "fixture.h"
#include "state.h"
#include "tree.h"

/* Switches and several ways: a region's state in a host that forgot it */
TEST(interleaved_regions)
{
	struct decoder device = { .base = WINDOW_HPA, .size = 4 * UNIT, .ways_code = 2 };
	struct decoder router = { .base = WINDOW_HPA, .size = 4 * UNIT, .ways_code = 1,
				  .extra = 0x0100 };
	int bridges[2], devices[4], i;
	struct state state;
	struct tree tree;

	tree_create(&tree, CXL_SOFTHOST_POLICY_CHECKED);
	for (i = 0; i < 2; i++)
		bridges[i] = tree_add_router(&tree, TREE_NONE, 0, NULL);
	for (i = 0; i < 4; i++)
		devices[i] = tree_add_device(&tree, bridges[i / 2], i % 2, NULL);
	tree_add_window(&tree, &(struct tree_window){
		.hpa = WINDOW_HPA, .length = 6 * UNIT, .ways = 2,
		.bridges = { bridges[0], bridges[1] } });
	/* The next address bit above the window's */
	router.granularity_code = 1;
	for (i = 0; i < 2; i++)
		ASSERT_EQ(CXL_SOFTHOST_OUTCOME_COMMITTED,
			  tree_commit(&tree, bridges[i], 0, &router).outcome);
	for (i = 0; i < 4; i++) {
		tree_enable(&tree, devices[i]);
		ASSERT_EQ(CXL_SOFTHOST_OUTCOME_COMMITTED,
			  tree_commit(&tree, devices[i], 0, &device).outcome);
	}
	EXPECT_TREE(&tree);
	EXPECT_KIND(&tree, WINDOW_HPA, INTERLEAVED, NONE);
	state = state_get(tree.fd);
	/* Behind the model's back */
	ASSERT_RESULT(UNCOMMITTED, NONE, reset(tree.fd, 0));
	EXPECT_EQ(CXL_SOFTHOST_REASON_NO_DECODER, translate(tree.fd, WINDOW_HPA).out_reason);
	state_set(tree.fd, &state);
	EXPECT_TREE(&tree);
	EXPECT_KIND(&tree, WINDOW_HPA, INTERLEAVED, NONE);
	state_free(&state);
}

/* A region of two ways in a window that came later, and allows one */
static struct cxl_softhost_state_set late_window(struct tree *tree, uint32_t policy)
{
	struct cxl_softhost_state_set out;
	struct state state;
	int bridge, device;

	tree_create(tree, policy);
	bridge = tree_add_router(tree, TREE_NONE, 0, NULL);
	device = tree_add_device(tree, bridge, 0, NULL);
	tree_enable(tree, device);
	tree_commit(tree, device, 0, &(struct decoder){
		.base = WINDOW_HPA, .size = 2 * UNIT, .ways_code = 1 });
	tree_commit(tree, bridge, 0, &(struct decoder){
		.base = WINDOW_HPA, .size = 2 * UNIT, .extra = 0 });
	state = state_get(tree->fd);
	tree_reset(tree, bridge);
	tree_reset(tree, device);
	tree_add_window(tree, &(struct tree_window){
		.hpa = WINDOW_HPA, .length = 4 * UNIT, .ways = 1, .bridges = { bridge },
		.flags = CXL_SOFTHOST_WINDOW_LINEAR_ONLY });
	ASSERT_RETURN(0, __state_set(tree->fd, &state, &out));
	state_free(&state);
	return out;
}

TEST(what_windows_do_not_allow_is_refused_as_a_whole)
{
	struct cxl_softhost_state_set out;
	struct tree tree;

	out = late_window(&tree, CXL_SOFTHOST_POLICY_CHECKED);
	EXPECT_REFUSED(LINEAR_ONLY, WINDOW_HPA, WINDOW_HPA, out.out_result);
	EXPECT_EQ(CXL_SOFTHOST_NONE, out.out_record);
	EXPECT_TREE(&tree);
}

/* There other decoders may have hidden it; the map knows what a window allows. */
TEST(under_strict_spec_it_is_left_to_the_map)
{
	struct cxl_softhost_state_set out;
	struct tree tree;

	out = late_window(&tree, CXL_SOFTHOST_POLICY_STRICT_SPEC);
	EXPECT_RESULT(DONE, NONE, out.out_result);
	EXPECT_KIND(&tree, WINDOW_HPA, HOLE, LINEAR_ONLY);
}
