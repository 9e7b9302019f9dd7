// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "guest-memory.h"

void guest_memory_init(struct guest_memory *memory)
{
	memset(memory, 0, sizeof(*memory));
	pthread_mutex_init(&memory->lock, NULL);
	pthread_cond_init(&memory->unpinned, NULL);
}

/* Makes room for one more entry before the one at @at. */
static bool insert(struct guest_memory *memory, uint32_t at, const struct guest_memory_range *range)
{
	if (memory->count == memory->room) {
		uint32_t room = memory->room ? 2 * memory->room : 16;
		void *ranges = realloc(memory->ranges, room * sizeof(*range));

		if (!ranges)
			return false;
		memory->ranges = ranges;
		memory->room = room;
	}
	memmove(&memory->ranges[at + 1], &memory->ranges[at],
		(memory->count - at) * sizeof(*range));
	memory->ranges[at] = *range;
	memory->count++;
	return true;
}

static void drop(struct guest_memory *memory, uint32_t at)
{
	memory->count--;
	memmove(&memory->ranges[at], &memory->ranges[at + 1],
		(memory->count - at) * sizeof(memory->ranges[0]));
}

static bool add(struct guest_memory *memory, const struct guest_memory_range *range)
{
	uint64_t end = range->hpa + range->length;
	uint32_t at = 0;
	bool ok;

	/* What ended at 2^64 would have the end 0: refused too. */
	if (end <= range->hpa)
		return false;
	pthread_mutex_lock(&memory->lock);
	while (at < memory->count &&
	       memory->ranges[at].hpa + memory->ranges[at].length <= range->hpa)
		at++;
	ok = (at == memory->count || end <= memory->ranges[at].hpa) && insert(memory, at, range);
	pthread_mutex_unlock(&memory->lock);
	return ok;
}

bool guest_memory_add_ram(struct guest_memory *memory, uint64_t hpa, uint64_t length, void *host)
{
	return add(memory, &(struct guest_memory_range){ hpa, length, host, false });
}

bool guest_memory_add(struct guest_memory *memory, uint64_t hpa, uint64_t length, void *host)
{
	return add(memory, &(struct guest_memory_range){ hpa, length, host, true });
}

/* The last byte: an end could be 2^64. */
static uint64_t last_of(uint64_t hpa, uint64_t length)
{
	return length - 1 > UINT64_MAX - hpa ? UINT64_MAX : hpa + length - 1;
}

/* Takes [first, last] out of the entry at @at; true if nothing of that one is left. */
static bool cut(struct guest_memory *memory, uint32_t at, uint64_t first, uint64_t last)
{
	struct guest_memory_range *range = &memory->ranges[at];
	uint64_t range_last = range->hpa + range->length - 1;
	struct guest_memory_range rest = *range;
	bool keeps_start = range->hpa < first;

	if (last < range_last) {
		rest.hpa = last + 1;
		rest.length = range_last - last;
		rest.host += rest.hpa - range->hpa;
		if (!keeps_start) {
			*range = rest;
			return false;
		}
	}
	if (!keeps_start)
		return true;
	range->length = first - range->hpa;
	/* Without memory for it the rest goes too: it must not stay by mistake. */
	if (last < range_last)
		insert(memory, at + 1, &rest);
	return false;
}

void guest_memory_remove_begin(struct guest_memory *memory, uint64_t hpa, uint64_t length)
{
	uint64_t last = last_of(hpa, length);
	uint32_t at = 0;

	if (!length)
		return;
	pthread_mutex_lock(&memory->lock);
	while (at < memory->count) {
		const struct guest_memory_range *range = &memory->ranges[at];

		if (range->removable && range->hpa <= last && range->hpa + range->length > hpa &&
		    cut(memory, at, hpa, last))
			drop(memory, at);
		else
			at++;
	}
	pthread_mutex_unlock(&memory->lock);
}

static bool is_pinned(const struct guest_memory *memory, uint64_t hpa, uint64_t last)
{
	for (const struct guest_pin *pin = memory->pins; pin; pin = pin->next)
		if (pin->hpa <= last && pin->hpa + pin->length > hpa)
			return true;
	return false;
}

void guest_memory_remove_wait(struct guest_memory *memory, uint64_t hpa, uint64_t length)
{
	if (!length)
		return;
	pthread_mutex_lock(&memory->lock);
	memory->waits += is_pinned(memory, hpa, last_of(hpa, length));
	while (is_pinned(memory, hpa, last_of(hpa, length)))
		pthread_cond_wait(&memory->unpinned, &memory->lock);
	pthread_mutex_unlock(&memory->lock);
}

uint64_t guest_memory_waits(struct guest_memory *memory)
{
	uint64_t waits;

	pthread_mutex_lock(&memory->lock);
	waits = memory->waits;
	pthread_mutex_unlock(&memory->lock);
	return waits;
}

uint64_t guest_memory_get(struct guest_memory *memory, uint64_t hpa, uint64_t length,
			  struct guest_pin *pin)
{
	uint64_t found = 0;

	pthread_mutex_lock(&memory->lock);
	for (uint32_t i = 0; !found && i < memory->count; i++) {
		const struct guest_memory_range *range = &memory->ranges[i];
		uint64_t offset = hpa - range->hpa;

		if (hpa < range->hpa || offset >= range->length)
			continue;
		found = length < range->length - offset ? length : range->length - offset;
		if (!found)
			break;
		*pin = (struct guest_pin){
			.hpa = hpa,
			.length = found,
			.host = range->host + offset,
			.removable = range->removable,
			.next = memory->pins,
		};
		if (memory->pins)
			memory->pins->previous = pin;
		memory->pins = pin;
	}
	pthread_mutex_unlock(&memory->lock);
	return found;
}

void guest_memory_put(struct guest_memory *memory, struct guest_pin *pin)
{
	pthread_mutex_lock(&memory->lock);
	if (pin->previous)
		pin->previous->next = pin->next;
	else
		memory->pins = pin->next;
	if (pin->next)
		pin->next->previous = pin->previous;
	pthread_cond_broadcast(&memory->unpinned);
	pthread_mutex_unlock(&memory->lock);
}
