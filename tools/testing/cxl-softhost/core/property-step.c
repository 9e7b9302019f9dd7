// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest does: programs that make sense, programs that nearly do, and
 * plain rubbish, all through the registers.
 */
#include "property.h"

static u32 dword(const struct world *world, u32 index, u32 offset)
{
	return rig_read(world->nodes[index], offset);
}

/* A node with decoders, or -1 */
static int any_node(struct world *world)
{
	u32 tries;

	for (tries = 0; tries < 8; tries++) {
		u32 index = world_random(world, world->model.node_count);

		if (world->model.nodes[index].has_hdm)
			return index;
	}
	return -1;
}

static int any_device(struct world *world, int above)
{
	u32 tries;

	for (tries = 0; tries < 16; tries++) {
		u32 index = world_random(world, world->model.node_count);

		if (world->model.nodes[index].device &&
		    (above < 0 || world->model.nodes[index].above == above))
			return index;
	}
	return -1;
}

/* The fields in random order and widths; Control comes after */
static void write_fields(struct world *world, u32 index, const struct rig_program *program)
{
	const u64 values[3] = { program->base, program->size, program->list };
	static const u32 places[3] = { BASE_LO, SIZE_LO, LIST_LO };
	u32 first = world_random(world, 3), i;

	for (i = 0; i < 3; i++) {
		u32 which = (first + i) % 3, at = DEC(program->n) + places[which];
		u64 value = values[which];
		bool low_first = world_chance(world, 50);

		if (!(at % 8) && world_chance(world, 30)) {
			world_write(world, index, at, 8, value);
			continue;
		}
		world_write(world, index, low_first ? at : at + 4, 4,
			    low_first ? value : value >> 32);
		world_write(world, index, low_first ? at + 4 : at, 4,
			    low_first ? value >> 32 : value);
	}
}

static void program(struct world *world, u32 index, const struct rig_program *program)
{
	u32 ctrl = program->ctrl | COMMIT;

	write_fields(world, index, program);
	if (world_chance(world, 20))
		world_write(world, index, DEC(program->n) + CTRL, 8,
			    (program->list & 0xffffffff) << 32 | ctrl);
	else
		world_write(world, index, DEC(program->n) + CTRL, 4, ctrl);
}

/* As Linux does it: COMMIT cleared in what was read, stale bits written back */
static void uncommit(struct world *world, u32 index, u32 n)
{
	u32 ctrl = dword(world, index, DEC(n) + CTRL);

	world_write(world, index, DEC(n) + CTRL, 4, ctrl & ~COMMIT);
	if (world_chance(world, 50)) {
		world_write(world, index, DEC(n) + SIZE_HI, 4, 0);
		world_write(world, index, DEC(n) + SIZE_LO, 4, 0);
		world_write(world, index, DEC(n) + BASE_HI, 4, 0);
		world_write(world, index, DEC(n) + BASE_LO, 4, 0);
	}
}

/* The first decoder that isn't live, COMMIT cleared if it failed; or -1 */
static int free_decoder(struct world *world, u32 index)
{
	u32 n;

	for (n = 0; n < world->model.nodes[index].decoders; n++) {
		u32 ctrl = dword(world, index, DEC(n) + CTRL);

		if (ctrl & COMMITTED)
			continue;
		if (ctrl & COMMIT)
			uncommit(world, index, n);
		return n;
	}
	return -1;
}

static u64 end_below(const struct world *world, u32 index, u32 n)
{
	const struct model_claim *claims = world->model.nodes[index].claims;
	u64 end = 0;
	u32 i;

	for (i = 0; i < n; i++)
		if (claims[i].live && claims[i].size)
			end = claims[i].base + claims[i].size;
	return end;
}

static u64 some_size(struct world *world)
{
	u64 unit = world_chance(world, 80) ? world->unit : UNIT;

	return unit * (1 + world_random(world, world_chance(world, 70) ? 4 : 16));
}

/* A place in a window at or above @from, rather than anywhere */
static u64 some_base(struct world *world, const struct model_window *window, u64 from)
{
	u64 base = window->base;

	if (from > base && world_chance(world, 90))
		base = from;
	if (world_chance(world, 40))
		base += world->unit * world_random(world, 6);
	else if (world_chance(world, 10))
		base -= UNIT * world_random(world, 3);
	return base;
}

/* What a careful guest does, give or take */
static void step_link(struct world *world)
{
	const struct model_window *window =
		&world->model.windows[world_random(world, world->model.window_count)];
	const struct model_node *bridge = &world->model.nodes[window->bridge];
	int device = any_device(world, window->bridge), n;
	const struct model_node *twin;
	struct rig_program ask = { 0 };
	u64 start = 0, room;

	if (device < 0)
		return;
	twin = &world->model.nodes[device];
	n = free_decoder(world, window->bridge);
	if (bridge->has_hdm && n >= 0 && world_chance(world, 70)) {
		ask.n = n;
		ask.base = some_base(world, window, end_below(world, window->bridge, n));
		ask.size = some_size(world);
		ask.list = world_random(world, 0) << 8 | twin->port;
		ask.ctrl = TYPE | IG((u32)world_random(world, 7));
		program(world, window->bridge, &ask);
	}

	n = free_decoder(world, device);
	if (n < 0)
		return;
	if (n) {
		const struct model_claim *below = &twin->claims[n - 1];

		start = below->live ? below->dpa + below->size / below->ways : 0;
	}
	ask.n = n;
	if (!ask.size || world_chance(world, 50)) {
		ask.base = some_base(world, window, end_below(world, device, n));
		ask.size = some_size(world);
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
	program(world, device, &ask);
	if (world_chance(world, 80)) {
		world_write(world, device, HDM_GLOBAL, 4, ENABLE);
		world_switch(world, device, true, true);
	}
}

static u64 wild_address(struct world *world)
{
	const struct model_window *window =
		&world->model.windows[world_random(world, world->model.window_count)];
	int index = any_node(world);

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
		return some_size(world);
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
	int index = any_node(world), n;
	const struct model_node *node;
	struct rig_program ask;

	if (index < 0)
		return;
	node = &world->model.nodes[index];
	n = world_random(world, node->decoders);
	if (world_chance(world, 70)) {
		n = free_decoder(world, index);
		if (n < 0)
			return;
	}
	ask.n = n;
	ask.base = wild_address(world);
	ask.size = wild_size(world);
	if (node->device)
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
	ask.ctrl |= world_chance(world, 3) ? LOCK : 0;
	ask.ctrl |= world_chance(world, 20) ? COMMITTED | ERR : 0;
	program(world, index, &ask);
}

static void step_uncommit(struct world *world)
{
	int index = any_node(world);
	u32 n, tries;

	if (index < 0)
		return;
	for (tries = 0; tries < 8; tries++) {
		n = world_random(world, world->model.nodes[index].decoders);
		if (dword(world, index, DEC(n) + CTRL) & COMMIT)
			return uncommit(world, index, n);
	}
}

/* With whatever the registers still hold */
static void step_recommit(struct world *world)
{
	int index = any_node(world);
	u32 n, ctrl;

	if (index < 0)
		return;
	n = world_random(world, world->model.nodes[index].decoders);
	ctrl = dword(world, index, DEC(n) + CTRL);
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
	int index = any_device(world, -1);
	bool mem_on = world_chance(world, 70);
	bool media_ok = world_chance(world, 80);

	if (index < 0)
		return;
	if (world_chance(world, 40))
		world_write(world, index, HDM_GLOBAL, 4, world_random(world, 4));
	else
		world_switch(world, index, mem_on, media_ok);
}

void world_step(struct world *world)
{
	u32 dice = world_random(world, 100);

	if (dice < 30)
		step_link(world);
	else if (dice < 50)
		step_wild(world);
	else if (dice < 65)
		step_uncommit(world);
	else if (dice < 75)
		step_recommit(world);
	else if (dice < 88)
		step_rubbish(world);
	else if (dice < 97)
		step_switch(world);
	else
		world_reset(world, world_random(world, world->model.node_count));
}
