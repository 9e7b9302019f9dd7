// SPDX-License-Identifier: GPL-2.0-only
/*
 * All of the memory at once, code in it, locks on it, and what the kernel does
 * with the memory of tasks: signal frames, page tables, copies on write.
 */
#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/ucontext.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "exercise.h"

static uint64_t dax_bytes(const char *file)
{
	char path[64], text[32] = "";
	struct stat st;
	int fd;

	if (stat(file, &st))
		return 0;
	snprintf(path, sizeof(path), "/sys/dev/char/%u:%u/size", major(st.st_rdev),
		 minor(st.st_rdev));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	return strtoull(text, NULL, 0);
}

/* No two words of the memory have the same value, and none is its neighbour's. */
static inline uint64_t word_at(uint64_t index)
{
	return (index + 1) * 0x9e3779b97f4a7c15ULL;
}

enum result step_fill(struct step_context *context)
{
	const struct place *place = context->place;
	uint64_t bytes, total, words, i, *at;
	char why[128];

	total = place->dax ? dax_bytes(place->dax) : place_total(place);
	bytes = place->dax ? total : place_free(place);
	bytes &= ~(HUGE_BYTES - 1);
	if (!bytes)
		return fail(context, "there is no memory");
	at = place_map(place, bytes, PAGES_ANY, 0);
	if (!at)
		return fail(context, "%" PRIu64 " bytes: %s", bytes, strerror(errno));
	words = bytes / sizeof(*at);
	for (i = 0; i < words; i++)
		at[i] = word_at(i);
	if (place_check(place, at, bytes, why, sizeof(why)))
		return fail(context, "%s", why);
	for (i = 0; i < words; i++)
		if (at[i] != word_at(i))
			return fail(context, "word %" PRIu64 " of %" PRIu64 " holds %#" PRIx64
				    " at %#" PRIx64, i, words, at[i], place_physical(&at[i]));
	say(context, "%" PRIu64 " of %" PRIu64 " bytes", bytes, total);
	return PASSED;
}

/* mov $VALUE, %eax; ret */
#define CODE_BYTES 6

static void put_code(unsigned char *at, uint32_t value)
{
	at[0] = 0xb8;
	memcpy(at + 1, &value, sizeof(value));
	at[5] = 0xc3;
}

enum result step_code(struct step_context *context)
{
	unsigned char *from = context->arena;
	/* Not a divisor of a page: some functions cross from one page to the next. */
	const size_t step = 61, count = (ARENA_BYTES - CODE_BYTES) / step;
	uint32_t (*function)(void), value;
	size_t i;

	for (i = 0; i < count; i++)
		put_code(from + i * step, (uint32_t)word_at(i));
	if (mprotect(from, ARENA_BYTES, PROT_READ | PROT_EXEC))
		return fail(context, "mprotect: %s", strerror(errno));
	for (i = 0; i < count; i++) {
		*(void **)&function = from + i * step;
		value = function();
		if (value != (uint32_t)word_at(i))
			return fail(context, "function %zu returned %#x", i, value);
	}
	say(context, "%zu functions in %lu pages", count, ARENA_BYTES / PAGE_BYTES);
	return PASSED;
}

struct locked {
	_Alignas(16) uint64_t pair[2];
	_Alignas(64) uint64_t count;
};

#define LOCKED_ROUNDS 50000

/* Both halves in one go, or the second stops being three times the first. */
static int add_pair(uint64_t *pair)
{
	uint64_t low = pair[0], high = pair[1];
	unsigned char done;

	do {
		__asm__ volatile("lock cmpxchg16b %[pair]\n\tsete %[done]"
				 : [pair] "+m"(pair[0]), "+m"(pair[1]), [done] "=q"(done),
				   "+a"(low), "+d"(high)
				 : "b"(low + 1), "c"(high + 3) : "cc", "memory");
		if (!done && high != 3 * low)
			return -1;
	} while (!done);
	return 0;
}

static int use_locks(struct locked *locked)
{
	uint64_t one;
	int i;

	for (i = 0; i < LOCKED_ROUNDS; i++) {
		if (add_pair(locked->pair))
			return 1;
		one = 1;
		__asm__ volatile("lock xaddq %0, %1" : "+r"(one), "+m"(locked->count) : : "cc");
	}
	return 0;
}

static int reap(int count, char *why, size_t why_bytes)
{
	int status, bad = 0;

	for (; count; count--) {
		if (wait(&status) < 0) {
			snprintf(why, why_bytes, "wait: %s", strerror(errno));
			return -1;
		}
		if (!bad && WIFSIGNALED(status))
			snprintf(why, why_bytes, "a child was killed by signal %d",
				 WTERMSIG(status));
		else if (!bad && WEXITSTATUS(status))
			snprintf(why, why_bytes, "a child failed with %d", WEXITSTATUS(status));
		bad |= status;
	}
	return bad ? -1 : 0;
}

enum result step_locked(struct step_context *context)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN), tasks = cpus < 2 ? 2 : cpus, i;
	struct locked *locked;
	uint32_t a, b, c, d;
	uint64_t want;
	char why[128];
	pid_t pid;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_CMPXCHG16B)) {
		say(context, "not in CPUID");
		return SKIPPED;
	}
	locked = place_map(context->place, sizeof(*locked), PAGES_ANY, 1);
	if (!locked)
		return fail(context, "no memory: %s", strerror(errno));
	memset(locked, 0, sizeof(*locked));
	if (place_check(context->place, locked, sizeof(*locked), why, sizeof(why)))
		return fail(context, "%s", why);
	for (i = 0; i < tasks; i++) {
		pid = fork();
		if (pid < 0)
			return fail(context, "fork: %s", strerror(errno));
		if (!pid)
			_exit(use_locks(locked));
	}
	if (reap((int)tasks, why, sizeof(why)))
		return fail(context, "%s", why);
	want = (uint64_t)tasks * LOCKED_ROUNDS;
	if (locked->pair[0] != want || locked->pair[1] != 3 * want || locked->count != want)
		return fail(context, "%" PRIu64 ", %" PRIu64 ", %" PRIu64 " instead of %" PRIu64,
			    locked->pair[0], locked->pair[1], locked->count, want);
	say(context, "%ld tasks on %ld CPUs, %" PRIu64 " rounds", tasks, cpus, want);
	return PASSED;
}

#define SIGNAL_ROUNDS 200
#define SW_RESERVED 464
#define FP_XSTATE_MAGIC1 0x46505853U

static struct {
	unsigned char *stack;
	volatile int taken;
	volatile int outside;
	volatile int with_xsave;
} handled;

static int in_stack(const void *at)
{
	return (const unsigned char *)at >= handled.stack &&
	       (const unsigned char *)at < handled.stack + ARENA_BYTES;
}

static void handle(int number, siginfo_t *info, void *data)
{
	ucontext_t *context = data;
	uint32_t magic;

	(void)number;
	(void)info;
	/* Where the kernel has saved the FPU state. */
	if (!in_stack(&magic) || !in_stack(context->uc_mcontext.fpregs)) {
		handled.outside = 1;
		return;
	}
	memcpy(&magic, (char *)context->uc_mcontext.fpregs + SW_RESERVED, sizeof(magic));
	handled.with_xsave = magic == FP_XSTATE_MAGIC1;
	__asm__ volatile("pcmpeqd %%xmm6, %%xmm6" : : : "xmm6");
	handled.taken++;
}

/* Send SIGUSR1 to this task with xmm6 loaded, and see xmm6 after the handler. */
static long raise_with_xmm(const unsigned char *in, unsigned char *out)
{
	long result = SYS_tgkill;

	__asm__ volatile("movdqu (%[input]), %%xmm6\n\t"
			 "syscall\n\t"
			 "movdqu %%xmm6, (%[output])"
			 : "+a"(result)
			 : "D"((long)getpid()), "S"(syscall(SYS_gettid)), "d"((long)SIGUSR1),
			   [input] "r"(in), [output] "r"(out)
			 : "rcx", "r11", "memory", "xmm6");
	return result;
}

enum result step_signal(struct step_context *context)
{
	stack_t stack = { .ss_sp = context->arena, .ss_size = ARENA_BYTES };
	struct sigaction action = { .sa_flags = SA_SIGINFO | SA_ONSTACK };
	unsigned char in[16], out[16];
	int round;

	handled.stack = context->arena;
	action.sa_sigaction = handle;
	if (sigaltstack(&stack, NULL) || sigaction(SIGUSR1, &action, NULL))
		return fail(context, "sigaltstack: %s", strerror(errno));
	for (round = 1; round <= SIGNAL_ROUNDS; round++) {
		memset(in, round, sizeof(in));
		memset(out, 0, sizeof(out));
		if (raise_with_xmm(in, out))
			return fail(context, "tgkill");
		if (handled.taken != round || handled.outside)
			return fail(context, "signal %d was not handled on that stack", round);
		if (memcmp(in, out, sizeof(in)))
			return fail(context, "xmm6 was lost by signal %d", round);
	}
	say(context, "%d handled, FPU state saved with %s", SIGNAL_ROUNDS,
	    handled.with_xsave ? "XSAVE" : "FXSAVE");
	return PASSED;
}

#define CHILDREN 64
#define CHILD_BYTES (256UL << 10)
#define CHILD_WORDS (CHILD_BYTES / sizeof(uint64_t))

struct meeting {
	atomic_int arrived;
	atomic_int leave;
};

static void nap(void)
{
	const struct timespec time = { .tv_nsec = 2000000 };

	nanosleep(&time, NULL);
}

static int holds(const uint64_t *at, uint64_t seed)
{
	size_t i;

	for (i = 0; i < CHILD_WORDS; i++)
		if (at[i] != word_at(seed + i))
			return 0;
	return 1;
}

static void put(uint64_t *at, uint64_t seed)
{
	size_t i;

	for (i = 0; i < CHILD_WORDS; i++)
		at[i] = word_at(seed + i);
}

/* Sleep with xmm6 loaded: the kernel keeps it in the task structure meanwhile. */
static int keeps_xmm(int number)
{
	const struct timespec time = { .tv_nsec = 1000000 };
	unsigned char in[16], out[16];
	int round, i;
	long result;

	for (round = 0; round < 8; round++) {
		for (i = 0; i < 16; i++)
			in[i] = (unsigned char)(number * 16 + i + round);
		result = SYS_nanosleep;
		__asm__ volatile("movdqu (%[input]), %%xmm6\n\t"
				 "syscall\n\t"
				 "movdqu %%xmm6, (%[output])"
				 : "+a"(result)
				 : "D"(&time), "S"(NULL), [input] "r"(in), [output] "r"(out)
				 : "rcx", "r11", "memory", "xmm6");
		if (result || memcmp(in, out, sizeof(in)))
			return 0;
	}
	return 1;
}

/* Has the parent's data, makes its own copy, and keeps it while all the others live. */
static int child(const struct place *place, struct meeting *meeting, uint64_t *at, int number)
{
	uint64_t seed = (uint64_t)(number + 1) * CHILD_WORDS;
	char why[128];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!holds(at, 0))
		return 1;
	put(at, seed);
	if (place_check(place, at, CHILD_BYTES, why, sizeof(why)))
		return 2;
	atomic_fetch_add(&meeting->arrived, 1);
	while (!atomic_load(&meeting->leave))
		nap();
	if (!keeps_xmm(number))
		return 3;
	return holds(at, seed) ? 0 : 4;
}

/* What the kernel saves a task's registers with (by CPUID, as it does). */
static const char *switch_instruction(void)
{
	uint32_t a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
		return "FXSAVE";
	if (!__get_cpuid_count(0xd, 1, &a, &b, &c, &d))
		return "XSAVE";
	return a & 8 ? "XSAVES" : a & 2 ? "XSAVEC" : a & 1 ? "XSAVEOPT" : "XSAVE";
}

enum result step_fork(struct step_context *context)
{
	const struct place *place = context->place;
	struct place_use use = { 0 };
	struct meeting *meeting;
	char why[128] = "";
	int i, started, bad;
	uint64_t *at;
	pid_t pid;

	if (place_bind_task(place))
		return fail(context, "set_mempolicy: %s", strerror(errno));
	meeting = place_map(place, sizeof(*meeting), PAGES_ANY, 1);
	at = place_map(place, CHILD_BYTES, PAGES_SMALL, 0);
	if (!meeting || !at)
		return fail(context, "no memory: %s", strerror(errno));
	put(at, 0);
	for (started = 0; started < CHILDREN; started++) {
		pid = fork();
		if (pid < 0)
			break;
		if (!pid)
			_exit(child(place, meeting, at, started));
	}
	/* A child that dies early never arrives: don't wait for ever. */
	for (i = 0; i < 30000 && atomic_load(&meeting->arrived) < started; i++)
		nap();
	bad = place->hpa_end && place_count(place, &use);
	atomic_store(&meeting->leave, 1);
	if (reap(started, why, sizeof(why)))
		return fail(context, "%s", why);
	if (started < CHILDREN)
		return fail(context, "fork: only %d children", started);
	if (!holds(at, 0))
		return fail(context, "the parent's memory changed");
	if (bad)
		return fail(context, "/proc/kpageflags does not show that range");
	if (context->kernel_memory && (!use.pgtable || !use.tasks))
		return fail(context, "%lu page tables and %lu task slabs there", use.pgtable,
			    use.tasks);
	say(context, "%d children; there: %lu anon pages, %lu page tables, %lu slab pages, "
	    "%lu task slabs (switched by %s)", started, use.anon, use.pgtable, use.slab,
	    use.tasks, switch_instruction());
	return PASSED;
}
