/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The CPUs of a test: those that the program was started on, which need not be all
 * there are.
 */
#ifndef CXL_SOFTHOST_TEST_CPUS_H
#define CXL_SOFTHOST_TEST_CPUS_H

#include <pthread.h>
#include <stdbool.h>

/* The thread runs on the number-th of them alone, from 0. False if there aren't so many. */
bool cpu_bind(pthread_t thread, unsigned int number);

#endif
