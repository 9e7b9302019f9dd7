// SPDX-License-Identifier: GPL-2.0-only
/* The shared part of the tests in KUnit; in userspace this is TAP. */
#include <kunit/test-bug.h>
#include <kunit/test.h>

#include "rig-env.h"

bool rig_check(bool good, const char *file, int line, const char *what)
{
	if (!good)
		KUNIT_FAIL(kunit_get_current_test(), "%s:%d: not true: %s", file, line, what);
	return good;
}

bool rig_check_equal(u64 found, u64 expected, const char *file, int line, const char *what)
{
	if (found != expected)
		KUNIT_FAIL(kunit_get_current_test(), "%s:%d: %s is %#llx, expected %#llx",
			   file, line, what, found, expected);
	return found == expected;
}

void rig_note(const char *format, ...)
{
	struct va_format note = { .fmt = format };
	va_list args;

	va_start(args, format);
	note.va = &args;
	kunit_err(kunit_get_current_test(), "%pV\n", &note);
	va_end(args);
}

void *rig_alloc(size_t size)
{
	struct kunit *test = kunit_get_current_test();
	void *memory = kunit_kzalloc(test, size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, memory);
	return memory;
}

void rig_release(const void *memory)
{
	kunit_kfree(kunit_get_current_test(), memory);
}
