// SPDX-License-Identifier: GPL-2.0-only
/* Steps of the sequence that save and restore, and log. */
#include "sequence-steps.h"
#include "state.h"

/* One prototype for all steps, whether or not they need all of it */
#pragma GCC diagnostic ignored "-Wunused-parameter"

int run_state_get(struct sequence *seq, unsigned int arg, struct cxl_softhost_result *result)
{
	seq->record_count = ARRAY_SIZE(seq->records);
	return __state_get(seq->host.fd, sizeof(seq->records[0]), &seq->record_count,
			   seq->records, NULL);
}

int run_state_set(struct sequence *seq, unsigned int arg, struct cxl_softhost_result *result)
{
	struct state state = { .count = seq->record_count, .records = seq->records };
	struct cxl_softhost_state_set out;
	int ret = __state_set(seq->host.fd, &state, &out);

	*result = out.out_result;
	return ret;
}

int run_dirty_log(struct sequence *seq, unsigned int arg, struct cxl_softhost_result *result)
{
	return __dirty_log(seq->host.fd, 0, arg);
}
