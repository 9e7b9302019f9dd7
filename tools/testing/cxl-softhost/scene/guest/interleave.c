// SPDX-License-Identifier: GPL-2.0-only
/*
 * cxl-interleave: writes a pattern to a device-dax device by HPA, or waits until
 * the host has written its own to the devices behind it, and reads that; or reads
 * what an earlier guest has written.
 *
 * Where memory is interleaved nothing is mapped: each access is one that KVM
 * emulates. So it is one plain MOV of 1, 2, 4 or 8 bytes, aligned or not.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../pattern.h"
#include "place.h"

static struct pattern pattern;
static struct place place = { .node = -1 };
static int anywhere;
static enum pattern_writer writer = PATTERN_HOST;
static unsigned int wait_seconds;

static void store(volatile void *at, unsigned int width, uint64_t value)
{
	switch (width) {
	case 1:
		__asm__ volatile("movb %b1, (%0)" : : "r"(at), "q"(value) : "memory");
		break;
	case 2:
		__asm__ volatile("movw %w1, (%0)" : : "r"(at), "r"(value) : "memory");
		break;
	case 4:
		__asm__ volatile("movl %k1, (%0)" : : "r"(at), "r"(value) : "memory");
		break;
	default:
		__asm__ volatile("movq %1, (%0)" : : "r"(at), "r"(value) : "memory");
		break;
	}
}

static uint64_t load(const volatile void *at, unsigned int width)
{
	uint64_t value = 0;

	switch (width) {
	case 1:
		__asm__ volatile("movb (%1), %b0" : "+q"(value) : "r"(at) : "memory");
		break;
	case 2:
		__asm__ volatile("movw (%1), %w0" : "+r"(value) : "r"(at) : "memory");
		break;
	case 4:
		__asm__ volatile("movl (%1), %k0" : "=r"(value) : "r"(at) : "memory");
		break;
	default:
		__asm__ volatile("movq (%1), %0" : "=r"(value) : "r"(at) : "memory");
		break;
	}
	return value;
}

/* What was touched is where the pattern says: -1 and a message if not. */
static int check_place(const char *base, const struct pattern_access *access)
{
	const char *at = base + (access->hpa - pattern.first);
	uint64_t hpa = place_physical(at), last = place_physical(at + access->width - 1);

	if (anywhere || (hpa == access->hpa && last == access->hpa + access->width - 1))
		return 0;
	printf("HPA %#" PRIx64 " is at %#" PRIx64 " and %#" PRIx64 "\n", access->hpa, hpa, last);
	return -1;
}

static int write_all(char *base, const struct pattern_access *list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		store(base + (list[i].hpa - pattern.first), list[i].width,
		      pattern_value(&pattern, &list[i], PATTERN_GUEST));
		if (check_place(base, &list[i]))
			return 1;
	}
	printf("%zu accesses written\n", count);
	return 0;
}

/* The host writes the last one last. */
static int wait_for_host(const char *base, const struct pattern_access *last)
{
	const struct timespec tenth = { .tv_nsec = 100000000 };
	uint64_t want = pattern_value(&pattern, last, PATTERN_HOST), got;
	unsigned int tries;

	for (tries = 0; tries <= 10 * wait_seconds; tries++) {
		got = load(base + (last->hpa - pattern.first), last->width);
		if (got == want)
			return 0;
		nanosleep(&tenth, NULL);
	}
	printf("the host's bytes don't come: HPA %#" PRIx64 " has %#" PRIx64 ", not %#" PRIx64 "\n",
	       last->hpa, got, want);
	return -1;
}

static int read_all(const char *base, const struct pattern_access *list, size_t count)
{
	size_t i, wrong = 0;

	if (writer == PATTERN_HOST && wait_for_host(base, &list[count - 1]))
		return 1;
	for (i = 0; i < count; i++) {
		uint64_t want = pattern_value(&pattern, &list[i], writer);
		uint64_t got = load(base + (list[i].hpa - pattern.first), list[i].width);

		if (check_place(base, &list[i]))
			return 1;
		if (got == want)
			continue;
		if (!wrong++)
			printf("HPA %#" PRIx64 ", %u bytes: %#" PRIx64 ", not %#" PRIx64 "\n",
			       list[i].hpa, list[i].width, got, want);
	}
	if (wrong)
		printf("%zu of %zu accesses read something else\n", wrong, count);
	else
		printf("%zu accesses read\n", count);
	return wrong != 0;
}

static int usage(void)
{
	fputs("usage: cxl-interleave write|read --dax FILE --hpa FIRST-END --granularity BYTES\n"
	      "                      --ways N --seed N [--wait SECONDS | --own] [--anywhere]\n"
	      "  --wait      for the host, before reading\n"
	      "  --own       read what a guest wrote, not the host\n"
	      "  --anywhere  don't ask where FILE is in physical memory\n", stderr);
	return 2;
}

int main(int argc, char **argv)
{
	struct pattern_access *list;
	int reads, taken, status;
	size_t count;
	char *base;

	if (argc < 2 || (strcmp(argv[1], "read") && strcmp(argv[1], "write")))
		return usage();
	reads = !strcmp(argv[1], "read");
	for (argv += 2; *argv; argv += taken) {
		taken = pattern_option(&pattern, argv);
		if (!taken)
			taken = place_option(&place, argv);
		if (taken)
			continue;
		taken = 1;
		if (!strcmp(argv[0], "--anywhere")) {
			anywhere = 1;
		} else if (!strcmp(argv[0], "--own")) {
			writer = PATTERN_GUEST;
		} else if (!strcmp(argv[0], "--wait") && argv[1]) {
			wait_seconds = (unsigned int)atoi(argv[1]);
			taken = 2;
		} else {
			return usage();
		}
	}
	if (!place.dax || !pattern_valid(&pattern))
		return usage();
	base = place_map(&place, pattern.end - pattern.first, PAGES_ANY, 1);
	if (!base) {
		printf("%s can't be mapped: %s\n", place.dax, strerror(errno));
		return 1;
	}
	list = pattern_list(&pattern, &count);
	status = reads ? read_all(base, list, count) : write_all(base, list, count);
	free(list);
	return status;
}
