/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A sequence through all commands and all that the engine does, step by step,
 * with what each step should come to. For tests that let steps fail.
 */
#ifndef CXL_SOFTHOST_TEST_SEQUENCE_H
#define CXL_SOFTHOST_TEST_SEQUENCE_H

#include "model.h"
#include "vm.h"

enum step_kind {
	STEP_PLAIN,		/* nothing in it can fail */
	STEP_SETS_UP,		/* creates something, or fails and doesn't */
	STEP_ATTACHES,
	STEP_ADDS,		/* slots; can be refused */
	STEP_REMOVES,		/* slots; can leave some condemned */
	STEP_FLAGS,		/* slots; all or none, as far as KVM lets us */
	STEP_RETRIES,		/* has a second attempt at whatever fails once */
};

struct sequence {
	struct host host;
	struct model model;	/* follows */
	struct vm *vm;
	uint8_t *memory[2];	/* of the devices' backends */
	struct cxl_softhost_record records[32];
	uint32_t record_count;
};

struct step {
	const char *text;
	unsigned int command;	/* 0: open() or close() */
	enum step_kind kind;
	unsigned int outcome;
	unsigned int arg;	/* of the functions: the device mostly */
	int (*run)(struct sequence *sequence, unsigned int arg,
		   struct cxl_softhost_result *result);
	void (*done)(struct sequence *sequence, unsigned int arg);
};

#define MAX_STEPS 128

extern const struct step steps[];
extern const unsigned int step_count;

/* Once, then at the beginning of each run. */
void sequence_init(struct sequence *sequence, struct vm *vm);
void sequence_begin(struct sequence *sequence);
/* The step has had its effect: the model follows. */
void step_done(struct sequence *sequence, const struct step *step);
/* The step succeeds as it should, or the test ends. */
void step_run(struct sequence *sequence, const struct step *step);
/* the node that the step is about, for those that commit */
uint32_t step_node(const struct sequence *sequence, const struct step *step);

#endif
