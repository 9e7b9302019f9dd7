// SPDX-License-Identifier: GPL-2.0-only
/* Codes, and looking up decoders and children. */
#include "rig.h"
#include "tap.h"

static void test_codes(void)
{
	tap_begin("Interleave Ways codes, reserved ones are 0");
	rig_check_ways_codes();
	tap_end();

	tap_begin("address bits that select the position, every ways and granularity");
	rig_check_position_bits();
	tap_end();

	tap_begin("Decoder Count codes (T30), no code for other counts");
	rig_check_count_codes();
	tap_end();
}

static void test_find(void)
{
	static const struct rig_program programs[] = {
		{ .n = 0, .base = 4 * UNIT, .size = 2 * UNIT },
		{ .n = 1, .base = 0, .size = 0 },
		{ .n = 2, .base = 8 * UNIT, .size = UNIT },
		{ .n = 3, .base = -UNIT, .size = UNIT },
	};
	static const struct {
		u64 hpa;
		int n;
		u64 last;
	} rows[] = {
		{ 0, -1, 4 * UNIT - 1 },
		{ 4 * UNIT - 1, -1, 4 * UNIT - 1 },
		{ 4 * UNIT, 0, 6 * UNIT - 1 },
		{ 6 * UNIT - 1, 0, 6 * UNIT - 1 },
		{ 6 * UNIT, -1, 8 * UNIT - 1 },
		{ 8 * UNIT, 2, 9 * UNIT - 1 },
		{ 9 * UNIT, -1, -UNIT - 1 },
		{ -UNIT, 3, -1ULL },
		{ -1ULL, 3, -1ULL },
	};
	struct softhost_node *node = rig_node(&rig_endpoint);
	const struct softhost_decoder *decoder;
	struct cxl_softhost_result result;
	u64 last;
	u32 i;

	for (i = 0; i < 4; i++)
		rig_must_commit(node, &programs[i]);

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		tap_begin("decoder at HPA %#llx", (unsigned long long)rows[i].hpa);
		last = -1ULL;
		decoder = softhost_decoder_find(node, node->next, rows[i].hpa, &last);
		CHECK(decoder == (rows[i].n < 0 ? NULL : &node->next->decoders[rows[i].n]));
		CHECK_EQUAL(last, rows[i].last);
		tap_end();
	}

	tap_begin("the end of an answer is only ever lowered");
	last = 4 * UNIT + 5;
	CHECK(softhost_decoder_find(node, node->next, 4 * UNIT, &last));
	CHECK_EQUAL(last, 4 * UNIT + 5);
	last = 7;
	CHECK(!softhost_decoder_find(node, node->next, 0, &last));
	CHECK_EQUAL(last, 7);
	tap_end();

	tap_begin("registers of a decoder that isn't COMMITTED decode nothing");
	rig_uncommit(node, 0, &result);
	last = -1ULL;
	CHECK(!softhost_decoder_find(node, node->next, 4 * UNIT, &last));
	CHECK_EQUAL(last, 8 * UNIT - 1);
	CHECK_EQUAL(rig_read(node, DEC(0) + BASE_LO), 4 * UNIT);
	tap_end();
	rig_free(node);
}

static void test_children(void)
{
	static const u32 ports[] = { 200, 3, 255, 0 };
	struct softhost_node *bridge = rig_node(&rig_bridge);
	u32 i, port;

	tap_begin("T13: children are found by port number, not by index");
	for (i = 0; i < 4; i++)
		rig_child(bridge, ports[i], &rig_endpoint);
	for (port = 0; port < 256; port++) {
		const struct softhost_node *child = softhost_child_find(bridge, port, true);
		bool there = port == 0 || port == 3 || port == 200 || port == 255;

		CHECK_EQUAL(!!child, there);
		if (child)
			CHECK_EQUAL(child->port, port);
	}
	tap_end();

	tap_begin("a child that is on its way in or out is only there for who wants it");
	bridge->children->hdm->present = false;
	CHECK(softhost_child_find(bridge, 0, true));
	CHECK(!softhost_child_find(bridge, 0, false));
	CHECK(softhost_only_child(bridge, true));
	CHECK(!softhost_only_child(bridge, false));
	bridge->children->next->present = false;
	CHECK(!softhost_child_find(bridge, 0, true));
	CHECK(softhost_child_find(bridge, 3, true));
	tap_end();
	rig_free(bridge);
}

/* All encodings: what fold takes together unfold takes apart, byte for byte */
static void test_fold(void)
{
	static const u8 codes[] = { 0, 1, 2, 3, 4, 8, 9, 10 };
	u32 c, ig, i;

	for (c = 0; c < sizeof(codes); c++) {
		u32 ways = softhost_ways_decode(codes[c]);

		tap_begin("fold and unfold, %u ways", ways);
		for (ig = 0; ig <= 6; ig++) {
			struct softhost_interleave il = softhost_interleave_decode(codes[c], ig);
			u64 granule = 256ULL << ig;

			CHECK_EQUAL(softhost_ways(il), ways);
			CHECK_EQUAL(softhost_share(il, 48 * UNIT), 48 * UNIT / ways);
			for (i = 0; i < 5 * ways; i++) {
				u64 offset = (7ULL << 40) / (granule * ways) * granule * ways +
					     i * granule + i;
				u64 dpa = offset / granule / ways * granule + offset % granule;

				CHECK_EQUAL(softhost_fold(il, offset), dpa);
				CHECK_EQUAL(softhost_unfold(il, dpa, i % ways), offset);
				CHECK_EQUAL(softhost_position(il, offset),
					    offset / granule % ways);
			}
		}
		tap_end();
	}
}

static void test_examples(void)
{
	u32 i;

	for (i = 0; i < rig_example_count(); i++) {
		tap_begin("example %s", rig_example_name(i));
		rig_check_example(i);
		tap_end();
	}
}

int main(void)
{
	test_codes();
	test_fold();
	test_examples();
	test_find();
	test_children();
	return tap_done();
}
