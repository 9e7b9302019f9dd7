/* SPDX-License-Identifier: GPL-2.0-only */
/* States of hosts as records, and whether their slots are logged. */
#ifndef CXL_SOFTHOST_TEST_STATE_H
#define CXL_SOFTHOST_TEST_STATE_H

#include "softhost.h"

struct state {
	uint32_t count;
	struct cxl_softhost_record *records;
};

int __state_get(int fd, uint32_t entry_size, uint32_t *count, void *records,
		uint64_t *generation);
struct state state_get(int fd);
void state_free(struct state *state);
/* @out may be NULL */
int __state_set(int fd, const struct state *state, struct cxl_softhost_state_set *out);
void state_set(int fd, const struct state *state);
bool state_equal(const struct state *one, const struct state *other);
/* the record of that kind, node and index; the test ends if there is none */
struct cxl_softhost_record *state_find(const struct state *state,
				       enum cxl_softhost_record_kind kind, uint32_t node,
				       uint32_t index);
/* @window 0: every one */
int __dirty_log(int fd, uint32_t window, uint32_t enable);

#endif
