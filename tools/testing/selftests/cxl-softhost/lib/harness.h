/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A test harness in the manner of kselftest: TAP on standard output, one
 * result per TEST(), each run in a child process of its own with a time limit.
 *
 * EXPECT_*() reports and goes on, ASSERT_*() reports and ends the test. Both
 * print what was expected and what was found. The expected value comes first.
 */
#ifndef CXL_SOFTHOST_TEST_HARNESS_H
#define CXL_SOFTHOST_TEST_HARNESS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#endif

void test_register(const char *name, void (*run)(void), unsigned int seconds);

/* TEST - a test that may take a minute */
#define TEST(name) TEST_TIMEOUT(name, 60)

/* TEST_TIMEOUT - a test that is killed, and has failed, after @seconds */
#define TEST_TIMEOUT(name, seconds)					\
	static void name(void);						\
	__attribute__((constructor)) static void register_##name(void)	\
	{								\
		test_register(#name, name, seconds);			\
	}								\
	static void name(void)

/* A line for the reader that is no result: a figure, a remark. */
__attribute__((format(printf, 1, 2))) void test_note(const char *format, ...);

/* Mark the test as failed and say where and why. */
__attribute__((format(printf, 3, 4)))
void test_fail(const char *file, int line, const char *format, ...);

/* End the test with the result it has so far. */
_Noreturn void test_end(void);

/* End the test as skipped; the reason has to be on the list of known skips. */
__attribute__((format(printf, 1, 2))) _Noreturn void test_skip(const char *format, ...);

bool test_has_failed(void);

/* A kernel that looks at every access to memory: everything takes several times as long. */
bool kernel_is_slow(void);

/* What the checks that follow are about: printed with every failure. */
__attribute__((format(printf, 1, 2))) void test_context(const char *format, ...);

bool check_equal(const char *file, int line, uint64_t expected, uint64_t found,
		 const char *expected_text, const char *found_text);
bool check_return(const char *file, int line, long expected, long found,
		  const char *found_text);
bool check_true(const char *file, int line, bool found, const char *text);

#define EXPECT_EQ(expected, found)						\
	check_equal(__FILE__, __LINE__, (uint64_t)(expected), (uint64_t)(found),	\
		    #expected, #found)
#define EXPECT_TRUE(found) check_true(__FILE__, __LINE__, !!(found), #found)
/* EXPECT_RETURN - @found is 0, a positive number or a negative errno */
#define EXPECT_RETURN(expected, found)						\
	check_return(__FILE__, __LINE__, expected, found, #found)

#define ASSERT_EQ(expected, found)						\
	do {									\
		if (!EXPECT_EQ(expected, found))				\
			test_end();						\
	} while (0)
#define ASSERT_TRUE(found)							\
	do {									\
		if (!EXPECT_TRUE(found))					\
			test_end();						\
	} while (0)
#define ASSERT_RETURN(expected, found)						\
	do {									\
		if (!EXPECT_RETURN(expected, found))				\
			test_end();						\
	} while (0)
/* ASSERT_DONE - @found, the result of a C library call, isn't -1 */
#define ASSERT_DONE(found) check_done(__FILE__, __LINE__, (long)(found), #found)
long check_done(const char *file, int line, long found, const char *text);

#endif
