// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random topologies and register programs: core/ against a byte-by-byte model,
 * and the promises that don't need one.
 *
 * Without SEED (environment) a fixed set of seeds, else that one; STEPS says
 * how many steps each takes. With TIME=seconds other seeds than the fixed ones
 * (or those from SEED on), one after the other, until the time is over, so that
 * a fuzzing run never repeats another; in ./run, RUN_LIMIT has to be longer. What
 * fails, crashes or hangs is printed as its seed, the topology and all that was
 * done to it.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "property.h"
#include "tap.h"

#define SEEDS	400
#define STEPS	120

static const char *const names[PROPERTIES] = {
	[P_VERDICT] = "outcomes and reasons are the model's",
	[P_REGISTERS] = "registers read as the model's, in any width",
	[P_DECODE] = "I1: every address is where a byte-by-byte decode puts it",
	[P_SEGMENT] = "segments say what all the ways from them come to",
	[P_RUN] = "an answer holds as far as it says, and no less far than it could",
	[P_BACK] = "from DPA back to HPA: one position is the address, none another DPA",
	[P_REGION] = "a complete region answers everywhere, each byte of memory once",
	[P_FLAGS] = "LINEAR_ONLY and IDENTITY windows: refused are the model's commits",
	[P_COVER] = "segments cover each window without gaps or overlaps",
	[P_INSIDE] = "I5: extents stay inside window, partition and backend",
	[P_BOUND] = "segments and extents stay within the bound",
	[P_CAPACITY] = "I9: what is COMMITTED has its DPA inside the capacity",
	[P_STEADY] = "what can't change the map doesn't",
	[P_ONE_WAY] = "one guest write yields only removals or only additions",
	[P_PLAN] = "the plan carried out gives the target, and leaves alone what stays",
	[P_UNTOUCHED] = "T10, I9: no write moves another decoder",
	[P_TAKEN_BACK] = "I4: what is taken back leaves the map as it was",
	[P_FIND] = "lookup finds the segment, or the next window",
	[P_RECORDS] = "registers saved as records and restored, in any order, are the same",
	[P_RUBBISH] = "whatever records are accepted, live decoders keep to their memory",
};

/* What a crash, or a run that doesn't end, has to be told with */
static struct world *running;

static void print_running(void)
{
	if (!running)
		return;
	world_print(running);
	fflush(stdout);
	running = NULL;
}

static void terminated(int number)
{
	print_running();
	_exit(128 + number);
}

/* Not there without sanitizers */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static u64 from_environment(const char *name, u64 otherwise)
{
	const char *text = getenv(name);
	char *end;
	u64 value;

	if (!text || !*text)
		return otherwise;
	value = strtoull(text, &end, 0);
	if (*end) {
		printf("Bail out! %s=%s isn't a number\n", name, text);
		exit(1);
	}
	return value;
}

/* Seeds to run: first, and how many, or until when */
struct range {
	u64 first, count;
	time_t end;
};

static struct range choose_range(void)
{
	const char *seed = getenv("SEED");
	struct range range = { .first = from_environment("SEED", 0), .count = SEEDS };
	u64 seconds = from_environment("TIME", 0);
	bool chosen = seed && *seed;

	if (chosen)
		range.count = 1;
	if (!seconds)
		return range;
	range.end = time(NULL) + seconds;
	range.count = UINT64_MAX;
	/* Far from each other and from the fixed ones */
	if (!chosen)
		range.first = (u64)time(NULL) << 24;
	printf("# seeds from %" PRIu64 " on, for %" PRIu64 " seconds\n", range.first, seconds);
	fflush(stdout);
	return range;
}

static bool range_over(const struct range *range, u64 done)
{
	return range->end ? time(NULL) >= range->end : done >= range->count;
}

int main(void)
{
	static struct census census;
	u64 steps = from_environment("STEPS", STEPS), seeds, seed, step;
	struct range range = choose_range();
	u64 failed[PROPERTIES] = { 0 }, failed_seed[PROPERTIES];
	char why[PROPERTIES][256];
	bool printed = false;
	u32 i;

	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(print_running);
	signal(SIGTERM, terminated);
	for (seeds = 0; !range_over(&range, seeds); seeds++) {
		struct world *world;

		seed = range.first + seeds;
		world = world_make(seed, &census);
		running = world;
		for (step = 0; step < steps && !world->broken; step++)
			world_step(world);
		running = NULL;
		if (world->broken && !failed[world->what]++) {
			failed_seed[world->what] = seed;
			snprintf(why[world->what], sizeof(why[0]), "step %" PRIu64 ": %s", step,
				 world->why);
		}
		/* One trace is enough to read; the others are a SEED= away */
		if (world->broken && !printed)
			world_print(world);
		printed |= world->broken;
		world_free(world);
	}

	for (i = 0; i < PROPERTIES; i++) {
		tap_begin("property: %s", names[i]);
		if (!CHECK(!failed[i])) {
			tap_note("%" PRIu64 " of %" PRIu64 " seeds", failed[i], seeds);
			tap_note("SEED=%" PRIu64 " STEPS=%" PRIu64 ", %s", failed_seed[i], steps,
				 why[i]);
		}
		tap_end();
	}
	census_print(&census, seeds);
	if (seeds == SEEDS && !range.first && steps >= STEPS) {
		tap_begin("property: the walk met everything worth meeting");
		census_check(&census);
		tap_end();
	}
	return tap_done();
}
