/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* One vCPU and the thread that runs it. */
#ifndef CXLVM_VCPU_H
#define CXLVM_VCPU_H

#include <linux/kvm.h>
#include <pthread.h>

#include "cpuid.h"
#include "vm.h"

struct vcpu {
	struct vm *vm;
	uint32_t id;		/* its APIC ID too */
	int fd;
	struct kvm_run *run;
	pthread_t thread;
};

bool vcpu_create(struct vcpu *vcpu, struct vm *vm, uint32_t id, struct cpuid *cpuid);

/* The state of the 64-bit Linux boot protocol, for the first vCPU. */
bool vcpu_set_entry(struct vcpu *vcpu, uint64_t entry);

bool vcpu_start(struct vcpu *vcpu);

#endif
