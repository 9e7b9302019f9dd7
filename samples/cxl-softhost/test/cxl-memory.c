// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What devices reach when the module's map changes, whose answers are made up here. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cxl.h"
#include "tap.h"

#define PAGE 4096ULL
#define WINDOW 0x400000000ULL

static struct vm vm;
static struct cxl cxl = { .vm = &vm };
static uint8_t memory[8 * PAGE];
static struct cxl_softhost_segment map[4];
static uint32_t map_count;
static int map_error, checked;

int cxl_map_get(struct cxl *from, struct cxl_softhost_map_get *cmd,
		struct cxl_softhost_segment **segments)
{
	(void)from;
	*segments = NULL;
	if (map_error)
		return map_error;
	*segments = malloc(sizeof(map));
	if (!*segments)
		return -ENOMEM;
	memcpy(*segments, map, sizeof(map));
	cmd->count = map_count;
	cmd->out_generation = cxl.generation + 1;
	return 0;
}

void cxl_check(struct cxl *from, int error, const char *what)
{
	(void)from;
	(void)what;
	checked = error;
}

static void put(uint32_t kind, uint64_t page, uint64_t pages, uint64_t from, uint32_t slot)
{
	map[map_count++] = (struct cxl_softhost_segment){
		.hpa = WINDOW + page * PAGE,
		.length = pages * PAGE,
		.host_addr = (uintptr_t)memory + from * PAGE,
		.kind = kind,
		.slot = slot,
	};
}

static void linear(uint64_t page, uint64_t pages, uint64_t from)
{
	put(CXL_SOFTHOST_SEGMENT_LINEAR, page, pages, from, 7);
}

/* Is this page of the window reached, and which of the memory is it? */
static bool is_at(uint64_t page, int from)
{
	struct guest_pin pin;
	bool ok = from < 0;

	if (!guest_memory_get(&vm.memory, WINDOW + page * PAGE, 1, &pin))
		return ok;
	ok = from >= 0 && pin.host == memory + from * PAGE && pin.removable;
	guest_memory_put(&vm.memory, &pin);
	return ok;
}

static void changes(void)
{
	linear(0, 2, 0);
	linear(2, 2, 6);
	cxl_memory_update(&cxl);
	tap_ok(is_at(0, 0) && is_at(1, 1) && is_at(2, 6) && is_at(3, 7) && is_at(4, -1),
	       "what has a slot");
	tap_ok(cxl.generation == 1, "the generation is that of the map");
	cxl_memory_update(&cxl);
	tap_ok(is_at(0, 0) && is_at(3, 7) && vm.memory.count == 2, "once more: no change");

	map_count = 0;
	linear(0, 2, 0);
	linear(2, 2, 4);
	cxl_memory_update(&cxl);
	tap_ok(is_at(0, 0) && is_at(2, 4) && is_at(3, 5), "other memory at the same address");
	map_count = 0;
	linear(0, 1, 0);
	cxl_memory_update(&cxl);
	tap_ok(is_at(0, 0) && is_at(1, -1) && is_at(2, -1), "less of it");

	map_count = 0;
	put(CXL_SOFTHOST_SEGMENT_LINEAR, 0, 1, 0, CXL_SOFTHOST_NONE);
	put(CXL_SOFTHOST_SEGMENT_INTERLEAVED, 1, 1, 0, CXL_SOFTHOST_NONE);
	put(CXL_SOFTHOST_SEGMENT_CONDEMNED, 2, 1, 0, 8);
	put(CXL_SOFTHOST_SEGMENT_HOLE, 3, 1, 0, CXL_SOFTHOST_NONE);
	cxl_memory_update(&cxl);
	tap_ok(is_at(0, -1) && is_at(1, -1) && is_at(2, -1) && is_at(3, -1),
	       "nothing that isn't linear, or has no slot");

	map_error = -EIO;
	cxl_memory_update(&cxl);
	tap_ok(checked == -EIO, "no map is the end of the VM");
	map_error = 0;
}

static void *let_go(void *opaque)
{
	uint32_t *ended = opaque;
	static struct guest_pin pin;

	guest_memory_get(&vm.memory, WINDOW, PAGE, &pin);
	__atomic_store_n(&ended[0], 1, __ATOMIC_RELEASE);
	/* Until the change has begun, and some more */
	while (!is_at(0, -1))
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
	tap_ok(is_at(1, -1), "all is out of reach before the first request is waited for");
	__atomic_store_n(&ended[1], 1, __ATOMIC_RELEASE);
	guest_memory_put(&vm.memory, &pin);
	return NULL;
}

static void in_flight(void)
{
	uint32_t ended[2] = { 0 };
	pthread_t thread;

	map_count = 0;
	linear(0, 1, 0);
	linear(1, 1, 1);
	cxl_memory_update(&cxl);
	pthread_create(&thread, NULL, let_go, ended);
	while (!__atomic_load_n(&ended[0], __ATOMIC_ACQUIRE))
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	map_count = 0;
	cxl_memory_update(&cxl);
	tap_ok(__atomic_load_n(&ended[1], __ATOMIC_ACQUIRE),
	       "a change waits for requests in flight");
	pthread_join(thread, NULL);
}

int main(void)
{
	/* Whatever hangs has failed. */
	alarm(120);
	guest_memory_init(&vm.memory);
	changes();
	in_flight();
	free(cxl.extents);
	free(vm.memory.ranges);
	return tap_end();
}
