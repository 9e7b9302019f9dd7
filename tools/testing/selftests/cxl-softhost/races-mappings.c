// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands while what they lie on goes: descriptors that are closed, mappings that
 * are taken away, the VM, and vCPUs that run in it.
 *
 * Counted in steps as in races.c, and scaled by the same variables.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest.h"
#include "mock.h"
#include "process.h"
#include "race.h"
#include "random.h"

#define THREADS 2
#define CLOSES 12
#define TAKES 1500
#define VM_CLOSES 6
#define GUEST_STEPS 150
#define NAME "cxl-softhost"

struct scene {
	struct race_bed bed;
	struct race_mixer mixers[THREADS];
	struct worker workers[THREADS + 1];
	struct racer racers[THREADS];
	bool stop;
	uint64_t random;
	unsigned int taken;
};

static void scene_init(struct scene *scene, uint64_t seed, unsigned int steps)
{
	unsigned int i;

	scene->stop = false;
	scene->random = random_seed(seed_or(seed), THREADS);
	for (i = 0; i < THREADS; i++) {
		race_mixer_init(&scene->mixers[i], &scene->bed, &scene->workers[i],
				seed_or(seed), i);
		scene->mixers[i].steps = steps;
		scene->mixers[i].stop = &scene->stop;
	}
}

/* Two that race, and one that makes it hard for them. */
static void scene_run(struct scene *scene, const char *name, void (*work)(struct worker *self))
{
	unsigned int i;

	scene->workers[THREADS] = (struct worker){ .work = work, .data = scene };
	snprintf(scene->workers[THREADS].name, sizeof(scene->workers[0].name), "%s", name);
	workers_run(scene->workers, THREADS + 1);
	for (i = 0; i < THREADS; i++)
		scene->racers[i] = scene->mixers[i].racer;
}

static void stop_others(struct scene *scene)
{
	__atomic_store_n(&scene->stop, true, __ATOMIC_RELEASE);
}

/* Let the others make some steps. */
static void let_race(struct scene *scene, unsigned int most)
{
	unsigned long more = random_from(&scene->random, most), at = scene->workers[0].steps;

	while (__atomic_load_n(&scene->workers[0].steps, __ATOMIC_RELAXED) - at < more &&
	       !__atomic_load_n(&scene->workers[0].done, __ATOMIC_ACQUIRE))
		sched_yield();
}

/* First a copy of it, then the last one, with commands on their way. */
static void close_device(struct worker *self)
{
	struct scene *scene = self->data;
	int copy = ASSERT_DONE(dup(scene->bed.host.fd));

	let_race(scene, 10);
	worker_step(self, "close a copy");
	ASSERT_DONE(close(copy));
	let_race(scene, 20);
	worker_step(self, "close the last descriptor");
	ASSERT_DONE(close(scene->bed.host.fd));
	let_race(scene, 4);
	stop_others(scene);
}

TEST_TIMEOUT(last_descriptor_closed_while_commands_run, 600)
{
	unsigned int i, count = scaled(CLOSES), port;
	static struct scene scene;
	static struct racer sum;
	int live = mock_live();

	for (i = 0; i < count && !test_has_failed(); i++) {
		struct vm vm;

		test_context("round %u", i);
		/* What mockvm is for: it tells whether it is let go of. */
		if (i % 2)
			vm_create(&vm);
		else
			vm.fd = mock_create();
		race_bed_create(&scene.bed, softhost_open(), &vm);
		scene_init(&scene, 50 + i, ~0U);
		scene.bed.allowed = RACE_CLOSED;
		/* Another descriptor would be the last one, and might get its number */
		for (port = 0; port < THREADS; port++)
			scene.mixers[port].commands &= ~(1ULL << race_command("FD_CREATE"));
		scene_run(&scene, "who closes", close_device);
		racer_add(&sum, &scene.racers[0]);
		racer_add(&sum, &scene.racers[1]);
		ASSERT_DONE(close(vm.fd));
		EXPECT_LIVE(live, 10000);
		for (port = 0; port < RACE_PORTS; port++)
			munmap(scene.bed.host.endpoints[port].memory[VOLATILE] - BACKEND_OFFSET,
			       BACKEND_OFFSET + RACE_SIZE);
	}
	EXPECT_EQ(0, mappings_named(NAME, NULL));
	race_note(&sum, 1);
}

/*
 * The page that KVM reads arguments from, at @page if the maps were up to date: it
 * comes and goes by itself with ATTACH and DETACH. Nothing else of this process is
 * mapped meanwhile, so nothing else is hit.
 */
static void take_page(struct scene *scene, uintptr_t page)
{
	void *at = (void *)page, *elsewhere;

	scene->taken++;
	switch (random_from(&scene->random, 4)) {
	case 0:
		munmap(at, PAGE);
		break;
	case 1:
		elsewhere = mmap(at, PAGE, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		EXPECT_TRUE(elsewhere == at);
		break;
	case 2:
		elsewhere = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		EXPECT_TRUE(elsewhere != MAP_FAILED);
		/* It can't be moved. */
		EXPECT_TRUE(mremap(at, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, elsewhere) ==
			    MAP_FAILED);
		munmap(elsewhere, PAGE);
		break;
	case 3:
		EXPECT_EQ(-1, mprotect(at, PAGE, PROT_READ | PROT_WRITE));
	}
}

static void take_backend(struct scene *scene)
{
	struct endpoint *endpoint = &scene->bed.host.endpoints[random_from(&scene->random,
									   RACE_PORTS)];
	uint8_t *at = endpoint->memory[VOLATILE] + random_from(&scene->random, 4) * UNIT / 2;

	ASSERT_DONE(munmap(at, UNIT / 2));
	let_race(scene, 2);
	ASSERT_TRUE(mmap(at, UNIT / 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS |
			 MAP_NORESERVE | MAP_FIXED, -1, 0) == at);
}

static void take_mappings(struct worker *self)
{
	struct scene *scene = self->data;
	unsigned int i, count = scaled(TAKES);
	uintptr_t page;

	for (i = 0; i < count && !test_has_failed(); i++) {
		worker_step(self, "take a mapping away");
		if (random_from(&scene->random, 4) == 0)
			take_backend(scene);
		else if (mappings_named(NAME, &page))
			take_page(scene, page);
	}
	stop_others(scene);
}

/* A slot that proved others free, and was lost when its page went: see ATTACH. */
static void forget_slots(struct scene *scene)
{
	unsigned int i;

	for (i = 0; i < RACE_DONATED; i++)
		vm_slot_set(scene->bed.vm.fd, RACE_FIRST_SLOT + i, 0, 0, NULL);
}

TEST_TIMEOUT(mappings_taken_away_while_commands_run, 600)
{
	static struct scene scene;
	struct host *host = &scene.bed.host;
	struct vm vm;

	/* No new mappings for threads that allocate. */
	mallopt(M_ARENA_MAX, 1);
	vm_create(&vm);
	race_bed_create(&scene.bed, softhost_open(), &vm);
	scene.bed.allowed = RACE_PAGE_GOES;
	scene_init(&scene, 70, ~0U);
	scene_run(&scene, "who takes mappings away", take_mappings);
	race_note(scene.racers, THREADS);
	test_note("%u times", scene.taken);
	EXPECT_TRUE(scene.taken > 0);
	/* Left in peace it heals. */
	scene.bed.allowed = 0;
	EXPECT_EQ(0, reset(host->fd, 0).flags);
	if (softhost_info(host->fd).out_engine != CXL_SOFTHOST_ENGINE_NONE)
		EXPECT_EQ(0, detach(host->fd).flags);
	forget_slots(&scene);
	race_settle(&scene.bed);
	EXPECT_CONSISTENT_SLOTS(&scene.bed, NULL, 0);
	race_bed_destroy(&scene.bed);
}

static void close_vm(struct worker *self)
{
	struct scene *scene = self->data;

	let_race(scene, 20);
	worker_step(self, "close the VM");
	ASSERT_DONE(close(scene->bed.vm.fd));
	let_race(scene, 40);
	stop_others(scene);
}

/* Attached, a VM stays, whoever closed it. */
TEST_TIMEOUT(VM_closed_while_commands_run, 600)
{
	static const char *const attaching[] = {
		"ATTACH", "DETACH", "WINDOW_CREATE", "DESTROY", "STATE_SET",
	};
	unsigned int i, j, thread, count = scaled(VM_CLOSES);
	static struct scene scene;
	static struct racer sum;
	int live = mock_live();

	for (i = 0; i < count && !test_has_failed(); i++) {
		struct vm vm;

		test_context("round %u", i);
		if (i % 2)
			vm_create(&vm);
		else
			vm.fd = mock_create();
		race_bed_create(&scene.bed, softhost_open(), &vm);
		scene_init(&scene, 80 + i, ~0U);
		for (thread = 0; thread < THREADS; thread++)
			for (j = 0; j < ARRAY_SIZE(attaching); j++)
				scene.mixers[thread].commands &=
					~(1ULL << race_command(attaching[j]));
		scene_run(&scene, "who closes the VM", close_vm);
		EXPECT_CONSISTENT(&scene.bed, scene.racers, THREADS);
		racer_add(&sum, &scene.racers[0]);
		racer_add(&sum, &scene.racers[1]);
		race_settle(&scene.bed);
		race_bed_destroy(&scene.bed);
		EXPECT_LIVE(live, 10000);
	}
	race_note(&sum, 1);
}

/* What a vCPU reads is memory that was ever there, or all-ones; nothing else. */
static void watch_guest(struct worker *self)
{
	struct scene *scene = self->data;
	unsigned int i;

	worker_step(self, "wait for the others");
	for (i = 0; i < THREADS; i++)
		while (!__atomic_load_n(&scene->workers[i].done, __ATOMIC_ACQUIRE)) {
			worker_step(self, "wait for the others");
			usleep(1000);
		}
}

TEST_TIMEOUT(vCPU_runs_while_slots_come_and_go, 600)
{
	static struct scene scene;
	static struct guest guest;
	const volatile struct guest_observation *seen;
	unsigned int port;
	struct vm none = { .fd = -1 };

	race_bed_create_unattached(&scene.bed, softhost_open(), &none);
	guest_create(&guest, &scene.bed.host);
	scene.bed.vm = guest.vm;
	scene.bed.attached = 1;
	race_settle(&scene.bed);
	for (port = 0; port < RACE_PORTS; port++)
		guest_watch(&guest, RACE_PLACE(port) + UNIT,
			    scene.bed.host.endpoints[port].memory[VOLATILE] + UNIT);
	guest.shared->phase = GUEST_PHASE(0, GUEST_CHANGING);
	guest_start(&guest, 1, guest_observer);

	scene_init(&scene, 90, scaled(GUEST_STEPS));
	scene_run(&scene, "who watches", watch_guest);
	race_settle(&scene.bed);
	guest.shared->stop = 1;
	guest_join(&guest, 1);
	race_note(scene.racers, THREADS);
	guest_note(&guest, 1);
	seen = &guest.shared->observations[1];
	EXPECT_EQ(0, seen->broken);
	EXPECT_TRUE(seen->memory[GUEST_CHANGING] > 0);
	EXPECT_TRUE(seen->all_ones[GUEST_CHANGING] > 0);
	EXPECT_CONSISTENT_SLOTS(&scene.bed, NULL, 0);
	race_bed_destroy(&scene.bed);
}
