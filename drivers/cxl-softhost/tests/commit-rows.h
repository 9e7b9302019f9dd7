/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rows of the commit tables: what was there, what is asked, what has to come;
 * and how a row is checked.
 */
#ifndef _SOFTHOST_TEST_COMMIT_ROWS_H
#define _SOFTHOST_TEST_COMMIT_ROWS_H

#include "rig.h"

#define ROW_PROGRAMS 5

struct commit_answer {
	/* NONE and INTERLEAVED: COMMITTED; else REFUSED */
	u32 reason;
	u64 expected, found;		/* of a refusal */
};

struct commit_row {
	const char *name;
	const struct rig_shape *shape;
	u32 before_count;
	u32 uncommit;			/* mask of decoders, after all of these: */
	struct rig_program before[ROW_PROGRAMS];
	struct rig_program ask;
	struct commit_answer answer;
	/* Policy strict-spec without Lock On Commit says something else: */
	bool relaxed;
	struct commit_answer instead;
	u64 dpa_base;			/* of a device's commit */
};

extern const struct commit_row rig_bridge_rows[], rig_device_rows[];
extern const u32 rig_bridge_row_count, rig_device_row_count;

/* Which Interleave Ways codes a kind of component and a capability allow */
struct ways_row {
	const char *name;
	u32 kind;
	u32 flags;
	u32 legal;			/* mask of codes */
	u32 most;			/* ways */
};

#define WAYS_ROWS 5
extern const struct ways_row rig_ways_rows[WAYS_ROWS];

/* commit-check.c */
bool rig_row_legal(const struct commit_row *row);
void rig_check_commit(const struct commit_row *row, u32 policy, u32 lock);
void rig_check_ways(const struct ways_row *row);
void rig_check_granularity(u32 capabilities);

#endif /* _SOFTHOST_TEST_COMMIT_ROWS_H */
