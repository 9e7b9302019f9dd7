// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "log.h"
#include "report.h"

static FILE *report;
static struct timespec started;

bool report_open(const char *file)
{
	clock_gettime(CLOCK_MONOTONIC, &started);
	if (!file)
		return true;
	report = fopen(file, "we");
	if (!report) {
		log_error("can't write %s: %s", file, strerror(errno));
		return false;
	}
	/* Whole lines reach the file at once, whatever happens later. */
	setvbuf(report, NULL, _IOLBF, 0);
	return true;
}

void report_line(const char *format, ...)
{
	char line[1024];
	va_list args;

	if (!report)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	fprintf(report, "%s\n", line);
}

double report_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - started.tv_sec + (now.tv_nsec - started.tv_nsec) / 1e9;
}
