/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Test Anything Protocol, for programs with one source file. */
#ifndef CXLVM_TAP_H
#define CXLVM_TAP_H

#include <stdbool.h>
#include <stdio.h>

static int tap_count, tap_failed;

static inline void tap_ok(bool ok, const char *name)
{
	tap_count++;
	tap_failed += !ok;
	printf("%sok %d - %s\n", ok ? "" : "not ", tap_count, name);
}

/* The plan comes last; the exit status says whether all went well. */
static inline int tap_end(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed != 0;
}

#endif
