// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The table of what devices reach: addresses, and removals while pins are held. */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "guest-memory.h"
#include "tap.h"

#define PAGE 4096ULL
#define RAM 0ULL
#define CXL 0x400000000ULL

static struct guest_memory memory;
static uint8_t ram[4 * PAGE], cxl[16 * PAGE];

/* How many bytes there are from @hpa on, and where. */
static uint64_t look(uint64_t hpa, uint64_t length, uint8_t **host)
{
	struct guest_pin pin;
	uint64_t found = guest_memory_get(&memory, hpa, length, &pin);

	*host = found ? pin.host : NULL;
	if (found)
		guest_memory_put(&memory, &pin);
	return found;
}

static bool is_at(uint64_t hpa, uint64_t length, uint64_t found, uint8_t *where)
{
	uint8_t *host;

	return look(hpa, length, &host) == found && host == where;
}

static void addresses(void)
{
	uint64_t top = UINT64_MAX - PAGE;

	guest_memory_init(&memory);
	tap_ok(is_at(0, 1, 0, NULL), "an empty table has nothing");
	tap_ok(guest_memory_add_ram(&memory, RAM, sizeof(ram), ram) &&
	       guest_memory_add(&memory, CXL, 8 * PAGE, cxl), "RAM and a part of a window");
	tap_ok(is_at(RAM, sizeof(ram), sizeof(ram), ram) &&
	       is_at(CXL + 5, 3, 3, cxl + 5), "both are where they should be");
	tap_ok(is_at(CXL + 7 * PAGE, 2 * PAGE, PAGE, cxl + 7 * PAGE), "no more than there is");
	tap_ok(is_at(CXL + 8 * PAGE - 1, UINT64_MAX, 1, cxl + 8 * PAGE - 1),
	       "a length that wraps gets no more either");
	tap_ok(is_at(CXL + 8 * PAGE, 1, 0, NULL) && is_at(CXL - 1, 2, 0, NULL) &&
	       is_at(sizeof(ram), 1, 0, NULL) && is_at(UINT64_MAX, 1, 0, NULL),
	       "nothing beside them");
	tap_ok(is_at(CXL, 0, 0, NULL), "no bytes are no pin");

	tap_ok(guest_memory_add(&memory, CXL + 8 * PAGE, PAGE, cxl + 12 * PAGE) &&
	       is_at(CXL + 7 * PAGE, 2 * PAGE, PAGE, cxl + 7 * PAGE),
	       "neighbours aren't one piece of host memory");
	tap_ok(!guest_memory_add(&memory, CXL + 8 * PAGE, PAGE, cxl) &&
	       !guest_memory_add(&memory, CXL - PAGE, 2 * PAGE, cxl) &&
	       !guest_memory_add(&memory, RAM + PAGE, 1, cxl) &&
	       !guest_memory_add(&memory, CXL - PAGE, 64 * PAGE, cxl), "nothing may overlap");
	tap_ok(!guest_memory_add(&memory, 2 * CXL, 0, cxl) &&
	       !guest_memory_add(&memory, top, 2 * PAGE, cxl) &&
	       !guest_memory_add(&memory, top + 1, PAGE, cxl), "nor be empty or wrap");
}

static void removals(void)
{
	guest_memory_remove_begin(&memory, CXL + 2 * PAGE, PAGE);
	tap_ok(is_at(CXL, 8 * PAGE, 2 * PAGE, cxl) && is_at(CXL + 2 * PAGE, 1, 0, NULL) &&
	       is_at(CXL + 3 * PAGE, 8 * PAGE, 5 * PAGE, cxl + 3 * PAGE),
	       "a part from the middle is removed");
	guest_memory_remove_begin(&memory, CXL + 2 * PAGE, PAGE);
	guest_memory_remove_begin(&memory, CXL, 0);
	tap_ok(is_at(CXL, 8 * PAGE, 2 * PAGE, cxl) &&
	       is_at(CXL + 3 * PAGE, 8 * PAGE, 5 * PAGE, cxl + 3 * PAGE), "once more: nothing");
	guest_memory_remove_begin(&memory, CXL + PAGE, 3 * PAGE);
	tap_ok(is_at(CXL, 8 * PAGE, PAGE, cxl) && is_at(CXL + 3 * PAGE, 1, 0, NULL) &&
	       is_at(CXL + 4 * PAGE, 8 * PAGE, 4 * PAGE, cxl + 4 * PAGE),
	       "the end of one and the start of another");
	tap_ok(guest_memory_add(&memory, CXL + PAGE, 3 * PAGE, cxl + 8 * PAGE) &&
	       is_at(CXL + PAGE, 1, 1, cxl + 8 * PAGE), "something else takes their place");
	guest_memory_remove_begin(&memory, 1, UINT64_MAX);
	tap_ok(is_at(CXL, 1, 0, NULL) && is_at(CXL + PAGE, 1, 0, NULL) &&
	       is_at(CXL + 7 * PAGE, 1, 0, NULL) && is_at(CXL + 8 * PAGE, 1, 0, NULL),
	       "all that can be removed, with a length that wraps");
	tap_ok(is_at(RAM, sizeof(ram), sizeof(ram), ram), "RAM stays");
	guest_memory_remove_wait(&memory, 0, UINT64_MAX);
	tap_ok(memory.count == 1 && !memory.pins && guest_memory_waits(&memory) == 0,
	       "and nothing is in use, nor was there anything to wait for");
}

struct waiter {
	uint64_t hpa;
	uint64_t length;
	uint32_t returned;
};

static void *wait_for(void *opaque)
{
	struct waiter *waiter = opaque;

	guest_memory_remove_wait(&memory, waiter->hpa, waiter->length);
	__atomic_store_n(&waiter->returned, 1, __ATOMIC_RELEASE);
	return NULL;
}

static bool returned(const struct waiter *waiter)
{
	return __atomic_load_n(&waiter->returned, __ATOMIC_ACQUIRE);
}

static void tenth(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
}

static void in_flight(void)
{
	struct waiter part = { .hpa = CXL + PAGE, .length = 7 * PAGE };
	struct guest_pin before, first, second, behind;
	pthread_t thread;

	guest_memory_add(&memory, CXL, 16 * PAGE, cxl);
	guest_memory_get(&memory, CXL, PAGE, &before);
	guest_memory_get(&memory, CXL + PAGE, PAGE, &first);
	guest_memory_get(&memory, CXL + 8 * PAGE - 1, 2, &second);
	guest_memory_get(&memory, CXL + 8 * PAGE, PAGE, &behind);
	tap_ok(first.removable && first.hpa == CXL + PAGE && second.length == 2,
	       "pins say what they hold");

	guest_memory_remove_begin(&memory, part.hpa, part.length);
	tap_ok(is_at(CXL + PAGE, 1, 0, NULL), "what goes away can't be pinned again");
	tap_ok(is_at(CXL, 2 * PAGE, PAGE, cxl) &&
	       is_at(CXL + 8 * PAGE, PAGE, PAGE, cxl + 8 * PAGE), "its neighbours can");
	memset(first.host, 0x5a, first.length);

	pthread_create(&thread, NULL, wait_for, &part);
	tenth();
	tap_ok(!returned(&part), "the removal waits for two pins");
	guest_memory_put(&memory, &first);
	tenth();
	tap_ok(!returned(&part), "... of which one has its first byte in there");
	guest_memory_put(&memory, &second);
	pthread_join(thread, NULL);
	tap_ok(returned(&part) && memory.pins == &behind && behind.next == &before,
	       "... and for none beside it");
	tap_ok(cxl[PAGE] == 0x5a && cxl[2 * PAGE - 1] == 0x5a,
	       "what was pinned could be used until the end");
	guest_memory_put(&memory, &before);
	guest_memory_put(&memory, &behind);
	tap_ok(!memory.pins && guest_memory_waits(&memory) == 1,
	       "nothing is left, and that counts as one wait");
}

#define ROUNDS 20000
#define TURNS 1000

static _Atomic bool stop;

static uint64_t load(const uint64_t *count)
{
	return __atomic_load_n(count, __ATOMIC_RELAXED);
}

/* Pins as devices do, and marks each byte that it has. */
static void *use_all_the_time(void *opaque)
{
	uint64_t *got = opaque;

	while (!stop) {
		struct guest_pin pin;

		if (!guest_memory_get(&memory, CXL, PAGE, &pin))
			continue;
		__atomic_fetch_add(pin.host, 1, __ATOMIC_RELAXED);
		__atomic_fetch_sub(pin.host, 1, __ATOMIC_RELAXED);
		guest_memory_put(&memory, &pin);
		__atomic_fetch_add(got, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void races(void)
{
	uint32_t wrong = 0, rounds;
	pthread_t threads[2];
	uint64_t got = 0;

	guest_memory_remove_begin(&memory, CXL, sizeof(cxl));
	cxl[0] = 0;
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, use_all_the_time, &got);
	for (rounds = 0; rounds < 100 * ROUNDS; rounds++) {
		/* Until both sides have had their turns, however they are scheduled */
		if (rounds >= ROUNDS && load(&got) >= TURNS)
			break;
		guest_memory_add(&memory, CXL, PAGE, cxl);
		guest_memory_remove_begin(&memory, CXL, PAGE);
		guest_memory_remove_wait(&memory, CXL, PAGE);
		wrong += __atomic_load_n(&cxl[0], __ATOMIC_RELAXED) != 0;
	}
	stop = true;
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	tap_ok(!wrong && got >= TURNS, "nobody uses memory whose removal has been waited for");
}

int main(void)
{
	/* Whatever hangs has failed. */
	alarm(120);
	addresses();
	removals();
	in_flight();
	races();
	return tap_end();
}
