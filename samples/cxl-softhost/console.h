/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the guest prints: buffered, written out, and searched for marks. */
#ifndef CXLVM_CONSOLE_H
#define CXLVM_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

/* A line of the guest that contains this word and a name is a mark. */
#define CONSOLE_MARK "CXLVM-MARK "
#define CONSOLE_LINE 256

struct console {
	int fd;
	size_t pending;			/* bytes in out */
	char out[CONSOLE_LINE];
	size_t length;			/* of the line so far */
	char line[CONSOLE_LINE];
	void (*on_mark)(void *opaque, const char *name);
	void *opaque;
};

/* Standard output if @file is NULL. */
bool console_init(struct console *console, const char *file,
		  void (*on_mark)(void *opaque, const char *name), void *opaque);
void console_put(struct console *console, char c);
void console_flush(struct console *console);

#endif
