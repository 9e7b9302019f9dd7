// SPDX-License-Identifier: GPL-2.0-only
/* Threads that are watched. */
#define _GNU_SOURCE
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include "workers.h"

/* Turns before the processor is given to others: there may be one only. */
#define SPINS 1000
#define MAX_WORKERS 16

void worker_step(struct worker *self, const char *doing)
{
	__atomic_store_n(&self->doing, doing, __ATOMIC_RELAXED);
	__atomic_fetch_add(&self->steps, 1, __ATOMIC_RELAXED);
}

void meet(struct meeting *meeting, struct worker *self)
{
	unsigned int number = __atomic_load_n(&meeting->number, __ATOMIC_ACQUIRE), spins = 0;

	__atomic_store_n(&self->waits, true, __ATOMIC_RELAXED);
	if (__atomic_add_fetch(&meeting->arrived, 1, __ATOMIC_ACQ_REL) == meeting->expected) {
		__atomic_store_n(&meeting->arrived, 0, __ATOMIC_RELAXED);
		__atomic_store_n(&meeting->number, number + 1, __ATOMIC_RELEASE);
	}
	while (__atomic_load_n(&meeting->number, __ATOMIC_ACQUIRE) == number)
		if (++spins % SPINS == 0)
			sched_yield();
	__atomic_store_n(&self->waits, false, __ATOMIC_RELAXED);
	worker_step(self, "go on");
}

static void *run_worker(void *data)
{
	struct worker *self = data;

	self->work(self);
	__atomic_store_n(&self->done, true, __ATOMIC_RELEASE);
	return NULL;
}

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

/* How far it was when it was last seen to get on, and when that was */
struct progress {
	unsigned long steps;
	time_t since;
};

static bool is_done(const struct worker *worker)
{
	return __atomic_load_n(&worker->done, __ATOMIC_ACQUIRE);
}

/* Who waits for others isn't to blame, and who is done neither. */
static void watch(const struct worker *worker, struct progress *progress)
{
	unsigned long steps = __atomic_load_n(&worker->steps, __ATOMIC_RELAXED);

	if (steps != progress->steps || is_done(worker) ||
	    __atomic_load_n(&worker->waits, __ATOMIC_RELAXED)) {
		*progress = (struct progress){ .steps = steps, .since = now() };
		return;
	}
	if (now() - progress->since < WORKER_SECONDS)
		return;
	test_fail(__FILE__, __LINE__, "%s is stuck in %s, at step %lu", worker->name,
		  __atomic_load_n(&worker->doing, __ATOMIC_RELAXED), steps);
	test_end();
}

void workers_run(struct worker *workers, unsigned int count)
{
	struct progress progress[MAX_WORKERS];
	unsigned int i, done;

	ASSERT_TRUE(count <= MAX_WORKERS);
	for (i = 0; i < count; i++) {
		worker_step(&workers[i], "start");
		progress[i] = (struct progress){ .since = now() };
		ASSERT_EQ(0, pthread_create(&workers[i].thread, NULL, run_worker, &workers[i]));
	}
	do {
		usleep(2000);
		for (i = done = 0; i < count; i++) {
			watch(&workers[i], &progress[i]);
			done += is_done(&workers[i]);
		}
	} while (done < count);
	for (i = 0; i < count; i++)
		ASSERT_EQ(0, pthread_join(workers[i].thread, NULL));
}

unsigned int scaled(unsigned int standard)
{
	const char *percent = getenv("RACES_PERCENT");
	unsigned long many = percent ? standard * strtoul(percent, NULL, 10) / 100 : standard;

	return many ?: 1;
}

uint64_t seed_or(uint64_t standard)
{
	const char *seed = getenv("RACES_SEED");

	return seed ? strtoull(seed, NULL, 0) : standard;
}
