/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Results in TAP. A case is begun, checked any number of times, and ended; it
 * fails when one check did, in it or before it. Failed checks say what they saw
 * in "#" lines.
 */
#ifndef _SOFTHOST_TEST_TAP_H
#define _SOFTHOST_TEST_TAP_H

#include <stdbool.h>
#include <stdint.h>

void tap_begin(const char *format, ...) __attribute__((format(printf, 1, 2)));
void tap_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
void tap_end(void);

/* Prints the plan. Return: what main() returns */
int tap_done(void);

bool tap_check(bool good, const char *file, int line, const char *what);
bool tap_check_equal(uint64_t found, uint64_t expected, const char *file, int line,
		     const char *what);

/* Both answer whether the check held, so that a loop can end at the first failure */
#define CHECK(condition) tap_check(condition, __FILE__, __LINE__, #condition)
#define CHECK_EQUAL(found, expected) \
	tap_check_equal(found, expected, __FILE__, __LINE__, #found)

#endif /* _SOFTHOST_TEST_TAP_H */
