// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Window access: pieces, misses, straddles.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cxlsofthost/window.h>

#include "fake.h"
#include "tap.h"

#define BASE 0x4000000000ULL
#define SIZE 64

/* Each backend is allocated alone: ASan sees any step beside it */
static uint8_t *backends[3];
static unsigned int lookups;
static bool lookup_nothing;

static void *lookup(void *ctx, uint32_t backend_id, uint64_t cookie,
		    uint64_t offset, uint64_t length)
{
	uint8_t **table = ctx;

	lookups++;
	if (lookup_nothing)
		return NULL;
	if (!backend_id || backend_id > 2 || cookie != backend_id * 100 ||
	    offset > SIZE || length > SIZE - offset)
		abort();
	return table[backend_id] + offset;
}

/* Backend 1 at BASE, backend 2 right after it, then a hole, backend 1 again */
static void scene(struct fake *fake, struct cxlsh_window_access *access)
{
	fake_init(fake);
	fake->ranges[0] = (struct fake_range){ BASE, SIZE, 0, 1, 100, 0 };
	fake->ranges[1] = (struct fake_range){ BASE + SIZE, SIZE, 0, 2, 200, 0 };
	fake->ranges[2] = (struct fake_range){
		BASE + 2 * SIZE, SIZE, CXL_SOFTHOST_REASON_NO_ENDPOINT_DECODER, 0, 0, 0
	};
	fake->ranges[3] = (struct fake_range){ BASE + 3 * SIZE, 16, 0, 1, 100, 48 };
	memset(access, 0, sizeof(*access));
	access->host = &fake->host;
	access->lookup = lookup;
	access->lookup_ctx = backends;
	for (int i = 0; i < SIZE; i++) {
		backends[1][i] = (uint8_t)(0x10 + i);
		backends[2][i] = (uint8_t)(0x80 + i);
	}
	lookup_nothing = false;
}

/* What a byte at @hpa must be, by hand */
static uint8_t *byte_at(uint64_t hpa)
{
	uint64_t at = hpa - BASE;

	if (hpa < BASE)
		return NULL;
	if (at < SIZE)
		return backends[1] + at;
	if (at < 2 * SIZE)
		return backends[2] + at - SIZE;
	if (at >= 3 * SIZE && at < 3 * SIZE + 16)
		return backends[1] + 48 + at - 3 * SIZE;
	return NULL;
}

/* Every position and length over all boundaries, against the bytes one by one */
static void test_all(void)
{
	const uint64_t first = BASE - 20, last = BASE + 3 * SIZE + 36;
	struct cxlsh_window_access access;
	unsigned int bad_reads = 0, bad_writes = 0, bad_neighbours = 0, bad_misses = 0;
	struct fake fake;

	for (uint64_t hpa = first; hpa < last; hpa++) {
		for (size_t len = 1; len <= 33; len++) {
			uint8_t data[40], want[40], before[2][SIZE];
			bool miss = false;

			scene(&fake, &access);
			memset(data, 0xaa, sizeof(data));
			for (size_t i = 0; i < len; i++) {
				want[i] = byte_at(hpa + i) ? *byte_at(hpa + i) : 0xff;
				miss |= !byte_at(hpa + i);
			}
			if (cxlsh_window_read(&access, hpa, data, len) ||
			    memcmp(data, want, len) || data[len] != 0xaa ||
			    access.reads != 1 || access.writes)
				bad_reads++;
			if (access.misses != miss)
				bad_misses++;

			/* Write the complement; apply the same by hand */
			memcpy(before[0], backends[1], SIZE);
			memcpy(before[1], backends[2], SIZE);
			for (size_t i = 0; i < len; i++)
				data[i] = (uint8_t)(i * 37 + 1);
			if (cxlsh_window_write(&access, hpa, data, len) ||
			    access.writes != 1 || access.misses != 2 * (unsigned int)miss)
				bad_writes++;
			for (uint64_t b = BASE; b < BASE + 2 * SIZE; b++) {
				size_t which = b >= BASE + SIZE;
				uint8_t expected = before[which][b - BASE - which * SIZE];

				for (size_t i = 0; i < len; i++)
					if (byte_at(hpa + i) == byte_at(b))
						expected = data[i];
				if (*byte_at(b) != expected)
					bad_neighbours++;
			}
		}
	}
	eq(bad_reads, 0, "reads of 1-33 bytes at every place");
	eq(bad_misses, 0, "misses counted");
	eq(bad_writes, 0, "writes of 1-33 bytes at every place");
	eq(bad_neighbours, 0, "neighbours keep their bytes");
}

static void test_counters(void)
{
	struct cxlsh_window_access access;
	struct fake fake;
	uint8_t data[16];

	scene(&fake, &access);
	lookups = 0;
	eq(cxlsh_window_read(&access, BASE + 8, data, 8), 0, "inside");
	eq(access.misses, 0, "is no miss");
	eq(lookups, 1, "and one lookup");
	eq(fake.count, 1, "and one question");
	cxlsh_window_read(&access, BASE + SIZE - 4, data, 8);
	eq(access.misses, 0, "over a boundary is no miss");
	eq(fake.count, 3, "and two questions");
	cxlsh_window_read(&access, BASE + 2 * SIZE, data, 8);
	eq(access.misses, 1, "a hole is one");
	eq(access.last_miss_reason, CXL_SOFTHOST_REASON_NO_ENDPOINT_DECODER,
	   "with the module's reason");
	cxlsh_window_write(&access, 0x1000, data, 8);
	eq(access.last_miss_reason, CXL_SOFTHOST_REASON_NO_WINDOW, "outside too");
	eq(access.reads, 3, "reads");
	eq(access.writes, 1, "writes");
	cxlsh_window_read(&access, BASE, data, 0);
	eq(access.misses, 2, "an access of nothing misses nothing");

	lookup_nothing = true;
	eq(cxlsh_window_read(&access, BASE, data, 4), 0, "memory that can't be had");
	bytes(data, "\xff\xff\xff\xff", 4, "reads all-ones");
	eq(access.misses, 3, "is a miss");
	eq(access.last_miss_reason, CXL_SOFTHOST_REASON_NONE, "of no reason");
}

static void test_ends(void)
{
	static const uint8_t ones[16] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
					  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	struct cxlsh_window_access access;
	struct fake fake;
	uint8_t data[16];

	scene(&fake, &access);
	/* Nothing above: the hole's length is 0 modulo 2^64 at address 0 */
	memset(fake.ranges, 0, sizeof(fake.ranges));
	memset(data, 0, sizeof(data));
	eq(cxlsh_window_read(&access, 0, data, 16), 0, "a hole as large as everything");
	bytes(data, ones, 16, "is all-ones");
	memset(data, 0, sizeof(data));
	eq(cxlsh_window_read(&access, 0xfffffffffffffff8, data, 16), 0,
	   "over the end of the address space");
	bytes(data, ones, 16, "is all-ones");

	/* A range at 0 must not be reached from the other end */
	fake.ranges[0] = (struct fake_range){ 0, SIZE, 0, 1, 100, 0 };
	eq(cxlsh_window_write(&access, 0xfffffffffffffffc, data, 16), 0,
	   "a write over the end");
	eq(backends[1][0], 0x10, "doesn't come out at 0");
	eq(cxlsh_window_read(&access, 0, data, 4), 0, "address 0");
	bytes(data, backends[1], 4, "can be memory");

	fake.fail_op = FAKE_TRANSLATE;
	fake.fail_after = 1;
	fake.fail_with = -ENODEV;
	scene(&fake, &access);
	fake.fail_op = FAKE_TRANSLATE;
	fake.fail_after = 1;
	fake.fail_with = -ENODEV;
	eq(cxlsh_window_read(&access, BASE + SIZE - 4, data, 8), -ENODEV, "an error midway");
	bytes(data, backends[1] + SIZE - 4, 4, "what came before it is there");
	bytes(data + 4, ones, 4, "the rest is all-ones");
}

int main(void)
{
	backends[1] = malloc(SIZE);
	backends[2] = malloc(SIZE);
	if (!backends[1] || !backends[2])
		return 1;
	test_all();
	test_counters();
	test_ends();
	free(backends[1]);
	free(backends[2]);
	return tap_done();
}
