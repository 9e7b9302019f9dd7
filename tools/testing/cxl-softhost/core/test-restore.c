// SPDX-License-Identifier: GPL-2.0-only
/* Records as registers: a component comes back as it was, and goes on from there. */
#include "records.h"
#include "tap.h"

/* Three decoders with skips, then the lowest goes; the last has memory all the same */
static struct softhost_node *gap(void)
{
	static const struct rig_program programs[] = {
		{ .n = 0, .base = 4 * GIB, .size = 2 * UNIT, .list = UNIT },
		{ .n = 1, .base = 8 * GIB, .size = 4 * UNIT, .list = 2 * UNIT, .ctrl = IW(1u) },
		{ .n = 2, .base = 12 * GIB, .size = 3 * UNIT, .list = UNIT },
	};
	struct softhost_node *node = rig_node(&rig_endpoint);
	struct cxl_softhost_result result;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(programs); i++)
		rig_must_commit(node, &programs[i]);
	CHECK(rig_uncommit(node, 0, &result));
	return node;
}

static void test_gap(bool backwards, const char *order)
{
	const struct rig_program third = { .n = 3, .base = 16 * GIB, .size = UNIT, .list = UNIT };
	const struct commit_answer grown = { CXL_SOFTHOST_REASON_DPA_OVERLAP, 5 * UNIT, 6 * UNIT };
	struct rig_program first = { .n = 0, .base = 4 * GIB, .size = 6 * UNIT };
	struct softhost_node *from = gap(), *node;
	struct cxl_softhost_result result;

	tap_begin("T10: restored above one that isn't live, decoders keep their DPA (%s)", order);
	node = records_copy(from, &rig_endpoint, CHECKED, backwards);
	records_check_same(node, from);
	CHECK(!softhost_decoder_live(&node->next->decoders[0]));
	CHECK_EQUAL(node->next->decoders[1].latch.dpa_base, 5 * UNIT);
	CHECK_EQUAL(node->next->decoders[2].latch.dpa_base, 8 * UNIT);
	tap_end();

	tap_begin("T10: the next decoder's DPA builds on restored ones (%s)", order);
	rig_must_commit(node, &third);
	CHECK_EQUAL(node->next->decoders[3].latch.dpa_base, 12 * UNIT);
	tap_end();

	tap_begin("T10: what was uncommitted comes back within its room only (%s)", order);
	rig_commit(node, &first, &result);
	records_check_refused(&result, 0, &grown);
	CHECK(!rig_uncommit(node, 0, &result));
	first.size = 5 * UNIT;
	rig_must_commit(node, &first);
	CHECK_EQUAL(node->next->decoders[1].latch.dpa_base, 5 * UNIT);
	tap_end();
	rig_free(from);
	rig_free(node);
}

static void test_enables(void)
{
	struct cxl_softhost_record record = { .kind = NODE };
	struct softhost_node *node = rig_node(&rig_endpoint);
	u32 i;

	tap_begin("device: each of its enables is restored, whatever it was before");
	for (i = 0; i < 64; i++) {
		record.control = i & 1 ? ENABLE : 0;
		record.mem_enable = i >> 1 & 1;
		record.media = i >> 2 & 1;
		node->next->global_ctrl = i & 8 ? ENABLE : 0;
		node->next->mem_enable = i & 16;
		node->next->media = i >> 5;
		records_must_restore(node, CHECKED, &record);
		CHECK_EQUAL(rig_read(node, HDM_GLOBAL), record.control);
		CHECK_EQUAL(node->next->mem_enable, record.mem_enable);
		CHECK_EQUAL(node->next->media, record.media);
	}
	tap_end();
	rig_free(node);
}

static void test_failed(const struct rig_shape *shape, const char *kind)
{
	static const struct softhost_latch no_latch;
	const struct rig_program early = { .n = 1, .base = 4 * GIB, .size = UNIT, .ctrl = LOCK };
	struct softhost_node *from = rig_node(shape), *node;
	struct cxl_softhost_result result;

	tap_begin("%s: ERROR NOT COMMITTED is restored as such and decodes nothing", kind);
	rig_commit(from, &early, &result);
	CHECK_EQUAL(result.reason, CXL_SOFTHOST_REASON_ORDER);
	node = records_copy(from, shape, CHECKED, false);
	records_check_same(node, from);
	CHECK_EQUAL(rig_read(node, DEC(1) + CTRL), COMMIT | ERR | LOCK);
	CHECK(!softhost_decoder_live(&node->next->decoders[1]));
	CHECK(!memcmp(&node->next->decoders[1].latch, &no_latch, sizeof(no_latch)));
	tap_end();

	tap_begin("%s: T6: software recovers from a restored ERROR NOT COMMITTED", kind);
	CHECK(!rig_uncommit(node, 1, &result));
	CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_DONE);
	rig_must_commit(node, &(struct rig_program){ .n = 0, .base = 4 * GIB, .size = UNIT });
	rig_must_commit(node, &(struct rig_program){ .n = 1, .base = 8 * GIB, .size = UNIT });
	tap_end();
	rig_free(from);
	rig_free(node);
}

static void test_states(const struct rig_shape *shape, const char *kind)
{
	const struct rig_program locked = {
		.n = 0, .base = 4 * GIB, .size = UNIT, .list = UNIT, .ctrl = LOCK | TYPE,
	};
	struct softhost_node *from = rig_node(shape), *node;
	struct cxl_softhost_result result;

	tap_begin("%s: T23: a restored lock holds", kind);
	rig_must_commit(from, &locked);
	rig_fields(from, &(struct rig_program){ .n = 1, .base = 8 * GIB, .size = UNIT });
	rig_store(from, DEC(1) + CTRL, IG(3u) | LOCK);
	node = records_copy(from, shape, CHECKED, false);
	records_check_same(node, from);
	CHECK(!rig_uncommit(node, 0, &result));
	CHECK_EQUAL(result.reason, CXL_SOFTHOST_REASON_LOCKED);
	tap_end();

	tap_begin("%s: a decoder that was only written is restored as that", kind);
	CHECK_EQUAL(rig_read(node, DEC(1) + CTRL), IG(3u) | LOCK);
	CHECK(rig_write(node, DEC(1) + CTRL, 4, COMMIT | IG(3u), &result));
	CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_COMMITTED);
	CHECK_EQUAL(node->next->decoders[1].latch.base, 8 * GIB);
	tap_end();

	tap_begin("%s: a restored decoder can be uncommitted", kind);
	rig_free(from);
	from = node;
	node = records_copy(from, shape, CHECKED, true);
	CHECK(rig_uncommit(node, 1, &result));
	CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_UNCOMMITTED);
	CHECK_EQUAL(rig_read(node, DEC(1) + CTRL), IG(3u));
	tap_end();
	rig_free(from);
	rig_free(node);
}

/* A lock is judged when it is committed; what lies over it came after that */
static void test_strict_lock(void)
{
	const struct rig_program locked = { .n = 1, .base = 8 * GIB, .size = 4 * UNIT,
					    .list = 2 * UNIT, .ctrl = LOCK };
	const struct rig_program later[] = {
		{ .n = 2, .base = 8 * GIB + UNIT, .size = 8 * UNIT },
		{ .n = 0, .base = -UNIT, .size = 4 * UNIT, .list = 4 * UNIT },
	};
	struct softhost_node *from = rig_node(&rig_endpoint), *node;
	struct cxl_softhost_result result;
	u32 i;

	tap_begin("strict-spec: a locked decoder and what came over it are restored");
	rig_commit_as(from, STRICT, &(struct rig_program){ .n = 0, .size = UNIT }, &result);
	rig_commit_as(from, STRICT, &locked, &result);
	CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_COMMITTED);
	rig_uncommit(from, 0, &result);
	for (i = 0; i < ARRAY_SIZE(later); i++) {
		rig_commit_as(from, STRICT, &later[i], &result);
		CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_COMMITTED);
	}
	CHECK_EQUAL(from->next->decoders[0].latch.dpa_base, 4 * UNIT);
	CHECK_EQUAL(from->next->decoders[1].latch.dpa_base, 3 * UNIT);
	for (i = 0; i < 2; i++) {
		node = records_copy(from, &rig_endpoint, STRICT, i);
		records_check_same(node, from);
		rig_free(node);
	}
	tap_end();
	rig_free(from);
}

int main(void)
{
	test_gap(false, "lowest first");
	test_gap(true, "highest first");
	test_enables();
	test_failed(&rig_bridge, "bridge");
	test_failed(&rig_endpoint, "device");
	test_states(&rig_bridge, "bridge");
	test_states(&rig_endpoint, "device");
	test_strict_lock();
	return tap_done();
}
