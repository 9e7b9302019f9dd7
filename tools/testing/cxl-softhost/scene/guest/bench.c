// SPDX-License-Identifier: GPL-2.0-only
/*
 * cxl-bench: time of a load, a store and a byte of a memset in one or two kinds
 * of memory. Two are measured in turns, each first as often as the other, so
 * that what else goes on in the machine meets both.
 *
 * Prints one line for each operation and place, times in nanoseconds:
 *   BENCH op=load place=NAME median=N min=N max=N rounds=N count=N bytes=N pages=KIND
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "place.h"

#define MAX_PLACES 2
#define MAX_ROUNDS 1001

enum op { LOAD, STORE, MEMSET, OPS };

static const char *const op_names[OPS] = { "load", "store", "memset" };

struct target {
	const char *name;
	struct place place;
	volatile uint64_t *at;
	double times[OPS][MAX_ROUNDS];
};

struct plan {
	size_t bytes;		/* accessed at random; a power of two */
	size_t mapped;		/* not less than a huge page */
	uint64_t count;		/* accesses in a round; a memset sets as many words */
	int rounds;
	enum pages pages;
};

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000U + (uint64_t)time.tv_nsec;
}

/* Random addresses, none of which depends on what a load returned. */
static inline uint64_t next(uint64_t random)
{
	return random * 6364136223846793005ULL + 1442695040888963407ULL;
}

/* Have all translations at hand: their cost is not what is compared. */
static void warm_up(const struct target *target, const struct plan *plan)
{
	size_t i;

	if (target->place.dax)
		return;
	for (i = 0; i < plan->bytes / sizeof(uint64_t); i += PAGE_BYTES / sizeof(uint64_t))
		target->at[i] = target->at[i];
}

static double measure(const struct target *target, const struct plan *plan, enum op op,
		      uint64_t seed)
{
	uint64_t mask = plan->bytes / sizeof(uint64_t) - 1, random = seed, i, begin;
	volatile uint64_t *at = target->at;
	uint64_t per_round = plan->count, words;

	warm_up(target, plan);
	begin = now();
	switch (op) {
	case LOAD:
		for (i = 0; i < plan->count; i++, random = next(random))
			(void)at[(random >> 20) & mask];
		break;
	case STORE:
		for (i = 0; i < plan->count; i++, random = next(random))
			at[(random >> 20) & mask] = random;
		break;
	default:
		/* Not memset(): that may use vectors, which an exit can't serve. */
		for (i = plan->count; i; i -= words) {
			uint64_t left = words = i < mask + 1 ? i : mask + 1;
			volatile uint64_t *to = at;

			__asm__ volatile("rep stosq" : "+D"(to), "+c"(left) : "a"(seed)
					 : "memory");
		}
		per_round *= sizeof(uint64_t);
	}
	return (double)(now() - begin) / (double)per_round;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void report(struct target *target, const struct plan *plan)
{
	const char *pages = target->place.dax ? "dax" :
			    place_is_huge((void *)target->at, plan->mapped) ? "huge" : "small";
	double *times;
	int op, half = plan->rounds / 2;

	for (op = 0; op < OPS; op++) {
		times = target->times[op];
		qsort(times, (size_t)plan->rounds, sizeof(*times), compare);
		printf("BENCH op=%s place=%s median=%.3f min=%.3f max=%.3f rounds=%d count=%" PRIu64
		       " bytes=%zu pages=%s\n", op_names[op], target->name, times[half], times[0],
		       times[plan->rounds - 1], plan->rounds, plan->count, plan->bytes, pages);
	}
}

static int prepare(struct target *target, const struct plan *plan)
{
	char why[128];

	target->at = place_map(&target->place, plan->mapped, plan->pages, 0);
	if (!target->at) {
		fprintf(stderr, "cxl-bench: %s: %s\n", target->name, strerror(errno));
		return -1;
	}
	/* All of a device needs no warm-up, and may take a millisecond a word. */
	if (target->place.dax)
		return 0;
	memset((void *)target->at, 1, plan->mapped);
	if (place_check(&target->place, (void *)target->at, plan->mapped, why, sizeof(why))) {
		fprintf(stderr, "cxl-bench: %s: %s\n", target->name, why);
		return -1;
	}
	if (plan->pages == PAGES_HUGE && !place_is_huge((void *)target->at, plan->mapped)) {
		fprintf(stderr, "cxl-bench: %s: no huge pages\n", target->name);
		return -1;
	}
	return 0;
}

static void usage(void)
{
	fputs("usage: cxl-bench [--bytes N] [--count N] [--rounds N] [--pages huge|small]\n"
	      "                 --name NAME --node N|--dax FILE [--hpa FIRST-END] [--name ...]\n"
	      "--bytes (a power of two) is how much is accessed in each place, --count how\n"
	      "often in a round, --rounds how often each operation is timed in each place\n",
	      stderr);
	exit(2);
}

static uint64_t number(const char *text)
{
	char *end;
	uint64_t value;

	if (!text)
		usage();
	value = strtoull(text, &end, 0);
	if (!value || *end)
		usage();
	return value;
}

int main(int argc, char **argv)
{
	struct plan plan = { .bytes = 64UL << 20, .count = 500000, .rounds = 21,
			     .pages = PAGES_SMALL };
	static struct target targets[MAX_PLACES];
	int places = 0, taken, round, op, i, who;

	for (argv++, argc--; argc > 0; argv += taken, argc -= taken) {
		taken = places ? place_option(&targets[places - 1].place, argv) : 0;
		if (taken)
			continue;
		taken = 2;
		if (!strcmp(argv[0], "--bytes"))
			plan.bytes = number(argv[1]);
		else if (!strcmp(argv[0], "--count"))
			plan.count = number(argv[1]);
		else if (!strcmp(argv[0], "--rounds"))
			plan.rounds = (int)number(argv[1]);
		else if (!strcmp(argv[0], "--pages") && argv[1])
			plan.pages = strcmp(argv[1], "huge") ? PAGES_SMALL : PAGES_HUGE;
		else if (!strcmp(argv[0], "--name") && argv[1] && places < MAX_PLACES)
			targets[places++] = (struct target){ .name = argv[1], .place.node = -1 };
		else
			usage();
	}
	if (!places || plan.bytes & (plan.bytes - 1) || plan.rounds > MAX_ROUNDS)
		usage();
	plan.mapped = plan.bytes < HUGE_BYTES ? HUGE_BYTES : plan.bytes;
	for (i = 0; i < places; i++) {
		if (targets[i].place.node < 0 && !targets[i].place.dax)
			usage();
		if (prepare(&targets[i], &plan))
			return 1;
	}

	for (round = 0; round < plan.rounds; round++)
		for (op = 0; op < OPS; op++)
			for (i = 0; i < places; i++) {
				who = (i + round) % places;
				targets[who].times[op][round] =
					measure(&targets[who], &plan, op, (uint64_t)round + 1);
			}
	for (i = 0; i < places; i++)
		report(&targets[i], &plan);
	return 0;
}
