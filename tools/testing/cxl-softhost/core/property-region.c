// SPDX-License-Identifier: GPL-2.0-only
/*
 * A region over all its levels, programmed as a guest does it: right, and then
 * it answers everywhere; or with one thing wrong.
 */
#include <inttypes.h>

#include "property.h"

static u32 ways_code(u32 ways)
{
	static const u8 codes[SOFTHOST_MAX_WAYS + 1] = {
		[1] = 0, [2] = 1, [4] = 2, [8] = 3, [16] = 4, [3] = 8, [6] = 9, [12] = 10,
	};

	return codes[ways];
}

/* The decoder after all live ones, or -1 */
static int next_decoder(const struct model_node *twin)
{
	u32 n = twin->decoders;

	while (n && !twin->claims[n - 1].live)
		n--;
	return n < twin->decoders ? (int)n : -1;
}

/* Where a device has room for the region, and how much. Return: bytes */
static u64 device_room(struct world *world, struct region_part *part)
{
	const struct model_node *twin = &world->model.nodes[part->index];
	u64 edge = twin->partitions[0].length;
	u64 start = guest_dpa_below(world, part->index, part->ask.n);
	bool persistent = world_chance(world, 30);

	part->ask.list = 0;
	if (start >= edge)
		return edge + twin->partitions[1].length - start;
	if (!twin->partitions[1].length || !persistent)
		return edge - start;
	part->ask.list = edge - start;
	return twin->partitions[1].length;
}

/* Decoders, base and size, after what is live already; false if there is no room */
static bool place(struct world *world, struct region *region)
{
	const struct model_window *window = &world->model.windows[region->window];
	u64 share = window->length / region->total, room, units;
	u32 i, n;

	region->base = window->base;
	if (world_chance(world, 50))
		region->base += UNIT * world_random(world, 5);
	for (i = 0; i < region->count; i++) {
		struct region_part *part = &region->parts[i];
		const struct model_node *twin = &world->model.nodes[part->index];
		int decoder = next_decoder(twin);

		if (decoder < 0)
			return false;
		part->ask.n = decoder;
		for (n = 0; n < part->ask.n; n++) {
			u64 end = twin->claims[n].base + twin->claims[n].size;

			if (!twin->claims[n].live || !twin->claims[n].size)
				continue;
			if (end < twin->claims[n].base)
				return false;
			if (end > region->base)
				region->base = end;
		}
		if (twin->kind != MODEL_DEVICE)
			continue;
		room = device_room(world, part);
		if (room < share)
			share = room;
	}

	if (region->base - window->base >= window->length)
		return false;
	room = (window->base + window->length - region->base) / region->total;
	if (room < share)
		share = room;
	units = share / UNIT;
	if (!units)
		return false;
	if (world_chance(world, 70)) {
		n = 1 + world_random(world, 4);
		if (units > n)
			units = n;
	}
	region->share = units * UNIT;
	region->size = region->share * region->total;
	return true;
}

static void fill_in(struct world *world, struct region *region)
{
	u32 i;

	for (i = 0; i < region->count; i++) {
		struct region_part *part = &region->parts[i];
		u32 depth = world->nodes[part->index]->depth;
		u32 ways = region->ways[depth], code = region->granularity[depth];

		if (world->model.nodes[part->index].kind == MODEL_DEVICE) {
			ways = region->total;
			code = region->device_granularity;
		}
		part->ask.base = region->base;
		part->ask.size = region->size;
		part->ask.ctrl = TYPE | IW(ways_code(ways)) | IG(code);
	}
}

/* One component with one field that isn't right */
static void spoil(struct world *world, struct region *region)
{
	struct rig_program *ask = &region->parts[world_random(world, region->count)].ask;
	u64 value = world_random(world, 0);

	switch (value % 8) {
	case 0:
		ask->ctrl ^= IW(1u << value / 8 % 4);
		break;
	case 1:
		ask->ctrl ^= IG(1u << value / 8 % 3);
		break;
	case 2:
		ask->base += UNIT;
		break;
	case 3:
		ask->base -= UNIT;
		break;
	case 4:
		ask->size += UNIT * region->total;
		break;
	case 5:
		ask->size -= UNIT * region->total;
		break;
	case 6:
		/* Two ways swapped, or the skip wrong */
		ask->list = (ask->list & ~0xffffULL) | (ask->list >> 8 & 0xff) |
			    (ask->list & 0xff) << 8;
		break;
	default:
		ask->list ^= 1ULL << value / 8 % 16;
	}
	world->census->broken++;
}

static void enable(struct world *world, u32 index)
{
	bool switch_first = world_chance(world, 50);

	if (switch_first)
		world_switch(world, index, true, true);
	world_write(world, index, HDM_GLOBAL, 4, ENABLE);
	if (!switch_first)
		world_switch(world, index, true, true);
}

/* Components in any order, or by depth: Linux goes from devices up */
static void carry_on(struct world *world, const struct region *region, int left_out)
{
	u32 order[MODEL_NODES], way = world_random(world, 4), i, j, deepest = SOFTHOST_MAX_DEPTH;
	u32 enables = world_random(world, 3);

	world_shuffle(world, order, region->count);
	for (j = 0; j <= deepest; j++) {
		for (i = 0; i < region->count; i++) {
			const struct region_part *part = &region->parts[order[i]];
			u32 depth = world->nodes[part->index]->depth;
			bool device = world->model.nodes[part->index].kind == MODEL_DEVICE;

			if ((way == 0 && depth != j) || (way == 1 && depth != deepest - j) ||
			    (way > 1 && j))
				continue;
			if ((int)order[i] == left_out)
				continue;
			if (device && enables == 0)
				enable(world, part->index);
			if (guest_free_decoder(world, part->index) >= 0)
				guest_program(world, part->index, &part->ask);
			if (device && enables == 1)
				enable(world, part->index);
		}
	}
	for (i = 0; i < region->device_count && enables == 2; i++)
		enable(world, region->devices[i]);
}

/* Does every component hold what it was given? Something may have been taken back */
static bool in_force(const struct world *world, const struct region *region)
{
	u32 i;

	for (i = 0; i < region->count; i++) {
		const struct region_part *part = &region->parts[i];
		const struct model_node *twin = &world->model.nodes[part->index];
		const struct model_claim *claim = &twin->claims[part->ask.n];

		if (!claim->live || claim->base != region->base || claim->size != region->size)
			return false;
		if (twin->kind != MODEL_DEVICE)
			continue;
		if (!twin->mem_on || !twin->media_ok ||
		    !(guest_dword(world, part->index, HDM_GLOBAL) & ENABLE))
			return false;
	}
	return true;
}

/* How many addresses of the device's decoder end in the DPA that @hpa does? */
static u32 addresses_of(const struct world *world, const struct region *region,
			const struct model_answer *want)
{
	const struct model_claim *claim =
		&world->model.nodes[want->node].claims[want->decoder];
	u64 offset = want->dpa - claim->dpa, row, at;
	struct model_answer there;
	u32 way, count = 0;

	row = offset / claim->granule * claim->granule * claim->ways;
	for (way = 0; way < region->total; way++) {
		at = claim->base + row + way * claim->granule + offset % claim->granule;
		model_decode(&world->model, at, &there);
		count += there.answers && there.node == want->node && there.dpa == want->dpa;
	}
	return count;
}

static void count_region(struct world *world, const struct region *region)
{
	const struct model_window *window = &world->model.windows[region->window];
	struct census *census = world->census;
	bool through_switch = false;
	u32 levels = 0, i;

	census->regions[region->total]++;
	if (region->total == 1)
		return;
	for (i = 0; i < REGION_LEVELS; i++)
		levels += region->ways[i] > 1;
	census->region_levels[levels < 3 ? levels : 3]++;
	for (i = 0; i < region->device_count; i++)
		through_switch |= world->nodes[region->devices[i]]->depth > 2;
	census->region_switch += through_switch;
	census->region_xor += !!window->map_count;
	census->region_coarse += region->coarse;
	census->region_linux += region->linux_shape;
	census->region_odd += region->total % 3 == 0 &&
			      region->base % (region->total * UNIT) != 0;
}

/* All of it answers, and each byte of memory once */
static void check_region(struct world *world, const struct region *region)
{
	struct model_survey survey;
	struct model_answer answer;
	u32 i;

	model_survey(&world->model, region->base, &survey);
	world_check(world, survey.answering == region->total && !survey.dead_ends, P_REGION,
		    "%u devices of a region of %u ways answer, %u don't", survey.answering,
		    region->total, survey.dead_ends);
	for (i = 0; i < 16 && !world->broken; i++) {
		u64 hpa = region->base + world_random(world, region->size);

		if (i == 0)
			hpa = region->base;
		if (i == 1)
			hpa = region->base + (region->size - 1);
		model_decode(&world->model, hpa, &answer);
		world_check(world, answer.answers, P_REGION,
			    "%#" PRIx64 " in a complete region is silent", hpa);
		if (!world->broken && world->one_to_one[region->window])
			world_check(world, addresses_of(world, region, &answer) == 1, P_REGION,
				    "DPA %#" PRIx64 " of node %d, at %#" PRIx64 " in a complete "
				    "region, isn't there once", answer.dpa, answer.node, hpa);
		check_address(world, hpa, i < 6);
	}
	if (!world->broken)
		count_region(world, region);
}

void step_region(struct world *world, bool legal)
{
	u32 window = world_random(world, world->model.window_count), i;
	bool afresh = world_chance(world, 20);
	struct region region;
	int left_out = -1;

	if (!region_shape(world, &region, window) || !region.count)
		return;
	if (afresh || !place(world, &region)) {
		for (i = 0; i < region.count; i++)
			world_reset(world, region.parts[i].index);
		if (world->broken || !place(world, &region))
			return;
	}
	fill_in(world, &region);
	fprintf(world->tracer, "region in window %u: %u ways, %#" PRIx64 " + %#" PRIx64 "\n",
		window, region.total, region.base, region.size);
	if (!legal && world_chance(world, 20))
		left_out = world_random(world, region.count);
	else if (!legal)
		spoil(world, &region);
	carry_on(world, &region, left_out);
	if (legal && !world->broken && in_force(world, &region))
		check_region(world, &region);
}
