/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the main thread does while vCPUs run: time, signals, input, flushing. */
#ifndef CXLVM_LOOP_H
#define CXLVM_LOOP_H

#include "vm.h"

/* Before any thread is made, as it blocks signals for all. */
bool loop_init(bool interactive);

/*
 * Until vm_stop(), a signal or the end of @timeout seconds (0: none). SIGUSR1
 * calls @phase with the name "sigusr1".
 */
void loop_run(struct vm *vm, uint32_t timeout, void (*phase)(void *opaque, const char *name));

/*
 * Has the main thread do it, and waits: for other threads. With the device lock held,
 * which the main thread then has no need of.
 */
void loop_call(void (*call)(void *opaque, const char *name), void *opaque, const char *name);

/*
 * The device lock, within @ms; does what others ask for meanwhile. The main thread's
 * way to it: vm_lock_devices() alone would wait for one who waits for the main thread.
 */
bool loop_lock_devices(struct vm *vm, uint32_t ms);

/* Gives the terminal back as it was. */
void loop_restore(void);

#endif
