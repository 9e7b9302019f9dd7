// SPDX-License-Identifier: GPL-2.0-only
/*
 * Readers beside a writer: whatever REG_READ, TRANSLATE and MAP_GET answer while
 * decoders are committed, uncommitted and reset is the state before or after,
 * never a mixture, and never older than what the writer was told.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "vm.h"

/* The decoder is committed at one of two places, in two windows. */
#define PLACES 2
static const uint64_t places[PLACES] = { WINDOW_HPA, 3 * WINDOW_HPA + UNIT };

/* Every state that the writer leaves the host in. */
enum state {
	RESET,		/* nothing is enabled */
	HALF,		/* Mem_Enable alone */
	IDLE,		/* enabled, and no decoder committed */
	AT_PLACE,	/* committed, at places[state - AT_PLACE] */
	STATES = AT_PLACE + PLACES,
};

struct answers {
	struct map map;
	struct cxl_softhost_translate from_hpa[PLACES];
	struct cxl_softhost_translate from_dpa;
	uint32_t control;
};

struct bed {
	struct host host;
	struct vm vm;
	uint32_t id;
	struct answers legal[STATES];
	uint64_t told;		/* generation of the writer's last result */
	bool stop;
};

struct reader {
	struct bed *bed;
	const char *name;
	/* one look: the state it saw (a bit for each that it may be), 0 for none */
	unsigned int (*look)(struct bed *bed, struct reader *reader, uint64_t *generation);
	pthread_t thread;
	uint64_t looks;
	uint64_t seen[STATES];
	uint64_t mixed;
	uint64_t stale;
	uint64_t backwards;
	uint64_t changed;	/* another answer with the same generation */
};

static void to_state(struct bed *bed, enum state state)
{
	struct cxl_softhost_result result;

	switch (state) {
	case RESET:
		result = reset(bed->host.fd, bed->id);
		break;
	case HALF:
		result = node_set_mem_enable(bed->host.fd, bed->id, 1);
		break;
	case IDLE:
		if (decoder_is_committed(bed->host.fd, bed->id, 0))
			result = host_uncommit(&bed->host, 0, 0);
		else
			result = reg_write(bed->host.fd, bed->id, HDM_GLOBAL, 4,
					   HDM_GLOBAL_ENABLE);
		break;
	default:
		result = host_commit(&bed->host, 0, 0, places[state - AT_PLACE], UNIT);
		ASSERT_EQ(CXL_SOFTHOST_OUTCOME_COMMITTED, result.outcome);
	}
	ASSERT_EQ(0, result.flags);
	__atomic_store_n(&bed->told, result.generation, __ATOMIC_RELEASE);
}

static void collect(struct bed *bed, enum state state)
{
	struct answers *legal = &bed->legal[state];
	unsigned int i;

	to_state(bed, state);
	legal->map = map_get(bed->host.fd);
	for (i = 0; i < PLACES; i++) {
		legal->from_hpa[i] = translate(bed->host.fd, places[i] + PAGE);
		legal->from_hpa[i].out_generation = 0;
	}
	ASSERT_RETURN(0, __translate_dpa(bed->host.fd, bed->id, PAGE, &legal->from_dpa));
	legal->from_dpa.out_generation = 0;
	legal->control = decoder_control(bed->host.fd, bed->id, 0) & CONTROL_COMMITTED;
}

static void bed_create(struct bed *bed, bool with_engine)
{
	*bed = (struct bed){ .stop = false };
	host_create(&bed->host, &(struct host_config){
		.windows = { { WINDOW_HPA, 4 * UNIT }, { 3 * WINDOW_HPA, 4 * UNIT } },
	});
	bed->id = bed->host.endpoints[0].id;
	if (with_engine) {
		vm_create(&bed->vm);
		attach(bed->host.fd, bed->vm.fd, CXL_SOFTHOST_SLOT_TOP, 0);
	}
	collect(bed, RESET);
	collect(bed, HALF);
	collect(bed, IDLE);
	collect(bed, AT_PLACE);
	to_state(bed, IDLE);
	collect(bed, AT_PLACE + 1);
	to_state(bed, RESET);
	/* They can be told apart. */
	ASSERT_TRUE(!map_equal(&bed->legal[AT_PLACE].map, &bed->legal[AT_PLACE + 1].map));
	ASSERT_TRUE(!map_equal(&bed->legal[AT_PLACE].map, &bed->legal[IDLE].map));
	ASSERT_TRUE(!map_equal(&bed->legal[RESET].map, &bed->legal[IDLE].map));
}

static unsigned int states_of_map(const struct bed *bed, const struct map *map)
{
	unsigned int i, states = 0;

	for (i = 0; i < STATES; i++)
		if (map_equal(map, &bed->legal[i].map))
			states |= 1U << i;
	return states;
}

static unsigned int look_at_map(struct bed *bed, struct reader *reader, uint64_t *generation)
{
	struct cxl_softhost_segment segments[16];
	struct map map = { .count = ARRAY_SIZE(segments), .segments = segments };

	(void)reader;
	ASSERT_RETURN(0, __map_get(bed->host.fd, sizeof(segments[0]), &map.count, segments,
				   generation));
	if (host_windows_in(&bed->host, &map) != bed->host.window_count)
		return 0;
	return states_of_map(bed, &map);
}

static bool is_translation(struct cxl_softhost_translate found,
			   const struct cxl_softhost_translate *legal)
{
	found.out_generation = 0;
	return !memcmp(&found, legal, sizeof(found));
}

static unsigned int look_from_hpa(struct bed *bed, struct reader *reader, uint64_t *generation)
{
	unsigned int i, states = 0, place = reader->looks % PLACES;
	struct cxl_softhost_translate found = translate(bed->host.fd, places[place] + PAGE);

	*generation = found.out_generation;
	for (i = 0; i < STATES; i++)
		if (is_translation(found, &bed->legal[i].from_hpa[place]))
			states |= 1U << i;
	return states;
}

static unsigned int look_from_dpa(struct bed *bed, struct reader *reader, uint64_t *generation)
{
	struct cxl_softhost_translate found;
	unsigned int i, states = 0;

	(void)reader;
	ASSERT_RETURN(0, __translate_dpa(bed->host.fd, bed->id, PAGE, &found));
	*generation = found.out_generation;
	for (i = 0; i < STATES; i++)
		if (is_translation(found, &bed->legal[i].from_dpa))
			states |= 1U << i;
	return states;
}

static uint64_t map_generation(const struct bed *bed)
{
	return translate(bed->host.fd, 0).out_generation;
}

/*
 * Registers and map change together: if the generation was the same before and
 * after, COMMITTED was of this map.
 */
static unsigned int look_at_registers(struct bed *bed, struct reader *reader,
				      uint64_t *generation)
{
	unsigned int i, states = 0, of_map;
	uint32_t control;
	uint64_t again;

	*generation = map_generation(bed);
	control = decoder_control(bed->host.fd, bed->id, 0) & CONTROL_COMMITTED;
	of_map = look_from_dpa(bed, reader, &again);
	if (again != *generation) {
		*generation = again;
		return of_map;
	}
	for (i = 0; i < STATES; i++)
		if (bed->legal[i].control == control)
			states |= 1U << i;
	return states & of_map;
}

static void *read_on(void *data)
{
	uint64_t last = 0, generation, told;
	struct reader *reader = data;
	struct bed *bed = reader->bed;
	unsigned int last_states = 0, i;

	while (!__atomic_load_n(&bed->stop, __ATOMIC_ACQUIRE)) {
		unsigned int states;

		told = __atomic_load_n(&bed->told, __ATOMIC_ACQUIRE);
		states = reader->look(bed, reader, &generation);
		reader->mixed += !states;
		reader->stale += generation < told;
		reader->backwards += generation < last;
		if (generation == last && last_states && !(states & last_states))
			reader->changed++;
		/* Where answers tell less than all about the state, they still agree. */
		last_states = generation == last && last_states ? states & last_states : states;
		last = generation;
		for (i = 0; i < STATES; i++)
			if (states == 1U << i)
				__atomic_fetch_add(&reader->seen[i], 1, __ATOMIC_RELAXED);
		__atomic_fetch_add(&reader->looks, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* The reader saw both places; TRANSLATE from one HPA can't tell more. */
static bool has_seen_all(const struct reader *reader)
{
	unsigned int i;

	for (i = AT_PLACE; i < STATES; i++)
		if (!__atomic_load_n(&reader->seen[i], __ATOMIC_RELAXED))
			return false;
	return true;
}

static void run(bool with_engine, unsigned int rounds)
{
	struct bed bed;
	struct reader readers[] = {
		{ .bed = &bed, .name = "MAP_GET", .look = look_at_map },
		{ .bed = &bed, .name = "TRANSLATE from HPA", .look = look_from_hpa },
		{ .bed = &bed, .name = "TRANSLATE from DPA", .look = look_from_dpa },
		{ .bed = &bed, .name = "REG_READ", .look = look_at_registers },
	};
	unsigned int i, round;
	bool all_seen = false;

	bed_create(&bed, with_engine);
	for (i = 0; i < ARRAY_SIZE(readers); i++)
		ASSERT_EQ(0, pthread_create(&readers[i].thread, NULL, read_on, &readers[i]));
	for (round = 0; round < rounds || (!all_seen && round < 50 * rounds); round++) {
		to_state(&bed, HALF);
		to_state(&bed, IDLE);
		to_state(&bed, AT_PLACE + round % PLACES);
		/* Uncommit and commit elsewhere, or reset from there. */
		if (round % 3) {
			to_state(&bed, IDLE);
			to_state(&bed, AT_PLACE + (round + 1) % PLACES);
		}
		to_state(&bed, RESET);
		all_seen = true;
		for (i = 0; i < ARRAY_SIZE(readers); i++)
			all_seen &= has_seen_all(&readers[i]);
	}
	__atomic_store_n(&bed.stop, true, __ATOMIC_RELEASE);
	for (i = 0; i < ARRAY_SIZE(readers); i++) {
		const struct reader *reader = &readers[i];

		ASSERT_EQ(0, pthread_join(reader->thread, NULL));
		test_context("%s", reader->name);
		EXPECT_EQ(0, reader->mixed);
		EXPECT_EQ(0, reader->stale);
		EXPECT_EQ(0, reader->backwards);
		EXPECT_EQ(0, reader->changed);
		EXPECT_TRUE(has_seen_all(reader));
		test_note("%s: %llu looks, %llu and %llu of them at the two places", reader->name,
			  (unsigned long long)reader->looks,
			  (unsigned long long)reader->seen[AT_PLACE],
			  (unsigned long long)reader->seen[AT_PLACE + 1]);
	}
	test_note("%u rounds, generation %llu", round,
		  (unsigned long long)softhost_info(bed.host.fd).out_generation);
}

TEST(readers_see_before_or_after_without_an_engine)
{
	run(false, 2000);
}

TEST(readers_see_before_or_after_with_KVM)
{
	run(true, 300);
}

/* The two halves of an 8 byte register change together. */
#define FLIPS 5000

struct flipper {
	struct bed *bed;
	uint64_t torn;
	uint64_t seen[PLACES];
};

static void *read_base(void *data)
{
	struct flipper *flipper = data;
	struct bed *bed = flipper->bed;
	unsigned int i;

	while (!__atomic_load_n(&bed->stop, __ATOMIC_ACQUIRE)) {
		uint64_t base = reg_read(bed->host.fd, bed->id, HDM_DECODER(0) + HDM_BASE_LOW, 8);

		for (i = 0; i < PLACES && base != places[i]; i++)
			;
		if (i == PLACES)
			flipper->torn++;
		else
			__atomic_fetch_add(&flipper->seen[i], 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

TEST(REG_READ_of_8_bytes_is_never_torn)
{
	struct flipper flippers[2];
	pthread_t threads[2];
	unsigned int i, flip;
	struct bed bed;

	bed_create(&bed, false);
	reg_write(bed.host.fd, bed.id, HDM_DECODER(0) + HDM_BASE_LOW, 8, places[0]);
	for (i = 0; i < ARRAY_SIZE(threads); i++) {
		flippers[i] = (struct flipper){ .bed = &bed };
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, read_base, &flippers[i]));
	}
	for (flip = 0; flip < FLIPS; flip++)
		ASSERT_RESULT(DONE, NONE, reg_write(bed.host.fd, bed.id, HDM_DECODER(0) +
						    HDM_BASE_LOW, 8, places[flip % PLACES]));
	/* Give both a chance to have looked at both. */
	for (i = 0; i < PLACES; i++) {
		reg_write(bed.host.fd, bed.id, HDM_DECODER(0) + HDM_BASE_LOW, 8, places[i]);
		usleep(100000);
	}
	__atomic_store_n(&bed.stop, true, __ATOMIC_RELEASE);
	for (i = 0; i < ARRAY_SIZE(threads); i++) {
		ASSERT_EQ(0, pthread_join(threads[i], NULL));
		EXPECT_EQ(0, flippers[i].torn);
		EXPECT_TRUE(flippers[i].seen[0] > 0);
		EXPECT_TRUE(flippers[i].seen[1] > 0);
		test_note("%llu and %llu reads", (unsigned long long)flippers[i].seen[0],
			  (unsigned long long)flippers[i].seen[1]);
	}
}
