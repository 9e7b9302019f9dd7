// SPDX-License-Identifier: GPL-2.0-only
#include "rig.h"

/* Far apart and not aligned to anything, so that a mix-up shows */
static const struct softhost_backend backends[2] = {
	{ .id = 71, .addr = 0x7f0000001000ULL, .length = 64 * TIB, .cookie = 0xc0 },
	{ .id = 72, .addr = 0x1f0000003000ULL, .length = 64 * TIB, .cookie = 0xc1 },
};

const struct rig_shape rig_bridge = {
	.kind = CXL_SOFTHOST_NODE_HOST_BRIDGE,
	.flags = CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8 | CXL_SOFTHOST_NODE_A14_12,
	.decoders = 4,
	.targets = 4,
	.ports = 255,
};

const struct rig_shape rig_passthrough = {
	.kind = CXL_SOFTHOST_NODE_HOST_BRIDGE,
	.ports = 1,
};

const struct rig_shape rig_switch = {
	.kind = CXL_SOFTHOST_NODE_SWITCH,
	.flags = CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8 | CXL_SOFTHOST_NODE_A14_12,
	.decoders = 4,
	.targets = 4,
	.ports = 255,
};

const struct rig_shape rig_endpoint = {
	.kind = CXL_SOFTHOST_NODE_ENDPOINT,
	.flags = CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8 | CXL_SOFTHOST_NODE_A14_12,
	.decoders = 4,
	.length = { 16 * UNIT, 16 * UNIT },
};

struct softhost_node *rig_node(const struct rig_shape *shape)
{
	struct softhost_node *node = rig_alloc(sizeof(*node));
	size_t size = sizeof(struct softhost_hdm) +
		      shape->decoders * sizeof(struct softhost_decoder);
	static u32 id = 100;
	u32 i;

	node->id = id++;
	node->kind = shape->kind;
	node->flags = shape->flags;
	node->ports = shape->ports;
	node->depth = 1;
	node->decoder_count = shape->decoders;
	node->target_count = shape->targets;
	for (i = 0; i < 2; i++) {
		node->partitions[i].length = shape->length[i];
		if (!shape->length[i])
			continue;
		node->partitions[i].backend = &backends[i];
		node->partitions[i].offset = 0x5000 + 0x2000 * i;
	}
	node->hdm = rig_alloc(size);
	node->next = rig_alloc(size);
	node->hdm->present = true;
	node->next->present = true;
	return node;
}

struct softhost_node *rig_child(struct softhost_node *parent, u32 port,
				const struct rig_shape *shape)
{
	struct softhost_node *node = rig_node(shape);
	struct softhost_node **at = &parent->children;

	while (*at && (*at)->port < port)
		at = &(*at)->sibling;
	node->port = port;
	node->parent = parent;
	node->depth = parent->depth + 1;
	node->sibling = *at;
	*at = node;
	return node;
}

void rig_free(struct softhost_node *node)
{
	struct softhost_node *child, *sibling;

	for (child = node->children; child; child = sibling) {
		sibling = child->sibling;
		rig_free(child);
	}
	rig_release(node->hdm);
	rig_release(node->next);
	rig_release(node);
}

void rig_window_ways(struct softhost_window *window, u32 ways, u32 granularity,
		     struct softhost_node *const *bridges)
{
	struct softhost_interleave *il = &window->interleave;
	u32 way;

	window->ways = ways;
	il->three = ways % 3 == 0;
	for (il->bits = 0; ways > (il->three ? 3u : 1u); ways /= 2)
		il->bits++;
	for (il->shift = 0; granularity > 1; granularity /= 2)
		il->shift++;
	for (way = 0; way < window->ways; way++)
		window->targets[way] = bridges[way];
}

struct softhost_window rig_window(u32 id, u64 hpa, u64 length, struct softhost_node *bridge)
{
	struct softhost_window window = { .id = id, .hpa = hpa, .length = length };

	rig_window_ways(&window, 1, 256, &bridge);
	return window;
}

u32 rig_read(const struct softhost_node *node, u32 offset)
{
	u64 value;

	CHECK_EQUAL(softhost_reg_read(node, node->next, offset, 4, &value),
		    CXL_SOFTHOST_OUTCOME_DONE);
	return value;
}

bool rig_write_as(struct softhost_node *node, u32 policy, u32 offset, u32 width, u64 value,
		  struct cxl_softhost_result *result)
{
	/* What isn't set would be caught as a difference */
	memset(result, 0xa5, sizeof(*result));
	return softhost_reg_write(node, node->next, policy, offset, width, value, result);
}

bool rig_write(struct softhost_node *node, u32 offset, u32 width, u64 value,
	       struct cxl_softhost_result *result)
{
	return rig_write_as(node, CXL_SOFTHOST_POLICY_CHECKED, offset, width, value, result);
}

void rig_store(struct softhost_node *node, u32 offset, u32 value)
{
	struct cxl_softhost_result result;

	rig_write(node, offset, 4, value, &result);
	if (!CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_DONE))
		rig_note("a store to %#x", offset);
}

void rig_fields(struct softhost_node *node, const struct rig_program *program)
{
	u32 at = DEC(program->n);

	/* The order of Linux: high before low (T7) */
	rig_store(node, at + BASE_HI, program->base >> 32);
	rig_store(node, at + BASE_LO, program->base);
	rig_store(node, at + SIZE_HI, program->size >> 32);
	rig_store(node, at + SIZE_LO, program->size);
	rig_store(node, at + LIST_HI, program->list >> 32);
	rig_store(node, at + LIST_LO, program->list);
}

bool rig_commit_as(struct softhost_node *node, u32 policy, const struct rig_program *program,
		   struct cxl_softhost_result *result)
{
	rig_fields(node, program);
	return rig_write_as(node, policy, DEC(program->n) + CTRL, 4, program->ctrl | COMMIT,
			    result);
}

bool rig_commit(struct softhost_node *node, const struct rig_program *program,
		struct cxl_softhost_result *result)
{
	return rig_commit_as(node, CXL_SOFTHOST_POLICY_CHECKED, program, result);
}

void rig_must_commit(struct softhost_node *node, const struct rig_program *program)
{
	struct cxl_softhost_result result;

	rig_commit(node, program, &result);
	if (!CHECK_EQUAL(result.outcome, CXL_SOFTHOST_OUTCOME_COMMITTED))
		rig_note("a commit that others build on, reason %u", result.reason);
}

bool rig_uncommit(struct softhost_node *node, u32 n, struct cxl_softhost_result *result)
{
	u32 at = DEC(n) + CTRL;

	return rig_write(node, at, 4, rig_read(node, at) & ~COMMIT, result);
}

void rig_enable(struct softhost_node *node)
{
	rig_store(node, HDM_GLOBAL, ENABLE);
	node->next->mem_enable = true;
}

struct softhost_map *rig_map_room(u32 segments)
{
	struct softhost_map *map;

	map = rig_alloc(sizeof(*map) + segments * sizeof(map->segments[0]));
	map->capacity = segments;
	return map;
}

struct softhost_map *rig_map(const struct softhost_topology *topology)
{
	struct softhost_bound bound;

	softhost_route_bound(topology, &bound);
	return rig_map_room(bound.segments + RIG_SPARE);
}
