// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "console.h"
#include "log.h"

bool console_init(struct console *console, const char *file,
		  void (*on_mark)(void *opaque, const char *name), void *opaque)
{
	console->fd = STDOUT_FILENO;
	console->pending = 0;
	console->length = 0;
	console->on_mark = on_mark;
	console->opaque = opaque;
	if (!file)
		return true;
	console->fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (console->fd < 0)
		log_error("can't write %s: %s", file, strerror(errno));
	return console->fd >= 0;
}

void console_flush(struct console *console)
{
	const char *at = console->out;

	while (console->pending) {
		ssize_t done = write(console->fd, at, console->pending);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			break;	/* nobody reads it any more: not the guest's fault */
		at += done;
		console->pending -= done;
	}
	console->pending = 0;
}

/* The name is a word of letters, digits, '-', '_' and '.'. */
static void find_mark(struct console *console)
{
	char *name, *end;

	console->line[console->length] = '\0';
	name = strstr(console->line, CONSOLE_MARK);
	if (!name)
		return;
	name += strlen(CONSOLE_MARK);
	end = name;
	while (*end && (isalnum((unsigned char)*end) || strchr("-_.", *end)))
		end++;
	*end = '\0';
	if (*name)
		console->on_mark(console->opaque, name);
}

void console_put(struct console *console, char c)
{
	console->out[console->pending++] = c;
	if (c == '\n' || console->pending == sizeof(console->out))
		console_flush(console);

	if (c != '\n') {
		if (console->length < sizeof(console->line) - 1)
			console->line[console->length++] = c;
		return;
	}
	find_mark(console);
	console->length = 0;
}
