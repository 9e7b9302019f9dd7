// SPDX-License-Identifier: GPL-2.0-only
/* Addresses one by one: the map against the model's decoding. */
#include <inttypes.h>

#include "property.h"

/* Of a change, so many addresses are looked at more closely */
#define DEEP_PERCENT 12

static void check_outside(struct world *world, u64 hpa, u64 next,
			  const struct model_answer *answer)
{
	u64 want_next = 0;
	u32 i;

	world_check(world, answer->silence == MODEL_NO_WINDOW, P_FIND,
		    "no segment at %#" PRIx64 " in a window", hpa);
	for (i = world->model.window_count; i-- > 0;)
		if (world->model.windows[i].base > hpa)
			want_next = world->model.windows[i].base;
	world_check(world, next == want_next, P_FIND,
		    "next window after %#" PRIx64 " is %#" PRIx64, hpa, next);
}

static void check_silent(struct world *world, const struct softhost_segment *segment, u64 hpa,
			 const struct model_answer *answer)
{
	bool interleaved = segment->kind == CXL_SOFTHOST_SEGMENT_INTERLEAVED;

	world->census->granular_silent += interleaved;
	world_check(world, segment->kind == CXL_SOFTHOST_SEGMENT_HOLE ||
		    (interleaved && segment->reason), P_DECODE,
		    "%#" PRIx64 " is in a segment of kind %u with reason %u, the model says "
		    "silence %#x", hpa, segment->kind, segment->reason, answer->silence);
	/* Of several ways, the reason may be another one's */
	if (answer->granule)
		return;
	world_check(world, said_silence(segment->reason, answer->silence), P_DECODE,
		    "%#" PRIx64 " is silent for reason %u, the model says %#x", hpa,
		    segment->reason, answer->silence);
	world_check(world, segment->node_id == world->nodes[answer->node]->id, P_DECODE,
		    "%#" PRIx64 " is silent at node ID %u, the model says node %d", hpa,
		    segment->node_id, answer->node);
}

static void check_extent_at(struct world *world, const struct softhost_segment *segment, u64 hpa,
			    const struct model_answer *answer)
{
	const struct softhost_backend *backend = &world->backends[answer->backend];
	u64 offset = hpa - segment->hpa;

	world_check(world, !answer->granule, P_DECODE,
		    "%#" PRIx64 " is in an extent, the model sees more than one way", hpa);
	world_check(world, segment->node_id == world->nodes[answer->node]->id &&
		    segment->dpa + offset == answer->dpa &&
		    segment->partition == answer->partition, P_DECODE,
		    "%#" PRIx64 ": DPA %#" PRIx64 ", the model gets %#" PRIx64 " of node %d", hpa,
		    segment->dpa + offset, answer->dpa, answer->node);
	world_check(world, segment->backend_id == backend->id &&
		    segment->cookie == backend->cookie &&
		    segment->backend_offset + offset == answer->backend_offset &&
		    segment->host_addr + offset == backend->addr + answer->backend_offset,
		    P_DECODE,
		    "%#" PRIx64 ": backend %u + %#" PRIx64 ", the model gets %u + %#" PRIx64, hpa,
		    segment->backend_id, segment->backend_offset + offset, backend->id,
		    answer->backend_offset);
}

static bool is_in_place(const struct model_window *window, u64 hpa,
			const struct model_answer *answer)
{
	return answer->backend == window->backend &&
	       answer->backend_offset - window->backend_offset == hpa - window->base;
}

static void check_answering(struct world *world, const struct softhost_segment *segment, u64 hpa,
			    const struct model_answer *answer)
{
	const struct model_window *window = &world->model.windows[answer->window];
	struct census *census = world->census;

	census->through_switch += answer->levels > 2;
	census->granular += !!answer->granule;
	if (answer->levels > census->deepest)
		census->deepest = answer->levels;

	if (segment->kind == CXL_SOFTHOST_SEGMENT_LINEAR) {
		check_extent_at(world, segment, hpa, answer);
		if (window->identity) {
			world->census->in_place++;
			world_check(world, is_in_place(window, hpa, answer), P_FLAGS,
				    "%#" PRIx64 " isn't what belongs there", hpa);
		}
		return;
	}
	if (window->identity && segment->reason == CXL_SOFTHOST_REASON_IDENTITY) {
		world_check(world, segment->kind == CXL_SOFTHOST_SEGMENT_HOLE &&
			    !answer->granule && !is_in_place(window, hpa, answer), P_DECODE,
			    "%#" PRIx64 " is silent, and would be in place", hpa);
		return;
	}
	if (window->linear_only && segment->reason == CXL_SOFTHOST_REASON_LINEAR_ONLY) {
		world_check(world, segment->kind == CXL_SOFTHOST_SEGMENT_HOLE && answer->granule,
			    P_DECODE, "%#" PRIx64 " is silent, the model sees one way", hpa);
		return;
	}
	world_check(world, segment->kind == CXL_SOFTHOST_SEGMENT_INTERLEAVED, P_DECODE,
		    "%#" PRIx64 " is silent for reason %u, the model gets DPA %#" PRIx64, hpa,
		    segment->reason, answer->dpa);
}

void check_address(struct world *world, u64 hpa, bool deep)
{
	const struct softhost_segment *segment;
	struct model_answer answer;
	u64 next = 0;

	if (world->broken)
		return;
	world->census->addresses++;
	segment = softhost_map_find(world->installed, world->installed->count, hpa, &next);
	model_decode(&world->model, hpa, &answer);
	if (!segment) {
		check_outside(world, hpa, next, &answer);
		return;
	}
	if (!world_check(world, hpa >= segment->hpa && hpa - segment->hpa < segment->length,
			 P_FIND, "%#" PRIx64 " isn't in the segment found for it", hpa) ||
	    !world_check(world, answer.window >= 0 &&
			 segment->window_id == world->windows[answer.window].id, P_FIND,
			 "%#" PRIx64 " is in another window", hpa))
		return;
	if (answer.answers)
		check_answering(world, segment, hpa, &answer);
	else
		check_silent(world, segment, hpa, &answer);
	check_walk(world, segment, hpa, &answer, deep);
}

/* What the segment says of all its ways, asked at one of its addresses */
static void check_ways(struct world *world, const struct softhost_segment *segment, u64 hpa)
{
	int window = model_window_at(&world->model, hpa);
	u32 kind = CXL_SOFTHOST_SEGMENT_INTERLEAVED;
	struct model_survey survey;
	u32 id = 0;

	model_survey(&world->model, hpa, &survey);
	if (!survey.answering)
		kind = CXL_SOFTHOST_SEGMENT_HOLE;
	else if (!survey.divided)
		kind = CXL_SOFTHOST_SEGMENT_LINEAR;
	else if (world->model.windows[window].linear_only)
		kind = CXL_SOFTHOST_SEGMENT_HOLE;
	/* Whether it is in place, addresses are asked; here, that nothing else is silent */
	if (kind == CXL_SOFTHOST_SEGMENT_LINEAR && world->model.windows[window].identity &&
	    segment->reason == CXL_SOFTHOST_REASON_IDENTITY) {
		world->census->misplaced_uncovered++;
		return;
	}
	world_check(world, segment->kind == kind, P_SEGMENT,
		    "%#" PRIx64 " is in a segment of kind %u, the model says %u", hpa,
		    segment->kind, kind);
	if (world->broken || kind == CXL_SOFTHOST_SEGMENT_LINEAR)
		return;
	if (kind == CXL_SOFTHOST_SEGMENT_HOLE && survey.answering) {
		world->census->linear_only_uncovered++;
		world_check(world, segment->reason == CXL_SOFTHOST_REASON_LINEAR_ONLY, P_SEGMENT,
			    "%#" PRIx64 " is silent for reason %u, not LINEAR_ONLY", hpa,
			    segment->reason);
		return;
	}

	if (survey.dead_ends)
		id = world->nodes[survey.node]->id;
	if (kind == CXL_SOFTHOST_SEGMENT_INTERLEAVED) {
		world->census->whole += !survey.dead_ends;
		world->census->partial += !!survey.dead_ends;
	}
	world_check(world, survey.dead_ends ? said_silence(segment->reason, survey.silence) :
					      !segment->reason, P_SEGMENT,
		    "a segment at %#" PRIx64 " with reason %u, of %u dead ends the first is %#x",
		    hpa, segment->reason, survey.dead_ends, survey.silence);
	world_check(world, segment->node_id == id, P_SEGMENT,
		    "a segment at %#" PRIx64 " is about node ID %u, the model says %u", hpa,
		    segment->node_id, id);
}

static void check_some(struct world *world, u64 hpa)
{
	check_address(world, hpa, world_chance(world, DEEP_PERCENT));
}

/* Where ways alternate: the first granules, the last, and some between */
static void check_granules(struct world *world, const struct softhost_segment *segment)
{
	u64 granule, count, at;
	u32 i;

	granule = 256ULL << world_random(world, 7);
	count = segment->length / granule;
	for (i = 1; i <= 3; i++) {
		check_some(world, segment->hpa + i * granule - 1);
		check_some(world, segment->hpa + i * granule);
		check_some(world, segment->hpa + segment->length - i * granule);
	}
	for (i = 0; i < 2; i++) {
		at = segment->hpa + world_random(world, count) * granule;
		check_some(world, at + granule - 1);
		check_some(world, at);
	}
}

/* Both sides of both ends of a decoder's range */
static void check_claim(struct world *world, const struct model_claim *claim)
{
	if (!claim->live)
		return;
	check_some(world, claim->base - 1);
	check_some(world, claim->base);
	check_some(world, claim->base + claim->size - 1);
	check_some(world, claim->base + claim->size);
}

static void check_window(struct world *world, const struct model_window *window)
{
	u64 units = window->length / UNIT, at;
	u32 i;

	if (window->base)
		check_some(world, window->base - 1);
	check_some(world, window->base + window->length);
	/* Both ends of units: nothing but ways changes inside of one */
	for (i = 0; i < 6 && i < units; i++) {
		at = window->base + world_random(world, units) * UNIT;
		check_some(world, at);
		check_some(world, at + UNIT - 1);
	}
}

/* At, before and after boundaries of the map and of decoders, and anywhere */
void check_addresses(struct world *world, u32 index)
{
	u32 start = world_random(world, world->installed->count), i;
	const struct model_node *node;

	for (i = 0; i < world->installed->count && i < 12 && !world->broken; i++) {
		const struct softhost_segment *segment;

		segment = &world->installed->segments[(start + i) % world->installed->count];
		check_some(world, segment->hpa);
		check_some(world, segment->hpa + segment->length - 1);
		check_some(world, segment->hpa + world_random(world, segment->length));
		check_ways(world, segment, segment->hpa);
		if (world_chance(world, 30))
			check_ways(world, segment, segment->hpa + segment->length - 1);
		if (segment->kind == CXL_SOFTHOST_SEGMENT_INTERLEAVED && world_chance(world, 30))
			check_granules(world, segment);
	}
	for (i = 0; i < world->model.nodes[index].decoders; i++)
		check_claim(world, &world->model.nodes[index].claims[i]);
	node = &world->model.nodes[world_random(world, world->model.node_count)];
	if (node->decoders)
		check_claim(world, &node->claims[world_random(world, node->decoders)]);
	for (i = 0; i < world->model.window_count; i++)
		check_window(world, &world->model.windows[i]);
	check_some(world, world_random(world, 0));
}
