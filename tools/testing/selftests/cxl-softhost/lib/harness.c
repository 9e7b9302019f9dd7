// SPDX-License-Identifier: GPL-2.0-only
/*
 * The test harness: runs every registered test in a child process.
 *
 * A program takes names of tests as arguments, to run these alone.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

enum {
	EXIT_PASSED = 0,
	EXIT_FAILED = 1,
	EXIT_SKIPPED = 4,
};

struct test {
	const char *name;
	void (*run)(void);
	unsigned int seconds;
};

#define MAX_TESTS 128

static struct test tests[MAX_TESTS];
static unsigned int test_count;

/* Of the running test, in its child process. */
static bool failed;
static char context[256];
static unsigned int failures;

/* Why the test was skipped: shared with the child process. */
static char *skip_reason;
#define SKIP_REASON_SIZE 256

/* After so many, more of the same only hide the first. */
#define MAX_FAILURES_SHOWN 20

void test_register(const char *name, void (*run)(void), unsigned int seconds)
{
	if (test_count == MAX_TESTS) {
		fprintf(stderr, "more than %d tests\n", MAX_TESTS);
		exit(EXIT_FAILED);
	}
	tests[test_count++] = (struct test){ .name = name, .run = run, .seconds = seconds };
}

void test_note(const char *format, ...)
{
	va_list args;

	printf("# ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
}

static bool show_failure(const char *file, int line)
{
	failed = true;
	failures++;
	if (failures > MAX_FAILURES_SHOWN) {
		if (failures == MAX_FAILURES_SHOWN + 1)
			test_note("and more of it, not shown");
		return false;
	}
	printf("# %s:%d: ", file, line);
	if (context[0])
		printf("[%s] ", context);
	return true;
}

void test_fail(const char *file, int line, const char *format, ...)
{
	va_list args;

	if (!show_failure(file, line))
		return;
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
}

_Noreturn void test_end(void)
{
	fflush(stdout);
	_exit(failed ? EXIT_FAILED : EXIT_PASSED);
}

_Noreturn void test_skip(const char *format, ...)
{
	va_list args;

	/* What failed before the reason to skip was found has failed. */
	if (failed)
		test_end();
	va_start(args, format);
	vsnprintf(skip_reason, SKIP_REASON_SIZE, format, args);
	va_end(args);
	fflush(stdout);
	_exit(EXIT_SKIPPED);
}

bool test_has_failed(void)
{
	return failed;
}

void test_context(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(context, sizeof(context), format, args);
	va_end(args);
}

bool check_equal(const char *file, int line, uint64_t expected, uint64_t found,
		 const char *expected_text, const char *found_text)
{
	if (expected == found)
		return true;
	if (show_failure(file, line)) {
		printf("%s: expected %#llx (%s), found %#llx\n", found_text,
		       (unsigned long long)expected, expected_text, (unsigned long long)found);
		fflush(stdout);
	}
	return false;
}

static const char *return_text(long value, char *buffer, size_t size)
{
	const char *name = value < 0 ? strerrorname_np(-value) : NULL;

	if (name)
		snprintf(buffer, size, "-%s", name);
	else
		snprintf(buffer, size, "%ld", value);
	return buffer;
}

bool check_return(const char *file, int line, long expected, long found, const char *found_text)
{
	char expected_name[32], found_name[32];

	if (expected == found)
		return true;
	if (show_failure(file, line)) {
		printf("%s: expected %s, found %s\n", found_text,
		       return_text(expected, expected_name, sizeof(expected_name)),
		       return_text(found, found_name, sizeof(found_name)));
		fflush(stdout);
	}
	return false;
}

bool check_true(const char *file, int line, bool found, const char *text)
{
	if (!found)
		test_fail(file, line, "not true: %s", text);
	return found;
}

long check_done(const char *file, int line, long found, const char *text)
{
	if (found == -1) {
		test_fail(file, line, "%s: %s", text, strerror(errno));
		test_end();
	}
	return found;
}

bool kernel_is_slow(void)
{
	return access("/sys/kernel/debug/kmemleak", F_OK) == 0 ||
	       access("/sys/kernel/debug/kcsan", F_OK) == 0;
}

static unsigned int limit(const struct test *test)
{
	return (kernel_is_slow() ? 8 : 1) * test->seconds;
}

static int run_child(const struct test *test)
{
	pid_t parent = getpid(), child;
	int status;

	fflush(stdout);
	child = fork();
	if (child < 0)
		return EXIT_FAILED;
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(EXIT_FAILED);
		/* What a test leaves running is killed with it. */
		setpgid(0, 0);
		alarm(limit(test));
		test->run();
		test_end();
	}
	if (waitpid(child, &status, 0) != child)
		return EXIT_FAILED;
	kill(-child, SIGKILL);
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	if (WTERMSIG(status) == SIGALRM)
		test_note("%s: no end after %u seconds", test->name, limit(test));
	else
		test_note("%s: killed by %s", test->name, strsignal(WTERMSIG(status)));
	return EXIT_FAILED;
}

static bool selected(const struct test *test, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (strcmp(argv[i], test->name) == 0)
			return true;
	return argc <= 1;
}

int main(int argc, char **argv)
{
	unsigned int i, number = 0, count = 0, not_ok = 0;

	for (i = 0; i < test_count; i++)
		count += selected(&tests[i], argc, argv);
	if (count == 0) {
		fprintf(stderr, "no test of that name\n");
		return EXIT_FAILED;
	}
	skip_reason = mmap(NULL, SKIP_REASON_SIZE, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (skip_reason == MAP_FAILED)
		return EXIT_FAILED;
	printf("TAP version 13\n1..%u\n", count);
	for (i = 0; i < test_count; i++) {
		int result;

		if (!selected(&tests[i], argc, argv))
			continue;
		result = run_child(&tests[i]);
		printf("%s %u %s", result == EXIT_PASSED || result == EXIT_SKIPPED ? "ok" :
		       "not ok", ++number, tests[i].name);
		if (result == EXIT_SKIPPED)
			printf(" # SKIP %s", skip_reason);
		printf("\n");
		fflush(stdout);
		not_ok += result != EXIT_PASSED && result != EXIT_SKIPPED;
	}
	return not_ok ? EXIT_FAILED : EXIT_PASSED;
}
