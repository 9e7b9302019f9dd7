// SPDX-License-Identifier: GPL-2.0-only
/*
 * A restored decoder that was COMMITTED elsewhere is judged by the rules of a commit,
 * but for its order and for its DPA, which it has already.
 */
#include "records.h"
#include "tap.h"

/* rig_endpoint: volatile 16 units, persistent 16 units */
#define EDGE (16 * UNIT)
#define CAPACITY (32 * UNIT)

static const char *const policies[] = { [CHECKED] = "checked", [STRICT] = "strict-spec" };

/* Rows of the commit tables: what is asked is what was COMMITTED elsewhere */
static const struct commit_answer *row_answer(const struct commit_row *row, u32 policy)
{
	bool order = row->answer.reason == CXL_SOFTHOST_REASON_ORDER;

	return row->relaxed && (order || policy == STRICT) ? &row->instead : &row->answer;
}

/* The DPA that the decoder asks for; false if no record could say it */
static bool row_dpa(const struct softhost_node *node, const struct rig_program *ask, u64 *dpa)
{
	u32 n;

	*dpa = 0;
	if (node->kind != CXL_SOFTHOST_NODE_ENDPOINT)
		return true;
	for (n = ask->n; n > 0; n--) {
		const struct softhost_latch *below = &node->next->decoders[n - 1].latch;

		if (!softhost_decoder_live(&node->next->decoders[n - 1]))
			continue;
		*dpa = below->dpa_base + below->size / softhost_ways(below->interleave);
		break;
	}
	*dpa += ask->list;
	return *dpa >= ask->list;
}

static void check_row(const struct commit_row *row, struct softhost_node *node, u32 policy,
		      u64 dpa, u32 lock)
{
	const struct commit_answer *want = row_answer(row, policy);
	const struct softhost_decoder *decoder = &node->next->decoders[row->ask.n];
	struct cxl_softhost_record record = {
		.kind = DECODER, .index = row->ask.n, .control = row->ask.ctrl | LIVE | lock,
		.hpa = row->ask.base, .length = row->ask.size, .list = row->ask.list, .dpa = dpa,
	};
	struct cxl_softhost_result result;

	records_restore(node, policy, &record, &result);
	CHECK_EQUAL(decoder->reg[SOFTHOST_REG_LIST_HIGH], row->ask.list >> 32);
	if (!want->reason || want->reason == CXL_SOFTHOST_REASON_INTERLEAVED) {
		records_check_done(&result);
		CHECK_EQUAL(decoder->reg[SOFTHOST_REG_CTRL], row->ask.ctrl | LIVE | lock);
		CHECK_EQUAL(decoder->latch.base, row->ask.base);
		CHECK_EQUAL(decoder->latch.size, row->ask.size);
		CHECK_EQUAL(decoder->latch.dpa_base, dpa);
		return;
	}
	records_check_refused(&result, row->ask.n, want);
	CHECK_EQUAL(decoder->reg[SOFTHOST_REG_CTRL], row->ask.ctrl | COMMIT | ERR | lock);
	CHECK_EQUAL(decoder->latch.size, 0);
}

static void test_row(const struct commit_row *row, u32 policy, const char *kind)
{
	struct softhost_node *from = rig_node(row->shape), *node;
	struct cxl_softhost_result result;
	u32 i, lock;
	u64 dpa;

	for (i = 0; i < row->before_count; i++)
		rig_must_commit(from, &row->before[i]);
	for (i = 0; i < row->shape->decoders; i++)
		if (row->uncommit & 1u << i)
			rig_uncommit(from, i, &result);
	if (row_dpa(from, &row->ask, &dpa)) {
		tap_begin("%s, restored %s decoders are judged like commits: %s",
			  policies[policy], kind, row->name);
		for (lock = 0; lock <= LOCK; lock += LOCK) {
			node = records_copy(from, row->shape, policy, lock);
			check_row(row, node, policy, dpa, lock);
			rig_free(node);
		}
		tap_end();
	}
	rig_free(from);
}

static void test_rows(const struct commit_row *rows, u32 count, const char *kind)
{
	u32 i;

	for (i = 0; i < count; i++) {
		test_row(&rows[i], CHECKED, kind);
		test_row(&rows[i], STRICT, kind);
	}
}

/* One decoder of a device of 16 + 16 units, under each policy */
static const struct dpa_row {
	const char *name;
	u64 dpa, size;
	struct commit_answer answer;
} dpa_rows[] = {
	{ "up to the end of the capacity", CAPACITY - UNIT, UNIT, { 0 } },
	{ "16 MiB past the end of the capacity", CAPACITY - UNIT + DPA_UNIT, UNIT,
	  { CXL_SOFTHOST_REASON_DPA_CAPACITY, CAPACITY, CAPACITY + DPA_UNIT } },
	{ "from the end of the capacity on", CAPACITY, UNIT,
	  { CXL_SOFTHOST_REASON_DPA_CAPACITY, CAPACITY, CAPACITY + UNIT } },
	{ "zero size at the end of the capacity", CAPACITY, 0, { 0 } },
	{ "zero size past the end of the capacity", CAPACITY + DPA_UNIT, 0,
	  { CXL_SOFTHOST_REASON_DPA_CAPACITY, CAPACITY, CAPACITY + DPA_UNIT } },
	{ "the largest size", 0, -UNIT,
	  { CXL_SOFTHOST_REASON_DPA_CAPACITY, CAPACITY, -UNIT } },
	{ "an end just below 2^64", -2 * UNIT, UNIT,
	  { CXL_SOFTHOST_REASON_DPA_CAPACITY, CAPACITY, -UNIT } },
	{ "an end that is exactly 2^64", -UNIT, UNIT,
	  { CXL_SOFTHOST_REASON_DPA_CAPACITY, CAPACITY, U64_MAX } },
	{ "an end that wraps to 0 and more", -UNIT, 4 * UNIT,
	  { CXL_SOFTHOST_REASON_DPA_CAPACITY, CAPACITY, U64_MAX } },
	{ "the largest DPA, the largest size", -DPA_UNIT, -UNIT,
	  { CXL_SOFTHOST_REASON_DPA_CAPACITY, CAPACITY, U64_MAX } },
	{ "the largest DPA, zero size", -DPA_UNIT, 0,
	  { CXL_SOFTHOST_REASON_DPA_CAPACITY, CAPACITY, -DPA_UNIT } },
	{ "up to the persistent partition", EDGE - UNIT, UNIT, { 0 } },
	{ "from the persistent partition on", EDGE, UNIT, { 0 } },
	{ "16 MiB into the persistent partition", EDGE - UNIT + DPA_UNIT, UNIT,
	  { CXL_SOFTHOST_REASON_DPA_PARTITION, EDGE, EDGE + DPA_UNIT } },
	{ "16 MiB in the volatile partition", EDGE - DPA_UNIT, 2 * UNIT,
	  { CXL_SOFTHOST_REASON_DPA_PARTITION, EDGE, EDGE - DPA_UNIT + 2 * UNIT } },
};

static void test_dpa(u32 policy)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(dpa_rows); i++) {
		const struct dpa_row *row = &dpa_rows[i];
		struct softhost_node *node = rig_node(&rig_endpoint);
		/* A skip that it can't have come from: nobody counts with that */
		struct cxl_softhost_record record = {
			.kind = DECODER, .index = 2, .control = LIVE, .hpa = 0,
			.length = row->size, .list = -UNIT, .dpa = row->dpa,
		};
		struct cxl_softhost_result result;

		tap_begin("%s, I9: a restored DPA %s: %s", policies[policy],
			  row->answer.reason ? "is refused" : "is kept", row->name);
		records_restore(node, policy, &record, &result);
		if (row->answer.reason) {
			records_check_refused(&result, 2, &row->answer);
			CHECK_EQUAL(rig_read(node, DEC(2) + CTRL), COMMIT | ERR);
		} else {
			records_check_done(&result);
			CHECK_EQUAL(node->next->decoders[2].latch.dpa_base, row->dpa);
		}
		tap_end();
		rig_free(node);
	}
}

/* Two decoders, whichever is restored first; the other is the one to be refused */
static const struct pair_row {
	const char *name;
	const struct rig_shape *shape;
	struct cxl_softhost_record low, high;
	struct commit_answer low_first, high_first;
} pair_rows[] = {
	{
		.name = "HPA that overlap", .shape = &rig_bridge,
		.low = { .hpa = 4 * GIB, .length = 4 * UNIT },
		.high = { .hpa = 4 * GIB + 3 * UNIT, .length = 4 * UNIT },
		.low_first = { CXL_SOFTHOST_REASON_HPA_BELOW, 5 * GIB, 4 * GIB + 3 * UNIT },
		.high_first = { CXL_SOFTHOST_REASON_HPA_ABOVE, 4 * GIB + 3 * UNIT, 5 * GIB },
	}, {
		.name = "HPA that descend", .shape = &rig_switch,
		.low = { .hpa = 8 * GIB, .length = UNIT },
		.high = { .hpa = 4 * GIB, .length = UNIT },
		.low_first = { CXL_SOFTHOST_REASON_HPA_BELOW, 8 * GIB + UNIT, 4 * GIB },
		.high_first = { CXL_SOFTHOST_REASON_HPA_ABOVE, 4 * GIB, 8 * GIB + UNIT },
	}, {
		.name = "HPA of a device that are the same", .shape = &rig_endpoint,
		.low = { .hpa = 4 * GIB, .length = UNIT },
		.high = { .hpa = 4 * GIB, .length = UNIT, .dpa = UNIT },
		.low_first = { CXL_SOFTHOST_REASON_HPA_BELOW, 4 * GIB + UNIT, 4 * GIB },
		.high_first = { CXL_SOFTHOST_REASON_HPA_ABOVE, 4 * GIB, 4 * GIB + UNIT },
	}, {
		.name = "HPA side by side", .shape = &rig_bridge,
		.low = { .hpa = 4 * GIB, .length = 4 * UNIT },
		.high = { .hpa = 5 * GIB, .length = 4 * UNIT },
	}, {
		.name = "a zero-size decoder in the other's HPA", .shape = &rig_bridge,
		.low = { .hpa = 5 * GIB, .length = 0 },
		.high = { .hpa = 4 * GIB, .length = 8 * UNIT },
	}, {
		.name = "DPA that overlap", .shape = &rig_endpoint,
		.low = { .hpa = 4 * GIB, .length = 4 * UNIT, .dpa = 2 * UNIT },
		.high = { .hpa = 8 * GIB, .length = 4 * UNIT, .dpa = 5 * UNIT },
		.low_first = { CXL_SOFTHOST_REASON_DPA_OVERLAP, 2 * UNIT, 9 * UNIT },
		.high_first = { CXL_SOFTHOST_REASON_DPA_OVERLAP, 5 * UNIT, 6 * UNIT },
	}, {
		.name = "DPA that overlap by 16 MiB", .shape = &rig_endpoint,
		.low = { .hpa = 4 * GIB, .length = UNIT, .dpa = 5 * UNIT - DPA_UNIT },
		.high = { .hpa = 8 * GIB, .length = UNIT, .dpa = 4 * UNIT },
		.low_first = { CXL_SOFTHOST_REASON_DPA_OVERLAP, 5 * UNIT - DPA_UNIT, 5 * UNIT },
		.high_first = { CXL_SOFTHOST_REASON_DPA_OVERLAP, 4 * UNIT, 6 * UNIT - DPA_UNIT },
	}, {
		.name = "DPA that descend, side by side", .shape = &rig_endpoint,
		.low = { .hpa = 4 * GIB, .length = 4 * UNIT, .dpa = 4 * UNIT },
		.high = { .hpa = 8 * GIB, .length = 4 * UNIT, .dpa = 0 },
	}, {
		.name = "a zero-size decoder in the other's DPA", .shape = &rig_endpoint,
		.low = { .hpa = 4 * GIB, .length = 0, .dpa = 6 * UNIT },
		.high = { .hpa = 8 * GIB, .length = 8 * UNIT, .dpa = 4 * UNIT },
	},
};

static void check_pair(const struct pair_row *row, u32 policy, u32 lock, bool high_first)
{
	const struct commit_answer *want = high_first ? &row->high_first : &row->low_first;
	struct softhost_node *node = rig_node(row->shape);
	struct cxl_softhost_record records[] = { row->low, row->high };
	struct cxl_softhost_result result;
	u32 i;

	for (i = 0; i < 2; i++) {
		records[i].kind = DECODER;
		records[i].index = 1 + 2 * i;
		records[i].control = LIVE | lock;
	}
	records_must_restore(node, policy, &records[high_first]);
	records_restore(node, policy, &records[!high_first], &result);
	if (want->reason && policy == CHECKED) {
		records_check_refused(&result, high_first ? 1 : 3, want);
	} else {
		records_check_done(&result);
		for (i = 0; i < 2; i++)
			CHECK_EQUAL(node->next->decoders[1 + 2 * i].latch.dpa_base,
				    records[i].dpa);
	}
	rig_free(node);
}

static void test_pairs(void)
{
	u32 i, way;

	for (i = 0; i < ARRAY_SIZE(pair_rows); i++) {
		const struct pair_row *row = &pair_rows[i];

		tap_begin("in either order restored decoders are %s: %s",
			  row->low_first.reason ? "kept apart" : "accepted", row->name);
		for (way = 0; way < 4; way++)
			check_pair(row, CHECKED, way & 1 ? LOCK : 0, way & 2);
		tap_end();
		tap_begin("strict-spec: in either order, locked or not, accepted: %s", row->name);
		for (way = 0; way < 4; way++)
			check_pair(row, STRICT, way & 1 ? LOCK : 0, way & 2);
		tap_end();
	}
}

int main(void)
{
	test_rows(rig_bridge_rows, rig_bridge_row_count, "bridge");
	test_rows(rig_device_rows, rig_device_row_count, "device");
	test_dpa(CHECKED);
	test_dpa(STRICT);
	test_pairs();
	return tap_done();
}
