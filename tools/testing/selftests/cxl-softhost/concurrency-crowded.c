// SPDX-License-Identifier: GPL-2.0-only
/*
 * Readers of a big map, while one store changes it at both of its ends: long
 * copies that are overtaken, and have to be made again.
 */
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "fixture.h"

#define SECONDS 3
#define PORTS 15
#define REGIONS 16		/* of 20 units: a bridge decoder each */
#define REGION_UNITS 20
#define DECODERS 10
#define MAX_SEGMENTS 1024

enum { OFF, ON, STATES };

struct bed {
	struct host host;
	uint32_t id;		/* of device 0, which has both ends */
	struct map legal[STATES];
	struct cxl_softhost_translate last[STATES];
	bool stop;
};

struct reader {
	struct bed *bed;
	pthread_t thread;
	struct cxl_softhost_segment segments[MAX_SEGMENTS];
	uint64_t seen[STATES];
	uint64_t mixed;
	uint64_t changed;	/* another answer with the same generation */
};

static uint64_t region_base(unsigned int region)
{
	return WINDOW_HPA + region * REGION_UNITS * UNIT;
}

/* Units of memory and of nothing take turns. */
static void commit_half(struct host *host, unsigned int endpoint, unsigned int first,
			unsigned int count, uint64_t base)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		ASSERT_RESULT(COMMITTED, NONE, host_commit(host, endpoint, first + i,
							   base + 2 * i * UNIT, UNIT));
}

static struct cxl_softhost_result set_enable(struct bed *bed, unsigned int state)
{
	return reg_write(bed->host.fd, bed->id, HDM_GLOBAL, 4, state ? HDM_GLOBAL_ENABLE : 0);
}

static void bed_create(struct bed *bed)
{
	struct host *host = &bed->host;
	unsigned int i, state;

	*bed = (struct bed){ .stop = false };
	host_create(host, &(struct host_config){
		.windows[0] = { WINDOW_HPA, REGIONS * REGION_UNITS * UNIT },
		.bridge_decoders = REGIONS,
		.endpoints = PORTS,
		.decoders = DECODERS,
		.volatile_units = DECODERS,
	});
	bed->id = host->endpoints[0].id;
	host_enable_all(host);
	for (i = 0; i < REGIONS; i++)
		ASSERT_RESULT(COMMITTED, NONE,
			      host_commit_bridge(host, i, region_base(i), REGION_UNITS * UNIT,
						 i % PORTS));
	commit_half(host, 0, 0, DECODERS / 2, region_base(0));
	for (i = 1; i < PORTS; i++)
		commit_half(host, i, 0, DECODERS, region_base(i));
	commit_half(host, 0, DECODERS / 2, DECODERS / 2, region_base(REGIONS - 1));
	for (state = OFF; state < STATES; state++) {
		set_enable(bed, state);
		bed->legal[state] = map_get(host->fd);
		bed->last[state] = translate(host->fd, region_base(REGIONS - 1));
		bed->last[state].out_generation = 0;
	}
	EXPECT_EQ(PORTS * DECODERS, map_count(&bed->legal[ON], CXL_SOFTHOST_SEGMENT_LINEAR));
	ASSERT_TRUE(bed->legal[ON].count < MAX_SEGMENTS);
}

static bool is_stopped(const struct bed *bed)
{
	return __atomic_load_n(&bed->stop, __ATOMIC_ACQUIRE);
}

static void saw(struct reader *reader, unsigned int state, uint64_t generation,
		unsigned int *last_state, uint64_t *last)
{
	if (state == STATES) {
		reader->mixed++;
		return;
	}
	reader->seen[state]++;
	reader->changed += generation == *last && state != *last_state;
	*last_state = state;
	*last = generation;
}

static void *list_map(void *data)
{
	struct reader *reader = data;
	struct bed *bed = reader->bed;
	unsigned int last_state = 0;
	uint64_t last = 0;

	while (!is_stopped(bed)) {
		struct map map = { .count = MAX_SEGMENTS, .segments = reader->segments };
		unsigned int state;

		ASSERT_RETURN(0, __map_get(bed->host.fd, sizeof(map.segments[0]), &map.count,
					   map.segments, &map.generation));
		for (state = 0; state < STATES && !map_equal(&map, &bed->legal[state]); state++)
			;
		saw(reader, state, map.generation, &last_state, &last);
	}
	return NULL;
}

static void *translate_last(void *data)
{
	struct reader *reader = data;
	struct bed *bed = reader->bed;
	unsigned int last_state = 0;
	uint64_t last = 0;

	while (!is_stopped(bed)) {
		struct cxl_softhost_translate found = translate(bed->host.fd,
								region_base(REGIONS - 1));
		uint64_t generation = found.out_generation;
		unsigned int state;

		found.out_generation = 0;
		for (state = 0; state < STATES; state++)
			if (!memcmp(&found, &bed->last[state], sizeof(found)))
				break;
		saw(reader, state, generation, &last_state, &last);
	}
	return NULL;
}

TEST(readers_of_a_big_map_see_before_or_after)
{
	static struct reader readers[2];
	struct timespec now, begun;
	unsigned int i, stores = 0;
	struct bed bed;

	bed_create(&bed);
	for (i = 0; i < ARRAY_SIZE(readers); i++) {
		readers[i].bed = &bed;
		ASSERT_EQ(0, pthread_create(&readers[i].thread, NULL,
					    i ? translate_last : list_map, &readers[i]));
	}
	clock_gettime(CLOCK_MONOTONIC, &begun);
	do {
		ASSERT_RESULT(DONE, NONE, set_enable(&bed, stores++ % STATES));
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec - begun.tv_sec < SECONDS);
	__atomic_store_n(&bed.stop, true, __ATOMIC_RELEASE);
	test_note("%u stores, %u segments", stores, bed.legal[ON].count);
	for (i = 0; i < ARRAY_SIZE(readers); i++) {
		ASSERT_EQ(0, pthread_join(readers[i].thread, NULL));
		test_context("%s", i ? "TRANSLATE" : "MAP_GET");
		EXPECT_EQ(0, readers[i].mixed);
		EXPECT_EQ(0, readers[i].changed);
		EXPECT_TRUE(readers[i].seen[OFF] > 0);
		EXPECT_TRUE(readers[i].seen[ON] > 0);
		test_note("%s: %llu before, %llu after", i ? "TRANSLATE" : "MAP_GET",
			  (unsigned long long)readers[i].seen[OFF],
			  (unsigned long long)readers[i].seen[ON]);
	}
}
