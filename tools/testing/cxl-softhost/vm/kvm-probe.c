// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does KVM run a guest here? Creates a VM with one page and one vCPU and lets
 * it write one byte to a port. Says so in TAP. Built statically; it is what
 * "run-vm" tries when it finds out whether nested virtualization works.
 */
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define GUEST_PAGE	0x1000
#define PROBE_PORT	0x10
#define PROBE_BYTE	42

/* mov al, PROBE_BYTE; out PROBE_PORT, al; hlt */
static const unsigned char code[] = { 0xb0, PROBE_BYTE, 0xe6, PROBE_PORT, 0xf4 };

static void fail(const char *what)
{
	printf("not ok 1 - %s: %m\n", what);
	exit(EXIT_FAILURE);
}

int main(void)
{
	struct kvm_userspace_memory_region slot = {
		.guest_phys_addr = GUEST_PAGE,
		.memory_size = GUEST_PAGE,
	};
	struct kvm_regs regs = { .rip = GUEST_PAGE, .rflags = 2 };
	struct kvm_sregs sregs;
	struct kvm_run *run;
	int kvm, vm, vcpu, size;
	void *page;

	printf("TAP version 13\n1..1\n");
	setbuf(stdout, NULL);

	kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm < 0)
		fail("open /dev/kvm");
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (vm < 0)
		fail("KVM_CREATE_VM");
	/* Intel without unrestricted guests needs both for real mode. */
	if (ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_SET_TSS_ADDR) > 0 &&
	    ioctl(vm, KVM_SET_TSS_ADDR, 0xfffbd000UL) < 0)
		fail("KVM_SET_TSS_ADDR");

	page = mmap(NULL, GUEST_PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		fail("mmap of the guest's page");
	memcpy(page, code, sizeof(code));
	slot.userspace_addr = (unsigned long)page;
	if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &slot) < 0)
		fail("KVM_SET_USER_MEMORY_REGION");

	vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (vcpu < 0 || size < 0)
		fail("KVM_CREATE_VCPU");
	run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (run == MAP_FAILED)
		fail("mmap of the vCPU");
	if (ioctl(vcpu, KVM_GET_SREGS, &sregs) < 0)
		fail("KVM_GET_SREGS");
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	if (ioctl(vcpu, KVM_SET_SREGS, &sregs) < 0)
		fail("KVM_SET_SREGS");
	if (ioctl(vcpu, KVM_SET_REGS, &regs) < 0)
		fail("KVM_SET_REGS");
	if (ioctl(vcpu, KVM_RUN, 0) < 0)
		fail("KVM_RUN");

	if (run->exit_reason != KVM_EXIT_IO || run->io.port != PROBE_PORT ||
	    ((unsigned char *)run)[run->io.data_offset] != PROBE_BYTE) {
		printf("not ok 1 - unexpected exit %u\n", run->exit_reason);
		return EXIT_FAILURE;
	}
	printf("ok 1 - a guest ran\n");
	return EXIT_SUCCESS;
}
