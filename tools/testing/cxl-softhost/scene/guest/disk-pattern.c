// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>

#include "disk-pattern.h"

/* Any mixing will do; neighbours and seeds have nothing in common. */
uint64_t disk_pattern(uint64_t offset, uint64_t seed)
{
	uint64_t value = (offset + seed) * 0x9e3779b97f4a7c15ULL + seed;

	value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
	return value ^ (value >> 27);
}

int disk_compare(const uint64_t *words, uint64_t offset, uint64_t bytes, uint64_t seed)
{
	uint64_t at, wrong = 0;

	for (at = 0; at < bytes; at += sizeof(*words)) {
		uint64_t want = disk_pattern(offset + at, seed);
		uint64_t got = words[at / sizeof(*words)];

		if (got != want && !wrong++)
			printf("at %#" PRIx64 ": %#" PRIx64 ", not %#" PRIx64 "\n", offset + at,
			       got, want);
	}
	if (wrong)
		printf("%" PRIu64 " of %" PRIu64 " words are wrong\n", wrong,
		       bytes / sizeof(*words));
	return wrong ? -1 : 0;
}
