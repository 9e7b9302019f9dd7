// SPDX-License-Identifier: GPL-2.0-only
/*
 * The register block: what is where, which bits exist, and accesses of every
 * width at every offset.
 */
#include <stdlib.h>

#include "register-rows.h"
#include "tap.h"

#define EP	CXL_SOFTHOST_NODE_ENDPOINT

static void test_read(const struct rig_variant *variant)
{
	static const u32 far[] = { BLOCK, 0x7ffffffc, 0x80000000, 0xfffff000, 0xfffffff8,
				   0xfffffffc, 0xffffffff };
	struct softhost_node *node = rig_variant_node(variant);
	u8 *image = calloc(1, BLOCK + 8);
	u32 width, offset, i, outcome;
	u64 value, want;

	rig_fill(variant, node, image);
	for (width = 1; width <= 8; width++) {
		tap_begin("read, width %u at every offset: %s", width, variant->name);
		for (offset = 0; offset < BLOCK; offset++) {
			value = -1ULL;
			outcome = softhost_reg_read(node, node->next, offset, width, &value);
			want = 0;
			if (rig_all_mine(variant, offset, width))
				memcpy(&want, image + offset, width);
			if (!CHECK_EQUAL(outcome, rig_all_mine(variant, offset, width) ?
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

/* What one write of all ones has to come to */
static u32 write_outcome(const struct rig_variant *variant, u32 offset, u32 width, u32 *reason)
{
	bool ctrl = (offset & 0x1f) == (DEC(0) + CTRL) % 0x20 && offset >= DEC(0);
	bool touches = false;
	u32 i;

	*reason = 0;
	if (!rig_all_mine(variant, offset, width))
		return CXL_SOFTHOST_OUTCOME_NOT_MINE;
	for (i = 0; i < width; i++)
		touches |= rig_in_hdm(variant, offset + i);
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
	if (rig_writable(variant, offset) || (width == 8 && rig_writable(variant, offset + 4)))
		return CXL_SOFTHOST_OUTCOME_DONE;
	*reason = CXL_SOFTHOST_REASON_READ_ONLY;
	return CXL_SOFTHOST_OUTCOME_IGNORED;
}

static void check_write(const struct rig_variant *variant, struct softhost_node *node,
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
			want = rig_writable(variant, offset + i);
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

static void test_write(const struct rig_variant *variant)
{
	struct softhost_node *node = rig_variant_node(variant);
	size_t size = sizeof(struct softhost_hdm) +
		      variant->shape.decoders * sizeof(struct softhost_decoder);
	struct softhost_hdm *before = calloc(1, size);
	u32 width, offset;

	/* All of it is 0 but what a write changes */
	memset(node->next, 0, size);
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

int main(void)
{
	u32 i;

	for (i = 0; i < RIG_VARIANTS; i++) {
		const struct rig_variant *variant = &rig_variants[i];

		tap_begin("Linux finds the capabilities and decoders (T30): %s", variant->name);
		rig_check_linux_walk(variant);
		tap_end();
		test_read(variant);
		tap_begin("bits that don't exist read 0 whatever is written: %s", variant->name);
		rig_check_absent_bits(variant);
		tap_end();
		test_write(variant);
		tap_begin("reset puts every register back: %s", variant->name);
		rig_check_reset_values(variant);
		tap_end();
	}
	return tap_done();
}
