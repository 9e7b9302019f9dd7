/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What KVM guests run: a few hundred bytes of code, compiled with the tests
 * and copied into the guest's RAM. It works on struct guest_shared, which the
 * test fills in before and reads meanwhile and after.
 *
 * Who changes the map tells in @phase what the guest may rely on. The observer
 * reads @phase, a watched location, and @phase again: if both are the same, what
 * it read has to agree with it.
 */
#ifndef CXL_SOFTHOST_TEST_GUEST_CODE_H
#define CXL_SOFTHOST_TEST_GUEST_CODE_H

#include <stdint.h>

#define GUEST_MAX_WATCHED 8
#define GUEST_MAX_WRITES 32
#define GUEST_MAX_PLACES 16
#define GUEST_VCPUS 2

/* Written to this port, the vCPU is done. */
#define GUEST_PORT_END 0x10
/* and to this one, it took an exception: RBX is its vector, RDX is CR2 */
#define GUEST_PORT_EXCEPTION 0x11

#define GUEST_VECTORS 32
#define GUEST_VECTOR_SIZE 16	/* bytes of code for each */

/* The low bits of a phase; the others number the rounds. */
enum guest_phase {
	GUEST_CHANGING = 0,	/* memory or all-ones */
	GUEST_MAPPED = 1,	/* COMMITTED was read: memory */
	GUEST_UNMAPPED = 2,	/* the store that uncommits has completed: all-ones */
	GUEST_SETTLED = 3,	/* nothing changes: each place holds what is told of it */
	GUEST_PHASES
};

#define GUEST_PHASE_MASK 3
#define GUEST_PHASE(round, kind) ((uint64_t)(round) << 2 | (kind))

struct guest_write {
	uint64_t gpa;
	uint64_t value;		/* four bytes of it */
};

/* Who looks at a location, if not all vCPUs */
#define GUEST_ALL_VCPUS (~0ULL)

struct guest_watched {
	uint64_t gpa;
	uint64_t value;		/* what memory there holds */
	uint64_t vcpu;
};

/* Where several things can be, one at a time, or nothing */
struct guest_place {
	uint64_t gpa;
	uint64_t may[2];	/* what memory that can be there holds; ALL_ONES: none */
	volatile uint64_t now;	/* which of them, or all-ones; counts while SETTLED */
};

struct guest_observation {
	uint64_t memory[GUEST_PHASES];	/* times seen in a phase of that kind */
	uint64_t all_ones[GUEST_PHASES];
	uint64_t broken;	/* times that it can't have been, and the first: */
	uint64_t gpa;
	uint64_t value;
	uint64_t phase;
	uint64_t seen;		/* the last phase of which all has been looked at */
};

/* How long a vCPU stood still, as it sees it itself */
struct guest_pulse {
	volatile uint64_t count;	/* what it does all the time: it adds one */
	volatile uint64_t asked;	/* by the test: a number that it repeats when it */
	volatile uint64_t answered;	/* has told the longest gap since the last one: */
	volatile uint64_t longest;	/* between two additions, cycles */
	volatile uint64_t look;		/* 0, or where to look before it answers */
};

struct guest_shared {
	volatile uint64_t stop;
	volatile uint64_t phase;

	/* locations that come and go, and some that always answer */
	uint32_t watched_count;
	uint32_t steady_count;
	struct guest_watched watched[GUEST_MAX_WATCHED];
	struct guest_watched steady[GUEST_MAX_WATCHED];

	/* what the programmer does in each round, and where it reads COMMITTED */
	uint32_t rounds;
	uint32_t on_count;
	uint32_t off_count;
	uint32_t lie;		/* says that it uncommitted, and doesn't */
	struct guest_write on[GUEST_MAX_WRITES];
	struct guest_write off[GUEST_MAX_WRITES];
	uint64_t status_gpa;
	uint32_t status_mask;
	uint32_t status_value;

	/* of the programmer: rounds done, and rounds with another status */
	volatile uint64_t rounds_done;
	volatile uint64_t wrong_status;
	volatile uint64_t programmer_broken;

	volatile struct guest_observation observations[GUEST_VCPUS];

	/* of the wanderers, and how many each has */
	uint32_t place_count;
	uint64_t random[GUEST_VCPUS];
	struct guest_place places[GUEST_VCPUS][GUEST_MAX_PLACES];

	struct guest_pulse pulse;
};

/* Program, check, uncommit, @rounds times. For one vCPU, beside an observer. */
void guest_programmer(struct guest_shared *shared, uint64_t vcpu);
/* Look at all that is watched, until @stop. */
void guest_observer(struct guest_shared *shared, uint64_t vcpu);
/* Store the value of everything watched there. */
void guest_storer(struct guest_shared *shared, uint64_t vcpu);
/*
 * Look at one's places in any order, and sometimes store a place's own address
 * behind what is looked at, until @stop.
 */
void guest_wanderer(struct guest_shared *shared, uint64_t vcpu);
/* Count, in memory that stays, until @stop. */
void guest_counter(struct guest_shared *shared, uint64_t vcpu);

/* Where exceptions go: they would end a test's VM without a word otherwise. */
void guest_exceptions(void);
extern const uint8_t guest_vectors[];
/* What has to be copied. */
extern const uint8_t __start_guest_code[];
extern const uint8_t __stop_guest_code[];

#endif
