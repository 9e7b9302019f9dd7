/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads of a VMM that change a host at random while vCPUs look at the windows.
 *
 * Whatever they do in whichever order, an address is one of two places at most: of
 * either device, whose only decoder has bases at which the DPA is always the same. (A
 * second one's DPA would depend on what the first had when it was committed.) While no
 * command is in flight it is known which of them, or nothing; the vCPUs are told, and
 * hold what they see against it.
 */
#ifndef CXL_SOFTHOST_TEST_STRESS_H
#define CXL_SOFTHOST_TEST_STRESS_H

#include "guest.h"
#include "phases.h"
#include "workers.h"

#define STRESS_DEVICES 2
#define STRESS_BRIDGE_DECODERS 2

/*
 * What the bridge's decoders route, each to one device or to both by turns. In the same
 * 4 GiB: so two threads that program one decoder mix no halves.
 */
#define STRESS_LOW WINDOW_HPA
#define STRESS_HIGH (WINDOW_HPA + 8 * UNIT)
#define STRESS_RANGE_UNITS 4
#define STRESS_UNITS (2 * STRESS_RANGE_UNITS)

enum stress_variant {
	STRESS_ONE_PHASE,
	STRESS_TWO_PHASE,
	STRESS_ADVISORY,
};

struct stress {
	enum stress_variant variant;
	unsigned int steps;	/* of each thread in a round */
	struct host host;
	struct guest guest;
	/* of the VMM's own slots: what is announced and what is there */
	pthread_mutex_t slots;
	/* of commands in flight that may change what the guest sees */
	pthread_mutex_t lock;
	unsigned int in_flight;
	uint64_t settled;
};

struct stress_driver {
	struct stress *stress;
	struct worker *worker;
	uint64_t random;
	uint64_t generation;	/* the last seen */
	/* what this one set last in this round; -1 for nothing */
	int mem_enable[STRESS_DEVICES];
	int media_disabled[STRESS_DEVICES];
	unsigned long outcomes[8];
	unsigned long aborts;
	unsigned long stale;
	unsigned long compared;
};

/* A worker's: random commands, each followed by queries. */
void stress_drive(struct worker *self);
/* Nothing is in flight: tell the vCPUs what they have to see until something is. */
void stress_tell(struct stress *stress);

/* Where unit @unit of the windows begins, and the DPA there */
uint64_t stress_hpa(unsigned int unit);
uint64_t stress_dpa(unsigned int unit);
/* What a device's memory holds at a DPA, from the beginning on */
uint64_t stress_stamp(unsigned int device, uint64_t dpa);

#endif
