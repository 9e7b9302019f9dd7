/* SPDX-License-Identifier: GPL-2.0-only */
/* A two-phase host in a state from which memory can come and go. */
#ifndef CXL_SOFTHOST_TEST_PHASE_BED_H
#define CXL_SOFTHOST_TEST_PHASE_BED_H

#include "fixture.h"
#include "phases.h"
#include "vm.h"

#define FIRST_SLOT 100
/* One extent from device 0, in the bridge's range; the second device's is above */
#define BASE WINDOW_HPA
#define SIZE (2 * UNIT)

struct bed {
	struct host host;
	struct vm vm;
};

/* All is committed but the devices' decoders, and enabled */
void bed_create_on(struct bed *bed, int vm_fd, uint32_t slots);
void bed_create(struct bed *bed);
/* The commit of device 0's first decoder: its token, and all of it */
uint64_t begin_commit(struct bed *bed);
void commit(struct bed *bed);
/* Control of that decoder */
uint32_t control(struct bed *bed);

/* Every command that removes. Each returns its outcome, or a negative errno. */
struct removal {
	const char *name;
	int (*begin)(struct bed *bed, uint64_t *token);
	enum cxl_softhost_outcome outcome;	/* when it is done */
	bool cancels;				/* what is pending, instead of being BUSY */
};

extern const struct removal removals[];
extern const unsigned int removal_count;

int remove_by_uncommit(struct bed *bed, uint64_t *token);
int remove_by_destroy(struct bed *bed, uint64_t *token);

#endif
