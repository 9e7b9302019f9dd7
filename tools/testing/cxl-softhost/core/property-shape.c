// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which levels of a topology deal out a region, and in which order: the legal
 * shapes of interleaving (CXL 9.13.1), over components that there are.
 */
#include "property.h"

static u32 log2_of(u64 value)
{
	u32 bits = 0;

	while (value /= 2)
		bits++;
	return bits;
}

static bool device_fits(const struct region *region, const struct model_node *twin)
{
	u32 ways = region->total, bit = 8 + region->device_granularity;

	if (ways == 16 && !twin->ways_16)
		return false;
	if (ways % 3 == 0 && !twin->ways_3_6_12)
		return false;
	for (; ways % 2 == 0; ways /= 2, bit++)
		if ((bit <= 11 && !twin->bits_8_11) ||
		    (bit >= 12 && bit <= 14 && !twin->bits_12_14))
			return false;
	return true;
}

/* Are there as many ways from here on as the region takes? */
static bool fits(const struct world *world, const struct region *region, u32 index, u32 depth)
{
	const struct model_node *twin = &world->model.nodes[index];
	u32 ways = region->ways[depth], found = 0, i;

	if (twin->kind == MODEL_DEVICE) {
		for (i = depth; i < REGION_LEVELS; i++)
			if (region->ways[i] > 1)
				return false;
		return device_fits(region, twin);
	}
	if (twin->has_hdm ? ways > twin->targets : ways > 1)
		return false;
	for (i = 0; i < world->model.node_count && found < ways; i++)
		if (world->model.nodes[i].above == (int)index && world->model.nodes[i].present)
			found += fits(world, region, i, depth + 1);
	return found >= ways;
}

static void choose(struct world *world, struct region *region, u32 index, u32 depth)
{
	const struct model_node *twin = &world->model.nodes[index];
	struct region_part *part = &region->parts[region->count];
	u32 order[MODEL_NODES], ways = region->ways[depth], way = 0, i;

	if (twin->has_hdm) {
		region->count++;
		part->index = index;
		part->ask.list = world_chance(world, 50) ? world_random(world, 0) : 0;
	}
	if (twin->kind == MODEL_DEVICE) {
		region->devices[region->device_count++] = index;
		return;
	}
	world_shuffle(world, order, world->model.node_count);
	for (i = 0; way < ways; i++) {
		const struct model_node *child = &world->model.nodes[order[i]];

		if (child->above != (int)index || !child->present ||
		    !fits(world, region, order[i], depth + 1))
			continue;
		if (twin->has_hdm) {
			part->ask.list &= ~(0xffULL << 8 * way);
			part->ask.list |= (u64)child->port << 8 * way;
		}
		way++;
		choose(world, region, order[i], depth + 1);
	}
}

/* Halvings below the window: how many, and at which depths */
static void deal_ways(struct world *world, struct region *region)
{
	u32 most = region->ways[0] % 3 ? 16 : 12, depths = 1, halvings, other, i;

	most = log2_of(most / region->ways[0]);
	halvings = world_random(world, most + 1);
	other = world_random(world, most + 1);
	if (other > halvings)
		halvings = other;
	for (i = 0; i < world->model.node_count; i++)
		if (world->model.nodes[i].kind == MODEL_SWITCH && world->nodes[i]->depth > depths)
			depths = world->nodes[i]->depth;

	region->total = region->ways[0];
	for (i = 1; i < REGION_LEVELS; i++)
		region->ways[i] = 1;
	while (halvings--) {
		i = 1 + world_random(world, depths);
		if (region->ways[i] == 8)
			continue;
		region->ways[i] *= 2;
		region->total *= 2;
	}
}

/*
 * Which address bits each level takes: all of them different and consecutive,
 * from the device's granularity up. A power of two may be dealt out in any
 * order. A factor 3 isn't a bit: the window with it deals out what all others
 * have as one granule. Linux gives it the device's granularity instead, which
 * is as good: what is left by 3 and what is left by 2 or 4 tells 6 or 12 apart.
 */
static bool deal_granularity(struct world *world, struct region *region, u64 granule)
{
	u32 order[REGION_LEVELS], levels[REGION_LEVELS], count = 0, finer, shift, i;
	bool three = region->ways[0] % 3 == 0;
	u32 code = log2_of(granule) - 8;

	for (i = 1; i < REGION_LEVELS; i++) {
		region->granularity[i] = world_random(world, 7);
		if (region->ways[i] > 1)
			levels[count++] = i;
	}
	world_shuffle(world, order, count);

	region->linux_shape = region->ways[0] == 3 && count && world_chance(world, 35);
	finer = three ? count : world_random(world, count + 1);
	if (region->linux_shape)
		finer = 0;
	region->coarse = !three && region->ways[0] > 1 && finer;
	if (region->ways[0] == 1)
		code = world_random(world, 7);
	for (i = 0, shift = 0; i < finer && region->ways[0] > 1; i++)
		shift += log2_of(region->ways[levels[order[i]]]);
	if (shift > code)
		return false;

	code -= shift;
	region->device_granularity = code;
	for (i = 0; i < count; i++) {
		u32 level = levels[order[i]];

		if (i == finer && !three)
			code += log2_of(region->ways[0]);
		if (code > 6)
			return false;
		region->granularity[level] = code;
		code += log2_of(region->ways[level]);
	}
	return true;
}

bool region_shape(struct world *world, struct region *region, u32 window)
{
	const struct model_window *from = &world->model.windows[window];
	u32 tries, way;

	memset(region, 0, sizeof(*region));
	region->window = window;
	region->ways[0] = from->ways;
	for (tries = 0; tries < 16; tries++) {
		deal_ways(world, region);
		if (!deal_granularity(world, region, from->granule))
			continue;
		for (way = 0; way < from->ways; way++)
			if (!fits(world, region, from->targets[way], 1))
				break;
		if (way < from->ways)
			continue;
		for (way = 0; way < from->ways; way++)
			choose(world, region, from->targets[way], 1);
		return true;
	}
	return false;
}
