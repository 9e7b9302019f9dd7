// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "pattern.h"

/* Edges of granules, chosen at random: with these, more than 2000 accesses. */
#define RANDOM_EDGES 400

/* Around an edge; the one at -4 lies over it. Less than half of a small granule. */
static const struct {
	int at;
	unsigned int width;
} around[] = {
	{ -24, 8 }, { -16, 4 }, { -10, 2 }, { -7, 1 }, { -4, 8 }, { 4, 1 }, { 6, 2 }, { 8, 4 },
	{ 16, 8 },
};

#define AROUND (sizeof(around) / sizeof(around[0]))

int pattern_option(struct pattern *pattern, char **argv)
{
	const struct {
		const char *name;
		uint64_t *value;
	} numbers[] = {
		{ "--granularity", &pattern->granule },
		{ "--ways", &pattern->ways },
		{ "--seed", &pattern->seed },
	};
	size_t i;
	char *end;

	if (argv[1] && !strcmp(argv[0], "--hpa")) {
		number_parse_range(argv[0], argv[1], &pattern->first, &pattern->end);
		return 2;
	}
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (!argv[1] || strcmp(argv[0], numbers[i].name))
			continue;
		*numbers[i].value = number_parse(argv[0], argv[1], &end);
		if (*end) {
			fprintf(stderr, "%s: '%s' is not a number\n", argv[0], argv[1]);
			exit(2);
		}
		return 2;
	}
	return 0;
}

int pattern_valid(const struct pattern *pattern)
{
	uint64_t size = pattern->end - pattern->first;

	return pattern->end > pattern->first && pattern->granule >= 256 &&
	       pattern->ways >= 1 && pattern->ways <= 16 && !(size % pattern->granule) &&
	       size / pattern->granule >= 2 * RANDOM_EDGES;
}

/* splitmix64 */
static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

/* Those that lie in the region; both ends of it are edges as well. */
static size_t add_edge(const struct pattern *pattern, uint64_t edge, struct pattern_access *to)
{
	size_t count = 0, i;

	for (i = 0; i < AROUND; i++) {
		uint64_t hpa = edge + around[i].at;

		if (hpa < pattern->first || hpa + around[i].width > pattern->end)
			continue;
		to[count].hpa = hpa;
		to[count++].width = around[i].width;
	}
	return count;
}

struct pattern_access *pattern_list(const struct pattern *pattern, size_t *count)
{
	const uint64_t granules = (pattern->end - pattern->first) / pattern->granule;
	const uint64_t near = pattern->ways + 1;
	uint64_t edges[RANDOM_EDGES], state = pattern->seed;
	struct pattern_access *list;
	size_t i, j;

	list = calloc((RANDOM_EDGES + 2 * near) * AROUND, sizeof(*list));
	if (!list) {
		perror("pattern");
		exit(2);
	}
	*count = 0;
	for (i = 0; i < near; i++)
		*count += add_edge(pattern, pattern->first + i * pattern->granule,
				   list + *count);
	for (i = 0; i < near; i++)
		*count += add_edge(pattern, pattern->end - i * pattern->granule, list + *count);
	for (i = 0; i < RANDOM_EDGES;) {
		/* None of those above, and each once */
		state = mix(state);
		edges[i] = near + state % (granules + 1 - 2 * near);
		for (j = 0; j < i && edges[j] != edges[i]; j++)
			;
		if (j < i)
			continue;
		*count += add_edge(pattern, pattern->first + edges[i] * pattern->granule,
				   list + *count);
		i++;
	}
	return list;
}

uint64_t pattern_value(const struct pattern *pattern, const struct pattern_access *access,
		       enum pattern_writer writer)
{
	uint64_t value = mix(mix(pattern->seed * 4 + (uint64_t)writer) ^ access->hpa);

	return access->width == 8 ? value : value & ((1ULL << (8 * access->width)) - 1);
}
