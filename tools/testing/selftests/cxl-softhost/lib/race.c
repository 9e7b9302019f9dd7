// SPDX-License-Identifier: GPL-2.0-only
/* The host that is raced on, and who races. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "race.h"
#include "random.h"

static const struct host_config config = {
	.windows = {
		{ WINDOW_HPA, 4 * UNIT },
		{ WINDOW_HPA + 4 * UNIT, 8 * UNIT },
		{ WINDOW_HPA + 12 * UNIT, UNIT },
		{ WINDOW_HPA + 13 * UNIT, UNIT },
	},
	.bridge_decoders = 4,
	.endpoints = RACE_PORTS,
	.decoders = 1,
	.volatile_units = 2,
};

void race_bed_create_unattached(struct race_bed *bed, int fd, const struct vm *vm)
{
	*bed = (struct race_bed){ .vm = *vm, .lock = PTHREAD_MUTEX_INITIALIZER };
	host_create_on(fd, &bed->host, &config);
	bed->memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_TRUE(bed->memory != MAP_FAILED);
}

void race_bed_create(struct race_bed *bed, int fd, const struct vm *vm)
{
	race_bed_create_unattached(bed, fd, vm);
	race_settle(bed);
}

void race_bed_destroy(struct race_bed *bed)
{
	unsigned int port;

	if (softhost_info(bed->host.fd).out_engine != CXL_SOFTHOST_ENGINE_NONE)
		EXPECT_EQ(0, detach(bed->host.fd).flags);
	host_close(&bed->host);
	for (port = 0; port < RACE_PORTS; port++)
		ASSERT_DONE(munmap(bed->host.endpoints[port].memory[VOLATILE] - BACKEND_OFFSET,
				   BACKEND_OFFSET + RACE_SIZE));
	ASSERT_DONE(munmap(bed->memory, PAGE));
}

/* With all slots in, everything is there and committed. */
static bool is_settled(const struct race_bed *bed)
{
	struct cxl_softhost_info info = softhost_info(bed->host.fd);
	struct map map;
	bool whole;

	if (info.out_slots_used != RACE_SLOTS)
		return false;
	map = map_get(bed->host.fd);
	whole = map_count(&map, CXL_SOFTHOST_SEGMENT_LINEAR) == RACE_SLOTS;
	map_free(&map);
	return whole;
}

void race_settle(struct race_bed *bed)
{
	struct host *host = &bed->host;
	unsigned int port;

	bed->attached = 1;
	if (is_settled(bed))
		return;
	if (softhost_info(host->fd).out_engine == CXL_SOFTHOST_ENGINE_NONE)
		attach(host->fd, bed->vm.fd, RACE_FIRST_SLOT, RACE_DONATED);
	/* What couldn't be deleted when the argument page went goes now. */
	EXPECT_EQ(0, reset(host->fd, 0).flags);
	for (port = 0; port < RACE_PORTS; port++) {
		if (!host->endpoints[port].id)
			host_create_endpoint(host, port);
		node_set_media(host->fd, host->endpoints[port].id, CXL_SOFTHOST_MEDIA_READY);
		host_enable(host, port);
		ASSERT_RESULT(COMMITTED, NONE, host_commit_bridge(host, port, RACE_PLACE(port),
								  RACE_SIZE, port));
		ASSERT_RESULT(COMMITTED, NONE, host_commit(host, port, 0, RACE_PLACE(port),
							   RACE_SIZE));
	}
	ASSERT_TRUE(is_settled(bed));
}

void racer_init(struct racer *racer, struct race_bed *bed, struct worker *worker, uint64_t seed)
{
	unsigned int port;

	*racer = (struct racer){ .worker = worker, .bed = bed, .random = seed };
	for (port = 0; port < RACE_PORTS; port++) {
		racer->mem_enable[port] = -1;
		racer->media[port] = -1;
	}
}

void racer_choose(struct racer *racer, bool common)
{
	unsigned int turn = random_from(&racer->random, 2);

	racer->kind = random_from(&racer->random, 60);
	if (common)
		racer->seat = 0;
	racer->port = racer->seat + turn * RACE_SEATS;
}

unsigned int race_command(const char *name)
{
	return command_find(name) - commands;
}

static void note_outcomes(const char *name, const struct race_tally *tally, char *text,
			  size_t size)
{
	size_t at = snprintf(text, size, "%-14s %7lu calls, %7lu with an effect", name,
			     tally->calls, tally->effects);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tally->outcomes) && at < size; i++)
		if (tally->outcomes[i])
			at += snprintf(text + at, size - at, ", %lu %s", tally->outcomes[i],
				       outcome_name(i));
	for (i = 1; i < ARRAY_SIZE(tally->errors) && at < size; i++)
		if (tally->errors[i])
			at += snprintf(text + at, size - at, ", %lu %s", tally->errors[i],
				       strerrorname_np(i));
}

static void add_tally(struct race_tally *sum, const struct race_tally *tally)
{
	unsigned int i;

	sum->calls += tally->calls;
	sum->effects += tally->effects;
	for (i = 0; i < ARRAY_SIZE(sum->outcomes); i++)
		sum->outcomes[i] += tally->outcomes[i];
	for (i = 0; i < ARRAY_SIZE(sum->errors); i++)
		sum->errors[i] += tally->errors[i];
}

void racer_add(struct racer *sum, const struct racer *racer)
{
	unsigned int i;

	for (i = 0; i < command_count; i++)
		add_tally(&sum->tallies[i], &racer->tallies[i]);
}

void race_note(const struct racer *racers, unsigned int count)
{
	unsigned int command, i;
	char text[400];

	for (command = 0; command < command_count; command++) {
		struct race_tally sum = { .calls = 0 };

		for (i = 0; i < count; i++)
			add_tally(&sum, &racers[i].tallies[command]);
		if (!sum.calls)
			continue;
		note_outcomes(commands[command].name, &sum, text, sizeof(text));
		test_note("%s", text);
	}
}

void race_mixer_init(struct race_mixer *mixer, struct race_bed *bed, struct worker *worker,
		     uint64_t seed, unsigned int number)
{
	*mixer = (struct race_mixer){ .commands = (1ULL << command_count) - 1 };
	*worker = (struct worker){ .work = race_mix, .data = mixer };
	snprintf(worker->name, sizeof(worker->name), "seed %llu, thread %u",
		 (unsigned long long)seed, number);
	racer_init(&mixer->racer, bed, worker, random_seed(seed, number));
}

/* One of the commands that this one does */
static unsigned int any_command(struct race_mixer *mixer)
{
	unsigned int command;

	do
		command = random_from(&mixer->racer.random, command_count);
	while (!(mixer->commands >> command & 1));
	return command;
}

void race_mix(struct worker *self)
{
	struct race_mixer *mixer = self->data;
	struct racer *racer = &mixer->racer;
	unsigned int step;

	for (step = 0; step < mixer->steps && !test_has_failed(); step++) {
		unsigned int command = any_command(mixer);

		if (mixer->stop && __atomic_load_n(mixer->stop, __ATOMIC_ACQUIRE))
			break;
		racer->seat = random_from(&racer->random, RACE_SEATS);
		racer_choose(racer, false);
		if (mixer->stays)
			racer->port = racer->seat;
		if (mixer->compares) {
			racer_compare(racer);
			continue;
		}
		if (random_from(&racer->random, 2))
			racer_prepare(racer, command);
		racer_do(racer, command);
	}
}
