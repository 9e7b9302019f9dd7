/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows of the commit tables: what was there, what is asked, what has to come. */
#ifndef _SOFTHOST_TEST_COMMIT_ROWS_H
#define _SOFTHOST_TEST_COMMIT_ROWS_H

#include "rig.h"

#define ROW_PROGRAMS 5

struct commit_row {
	const char *name;
	const struct rig_shape *shape;
	u32 before_count;
	u32 uncommit;			/* mask of decoders, after all of these: */
	struct rig_program before[ROW_PROGRAMS];
	struct rig_program ask;
	/* NONE and INTERLEAVED: COMMITTED; else REFUSED */
	u32 reason;
	u64 expected, found;		/* of a refusal */
	u64 dpa_base;			/* of a device's commit */
};

extern const struct commit_row bridge_rows[], device_rows[];
extern const u32 bridge_row_count, device_row_count;

#endif /* _SOFTHOST_TEST_COMMIT_ROWS_H */
