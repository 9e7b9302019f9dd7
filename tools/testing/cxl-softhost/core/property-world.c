// SPDX-License-Identifier: GPL-2.0-only
/* Random topologies, built for core/ and for the model. */
#include <inttypes.h>
#include <stdlib.h>

#include "property.h"

#define END_OF_WINDOWS (1ULL << 52)

static void *must_alloc(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		abort();
	return memory;
}

/* splitmix64: the same numbers everywhere */
u64 world_random(struct world *world, u64 below)
{
	u64 z = world->random += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	z ^= z >> 31;
	return below ? z % below : z;
}

bool world_chance(struct world *world, u32 percent)
{
	return world_random(world, 100) < percent;
}

static void add_foreign(struct world *world, struct softhost_node *node,
			struct model_node *twin)
{
	u32 element = node->flags & CXL_SOFTHOST_NODE_HDM ? 2 : 1, offset = 0x600, i;

	for (i = 0; i < CXL_SOFTHOST_CAPABILITIES; i++) {
		struct cxl_softhost_capability *cap = &node->capabilities[i];

		if (!world_chance(world, 30))
			continue;
		offset += 4 * world_random(world, 64);
		cap->id = 6 + world_random(world, 100);
		cap->version = world_random(world, 16);
		cap->offset = offset;
		cap->length = 4 * (1 + world_random(world, 32));
		if (i == CXL_SOFTHOST_CAPABILITIES - 1 && world_chance(world, 30)) {
			cap->offset = 0xff0;
			cap->length = 0x10;
		}
		offset += cap->length;
		model_node_foreign(twin, element++, cap->id, cap->version, cap->offset,
				   cap->length);
	}
}

/* The half of a node that core/ and the model have in common */
static u32 add_node(struct world *world, const struct rig_shape *shape, int above, u32 port)
{
	u32 index = world->model.node_count++, i;
	struct model_node *twin = &world->model.nodes[index];
	struct softhost_node *node;

	if (above >= 0)
		node = rig_child(world->nodes[above], port, shape);
	else
		node = rig_node(shape);
	world->nodes[index] = node;

	twin->device = above >= 0;
	twin->has_hdm = shape->flags & CXL_SOFTHOST_NODE_HDM;
	twin->decoders = shape->decoders;
	twin->targets = shape->targets;
	twin->bits_8_11 = shape->flags & CXL_SOFTHOST_NODE_A11_8;
	twin->bits_12_14 = shape->flags & CXL_SOFTHOST_NODE_A14_12;
	twin->ways_3_6_12 = shape->flags & CXL_SOFTHOST_NODE_WAYS_3_6_12;
	twin->ways_16 = shape->flags & CXL_SOFTHOST_NODE_WAYS_16;
	twin->above = above;
	twin->port = port;
	twin->media_ok = true;
	model_node_init(twin);
	add_foreign(world, node, twin);

	for (i = 0; i < 2; i++) {
		struct softhost_partition *partition = &node->partitions[i];
		u32 backend = world_random(world, BACKENDS);

		if (!partition->length)
			continue;
		partition->backend = &world->backends[backend];
		partition->offset = 4096 * world_random(world, 1000);
		twin->partitions[i].length = partition->length;
		twin->partitions[i].offset = partition->offset;
		twin->partitions[i].backend = backend;
	}
	return index;
}

static void add_bridge(struct world *world)
{
	static const u8 counts[] = { 1, 2, 4, 4, 4, 6, 8, 10, 12, 20, 32 };
	struct rig_shape shape = rig_bridge;
	bool port_used[256] = { false };
	u32 ports, port;
	int index;

	if (world_chance(world, 30)) {
		shape = rig_passthrough;
		ports = world_chance(world, 90);
	} else {
		shape.decoders = counts[world_random(world, sizeof(counts))];
		shape.targets = 1u << world_random(world, 4);
		ports = world_random(world, 5);
	}
	index = add_node(world, &shape, -1, 0);

	while (ports--) {
		static const u8 device_counts[] = { 1, 2, 4, 4, 6, 8, 10 };
		struct rig_shape device = rig_endpoint;

		device.decoders = device_counts[world_random(world, sizeof(device_counts))];
		device.flags = CXL_SOFTHOST_NODE_HDM;
		device.flags |= world_chance(world, 70) ? CXL_SOFTHOST_NODE_A11_8 : 0;
		if (world_chance(world, 70) || !(device.flags & CXL_SOFTHOST_NODE_A11_8))
			device.flags |= CXL_SOFTHOST_NODE_A14_12;
		device.flags |= world_chance(world, 50) ? CXL_SOFTHOST_NODE_WAYS_3_6_12 : 0;
		device.flags |= world_chance(world, 50) ? CXL_SOFTHOST_NODE_WAYS_16 : 0;
		do {
			device.length[0] = world->unit * world_random(world, 13);
			device.length[1] = world->unit * world_random(world, 13);
		} while (!device.length[0] && !device.length[1]);
		if (world_chance(world, 25))
			device.length[world_random(world, 2)] = 0;
		if (!device.length[0] && !device.length[1])
			device.length[0] = world->unit;
		do {
			port = world_random(world, world_chance(world, 50) ? 4 : 256);
		} while (port_used[port]);
		port_used[port] = true;
		add_node(world, &device, index, port);
	}
}

static void add_windows(struct world *world)
{
	u32 count = 1 + world_random(world, MODEL_WINDOWS), i, bridge;
	u64 at = world_chance(world, 20) ? 0 : world->unit * world_random(world, 40);

	/* Just below where windows end, or around where extents are split */
	if (world_chance(world, 20))
		at = END_OF_WINDOWS - 120 * world->unit;
	else if (world_chance(world, 25))
		at = SOFTHOST_EXTENT_BOUNDARY * (1 + world_random(world, 8)) - 6 * UNIT;

	for (i = 0; i < count; i++) {
		struct softhost_window *window = &world->windows[i];

		if (world_chance(world, 60))
			at += UNIT * world_random(world, 5);
		do {
			bridge = world_random(world, world->model.node_count);
		} while (world->model.nodes[bridge].device);
		window->id = 40 + i;
		window->hpa = at;
		window->length = world->unit * (1 + world_random(world, 24));
		if (i == count - 1 && at > END_OF_WINDOWS / 2)
			window->length = END_OF_WINDOWS - at;
		window->target = world->nodes[bridge];
		at += window->length;
		world->list[i] = window;
		world->model.windows[i] = (struct model_window){ window->hpa, window->length,
								 bridge };
	}
	world->topology = (struct softhost_topology){ world->list, count };
	world->model.window_count = count;
}

struct world *world_make(u64 seed, struct census *census)
{
	struct world *world = must_alloc(sizeof(*world));
	u32 bridges, i;

	world->seed = seed;
	world->random = seed;
	world->census = census;
	world->unit = world_chance(world, 85) ? UNIT : UNIT << world_random(world, 14);
	for (i = 0; i < BACKENDS; i++)
		world->backends[i] = (struct softhost_backend){
			.id = 80 + i,
			.addr = (1 + i) << 28 | (u64)(5 + i) << 46 | 0x3000,
			.length = 2 * 12 * world->unit + 4096 * 1000,
			.cookie = world_random(world, 0),
		};

	bridges = 1 + world_random(world, 3);
	for (i = 0; i < bridges; i++)
		add_bridge(world);
	add_windows(world);

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

void world_free(struct world *world)
{
	u32 i;

	for (i = 0; i < world->model.node_count; i++)
		if (!world->model.nodes[i].device)
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

void world_print(struct world *world)
{
	char *line, *rest;
	u32 i;

	printf("# seed %" PRIu64 ", the topology:\n", world->seed);
	for (i = 0; i < world->model.window_count; i++) {
		const struct model_window *window = &world->model.windows[i];

		printf("#   window %u: %#" PRIx64 " + %#" PRIx64 " -> node %d\n", i, window->base,
		       window->length, window->bridge);
	}
	for (i = 0; i < world->model.node_count; i++) {
		const struct softhost_node *node = world->nodes[i];
		const struct model_node *twin = &world->model.nodes[i];

		if (!twin->device)
			printf("#   node %u: bridge, %u decoders, %u targets, HDM %d\n", i,
			       twin->decoders, twin->targets, twin->has_hdm);
		else
			printf("#   node %u: device below node %d port %u, %u decoders, "
			       "flags %#x, volatile %#" PRIx64 ", persistent %#" PRIx64 "\n",
			       i, twin->above, twin->port, twin->decoders, node->flags,
			       node->partitions[0].length, node->partitions[1].length);
	}
	printf("# what was done to it:\n");
	fflush(world->tracer);
	for (line = strtok_r(world->trace, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		printf("#   %s\n", line);
}
