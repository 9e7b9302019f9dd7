// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Both filters: what the module's header has for run time passes, of it what device
 * models do in their process; all else kills, by number, and so do system calls that
 * nobody needs.
 */
#include <linux/cxl_softhost.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sandbox.h"
#include "tap.h"

#define DEVICE_FD 0
#define OTHER_FD 1

enum who {
	VCPU,
	VCPU_WITH_SLOTS,
	DEVICE,
};

/* In a process of its own: is it alive after this system call? */
static bool lives(enum who who, long number, long a, long b)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (who == DEVICE ? !sandbox_enter_device(DEVICE_FD, 3) :
				    !sandbox_enter_vcpu(who == VCPU_WITH_SLOTS))
			_exit(1);
		syscall(number, a, b, 0, 0, 0, 0);
		/* Not _exit(), which a sanitizer does something in */
		syscall(SYS_exit_group, 42);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return false;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 42)
		return true;
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS) {
		printf("# status 0x%x\n", status);
		tap_ok(false, "a process that the filter neither lets live nor kills");
	}
	return false;
}

static bool command_passes(enum who who, unsigned int number)
{
	return lives(who, SYS_ioctl, DEVICE_FD, _IO(CXL_SOFTHOST_TYPE, number));
}

/* Of all numbers those from REG_READ to @last */
static void commands(enum who who, unsigned int last, const char *text)
{
	char passed[512] = "", wanted[512] = "";

	for (unsigned int number = 0x3f; number < 0x70; number++)
		if (command_passes(who, number))
			sprintf(passed + strlen(passed), "%x ", number);
	for (unsigned int number = CXL_SOFTHOST_CMD_REG_READ; number <= last; number++)
		sprintf(wanted + strlen(wanted), "%x ", number);
	if (strcmp(passed, wanted))
		printf("# passed: %s\n", passed);
	tap_ok(!strcmp(passed, wanted), text);
}

int main(void)
{
	const struct rlimit none = { 0, 0 };

	/* No core files of those that are killed */
	setrlimit(RLIMIT_CORE, &none);
	commands(VCPU, CXL_SOFTHOST_CMD_DIRTY_LOG,
		 "a vCPU's thread: of all numbers just the header's from REG_READ to DIRTY_LOG");
	commands(DEVICE, CXL_SOFTHOST_CMD_RESET,
		 "the device process: those to RESET, what device models do");
	tap_ok(!lives(DEVICE, SYS_ioctl, OTHER_FD, CXL_SOFTHOST_REG_READ),
	       "that one has them on its own descriptor alone");
	tap_ok(lives(VCPU, SYS_ioctl, DEVICE_FD, KVM_RUN) &&
	       lives(VCPU, SYS_ioctl, DEVICE_FD, KVM_IRQ_LINE), "a vCPU's thread runs a vCPU");
	tap_ok(!lives(DEVICE, SYS_ioctl, DEVICE_FD, KVM_RUN), "the device process doesn't");
	tap_ok(!lives(VCPU, SYS_ioctl, DEVICE_FD, KVM_SET_USER_MEMORY_REGION) &&
	       !lives(VCPU, SYS_ioctl, DEVICE_FD, KVM_CREATE_VCPU),
	       "and sets no memory slots, and makes no vCPUs");
	tap_ok(lives(VCPU_WITH_SLOTS, SYS_ioctl, DEVICE_FD, KVM_SET_USER_MEMORY_REGION),
	       "but slots with the advisory engine");
	tap_ok(lives(VCPU, SYS_clock_gettime, CLOCK_MONOTONIC, 0) &&
	       lives(DEVICE, SYS_clock_gettime, CLOCK_MONOTONIC, 0), "both have the clock");
	tap_ok(lives(VCPU, SYS_clock_nanosleep, -1, 0) && lives(VCPU, SYS_nanosleep, 0, 0) &&
	       lives(VCPU, SYS_time, 0, 0) && lives(DEVICE, SYS_clock_nanosleep, -1, 0),
	       "and can wait");
	tap_ok(!lives(VCPU, SYS_openat, -1, 0) && !lives(DEVICE, SYS_openat, -1, 0) &&
	       !lives(VCPU, SYS_socket, AF_UNIX, SOCK_STREAM) &&
	       !lives(DEVICE, SYS_mmap, 0, 4096), "and open nothing");
	tap_ok(!lives(VCPU, SYS_ioctl | 0x40000000, DEVICE_FD, CXL_SOFTHOST_REG_READ),
	       "nor call by x32's numbers");
	return tap_end();
}
