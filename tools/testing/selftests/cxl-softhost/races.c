// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every command beside every other, and all of them in any order, on a host that
 * is attached to a VM. Of use on any kernel, and most on one that checks locks,
 * memory and data races.
 *
 * What is done is counted in rounds and steps, never in time; RACES_PERCENT in
 * the environment scales all of it, RACES_SEED is one seed to begin with.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "race.h"
#include "random.h"

/* A pair gets so many rounds, and more until both have had an effect in one. */
#define ROUNDS 6
#define MORE_ROUNDS 30
#define MOST_SPINS_LOG2 12
/* In these rounds a side waits up to so many times what a command took at most. */
#define MOST_TIMES 4
/* KVM is asked for its slots after so many pairs. */
#define SLOT_CHECKS 4

static const uint64_t seeds[] = { 1, 2, 3 };

struct pair;

struct side {
	struct pair *pair;
	unsigned int number;
	unsigned int command;
	bool effect;		/* in this round */
	uint64_t begun, took;	/* the same, ns */
	struct racer racer;
	struct race_bed bare;	/* a host with nothing in it, for HOST_SET */
};

struct pair {
	struct vm vm;
	struct race_bed *bed;
	bool fresh;		/* HOST_SET has an effect on a host without objects only */
	int fd;			/* of the fresh one */
	struct meeting meeting;
	struct side sides[2];
	unsigned int rounds;
	unsigned int both;	/* rounds in which both had an effect */
	uint64_t longest;	/* that a side took in a round, ns */
	bool stop;
};

/* A command that is added to the header is to be added here. */
TEST(every_command_is_raced)
{
	int fd = softhost_open();
	unsigned int i;

	for (i = 0; i < command_count; i++) {
		test_context("%s", commands[i].name);
		EXPECT_TRUE(race_knows(i));
	}
	/* The module, too, has no command that isn't on the list. */
	for (i = 0; i < 256; i++) {
		test_context("number %#x", i);
		EXPECT_EQ(is_command(i),
			  softhost_ioctl(fd, _IO(CXL_SOFTHOST_TYPE, i), NULL) != -ENOTTY);
	}
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

static void wait_in_turn(struct side *side, uint64_t most)
{
	uint64_t until;

	if (side->pair->rounds / 2 % 2 != side->number)
		return;
	/* in microseconds: it may take longer than 2^32 ns */
	until = now() + random_from(&side->racer.random, most / 1000 + 1) * 1000ULL;
	while (now() < until)
		sched_yield();
}

/*
 * A moment, short or long: neither side is always the first. Some commands both
 * have an effect only if one side is through before the other begins, however
 * long that takes here: so in the rounds that come in addition one side goes at
 * once, and the other somewhere between that and long after it.
 */
static void hesitate(struct side *side)
{
	struct racer *racer = &side->racer;
	const struct pair *pair = side->pair;
	unsigned int log2 = random_from(&racer->random, MOST_SPINS_LOG2);
	unsigned int spins = random_from(&racer->random, 1U << log2);

	if (pair->rounds >= scaled(ROUNDS)) {
		wait_in_turn(side, MOST_TIMES * pair->longest);
		return;
	}
	while (spins--)
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

/* Together with the other side, or nearly */
static void begin_round(struct side *side)
{
	meet(&side->pair->meeting, side->racer.worker);
	hesitate(side);
	side->begun = now();
}

static bool is_host_set(unsigned int command)
{
	return strcmp(commands[command].name, "HOST_SET") == 0;
}

/* On a host with nothing in it one makes everything and one does HOST_SET. */
static void round_on_fresh_host(struct side *side)
{
	struct racer *racer = &side->racer;

	if (side->number == 0)
		side->pair->fd = softhost_open();
	racer->generation = 0;
	begin_round(side);
	if (is_host_set(side->command)) {
		side->bare.host.fd = side->pair->fd;
		racer->bed = &side->bare;
	} else {
		race_bed_create(racer->bed, side->pair->fd, &side->pair->vm);
		racer_prepare(racer, side->command);
	}
	side->effect = racer_do(racer, side->command);
}

static void round_on_shared_host(struct side *side)
{
	struct racer *racer = &side->racer;
	bool before = side->pair->rounds % 2;

	/* In some rounds both go for the same objects. */
	racer->seat = side->number;
	racer_choose(racer, side->pair->rounds % 4 == 3);
	if (before)
		racer_prepare(racer, side->command);
	begin_round(side);
	if (!before)
		racer_prepare(racer, side->command);
	side->effect = racer_do(racer, side->command);
}

/* Where both did HOST_SET there is nothing in the host. */
static bool is_empty(const struct pair *pair)
{
	return is_host_set(pair->sides[0].command) && is_host_set(pair->sides[1].command);
}

static void check_host(struct pair *pair, bool slots)
{
	struct racer racers[2] = { pair->sides[0].racer, pair->sides[1].racer };

	if (is_empty(pair))
		return;
	if (slots)
		EXPECT_CONSISTENT_SLOTS(pair->bed, racers, 2);
	else
		EXPECT_CONSISTENT(pair->bed, racers, 2);
}

static void close_fresh(struct pair *pair)
{
	if (is_empty(pair))
		ASSERT_DONE(close(pair->fd));
	else
		race_bed_destroy(pair->bed);
}

/* Of one side, while the other waits. */
static void end_round(struct pair *pair)
{
	unsigned int rounds = scaled(ROUNDS), i;

	pair->both += pair->sides[0].effect && pair->sides[1].effect;
	for (i = 0; i < 2; i++)
		if (pair->sides[i].took > pair->longest)
			pair->longest = pair->sides[i].took;
	if (!pair->both)
		rounds += MORE_ROUNDS;
	pair->rounds++;
	pair->stop = test_has_failed() || pair->rounds >= rounds;
	if (pair->fresh && !pair->stop)
		close_fresh(pair);
}

static void run_side(struct worker *self)
{
	struct side *side = self->data;
	struct pair *pair = side->pair;

	do {
		if (pair->fresh)
			round_on_fresh_host(side);
		else
			round_on_shared_host(side);
		side->took = now() - side->begun;
		meet(&pair->meeting, self);
		if (side->number == 0)
			end_round(pair);
		meet(&pair->meeting, self);
	} while (!pair->stop);
}

static void run_pair(struct pair *pair, unsigned int one, unsigned int other)
{
	unsigned int both[] = { one, other }, i;
	struct worker workers[2];

	pair->rounds = 0;
	pair->both = 0;
	pair->longest = 0;
	pair->stop = false;
	pair->fresh = is_host_set(one) || is_host_set(other);
	pair->meeting = (struct meeting){ .expected = 2 };
	for (i = 0; i < 2; i++) {
		struct side *side = &pair->sides[i];

		workers[i] = (struct worker){ .work = run_side, .data = side };
		snprintf(workers[i].name, sizeof(workers[i].name), "%s beside %s",
			 commands[both[i]].name, commands[both[!i]].name);
		side->pair = pair;
		side->number = i;
		side->command = both[i];
		racer_init(&side->racer, pair->bed, &workers[i],
			   random_seed(seed_or(0), (one * command_count + other) * 2 + i));
	}
	workers_run(workers, 2);
	check_host(pair, (one + other) % SLOT_CHECKS == 0);
	EXPECT_TRUE(pair->both > 0);
}

/* Pairs with HOST_SET are for hosts without objects, those without it share one. */
static void run_pairs(bool fresh)
{
	static struct race_bed bed;
	static struct racer sum;
	unsigned int one, other, pairs = 0, rounds = 0, least = ~0U;
	static struct pair pair;

	vm_create(&pair.vm);
	pair.bed = &bed;
	if (!fresh)
		race_bed_create(&bed, softhost_open(), &pair.vm);
	for (one = 0; one < command_count && !test_has_failed(); one++) {
		for (other = one; other < command_count && !test_has_failed(); other++) {
			if (fresh != (is_host_set(one) || is_host_set(other)))
				continue;
			test_context("%s beside %s", commands[one].name, commands[other].name);
			run_pair(&pair, one, other);
			racer_add(&sum, &pair.sides[0].racer);
			racer_add(&sum, &pair.sides[1].racer);
			pairs++;
			rounds += pair.rounds;
			least = pair.both < least ? pair.both : least;
			if (fresh)
				close_fresh(&pair);
			else
				race_settle(&bed);
		}
	}
	race_note(&sum, 1);
	test_note("%u pairs, %u rounds; in %u at least both had an effect", pairs, rounds, least);
	if (!fresh)
		race_bed_destroy(&bed);
}

TEST_TIMEOUT(T39_every_command_beside_every_other, 900)
{
	run_pairs(false);
}

TEST_TIMEOUT(every_command_beside_HOST_SET, 600)
{
	run_pairs(true);
}

/* All in any order, from several threads, beside one who compares what it reads. */
#define THREADS 4
#define STEPS 150

static void run_mix(struct race_bed *bed, uint64_t seed, struct racer *sum)
{
	static struct race_mixer mixers[THREADS + 1];
	struct racer racers[THREADS + 1];
	struct worker workers[THREADS + 1];
	unsigned int i;

	for (i = 0; i <= THREADS; i++) {
		race_mixer_init(&mixers[i], bed, &workers[i], seed, i);
		mixers[i].steps = scaled(STEPS);
		mixers[i].compares = i == THREADS;
	}
	workers_run(workers, THREADS + 1);
	for (i = 0; i <= THREADS; i++) {
		racers[i] = mixers[i].racer;
		racer_add(sum, &racers[i]);
	}
	EXPECT_CONSISTENT_SLOTS(bed, racers, THREADS + 1);
}

TEST_TIMEOUT(all_commands_in_any_order, 900)
{
	static struct race_bed bed;
	static struct racer sum;
	unsigned int i;
	struct vm vm;

	vm_create(&vm);
	race_bed_create(&bed, softhost_open(), &vm);
	for (i = 0; i < ARRAY_SIZE(seeds) && !test_has_failed(); i++) {
		uint64_t seed = seed_or(seeds[i]);

		test_context("seed %llu", (unsigned long long)seed);
		test_note("seed %llu, %u threads, %u steps each", (unsigned long long)seed, THREADS,
			  scaled(STEPS));
		run_mix(&bed, seed, &sum);
		if (!test_has_failed())
			race_settle(&bed);
	}
	race_note(&sum, 1);
	for (i = 0; i < command_count; i++) {
		test_context("%s", commands[i].name);
		/* HOST_SET comes too late here. */
		if (!is_host_set(i))
			EXPECT_TRUE(sum.tallies[i].effects > 0);
	}
	race_bed_destroy(&bed);
}
