/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers that are the same in every run that begins with the same state. */
#ifndef CXL_SOFTHOST_TEST_RANDOM_H
#define CXL_SOFTHOST_TEST_RANDOM_H

#include <stdint.h>

/* 0 to @limit - 1; @state isn't 0 */
static inline uint32_t random_from(uint64_t *state, uint32_t limit)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (*state >> 20) % limit;
}

/* A state for each of several that begin with one seed. */
static inline uint64_t random_seed(uint64_t seed, uint64_t number)
{
	uint64_t state = (seed + 1) * 0x9e3779b97f4a7c15ULL ^ (number + 1) * 0xbf58476d1ce4e5b9ULL;

	return state ?: 1;
}

#endif
