/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every command as something that several threads do at the same time on one
 * host: what it consumes it can bring back, and every answer is checked against
 * those that the header documents for it.
 *
 * Which of several states the host is in then can't be known beforehand, but it
 * is one of them: registers, map, slots and what commands answered agree.
 */
#ifndef CXL_SOFTHOST_TEST_RACE_H
#define CXL_SOFTHOST_TEST_RACE_H

#include "commands.h"
#include "workers.h"

/*
 * Devices at ports 0 and 1 stay; those at ports 2 and 3, and windows 2 and 3,
 * come and go. Each device has one decoder, for two units at its place; that of
 * port 1 lies across two windows.
 */
#define RACE_SEATS 2
#define RACE_PORTS (2 + RACE_SEATS)
#define RACE_PLACE(port) (WINDOW_HPA + (port) * 3 * UNIT)
#define RACE_SIZE (2 * UNIT)
/* All mapped: that of port 1 takes two. */
#define RACE_SLOTS (RACE_PORTS + 1)
#define RACE_FIRST_SLOT 100
#define RACE_DONATED 8

/* What may happen beside what the header documents of an undisturbed process. */
#define RACE_PAGE_GOES (1U << 0)	/* the argument page is taken away */
#define RACE_CLOSED (1U << 1)		/* the last descriptor is closed */
#define RACE_VM_FULL (1U << 2)		/* slots of an earlier host are in the VM */

/* A map that was seen, by its generation */
struct race_seen {
	uint64_t generation;
	uint64_t sum;
};

struct race_bed {
	struct host host;		/* IDs of what comes and goes: 0 if it isn't there */
	struct vm vm;
	uint32_t backends[RACE_SEATS];
	void *memory;			/* for them */
	unsigned int allowed;		/* RACE_* */
	int attached;			/* ATTACHes that worked, less DETACHes */
	pthread_mutex_t lock;		/* of what was seen */
	struct race_seen seen[512];
};

#define RACE_MAX_COMMANDS 32
/* More than the host's nodes, decoders and slots */
#define RACE_RECORDS 64

struct race_tally {
	unsigned long calls;
	unsigned long effects;
	unsigned long outcomes[8];
	unsigned long errors[134];
};

/* One who does commands; no two do so as the same one. */
struct racer {
	struct worker *worker;
	struct race_bed *bed;
	uint64_t random;
	unsigned int seat;	/* what comes and goes: which of them */
	unsigned int port;
	unsigned int kind;	/* of several things that a command does, which */
	uint64_t generation;	/* the last that was seen */
	/* what this one did last; -1 for nothing */
	int mem_enable[RACE_PORTS];
	int media[RACE_PORTS];
	struct cxl_softhost_record records[RACE_RECORDS];	/* what it saved last */
	uint32_t record_count;
	struct race_tally tallies[RACE_MAX_COMMANDS];
};

/* A host on @fd, everything committed, attached to @vm. */
void race_bed_create(struct race_bed *bed, int fd, const struct vm *vm);
/* Without engine, for who attaches it. */
void race_bed_create_unattached(struct race_bed *bed, int fd, const struct vm *vm);
/* DETACH, close the device, unmap what it lay on. */
void race_bed_destroy(struct race_bed *bed);
/* With nobody racing: everything there, committed and attached again. */
void race_settle(struct race_bed *bed);

void racer_init(struct racer *racer, struct race_bed *bed, struct worker *worker, uint64_t seed);
/* Choose what the next command is about; @common: the same for all. */
void racer_choose(struct racer *racer, bool common);
/* Bring back what the command needs to have an effect. */
void racer_prepare(struct racer *racer, unsigned int command);
/* True if it had an effect. Its answer is checked. */
bool racer_do(struct racer *racer, unsigned int command);
/* Look at the map twice, in different ways: where they can be compared they agree. */
void racer_compare(struct racer *racer);

/* Indexes into commands[] */
unsigned int race_command(const char *name);
bool race_knows(unsigned int command);

/* One of several who do random commands, one after the other. */
struct race_mixer {
	struct racer racer;
	unsigned int steps;
	uint64_t commands;	/* bits: which; all by default */
	bool compares;		/* none of these: racer_compare() */
	bool stays;		/* at the devices that don't come and go */
	const bool *stop;	/* when that is so, before the last step */
};

/* Prepares the worker, too; it is the @number-th of @seed. */
void race_mixer_init(struct race_mixer *mixer, struct race_bed *bed, struct worker *worker,
		     uint64_t seed, unsigned int number);
void race_mix(struct worker *self);

/*
 * With nobody racing: I1 as far as the map goes, no slot lost, and what commands
 * answered is so.
 */
bool race_check(const char *file, int line, struct race_bed *bed, const struct racer *racers,
		unsigned int count);
#define EXPECT_CONSISTENT(bed, racers, count)					\
	race_check(__FILE__, __LINE__, bed, racers, count)

/* And what KVM has, which takes longer: what is lost there stays lost. */
bool race_check_slots(const char *file, int line, struct race_bed *bed,
		      const struct racer *racers, unsigned int count);
#define EXPECT_CONSISTENT_SLOTS(bed, racers, count)				\
	race_check_slots(__FILE__, __LINE__, bed, racers, count)

/* add the figures of @racer to those of @sum */
void racer_add(struct racer *sum, const struct racer *racer);
/* figures, added up */
void race_note(const struct racer *racers, unsigned int count);

#endif
