/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The virtual machine: KVM's side, RAM, devices, and how it ends. */
#ifndef CXLVM_VM_H
#define CXLVM_VM_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "bus.h"
#include "guest-memory.h"
#include "memory.h"
#include "options.h"

/* Exit statuses of cxlvm. help.c explains them. */
enum vm_end {
	VM_END_POWER_OFF = 0,
	VM_END_SETUP = 1,
	VM_END_USAGE = 2,
	VM_END_RESET = 3,
	VM_END_INTERNAL_ERROR = 70,
	VM_END_KVM = 71,
	VM_END_TRIPLE_FAULT = 72,
	VM_END_DEGRADED = 73,
	VM_END_MODULE = 74,
	VM_END_TIMEOUT = 124,
	VM_END_INTERRUPTED = 130,
};

struct cxl;
struct serial;
struct virtio_blk;

struct vm {
	int kvm_fd;
	int vm_fd;
	uint32_t run_size;	/* of a vCPU's struct kvm_run mapping */
	uint32_t cpus;
	uint64_t tsc_khz;
	struct guest_ram ram;
	struct guest_memory memory;	/* for devices: that RAM, and mapped CXL memory */
	struct cxl *cxl;	/* NULL without a CXL topology */
	struct serial *serial;
	struct virtio_blk *disk;	/* NULL without one */
	_Atomic uint32_t confined;	/* vCPU threads that are behind a seccomp filter */

	/* One lock for all devices but CXL windows, which need none. */
	pthread_mutex_t device_lock;
	struct bus ports;
	struct bus mmio;

	int stop_fd;		/* eventfd: the main thread waits for it */
	pthread_mutex_t stop_lock;
	_Atomic bool stopped;
	enum vm_end end;
};

/* Opens KVM, creates the VM with its RAM and interrupt controllers. */
bool vm_create(struct vm *vm, const struct options *options);

/* A memory slot; a @size of 0 deletes it. */
bool vm_set_slot(struct vm *vm, uint32_t slot, uint64_t gpa, uint64_t size, void *host);

/* Ends the VM; the first one to say so decides how. Any thread. */
void vm_stop(struct vm *vm, enum vm_end end);

/*
 * The device lock, unless a vCPU keeps it longer than @ms: a change of the map
 * can wait for another vCPU, and that one for whoever serves its page fault.
 */
bool vm_lock_devices(struct vm *vm, uint32_t ms);

void vm_set_irq(struct vm *vm, uint32_t irq, bool level);

/* A statement about the end, for people: "the guest powered off". */
const char *vm_end_text(enum vm_end end);

#endif
