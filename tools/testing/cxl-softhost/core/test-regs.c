// SPDX-License-Identifier: GPL-2.0-only
/*
 * The register block: what is where, which bits exist, and accesses of every
 * width at every offset.
 */
#include <stdlib.h>

#include "rig.h"
#include "tap.h"

#define BLOCK	0x10000u
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

struct variant {
	const char *name;
	struct rig_shape shape;
	struct cxl_softhost_capability capabilities[CXL_SOFTHOST_CAPABILITIES];
	u32 hdm_capability;	/* HDM Decoder Capability register; 0 = none */
};

#define EP	CXL_SOFTHOST_NODE_ENDPOINT
#define HB	CXL_SOFTHOST_NODE_HOST_BRIDGE
#define F_HDM	CXL_SOFTHOST_NODE_HDM
#define F_BITS	(CXL_SOFTHOST_NODE_A11_8 | CXL_SOFTHOST_NODE_A14_12)

static const struct variant variants[] = {
	{
		"bridge, 32 decoders, 8 targets",
		{ .kind = HB, .flags = F_HDM | F_BITS, .decoders = 32, .targets = 8 },
		{ },
		0x38c,
	}, {
		"bridge, 1 decoder, 1 target, RAS and a neighbour",
		{ .kind = HB, .flags = F_HDM | F_BITS, .decoders = 1, .targets = 1 },
		{ { 2, 2, 0x600, 0x58 }, { 0 }, { 4, 1, 0x658, 4 } },
		0x310,
	}, {
		"bridge without HDM, RAS at the end of the range",
		{ .kind = HB },
		{ { 0 }, { 2, 3, 0xfa8, 0x58 } },
		0,
	}, {
		"bridge without HDM or anything",
		{ .kind = HB },
		{ },
		0,
	}, {
		"device, 10 decoders, all capabilities, four of the VMM",
		{ .kind = EP, .flags = F_HDM | F_BITS | CXL_SOFTHOST_NODE_WAYS_3_6_12 |
			CXL_SOFTHOST_NODE_WAYS_16, .decoders = 10, .length = { UNIT, UNIT } },
		{ { 2, 15, 0x600, 0x58 }, { 4, 0, 0x700, 0x100 }, { 0xffff, 1, 0x900, 4 },
		  { 8, 1, 0xffc, 4 } },
		0x1b05,
	}, {
		"device, 4 decoders",
		{ .kind = EP, .flags = F_HDM | CXL_SOFTHOST_NODE_A11_8, .decoders = 4,
		  .length = { UNIT, 0 } },
		{ },
		0x102,
	},
};

static struct softhost_node *make(const struct variant *variant)
{
	struct softhost_node *node = rig_node(&variant->shape);

	memcpy(node->capabilities, variant->capabilities, sizeof(node->capabilities));
	return node;
}

static bool mine(const struct variant *variant, uint64_t offset)
{
	u32 i;

	if (offset < CM || offset >= 2 * CM)
		return false;
	for (i = 0; i < CXL_SOFTHOST_CAPABILITIES; i++) {
		const struct cxl_softhost_capability *cap = &variant->capabilities[i];

		if (cap->id && offset - CM >= cap->offset &&
		    offset - CM < cap->offset + cap->length)
			return false;
	}
	return true;
}

static bool all_mine(const struct variant *variant, uint64_t offset, u32 width)
{
	u32 i;

	for (i = 0; i < width; i++)
		if (!mine(variant, offset + i))
			return false;
	return true;
}

static bool in_hdm(const struct variant *variant, u32 offset)
{
	return variant->hdm_capability && offset >= HDM &&
	       offset < DEC(variant->shape.decoders);
}

/* Which bits of a dword software can change */
static u32 writable(const struct variant *variant, u32 offset)
{
	bool device = variant->shape.kind == EP;

	if (!in_hdm(variant, offset))
		return 0;
	if (offset < DEC(0))
		return offset == HDM_GLOBAL && device ? ENABLE : 0;
	switch ((offset - DEC(0)) % 0x20) {
	case BASE_LO:
	case SIZE_LO:
		return 0xf0000000;
	case LIST_LO:
		return device ? 0xf0000000 : 0xffffffff;
	case CTRL:
		return 0x13ff;
	case RSVD:
		return 0;
	}
	return 0xffffffff;
}

/*
 * Fills the structure with a pattern, nothing committed.
 *
 * @image: what the whole block reads then, VMM-served parts as 0
 */
static void fill(const struct variant *variant, struct softhost_node *node, u8 *image)
{
	struct cxl_softhost_result result;
	u32 offset, value, i, element = 1;

	memset(image, 0, BLOCK);
	value = 0x00110001 | (u32)!!variant->hdm_capability << 24;
	for (i = 0; i < CXL_SOFTHOST_CAPABILITIES; i++)
		value += variant->capabilities[i].id ? 1u << 24 : 0;
	memcpy(image + CM, &value, 4);
	if (variant->hdm_capability) {
		value = 0x10020005;
		memcpy(image + CM + 4 * element++, &value, 4);
		memcpy(image + HDM, &variant->hdm_capability, 4);
	}
	for (i = 0; i < CXL_SOFTHOST_CAPABILITIES; i++) {
		const struct cxl_softhost_capability *cap = &variant->capabilities[i];

		if (!cap->id)
			continue;
		value = cap->id | (u32)cap->version << 16 | (u32)cap->offset << 20;
		memcpy(image + CM + 4 * element++, &value, 4);
	}
	for (offset = HDM + 4; in_hdm(variant, offset); offset += 4) {
		value = 0x9e3779b1u * offset & ~COMMIT;
		rig_write(node, offset, 4, value, &result);
		value &= writable(variant, offset);
		memcpy(image + offset, &value, 4);
	}
}

static void test_read(const struct variant *variant)
{
	static const u32 far[] = { BLOCK, 0x7ffffffc, 0x80000000, 0xfffff000, 0xfffffff8,
				   0xfffffffc, 0xffffffff };
	struct softhost_node *node = make(variant);
	u8 *image = calloc(1, BLOCK + 8);
	u32 width, offset, i, outcome;
	u64 value, want;

	fill(variant, node, image);
	for (width = 1; width <= 8; width++) {
		tap_begin("read, width %u at every offset: %s", width, variant->name);
		for (offset = 0; offset < BLOCK; offset++) {
			value = -1ULL;
			outcome = softhost_reg_read(node, node->next, offset, width, &value);
			want = 0;
			if (all_mine(variant, offset, width))
				memcpy(&want, image + offset, width);
			if (!CHECK_EQUAL(outcome, all_mine(variant, offset, width) ?
					 CXL_SOFTHOST_OUTCOME_DONE :
					 CXL_SOFTHOST_OUTCOME_NOT_MINE) ||
			    !CHECK_EQUAL(value, want)) {
				tap_note("at %#x", offset);
				break;
			}
		}
		for (i = 0; i < ARRAY_SIZE(far); i++) {
			value = -1ULL;
			CHECK_EQUAL(softhost_reg_read(node, node->next, far[i], width, &value),
				    CXL_SOFTHOST_OUTCOME_NOT_MINE);
			CHECK_EQUAL(value, 0);
		}
		tap_end();
	}
	free(image);
	rig_free(node);
}

/* All ones into everything, then everything is read: T29 for registers */
static void test_absent_bits(const struct variant *variant)
{
	struct softhost_node *node = make(variant);
	struct cxl_softhost_result result;
	u8 *image = calloc(1, BLOCK);
	u32 offset, value;

	fill(variant, node, image);
	tap_begin("bits that don't exist read 0 whatever is written: %s", variant->name);
	for (offset = CM; offset < 2 * CM; offset += 4) {
		bool ctrl = offset >= DEC(0) && (offset - DEC(0)) % 0x20 == CTRL;

		if (!all_mine(variant, offset, 4))
			continue;
		rig_write(node, offset, 4, ctrl ? ~COMMIT : ~0u, &result);
		memcpy(&value, image + offset, 4);
		/* Without COMMIT: that would make ERR readable */
		if (writable(variant, offset))
			value = writable(variant, offset) & ~(ctrl ? COMMIT : 0);
		if (!CHECK_EQUAL(rig_read(node, offset), value))
			tap_note("at %#x", offset);
		CHECK_EQUAL(result.outcome, writable(variant, offset) ?
			    CXL_SOFTHOST_OUTCOME_DONE : CXL_SOFTHOST_OUTCOME_IGNORED);
	}
	tap_end();
	free(image);
	rig_free(node);
}

/* What one write of all ones has to come to */
static u32 write_outcome(const struct variant *variant, u32 offset, u32 width, u32 *reason)
{
	bool ctrl = (offset & 0x1f) == (DEC(0) + CTRL) % 0x20 && offset >= DEC(0);
	bool touches = false;
	u32 i;

	*reason = 0;
	if (!all_mine(variant, offset, width))
		return CXL_SOFTHOST_OUTCOME_NOT_MINE;
	for (i = 0; i < width; i++)
		touches |= in_hdm(variant, offset + i);
	if (touches && ((width != 4 && width != 8) || offset % width)) {
		*reason = CXL_SOFTHOST_REASON_WIDTH;
		return CXL_SOFTHOST_OUTCOME_IGNORED;
	}
	if (touches && ctrl) {
		/* Interleave Ways 15 */
		*reason = CXL_SOFTHOST_REASON_WAYS_RESERVED;
		if ((offset - DEC(0)) / 0x20)
			*reason = CXL_SOFTHOST_REASON_ORDER;
		return CXL_SOFTHOST_OUTCOME_REFUSED;
	}
	if (writable(variant, offset) || (width == 8 && writable(variant, offset + 4)))
		return CXL_SOFTHOST_OUTCOME_DONE;
	*reason = CXL_SOFTHOST_REASON_READ_ONLY;
	return CXL_SOFTHOST_OUTCOME_IGNORED;
}

static void check_write(const struct variant *variant, struct softhost_node *node,
			struct softhost_hdm *before, size_t size, u32 offset, u32 width)
{
	struct cxl_softhost_result result;
	u32 outcome, reason, i, want;
	bool changed, good;

	outcome = write_outcome(variant, offset, width, &reason);
	/* Nothing above the width may count */
	changed = rig_write(node, offset, width, -1ULL, &result);
	good = CHECK_EQUAL(result.outcome, outcome);
	good &= CHECK_EQUAL(result.reason, reason);
	good &= CHECK_EQUAL(changed, outcome == CXL_SOFTHOST_OUTCOME_DONE &&
			    variant->shape.kind == EP && offset < DEC(0));
	if (reason == CXL_SOFTHOST_REASON_WIDTH) {
		good &= CHECK_EQUAL(result.expected, 4);
		good &= CHECK_EQUAL(result.found, width);
	}
	if (outcome == CXL_SOFTHOST_OUTCOME_IGNORED || outcome == CXL_SOFTHOST_OUTCOME_NOT_MINE) {
		good &= CHECK_EQUAL(result.decoder, CXL_SOFTHOST_NONE);
		good &= CHECK(!memcmp(node->next, before, size));
	} else {
		for (i = 0; i < width; i += 4) {
			want = writable(variant, offset + i);
			if (offset >= DEC(0) && (offset + i - DEC(0)) % 0x20 == CTRL)
				want |= ERR;
			good &= CHECK_EQUAL(rig_read(node, offset + i), want |
					    (offset + i == HDM ? variant->hdm_capability : 0));
		}
		good &= CHECK_EQUAL(result.decoder, offset < DEC(0) ? CXL_SOFTHOST_NONE :
				    (offset - DEC(0)) / 0x20);
		/* And nothing else moved */
		memcpy(before, node->next, size);
		if (offset >= DEC(0))
			memset(&before->decoders[(offset - DEC(0)) / 0x20], 0,
			       sizeof(before->decoders[0]));
		else
			before->global_ctrl = 0;
		for (i = 0; i < size; i++)
			good &= CHECK_EQUAL(((u8 *)before)[i], 0);
	}
	if (!good)
		tap_note("at %#x, width %u", offset, width);
	memset(node->next, 0, size);
	memset(before, 0, size);
}

static void test_write(const struct variant *variant)
{
	struct softhost_node *node = make(variant);
	size_t size = sizeof(struct softhost_hdm) +
		      variant->shape.decoders * sizeof(struct softhost_decoder);
	struct softhost_hdm *before = calloc(1, size);
	u32 width, offset;

	for (width = 1; width <= 8; width++) {
		tap_begin("write, width %u at every offset: %s", width, variant->name);
		for (offset = CM - 16; offset < 2 * CM + 16; offset++)
			check_write(variant, node, before, size, offset, width);
		check_write(variant, node, before, size, 0, width);
		check_write(variant, node, before, size, BLOCK - 4, width);
		check_write(variant, node, before, size, BLOCK, width);
		check_write(variant, node, before, size, 0xfffffffc, width);
		tap_end();
	}
	free(before);
	rig_free(node);
}

/* As cxl_probe_component_regs() and parse_hdm_decoder_caps() look at it */
static void test_linux_walk(const struct variant *variant)
{
	struct softhost_node *node = make(variant);
	u32 header, i, hdm = 0, others = 0, code;

	tap_begin("Linux finds the capabilities and decoders (T30): %s", variant->name);
	header = rig_read(node, CM);
	CHECK_EQUAL(header & 0xffff, 1);
	for (i = 1; i <= header >> 24; i++) {
		u32 element = rig_read(node, CM + 4 * i);
		u32 at = CM + (element >> 20);

		if ((element & 0xffff) == 5) {
			CHECK_EQUAL(hdm, 0);
			hdm = at;
		} else {
			CHECK(element & 0xffff);
			CHECK(!mine(variant, at));
			others++;
		}
	}
	CHECK_EQUAL(rig_read(node, CM + 4 * i), 0);
	for (i = 0; i < CXL_SOFTHOST_CAPABILITIES; i++)
		others -= !!variant->capabilities[i].id;
	CHECK_EQUAL(others, 0);
	CHECK_EQUAL(hdm, variant->hdm_capability ? CXL_SOFTHOST_HDM_BASE : 0);
	if (hdm) {
		static const u8 counts[] = { 1, 2, 4, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32 };

		code = rig_read(node, hdm) & 0xf;
		CHECK(code < ARRAY_SIZE(counts));
		CHECK_EQUAL(counts[code], variant->shape.decoders);
		CHECK_EQUAL(rig_read(node, hdm) >> 4 & 0xf, variant->shape.targets);
	}
	tap_end();
	rig_free(node);
}

static void test_reset_values(const struct variant *variant)
{
	struct softhost_node *node = make(variant);
	struct cxl_softhost_result result;
	u32 offset;

	tap_begin("reset puts every register back: %s", variant->name);
	for (offset = HDM; in_hdm(variant, offset); offset += 4)
		rig_write(node, offset, 4, -1ULL, &result);
	node->next->mem_enable = true;
	node->next->media = CXL_SOFTHOST_MEDIA_DISABLED;
	CHECK(!softhost_hdm_reset(node, node->next));
	for (offset = HDM + 4; in_hdm(variant, offset); offset += 4)
		CHECK_EQUAL(rig_read(node, offset), 0);
	CHECK(!node->next->mem_enable);
	CHECK_EQUAL(node->next->media, CXL_SOFTHOST_MEDIA_DISABLED);
	tap_end();
	rig_free(node);
}

int main(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(variants); i++) {
		test_linux_walk(&variants[i]);
		test_read(&variants[i]);
		test_absent_bits(&variants[i]);
		test_write(&variants[i]);
		test_reset_values(&variants[i]);
	}
	return tap_done();
}
