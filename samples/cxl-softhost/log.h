/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Messages of cxlvm itself, on standard error; standard output is the guest's. */
#ifndef CXLVM_LOG_H
#define CXLVM_LOG_H

#include <stdbool.h>

extern bool log_is_verbose;

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_verbose(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
