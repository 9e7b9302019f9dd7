// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

/* More of the same helps nobody */
#define NOTES_PER_CASE 12

static char name[256];
static unsigned int count, failed, notes;
/* A check that fails between cases fails the next one */
static bool open_case, good_case, bad_start;

void tap_begin(const char *format, ...)
{
	va_list args;

	if (open_case) {
		fprintf(stderr, "tap: case \"%s\" never ended\n", name);
		abort();
	}
	va_start(args, format);
	vsnprintf(name, sizeof(name), format, args);
	va_end(args);
	/* A '#' would begin a directive */
	if (strchr(name, '#'))
		abort();
	open_case = true;
	good_case = !bad_start;
	bad_start = false;
	notes = 0;
}

void tap_note(const char *format, ...)
{
	va_list args;

	if (notes++ >= NOTES_PER_CASE)
		return;
	printf("# ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

void tap_end(void)
{
	if (!open_case)
		abort();
	open_case = false;
	count++;
	failed += !good_case;
	printf("%s %u - %s\n", good_case ? "ok" : "not ok", count, name);
	fflush(stdout);
}

int tap_done(void)
{
	if (open_case)
		abort();
	printf("1..%u\n", count);
	return failed || !count || bad_start;
}

static void fail(void)
{
	if (open_case)
		good_case = false;
	else
		bad_start = true;
}

static const char *base_name(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash ? slash + 1 : file;
}

bool tap_check(bool good, const char *file, int line, const char *what)
{
	if (good)
		return true;
	fail();
	tap_note("%s:%d: not so: %s", base_name(file), line, what);
	return false;
}

bool tap_check_equal(uint64_t found, uint64_t expected, const char *file, int line,
		     const char *what)
{
	if (found == expected)
		return true;
	fail();
	tap_note("%s:%d: %s is %#" PRIx64 ", expected %#" PRIx64, base_name(file), line, what,
		 found, expected);
	return false;
}
