/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel's fault injection makes fail, for this thread alone: the n-th
 * allocation, or calls of functions marked with ALLOW_ERROR_INJECTION(). And
 * what kmemleak finds afterwards.
 */
#ifndef CXL_SOFTHOST_TEST_FAULTS_H
#define CXL_SOFTHOST_TEST_FAULTS_H

#include "harness.h"

/* Of any kind, in any context that may sleep. Skips the test without failslab. */
void faults_open(void);
/* The @nth allocation from now on fails, once; 0 for none. */
void faults_arm(unsigned int nth);
/* No more failures. How many allocations were still to come: 0 if it failed. */
unsigned int faults_disarm(void);

/* Skips the test without fail_function. */
void faultpoints_open(void);
void faultpoints_close(void);
/* Calls of @function can fail, with @error; can be repeated for others. */
void faultpoint_add(const char *function, int error);
/* Of the calls of all of these the @nth fails and those that follow, @times in all. */
void faultpoints_arm(unsigned int nth, unsigned int times);
/* No more failures. How many were still to come. */
unsigned int faultpoints_disarm(void);

/*
 * Objects that nothing refers to any more fail the test, with their backtrace.
 * Takes some seconds. Skips the test without kmemleak.
 */
void kmemleak_open(void);
bool check_leaks(const char *file, int line);
#define EXPECT_NO_LEAKS() check_leaks(__FILE__, __LINE__)

#endif
