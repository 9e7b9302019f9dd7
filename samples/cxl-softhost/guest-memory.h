/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What devices reach by DMA: boot RAM, and the parts of CXL windows that are
 * mapped, by guest physical address. The latter come and go while requests run,
 * so whoever uses an address pins it first, and a removal has two steps: first
 * nobody gets a new pin, then those that are there are waited for.
 */
#ifndef CXLVM_GUEST_MEMORY_H
#define CXLVM_GUEST_MEMORY_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct guest_memory_range {
	uint64_t hpa;
	uint64_t length;
	uint8_t *host;
	bool removable;
};

/* A part in use. The fields are for reading, and for whoever pinned it only. */
struct guest_pin {
	uint64_t hpa;
	uint64_t length;
	uint8_t *host;
	bool removable;		/* CXL memory */
	struct guest_pin *previous, *next;
};

/* All functions are for any thread. The lock is never held while one waits. */
struct guest_memory {
	pthread_mutex_t lock;
	pthread_cond_t unpinned;
	struct guest_memory_range *ranges;	/* by ascending address, disjoint */
	uint32_t count, room;
	struct guest_pin *pins;
	uint64_t waits;		/* removals that had to wait for a pin */
};

void guest_memory_init(struct guest_memory *memory);

/*
 * Boot RAM stays; what guest_memory_add() adds can be removed. False if it is
 * empty, wraps, overlaps what is there, or the host has no memory for the entry.
 */
bool guest_memory_add_ram(struct guest_memory *memory, uint64_t hpa, uint64_t length, void *host);
bool guest_memory_add(struct guest_memory *memory, uint64_t hpa, uint64_t length, void *host);

/*
 * From now on nobody gets a pin in there; those there are stay valid. Boot RAM,
 * and what isn't in the table, is left alone: so it may be said again, and of
 * parts of what was added.
 */
void guest_memory_remove_begin(struct guest_memory *memory, uint64_t hpa, uint64_t length);

/* Returns when no pin is left in there. */
void guest_memory_remove_wait(struct guest_memory *memory, uint64_t hpa, uint64_t length);

/* How many of these have not returned at once. */
uint64_t guest_memory_waits(struct guest_memory *memory);

/*
 * Pins [hpa, hpa + length), or as much of it from its start as is in one piece of
 * host memory. Returns how many bytes, 0 if there are none: then there is no pin.
 */
uint64_t guest_memory_get(struct guest_memory *memory, uint64_t hpa, uint64_t length,
			  struct guest_pin *pin);
void guest_memory_put(struct guest_memory *memory, struct guest_pin *pin);

#endif
