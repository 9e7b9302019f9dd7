// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random topologies and register programs: core/ against a byte-by-byte model,
 * and the promises that don't need one.
 *
 * Without SEED (environment) a fixed set of seeds, else that one; STEPS says
 * how many steps each takes. What fails, crashes or hangs is printed as the
 * topology and all that was done to it.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "property.h"
#include "tap.h"

#define SEEDS	400
#define STEPS	120

static const char *const names[PROPERTIES] = {
	[P_VERDICT] = "outcomes and reasons are the model's",
	[P_REGISTERS] = "registers read as the model's, in any width",
	[P_DECODE] = "I1: every address is where a byte-by-byte decode puts it",
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

/* A walk that met nothing proves nothing */
static void report_census(const struct census *census)
{
	static const struct {
		u32 reason;
		const char *name;
	} reasons[] = {
		{ CXL_SOFTHOST_REASON_ORDER, "ORDER" },
		{ CXL_SOFTHOST_REASON_HPA_BELOW, "HPA_BELOW" },
		{ CXL_SOFTHOST_REASON_HPA_ABOVE, "HPA_ABOVE" },
		{ CXL_SOFTHOST_REASON_HPA_WRAP, "HPA_WRAP" },
		{ CXL_SOFTHOST_REASON_SIZE_WAYS, "SIZE_WAYS" },
		{ CXL_SOFTHOST_REASON_WAYS_RESERVED, "WAYS_RESERVED" },
		{ CXL_SOFTHOST_REASON_WAYS_UNSUPPORTED, "WAYS_UNSUPPORTED" },
		{ CXL_SOFTHOST_REASON_WAYS_TARGETS, "WAYS_TARGETS" },
		{ CXL_SOFTHOST_REASON_GRANULARITY_RESERVED, "GRANULARITY_RESERVED" },
		{ CXL_SOFTHOST_REASON_GRANULARITY_UNSUPPORTED, "GRANULARITY_UNSUPPORTED" },
		{ CXL_SOFTHOST_REASON_TARGET_DUPLICATE, "TARGET_DUPLICATE" },
		{ CXL_SOFTHOST_REASON_DPA_CAPACITY, "DPA_CAPACITY" },
		{ CXL_SOFTHOST_REASON_DPA_PARTITION, "DPA_PARTITION" },
		{ CXL_SOFTHOST_REASON_DPA_OVERLAP, "DPA_OVERLAP" },
		{ CXL_SOFTHOST_REASON_LOCKED, "LOCKED" },
		{ CXL_SOFTHOST_REASON_LIVE, "LIVE" },
		{ CXL_SOFTHOST_REASON_READ_ONLY, "READ_ONLY" },
		{ CXL_SOFTHOST_REASON_WIDTH, "WIDTH" },
	};
	u32 i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (!CHECK(census->reasons[reasons[i].reason] >= 5))
			tap_note("reason %s came up %" PRIu64 " times", reasons[i].name,
				 census->reasons[reasons[i].reason]);
	CHECK(census->commits >= 5000);
	CHECK(census->device_commits >= 2000);
	CHECK(census->interleaved >= 50);
	CHECK(census->zero_size >= 20);
	CHECK(census->locked >= 5);
	CHECK(census->uncommits >= 500);
	CHECK(census->out_of_order >= 50);
	CHECK(census->extents >= 10000);
	CHECK(census->most_extents >= 8);
	CHECK(census->split >= 20);
	CHECK(census->persistent >= 1000);
	CHECK(census->taken_back >= 20);
	CHECK(census->enables_taken_back >= 20);
}

int main(void)
{
	static struct census census;
	u64 first = from_environment("SEED", 0), steps = from_environment("STEPS", STEPS);
	bool chosen = getenv("SEED") && *getenv("SEED");
	u64 seeds = chosen ? 1 : SEEDS, seed, step;
	u64 failed[PROPERTIES] = { 0 }, failed_seed[PROPERTIES];
	char why[PROPERTIES][256];
	bool printed = false;
	u32 i;

	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(print_running);
	signal(SIGTERM, terminated);
	for (seed = first; seed < first + seeds; seed++) {
		struct world *world = world_make(seed, &census);

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
	printf("# %" PRIu64 " seeds, %" PRIu64 " writes, %" PRIu64 " commits, %" PRIu64
	       " uncommits (%" PRIu64 " out of order), %" PRIu64 " addresses compared\n",
	       seeds, census.writes, census.commits, census.uncommits, census.out_of_order,
	       census.addresses);
	if (!chosen && steps >= STEPS) {
		tap_begin("property: the walk met everything worth meeting");
		report_census(&census);
		tap_end();
	}
	return tap_done();
}
