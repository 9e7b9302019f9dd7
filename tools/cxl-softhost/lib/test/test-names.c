// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Names: every constant of the module's header has one, and it is the
 * constant's own. The header itself is the list, so that a new constant without
 * a name fails here.
 */
#define _GNU_SOURCE

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cxlsofthost/host.h>

#include "tap.h"

static void test_enum(const char *header, const char *prefix,
		      const char *(*name_of)(uint32_t))
{
	unsigned int found = 0, highest = 0;
	char line[256];
	FILE *file = fopen(header, "r");

	if (!file) {
		ok(false, "%s can be read", header);
		return;
	}
	while (fgets(line, sizeof(line), file)) {
		char constant[64], lower[64];
		unsigned int value;

		/* Enumerators are alone on their line, behind a tab */
		if (sscanf(line, "\tCXL_SOFTHOST_%63[A-Z0-9_] = %u", constant, &value) != 2 ||
		    strncmp(constant, prefix, strlen(prefix)))
			continue;
		found++;
		if (value > highest)
			highest = value;
		snprintf(lower, sizeof(lower), "%s", constant + strlen(prefix));
		for (char *c = lower; *c; c++)
			*c = (char)tolower((unsigned char)*c);
		ok(!strcmp(name_of(value), lower), "%s is \"%s\"", constant,
		   name_of(value));
	}
	fclose(file);
	ok(found >= 2, "%s*: %u constants found", prefix, found);
	ok(!strcmp(name_of(highest + 1), "unknown"), "%s*: %u is unknown", prefix,
	   highest + 1);
	ok(!strcmp(name_of(~0U), "unknown"), "%s*: -1 is unknown", prefix);
}

static void test_reason_texts(void)
{
	unsigned int texts = 0;

	for (uint32_t r = 0; r < 256; r++) {
		if (!strcmp(cxlsh_reason_name(r), "unknown"))
			continue;
		texts++;
		ok(strlen(cxlsh_reason_text(r)) > 8 &&
		   strcmp(cxlsh_reason_text(r), "unknown"),
		   "%s has a sentence", cxlsh_reason_name(r));
		for (uint32_t other = 0; other < r; other++)
			if (strcmp(cxlsh_reason_text(other), "unknown") &&
			    !strcmp(cxlsh_reason_text(other), cxlsh_reason_text(r)))
				ok(false, "reasons %u and %u differ", other, r);
	}
	ok(texts > 20, "%u reasons have a sentence", texts);
	ok(!strcmp(cxlsh_reason_text(~0U), "unknown"), "no sentence for reason -1");
}

/* The header lists the errors as " *  - ENAME: meaning" */
static void test_errors(const char *header)
{
	unsigned int found = 0;
	char line[256];
	FILE *file = fopen(header, "r");

	if (!file) {
		ok(false, "%s can be read", header);
		return;
	}
	while (fgets(line, sizeof(line), file)) {
		char name[32];
		bool known = false;

		if (sscanf(line, " *  - E%31[A-Z0-9]:", name) != 1)
			continue;
		found++;
		for (int err = 1; err < 134; err++) {
			const char *its = strerrorname_np(err);

			if (!its || strcmp(its + 1, name))
				continue;
			known = strcmp(cxlsh_errno_text(err), "unknown") &&
				!strcmp(cxlsh_errno_text(err), cxlsh_errno_text(-err));
		}
		ok(known, "E%s has a meaning", name);
	}
	fclose(file);
	ok(found > 15, "%u errors found", found);
	ok(!strcmp(cxlsh_errno_text(0), "unknown"), "0 isn't an error");
	ok(!strcmp(cxlsh_errno_text(ENAMETOOLONG), "unknown"), "ENAMETOOLONG is never given");
	ok(!strcmp(cxlsh_errno_text(-2147483647 - 1), "unknown"), "INT_MIN is unknown");
}

static void test_codes(void)
{
	/* From the table of IW codes in the CXL specification */
	static const struct { uint32_t ways; int code; } ways[] = {
		{ 1, 0 }, { 2, 1 }, { 4, 2 }, { 8, 3 }, { 16, 4 }, { 3, 8 },
		{ 6, 9 }, { 12, 10 }
	};
	unsigned int legal = 0;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		eq(cxlsh_encode_ways(ways[i].ways), ways[i].code, "%u ways", ways[i].ways);
	for (uint32_t w = 0; w < 100; w++)
		legal += cxlsh_encode_ways(w) >= 0;
	eq(legal, 8, "no other ways");

	/* From the table of CXIMS entries in the CXL specification */
	static const struct { uint32_t ways; int maps; } maps[] = {
		{ 1, 0 }, { 2, 1 }, { 3, 0 }, { 4, 2 }, { 6, 1 }, { 8, 3 }, { 12, 2 },
		{ 16, 4 }
	};

	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		eq(cxlsh_xor_map_count(maps[i].ways), maps[i].maps, "XOR maps for %u ways",
		   maps[i].ways);
	eq(cxlsh_xor_map_count(0), -EINVAL, "no maps for 0 ways");
	eq(cxlsh_xor_map_count(10), -EINVAL, "no maps for 10 ways");

	for (uint32_t code = 0; code <= 6; code++)
		eq(cxlsh_encode_granularity(256U << code), code, "granularity %u",
		   256U << code);
	legal = 0;
	for (uint32_t g = 0; g < 100000; g++)
		legal += cxlsh_encode_granularity(g) >= 0;
	eq(legal, 7, "no other granularity");
	eq(cxlsh_encode_granularity(32768), -EINVAL, "32 KiB is too much");
}

int main(void)
{
	const char *header = getenv("CXLSH_UAPI");

	if (!header)
		header = "";
	test_enum(header, "OUTCOME_", cxlsh_outcome_name);
	test_enum(header, "REASON_", cxlsh_reason_name);
	test_enum(header, "ENGINE_", cxlsh_engine_name);
	test_enum(header, "POLICY_", cxlsh_policy_name);
	test_enum(header, "ARITHMETIC_", cxlsh_arithmetic_name);
	test_enum(header, "NODE_", cxlsh_node_kind_name);
	test_enum(header, "SEGMENT_", cxlsh_segment_kind_name);
	test_enum(header, "PARTITION_", cxlsh_partition_name);
	test_enum(header, "RECORD_", cxlsh_record_kind_name);
	test_reason_texts();
	test_errors(header);
	test_codes();
	return tap_done();
}
