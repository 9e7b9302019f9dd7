// SPDX-License-Identifier: GPL-2.0-only
/*
 * The register block of six components: what is where, which bits exist, and
 * what a reset leaves.
 */
#include "register-rows.h"

#define EP	CXL_SOFTHOST_NODE_ENDPOINT
#define HB	CXL_SOFTHOST_NODE_HOST_BRIDGE
#define F_HDM	CXL_SOFTHOST_NODE_HDM
#define F_BITS	(CXL_SOFTHOST_NODE_A11_8 | CXL_SOFTHOST_NODE_A14_12)

const struct rig_variant rig_variants[RIG_VARIANTS] = {
	{
		"bridge, 32 decoders, 8 targets",
		{ .kind = HB, .flags = F_HDM | F_BITS, .decoders = 32, .targets = 8 },
		{},
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
		{},
		0,
	}, {
		"device, 10 decoders, all capabilities, four of the VMM",
		{ .kind = EP, .decoders = 10, .length = { UNIT, UNIT },
		  .flags = F_HDM | F_BITS | CXL_SOFTHOST_NODE_WAYS_3_6_12 |
			   CXL_SOFTHOST_NODE_WAYS_16 },
		{ { 2, 15, 0x600, 0x58 }, { 4, 0, 0x700, 0x100 }, { 0xffff, 1, 0x900, 4 },
		  { 8, 1, 0xffc, 4 } },
		0x1b05,
	}, {
		"device, 4 decoders",
		{ .kind = EP, .flags = F_HDM | CXL_SOFTHOST_NODE_A11_8, .decoders = 4,
		  .length = { UNIT, 0 } },
		{},
		0x102,
	},
};

struct softhost_node *rig_variant_node(const struct rig_variant *variant)
{
	struct softhost_node *node = rig_node(&variant->shape);

	memcpy(node->capabilities, variant->capabilities, sizeof(node->capabilities));
	return node;
}

static bool mine(const struct rig_variant *variant, uint64_t offset)
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

bool rig_all_mine(const struct rig_variant *variant, uint64_t offset, u32 width)
{
	u32 i;

	for (i = 0; i < width; i++)
		if (!mine(variant, offset + i))
			return false;
	return true;
}

bool rig_in_hdm(const struct rig_variant *variant, u32 offset)
{
	return variant->hdm_capability && offset >= HDM &&
	       offset < DEC(variant->shape.decoders);
}

/* Which bits of a dword software can change */
u32 rig_writable(const struct rig_variant *variant, u32 offset)
{
	bool device = variant->shape.kind == EP;

	if (!rig_in_hdm(variant, offset))
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
void rig_fill(const struct rig_variant *variant, struct softhost_node *node, u8 *image)
{
	struct cxl_softhost_result result;
	u32 offset, value, i, element = 1;

	memset(image, 0, BLOCK);
	value = 0x00110001 | (variant->hdm_capability ? 1u << 24 : 0);
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
	for (offset = HDM + 4; rig_in_hdm(variant, offset); offset += 4) {
		value = 0x9e3779b1u * offset & ~COMMIT;
		rig_write(node, offset, 4, value, &result);
		value &= rig_writable(variant, offset);
		memcpy(image + offset, &value, 4);
	}
}

/* All ones into everything, then everything is read: T29 for registers */
void rig_check_absent_bits(const struct rig_variant *variant)
{
	struct softhost_node *node = rig_variant_node(variant);
	struct cxl_softhost_result result;
	u8 *image = rig_alloc(BLOCK);
	u32 offset, value;

	rig_fill(variant, node, image);
	for (offset = CM; offset < 2 * CM; offset += 4) {
		bool ctrl = offset >= DEC(0) && (offset - DEC(0)) % 0x20 == CTRL;

		if (!rig_all_mine(variant, offset, 4))
			continue;
		rig_write(node, offset, 4, ctrl ? ~COMMIT : ~0u, &result);
		memcpy(&value, image + offset, 4);
		/* Without COMMIT: that would make ERR readable */
		if (rig_writable(variant, offset))
			value = rig_writable(variant, offset) & ~(ctrl ? COMMIT : 0);
		if (!CHECK_EQUAL(rig_read(node, offset), value))
			rig_note("at %#x", offset);
		CHECK_EQUAL(result.outcome, rig_writable(variant, offset) ?
			    CXL_SOFTHOST_OUTCOME_DONE : CXL_SOFTHOST_OUTCOME_IGNORED);
	}
	rig_release(image);
	rig_free(node);
}

/* As cxl_probe_component_regs() and parse_hdm_decoder_caps() look at it */
void rig_check_linux_walk(const struct rig_variant *variant)
{
	struct softhost_node *node = rig_variant_node(variant);
	u32 header, i, hdm = 0, others = 0, code;

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
	rig_free(node);
}

void rig_check_reset_values(const struct rig_variant *variant)
{
	struct softhost_node *node = rig_variant_node(variant);
	struct cxl_softhost_result result;
	u32 offset;

	for (offset = HDM; rig_in_hdm(variant, offset); offset += 4)
		rig_write(node, offset, 4, -1ULL, &result);
	node->next->mem_enable = true;
	node->next->media = CXL_SOFTHOST_MEDIA_DISABLED;
	CHECK(!softhost_hdm_reset(node, node->next));
	for (offset = HDM + 4; rig_in_hdm(variant, offset); offset += 4)
		CHECK_EQUAL(rig_read(node, offset), 0);
	CHECK(!node->next->mem_enable);
	CHECK_EQUAL(node->next->media, CXL_SOFTHOST_MEDIA_DISABLED);
	rig_free(node);
}
