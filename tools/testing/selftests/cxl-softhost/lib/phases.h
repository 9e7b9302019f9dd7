/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two-phase changes: the commands, and a VMM that follows each change as it should.
 */
#ifndef CXL_SOFTHOST_TEST_PHASES_H
#define CXL_SOFTHOST_TEST_PHASES_H

#include "softhost.h"

/*
 * How a whole program runs: which hosts softhost_open() makes, and which engine
 * attach() chooses. Programs linked with variants/NAME.o are another kind.
 */
enum test_variant {
	VARIANT_PLAIN,
	VARIANT_TWO_PHASE,	/* two-phase hosts; every change is followed */
	VARIANT_ADVISORY,	/* the advisory engine too; slots are set in here */
};

extern const enum test_variant test_variant;

struct deltas {
	uint32_t count;
	struct cxl_softhost_delta *entries;
};

int __host_set_flags(int fd, uint32_t flags, uint32_t policy);
int __deltas(int fd, uint64_t token, uint32_t entry_size, uint32_t *count, void *entries);
struct deltas deltas_get(int fd, uint64_t token);
void deltas_free(struct deltas *deltas);
int __apply(int fd, uint64_t token, uint32_t flags, struct cxl_softhost_result *result);
struct cxl_softhost_result apply(int fd, uint64_t token);
struct cxl_softhost_result abort_change(int fd, uint64_t token);
/* of the pending change, 0 if none is */
uint64_t pending_token(int fd);

/*
 * What a VMM does with a change that is pending: DELTAS, APPLY. The deltas must be
 * what the map says before and after. Returns what APPLY said.
 */
struct cxl_softhost_result phases_follow(int fd, uint64_t token);

/* ATTACH and DETACH of the advisory engine, on behalf of a VM */
int advisory_attach(int fd, int vm_fd, struct cxl_softhost_attach *args);
void advisory_before_detach(int fd);

#endif
