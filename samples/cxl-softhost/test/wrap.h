/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * pread() as the linker's --wrap=pread has it: the code under test calls the test's
 * __wrap_pread(), where things can happen in the middle of a request.
 */
#ifndef CXLVM_WRAP_H
#define CXLVM_WRAP_H

#include <sys/types.h>

ssize_t __real_pread(int fd, void *to, size_t size, off_t offset);
ssize_t __wrap_pread(int fd, void *to, size_t size, off_t offset);

#endif
