/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Results in the Test Anything Protocol, one line a check.
 */
#ifndef CXLSOFTHOST_TEST_TAP_H
#define CXLSOFTHOST_TEST_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void tap_ok(bool ok, const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void tap_eq(uint64_t got, uint64_t want, const char *file, int line,
	    const char *format, ...) __attribute__((format(printf, 5, 6)));
void tap_bytes(const void *got, const void *want, size_t len, const char *file,
	       int line, const char *format, ...)
	__attribute__((format(printf, 6, 7)));
/* Print the plan; return the exit status */
int tap_done(void);

/* The last arguments name the check, printf-like */
#define ok(cond, ...) tap_ok(cond, __FILE__, __LINE__, __VA_ARGS__)
#define eq(got, want, ...) \
	tap_eq((uint64_t)(got), (uint64_t)(want), __FILE__, __LINE__, __VA_ARGS__)
#define bytes(got, want, len, ...) \
	tap_bytes(got, want, len, __FILE__, __LINE__, __VA_ARGS__)

#endif /* CXLSOFTHOST_TEST_TAP_H */
