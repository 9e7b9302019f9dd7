// SPDX-License-Identifier: GPL-2.0-only
/*
 * Holds a VM with a vCPU for as long as the host kernel runs.
 *
 * With the first VM, and with the first vCPU that has no interrupt controller in
 * the kernel, KVM switches jump labels on, and with the last one off again: code
 * is patched, in __schedule() among others. Under TCG with two CPUs it happens,
 * once in some hundred runs, that both go on executing the breakpoint that was
 * there while it was patched, for ever and with interrupts off. With one VM that
 * stays, nothing is patched while tests run.
 */
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int checked(int ret, const char *what)
{
	if (ret < 0) {
		fprintf(stderr, "kvm-hold: %s: %m\n", what);
		exit(EXIT_FAILURE);
	}
	return ret;
}

int main(void)
{
	int kvm = checked(open("/dev/kvm", O_RDWR | O_CLOEXEC), "open /dev/kvm");
	int vm = checked(ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");

	checked(ioctl(vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
	/* Whoever started this goes on when it is so */
	if (daemon(0, 0))
		checked(-1, "daemon");
	for (;;)
		pause();
}
