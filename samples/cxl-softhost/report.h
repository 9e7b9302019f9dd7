/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* --report: a file of lines, each a record of key=value words. */
#ifndef CXLVM_REPORT_H
#define CXLVM_REPORT_H

#include <stdbool.h>

/* Without a file, report_line() does nothing. */
bool report_open(const char *file);
void report_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Seconds since report_open(). */
double report_seconds(void);

#endif
