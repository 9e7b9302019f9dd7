// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest does: programs that make sense, programs that nearly do, and
 * plain rubbish, all through the registers.
 */
#include "property.h"

/* A place in a window at or above @from, rather than anywhere */
static u64 some_base(struct world *world, const struct model_window *window, u64 from)
{
	u64 base = window->base;

	if (from > base && world_chance(world, 90))
		base = from;
	if (world_chance(world, 25))
		base += world->unit * world_random(world, 6);
	else if (world_chance(world, 10))
		base -= UNIT * world_random(world, 3);
	return base;
}

/* Of a component on the way to @device: a range with one way, mostly there */
static void link_router(struct world *world, const struct model_window *window, u32 index,
			u32 device, struct rig_program *ask)
{
	u32 port = device;
	int n;

	if (!world->model.nodes[index].has_hdm || world_chance(world, 15))
		return;
	n = guest_free_decoder(world, index);
	if (n < 0)
		return;
	while (world->model.nodes[port].above != (int)index)
		port = world->model.nodes[port].above;
	if (world_chance(world, 10)) {
		ask->base = some_base(world, window, guest_end_below(world, index, n));
		ask->size = guest_size(world);
	}
	ask->n = n;
	ask->list = world_random(world, 0) << 8 | world->model.nodes[port].port;
	ask->ctrl = TYPE | IG((u32)world_random(world, 7));
	guest_program(world, index, ask);
}

/* What a careful guest does, give or take */
static void step_link(struct world *world)
{
	const struct model_window *window =
		&world->model.windows[world_random(world, world->model.window_count)];
	int device = guest_device(world, window), n, above;
	const struct model_node *twin;
	struct rig_program ask = { 0 };
	u64 start = 0, end, room;

	if (device < 0)
		return;
	twin = &world->model.nodes[device];
	/* After everything that the components on the way have */
	for (above = device; above >= 0; above = world->model.nodes[above].above) {
		end = guest_end_below(world, above, world->model.nodes[above].decoders);
		if (end > start)
			start = end;
	}
	/* Full: begin again */
	if (start >= window->base + window->length && world_chance(world, 40)) {
		for (above = device; above >= 0; above = world->model.nodes[above].above)
			world_reset(world, above);
		start = 0;
	}
	ask.base = some_base(world, window, start);
	ask.size = guest_size(world);
	for (above = twin->above; above >= 0; above = world->model.nodes[above].above)
		link_router(world, window, above, device, &ask);

	n = guest_free_decoder(world, device);
	if (n < 0)
		return;
	start = guest_dpa_below(world, device, n);
	ask.n = n;
	if (world_chance(world, 25)) {
		ask.base = some_base(world, window, guest_end_below(world, device, n));
		ask.size = guest_size(world);
	}
	ask.list = 0;
	if (start < twin->partitions[0].length && world_chance(world, 30))
		ask.list = twin->partitions[0].length - start;
	room = twin->partitions[0].length;
	if (start + ask.list >= room)
		room += twin->partitions[1].length;
	room -= start + ask.list < room ? start + ask.list : room;
	if (ask.size > room && room && world_chance(world, 80))
		ask.size = room;
	ask.ctrl = TYPE | IG((u32)world_random(world, 7));
	/* A device alone that believes in others (T20) */
	if (world_chance(world, 12)) {
		ask.ctrl |= IW(1);
		ask.size += ask.size % (2 * UNIT);
	}
	guest_program(world, device, &ask);
	if (world_chance(world, 80)) {
		world_write(world, device, HDM_GLOBAL, 4, ENABLE);
		world_switch(world, device, true, true);
	}
}

/* A whole window led to one device, and many small ranges of that */
static void step_stripes(struct world *world)
{
	const struct model_window *window =
		&world->model.windows[world_random(world, world->model.window_count)];
	int device = guest_device(world, window), above, below;
	struct rig_program ask = { .ctrl = TYPE };
	u32 count, n;

	if (device < 0)
		return;
	for (above = device; above >= 0; above = world->model.nodes[above].above)
		world_reset(world, above);
	below = device;
	for (above = world->model.nodes[device].above; above >= 0;
	     above = world->model.nodes[above].above) {
		ask.base = window->base;
		ask.size = window->length;
		ask.list = world->model.nodes[below].port;
		if (world->model.nodes[above].has_hdm)
			guest_program(world, above, &ask);
		below = above;
	}
	world_write(world, device, HDM_GLOBAL, 4, ENABLE);
	world_switch(world, device, true, true);
	count = world->model.nodes[device].decoders;
	count -= world_random(world, count);
	ask.base = window->base;
	for (n = 0; n < count; n++) {
		ask.n = n;
		ask.base += world_chance(world, 30) ? UNIT : 0;
		ask.size = UNIT * (1 + world_random(world, 2));
		ask.list = world_chance(world, 20) ? UNIT : 0;
		guest_program(world, device, &ask);
		ask.base += ask.size;
	}
}

static u64 wild_address(struct world *world)
{
	const struct model_window *window =
		&world->model.windows[world_random(world, world->model.window_count)];
	int index = guest_node(world);

	switch (world_random(world, 6)) {
	case 0:
		return window->base + window->length - UNIT * world_random(world, 3);
	case 1:
		return world_random(world, 0);
	case 2:
		return -UNIT * world_random(world, 4);
	case 3:
		if (index >= 0) {
			const struct model_node *node = &world->model.nodes[index];
			const struct model_claim *claim;
			u64 edge;

			claim = &node->claims[world_random(world, node->decoders)];
			edge = claim->base + (world_chance(world, 50) ? claim->size : 0);

			return edge + UNIT * (world_random(world, 3) - 1);
		}
		/* fall through */
	default:
		return window->base + world->unit * world_random(world, 24);
	}
}

static u64 wild_size(struct world *world)
{
	switch (world_random(world, 8)) {
	case 0:
		return 0;
	case 1:
		return world_random(world, 0);
	case 2:
		return -UNIT * world_random(world, 4);
	case 3:
		return world->unit * 3 * (1 + world_random(world, 8));
	case 4:
		return world->unit << world_random(world, 8);
	default:
		return guest_size(world);
	}
}

static u64 wild_skip(struct world *world, const struct model_node *node)
{
	switch (world_random(world, 8)) {
	case 0:
		return world_random(world, 0);
	case 1:
		return -UNIT * world_random(world, 8);
	case 2:
		return node->partitions[0].length + UNIT * (world_random(world, 3) - 1);
	case 3:
		return world->unit * world_random(world, 24);
	case 4:
		return UNIT;
	default:
		return 0;
	}
}

/* Anything at all, mostly in the right registers */
static void step_wild(struct world *world)
{
	int index = guest_node(world), n;
	const struct model_node *node;
	struct rig_program ask;

	if (index < 0)
		return;
	node = &world->model.nodes[index];
	n = world_random(world, node->decoders);
	if (world_chance(world, 70)) {
		n = guest_free_decoder(world, index);
		if (n < 0)
			return;
	}
	ask.n = n;
	ask.base = wild_address(world);
	ask.size = wild_size(world);
	if (node->kind == MODEL_DEVICE)
		ask.list = wild_skip(world, node);
	else if (world_chance(world, 50))
		ask.list = 0x0706050403020100ULL * (1 + world_random(world, 3));
	else if (world_chance(world, 50))
		/* Each byte one of four: a port will occur twice */
		ask.list = world_random(world, 0) & 0x0303030303030303ULL;
	else
		ask.list = world_random(world, 0);
	ask.ctrl = world_chance(world, 50) ? TYPE : 0;
	if (world_chance(world, 50))
		ask.ctrl |= IW((u32)world_random(world, world_chance(world, 70) ? 4 : 16));
	ask.ctrl |= world_chance(world, 80) ? IG((u32)world_random(world, 7)) :
					      IG((u32)world_random(world, 16));
	/* By the letter, this makes the difference */
	ask.ctrl |= world_chance(world, world->strict ? 12 : 3) ? LOCK : 0;
	ask.ctrl |= world_chance(world, 20) ? COMMITTED | ERR : 0;
	guest_program(world, index, &ask);
}

static void step_uncommit(struct world *world)
{
	int index = world_chance(world, 60) ? guest_live_node(world) : guest_node(world);
	u32 n, tries;

	if (index < 0)
		return;
	for (tries = 0; tries < 8; tries++) {
		n = world_random(world, world->model.nodes[index].decoders);
		if (guest_dword(world, index, DEC(n) + CTRL) & COMMIT)
			return guest_uncommit(world, index, n);
	}
}

/* As it should be done: the last one first */
static void step_unwind(struct world *world)
{
	int index = guest_live_node(world);
	u32 n, left;

	if (index < 0)
		return;
	left = 1 + world_random(world, 3);
	for (n = world->model.nodes[index].decoders; n-- > 0 && left;) {
		if (!(guest_dword(world, index, DEC(n) + CTRL) & COMMITTED))
			continue;
		guest_uncommit(world, index, n);
		left--;
	}
}

/* Out of order: one goes, and wants to come back over the memory of the next */
static void step_regrow(struct world *world)
{
	int index = guest_device(world, NULL);
	const struct model_claim *claims;
	struct rig_program ask;
	u32 n;

	if (index < 0)
		return;
	claims = world->model.nodes[index].claims;
	for (n = 0; n + 1 < world->model.nodes[index].decoders; n++)
		if (claims[n].live && claims[n + 1].live && claims[n + 1].size)
			break;
	if (n + 1 >= world->model.nodes[index].decoders)
		return;
	ask.n = n;
	ask.base = claims[n].base;
	ask.size = claims[n].size;
	ask.list = claims[n].dpa - guest_dpa_below(world, index, n);
	if (world_chance(world, 70))
		ask.list += UNIT * (1 + world_random(world, 3));
	ask.ctrl = guest_dword(world, index, DEC(n) + CTRL);
	guest_uncommit(world, index, n);
	guest_program(world, index, &ask);
}

/* With whatever the registers still hold */
static void step_recommit(struct world *world)
{
	int index = guest_node(world);
	u32 n, ctrl;

	if (index < 0)
		return;
	n = world_random(world, world->model.nodes[index].decoders);
	ctrl = guest_dword(world, index, DEC(n) + CTRL);
	world_write(world, index, DEC(n) + CTRL, 4, ctrl | COMMIT);
}

static void step_rubbish(struct world *world)
{
	u32 index = world_random(world, world->model.node_count), offset;
	u32 width = 1 + world_random(world, 8);
	u64 value = world_random(world, 0);
	u32 end = DEC(world->model.nodes[index].decoders);

	switch (world_random(world, 8)) {
	case 0:
		offset = world_random(world, 0);
		break;
	case 1:
		offset = 0xff0 + world_random(world, 0x1020);
		break;
	case 2:
		offset = world_random(world, 0x10000);
		break;
	default:
		offset = 0x10f8 + world_random(world, end - 0x10f0);
	}
	if (world_chance(world, 60)) {
		width = world_chance(world, 50) ? 4 : 8;
		offset -= offset % width;
	}
	/* Locks are for ever, or until reset */
	if (world_chance(world, 80))
		value &= ~((u64)LOCK << 32 | LOCK);
	world_write(world, index, offset, width, value);
	world_read(world, index, offset, width);
}

static void step_switch(struct world *world)
{
	int index = guest_device(world, NULL);
	bool mem_on = world_chance(world, 70);
	bool media_ok = world_chance(world, 80);

	if (index < 0)
		return;
	if (world_chance(world, 40))
		world_write(world, index, HDM_GLOBAL, 4, world_random(world, 4));
	else
		world_switch(world, index, mem_on, media_ok);
}

/*
 * A live decoder, mostly one that an extent goes through: of the device, or of
 * what is above it. Return: the component, or -1
 */
static int some_live(struct world *world, u32 *n)
{
	const struct softhost_map *map = world->installed;
	u32 start = world_random(world, map->count), i;
	int index = guest_live_node(world), node;

	for (i = 0; i < map->count && world_chance(world, 90); i++) {
		const struct softhost_segment *segment = &map->segments[(start + i) % map->count];

		if (segment->kind != CXL_SOFTHOST_SEGMENT_LINEAR)
			continue;
		for (node = 0; world->nodes[node]->id != segment->node_id; node++)
			;
		while (world->model.nodes[node].above >= 0 && world_chance(world, 50))
			node = world->model.nodes[node].above;
		if (!world->model.nodes[node].has_hdm)
			break;
		*n = model_hit(&world->model.nodes[node], segment->hpa);
		return node;
	}
	if (index < 0)
		return -1;
	*n = world_random(world, world->model.nodes[index].decoders);
	while (!world->model.nodes[index].claims[*n].live)
		*n = (*n + 1) % world->model.nodes[index].decoders;
	return index;
}

/*
 * A decoder over another, behind or before it, and then one of them goes or
 * doesn't. Policy "checked" has none of it.
 */
static void step_shadow(struct world *world)
{
	const struct model_node *twin;
	struct rig_program ask = { 0 };
	u32 other = 0, way;
	int index;

	index = some_live(world, &other);
	if (index < 0 || world->model.nodes[index].decoders < 2)
		return;
	twin = &world->model.nodes[index];
	ask.n = world_random(world, twin->decoders - 1);
	ask.n += ask.n >= other;
	ask.base = twin->claims[other].base;
	if (world_chance(world, 40))
		ask.base += UNIT * (world_random(world, 5) - 2);
	ask.size = twin->claims[other].size;
	if (world_chance(world, 40))
		ask.size = guest_size(world);
	ask.ctrl = TYPE | IG((u32)world_random(world, 7));
	if (world_chance(world, 40))
		ask.ctrl |= IW(1);
	for (way = 0; twin->kind != MODEL_DEVICE && way < 8; way++) {
		u64 port = twin->claims[other].ports[0];

		if (world_chance(world, 30))
			port = world_random(world, 4);
		ask.list |= port << 8 * way;
	}
	if (guest_dword(world, index, DEC(ask.n) + CTRL) & COMMIT)
		guest_uncommit(world, index, ask.n);
	guest_program(world, index, &ask);
	if (world_chance(world, 50))
		guest_uncommit(world, index, world_chance(world, 70) ? other : ask.n);
}

/* A component that nothing is below comes or goes */
static void step_plug(struct world *world)
{
	u32 index = world_random(world, world->model.node_count);
	const struct model_node *twin = &world->model.nodes[index];

	if (twin->kind == MODEL_BRIDGE || model_below(&world->model, index, -1) >= 0 ||
	    !world->model.nodes[twin->above].present)
		return;
	world_plug(world, index, !twin->present);
}

void world_step(struct world *world)
{
	u32 dice = world_random(world, 100);

	/* Regions over all levels take a lot of room, and a reset to get it */
	if (world->linear && world->strict && dice < 9)
		step_shadow(world);
	else if (world->linear && dice < 12)
		step_stripes(world);
	else if (world->linear && dice < 19)
		step_link(world);
	else if (world->linear && dice < 21)
		step_regrow(world);
	else if (dice < 14)
		step_region(world, true);
	else if (dice < 20)
		step_region(world, false);
	else if (dice < 42)
		step_link(world);
	else if (dice < 55)
		step_wild(world);
	else if (dice < 65)
		step_uncommit(world);
	else if (dice < 68)
		step_unwind(world);
	else if (dice < 75)
		step_recommit(world);
	else if (dice < 83)
		step_rubbish(world);
	else if (dice < 90)
		step_switch(world);
	else if (dice < 92)
		step_plug(world);
	else if (dice < 98 && world->strict)
		step_shadow(world);
	else if (dice < 96)
		step_uncommit(world);
	else
		world_reset(world, world_random(world, world->model.node_count));
	check_records(world);
}
