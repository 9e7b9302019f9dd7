// SPDX-License-Identifier: GPL-2.0-only
#include <stddef.h>

#include "records.h"

void records_restore(struct softhost_node *node, u32 policy,
		     const struct cxl_softhost_record *record, struct cxl_softhost_result *result)
{
	CHECK(softhost_state_ok(node, record));
	/* What isn't set would be caught as a difference */
	memset(result, 0xa5, sizeof(*result));
	softhost_state_restore(node, node->next, policy, record, result);
	CHECK_EQUAL(result->flags, 0);
}

void records_check_done(const struct cxl_softhost_result *result)
{
	CHECK_EQUAL(result->outcome, CXL_SOFTHOST_OUTCOME_DONE);
	CHECK_EQUAL(result->reason, 0);
	CHECK_EQUAL(result->decoder, CXL_SOFTHOST_NONE);
	CHECK_EQUAL(result->expected, 0);
	CHECK_EQUAL(result->found, 0);
}

void records_check_refused(const struct cxl_softhost_result *result, u32 n,
			   const struct commit_answer *want)
{
	CHECK_EQUAL(result->outcome, CXL_SOFTHOST_OUTCOME_REFUSED);
	CHECK_EQUAL(result->reason, want->reason);
	CHECK_EQUAL(result->decoder, n);
	CHECK_EQUAL(result->expected, want->expected);
	CHECK_EQUAL(result->found, want->found);
}

void records_must_restore(struct softhost_node *node, u32 policy,
			  const struct cxl_softhost_record *record)
{
	struct cxl_softhost_result result;

	records_restore(node, policy, record, &result);
	records_check_done(&result);
}

struct softhost_node *records_copy(const struct softhost_node *from, const struct rig_shape *shape,
				   u32 policy, bool backwards)
{
	u32 count = softhost_state_count(from, from->next), i;
	struct softhost_node *node = rig_node(shape);
	struct cxl_softhost_record records[1 + SOFTHOST_MAX_DECODERS];

	softhost_state_save(from, from->next, records);
	for (i = 0; i < count; i++)
		records_must_restore(node, policy, &records[backwards ? count - 1 - i : i]);
	return node;
}

/* All but the padding behind the last field */
bool records_same_decoder(const struct softhost_decoder *a, const struct softhost_decoder *b)
{
	return !memcmp(a->reg, b->reg, sizeof(a->reg)) &&
	       !memcmp(&a->latch, &b->latch, offsetof(struct softhost_latch, targets) +
		       sizeof(a->latch.targets));
}

void records_check_same(const struct softhost_node *a, const struct softhost_node *b)
{
	u32 n;

	CHECK_EQUAL(a->next->global_ctrl, b->next->global_ctrl);
	CHECK_EQUAL(a->next->mem_enable, b->next->mem_enable);
	CHECK_EQUAL(a->next->media, b->next->media);
	for (n = 0; n < a->decoder_count; n++)
		if (!CHECK(records_same_decoder(&a->next->decoders[n], &b->next->decoders[n])))
			tap_note("decoder %u", n);
}
