/* SPDX-License-Identifier: GPL-2.0-only */
/* Things that other processes do: run a function there, pass descriptors. */
#ifndef CXL_SOFTHOST_TEST_PROCESS_H
#define CXL_SOFTHOST_TEST_PROCESS_H

#include <sys/types.h>

#include "harness.h"

/*
 * Run @work in a forked child and wait for it. Its failed checks are the
 * caller's: false if there were any.
 */
bool in_child(void (*work)(void *data), void *data);

/* A child that runs @work and is told when to go on, step by step. */
struct child {
	pid_t pid;
	int socket;
};

void child_start(struct child *child, void (*work)(struct child *self, void *data), void *data);
/* both sides: send a descriptor (or -1 for none), receive one */
void child_send(struct child *child, int fd);
int child_receive(struct child *child);
/* wait for its end: true if it ended without a failed check */
bool child_join(struct child *child);

/*
 * Run this program anew in place of the process, with @fd open: a constructor in it
 * finds that exec_descriptor() isn't -1, and @what in @what.
 */
_Noreturn void exec_with(int fd, const char *what);
int exec_descriptor(const char **what);

/* How many of this process' mappings have @name in theirs; the first one's start. */
unsigned int mappings_named(const char *name, uintptr_t *start);

#endif
