/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is written to interleaved memory, and where: the program in the guest and
 * the one beside the VMM work it out each for itself. Nothing here decodes.
 */
#ifndef SCENE_PATTERN_H
#define SCENE_PATTERN_H

#include <stddef.h>
#include <stdint.h>

struct pattern {
	uint64_t first, end;	/* the region, HPA */
	uint64_t granule;
	uint64_t ways;
	uint64_t seed;
};

/* One access of 1, 2, 4 or 8 bytes; some lie over the edge of a granule. */
struct pattern_access {
	uint64_t hpa;
	unsigned int width;
};

/* Who wrote what is to be read: the two don't write the same anywhere. */
enum pattern_writer { PATTERN_GUEST = 1, PATTERN_HOST = 2 };

/*
 * --hpa FIRST-END, --granularity BYTES, --ways N, --seed N. Returns how many
 * words were taken, 0 if it is none of these; exits on a wrong value.
 */
int pattern_option(struct pattern *pattern, char **argv);

/* Do these numbers describe a region that can be tested? */
int pattern_valid(const struct pattern *pattern);

/*
 * The accesses, none of which overlap: on both sides of the edges of the first
 * and last granules of the region, of every way, and of granules at random. The
 * last one lies inside one granule. Exits if there is no memory.
 */
struct pattern_access *pattern_list(const struct pattern *pattern, size_t *count);

uint64_t pattern_value(const struct pattern *pattern, const struct pattern_access *access,
		       enum pattern_writer writer);

#endif
