/* SPDX-License-Identifier: GPL-2.0-only */
/* Records put into a component, and what has to come of it. */
#ifndef _SOFTHOST_TEST_RECORDS_H
#define _SOFTHOST_TEST_RECORDS_H

#include "commit-rows.h"

#define NODE		CXL_SOFTHOST_RECORD_NODE
#define DECODER		CXL_SOFTHOST_RECORD_DECODER
#define CHECKED		CXL_SOFTHOST_POLICY_CHECKED
#define STRICT		CXL_SOFTHOST_POLICY_STRICT_SPEC
#define LIVE		(COMMIT | COMMITTED)
/* What DPA of a decoder is a multiple of, if not of UNIT */
#define DPA_UNIT	(16ULL << 20)

void records_restore(struct softhost_node *node, u32 policy,
		     const struct cxl_softhost_record *record,
		     struct cxl_softhost_result *result);
/* One that has to be DONE, or the case fails */
void records_must_restore(struct softhost_node *node, u32 policy,
			  const struct cxl_softhost_record *record);
void records_check_done(const struct cxl_softhost_result *result);
void records_check_refused(const struct cxl_softhost_result *result, u32 n,
			   const struct commit_answer *want);
/* What @from has, in a new component; @backwards: its last record first */
struct softhost_node *records_copy(const struct softhost_node *from,
				   const struct rig_shape *shape, u32 policy, bool backwards);
void records_check_same(const struct softhost_node *a, const struct softhost_node *b);
/* Registers and latch */
bool records_same_decoder(const struct softhost_decoder *a, const struct softhost_decoder *b);

#endif /* _SOFTHOST_TEST_RECORDS_H */
