/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the guest sees with CPUID. */
#ifndef CXLVM_CPUID_H
#define CXLVM_CPUID_H

#include <linux/kvm.h>
#include <stdbool.h>

#include "options.h"

#define CPUID_ENTRIES 256

struct cpuid {
	struct kvm_cpuid2 head;
	struct kvm_cpuid_entry2 entries[CPUID_ENTRIES];
};

/* What KVM supports, as one processor package of options->cpus cores. */
bool cpuid_init(struct cpuid *cpuid, int kvm_fd, const struct options *options);

/* Adapts the few fields that differ from one vCPU to the next. */
void cpuid_for_cpu(struct cpuid *cpuid, uint32_t cpu);

#endif
