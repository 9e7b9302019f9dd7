/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What a device process, and a thread that runs a vCPU, may still do. */
#ifndef CXLVM_SANDBOX_H
#define CXLVM_SANDBOX_H

#include <stdbool.h>

/*
 * Before any thread is made: what the C library would do when one first needs it, and
 * opens files for.
 */
void sandbox_prepare(void);

/*
 * From now on: what device models ask of @softhost_fd, messages on @socket, text on
 * standard error, memory of its own, the clock, and the end. All else kills it.
 */
bool sandbox_enter_device(int softhost_fd, int socket);

/*
 * From now on, in this thread: run-time commands, running a vCPU, interrupts, memory
 * slots if it @sets_slots, writing to what is open, messages, memory of its own, the
 * clock, and the end. All else kills the process.
 */
bool sandbox_enter_vcpu(bool sets_slots);

#endif
