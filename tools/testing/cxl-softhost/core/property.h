/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random worlds for core/ and the model side by side: the same topology, the
 * same accesses, and what has to hold after each of them.
 */
#ifndef _SOFTHOST_TEST_PROPERTY_H
#define _SOFTHOST_TEST_PROPERTY_H

#include <stdio.h>

#include "model.h"
#include "rig.h"

enum property {
	P_VERDICT,
	P_REGISTERS,
	P_DECODE,
	P_COVER,
	P_INSIDE,
	P_BOUND,
	P_CAPACITY,
	P_STEADY,
	P_ONE_WAY,
	P_PLAN,
	P_UNTOUCHED,
	P_TAKEN_BACK,
	P_FIND,
	PROPERTIES,
};

/* What a walk came across, to know that it wasn't an idle one */
struct census {
	u64 writes;
	u64 commits, device_commits, interleaved, zero_size, locked;
	u64 uncommits, out_of_order;
	u64 reasons[64];
	u64 extents, most_extents, split, persistent;
	u64 taken_back, enables_taken_back;
	u64 addresses;
};

struct slot {
	bool used;
	u64 hpa, length, host_addr;
};

#define BACKENDS 3

struct world {
	u64 seed;
	u64 random;
	u64 unit;			/* of this world's sizes: 256 MiB, or much more */

	struct model model;
	struct softhost_node *nodes[MODEL_NODES];
	struct softhost_backend backends[BACKENDS];
	struct softhost_window windows[MODEL_WINDOWS];
	struct softhost_window *list[MODEL_WINDOWS];
	struct softhost_topology topology;

	struct softhost_bound bound;
	struct softhost_map *installed;	/* the map in force, with slots */
	struct softhost_map *wanted;
	struct softhost_plan plan;
	struct slot *slots;

	char *trace;
	size_t trace_size;
	FILE *tracer;

	struct census *census;
	bool broken;			/* a property failed: stop */
	enum property what;
	char why[200];
};

/*
 * property-world.c. Random numbers are drawn one a statement: the order must
 * not be the compiler's choice, or a seed would mean something else to each.
 */
struct world *world_make(u64 seed, struct census *census);
void world_free(struct world *world);
u64 world_random(struct world *world, u64 below);
/* True @percent times of 100 */
bool world_chance(struct world *world, u32 percent);
void world_print(struct world *world);

/* property-apply.c: all of these do it to both, and then check everything */
void world_write(struct world *world, u32 index, u32 offset, u32 width, u64 value);
void world_switch(struct world *world, u32 index, bool mem_on, bool media_ok);
void world_reset(struct world *world, u32 index);

/* property-check.c */
/* Reads anything anywhere */
void world_read(struct world *world, u32 index, u32 offset, u32 width);
void check_verdict(struct world *world, const struct cxl_softhost_result *result,
		   const struct model_write *model);
void check_registers(struct world *world, u32 index);
void check_address(struct world *world, u64 hpa);
void check_addresses(struct world *world);
void check_cover(struct world *world, const struct softhost_map *map);
void check_capacity(struct world *world, u32 index);

__attribute__((format(printf, 4, 5)))
bool world_check(struct world *world, bool good, enum property what, const char *format, ...);

/* property-step.c */
void world_step(struct world *world);

#endif /* _SOFTHOST_TEST_PROPERTY_H */
