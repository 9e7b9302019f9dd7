// SPDX-License-Identifier: GPL-2.0-only
/* Fault injection and kmemleak, by way of debugfs and procfs. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "faults.h"

#define DEBUGFS "/sys/kernel/debug"
#define FAIL_FUNCTION DEBUGFS "/fail_function"
#define KMEMLEAK DEBUGFS "/kmemleak"

/* /proc/self/fail-nth: of the first thread, which runs the tests */
static int nth_file = -1;

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) {
		test_fail(__FILE__, __LINE__, "%s: '%s': %s", path, text, strerror(errno));
		test_end();
	}
	ASSERT_DONE(close(fd));
}

static unsigned int read_number(const char *path)
{
	int fd = ASSERT_DONE(open(path, O_RDONLY | O_CLOEXEC));
	char text[32] = "";

	ASSERT_DONE(read(fd, text, sizeof(text) - 1));
	ASSERT_DONE(close(fd));
	return strtoul(text, NULL, 0);
}

void faults_open(void)
{
	static const char *const kinds[] = { "failslab", "fail_page_alloc" };
	char path[128];
	unsigned int i;

	nth_file = open("/proc/self/fail-nth", O_RDWR | O_CLOEXEC);
	if (nth_file < 0 || access(DEBUGFS "/failslab", F_OK) ||
	    access(DEBUGFS "/fail_page_alloc", F_OK))
		test_skip("no fault injection in this kernel");
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		snprintf(path, sizeof(path), DEBUGFS "/%s/ignore-gfp-wait", kinds[i]);
		write_file(path, "N");
		/* Hundreds of forced failures in the log hide what isn't one. */
		snprintf(path, sizeof(path), DEBUGFS "/%s/verbose", kinds[i]);
		write_file(path, "0");
	}
	write_file(DEBUGFS "/fail_page_alloc/ignore-gfp-highmem", "N");
	write_file(DEBUGFS "/fail_page_alloc/min-order", "0");
}

void faults_arm(unsigned int nth)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%u", nth);

	ASSERT_EQ(length, pwrite(nth_file, text, length, 0));
}

unsigned int faults_disarm(void)
{
	char text[16] = "";

	ASSERT_DONE(pread(nth_file, text, sizeof(text) - 1, 0));
	faults_arm(0);
	return strtoul(text, NULL, 10);
}

void faultpoints_open(void)
{
	if (access(FAIL_FUNCTION, F_OK))
		test_skip("no fault injection in this kernel");
	/* Also those of an earlier test that ended early. */
	faultpoints_close();
	write_file(FAIL_FUNCTION "/probability", "100");
	write_file(FAIL_FUNCTION "/interval", "1");
	write_file(FAIL_FUNCTION "/verbose", "0");
	write_file(FAIL_FUNCTION "/task-filter", "Y");
	write_file("/proc/self/make-it-fail", "1");
}

void faultpoints_close(void)
{
	write_file(FAIL_FUNCTION "/times", "0");
	write_file(FAIL_FUNCTION "/inject", " ");
}

void faultpoint_add(const char *function, int error)
{
	char path[128], value[32];

	write_file(FAIL_FUNCTION "/inject", function);
	snprintf(path, sizeof(path), FAIL_FUNCTION "/%s/retval", function);
	snprintf(value, sizeof(value), "%#llx", (unsigned long long)-error);
	write_file(path, value);
}

void faultpoints_arm(unsigned int nth, unsigned int times)
{
	char text[16];

	/* "space" is used up one a call, down to 1. */
	snprintf(text, sizeof(text), "%u", nth);
	write_file(FAIL_FUNCTION "/space", text);
	snprintf(text, sizeof(text), "%u", times);
	write_file(FAIL_FUNCTION "/times", text);
}

unsigned int faultpoints_disarm(void)
{
	unsigned int left = read_number(FAIL_FUNCTION "/times");

	write_file(FAIL_FUNCTION "/times", "0");
	return left;
}

void kmemleak_open(void)
{
	if (access(KMEMLEAK, F_OK))
		test_skip("no kmemleak in this kernel");
}

bool check_leaks(const char *file, int line)
{
	/* An object is reported 5 seconds after its birth, and only unchanged. */
	const unsigned int scans = 2, seconds = 6;
	unsigned int i, leaks = 0;
	char text[256];
	FILE *report;

	for (i = 0; i < scans; i++) {
		sleep(seconds);
		/* EPERM: it gave up, for want of memory for instance. */
		write_file(KMEMLEAK, "scan");
	}
	report = fopen(KMEMLEAK, "r");
	ASSERT_TRUE(report);
	while (fgets(text, sizeof(text), report)) {
		text[strcspn(text, "\n")] = '\0';
		test_note("%s", text);
		leaks += strncmp(text, "unreferenced ", strlen("unreferenced ")) == 0;
	}
	fclose(report);
	if (leaks)
		test_fail(file, line, "kmemleak: %u objects that nothing refers to", leaks);
	return !leaks;
}
