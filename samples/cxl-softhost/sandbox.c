// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* A seccomp filter, by numbers that the module's header fixes for good. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/cxl_softhost.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "log.h"
#include "sandbox.h"

#define MOST 96

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

static void allow_commands(struct program *p, int fd)
{
	static const uint32_t commands[] = {
		CXL_SOFTHOST_REG_READ, CXL_SOFTHOST_REG_WRITE, CXL_SOFTHOST_NODE_SET,
		CXL_SOFTHOST_RESET, CXL_SOFTHOST_TRANSLATE, CXL_SOFTHOST_MAP_GET,
		CXL_SOFTHOST_DELTAS, CXL_SOFTHOST_APPLY,
	};
	const uint8_t count = sizeof(commands) / sizeof(commands[0]);

	put(p, BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 2 * count + 5);
	load(p, offsetof(struct seccomp_data, args[0]));
	put(p, BPF_JMP | BPF_JEQ | BPF_K, fd, 1, 0);
	answer(p, SECCOMP_RET_KILL_PROCESS);
	load(p, offsetof(struct seccomp_data, args[1]));
	for (uint8_t i = 0; i < count; i++)
		allow_call(p, commands[i]);
	answer(p, SECCOMP_RET_KILL_PROCESS);
}

bool sandbox_enter(int softhost_fd, int socket)
{
	static const uint32_t calls[] = {
		SYS_exit, SYS_exit_group, SYS_rt_sigreturn, SYS_restart_syscall, SYS_futex,
		SYS_brk, SYS_munmap, SYS_clock_gettime, SYS_nanosleep, SYS_clock_nanosleep,
	};
	struct program p = { .length = 0 };
	struct sock_fprog filter = { .filter = p.code };

	load(&p, offsetof(struct seccomp_data, arch));
	put(&p, BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0);
	answer(&p, SECCOMP_RET_KILL_PROCESS);
	load(&p, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		allow_call(&p, calls[i]);
	allow_commands(&p, softhost_fd);
	load(&p, offsetof(struct seccomp_data, nr));
	allow_on(&p, SYS_sendto, socket);
	load(&p, offsetof(struct seccomp_data, nr));
	allow_on(&p, SYS_recvfrom, socket);
	load(&p, offsetof(struct seccomp_data, nr));
	allow_on(&p, SYS_write, 2);
	load(&p, offsetof(struct seccomp_data, nr));
	allow_on(&p, SYS_writev, 2);
	answer(&p, SECCOMP_RET_KILL_PROCESS);

	filter.len = p.length;
	if (!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
	    !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
		return true;
	log_error("the device process can't be confined: %s", strerror(errno));
	return false;
}
