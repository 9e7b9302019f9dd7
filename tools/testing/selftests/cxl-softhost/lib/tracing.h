/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel itself says it did: events of an instance of tracefs, of this
 * thread alone, between two marks.
 */
#ifndef CXL_SOFTHOST_TEST_TRACING_H
#define CXL_SOFTHOST_TEST_TRACING_H

#include "harness.h"

struct trace_event {
	char *name;		/* "softhost_set_slot" */
	char *fields;		/* "change=0" */
	bool through_kvm;	/* its stack has a function of the VM's ioctl */
	char *stack;		/* functions, innermost first, on one line */
};

struct trace {
	unsigned int count;
	struct trace_event *events;
};

/* Events of this thread only. Ends the test if there is no tracefs. */
void tracing_open(void);
void tracing_close(void);
/* "GROUP/NAME" or "GROUP" */
void tracing_enable(const char *event);
/* Stacks make events slow, and tell who allocates. */
void tracing_with_stacks(void);
/* The events that creating, deleting and attempting to set KVM slots give. */
void tracing_enable_slots(void);
/* kmalloc(), slab objects, and pages that no slab asked for */
void tracing_enable_allocations(void);

void tracing_begin(void);
/* All that happened since tracing_begin(), interrupts left out. */
struct trace tracing_end(void);
void trace_free(struct trace *trace);
void trace_note(const struct trace *trace);

unsigned int trace_count(const struct trace *trace, const char *name);
/* the only event of that name, or NULL after a failed check */
const struct trace_event *trace_only(const struct trace *trace, const char *name);

/* Calls of KVM's slot setter, and what came of them. */
struct slot_counts {
	unsigned int calls;
	unsigned int creations;
	unsigned int deletions;
	unsigned int others;	/* moved, or flags changed */
};

struct slot_counts trace_slots(const struct trace *trace);

/* Allocations, those inside of KVM and of tracefs left out */
unsigned int trace_allocations(const struct trace *trace);
unsigned int trace_kvm_allocations(const struct trace *trace);

#endif
