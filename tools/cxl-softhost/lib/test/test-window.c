// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Window access: pieces, misses, straddles; interleaved memory.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cxlsofthost/window.h>

#include "fake.h"
#include "tap.h"

#define BASE 0x4000000000ULL
#define SIZE 64

/* The interleaved part: it fills backends 2, 3 and 4 */
#define GRANULE 16
#define WAYS 3

/* Each backend is allocated alone: ASan sees any step beside it */
static uint8_t *backends[5];
static unsigned int lookups;
static bool lookup_nothing;

static void *lookup(void *ctx, uint32_t backend_id, uint64_t cookie,
		    uint64_t offset, uint64_t length)
{
	uint8_t **table = ctx;

	lookups++;
	if (lookup_nothing)
		return NULL;
	if (!backend_id || backend_id > 4 || cookie != backend_id * 100 ||
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

/*
 * Backend 1 linearly, then three backends by granules, then backend 1 again: what
 * a window can have beside each other. The window ends there.
 */
static void interleaved_scene(struct fake *fake, struct cxlsh_window_access *access)
{
	scene(fake, access);
	memset(fake->ranges, 0, sizeof(fake->ranges));
	fake->ranges[0] = (struct fake_range){ BASE, 32, 0, 1, 100, 0 };
	fake->interleave = (struct fake_interleave){
		.hpa = BASE + 32, .length = WAYS * SIZE, .granule = GRANULE,
		.ways = WAYS, .first_backend = 2,
	};
	fake->ranges[1] = (struct fake_range){ BASE + 32 + WAYS * SIZE, 32, 0, 1, 100, 32 };
	for (int i = 0; i < SIZE; i++) {
		backends[3][i] = (uint8_t)(0xc0 ^ i);
		backends[4][i] = (uint8_t)(0x3f ^ i);
	}
}

/* What a byte at @hpa of that must be, by hand; way @silent doesn't answer */
static uint8_t *interleaved_byte(uint64_t hpa, int silent)
{
	static const int way[] = { 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2 };
	static const int row[] = { 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3 };
	uint64_t at = hpa - BASE;

	if (hpa < BASE || at >= 64 + WAYS * SIZE)
		return NULL;
	if (at < 32)
		return backends[1] + at;
	at -= 32;
	if (at >= WAYS * SIZE)
		return backends[1] + 32 + at - WAYS * SIZE;
	if (way[at / GRANULE] == silent)
		return NULL;
	return backends[2 + way[at / GRANULE]] + row[at / GRANULE] * GRANULE + at % GRANULE;
}

/* The same bytes by hand: a write, and what may have changed by it */
static bool interleaved_write(struct fake *fake, struct cxlsh_window_access *access,
			      uint64_t hpa, size_t len, int silent)
{
	uint8_t data[80], want[5][SIZE];
	bool good;

	for (int b = 1; b <= 4; b++)
		memcpy(want[b], backends[b], SIZE);
	for (size_t i = 0; i < len; i++) {
		uint8_t *byte = interleaved_byte(hpa + i, silent);

		data[i] = (uint8_t)(i * 37 + 1);
		for (int b = 1; byte && b <= 4; b++)
			if (byte >= backends[b] && byte < backends[b] + SIZE)
				want[b][byte - backends[b]] = data[i];
	}
	fake_forget(fake);
	good = !cxlsh_window_write(access, hpa, data, len);
	for (int b = 1; b <= 4; b++)
		good &= !memcmp(want[b], backends[b], SIZE);
	return good;
}

/* Every position and length over all boundaries, with all ways and with one less */
static void test_interleaved(void)
{
	const uint64_t first = BASE - 20, last = BASE + 64 + WAYS * SIZE + 20;
	struct cxlsh_window_access access;
	unsigned int bad_reads = 0, bad_writes = 0, bad_misses = 0, bad_pieces = 0;
	struct fake fake;

	for (int silent = -1; silent < WAYS; silent++) {
		for (uint64_t hpa = first; hpa < last; hpa++) {
			for (size_t len = 1; len <= 66; len = len < 9 ? len + 1 : len + 19) {
				uint8_t data[80], want[80];
				unsigned int pieces = 1;
				bool miss = false;

				interleaved_scene(&fake, &access);
				if (silent >= 0)
					fake.interleave.silent = 1U << silent;
				fake.interleave.reason = CXL_SOFTHOST_REASON_MEDIA_DISABLED;
				memset(data, 0xaa, sizeof(data));
				for (size_t i = 0; i < len; i++) {
					uint8_t *byte = interleaved_byte(hpa + i, silent);
					uint64_t at = hpa + i - BASE;

					want[i] = byte ? *byte : 0xff;
					miss |= !byte;
					/* Boundaries: of ranges, and of granules between */
					pieces += i && at <= 64 + WAYS * SIZE &&
						  !(at % GRANULE) && at != 16 &&
						  at != 48 + WAYS * SIZE;
				}
				if (cxlsh_window_read(&access, hpa, data, len) ||
				    memcmp(data, want, len) || data[len] != 0xaa)
					bad_reads++;
				if (access.misses != miss)
					bad_misses++;
				if (fake.count != pieces)
					bad_pieces++;
				if (!interleaved_write(&fake, &access, hpa, len, silent))
					bad_writes++;
			}
		}
	}
	eq(bad_reads, 0, "interleaved: reads of 1-9 bytes and more at every place");
	eq(bad_misses, 0, "interleaved: misses counted");
	eq(bad_pieces, 0, "interleaved: one question for each piece, no more");
	eq(bad_writes, 0, "interleaved: writes reach their bytes, and no others");
}

/* One access of a guest over the edge of a granule: two memories, by name */
static void test_straddle(void)
{
	const uint64_t edge = BASE + 32 + GRANULE;
	struct cxlsh_window_access access;
	struct fake fake;
	uint8_t data[8];

	for (unsigned int before = 1; before < 8; before++) {
		interleaved_scene(&fake, &access);
		lookups = 0;
		eq(cxlsh_window_read(&access, edge - before, data, 8), 0,
		   "8 bytes, %u of them before a granule's end", before);
		bytes(data, backends[2] + GRANULE - before, before, "come from one device");
		bytes(data + before, backends[3], 8 - before, "and from the next");
		eq(lookups, 2, "in two pieces");
		eq(access.misses, 0, "without a miss");
	}
	interleaved_scene(&fake, &access);
	fake.interleave.silent = 2;
	fake.interleave.reason = CXL_SOFTHOST_REASON_MEM_DISABLED;
	eq(cxlsh_window_write(&access, edge - 4, "\1\2\3\4\5\6\7\10", 8), 0,
	   "over the edge to a way that doesn't answer");
	bytes(backends[2] + GRANULE - 4, "\1\2\3\4", 4, "what answers is written");
	eq(backends[3][0], 0xc0, "the rest is dropped");
	eq(access.last_miss_reason, CXL_SOFTHOST_REASON_MEM_DISABLED, "with its reason");
	cxlsh_window_read(&access, edge - 4, data, 8);
	bytes(data, "\1\2\3\4\xff\xff\xff\xff", 8, "and reads all-ones");
}

int main(void)
{
	for (int i = 1; i <= 4; i++) {
		backends[i] = malloc(SIZE);
		if (!backends[i])
			return 1;
	}
	test_all();
	test_counters();
	test_ends();
	test_interleaved();
	test_straddle();
	for (int i = 1; i <= 4; i++)
		free(backends[i]);
	return tap_done();
}
