// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "cxl.h"
#include "internal-error.h"
#include "layout.h"
#include "log.h"
#include "sandbox.h"
#include "vcpu.h"

#define MSR_MTRR_DEF_TYPE	0x2ff
#define MTRR_ENABLED_WB		((1u << 11) | 6)
#define MSR_MISC_ENABLE		0x1a0
#define MISC_ENABLE_DEFAULT	((1u << 12) | (1u << 11) | 1)	/* no PEBS, no BTS */

static bool vcpu_ioctl(const struct vcpu *vcpu, unsigned long request, const void *arg,
		       const char *name)
{
	if (ioctl(vcpu->fd, request, arg) >= 0)
		return true;
	log_error("vCPU %u: %s: %s", vcpu->id, name, strerror(errno));
	return false;
}

/*
 * As firmware leaves them: all memory write-back (Linux finds MTRRs disabled
 * else), and fast string operations on.
 */
static bool set_msrs(const struct vcpu *vcpu)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entries[2];
	} msrs = {
		.head.nmsrs = 2,
		.entries = {
			{ .index = MSR_MTRR_DEF_TYPE, .data = MTRR_ENABLED_WB },
			{ .index = MSR_MISC_ENABLE, .data = MISC_ENABLE_DEFAULT },
		},
	};

	/* The number of MSRs that were set comes back. */
	if (ioctl(vcpu->fd, KVM_SET_MSRS, &msrs) == 2)
		return true;
	log_error("vCPU %u: KVM_SET_MSRS: %s", vcpu->id, strerror(errno));
	return false;
}

bool vcpu_create(struct vcpu *vcpu, struct vm *vm, uint32_t id, struct cpuid *cpuid)
{
	void *run;
	int khz;

	vcpu->vm = vm;
	vcpu->id = id;
	vcpu->fd = ioctl(vm->vm_fd, KVM_CREATE_VCPU, id);
	if (vcpu->fd < 0) {
		log_error("KVM_CREATE_VCPU: %s", strerror(errno));
		return false;
	}
	run = mmap(NULL, vm->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	if (run == MAP_FAILED) {
		log_error("mmap of a vCPU: %s", strerror(errno));
		return false;
	}
	vcpu->run = run;
	khz = ioctl(vcpu->fd, KVM_GET_TSC_KHZ, 0);
	vm->tsc_khz = khz > 0 ? khz : 0;
	cpuid_for_cpu(cpuid, id);
	return vcpu_ioctl(vcpu, KVM_SET_CPUID2, &cpuid->head, "KVM_SET_CPUID2") &&
	       set_msrs(vcpu);
}

bool vcpu_set_entry(struct vcpu *vcpu, uint64_t entry)
{
	const struct kvm_segment code = {
		.limit = 0xffffffff, .selector = 0x10, .type = 11, .present = 1, .s = 1,
		.l = 1, .g = 1,
	};
	const struct kvm_segment data = {
		.limit = 0xffffffff, .selector = 0x18, .type = 3, .present = 1, .s = 1,
		.db = 1, .g = 1,
	};
	struct kvm_regs regs = { .rip = entry, .rsi = LAYOUT_ZERO_PAGE, .rflags = 2 };
	struct kvm_sregs sregs;

	if (!vcpu_ioctl(vcpu, KVM_GET_SREGS, &sregs, "KVM_GET_SREGS"))
		return false;
	sregs.cs = code;
	sregs.ds = data;
	sregs.es = data;
	sregs.ss = data;
	sregs.fs = data;
	sregs.gs = data;
	sregs.gdt.base = LAYOUT_GDT;
	sregs.gdt.limit = 4 * 8 - 1;
	sregs.cr3 = LAYOUT_PAGE_TABLES;
	sregs.cr4 = 0x20;		/* PAE */
	sregs.cr0 = 0x80000011;		/* PG, ET, PE */
	sregs.efer = 0x500;		/* LMA, LME */
	return vcpu_ioctl(vcpu, KVM_SET_SREGS, &sregs, "KVM_SET_SREGS") &&
	       vcpu_ioctl(vcpu, KVM_SET_REGS, &regs, "KVM_SET_REGS");
}

static void handle_io(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	uint8_t *data = (uint8_t *)run + run->io.data_offset;

	pthread_mutex_lock(&vcpu->vm->device_lock);
	for (uint32_t i = 0; i < run->io.count; i++, data += run->io.size)
		bus_dispatch(&vcpu->vm->ports, run->io.port, data, run->io.size,
			     run->io.direction == KVM_EXIT_IO_OUT);
	pthread_mutex_unlock(&vcpu->vm->device_lock);
}

static void handle_mmio(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	struct vm *vm = vcpu->vm;

	if (vm->cxl && cxl_window_access(vm->cxl, run->mmio.phys_addr, run->mmio.data,
					 run->mmio.len, run->mmio.is_write))
		return;
	pthread_mutex_lock(&vm->device_lock);
	bus_dispatch(&vm->mmio, run->mmio.phys_addr, run->mmio.data, run->mmio.len,
		     run->mmio.is_write);
	pthread_mutex_unlock(&vm->device_lock);
}

/* False when the vCPU is not to run again. */
static bool handle_exit(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	switch (run->exit_reason) {
	case KVM_EXIT_IO:
		handle_io(vcpu);
		return true;
	case KVM_EXIT_MMIO:
		handle_mmio(vcpu);
		return true;
	case KVM_EXIT_INTR:
	case KVM_EXIT_IRQ_WINDOW_OPEN:
		return true;
	case KVM_EXIT_SHUTDOWN:
		vm_stop(vcpu->vm, VM_END_TRIPLE_FAULT);
		return false;
	case KVM_EXIT_INTERNAL_ERROR:
		internal_error_report(vcpu);
		vm_stop(vcpu->vm, VM_END_INTERNAL_ERROR);
		return false;
	case KVM_EXIT_FAIL_ENTRY:
		log_error("vCPU %u: hardware refuses to enter the guest, reason 0x%llx",
			  vcpu->id,
			  (unsigned long long)run->fail_entry.hardware_entry_failure_reason);
		break;
	default:
		log_error("vCPU %u: unexpected KVM exit %u", vcpu->id, run->exit_reason);
		break;
	}
	vm_stop(vcpu->vm, VM_END_KVM);
	return false;
}

static void *vcpu_thread(void *opaque)
{
	struct vcpu *vcpu = opaque;
	struct vm *vm = vcpu->vm;

	if (!sandbox_enter_vcpu(vm->cxl && vm->cxl->advisory)) {
		vm_stop(vm, VM_END_SETUP);
		return NULL;
	}
	vm->confined++;
	for (;;) {
		if (vm->stopped)
			break;
		if (ioctl(vcpu->fd, KVM_RUN, 0) < 0) {
			if (errno == EINTR || errno == EAGAIN)
				continue;
			log_error("vCPU %u: KVM_RUN: %s", vcpu->id, strerror(errno));
			vm_stop(vm, VM_END_KVM);
			break;
		}
		if (!handle_exit(vcpu))
			break;
	}
	return NULL;
}

bool vcpu_start(struct vcpu *vcpu)
{
	int error = pthread_create(&vcpu->thread, NULL, vcpu_thread, vcpu);

	if (error)
		log_error("vCPU %u: no thread: %s", vcpu->id, strerror(error));
	return !error;
}
