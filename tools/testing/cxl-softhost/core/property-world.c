// SPDX-License-Identifier: GPL-2.0-only
/* A world from its seed to its end, and how it is told about. */
#include <inttypes.h>
#include <stdlib.h>

#include "property.h"

static void *must_alloc(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		abort();
	return memory;
}

/* As many bytes as the range needs, so that each decision has its own */
static u64 take_input(struct world *world, u64 below)
{
	size_t bytes = below && below <= 256 ? 1 : below && below <= 65536 ? 2 : 8;
	u64 value = 0;

	for (; bytes && world->left; bytes--, world->left--)
		value = value << 8 | *world->input++;
	return below ? value % below : value;
}

/* splitmix64: the same numbers everywhere */
u64 world_random(struct world *world, u64 below)
{
	u64 z;

	if (world->left)
		return take_input(world, below);
	z = world->random += 0x9e3779b97f4a7c15ULL;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	z ^= z >> 31;
	return below ? z % below : z;
}

bool world_chance(struct world *world, u32 percent)
{
	return world_random(world, 100) < percent;
}

void world_shuffle(struct world *world, u32 *order, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		u32 j = world_random(world, i + 1);

		order[i] = i;
		if (i == j)
			continue;
		order[i] = order[j];
		order[j] = i;
	}
}

static struct world *make(struct world *world)
{
	u32 i;

	world->records_random = ~world->random;
	memset(world->touched, true, sizeof(world->touched));
	world->unit = world_chance(world, 85) ? UNIT : UNIT << world_random(world, 14);
	world->strict = world_chance(world, 35);
	for (i = 0; i < BACKENDS; i++)
		world->backends[i] = (struct softhost_backend){
			.id = 80 + i,
			.addr = (1 + i) << 28 | (u64)(5 + i) << 46 | 0x3000,
			.length = 2 * 12 * world->unit + 4096 * 1000,
			.cookie = world_random(world, 0),
		};
	world_grow(world);

	softhost_route_bound(&world->topology, &world->bound);
	world->installed = rig_map(&world->topology);
	world->wanted = rig_map(&world->topology);
	world->plan.remove = must_alloc((world->bound.segments + RIG_SPARE) * sizeof(u32));
	world->plan.add = must_alloc((world->bound.segments + RIG_SPARE) * sizeof(u32));
	world->slots = must_alloc((world->bound.extents + 1) * sizeof(struct slot));
	world->tracer = open_memstream(&world->trace, &world->trace_size);
	if (!world->tracer)
		abort();
	softhost_route(&world->topology, world->installed);
	return world;
}

struct world *world_make(u64 seed, struct census *census)
{
	struct world *world = must_alloc(sizeof(*world));

	world->seed = seed;
	world->random = seed;
	world->census = census;
	return make(world);
}

struct world *world_make_from(const u8 *input, size_t left, struct census *census)
{
	struct world *world = must_alloc(sizeof(*world));

	world->input = input;
	world->left = left;
	world->census = census;
	return make(world);
}

void world_free(struct world *world)
{
	u32 i;

	for (i = 0; i < world->model.node_count; i++)
		if (world->model.nodes[i].kind == MODEL_BRIDGE)
			rig_free(world->nodes[i]);
	free(world->installed);
	free(world->wanted);
	free(world->plan.remove);
	free(world->plan.add);
	free(world->slots);
	fclose(world->tracer);
	free(world->trace);
	free(world);
}

static void print_window(const struct model_window *window, u32 i)
{
	u32 way;

	printf("#   window %u: %#" PRIx64 " + %#" PRIx64 ", %u ways of %" PRIu64 "%s", i,
	       window->base, window->length, window->ways, window->granule,
	       window->linear_only ? ", linear only" : "");
	if (window->identity)
		printf(", backend %u + %#" PRIx64, window->backend, window->backend_offset);
	printf(" -> nodes");
	for (way = 0; way < window->ways; way++)
		printf(" %d", window->targets[way]);
	for (way = 0; way < window->map_count; way++)
		printf("%s%#" PRIx64, way ? ", " : "; maps ", window->maps[way]);
	printf("\n");
}

void world_print(struct world *world)
{
	char *line, *rest;
	u32 i;

	printf("# seed %" PRIu64 ", policy %s, the topology:\n", world->seed,
	       world->strict ? "strict-spec" : "checked");
	for (i = 0; i < world->model.window_count; i++)
		print_window(&world->model.windows[i], i);
	for (i = 0; i < world->model.node_count; i++) {
		const struct softhost_node *node = world->nodes[i];
		const struct model_node *twin = &world->model.nodes[i];

		if (twin->kind == MODEL_BRIDGE)
			printf("#   node %u: bridge", i);
		else
			printf("#   node %u: %s below node %d port %u", i,
			       twin->kind == MODEL_SWITCH ? "switch" : "device", twin->above,
			       twin->port);
		printf(", id %u, %u decoders", node->id, twin->decoders);
		if (twin->kind != MODEL_DEVICE)
			printf(", %u targets, HDM %d\n", twin->targets, twin->has_hdm);
		else
			printf(", flags %#x, volatile %#" PRIx64 ", persistent %#" PRIx64 "\n",
			       node->flags, node->partitions[0].length,
			       node->partitions[1].length);
	}
	printf("# what was done to it:\n");
	fflush(world->tracer);
	for (line = strtok_r(world->trace, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		printf("#   %s\n", line);
}
