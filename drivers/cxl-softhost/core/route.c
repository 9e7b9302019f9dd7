// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who answers for which HPA: windows, topology and latched decoders in,
 * segments out. A walk from window to host bridge to endpoint narrows the
 * range for which the answer is the same at every level.
 */
#include "core.h"

struct softhost_walk {
	const struct softhost_window *window;
	u64 last;		/* of the segment, inclusive */
	struct softhost_segment segment;
};

static void softhost_hole(struct softhost_walk *walk, u32 node_id, u32 reason)
{
	walk->segment.node_id = node_id;
	walk->segment.kind = CXL_SOFTHOST_SEGMENT_HOLE;
	walk->segment.reason = reason;
}

/* DPA to partition: the last step, which makes a segment an extent */
static void softhost_walk_partition(struct softhost_walk *walk, const struct softhost_node *node,
				    u64 dpa)
{
	struct softhost_segment *segment = &walk->segment;
	u32 i, at = CXL_SOFTHOST_PARTITION_VOLATILE;
	u64 start = 0;

	for (i = 0; i < 2; i++) {
		at = i;
		if (dpa - start < node->partitions[i].length)
			break;
		start += node->partitions[i].length;
	}
	if (i == 2) {
		/* The commit rules don't let this happen; never map on it */
		softhost_hole(walk, node->id, CXL_SOFTHOST_REASON_DPA_CAPACITY);
		return;
	}

	walk->last = min(walk->last, segment->hpa + (node->partitions[at].length -
						     (dpa - start) - 1));
	walk->last = min(walk->last, segment->hpa | (SOFTHOST_EXTENT_BOUNDARY - 1));
	segment->kind = CXL_SOFTHOST_SEGMENT_LINEAR;
	segment->node_id = node->id;
	segment->partition = at;
	segment->dpa = dpa;
	segment->backend_id = node->partitions[at].backend->id;
	segment->backend_offset = node->partitions[at].offset + (dpa - start);
	segment->host_addr = node->partitions[at].backend->addr + segment->backend_offset;
	segment->cookie = node->partitions[at].backend->cookie;
}

static void softhost_walk_endpoint(struct softhost_walk *walk, const struct softhost_node *node)
{
	const struct softhost_hdm *hdm = node->next;
	const struct softhost_decoder *decoder;
	u64 hpa = walk->segment.hpa;

	if (hdm->media != CXL_SOFTHOST_MEDIA_READY)
		return softhost_hole(walk, node->id, CXL_SOFTHOST_REASON_MEDIA_DISABLED);
	if (!hdm->mem_enable)
		return softhost_hole(walk, node->id, CXL_SOFTHOST_REASON_MEM_DISABLED);
	if (!(hdm->global_ctrl & SOFTHOST_GLOBAL_ENABLE))
		return softhost_hole(walk, node->id, CXL_SOFTHOST_REASON_HDM_DISABLED);

	decoder = softhost_decoder_find(node, hdm, hpa, &walk->last);
	if (!decoder)
		return softhost_hole(walk, node->id, CXL_SOFTHOST_REASON_NO_ENDPOINT_DECODER);
	if (decoder->latch.ways > 1)
		return softhost_hole(walk, node->id, CXL_SOFTHOST_REASON_INTERLEAVED);
	softhost_walk_partition(walk, node, decoder->latch.dpa_base + (hpa - decoder->latch.base));
}

static void softhost_walk_bridge(struct softhost_walk *walk, const struct softhost_node *node)
{
	const struct softhost_node *child = node->children;

	/* Without an HDM capability everything goes to the only port */
	if (node->flags & CXL_SOFTHOST_NODE_HDM) {
		const struct softhost_decoder *decoder;

		decoder = softhost_decoder_find(node, node->next, walk->segment.hpa, &walk->last);
		if (!decoder)
			return softhost_hole(walk, 0, CXL_SOFTHOST_REASON_NO_DECODER);
		if (decoder->latch.ways > 1)
			return softhost_hole(walk, 0, CXL_SOFTHOST_REASON_INTERLEAVED);
		child = softhost_child_find(node, decoder->latch.targets[0]);
	}
	if (!child)
		return softhost_hole(walk, 0, CXL_SOFTHOST_REASON_NO_TARGET);
	softhost_walk_endpoint(walk, child);
}

/**
 * softhost_route() - make the map that the registers want
 * @topology: windows and what hangs below them; every node's @next counts
 * @map: where to put it; must have the room of softhost_route_bound(). No
 *	segment has a slot yet, no condemned slots
 */
void softhost_route(const struct softhost_topology *topology, struct softhost_map *map)
{
	u32 i;

	map->count = 0;
	map->condemned = 0;
	for (i = 0; i < topology->window_count; i++) {
		const struct softhost_window *window = topology->windows[i];
		u64 last = window->hpa + (window->length - 1);
		u64 hpa = window->hpa;

		do {
			struct softhost_walk walk = {
				.window = window,
				.last = last,
				.segment = {
					.hpa = hpa,
					.window_id = window->id,
					.slot = CXL_SOFTHOST_NONE,
				},
			};

			softhost_walk_bridge(&walk, window->target);
			walk.segment.length = walk.last - hpa + 1;
			map->segments[map->count++] = walk.segment;
			hpa = walk.last + 1;
		} while (hpa - 1 != last);
	}
}

/**
 * softhost_route_bound() - the most that any programming of decoders can need
 * @topology: windows and what hangs below them
 * @bound: the answer
 *
 * Each decoder that can reach a window has two ends, each end cuts once. Of
 * two families of disjoint ranges, n and m strong, at most n + m - 1 pairs
 * meet, so an extent costs one decoder; and none is smaller than 256 MiB.
 */
void softhost_route_bound(const struct softhost_topology *topology,
			  struct softhost_bound *bound)
{
	u32 i;

	bound->segments = 0;
	bound->extents = 0;
	for (i = 0; i < topology->window_count; i++) {
		const struct softhost_window *window = topology->windows[i];
		const struct softhost_node *bridge = window->target;
		const struct softhost_node *child;
		u64 units = window->length / CXL_SOFTHOST_UNIT;
		u64 split = window->length / SOFTHOST_EXTENT_BOUNDARY + 1;
		u64 decoders = bridge->flags & CXL_SOFTHOST_NODE_HDM ? bridge->decoder_count : 1;

		/* One partition boundary for each device comes on top */
		for (child = bridge->children; child; child = child->sibling)
			decoders += child->decoder_count + 1;
		bound->segments += min(units, 2 * decoders + split + 1);
		bound->extents += min(units, decoders + split);
	}
}

/**
 * softhost_map_find() - the segment that holds an address
 * @map: the map
 * @count: segments in it
 * @hpa: the address
 * @next: if there is none: base of the next segment above, 0 if there is none
 *
 * Looks at no more than @count entries whatever they hold, so that it can be
 * used on a map that is being replaced, as long as the answer is checked.
 *
 * Return: the segment, or NULL.
 */
const struct softhost_segment *softhost_map_find(const struct softhost_map *map, u32 count,
						 u64 hpa, u64 *next)
{
	u32 low = 0, high = count;

	while (low < high) {
		u32 middle = low + (high - low) / 2;
		const struct softhost_segment *segment = &map->segments[middle];

		if (hpa < segment->hpa)
			high = middle;
		else if (hpa - segment->hpa >= segment->length)
			low = middle + 1;
		else
			return segment;
	}
	*next = low < count ? map->segments[low].hpa : 0;
	return NULL;
}
