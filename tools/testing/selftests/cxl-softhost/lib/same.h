/* SPDX-License-Identifier: GPL-2.0-only */
/* For checks of what the module says about an address. */
#ifndef CXL_SOFTHOST_TEST_SAME_H
#define CXL_SOFTHOST_TEST_SAME_H

#include "harness.h"

/*
 * Compare one field; the address is in the message, and the check ends if they
 * differ. Of the function around it this takes @file, @line and @hpa.
 */
#define SAME(wanted, is)								\
	do {										\
		if ((uint64_t)(wanted) != (uint64_t)(is)) {				\
			test_fail(file, line, "at %#llx: " #is ": expected %#llx, found %#llx",	\
				  (unsigned long long)hpa, (unsigned long long)(wanted),	\
				  (unsigned long long)(is));				\
			return false;							\
		}									\
	} while (0)

#endif
