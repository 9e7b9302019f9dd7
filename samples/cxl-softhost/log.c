// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>

#include "log.h"

bool log_is_verbose;

/* One write a line, as vCPU threads speak too. */
static void log_line(const char *format, va_list args)
{
	char text[1024];

	vsnprintf(text, sizeof(text), format, args);
	fprintf(stderr, "cxlvm: %s\n", text);
}

void log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line(format, args);
	va_end(args);
}

void log_verbose(const char *format, ...)
{
	va_list args;

	if (!log_is_verbose)
		return;
	va_start(args, format);
	log_line(format, args);
	va_end(args);
}
