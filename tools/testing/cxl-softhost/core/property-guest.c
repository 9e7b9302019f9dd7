// SPDX-License-Identifier: GPL-2.0-only
/* What a guest knows and does with one component's registers. */
#include "property.h"

u32 guest_dword(const struct world *world, u32 index, u32 offset)
{
	return rig_read(world->nodes[index], offset);
}

int guest_node(struct world *world)
{
	u32 tries;

	for (tries = 0; tries < 8; tries++) {
		u32 index = world_random(world, world->model.node_count);

		if (world->model.nodes[index].has_hdm && world->model.nodes[index].present)
			return index;
	}
	return -1;
}

int guest_live_node(struct world *world)
{
	u32 tries, n;

	for (tries = 0; tries < 32; tries++) {
		u32 index = world_random(world, world->model.node_count);

		for (n = 0; n < world->model.nodes[index].decoders; n++)
			if (world->model.nodes[index].claims[n].live)
				return index;
	}
	return -1;
}

static bool leads_to(const struct world *world, const struct model_window *window, u32 index)
{
	u32 way;

	while (world->model.nodes[index].above >= 0)
		index = world->model.nodes[index].above;
	for (way = 0; way < window->ways; way++)
		if (window->targets[way] == (int)index)
			return true;
	return false;
}

int guest_device(struct world *world, const struct model_window *window)
{
	u32 tries;

	for (tries = 0; tries < 16; tries++) {
		u32 index = world_random(world, world->model.node_count);
		const struct model_node *twin = &world->model.nodes[index];

		if (twin->kind == MODEL_DEVICE && twin->present &&
		    (!window || leads_to(world, window, index)))
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

void guest_program(struct world *world, u32 index, const struct rig_program *program)
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
void guest_uncommit(struct world *world, u32 index, u32 n)
{
	u32 ctrl = guest_dword(world, index, DEC(n) + CTRL);

	world_write(world, index, DEC(n) + CTRL, 4, ctrl & ~COMMIT);
	if (world_chance(world, 50)) {
		world_write(world, index, DEC(n) + SIZE_HI, 4, 0);
		world_write(world, index, DEC(n) + SIZE_LO, 4, 0);
		world_write(world, index, DEC(n) + BASE_HI, 4, 0);
		world_write(world, index, DEC(n) + BASE_LO, 4, 0);
	}
}

int guest_free_decoder(struct world *world, u32 index)
{
	u32 n;

	for (n = 0; n < world->model.nodes[index].decoders; n++) {
		u32 ctrl = guest_dword(world, index, DEC(n) + CTRL);

		if (ctrl & COMMITTED)
			continue;
		if (ctrl & COMMIT)
			guest_uncommit(world, index, n);
		return n;
	}
	return -1;
}

u64 guest_end_below(const struct world *world, u32 index, u32 n)
{
	const struct model_claim *claims = world->model.nodes[index].claims;
	u64 end = 0;
	u32 i;

	for (i = 0; i < n; i++)
		if (claims[i].live && claims[i].size)
			end = claims[i].base + claims[i].size;
	return end;
}

u64 guest_dpa_below(const struct world *world, u32 index, u32 n)
{
	const struct model_claim *claims = world->model.nodes[index].claims;

	while (n-- > 0)
		if (claims[n].live)
			return claims[n].dpa + claims[n].size / claims[n].ways;
	return 0;
}

u64 guest_size(struct world *world)
{
	u64 unit = world_chance(world, 80) ? world->unit : UNIT;
	u32 most = world_chance(world, 80) ? 3 : 16;

	return unit * (1 + world_random(world, most));
}
