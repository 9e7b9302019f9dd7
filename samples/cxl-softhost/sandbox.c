// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* A seccomp filter, by numbers that the module's header fixes for good. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/cxl_softhost.h>
#include <linux/filter.h>
#include <linux/kvm.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>

#include "log.h"
#include "sandbox.h"

#define MOST 128
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Those that the header has for running a guest, all of them */
static const uint32_t run_time[] = {
	CXL_SOFTHOST_REG_READ, CXL_SOFTHOST_REG_WRITE, CXL_SOFTHOST_NODE_SET,
	CXL_SOFTHOST_RESET, CXL_SOFTHOST_TRANSLATE, CXL_SOFTHOST_MAP_GET,
	CXL_SOFTHOST_DELTAS, CXL_SOFTHOST_APPLY, CXL_SOFTHOST_STATE_GET,
	CXL_SOFTHOST_DIRTY_LOG,
};

/* Of those what device models do */
static const uint32_t device_models[] = {
	CXL_SOFTHOST_REG_READ, CXL_SOFTHOST_REG_WRITE, CXL_SOFTHOST_NODE_SET,
	CXL_SOFTHOST_RESET,
};

struct program {
	struct sock_filter code[MOST];
	unsigned short length;
};

static void put(struct program *p, uint16_t code, uint32_t k, uint8_t yes, uint8_t no)
{
	/* One too many, and the kernel refuses the filter */
	if (p->length < MOST)
		p->code[p->length] = (struct sock_filter)BPF_JUMP(code, k, yes, no);
	p->length++;
}

/* The lower half: numbers and descriptors are no larger */
static void load(struct program *p, size_t offset)
{
	put(p, BPF_LD | BPF_W | BPF_ABS, offset, 0, 0);
}

static void answer(struct program *p, uint32_t what)
{
	put(p, BPF_RET | BPF_K, what, 0, 0);
}

static void allow_call(struct program *p, uint32_t number)
{
	put(p, BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1);
	answer(p, SECCOMP_RET_ALLOW);
}

/* A call on one descriptor alone */
static void allow_on(struct program *p, uint32_t number, int fd)
{
	put(p, BPF_JMP | BPF_JEQ | BPF_K, number, 0, 4);
	load(p, offsetof(struct seccomp_data, args[0]));
	put(p, BPF_JMP | BPF_JEQ | BPF_K, fd, 0, 1);
	answer(p, SECCOMP_RET_ALLOW);
	answer(p, SECCOMP_RET_KILL_PROCESS);
}

static void allow_calls(struct program *p, const uint32_t *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		allow_call(p, numbers[i]);
}

/* After the system call's number was loaded: what is no ioctl() is left to what follows. */
static void begin_ioctls(struct program *p, uint8_t length)
{
	put(p, BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, length);
}

static void begin(struct program *p)
{
	load(p, offsetof(struct seccomp_data, arch));
	put(p, BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0);
	answer(p, SECCOMP_RET_KILL_PROCESS);
	load(p, offsetof(struct seccomp_data, nr));
}

static bool enter(struct program *p, const char *who)
{
	struct sock_fprog filter = { .filter = p->code };

	answer(p, SECCOMP_RET_KILL_PROCESS);
	filter.len = p->length;
	if (!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
	    !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
		return true;
	log_error("%s can't be confined: %s", who, strerror(errno));
	return false;
}

void sandbox_prepare(void)
{
	/* For gmtime_r() */
	tzset();
	/* With several arenas malloc() wants to know how many CPUs there are */
	mallopt(M_ARENA_MAX, 1);
}

bool sandbox_enter_device(int softhost_fd, int socket)
{
	static const uint32_t calls[] = {
		SYS_exit, SYS_exit_group, SYS_rt_sigreturn, SYS_restart_syscall, SYS_futex,
		SYS_brk, SYS_munmap, SYS_clock_gettime, SYS_nanosleep, SYS_clock_nanosleep,
	};
	struct program p = { .length = 0 };

	begin(&p);
	allow_calls(&p, calls, COUNT(calls));
	begin_ioctls(&p, 2 * COUNT(device_models) + 5);
	load(&p, offsetof(struct seccomp_data, args[0]));
	put(&p, BPF_JMP | BPF_JEQ | BPF_K, softhost_fd, 1, 0);
	answer(&p, SECCOMP_RET_KILL_PROCESS);
	load(&p, offsetof(struct seccomp_data, args[1]));
	allow_calls(&p, device_models, COUNT(device_models));
	answer(&p, SECCOMP_RET_KILL_PROCESS);
	load(&p, offsetof(struct seccomp_data, nr));
	allow_on(&p, SYS_sendto, socket);
	load(&p, offsetof(struct seccomp_data, nr));
	allow_on(&p, SYS_recvfrom, socket);
	load(&p, offsetof(struct seccomp_data, nr));
	allow_on(&p, SYS_write, 2);
	load(&p, offsetof(struct seccomp_data, nr));
	allow_on(&p, SYS_writev, 2);
	return enter(&p, "the device process");
}

bool sandbox_enter_vcpu(bool sets_slots)
{
	static const uint32_t calls[] = {
		/* The library's: locks, memory, the end of a thread */
		SYS_futex, SYS_brk, SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect,
		SYS_madvise, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_restart_syscall,
		SYS_exit, SYS_exit_group,
		/* Clocks, the report and the console, the main thread, a device process */
		SYS_clock_gettime, SYS_time, SYS_nanosleep, SYS_clock_nanosleep, SYS_write,
		SYS_writev, SYS_fstat, SYS_newfstatat, SYS_sendto, SYS_recvfrom,
	};
	static const uint32_t kvm[] = {
		KVM_RUN, KVM_IRQ_LINE, KVM_GET_REGS, KVM_GET_SREGS, KVM_TRANSLATE,
	};
	struct program p = { .length = 0 };

	begin(&p);
	allow_calls(&p, calls, COUNT(calls));
	begin_ioctls(&p, 2 * (COUNT(run_time) + COUNT(kvm) + sets_slots) + 2);
	load(&p, offsetof(struct seccomp_data, args[1]));
	allow_calls(&p, run_time, COUNT(run_time));
	allow_calls(&p, kvm, COUNT(kvm));
	if (sets_slots)
		allow_call(&p, (uint32_t)KVM_SET_USER_MEMORY_REGION);
	answer(&p, SECCOMP_RET_KILL_PROCESS);
	return enter(&p, "a vCPU's thread");
}
