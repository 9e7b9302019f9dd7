/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads with names that are watched: one that makes no step any more fails the
 * test, which says who it was and what it was doing.
 */
#ifndef CXL_SOFTHOST_TEST_WORKERS_H
#define CXL_SOFTHOST_TEST_WORKERS_H

#include <pthread.h>

#include "harness.h"

/* No command takes this long, on the slowest of kernels. */
#define WORKER_SECONDS 100

struct worker {
	char name[64];
	void (*work)(struct worker *self);
	void *data;
	/* of the thread: what it is at, and how far */
	const char *doing;
	unsigned long steps;
	bool waits;		/* for others: not to blame */
	bool done;
	pthread_t thread;
};

/* Run them all, and wait until they are done. */
void workers_run(struct worker *workers, unsigned int count);
/* In a thread, before each thing that could take forever. */
void worker_step(struct worker *self, const char *doing);

/* Where several meet, to go on at the same time. */
struct meeting {
	unsigned int expected;
	unsigned int arrived;
	unsigned int number;
};

void meet(struct meeting *meeting, struct worker *self);

/* How many times @standard, by RACES_PERCENT in the environment; at least once. */
unsigned int scaled(unsigned int standard);
/* RACES_SEED of the environment, else @standard */
uint64_t seed_or(uint64_t standard);

#endif
