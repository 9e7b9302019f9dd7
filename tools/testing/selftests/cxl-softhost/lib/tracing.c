// SPDX-License-Identifier: GPL-2.0-only
/* Counting from outside: an instance of tracefs. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cpus.h"
#include "tracing.h"

#define TRACEFS "/sys/kernel/tracing"
#define INSTANCE TRACEFS "/instances/cxl-softhost-test"
#define PROBES "softhost_test"
#define BEGIN "softhost-begin"
#define END "softhost-end"

/* Values of enum kvm_mr_change */
#define CHANGE_CREATE "change=0"
#define CHANGE_DELETE "change=1"

static int marker = -1, switch_on = -1;

static void write_file(const char *path, const char *text, int flags)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) {
		test_fail(__FILE__, __LINE__, "%s: '%s': %s", path, text, strerror(errno));
		test_end();
	}
	ASSERT_DONE(close(fd));
}

static char *read_file(const char *path)
{
	size_t length = 0, room = 1 << 16;
	char *text = malloc(room);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t done;

	ASSERT_DONE(fd);
	for (;;) {
		ASSERT_TRUE(text);
		done = ASSERT_DONE(read(fd, text + length, room - length - 1));
		if (done == 0)
			break;
		length += done;
		if (length + 1 == room) {
			room *= 2;
			text = realloc(text, room);
		}
	}
	ASSERT_DONE(close(fd));
	text[length] = '\0';
	return text;
}

static void define_probe(const char *name, const char *function, const char *arguments)
{
	char text[256];

	snprintf(text, sizeof(text), "p:" PROBES "/%s %s %s\n", name, function, arguments);
	write_file(TRACEFS "/kprobe_events", text, O_APPEND);
}

/* Also of an earlier test that was killed. */
static void remove_instance(void)
{
	int fd;

	rmdir(INSTANCE);
	fd = open(TRACEFS "/kprobe_events", O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd >= 0) {
		static const char *const names[] = { "set", "change" };
		unsigned int i;

		for (i = 0; i < ARRAY_SIZE(names); i++) {
			char text[64];

			snprintf(text, sizeof(text), "-:" PROBES "/%s\n", names[i]);
			/* Not there is what we want. */
			(void)!write(fd, text, strlen(text));
		}
		close(fd);
	}
}

void tracing_open(void)
{
	char pid[32];

	if (access(TRACEFS "/events", F_OK))
		ASSERT_DONE(mount("tracefs", TRACEFS, "tracefs", 0, NULL));
	remove_instance();
	ASSERT_DONE(mkdir(INSTANCE, 0700));
	/* One CPU: one order of events. */
	ASSERT_TRUE(cpu_bind(pthread_self(), 0));
	snprintf(pid, sizeof(pid), "%ld", syscall(SYS_gettid));
	write_file(INSTANCE "/tracing_on", "0", 0);
	write_file(INSTANCE "/buffer_size_kb", "4096", 0);
	write_file(INSTANCE "/set_event_pid", pid, 0);
	marker = ASSERT_DONE(open(INSTANCE "/trace_marker", O_WRONLY | O_CLOEXEC));
	switch_on = ASSERT_DONE(open(INSTANCE "/tracing_on", O_WRONLY | O_CLOEXEC));
}

void tracing_close(void)
{
	ASSERT_DONE(close(marker));
	ASSERT_DONE(close(switch_on));
	remove_instance();
}

void tracing_enable(const char *event)
{
	char path[256];

	snprintf(path, sizeof(path), INSTANCE "/events/%s/enable", event);
	write_file(path, "1", 0);
}

void tracing_with_stacks(void)
{
	write_file(INSTANCE "/options/stacktrace", "1", 0);
}

static bool can_trace(const char *function)
{
	char *functions = read_file(TRACEFS "/available_filter_functions");
	char line[128];
	bool found;

	snprintf(line, sizeof(line), "\n%s [kvm]\n", function);
	found = strstr(functions, line);
	free(functions);
	return found;
}

/*
 * KVM's slot setter got and lost underscores over the years; the longer one is
 * the inner one. kvm_arch_commit_memory_region() is what KVM calls of the
 * architecture once a change is made: in a file of its own, so never inlined.
 * Its fourth argument is the kind of change.
 */
void tracing_enable_slots(void)
{
	/* Built in it is in no module's name space */
	const char *kvm = access("/sys/module/kvm/initstate", F_OK) ? "" : "kvm:";
	char function[64];

	snprintf(function, sizeof(function), "%s%s", kvm,
		 can_trace("__kvm_set_memory_region") ? "__kvm_set_memory_region" :
							"kvm_set_memory_region");
	define_probe("set", function, "");
	snprintf(function, sizeof(function), "%skvm_arch_commit_memory_region", kvm);
	define_probe("change", function, "change=%cx:u32");
	tracing_enable(PROBES);
}

void tracing_enable_allocations(void)
{
	tracing_enable("kmem/kmalloc");
	tracing_enable("kmem/kmem_cache_alloc");
	tracing_enable("kmem/mm_page_alloc");
	tracing_with_stacks();
}

static void mark(const char *text)
{
	ASSERT_EQ(strlen(text), write(marker, text, strlen(text)));
}

void tracing_begin(void)
{
	write_file(INSTANCE "/trace", "", O_TRUNC);
	ASSERT_EQ(1, write(switch_on, "1", 1));
	mark(BEGIN);
}

static void add_event(struct trace *trace, char *name, char *fields)
{
	trace->events = realloc(trace->events, (trace->count + 1) * sizeof(*trace->events));
	ASSERT_TRUE(trace->events);
	trace->events[trace->count++] = (struct trace_event){
		.name = strdup(name),
		.fields = strdup(fields),
		.stack = strdup(""),
	};
}

static void add_stack(struct trace *trace, const char *function)
{
	struct trace_event *event = &trace->events[trace->count - 1];
	char *stack;

	ASSERT_TRUE(trace->count);
	ASSERT_TRUE(asprintf(&stack, "%s %s", event->stack, function) > 0);
	free(event->stack);
	event->stack = stack;
	event->through_kvm |= !strncmp(function, "kvm_vm_ioctl", 12);
}

/*
 * "NAME-PID [CPU] FLAGS TIME: EVENT: FIELDS", or of a stack "=> FUNCTION". The
 * third flag is of interrupts, which interrupt whom they like.
 */
static bool parse_line(char *line, char **name, char **fields, bool *interrupt)
{
	char *at = strstr(line, "] ");

	if (!at || strlen(at) < 8)
		return false;
	at += 2;
	*interrupt = at[2] != '.';
	at = strstr(at, ": ");
	if (!at)
		return false;
	*name = at + 2;
	at = strchr(*name, ':');
	if (!at)
		return false;
	*at = '\0';
	*fields = at[1] == ' ' ? at + 2 : at + 1;
	return true;
}

struct trace tracing_end(void)
{
	bool inside = false, ended = false, skip = true;
	struct trace trace = { .count = 0 };
	char *text, *line, *next, *name, *fields;

	mark(END);
	ASSERT_EQ(1, write(switch_on, "0", 1));
	text = read_file(INSTANCE "/trace");
	for (line = strtok_r(text, "\n", &next); line; line = strtok_r(NULL, "\n", &next)) {
		bool interrupt;

		ASSERT_TRUE(!strstr(line, "[LOST "));
		if (!strncmp(line, " => ", 4)) {
			if (inside && !skip)
				add_stack(&trace, line + 4);
			continue;
		}
		if (line[0] == '#' || strstr(line, ": <stack trace>") ||
		    !parse_line(line, &name, &fields, &interrupt))
			continue;
		skip = true;
		if (!strcmp(fields, BEGIN)) {
			inside = true;
		} else if (!strcmp(fields, END)) {
			inside = false;
			ended = true;
		} else if (inside && !interrupt) {
			skip = false;
			add_event(&trace, name, fields);
		}
	}
	free(text);
	/* Nothing was overwritten. */
	ASSERT_TRUE(ended && !inside);
	return trace;
}

void trace_free(struct trace *trace)
{
	unsigned int i;

	for (i = 0; i < trace->count; i++) {
		free(trace->events[i].name);
		free(trace->events[i].fields);
		free(trace->events[i].stack);
	}
	free(trace->events);
	*trace = (struct trace){ .count = 0 };
}

void trace_note(const struct trace *trace)
{
	unsigned int i;

	for (i = 0; i < trace->count && i < 30; i++)
		test_note("  %s: %.80s%s%.200s", trace->events[i].name, trace->events[i].fields,
			  trace->events[i].stack[0] ? " <=" : "", trace->events[i].stack);
}

unsigned int trace_count(const struct trace *trace, const char *name)
{
	unsigned int i, count = 0;

	for (i = 0; i < trace->count; i++)
		count += !strcmp(trace->events[i].name, name);
	return count;
}

const struct trace_event *trace_only(const struct trace *trace, const char *name)
{
	const struct trace_event *found = NULL;
	unsigned int i;

	for (i = 0; i < trace->count; i++)
		if (!strcmp(trace->events[i].name, name))
			found = &trace->events[i];
	if (EXPECT_EQ(1, trace_count(trace, name)))
		return found;
	trace_note(trace);
	return NULL;
}

struct slot_counts trace_slots(const struct trace *trace)
{
	struct slot_counts counts = { .calls = trace_count(trace, "set") };
	unsigned int i;

	for (i = 0; i < trace->count; i++) {
		const struct trace_event *event = &trace->events[i];

		if (strcmp(event->name, "change"))
			continue;
		if (strstr(event->fields, CHANGE_CREATE))
			counts.creations++;
		else if (strstr(event->fields, CHANGE_DELETE))
			counts.deletions++;
		else
			counts.others++;
	}
	return counts;
}

static bool is_allocation(const struct trace_event *event)
{
	return !strcmp(event->name, "kmalloc") || !strcmp(event->name, "kmem_cache_alloc") ||
	       !strcmp(event->name, "mm_page_alloc");
}

unsigned int trace_allocations(const struct trace *trace)
{
	unsigned int i, count = 0;

	for (i = 0; i < trace->count; i++)
		count += is_allocation(&trace->events[i]) && !trace->events[i].through_kvm;
	return count;
}

unsigned int trace_kvm_allocations(const struct trace *trace)
{
	unsigned int i, count = 0;

	for (i = 0; i < trace->count; i++)
		count += is_allocation(&trace->events[i]) && trace->events[i].through_kvm;
	return count;
}
