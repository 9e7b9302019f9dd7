// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of one decoder: IDLE, LIVE, FAILED and LOCKED, what each lets
 * software write, and what comes and goes with COMMIT.
 */
#include "rig.h"
#include "tap.h"

static const struct rig_program first = { .n = 0, .base = 4 * GIB, .size = 4 * UNIT };
static const struct rig_program second = { .n = 1, .base = 8 * GIB, .size = 2 * UNIT };

/* Offsets of what LIVE, FAILED and LOCKED protect */
static const u32 fields[] = { BASE_LO, BASE_HI, SIZE_LO, SIZE_HI, LIST_LO, LIST_HI };

#define FIELD_COUNT (sizeof(fields) / sizeof(fields[0]))

/* A write that has to be ignored: for this reason, and with nothing changed */
static void check_ignored(struct softhost_node *node, u32 offset, u32 width, u64 value,
			  u32 reason)
{
	struct softhost_decoder before[SOFTHOST_MAX_DECODERS];
	size_t size = node->decoder_count * sizeof(before[0]);
	struct cxl_softhost_result result;

	memcpy(before, node->next->decoders, size);
	CHECK(!rig_write(node, offset, width, value, &result));
	CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_IGNORED);
	if (!CHECK_EQUAL(result.reason, reason) ||
	    !CHECK(!memcmp(before, node->next->decoders, size)))
		tap_note("offset %#x width %u", offset, width);
}

static void check_fields_ignored(struct softhost_node *node, u32 n, u32 reason)
{
	u32 i;

	for (i = 0; i < FIELD_COUNT; i++) {
		check_ignored(node, DEC(n) + fields[i], 4, 0, reason);
		check_ignored(node, DEC(n) + fields[i], 4, 0x70000000, reason);
	}
	check_ignored(node, DEC(n) + BASE_LO, 8, 0, reason);
	check_ignored(node, DEC(n) + SIZE_LO, 8, -1ULL, reason);
	check_ignored(node, DEC(n) + LIST_HI, 8, -1ULL, reason);
}

static void test_idle(const struct rig_shape *shape, const char *kind)
{
	struct softhost_node *node = rig_node(shape);
	struct cxl_softhost_result result;

	tap_begin("%s: T2: target type sticks without COMMIT", kind);
	CHECK(!rig_write(node, DEC(0) + CTRL, 4, TYPE, &result));
	CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_DONE);
	CHECK_EQUAL(result.decoder, 0);
	CHECK_EQUAL(rig_read(node, DEC(0) + CTRL), TYPE);
	tap_end();

	tap_begin("%s: T3: COMMITTED and ERR can't be written", kind);
	CHECK(!rig_write(node, DEC(0) + CTRL, 4, COMMITTED | ERR | IG(3u), &result));
	CHECK_EQUAL(rig_read(node, DEC(0) + CTRL), IG(3u));
	CHECK(!softhost_decoder_live(&node->next->decoders[0]));
	rig_must_commit(node, &first);
	CHECK_EQUAL(rig_read(node, DEC(0) + CTRL), COMMIT | COMMITTED);
	tap_end();
	rig_free(node);

	tap_begin("%s: LOCK without COMMIT locks nothing", kind);
	node = rig_node(shape);
	rig_store(node, DEC(0) + CTRL, LOCK);
	rig_store(node, DEC(0) + BASE_HI, 1);
	rig_store(node, DEC(0) + CTRL, 0);
	CHECK_EQUAL(rig_read(node, DEC(0) + CTRL), 0);
	tap_end();
	rig_free(node);

	tap_begin("%s: T7: high before low, low before high; only COMMIT judges", kind);
	node = rig_node(shape);
	rig_store(node, DEC(0) + SIZE_LO, 0xf0000000);
	rig_store(node, DEC(0) + SIZE_HI, 0xffffffff);
	rig_store(node, DEC(0) + BASE_HI, 0xffffffff);
	rig_store(node, DEC(0) + SIZE_LO, 4 * UNIT);
	rig_store(node, DEC(0) + BASE_HI, 1);
	rig_store(node, DEC(0) + SIZE_HI, 0);
	CHECK(rig_write(node, DEC(0) + CTRL, 4, COMMIT, &result));
	CHECK_EQUAL(node->next->decoders[0].latch.base, 4 * GIB);
	CHECK_EQUAL(node->next->decoders[0].latch.size, 4 * UNIT);
	tap_end();
	rig_free(node);

	tap_begin("%s: T1: the same with 8 byte writes", kind);
	node = rig_node(shape);
	CHECK(!rig_write(node, DEC(0) + BASE_LO, 8, 4 * GIB | 0xfffffff, &result));
	CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_DONE);
	CHECK(!rig_write(node, DEC(0) + SIZE_LO, 8, 4 * UNIT, &result));
	CHECK(rig_write(node, DEC(0) + CTRL, 8, COMMIT, &result));
	CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_COMMITTED);
	CHECK_EQUAL(node->next->decoders[0].latch.base, 4 * GIB);
	CHECK_EQUAL(node->next->decoders[0].latch.size, 4 * UNIT);
	tap_end();
	rig_free(node);
}

static void test_live(const struct rig_shape *shape, const char *kind)
{
	struct softhost_node *node = rig_node(shape);
	struct cxl_softhost_result result;
	u32 ctrl;

	rig_must_commit(node, &first);
	ctrl = rig_read(node, DEC(0) + CTRL);

	tap_begin("%s: T8: fields of a live decoder don't change", kind);
	check_fields_ignored(node, 0, CXL_SOFTHOST_REASON_LIVE);
	check_ignored(node, DEC(0) + RSVD, 4, -1ULL, CXL_SOFTHOST_REASON_READ_ONLY);
	tap_end();

	tap_begin("%s: COMMIT written when set already: no edge, no commit", kind);
	CHECK(!rig_write(node, DEC(0) + CTRL, 4, COMMIT, &result));
	CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_DONE);
	CHECK_EQUAL(result.decoder, 0);
	CHECK_EQUAL(rig_read(node, DEC(0) + CTRL), ctrl);
	tap_end();

	tap_begin("%s: T3: Control written back with stale result bits", kind);
	CHECK(!rig_write(node, DEC(0) + CTRL, 4, ctrl | ERR, &result));
	CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_DONE);
	CHECK(!rig_write(node, DEC(0) + CTRL, 4, COMMIT | ERR, &result));
	CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_DONE);
	CHECK_EQUAL(rig_read(node, DEC(0) + CTRL), ctrl);
	tap_end();

	tap_begin("%s: T8: Control of a live decoder takes nothing beside COMMIT = 0", kind);
	check_ignored(node, DEC(0) + CTRL, 4, COMMIT | IG(2u), CXL_SOFTHOST_REASON_LIVE);
	check_ignored(node, DEC(0) + CTRL, 4, COMMIT | IW(1u), CXL_SOFTHOST_REASON_LIVE);
	check_ignored(node, DEC(0) + CTRL, 4, COMMIT | TYPE, CXL_SOFTHOST_REASON_LIVE);
	check_ignored(node, DEC(0) + CTRL, 4, COMMIT | LOCK, CXL_SOFTHOST_REASON_LIVE);
	check_ignored(node, DEC(0) + CTRL, 8, COMMIT | LOCK | 1ULL << 60,
		      CXL_SOFTHOST_REASON_LIVE);
	tap_end();

	tap_begin("%s: T9: uncommit clears the two bits and the latch, no field", kind);
	CHECK(rig_uncommit(node, 0, &result));
	CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_UNCOMMITTED);
	CHECK_EQUAL(result.reason, 0);
	CHECK_EQUAL(result.decoder, 0);
	CHECK_EQUAL(rig_read(node, DEC(0) + CTRL), 0);
	CHECK_EQUAL(rig_read(node, DEC(0) + BASE_HI), 1);
	CHECK_EQUAL(rig_read(node, DEC(0) + SIZE_LO), 4 * UNIT);
	CHECK_EQUAL(node->next->decoders[0].latch.size, 0);
	tap_end();

	tap_begin("%s: a second uncommit changes nothing", kind);
	CHECK(!rig_uncommit(node, 0, &result));
	CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_DONE);
	tap_end();

	tap_begin("%s: uncommit and new fields in one write", kind);
	rig_must_commit(node, &first);
	CHECK(rig_write(node, DEC(0) + CTRL, 4, IG(5u) | TYPE | COMMITTED, &result));
	CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_UNCOMMITTED);
	CHECK_EQUAL(rig_read(node, DEC(0) + CTRL), IG(5u) | TYPE);
	tap_end();

	tap_begin("%s: T1: uncommit by 8 bytes, the list was still protected", kind);
	rig_must_commit(node, &first);
	CHECK(rig_write(node, DEC(0) + CTRL, 8, 0x50000000ULL << 32, &result));
	CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_UNCOMMITTED);
	CHECK_EQUAL(result.decoder, 0);
	CHECK_EQUAL(rig_read(node, DEC(0) + LIST_LO), 0);
	tap_end();
	rig_free(node);
}

static void test_failed(const struct rig_shape *shape, const char *kind)
{
	struct softhost_node *node = rig_node(shape);
	struct cxl_softhost_result result;

	tap_begin("%s: a refused decoder keeps its fields until COMMIT = 0", kind);
	rig_commit(node, &second, &result);
	CHECK_EQUAL(result.reason, CXL_SOFTHOST_REASON_ORDER);
	check_fields_ignored(node, 1, CXL_SOFTHOST_REASON_LIVE);
	check_ignored(node, DEC(1) + CTRL, 4, COMMIT | IG(1u), CXL_SOFTHOST_REASON_LIVE);
	CHECK_EQUAL(rig_read(node, DEC(1) + CTRL), COMMIT | ERR);
	tap_end();

	tap_begin("%s: COMMIT without an edge doesn't try again", kind);
	rig_must_commit(node, &first);
	CHECK(!rig_write(node, DEC(1) + CTRL, 4, COMMIT, &result));
	CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_DONE);
	CHECK_EQUAL(rig_read(node, DEC(1) + CTRL), COMMIT | ERR);
	tap_end();

	tap_begin("%s: T6: COMMIT = 0 clears ERR, the next edge succeeds", kind);
	CHECK(!rig_write(node, DEC(1) + CTRL, 4, ERR, &result));
	CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_DONE);
	CHECK_EQUAL(rig_read(node, DEC(1) + CTRL), 0);
	CHECK(rig_write(node, DEC(1) + CTRL, 4, COMMIT | ERR, &result));
	CHECK_EQUAL(rig_read(node, DEC(1) + CTRL), COMMIT | COMMITTED);
	tap_end();
	rig_free(node);
}

static void test_locked(const struct rig_shape *shape, const char *kind)
{
	struct softhost_node *node = rig_node(shape);
	struct rig_program locked = first;
	struct cxl_softhost_result result;

	locked.ctrl = LOCK | TYPE;
	rig_must_commit(node, &locked);

	tap_begin("%s: T23: a locked decoder takes no write, COMMIT = 0 included", kind);
	check_fields_ignored(node, 0, CXL_SOFTHOST_REASON_LOCKED);
	check_ignored(node, DEC(0) + CTRL, 4, 0, CXL_SOFTHOST_REASON_LOCKED);
	check_ignored(node, DEC(0) + CTRL, 4, TYPE, CXL_SOFTHOST_REASON_LOCKED);
	check_ignored(node, DEC(0) + CTRL, 4, COMMIT | TYPE, CXL_SOFTHOST_REASON_LOCKED);
	check_ignored(node, DEC(0) + CTRL, 8, 0, CXL_SOFTHOST_REASON_LOCKED);
	CHECK_EQUAL(rig_read(node, DEC(0) + CTRL), COMMIT | COMMITTED | LOCK | TYPE);
	tap_end();

	tap_begin("%s: T23: the next decoder isn't locked by it", kind);
	rig_must_commit(node, &second);
	CHECK(rig_uncommit(node, 1, &result));
	tap_end();

	tap_begin("%s: T23: reset unlocks", kind);
	CHECK(softhost_hdm_reset(node, node->next));
	CHECK_EQUAL(rig_read(node, DEC(0) + CTRL), 0);
	CHECK_EQUAL(rig_read(node, DEC(0) + BASE_HI), 0);
	CHECK_EQUAL(node->next->decoders[0].latch.size, 0);
	rig_must_commit(node, &first);
	CHECK(rig_uncommit(node, 0, &result));
	CHECK(!softhost_hdm_reset(node, node->next));
	tap_end();
	rig_free(node);
}

static void test_refuse(const struct rig_shape *shape, const char *kind)
{
	struct softhost_node *node = rig_node(shape);
	struct softhost_decoder before;
	struct cxl_softhost_result result;

	rig_must_commit(node, &first);
	before = node->next->decoders[0];
	rig_must_commit(node, &second);

	tap_begin("%s: I4: a commit taken back is ERROR NOT COMMITTED without a latch", kind);
	softhost_hdm_refuse(node->next, 1);
	CHECK_EQUAL(rig_read(node, DEC(1) + CTRL), COMMIT | ERR);
	CHECK_EQUAL(rig_read(node, DEC(1) + BASE_HI), 2);
	CHECK_EQUAL(node->next->decoders[1].latch.size, 0);
	CHECK_EQUAL(node->next->decoders[1].latch.base, 0);
	CHECK(!memcmp(&before, &node->next->decoders[0], sizeof(before)));
	tap_end();

	tap_begin("%s: I4: refused before COMMIT was stored: COMMIT reads 1 all the same", kind);
	rig_uncommit(node, 1, &result);
	softhost_hdm_refuse(node->next, 1);
	CHECK_EQUAL(rig_read(node, DEC(1) + CTRL), COMMIT | ERR);
	tap_end();

	tap_begin("%s: I4: software recovers from it", kind);
	rig_uncommit(node, 1, &result);
	CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_DONE);
	rig_must_commit(node, &second);
	tap_end();
	rig_free(node);
}

static void test_order(void)
{
	struct rig_program lower = first, third = { .n = 2, .base = 12 * GIB, .size = UNIT };
	struct softhost_node *node = rig_node(&rig_endpoint);
	struct softhost_decoder before[4];
	struct cxl_softhost_result result;

	rig_must_commit(node, &first);
	rig_must_commit(node, &second);

	tap_begin("device: T10, I9: uncommit out of order moves nobody's DPA");
	memcpy(before, node->next->decoders, sizeof(before));
	CHECK_EQUAL(before[1].latch.dpa_base, 4 * UNIT);
	CHECK(rig_uncommit(node, 0, &result));
	CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_UNCOMMITTED);
	CHECK(!memcmp(&before[1], &node->next->decoders[1], sizeof(before[1])));
	tap_end();

	tap_begin("device: T10: what comes after builds on the latched DPA");
	rig_must_commit(node, &third);
	CHECK_EQUAL(node->next->decoders[2].latch.dpa_base, 6 * UNIT);
	tap_end();

	tap_begin("device: T10: recommit of the lower one, smaller, moves nobody either");
	lower.size = UNIT;
	rig_must_commit(node, &lower);
	CHECK_EQUAL(node->next->decoders[0].latch.dpa_base, 0);
	CHECK_EQUAL(node->next->decoders[1].latch.dpa_base, 4 * UNIT);
	CHECK_EQUAL(node->next->decoders[2].latch.dpa_base, 6 * UNIT);
	tap_end();
	rig_free(node);
}

static void test_wide(void)
{
	struct softhost_node *device = rig_node(&rig_endpoint);
	struct softhost_node *bridge = rig_node(&rig_bridge);
	struct cxl_softhost_result result;

	tap_begin("device: T1: 8 bytes on Control: the skip is in before COMMIT looks");
	rig_fields(device, &first);
	CHECK(rig_write(device, DEC(0) + CTRL, 8, 3 * UNIT << 32 | COMMIT, &result));
	CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_COMMITTED);
	CHECK_EQUAL(device->next->decoders[0].latch.dpa_base, 3 * UNIT);
	tap_end();

	tap_begin("bridge: T1: 8 bytes on Control: the targets are in before COMMIT looks");
	rig_fields(bridge, &first);
	CHECK(rig_write(bridge, DEC(0) + CTRL, 8, 0x0908ULL << 32 | COMMIT | IW(1u), &result));
	CHECK_EQUAL(result.reason, CXL_SOFTHOST_REASON_INTERLEAVED);
	CHECK_EQUAL(bridge->next->decoders[0].latch.targets[0], 8);
	CHECK_EQUAL(bridge->next->decoders[0].latch.targets[1], 9);
	tap_end();

	tap_begin("bridge: T40: byte 0 of the low dword is way 0, of the high one way 4");
	rig_store(bridge, DEC(1) + LIST_LO, 0x44332211);
	rig_store(bridge, DEC(1) + LIST_HI, 0x88776655);
	rig_store(bridge, DEC(1) + BASE_HI, 4);
	CHECK(rig_write(bridge, DEC(1) + CTRL, 4, COMMIT, &result));
	CHECK(!memcmp(bridge->next->decoders[1].latch.targets,
		      "\x11\x22\x33\x44\x55\x66\x77\x88", 8));
	tap_end();

	tap_begin("8 bytes with a half that can't be written: the other half counts");
	CHECK(!rig_write(device, DEC(1) + LIST_HI, 8, -1ULL, &result));
	CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_DONE);
	CHECK_EQUAL(result.decoder, 1);
	CHECK_EQUAL(rig_read(device, DEC(1) + LIST_HI), 0xffffffff);
	CHECK_EQUAL(rig_read(device, DEC(1) + RSVD), 0);
	CHECK(rig_write(device, HDM_CAP, 8, -1ULL, &result));
	CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_DONE);
	CHECK_EQUAL(rig_read(device, HDM_GLOBAL), ENABLE);
	CHECK(!rig_write(bridge, HDM_CAP, 8, -1ULL, &result));
	CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_IGNORED);
	CHECK_EQUAL(result.reason, CXL_SOFTHOST_REASON_READ_ONLY);
	tap_end();
	rig_free(device);
	rig_free(bridge);
}

static void test_global(void)
{
	struct softhost_node *device = rig_node(&rig_endpoint);
	struct softhost_node *bridge = rig_node(&rig_bridge);
	struct cxl_softhost_result result;

	tap_begin("T24: a device's HDM Decoder Enable, only a change may change the map");
	CHECK(rig_write(device, HDM_GLOBAL, 4, -1ULL, &result));
	CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_DONE);
	CHECK_EQUAL(result.decoder, CXL_SOFTHOST_NONE);
	CHECK_EQUAL(rig_read(device, HDM_GLOBAL), ENABLE);
	CHECK(!rig_write(device, HDM_GLOBAL, 4, ENABLE, &result));
	CHECK(rig_write(device, HDM_GLOBAL, 4, 0, &result));
	CHECK_EQUAL(rig_read(device, HDM_GLOBAL), 0);
	CHECK(!rig_write(device, HDM_GLOBAL, 4, 1, &result));
	CHECK_EQUAL(rig_read(device, HDM_GLOBAL), 0);
	tap_end();

	tap_begin("T24: a bridge has no such bit");
	check_ignored(bridge, HDM_GLOBAL, 4, -1ULL, CXL_SOFTHOST_REASON_READ_ONLY);
	CHECK_EQUAL(rig_read(bridge, HDM_GLOBAL), 0);
	tap_end();
	rig_free(device);
	rig_free(bridge);
}

/* Policy "strict-spec": a range that passes 2^64 is a neighbour up to there */
static void test_wrapping_neighbour(void)
{
	struct softhost_node *bridge = rig_node(&rig_bridge);
	const struct rig_program wraps = { .n = 0, .base = -UNIT, .size = 2 * UNIT };
	const struct rig_program locked = { .n = 1, .base = GIB, .size = UNIT, .ctrl = LOCK };
	struct cxl_softhost_result result;

	tap_begin("strict-spec: a locked commit above a range that passes 2^64");
	rig_fields(bridge, &wraps);
	rig_write_as(bridge, CXL_SOFTHOST_POLICY_STRICT_SPEC, DEC(0) + CTRL, 4, COMMIT, &result);
	CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_COMMITTED);
	rig_fields(bridge, &locked);
	rig_write_as(bridge, CXL_SOFTHOST_POLICY_STRICT_SPEC, DEC(1) + CTRL, 4, LOCK | COMMIT,
		     &result);
	CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_REFUSED);
	CHECK_EQUAL(result.reason, CXL_SOFTHOST_REASON_HPA_BELOW);
	CHECK_EQUAL(result.expected, U64_MAX);
	CHECK_EQUAL(result.found, GIB);
	tap_end();
	rig_free(bridge);
}

int main(void)
{
	static const struct {
		const struct rig_shape *shape;
		const char *name;
	} kinds[] = { { &rig_bridge, "bridge" }, { &rig_endpoint, "device" } };
	u32 i;

	for (i = 0; i < 2; i++) {
		test_idle(kinds[i].shape, kinds[i].name);
		test_live(kinds[i].shape, kinds[i].name);
		test_failed(kinds[i].shape, kinds[i].name);
		test_locked(kinds[i].shape, kinds[i].name);
		test_refuse(kinds[i].shape, kinds[i].name);
	}
	test_order();
	test_wide();
	test_global();
	test_wrapping_neighbour();
	return tap_done();
}
