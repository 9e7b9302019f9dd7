// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest has programmed as records: each field, of each kind of component; and
 * what no record of a component can say.
 */
#include <stddef.h>

#include "records.h"
#include "tap.h"

static const struct rig_shape *const shapes[] = {
	&rig_bridge, &rig_switch, &rig_passthrough, &rig_endpoint,
};

static const char *const kinds[] = { "bridge", "switch", "passthrough bridge", "device" };

#define KINDS 4
#define DEVICE 3

static void check_record(const struct cxl_softhost_record *found,
			 const struct cxl_softhost_record *want)
{
	CHECK_EQUAL(found->kind, want->kind);
	CHECK_EQUAL(found->node_id, want->node_id);
	CHECK_EQUAL(found->index, want->index);
	CHECK_EQUAL(found->control, want->control);
	CHECK_EQUAL(found->hpa, want->hpa);
	CHECK_EQUAL(found->length, want->length);
	CHECK_EQUAL(found->list, want->list);
	CHECK_EQUAL(found->dpa, want->dpa);
	CHECK_EQUAL(found->mem_enable, want->mem_enable);
	CHECK_EQUAL(found->media, want->media);
}

/* @node's records are @wants, and each of them is one that it can have */
static void check_saved(struct softhost_node *node, struct cxl_softhost_record *wants, u32 count)
{
	struct cxl_softhost_record *records = rig_alloc((count + 1) * sizeof(*records));
	static const struct cxl_softhost_record none;
	u32 i;

	/* What isn't set would be caught as a difference */
	memset(records, 0xa5, count * sizeof(*records));
	if (CHECK_EQUAL(softhost_state_count(node, node->next), count)) {
		softhost_state_save(node, node->next, records);
		for (i = 0; i < count; i++) {
			wants[i].node_id = node->id;
			check_record(&records[i], &wants[i]);
			CHECK(softhost_state_ok(node, &records[i]));
		}
		CHECK(!memcmp(&records[count], &none, sizeof(none)));
	}
	rig_release(records);
}

#define CHECK_SAVED(node, ...) do {						\
	struct cxl_softhost_record wants[] = { __VA_ARGS__ };			\
	check_saved(node, wants, ARRAY_SIZE(wants));				\
} while (0)

static void test_device(void)
{
	const struct rig_program first = {
		.n = 0, .base = 0x1230000000, .size = 4 * UNIT, .list = 3 * UNIT,
		.ctrl = IW(1u) | IG(5u) | TYPE,
	};
	const struct rig_program second = {
		.n = 1, .base = 0x1310000000, .size = 2 * UNIT, .list = 11 * UNIT, .ctrl = LOCK,
	};
	const struct rig_program early = {
		.n = 3, .base = 0xf230000000, .size = UNIT, .list = 0x560000000,
	};
	struct softhost_node *node = rig_node(&rig_endpoint);
	struct cxl_softhost_result result;

	tap_begin("device: the record of what isn't a decoder has its three enables");
	rig_store(node, HDM_GLOBAL, ENABLE);
	CHECK_SAVED(node, { .kind = NODE, .control = ENABLE });
	node->next->mem_enable = true;
	CHECK_SAVED(node, { .kind = NODE, .control = ENABLE, .mem_enable = 1 });
	node->next->media = CXL_SOFTHOST_MEDIA_DISABLED;
	CHECK_SAVED(node, { .kind = NODE, .control = ENABLE, .mem_enable = 1, .media = 1 });
	rig_store(node, HDM_GLOBAL, 0);
	CHECK_SAVED(node, { .kind = NODE, .mem_enable = 1, .media = 1 });
	tap_end();
	rig_free(node);

	tap_begin("device: records of decoders: fields, skip, DPA; none of one in reset state");
	node = rig_node(&rig_endpoint);
	rig_must_commit(node, &first);
	rig_must_commit(node, &second);
	rig_commit(node, &early, &result);
	CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_REFUSED);
	CHECK_SAVED(node, { .kind = NODE },
		    { .kind = DECODER, .index = 0, .hpa = 0x1230000000, .length = 4 * UNIT,
		      .control = COMMIT | COMMITTED | IW(1u) | IG(5u) | TYPE,
		      .list = 3 * UNIT, .dpa = 3 * UNIT },
		    { .kind = DECODER, .index = 1, .hpa = 0x1310000000, .length = 2 * UNIT,
		      .control = COMMIT | COMMITTED | LOCK, .list = 11 * UNIT, .dpa = 16 * UNIT },
		    { .kind = DECODER, .index = 3, .hpa = 0xf230000000, .length = UNIT,
		      .control = COMMIT | ERR, .list = 0x560000000 });
	tap_end();

	tap_begin("device: T10: a record's DPA is the one that the decoder kept");
	rig_uncommit(node, 0, &result);
	CHECK_SAVED(node, { .kind = NODE },
		    { .kind = DECODER, .index = 0, .hpa = 0x1230000000, .length = 4 * UNIT,
		      .control = IW(1u) | IG(5u) | TYPE, .list = 3 * UNIT },
		    { .kind = DECODER, .index = 1, .hpa = 0x1310000000, .length = 2 * UNIT,
		      .control = COMMIT | COMMITTED | LOCK, .list = 11 * UNIT, .dpa = 16 * UNIT },
		    { .kind = DECODER, .index = 3, .hpa = 0xf230000000, .length = UNIT,
		      .control = COMMIT | ERR, .list = 0x560000000 });
	tap_end();
	rig_free(node);
}

static void test_router(const struct rig_shape *shape, const char *kind)
{
	const u64 list = 0x8877665544332211ULL;
	const struct rig_program first = {
		.n = 0, .base = 0x1230000000, .size = 4 * UNIT, .list = list,
		.ctrl = IW(2u) | IG(6u) | LOCK | TYPE,
	};
	const struct rig_program early = {
		.n = 2, .base = UNIT, .size = UNIT, .list = list, .ctrl = LOCK,
	};
	const struct rig_program idle = {
		.n = 3, .base = 0x9990000000, .size = 3 * UNIT, .list = list,
	};
	struct softhost_node *node = rig_node(shape);
	struct cxl_softhost_result result;

	tap_begin("%s: records of decoders: fields and all of the target list", kind);
	rig_must_commit(node, &first);
	rig_commit(node, &early, &result);
	CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_REFUSED);
	rig_fields(node, &idle);
	CHECK_SAVED(node, { .kind = NODE },
		    { .kind = DECODER, .index = 0, .hpa = 0x1230000000, .length = 4 * UNIT,
		      .control = COMMIT | COMMITTED | IW(2u) | IG(6u) | LOCK | TYPE,
		      .list = list },
		    { .kind = DECODER, .index = 2, .hpa = UNIT, .length = UNIT,
		      .control = COMMIT | ERR | LOCK, .list = list },
		    { .kind = DECODER, .index = 3, .hpa = 0x9990000000, .length = 3 * UNIT,
		      .list = list });
	tap_end();
	rig_free(node);
}

static void test_blank(const struct rig_shape *shape, const char *kind)
{
	static const struct {
		u32 offset, value;
	} registers[] = {
		{ BASE_LO, UNIT }, { BASE_HI, 1 }, { SIZE_LO, UNIT }, { SIZE_HI, 1 << 30 },
		{ CTRL, TYPE }, { LIST_LO, UNIT }, { LIST_HI, 1 },
	};
	struct softhost_node *node = rig_node(shape);
	u32 i;

	tap_begin("%s: in reset state it has one record", kind);
	CHECK_SAVED(node, { .kind = NODE });
	tap_end();
	if (!shape->decoders) {
		rig_free(node);
		return;
	}

	tap_begin("%s: one register that isn't 0 makes a record", kind);
	for (i = 0; i < ARRAY_SIZE(registers); i++) {
		u64 value = registers[i].value, high = value << 32;
		u32 offset = registers[i].offset;

		rig_store(node, DEC(2) + offset, value);
		CHECK_SAVED(node, { .kind = NODE },
			    { .kind = DECODER, .index = 2,
			      .hpa = offset == BASE_LO ? value : offset == BASE_HI ? high : 0,
			      .length = offset == SIZE_LO ? value : offset == SIZE_HI ? high : 0,
			      .control = offset == CTRL ? value : 0,
			      .list = offset == LIST_LO ? value : offset == LIST_HI ? high : 0 });
		rig_store(node, DEC(2) + offset, 0);
		CHECK_SAVED(node, { .kind = NODE });
	}
	tap_end();
	rig_free(node);
}

/* Fields of a record, whose bits are tried one by one */
enum field {
	INDEX,
	CONTROL,
	HPA,
	LENGTH,
	LIST,
	DPA,
	MEM_ENABLE,
	MEDIA,
	FIELDS,
};

static const struct {
	const char *name;
	size_t at;
	u32 bits;
} fields[FIELDS] = {
	[INDEX] = { "index", offsetof(struct cxl_softhost_record, index), 32 },
	[CONTROL] = { "control", offsetof(struct cxl_softhost_record, control), 32 },
	[HPA] = { "hpa", offsetof(struct cxl_softhost_record, hpa), 64 },
	[LENGTH] = { "length", offsetof(struct cxl_softhost_record, length), 64 },
	[LIST] = { "list", offsetof(struct cxl_softhost_record, list), 64 },
	[DPA] = { "dpa", offsetof(struct cxl_softhost_record, dpa), 64 },
	[MEM_ENABLE] = { "mem_enable", offsetof(struct cxl_softhost_record, mem_enable), 32 },
	[MEDIA] = { "media", offsetof(struct cxl_softhost_record, media), 32 },
};

/* Of @base, which is one that a node can have, field by field and bit by bit */
static void check_bits(const struct rig_shape *shape, const struct cxl_softhost_record *base,
		       const u64 *legal)
{
	struct softhost_node *node = rig_node(shape);
	u32 field, bit;

	CHECK(softhost_state_ok(node, base));
	for (field = 0; field < FIELDS; field++) {
		for (bit = 0; bit < fields[field].bits; bit++) {
			struct cxl_softhost_record record = *base;
			u8 *at = (u8 *)&record + fields[field].at + bit / 8;

			*at ^= 1 << bit % 8;
			if (!CHECK_EQUAL(softhost_state_ok(node, &record), legal[field] >> bit & 1))
				tap_note("%s with bit %u", fields[field].name, bit);
		}
	}
	rig_free(node);
}

static void test_node_fields(void)
{
	u32 i;

	for (i = 0; i < KINDS; i++) {
		static const struct cxl_softhost_record base = { .kind = NODE };
		/* Bit 1 of Global Control is the only one, and only devices have it */
		u64 legal[FIELDS] = {
			[CONTROL] = i == DEVICE ? ENABLE : 0,
			[MEM_ENABLE] = i == DEVICE,
			[MEDIA] = i == DEVICE,
		};

		tap_begin("%s: of its own record %s can be anything but 0", kinds[i],
			  i == DEVICE ? "three bits" : "no field");
		check_bits(shapes[i], &base, legal);
		tap_end();
	}
}

static void test_decoder_fields(void)
{
	static const u32 states[] = { 0, COMMIT | ERR, COMMIT | COMMITTED };
	static const char *const names[] = { "idle", "failed", "live" };
	u32 i, state;

	for (i = 0; i < KINDS; i++) {
		for (state = 0; state < 3 && shapes[i]->decoders; state++) {
			struct cxl_softhost_record base = { .kind = DECODER, .index = 1,
							    .control = states[state] };
			bool live = states[state] & COMMITTED;
			u64 legal[FIELDS] = {
				/* Of 4 decoders; what Commit says goes together */
				[INDEX] = 3,
				[CONTROL] = IG(15) | IW(15) | LOCK | TYPE,
				[HPA] = -UNIT,
				[LENGTH] = -UNIT,
				[LIST] = i == DEVICE ? -UNIT : -1ULL,
				[DPA] = i == DEVICE && live ? -DPA_UNIT : 0,
			};

			tap_begin("%s: of a decoder that is %s each bit that can be set, no other",
				  kinds[i], names[state]);
			check_bits(shapes[i], &base, legal);
			tap_end();
		}
	}
}

static void test_commit_bits(const struct rig_shape *shape, const char *kind)
{
	static const struct {
		u32 control;
		bool ok;
	} rows[] = {
		{ 0, true }, { COMMIT, false }, { COMMITTED, false }, { ERR, false },
		{ COMMITTED | ERR, false }, { COMMIT | COMMITTED, true }, { COMMIT | ERR, true },
		{ COMMIT | COMMITTED | ERR, false },
	};
	struct softhost_node *node = rig_node(shape);
	u32 i;

	tap_begin("%s: COMMIT comes with one of COMMITTED and ERR, or there is none of them",
		  kind);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct cxl_softhost_record record = { .kind = DECODER,
						      .control = rows[i].control | LOCK | TYPE };

		if (!CHECK_EQUAL(softhost_state_ok(node, &record), rows[i].ok))
			tap_note("control %#x", record.control);
	}
	tap_end();
	rig_free(node);
}

static void test_index(void)
{
	struct rig_shape shape = rig_bridge;
	struct cxl_softhost_record record = { .kind = DECODER };
	struct softhost_node *node;

	tap_begin("a record's index is that of a decoder that there is");
	for (shape.decoders = 1; shape.decoders <= 32; shape.decoders++) {
		node = rig_node(&shape);
		record.index = shape.decoders - 1;
		CHECK(softhost_state_ok(node, &record));
		record.index = shape.decoders;
		CHECK(!softhost_state_ok(node, &record));
		rig_free(node);
	}
	record.index = 0;
	node = rig_node(&rig_passthrough);
	CHECK(!softhost_state_ok(node, &record));
	tap_end();
	rig_free(node);
}

/* Where a base or size is out of reach, and not only odd */
static void test_extremes(void)
{
	struct softhost_node *node = rig_node(&rig_endpoint);
	struct cxl_softhost_record record = { .kind = DECODER, .control = COMMIT | COMMITTED };

	tap_begin("whether a place exists isn't asked of a record by itself");
	record.hpa = -UNIT;
	record.length = -UNIT;
	record.list = -UNIT;
	record.dpa = -DPA_UNIT;
	CHECK(softhost_state_ok(node, &record));
	record.control |= IW(15u) | IG(15u);
	CHECK(softhost_state_ok(node, &record));
	record.control &= ~COMMITTED;
	record.control |= ERR;
	CHECK(!softhost_state_ok(node, &record));
	record.dpa = 0;
	CHECK(softhost_state_ok(node, &record));
	tap_end();
	rig_free(node);
}

int main(void)
{
	u32 i;

	test_device();
	test_router(&rig_bridge, "bridge");
	test_router(&rig_switch, "switch");
	for (i = 0; i < KINDS; i++)
		test_blank(shapes[i], kinds[i]);
	test_node_fields();
	test_decoder_fields();
	for (i = 0; i < KINDS; i++)
		if (shapes[i]->decoders)
			test_commit_bits(shapes[i], kinds[i]);
	test_index();
	test_extremes();
	return tap_done();
}
