// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Marks in what the guest prints. */
#include <string.h>

#include "console.h"
#include "tap.h"

static char marks[1024];

static void on_mark(void *opaque, const char *name)
{
	(void)opaque;
	strcat(marks, name);
	strcat(marks, ",");
}

static void marked(const char *text, const char *wanted)
{
	struct console console;
	bool ok;

	marks[0] = '\0';
	ok = console_init(&console, "/dev/null", on_mark, NULL);
	for (const char *c = text; ok && *c; c++)
		console_put(&console, *c);
	console_flush(&console);
	ok = ok && !strcmp(marks, wanted);
	tap_ok(ok, wanted[0] ? wanted : "no mark");
	if (!ok)
		printf("# got \"%s\"\n", marks);
}

int main(void)
{
	char line[2 * CONSOLE_LINE + 32];

	marked("CXLVM-MARK online\r\n", "online,");
	marked("[   12.3] init: CXLVM-MARK step-2.a_b: done\n", "step-2.a_b,");
	marked("CXLVM-MARK one\nCXLVM-MARK two\n", "one,two,");
	marked("CXLVM-MARK unfinished", "");
	marked("CXLVM-MARK \n", "");
	marked("CXLVM-MARKS x\nCXLVM-mark y\n\n", "");
	marked("CXLVM-MARK CXLVM-MARK\n", "CXLVM-MARK,");

	memset(line, 'x', 2 * CONSOLE_LINE);
	strcpy(line + 2 * CONSOLE_LINE, "\nCXLVM-MARK after\n");
	marked(line, "after,");
	return tap_end();
}
