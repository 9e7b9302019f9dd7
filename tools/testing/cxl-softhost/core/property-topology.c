// SPDX-License-Identifier: GPL-2.0-only
/* Random topologies, built for core/ and for the model. */
#include "property.h"

#define END_OF_WINDOWS (1ULL << 52)

/* Of regular worlds: so many ways below each bridge, by depth */
struct plan {
	bool regular;
	bool able;			/* devices have nearly all capabilities */
	u32 bridges;
	u32 main_ways;			/* of windows, mostly */
	u32 fan[SOFTHOST_MAX_DEPTH];
	u32 depth;			/* components above devices */
};

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

	twin->kind = shape->kind == CXL_SOFTHOST_NODE_ENDPOINT ? MODEL_DEVICE :
		     shape->kind == CXL_SOFTHOST_NODE_SWITCH ? MODEL_SWITCH : MODEL_BRIDGE;
	twin->present = true;
	twin->strict = world->strict;
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

static void add_device(struct world *world, const struct plan *plan, u32 above, u32 port)
{
	static const u8 counts[] = { 1, 2, 4, 4, 6, 8, 10 };
	u32 able = plan->able ? 99 : 70, ways = plan->able ? 99 : 50;
	struct rig_shape device = rig_endpoint;

	device.decoders = counts[world_random(world, sizeof(counts))];
	device.flags = CXL_SOFTHOST_NODE_HDM;
	device.flags |= world_chance(world, able) ? CXL_SOFTHOST_NODE_A11_8 : 0;
	if (world_chance(world, able) || !(device.flags & CXL_SOFTHOST_NODE_A11_8))
		device.flags |= CXL_SOFTHOST_NODE_A14_12;
	device.flags |= world_chance(world, ways) ? CXL_SOFTHOST_NODE_WAYS_3_6_12 : 0;
	device.flags |= world_chance(world, ways) ? CXL_SOFTHOST_NODE_WAYS_16 : 0;
	do {
		device.length[0] = world->unit * world_random(world, 13);
		device.length[1] = world->unit * world_random(world, 13);
	} while (!device.length[0] && !device.length[1]);
	if (world_chance(world, 25))
		device.length[world_random(world, 2)] = 0;
	if (!device.length[0] && !device.length[1])
		device.length[0] = world->unit;
	add_node(world, &device, above, port);
}

/* A host bridge, or a switch if there is something above, with @fan ways below it */
static u32 add_router(struct world *world, const struct plan *plan, int above, u32 port, u32 fan,
		      u32 *ports)
{
	static const u8 counts[] = { 1, 2, 4, 4, 4, 6, 8, 10, 12, 20, 32 };
	struct rig_shape shape = above < 0 ? rig_bridge : rig_switch;

	if (world_chance(world, 30) && (!plan->regular || fan == 1)) {
		shape.decoders = 0;
		shape.targets = 0;
		shape.flags = 0;
		shape.ports = 1;
		*ports = world_chance(world, plan->regular ? 98 : 90);
		return add_node(world, &shape, above, port);
	}
	shape.decoders = counts[world_random(world, sizeof(counts))];
	shape.targets = 1u << world_random(world, 4);
	*ports = world_random(world, world_chance(world, 80) ? 5 : 9);
	if (plan->regular) {
		while (shape.targets < fan)
			shape.targets *= 2;
		*ports = fan;
		*ports += world_chance(world, 15);
		*ports -= world_chance(world, 1);
	}
	return add_node(world, &shape, above, port);
}

static void grow_below(struct world *world, const struct plan *plan, int above, u32 port,
		       u32 depth)
{
	bool port_used[256] = { false };
	u32 index, ports;

	index = add_router(world, plan, above, port, plan->fan[depth - 1], &ports);
	while (ports--) {
		bool deeper = depth < plan->depth;

		if (!plan->regular || world_chance(world, 5))
			deeper = depth < SOFTHOST_MAX_DEPTH - 1 && world_chance(world, 25);
		do {
			port = world_random(world, world_chance(world, 50) ? 4 : 256);
		} while (port_used[port]);
		port_used[port] = true;
		/* A switch without room for anything below it is of no use */
		if (world->model.node_count + 1 >= MODEL_NODES)
			return;
		if (deeper && world->model.node_count + 8 < MODEL_NODES)
			grow_below(world, plan, index, port, depth + 1);
		else
			add_device(world, plan, index, port);
	}
}

/* Those that leave something to do for several levels below more often */
static const u8 legal_ways[] = { 1, 2, 2, 3, 3, 4, 4, 6, 8, 12, 16 };

/* Regular worlds have what regions of several levels take */
static void make_plan(struct world *world, struct plan *plan)
{
	u32 twos, i;

	plan->regular = world_chance(world, 60);
	plan->able = plan->regular && world_chance(world, 85);
	world->linear = !plan->regular;
	plan->bridges = 1 + world_random(world, 3);
	plan->main_ways = 1;
	for (i = 0; i < SOFTHOST_MAX_DEPTH; i++)
		plan->fan[i] = 1;
	plan->depth = 1;
	if (!plan->regular)
		return;

	plan->main_ways = legal_ways[world_random(world, sizeof(legal_ways))];
	plan->bridges = plan->main_ways;
	if (world_chance(world, 25))
		plan->bridges++;
	/* So many halvings below the window as a device can undo */
	for (twos = 0; plan->main_ways << twos < 12; twos++)
		;
	if (twos && world_chance(world, 40))
		twos--;
	plan->depth += world_random(world, 3);
	if (plan->bridges < 4 && world_chance(world, 15))
		plan->depth = SOFTHOST_MAX_DEPTH - 1;
	for (i = world_random(world, plan->depth); twos--; i++) {
		u32 at = i % plan->depth;

		if (world_chance(world, 50))
			at = world_random(world, plan->depth);
		plan->fan[at] *= plan->fan[at] < 8 ? 2 : 1;
	}
}

/* @maps: of @window's arithmetic. Return: whether they give each granule its own way */
static bool add_maps(struct world *world, struct model_window *window)
{
	u32 wheel = window->ways % 3 ? window->ways : window->ways / 3, i;
	bool sane = world_chance(world, 85);

	for (i = 0; 1u << i < wheel; i++) {
		u64 map = world_random(world, 1ULL << 40);

		if (world_chance(world, 70))
			map &= 0x7f7f7f00;
		/* The lowest bit is the one that it stands for */
		if (sane)
			map &= -(window->granule << i);
		else
			map &= -window->granule;
		if (sane || !map)
			map |= window->granule << i;
		window->maps[i] = map;
	}
	window->map_count = i;
	return sane;
}

/* As if some partition, or what follows its first bytes, belonged at the window's base */
static void set_identity(struct world *world, u32 i)
{
	struct model_window *twin = &world->model.windows[i];
	struct softhost_window *window = &world->windows[i];
	const struct model_partition *partition;
	u32 at;

	at = world_random(world, world->model.node_count);
	partition = &world->model.nodes[at].partitions[world_random(world, 2)];
	/* As often as that is a device's */
	if (!partition->length)
		return;
	twin->identity = true;
	twin->backend = partition->backend;
	twin->backend_offset = partition->offset + world->unit * world_random(world, 2);
	window->flags |= CXL_SOFTHOST_WINDOW_IDENTITY;
	window->backend = &world->backends[twin->backend];
	window->backend_offset = twin->backend_offset;
}

static void set_ways(struct world *world, const struct plan *plan, u32 i)
{
	struct model_window *twin = &world->model.windows[i];
	struct softhost_window *window = &world->windows[i];
	u32 order[MODEL_NODES], way, code;

	do {
		twin->ways = legal_ways[world_random(world, sizeof(legal_ways))];
		/* Those of worlds that aren't regular: 1 */
		if (world_chance(world, 70))
			twin->ways = plan->main_ways;
	} while (twin->ways > plan->bridges);
	code = world_random(world, 7);
	twin->granule = 256ULL << code;
	world->one_to_one[i] = true;
	if (twin->ways > 1 && world_chance(world, 35))
		world->one_to_one[i] = add_maps(world, twin);
	twin->linear_only = twin->ways == 1 && world_chance(world, 30);

	world_shuffle(world, order, plan->bridges);
	for (way = 0; way < twin->ways; way++) {
		u32 at = 0, skip = order[way];

		/* The bridge with so many before it */
		while (world->model.nodes[at].kind != MODEL_BRIDGE || skip--)
			at++;
		twin->targets[way] = at;
		window->targets[way] = world->nodes[at];
	}

	window->ways = twin->ways;
	window->interleave.shift = 8 + code;
	window->interleave.three = twin->ways % 3 == 0;
	for (way = twin->ways; way % 2 == 0; way /= 2)
		window->interleave.bits++;
	window->xor_map_count = twin->map_count;
	memcpy(window->xor_maps, twin->maps, sizeof(twin->maps));
	window->flags = twin->linear_only ? CXL_SOFTHOST_WINDOW_LINEAR_ONLY : 0;
	if (twin->linear_only && world_chance(world, 40))
		set_identity(world, i);
}

static void add_windows(struct world *world, const struct plan *plan)
{
	u32 count = 1 + world_random(world, MODEL_WINDOWS), i;
	u64 at = world_chance(world, 20) ? 0 : world->unit * world_random(world, 40);

	/* Just below where windows end, or around where extents are split */
	if (world_chance(world, 20))
		at = END_OF_WINDOWS - 120 * world->unit;
	else if (world_chance(world, 25))
		at = SOFTHOST_EXTENT_BOUNDARY * (1 + world_random(world, 8)) - 6 * UNIT;

	for (i = 0; i < count; i++) {
		struct softhost_window *window = &world->windows[i];
		struct model_window *twin = &world->model.windows[i];
		u64 step;

		if (world_chance(world, 60))
			at += UNIT * world_random(world, 5);
		set_ways(world, plan, i);
		step = twin->ways * world->unit;
		window->id = 40 + i;
		window->hpa = at;
		window->length = step * (1 + world_random(world, 24 / twin->ways));
		if (i == count - 1 && at > END_OF_WINDOWS / 2) {
			window->length = END_OF_WINDOWS - at;
			window->length -= window->length % (twin->ways * UNIT);
		}
		twin->base = at;
		twin->length = window->length;
		at += window->length;
		world->list[i] = window;
	}
	world->topology = (struct softhost_topology){
		.windows = world->list,
		.window_count = count,
		.policy = world->strict ? CXL_SOFTHOST_POLICY_STRICT_SPEC :
					  CXL_SOFTHOST_POLICY_CHECKED,
	};
	world->model.window_count = count;
}

void world_grow(struct world *world)
{
	struct plan plan;
	u32 i;

	make_plan(world, &plan);
	for (i = 0; i < plan.bridges && world->model.node_count + 2 < MODEL_NODES; i++)
		grow_below(world, &plan, -1, 0, 1);
	plan.bridges = i;
	add_windows(world, &plan);
}
