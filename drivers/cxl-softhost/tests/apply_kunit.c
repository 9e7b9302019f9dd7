// SPDX-License-Identifier: GPL-2.0-only
/*
 * The transaction, with an engine that works or refuses to add: order of steps,
 * all or nothing, and no step without need.
 */
#include <kunit/test.h>

#include "host-rig.h"

static const struct add_row {
	const char *name;
	enum host_rig_add how;
} add_rows[] = {
	{ "commit", HOST_RIG_COMMIT },
	{ "HDM enable", HOST_RIG_HDM_ENABLE },
	{ "Mem_Enable", HOST_RIG_MEM_ENABLE },
	{ "attach", HOST_RIG_ATTACH },
};

KUNIT_ARRAY_PARAM_DESC(add, add_rows, name);

static const struct remove_row {
	const char *name;
	enum host_rig_remove how;
	u32 outcome;
} remove_rows[] = {
	{ "uncommit", HOST_RIG_UNCOMMIT, CXL_SOFTHOST_OUTCOME_UNCOMMITTED },
	{ "HDM disable", HOST_RIG_HDM_DISABLE, CXL_SOFTHOST_OUTCOME_DONE },
	{ "Mem_Enable off", HOST_RIG_MEM_DISABLE, CXL_SOFTHOST_OUTCOME_DONE },
	{ "reset of the device", HOST_RIG_RESET_DEVICE, CXL_SOFTHOST_OUTCOME_UNCOMMITTED },
	{ "reset of the host", HOST_RIG_RESET_HOST, CXL_SOFTHOST_OUTCOME_UNCOMMITTED },
	{ "destroy", HOST_RIG_DESTROY, CXL_SOFTHOST_OUTCOME_UNCOMMITTED },
};

KUNIT_ARRAY_PARAM_DESC(remove, remove_rows, name);

/* What must be as it was after a refusal */
struct snapshot {
	u64 generation;
	u32 count;
	u32 condemned;
	struct softhost_segment *segments;
	void *hdm[3];
};

static const u32 *snapshot_nodes(struct host_rig *rig, u32 *ids)
{
	ids[0] = rig->bridge;
	ids[1] = rig->device[0];
	ids[2] = rig->device[1];
	return ids;
}

static struct snapshot *snapshot_take(struct host_rig *rig)
{
	struct snapshot *snapshot = kunit_kzalloc(rig->test, sizeof(*snapshot), GFP_KERNEL);
	const struct softhost_map *map = host_rig_map(rig);
	size_t bytes = (map->count + map->condemned) * sizeof(map->segments[0]);
	u32 ids[3], i;

	KUNIT_ASSERT_NOT_NULL(rig->test, snapshot);
	snapshot->generation = map->generation;
	snapshot->count = map->count;
	snapshot->condemned = map->condemned;
	snapshot->segments = host_rig_copy(rig->test, map->segments, bytes);
	for (i = 0; i < 3; i++) {
		struct softhost_node_object *node;

		node = host_rig_node(rig, snapshot_nodes(rig, ids)[i]);
		snapshot->hdm[i] = host_rig_copy(rig->test, node->core.hdm, node->hdm_bytes);
	}
	return snapshot;
}

/* Everything but Control of the bridge's first decoder */
static void snapshot_check(struct host_rig *rig, const struct snapshot *snapshot)
{
	const struct softhost_map *map = host_rig_map(rig);
	struct softhost_hdm *bridge = snapshot->hdm[0];
	u32 ids[3], i;

	KUNIT_EXPECT_EQ(rig->test, map->generation, snapshot->generation);
	KUNIT_ASSERT_EQ(rig->test, map->count, snapshot->count);
	KUNIT_ASSERT_EQ(rig->test, map->condemned, snapshot->condemned);
	KUNIT_EXPECT_MEMEQ(rig->test, map->segments, snapshot->segments,
			   (map->count + map->condemned) * sizeof(map->segments[0]));
	for (i = 0; i < 3; i++) {
		struct softhost_node_object *node;

		node = host_rig_node(rig, snapshot_nodes(rig, ids)[i]);
		if (!i)
			bridge->decoders[0].reg[SOFTHOST_REG_CTRL] =
				node->core.hdm->decoders[0].reg[SOFTHOST_REG_CTRL];
		KUNIT_EXPECT_MEMEQ(rig->test, node->core.hdm, snapshot->hdm[i], node->hdm_bytes);
		/* Between commands */
		KUNIT_EXPECT_MEMEQ(rig->test, node->core.next, snapshot->hdm[i], node->hdm_bytes);
	}
}

/* I2: all slots first, ascending; then map and registers at once */
static void adds_before_publishing(struct kunit *test)
{
	const struct add_row *row = test->param_value;
	struct host_rig *rig = host_rig_make(test);
	struct fake_engine *fake = &rig->fake;
	struct cxl_softhost_result result;
	u64 generation;
	u32 i;

	host_rig_before_add(rig, row->how);
	generation = host_rig_map(rig)->generation;
	fake->watched = host_rig_control(rig);
	result = host_rig_add(rig, row->how);

	KUNIT_EXPECT_NE(test, result.outcome, CXL_SOFTHOST_OUTCOME_REFUSED);
	KUNIT_EXPECT_EQ(test, result.reason, CXL_SOFTHOST_REASON_NONE);
	KUNIT_EXPECT_EQ(test, result.flags, 0);
	KUNIT_EXPECT_EQ(test, result.generation, generation + 1);
	KUNIT_ASSERT_EQ(test, fake->count, HOST_RIG_EXTENTS);
	for (i = 0; i < HOST_RIG_EXTENTS; i++) {
		const struct fake_step *step = &fake->steps[i];

		KUNIT_EXPECT_TRUE(test, step->add);
		KUNIT_EXPECT_EQ(test, step->hpa, HOST_RIG_HPA + 2 * i * UNIT);
		KUNIT_EXPECT_EQ(test, step->slot, FAKE_FIRST_SLOT + i);
		KUNIT_EXPECT_EQ(test, step->generation, generation);
		KUNIT_EXPECT_EQ(test, step->ctrl & COMMITTED,
				row->how == HOST_RIG_COMMIT ? 0 : COMMITTED);
		/* The right memory: DPA follows DPA, with gaps in HPA */
		KUNIT_EXPECT_EQ(test, fake->installed[i].length, UNIT);
		KUNIT_EXPECT_EQ(test, fake->installed[i].host_addr, rig->memory + i * UNIT);
	}
	fake_check_map(rig);
}

/* I3: still there for the guest until the last slot is gone */
static void removes_before_publishing(struct kunit *test)
{
	const struct remove_row *row = test->param_value;
	struct host_rig *rig = host_rig_make(test);
	struct fake_engine *fake = &rig->fake;
	struct cxl_softhost_result result;
	u64 generation;
	u32 i;

	host_rig_program(rig);
	fake_attach(rig, FAKE_SLOTS);
	fake_forget(fake);
	generation = host_rig_map(rig)->generation;
	fake->watched = host_rig_control(rig);
	result = host_rig_remove(rig, row->how);

	KUNIT_EXPECT_EQ(test, result.outcome, row->outcome);
	KUNIT_EXPECT_EQ(test, result.flags, 0);
	KUNIT_EXPECT_EQ(test, result.generation, generation + 1);
	KUNIT_ASSERT_EQ(test, fake->count, HOST_RIG_EXTENTS);
	for (i = 0; i < HOST_RIG_EXTENTS; i++) {
		const struct fake_step *step = &fake->steps[i];

		KUNIT_EXPECT_FALSE(test, step->add);
		KUNIT_EXPECT_EQ(test, step->hpa, HOST_RIG_HPA + 2 * i * UNIT);
		KUNIT_EXPECT_EQ(test, step->generation, generation);
		KUNIT_EXPECT_EQ(test, step->ctrl & COMMITTED, COMMITTED);
	}
	KUNIT_EXPECT_EQ(test, fake_there(fake), 0);
	fake_check_map(rig);
}

static const struct refused_row {
	const char *name;
	enum host_rig_add how;
	u32 nth;
	int error;
} refused_rows[] = {
	{ "commit, slot 1 of 4", HOST_RIG_COMMIT, 1, -ENOMEM },
	{ "commit, slot 2 of 4", HOST_RIG_COMMIT, 2, -ENOMEM },
	{ "commit, slot 3 of 4", HOST_RIG_COMMIT, 3, -ENOMEM },
	{ "commit, slot 4 of 4", HOST_RIG_COMMIT, 4, -ENOMEM },
	{ "commit, slot 1 of 4 unknown", HOST_RIG_COMMIT, 1, -ESTALE },
	{ "commit, slot 3 of 4 unknown", HOST_RIG_COMMIT, 3, -ESTALE },
	{ "commit, slot 4 of 4 unknown", HOST_RIG_COMMIT, 4, -ESTALE },
	{ "HDM enable, slot 1 of 4", HOST_RIG_HDM_ENABLE, 1, -ENOMEM },
	{ "HDM enable, slot 2 of 4", HOST_RIG_HDM_ENABLE, 2, -ENOMEM },
	{ "HDM enable, slot 3 of 4", HOST_RIG_HDM_ENABLE, 3, -ENOMEM },
	{ "HDM enable, slot 4 of 4", HOST_RIG_HDM_ENABLE, 4, -ENOMEM },
	{ "HDM enable, slot 1 of 4 unknown", HOST_RIG_HDM_ENABLE, 1, -ESTALE },
	{ "HDM enable, slot 3 of 4 unknown", HOST_RIG_HDM_ENABLE, 3, -ESTALE },
	{ "HDM enable, slot 4 of 4 unknown", HOST_RIG_HDM_ENABLE, 4, -ESTALE },
	{ "Mem_Enable, slot 1 of 4", HOST_RIG_MEM_ENABLE, 1, -ENOMEM },
	{ "Mem_Enable, slot 2 of 4", HOST_RIG_MEM_ENABLE, 2, -ENOMEM },
	{ "Mem_Enable, slot 3 of 4", HOST_RIG_MEM_ENABLE, 3, -ENOMEM },
	{ "Mem_Enable, slot 4 of 4", HOST_RIG_MEM_ENABLE, 4, -ENOMEM },
	{ "Mem_Enable, slot 1 of 4 unknown", HOST_RIG_MEM_ENABLE, 1, -ESTALE },
	{ "Mem_Enable, slot 3 of 4 unknown", HOST_RIG_MEM_ENABLE, 3, -ESTALE },
	{ "Mem_Enable, slot 4 of 4 unknown", HOST_RIG_MEM_ENABLE, 4, -ESTALE },
	{ "attach, slot 1 of 4", HOST_RIG_ATTACH, 1, -ENOMEM },
	{ "attach, slot 2 of 4", HOST_RIG_ATTACH, 2, -ENOMEM },
	{ "attach, slot 3 of 4", HOST_RIG_ATTACH, 3, -ENOMEM },
	{ "attach, slot 4 of 4", HOST_RIG_ATTACH, 4, -ENOMEM },
	{ "attach, slot 1 of 4 unknown", HOST_RIG_ATTACH, 1, -ESTALE },
	{ "attach, slot 3 of 4 unknown", HOST_RIG_ATTACH, 3, -ESTALE },
	{ "attach, slot 4 of 4 unknown", HOST_RIG_ATTACH, 4, -ESTALE },
};

KUNIT_ARRAY_PARAM_DESC(refused, refused_rows, name);

/* I4 */
static void all_or_nothing(struct kunit *test)
{
	const struct refused_row *row = test->param_value;
	/* That of which nobody knows is taken back too */
	u32 back = row->error == -ESTALE ? row->nth : row->nth - 1;
	struct host_rig *rig = host_rig_make(test);
	struct fake_engine *fake = &rig->fake;
	struct cxl_softhost_result result;
	struct snapshot *snapshot;
	u32 i;

	host_rig_before_add(rig, row->how);
	snapshot = snapshot_take(rig);
	fake->fail_add = row->nth;
	fake->add_error = row->error;
	result = host_rig_add(rig, row->how);

	KUNIT_EXPECT_EQ(test, result.outcome, CXL_SOFTHOST_OUTCOME_REFUSED);
	KUNIT_EXPECT_EQ(test, result.reason, CXL_SOFTHOST_REASON_ENGINE);
	KUNIT_EXPECT_EQ(test, result.expected, 0);
	KUNIT_EXPECT_EQ(test, result.found, -row->error);
	KUNIT_EXPECT_EQ(test, result.flags, 0);
	KUNIT_EXPECT_EQ(test, result.generation, snapshot->generation);
	KUNIT_ASSERT_EQ(test, fake->count, row->nth + back);
	for (i = 0; i < fake->count; i++) {
		const struct fake_step *step = &fake->steps[i];
		/* Back in the opposite order */
		u32 nth = i < row->nth ? i : back - 1 - (i - row->nth);

		KUNIT_EXPECT_EQ(test, step->add, i < row->nth);
		KUNIT_EXPECT_EQ(test, step->slot, FAKE_FIRST_SLOT + nth);
		KUNIT_EXPECT_EQ(test, step->hpa, HOST_RIG_HPA + 2 * nth * UNIT);
	}
	KUNIT_EXPECT_EQ(test, fake_there(fake), 0);
	fake_check_map(rig);
	snapshot_check(rig, snapshot);
	KUNIT_EXPECT_EQ(test, host_rig_read(rig, rig->bridge, DEC(0) + CTRL),
			row->how == HOST_RIG_COMMIT ? COMMIT | ERR : COMMIT | COMMITTED);

	/* And then it works */
	fake_forget(fake);
	fake->fail_add = 0;
	result = host_rig_add(rig, row->how);
	KUNIT_EXPECT_NE(test, result.outcome, CXL_SOFTHOST_OUTCOME_REFUSED);
	KUNIT_EXPECT_EQ(test, fake->count, HOST_RIG_EXTENTS);
	KUNIT_EXPECT_EQ(test, fake_there(fake), HOST_RIG_EXTENTS);
	fake_check_map(rig);
}

static void too_few_slots(struct kunit *test)
{
	const struct add_row *row = test->param_value;
	struct host_rig *rig = host_rig_make(test);
	struct fake_engine *fake = &rig->fake;
	struct cxl_softhost_result result;
	struct snapshot *snapshot;

	host_rig_before_add(rig, row->how);
	if (row->how == HOST_RIG_ATTACH) {
		snapshot = snapshot_take(rig);
		result = fake_attach(rig, HOST_RIG_EXTENTS - 1);
	} else {
		fake->engine.slot_count = HOST_RIG_EXTENTS - 1;
		snapshot = snapshot_take(rig);
		result = host_rig_add(rig, row->how);
	}
	KUNIT_EXPECT_EQ(test, result.outcome, CXL_SOFTHOST_OUTCOME_REFUSED);
	KUNIT_EXPECT_EQ(test, result.reason, CXL_SOFTHOST_REASON_NO_SLOTS);
	KUNIT_EXPECT_EQ(test, result.expected, HOST_RIG_EXTENTS);
	KUNIT_EXPECT_EQ(test, result.found, HOST_RIG_EXTENTS - 1);
	KUNIT_EXPECT_EQ(test, fake->count, 0);
	snapshot_check(rig, snapshot);

	/* As many as needed are enough */
	fake->engine.slot_count = HOST_RIG_EXTENTS;
	result = row->how == HOST_RIG_ATTACH ? fake_attach(rig, HOST_RIG_EXTENTS) :
					       host_rig_add(rig, row->how);
	KUNIT_EXPECT_NE(test, result.outcome, CXL_SOFTHOST_OUTCOME_REFUSED);
	fake_check_map(rig);
}

/* What stays keeps its slot: deleting one costs every vCPU */
static void what_stays_is_not_touched(struct kunit *test)
{
	struct rig_program device = { .n = 0, .base = HOST_RIG_HPA + 16 * UNIT, .size = UNIT };
	struct rig_program bridge = {
		.n = 1, .base = HOST_RIG_HPA + 16 * UNIT, .size = 16 * UNIT, .list = 1,
	};
	struct host_rig *rig = host_rig_make(test);
	struct fake_engine *fake = &rig->fake;

	host_rig_program(rig);
	host_rig_write(rig, rig->device[1], HDM_GLOBAL, ENABLE);
	host_rig_set_memory(rig, rig->device[1], true);
	fake_attach(rig, FAKE_SLOTS);
	fake_forget(fake);

	host_rig_must_commit(rig, rig->device[1], &device);
	KUNIT_EXPECT_EQ(test, fake->count, 0);
	host_rig_must_commit(rig, rig->bridge, &bridge);
	KUNIT_ASSERT_EQ(test, fake->count, 1);
	KUNIT_EXPECT_EQ(test, fake->steps[0].slot, FAKE_FIRST_SLOT + HOST_RIG_EXTENTS);
	KUNIT_EXPECT_EQ(test, fake->steps[0].hpa, HOST_RIG_HPA + 16 * UNIT);
	fake_check_map(rig);

	fake_forget(fake);
	host_rig_remove(rig, HOST_RIG_UNCOMMIT);
	KUNIT_EXPECT_EQ(test, fake->count, HOST_RIG_EXTENTS);
	KUNIT_EXPECT_EQ(test, fake->adds, 0);
	KUNIT_EXPECT_EQ(test, fake_there(fake), 1);
	fake_check_map(rig);

	/* The lowest numbers are taken first */
	fake_forget(fake);
	host_rig_add(rig, HOST_RIG_COMMIT);
	KUNIT_ASSERT_EQ(test, fake->count, HOST_RIG_EXTENTS);
	KUNIT_EXPECT_EQ(test, fake->steps[0].slot, FAKE_FIRST_SLOT);
	fake_check_map(rig);
}

enum same {
	SAME_MEM_ENABLE,
	SAME_HDM_ENABLE,
	SAME_CONTROL,
	SAME_LIVE,
	SAME_NOT_MINE,
	SAME_ZERO_SIZE,
	SAME_DEVICE,
	SAME_BACKEND,
};

static const struct same_row {
	const char *name;
	enum same what;
} same_rows[] = {
	{ "Mem_Enable as it was", SAME_MEM_ENABLE },
	{ "HDM enable as it was", SAME_HDM_ENABLE },
	{ "Control as it was", SAME_CONTROL },
	{ "base of a live decoder", SAME_LIVE },
	{ "outside of the registers", SAME_NOT_MINE },
	{ "commit of size 0", SAME_ZERO_SIZE },
	{ "another device", SAME_DEVICE },
	{ "another backend, and its end", SAME_BACKEND },
};

KUNIT_ARRAY_PARAM_DESC(same, same_rows, name);

static void nothing_is_done_for_nothing(struct kunit *test)
{
	struct rig_program empty = { .n = 1, .base = HOST_RIG_HPA + 16 * UNIT, .list = 1 };
	const struct same_row *row = test->param_value;
	struct host_rig *rig = host_rig_make(test);
	struct cxl_softhost_result result;
	const struct softhost_map *map;
	u64 generation;
	u32 id;

	host_rig_program(rig);
	fake_attach(rig, FAKE_SLOTS);
	fake_forget(&rig->fake);
	map = host_rig_map(rig);
	generation = map->generation;

	switch (row->what) {
	case SAME_MEM_ENABLE:
		result = host_rig_set_memory(rig, rig->device[0], true);
		KUNIT_EXPECT_EQ(test, result.outcome, CXL_SOFTHOST_OUTCOME_DONE);
		break;
	case SAME_HDM_ENABLE:
		result = host_rig_write(rig, rig->device[0], HDM_GLOBAL, ENABLE);
		KUNIT_EXPECT_EQ(test, result.outcome, CXL_SOFTHOST_OUTCOME_DONE);
		break;
	case SAME_CONTROL:
		result = host_rig_write(rig, rig->bridge, DEC(0) + CTRL, COMMIT);
		KUNIT_EXPECT_EQ(test, result.outcome, CXL_SOFTHOST_OUTCOME_DONE);
		break;
	case SAME_LIVE:
		result = host_rig_write(rig, rig->bridge, DEC(0) + BASE_LO, 0);
		KUNIT_EXPECT_EQ(test, result.outcome, CXL_SOFTHOST_OUTCOME_IGNORED);
		break;
	case SAME_NOT_MINE:
		result = host_rig_write(rig, rig->bridge, 0x3000, U32_MAX);
		KUNIT_EXPECT_EQ(test, result.outcome, CXL_SOFTHOST_OUTCOME_NOT_MINE);
		break;
	case SAME_ZERO_SIZE:
		result = host_rig_commit(rig, rig->bridge, &empty);
		KUNIT_EXPECT_EQ(test, result.outcome, CXL_SOFTHOST_OUTCOME_COMMITTED);
		break;
	case SAME_DEVICE:
		host_rig_device(test, rig->host, rig->bridge, 3, rig->backend, 0);
		break;
	case SAME_BACKEND:
		id = host_rig_backend(test, rig->host, rig->memory, PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, host_rig_destroy(rig->host, id, &result), 0);
		KUNIT_EXPECT_EQ(test, result.outcome, CXL_SOFTHOST_OUTCOME_DONE);
		break;
	}
	KUNIT_EXPECT_EQ(test, rig->fake.count, 0);
	KUNIT_EXPECT_EQ(test, host_rig_map(rig)->generation, generation);
	/* Readers weren't sent to another map either, unless it had to grow */
	if (row->what != SAME_DEVICE)
		KUNIT_EXPECT_PTR_EQ(test, host_rig_map(rig), map);
	fake_check_map(rig);
}

/* Each change of the map counts once; a change and back isn't no change */
static void generation_counts_changes(struct kunit *test)
{
	struct host_rig *rig = host_rig_make(test);
	u64 generation;
	u32 i;

	host_rig_program(rig);
	/* Without an engine as well */
	generation = host_rig_map(rig)->generation;
	host_rig_set_memory(rig, rig->device[0], false);
	host_rig_set_memory(rig, rig->device[0], true);
	KUNIT_EXPECT_EQ(test, host_rig_map(rig)->generation, generation + 2);

	fake_attach(rig, FAKE_SLOTS);
	KUNIT_EXPECT_EQ(test, host_rig_map(rig)->generation, generation + 3);
	for (i = 1; i <= 5; i++) {
		host_rig_remove(rig, HOST_RIG_UNCOMMIT);
		KUNIT_EXPECT_EQ(test, host_rig_map(rig)->generation, generation + 2 + 2 * i);
		host_rig_add(rig, HOST_RIG_COMMIT);
		KUNIT_EXPECT_EQ(test, host_rig_map(rig)->generation, generation + 3 + 2 * i);
	}
	KUNIT_EXPECT_EQ(test, fake_there(&rig->fake), HOST_RIG_EXTENTS);
	fake_check_map(rig);
}

static struct kunit_case softhost_apply_cases[] = {
	KUNIT_CASE_PARAM(adds_before_publishing, add_gen_params),
	KUNIT_CASE_PARAM(removes_before_publishing, remove_gen_params),
	KUNIT_CASE_PARAM(all_or_nothing, refused_gen_params),
	KUNIT_CASE_PARAM(too_few_slots, add_gen_params),
	KUNIT_CASE(what_stays_is_not_touched),
	KUNIT_CASE_PARAM(nothing_is_done_for_nothing, same_gen_params),
	KUNIT_CASE(generation_counts_changes),
	{}
};

static struct kunit_suite softhost_apply_suite = {
	.name = "cxl_softhost_apply",
	.test_cases = softhost_apply_cases,
};

kunit_test_suite(softhost_apply_suite);
