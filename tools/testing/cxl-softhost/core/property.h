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
#include "said.h"

enum property {
	P_VERDICT,
	P_REGISTERS,
	P_DECODE,
	P_SEGMENT,
	P_RUN,
	P_BACK,
	P_REGION,
	P_FLAGS,
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
	P_RECORDS,
	P_RUBBISH,
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
	u64 addresses, plugged;

	/* Of addresses */
	u64 runs, back, through_switch, deepest;
	u64 granular, granular_silent;
	u64 whole, partial;		/* segments in which all or some ways answer */

	/* Complete interleaved regions: by ways, and of some kinds */
	u64 regions[SOFTHOST_MAX_WAYS + 1];
	u64 region_xor, region_levels[4], region_switch, region_coarse, region_linux;
	u64 region_odd;			/* base not a multiple of its ways * 256 MiB */
	u64 broken;			/* with one thing wrong */

	/* Policy "strict-spec" */
	u64 strict_commits, strict_locked, overlaps, shadowed, uncovered;
	u64 linear_only, linear_only_uncovered;
	u64 misplaced, misplaced_uncovered, in_place;

	/* Records: brought back; then spoiled, and what came of that */
	u64 restored, restored_errors, restored_locked, restored_gaps;
	u64 rubbish_senseless, rubbish_refused[64], rubbish_accepted, rubbish_live;
};

struct slot {
	bool used;
	u64 hpa, length, host_addr;
};

#define BACKENDS 3

struct world {
	u64 seed;
	u64 random;
	const u8 *input;		/* taken before random numbers, while there is any */
	size_t left;
	u64 unit;			/* of this world's sizes: 256 MiB, or much more */
	bool strict;
	bool linear;			/* mostly 1-way, the guest makes extents */

	struct model model;
	struct softhost_node *nodes[MODEL_NODES];
	struct softhost_backend backends[BACKENDS];
	struct softhost_window windows[MODEL_WINDOWS];
	struct softhost_window *list[MODEL_WINDOWS];
	struct softhost_topology topology;
	/* Each address has memory of its own: no map mixes up the ways of a window */
	bool one_to_one[MODEL_WINDOWS];

	struct softhost_bound bound;
	struct softhost_map *installed;	/* the map in force, with slots */
	struct softhost_map *wanted;
	struct softhost_plan plan;
	struct slot *slots;

	/* An answer from the registers in force, to be given until they change */
	const struct softhost_window *last_window;
	u64 last_hpa;
	struct softhost_answer last;

	/* For property-records.c: numbers of its own, nodes with other registers */
	u64 records_random;
	bool touched[MODEL_NODES];

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
/* With @left bytes of @input in place of the first random numbers */
struct world *world_make_from(const u8 *input, size_t left, struct census *census);
void world_free(struct world *world);
u64 world_random(struct world *world, u64 below);
/* True @percent times of 100 */
bool world_chance(struct world *world, u32 percent);
/* @order: 0 to @count - 1, shuffled */
void world_shuffle(struct world *world, u32 *order, u32 count);
void world_print(struct world *world);

/* property-topology.c */
void world_grow(struct world *world);

/* property-apply.c: all of these do it to both, and then check everything */
void world_write(struct world *world, u32 index, u32 offset, u32 width, u64 value);
void world_switch(struct world *world, u32 index, bool mem_on, bool media_ok);
void world_reset(struct world *world, u32 index);
void world_plug(struct world *world, u32 index, bool present);

/* property-check.c */
/* Reads anything anywhere */
void world_read(struct world *world, u32 index, u32 offset, u32 width);
void check_verdict(struct world *world, const struct cxl_softhost_result *result,
		   const struct model_write *model);
void check_registers(struct world *world, u32 index);
void check_cover(struct world *world, const struct softhost_map *map);
void check_capacity(struct world *world, u32 index);

__attribute__((format(printf, 4, 5)))
bool world_check(struct world *world, bool good, enum property what, const char *format, ...);

/* property-address.c; @deep: and where the answer goes on, and back from DPA */
void check_address(struct world *world, u64 hpa, bool deep);
/* @index: of the node that changed */
void check_addresses(struct world *world, u32 index);

/* property-walk.c */
void check_walk(struct world *world, const struct softhost_segment *segment, u64 hpa,
		const struct model_answer *want, bool deep);
void check_in_force(struct world *world);

/* property-records.c: registers that changed since the last time to records and back */
void check_records(struct world *world);

/* property-guest.c: what the steps have in common */
u32 guest_dword(const struct world *world, u32 index, u32 offset);
/* A node with decoders, or -1 */
int guest_node(struct world *world);
/* One with a live decoder, or -1 */
int guest_live_node(struct world *world);
/* A device below one of @window's targets (NULL: any), or -1 */
int guest_device(struct world *world, const struct model_window *window);
void guest_program(struct world *world, u32 index, const struct rig_program *program);
void guest_uncommit(struct world *world, u32 index, u32 n);
/* The first decoder that isn't live, COMMIT cleared if it failed; or -1 */
int guest_free_decoder(struct world *world, u32 index);
/* Where the live decoders before @n end: in HPA, in DPA */
u64 guest_end_below(const struct world *world, u32 index, u32 n);
u64 guest_dpa_below(const struct world *world, u32 index, u32 n);
u64 guest_size(struct world *world);

/* property-shape.c and property-region.c: regions over all levels */
#define REGION_LEVELS (SOFTHOST_MAX_DEPTH + 1)

struct region_part {
	u32 index;
	struct rig_program ask;
};

struct region {
	u32 window;
	/* By depth, the window's first; a device's own are below */
	u32 ways[REGION_LEVELS];
	u32 granularity[REGION_LEVELS];		/* codes */
	u32 total;
	u32 device_granularity;
	bool coarse, linux_shape;

	u64 base, size, share;
	struct region_part parts[MODEL_NODES];
	u32 count;
	u32 devices[SOFTHOST_MAX_WAYS];
	u32 device_count;
};

/* Chooses ways, granularities, components and targets; false if none fit */
bool region_shape(struct world *world, struct region *region, u32 window);
void step_region(struct world *world, bool legal);

/* property-step.c */
void world_step(struct world *world);

/* property-census.c */
void census_print(const struct census *census, u64 seeds);
/* A walk that met nothing proves nothing */
void census_check(const struct census *census);

#endif /* _SOFTHOST_TEST_PROPERTY_H */
