// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who answers for which HPA: windows, topology and latched decoders in,
 * segments out. From a window on, every component that addresses can get to is
 * visited, and each narrows the range for which all answers stay the same. One
 * way at every level makes an extent; otherwise which way an address takes is
 * left to walk.c.
 */
#include "core.h"

struct softhost_visit {
	bool ignore_enables;	/* look behind devices that are switched off */
	u64 last;		/* of the segment, inclusive */
	u32 answering;		/* devices */
	bool interleaved;	/* more than one way somewhere */
	u64 found;		/* reason IDENTITY: offset in the window's backend, or U64_MAX */
	struct softhost_segment segment;
};

/* The first way that is silent gives the reason */
static void softhost_silent(struct softhost_visit *visit, const struct softhost_node *node,
			    u32 reason)
{
	if (visit->segment.reason)
		return;
	visit->segment.node_id = node->id;
	visit->segment.reason = reason;
}

/* DPA to partition: the last step of a way. Of use only if it is the only one */
static void softhost_visit_partition(struct softhost_visit *visit,
				     const struct softhost_node *node,
				     const struct softhost_latch *latch)
{
	struct softhost_segment *segment = &visit->segment;
	u64 dpa = latch->dpa_base + softhost_fold(latch->interleave, segment->hpa - latch->base);
	const struct softhost_partition *partition;
	u64 rest = 0;
	u32 at;

	at = softhost_partition_find(node, dpa, &rest);
	if (at == CXL_SOFTHOST_NONE) {
		/* The commit rules don't let this happen; never map on it */
		softhost_silent(visit, node, CXL_SOFTHOST_REASON_DPA_CAPACITY);
		return;
	}
	visit->answering++;
	/* A decoder's range lies in one partition, and walks find that out anyway */
	if (visit->interleaved)
		return;
	partition = &node->partitions[at];
	visit->last = min(visit->last, segment->hpa + (rest - 1));
	visit->last = min(visit->last, segment->hpa | (SOFTHOST_EXTENT_BOUNDARY - 1));
	segment->node_id = node->id;
	segment->partition = at;
	segment->dpa = dpa;
	segment->backend_id = partition->backend->id;
	segment->backend_offset = softhost_backend_offset(node, at, dpa);
	segment->host_addr = partition->backend->addr + segment->backend_offset;
	segment->cookie = partition->backend->cookie;
}

static void softhost_visit_device(struct softhost_visit *visit, const struct softhost_node *node)
{
	const struct softhost_hdm *hdm = node->next;
	const struct softhost_decoder *decoder;
	u32 reason = softhost_gate(hdm);

	if (reason && !visit->ignore_enables)
		return softhost_silent(visit, node, reason);
	decoder = softhost_decoder_find(node, hdm, visit->segment.hpa, &visit->last);
	if (!decoder)
		return softhost_silent(visit, node, CXL_SOFTHOST_REASON_NO_ENDPOINT_DECODER);
	if (softhost_ways(decoder->latch.interleave) > 1)
		visit->interleaved = true;
	softhost_visit_partition(visit, node, &decoder->latch);
}

static void softhost_visit_node(struct softhost_visit *visit, const struct softhost_node *node);

static void softhost_visit_child(struct softhost_visit *visit, const struct softhost_node *node,
				 const struct softhost_node *child)
{
	if (!child)
		softhost_silent(visit, node, CXL_SOFTHOST_REASON_NO_TARGET);
	else if (child->kind == CXL_SOFTHOST_NODE_ENDPOINT)
		softhost_visit_device(visit, child);
	else
		softhost_visit_node(visit, child);
}

/* Under policy "strict-spec" two ways may name one port: once is enough */
static bool softhost_target_seen(const struct softhost_latch *latch, u32 way)
{
	u32 i;

	for (i = 0; i < way; i++)
		if (latch->targets[i] == latch->targets[way])
			return true;
	return false;
}

/*
 * A host bridge or switch, and everything that it routes to: calls itself once
 * for each level, of which there are SOFTHOST_MAX_DEPTH, and comes to each node
 * once at most.
 */
static void softhost_visit_node(struct softhost_visit *visit, const struct softhost_node *node)
{
	const struct softhost_decoder *decoder;
	u32 ways, way;

	/* Without an HDM capability everything goes to the only port */
	if (!(node->flags & CXL_SOFTHOST_NODE_HDM))
		return softhost_visit_child(visit, node, softhost_only_child(node, true));

	decoder = softhost_decoder_find(node, node->next, visit->segment.hpa, &visit->last);
	if (!decoder)
		return softhost_silent(visit, node, CXL_SOFTHOST_REASON_NO_DECODER);
	ways = softhost_ways(decoder->latch.interleave);
	if (ways > 1)
		visit->interleaved = true;
	for (way = 0; way < ways; way++) {
		u32 port = decoder->latch.targets[way];

		if (!softhost_target_seen(&decoder->latch, way))
			softhost_visit_child(visit, node, softhost_child_find(node, port, true));
	}
}

/* What of an IDENTITY window's backend belongs at @hpa */
static u64 softhost_place(const struct softhost_window *window, u64 hpa)
{
	return window->backend_offset + (hpa - window->hpa);
}

/*
 * A segment that the window's flags don't allow answers nothing. It is there since
 * an uncommit under policy "strict-spec" uncovered it, or was before the window.
 */
static void softhost_withhold(struct softhost_segment *segment, u32 reason)
{
	*segment = (struct softhost_segment){
		.hpa = segment->hpa,
		.length = segment->length,
		.kind = CXL_SOFTHOST_SEGMENT_HOLE,
		.reason = reason,
		.window_id = segment->window_id,
		.slot = CXL_SOFTHOST_NONE,
	};
}

/*
 * Of a segment that is one way: offsets grow as addresses do, so its first one
 * tells for all of them.
 */
static void softhost_visit_place(struct softhost_visit *visit,
				 const struct softhost_window *window)
{
	struct softhost_segment *segment = &visit->segment;

	visit->found = segment->backend_offset;
	if (segment->backend_id != window->backend->id)
		visit->found = U64_MAX;
	if (visit->found != softhost_place(window, segment->hpa))
		softhost_withhold(segment, CXL_SOFTHOST_REASON_IDENTITY);
}

/* The longest segment that starts at @hpa */
static void softhost_visit(struct softhost_visit *visit, const struct softhost_window *window,
			   u64 hpa, bool ignore_enables)
{
	struct softhost_segment *segment = &visit->segment;
	u32 way;

	*visit = (struct softhost_visit){
		.ignore_enables = ignore_enables,
		.last = window->hpa + (window->length - 1),
		.interleaved = window->ways > 1,
		.segment = {
			.hpa = hpa,
			.window_id = window->id,
			.slot = CXL_SOFTHOST_NONE,
		},
	};
	for (way = 0; way < window->ways; way++)
		softhost_visit_node(visit, window->targets[way]);
	segment->length = visit->last - hpa + 1;

	if (!visit->answering) {
		segment->kind = CXL_SOFTHOST_SEGMENT_HOLE;
	} else if (!visit->interleaved) {
		segment->kind = CXL_SOFTHOST_SEGMENT_LINEAR;
		if (window->flags & CXL_SOFTHOST_WINDOW_IDENTITY)
			softhost_visit_place(visit, window);
	} else if (window->flags & CXL_SOFTHOST_WINDOW_LINEAR_ONLY) {
		softhost_withhold(segment, CXL_SOFTHOST_REASON_LINEAR_ONLY);
	} else {
		segment->kind = CXL_SOFTHOST_SEGMENT_INTERLEAVED;
	}
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
		u64 end = window->hpa + window->length;
		u64 hpa = window->hpa;

		while (hpa < end) {
			struct softhost_visit visit;

			softhost_visit(&visit, window, hpa, false);
			map->segments[map->count++] = visit.segment;
			hpa += visit.segment.length;
		}
	}
}

/* @result: if the window's flags don't allow the segment that starts at @hpa: why */
static bool softhost_visit_allowed(const struct softhost_visit *visit,
				   const struct softhost_window *window,
				   struct cxl_softhost_result *result)
{
	if (visit->interleaved) {
		result->reason = CXL_SOFTHOST_REASON_LINEAR_ONLY;
		result->expected = window->hpa;
		result->found = visit->segment.hpa;
		return false;
	}
	if (visit->segment.reason == CXL_SOFTHOST_REASON_IDENTITY) {
		result->reason = CXL_SOFTHOST_REASON_IDENTITY;
		result->expected = softhost_place(window, visit->segment.hpa);
		result->found = visit->found;
		return false;
	}
	return true;
}

/**
 * softhost_route_allowed() - whether LINEAR_ONLY and IDENTITY windows are what
 * their flags ask for
 * @topology: windows and what hangs below them; every node's @next counts, as
 *	if every device were enabled
 * @result: if not: REFUSED, and of the first address that is wrong, reason,
 *	expected and found
 *
 * Return: false if one isn't.
 */
bool softhost_route_allowed(const struct softhost_topology *topology,
			    struct cxl_softhost_result *result)
{
	u32 i;

	for (i = 0; i < topology->window_count; i++) {
		const struct softhost_window *window = topology->windows[i];
		u64 hpa = window->hpa, end = hpa + window->length;

		/* IDENTITY comes only together with it */
		if (!(window->flags & CXL_SOFTHOST_WINDOW_LINEAR_ONLY))
			continue;
		while (hpa < end) {
			struct softhost_visit visit;

			softhost_visit(&visit, window, hpa, true);
			if (!softhost_visit_allowed(&visit, window, result)) {
				result->outcome = CXL_SOFTHOST_OUTCOME_REFUSED;
				return false;
			}
			hpa += visit.segment.length;
		}
	}
	return true;
}

/* Decoders of a node and of everything below it, ends of partitions included */
static u64 softhost_count_below(const struct softhost_node *node)
{
	const struct softhost_node *child;
	u64 count = node->flags & CXL_SOFTHOST_NODE_HDM ? node->decoder_count : 1;

	/* One boundary between a device's partitions comes on top */
	if (node->kind == CXL_SOFTHOST_NODE_ENDPOINT)
		return count + 1;
	for (child = node->children; child; child = child->sibling)
		count += softhost_count_below(child);
	return count;
}

/**
 * softhost_route_bound() - the most that any programming of decoders can need
 * @topology: windows and what hangs below them
 * @bound: the answer
 *
 * Each decoder that can reach a window has two ends, each end cuts once. Of
 * two families of disjoint ranges, n and m strong, at most n + m - 1 pairs
 * meet, so an extent costs one decoder; where ranges may overlap (policy
 * "strict-spec") every cut may start one. None is smaller than 256 MiB.
 */
void softhost_route_bound(const struct softhost_topology *topology,
			  struct softhost_bound *bound)
{
	u32 i, way;

	bound->segments = 0;
	bound->extents = 0;
	for (i = 0; i < topology->window_count; i++) {
		const struct softhost_window *window = topology->windows[i];
		u64 units = window->length / CXL_SOFTHOST_UNIT;
		u64 split = window->length / SOFTHOST_EXTENT_BOUNDARY + 1;
		u64 decoders = 0, segments;

		for (way = 0; way < window->ways; way++)
			decoders += softhost_count_below(window->targets[way]);
		segments = min(units, 2 * decoders + split + 1);
		bound->segments += segments;
		/* Several ways: nothing is linear */
		if (window->ways > 1)
			continue;
		if (topology->policy == CXL_SOFTHOST_POLICY_STRICT_SPEC)
			bound->extents += segments;
		else
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
