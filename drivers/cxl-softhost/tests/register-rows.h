/* SPDX-License-Identifier: GPL-2.0-only */
/* Components of all sorts, and what has to be in their register blocks. */
#ifndef _SOFTHOST_TEST_REGISTER_ROWS_H
#define _SOFTHOST_TEST_REGISTER_ROWS_H

#include "rig.h"

#define BLOCK	0x10000u

struct rig_variant {
	const char *name;
	struct rig_shape shape;
	struct cxl_softhost_capability capabilities[CXL_SOFTHOST_CAPABILITIES];
	u32 hdm_capability;	/* HDM Decoder Capability register; 0 = none */
};

#define RIG_VARIANTS 6
extern const struct rig_variant rig_variants[RIG_VARIANTS];

struct softhost_node *rig_variant_node(const struct rig_variant *variant);
bool rig_all_mine(const struct rig_variant *variant, u64 offset, u32 width);
bool rig_in_hdm(const struct rig_variant *variant, u32 offset);
u32 rig_writable(const struct rig_variant *variant, u32 offset);
void rig_fill(const struct rig_variant *variant, struct softhost_node *node, u8 *image);

void rig_check_linux_walk(const struct rig_variant *variant);
void rig_check_absent_bits(const struct rig_variant *variant);
void rig_check_reset_values(const struct rig_variant *variant);

#endif /* _SOFTHOST_TEST_REGISTER_ROWS_H */
