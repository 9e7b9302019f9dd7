/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two-phase changes: the commands, and a VMM that follows each change as it should.
 */
#ifndef CXL_SOFTHOST_TEST_PHASES_H
#define CXL_SOFTHOST_TEST_PHASES_H

#include "fixture.h"

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

/* flags of the hosts that programs of this kind have */
static inline uint32_t variant_flags(void)
{
	return test_variant == VARIANT_PLAIN ? 0 : CXL_SOFTHOST_HOST_TWO_PHASE;
}

int __host_set_flags(int fd, uint32_t flags, uint32_t policy);
/* open the device, in two phases; host_create() on such a host */
int softhost_open_two_phase(void);
void host_create_two_phase(struct host *host, const struct host_config *config);
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
