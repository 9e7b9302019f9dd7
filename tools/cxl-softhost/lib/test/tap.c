// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tap.h"

static unsigned int tap_count, tap_failed;

static void tap_line(bool good, const char *format, va_list args)
{
	tap_count++;
	if (!good)
		tap_failed++;
	printf("%s %u - ", good ? "ok" : "not ok", tap_count);
	vprintf(format, args);
	putchar('\n');
}

void tap_ok(bool good, const char *file, int line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tap_line(good, format, args);
	va_end(args);
	if (!good)
		printf("# %s:%d\n", file, line);
}

void tap_eq(uint64_t got, uint64_t want, const char *file, int line,
	    const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tap_line(got == want, format, args);
	va_end(args);
	if (got != want)
		printf("# %s:%d: got %#" PRIx64 ", want %#" PRIx64 "\n", file, line,
		       got, want);
}

void tap_bytes(const void *got, const void *want, size_t len, const char *file,
	       int line, const char *format, ...)
{
	const uint8_t *g = got, *w = want;
	bool good = !memcmp(got, want, len);
	va_list args;

	va_start(args, format);
	tap_line(good, format, args);
	va_end(args);
	for (size_t i = 0; !good && i < len; i++)
		if (g[i] != w[i])
			printf("# %s:%d: byte %#zx: got %#x, want %#x\n", file, line,
			       i, g[i], w[i]);
}

int tap_done(void)
{
	printf("1..%u\n", tap_count);
	return tap_failed || !tap_count;
}
