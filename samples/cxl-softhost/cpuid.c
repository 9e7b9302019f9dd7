// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "cpuid.h"
#include "log.h"

#define LEAF1_ECX_VMX		(1u << 5)
#define LEAF1_ECX_TSC_DEADLINE	(1u << 24)
#define LEAF1_ECX_HYPERVISOR	(1u << 31)
#define LEAF1_EDX_HTT		(1u << 28)
#define LEAF8_1_ECX_CMP_LEGACY	(1u << 1)
#define LEAF8_1_ECX_SVM		(1u << 2)

/* Bits of an APIC ID that number the cores of the package. */
static uint32_t core_bits(uint32_t cpus)
{
	uint32_t bits = 0;

	while ((1u << bits) < cpus)
		bits++;
	return bits;
}

static void drop_entry(struct cpuid *cpuid, uint32_t i)
{
	memmove(&cpuid->entries[i], &cpuid->entries[i + 1],
		(cpuid->head.nent - i - 1) * sizeof(cpuid->entries[0]));
	cpuid->head.nent--;
}

/* Leaves 0xb and 0x1f: threads, then cores, then the end. */
static void fill_topology(struct kvm_cpuid_entry2 *e, uint32_t cpus)
{
	e->eax = e->index == 1 ? core_bits(cpus) : 0;
	e->ebx = e->index == 0 ? 1 : e->index == 1 ? cpus : 0;
	e->ecx = e->index | (e->index < 2 ? (e->index + 1) << 8 : 0);
}

static void adapt(struct kvm_cpuid_entry2 *e, const struct options *options, bool tsc_deadline)
{
	uint32_t cpus = options->cpus;

	switch (e->function) {
	case 1:
		e->ebx = (e->ebx & 0x0000ffff) | cpus << 16;
		e->edx = cpus > 1 ? e->edx | LEAF1_EDX_HTT : e->edx & ~LEAF1_EDX_HTT;
		e->ecx &= ~(LEAF1_ECX_VMX | LEAF1_ECX_HYPERVISOR);
		if (!options->hide_hypervisor)
			e->ecx |= LEAF1_ECX_HYPERVISOR;
		if (tsc_deadline)
			e->ecx |= LEAF1_ECX_TSC_DEADLINE;
		break;
	case 4:
		if (e->eax & 0x1f)
			e->eax = (e->eax & 0x00003fff) | (cpus - 1) << 26;
		break;
	case 0xb:
	case 0x1f:
		fill_topology(e, cpus);
		break;
	case 0x80000001:
		e->ecx &= ~(LEAF8_1_ECX_CMP_LEGACY | LEAF8_1_ECX_SVM);
		if (cpus > 1)
			e->ecx |= LEAF8_1_ECX_CMP_LEGACY;
		break;
	case 0x80000008:
		e->ecx = (e->ecx & ~0xf0ffu) | core_bits(cpus) << 12 | (cpus - 1);
		break;
	}
	for (uint32_t i = 0; i < options->mask_count; i++) {
		const struct option_mask *mask = &options->masks[i];
		uint32_t *regs[] = { &e->eax, &e->ebx, &e->ecx, &e->edx };

		if (mask->leaf == e->function && mask->subleaf == e->index)
			*regs[mask->reg] &= ~mask->bits;
	}
}

bool cpuid_init(struct cpuid *cpuid, int kvm_fd, const struct options *options)
{
	bool tsc_deadline = ioctl(kvm_fd, KVM_CHECK_EXTENSION, KVM_CAP_TSC_DEADLINE_TIMER) > 0;

	cpuid->head.nent = CPUID_ENTRIES;
	if (ioctl(kvm_fd, KVM_GET_SUPPORTED_CPUID, &cpuid->head)) {
		log_error("KVM_GET_SUPPORTED_CPUID: %s", strerror(errno));
		return false;
	}
	for (uint32_t i = 0; i < cpuid->head.nent; i++) {
		if (options->hide_hypervisor && cpuid->entries[i].function >> 28 == 4)
			drop_entry(cpuid, i--);
		else
			adapt(&cpuid->entries[i], options, tsc_deadline);
	}
	return true;
}

void cpuid_for_cpu(struct cpuid *cpuid, uint32_t cpu)
{
	for (uint32_t i = 0; i < cpuid->head.nent; i++) {
		struct kvm_cpuid_entry2 *e = &cpuid->entries[i];

		switch (e->function) {
		case 1:
			e->ebx = (e->ebx & 0x00ffffff) | cpu << 24;
			break;
		case 0xb:
		case 0x1f:
			e->edx = cpu;
			break;
		case 0x8000001e:
			e->eax = cpu;
			e->ebx = cpu;	/* one thread a core */
			e->ecx = 0;	/* one node */
			break;
		}
	}
}
