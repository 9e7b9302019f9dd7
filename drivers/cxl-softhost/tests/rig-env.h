/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the shared part of the tests takes from where it runs. The rig, the
 * tables and their checks are compiled twice: into KUnit suites, and into the
 * userspace tests of core/ in tools/testing/cxl-softhost/core.
 */
#ifndef _SOFTHOST_TEST_RIG_ENV_H
#define _SOFTHOST_TEST_RIG_ENV_H

#ifdef __KERNEL__

#include <linux/array_size.h>
#include <linux/compiler.h>
#include <linux/types.h>

/* Both answer whether the check held, so that a loop can end at the first failure */
bool rig_check(bool good, const char *file, int line, const char *what);
bool rig_check_equal(u64 found, u64 expected, const char *file, int line, const char *what);
__printf(1, 2) void rig_note(const char *format, ...);

#define CHECK(condition) rig_check(condition, __FILE__, __LINE__, #condition)
#define CHECK_EQUAL(found, expected) \
	rig_check_equal(found, expected, __FILE__, __LINE__, #found)

/* Zeroed; what isn't released goes with the test */
void *rig_alloc(size_t size);
void rig_release(const void *memory);

#else

#include <stdlib.h>

#include "tap.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define rig_note tap_note
#define rig_release free

static inline void *rig_alloc(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		abort();
	return memory;
}

#endif

#endif /* _SOFTHOST_TEST_RIG_ENV_H */
