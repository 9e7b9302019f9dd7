// SPDX-License-Identifier: GPL-2.0-only
/* One address followed by core/, against the model: there, onwards, and back. */
#include <inttypes.h>

#include "property.h"

static bool same_answer(const struct softhost_answer *a, const struct softhost_answer *b)
{
	return a->reason == b->reason && a->node == b->node && a->partition == b->partition &&
	       a->dpa == b->dpa && a->length == b->length;
}

/* The same as @want (@reason: if that is silence), so many bytes on? */
static bool continues(const struct model_answer *want, u32 reason, u64 offset,
		      const struct model_answer *at)
{
	if (at->answers != want->answers || at->node != want->node)
		return false;
	if (!want->answers)
		return said_silence(reason, at->silence);
	return at->dpa == want->dpa + offset && at->partition == want->partition &&
	       at->backend == want->backend &&
	       at->backend_offset == want->backend_offset + offset;
}

/* May an answer change at @end, other than between granules? */
static bool boundary(const struct world *world, const struct model_answer *want, u64 hpa, u64 end)
{
	const struct model_window *window = &world->model.windows[want->window];
	int index;

	if (end == window->base + window->length)
		return true;
	for (index = want->node; index >= 0; index = world->model.nodes[index].above) {
		const struct model_node *node = &world->model.nodes[index];
		u32 n;

		for (n = 0; n < node->decoders; n++) {
			const struct model_claim *claim = &node->claims[n];

			if (claim->live && (claim->base == end ||
					    claim->base + claim->size == end))
				return true;
		}
	}
	if (!want->answers)
		return false;
	end = want->dpa + (end - hpa);
	return end == world->model.nodes[want->node].partitions[0].length ||
	       end == world->model.nodes[want->node].partitions[0].length +
		      world->model.nodes[want->node].partitions[1].length;
}

/*
 * The answer goes on to where it says, and not less far than it could: of
 * levels with more than one way the smallest granule ends it, else a decoder, a
 * partition or the window.
 */
static void check_run(struct world *world, const struct softhost_segment *segment, u64 hpa,
		      const struct model_answer *want, const struct softhost_answer *answer)
{
	const struct model_window *window = &world->model.windows[want->window];
	u64 segment_end = segment->hpa + segment->length;
	u64 length = answer->length, end = hpa + length;
	struct model_answer there;
	u64 probes[3];
	u32 i;

	world->census->runs++;
	world_check(world, length && length <= window->base + window->length - hpa, P_RUN,
		    "%#" PRIx64 " + %#" PRIx64 " isn't in the window", hpa, length);
	/* Extents alone are cut where no answer changes, for a slot has a largest size */
	world_check(world, end <= segment_end ||
		    (segment->kind == CXL_SOFTHOST_SEGMENT_LINEAR &&
		     segment_end % SOFTHOST_EXTENT_BOUNDARY == 0), P_RUN,
		    "%#" PRIx64 " + %#" PRIx64 " leaves the segment", hpa, length);
	if (want->granule)
		world_check(world, length == want->granule - hpa % want->granule, P_RUN,
			    "%#" PRIx64 " + %#" PRIx64 ", of granules of %#" PRIx64, hpa, length,
			    want->granule);
	else
		world_check(world, boundary(world, want, hpa, end), P_RUN,
			    "%#" PRIx64 " + %#" PRIx64 " ends for no reason", hpa, length);
	if (world->broken)
		return;

	probes[0] = world_random(world, length);
	probes[1] = length - 1;
	probes[2] = length / 2;
	for (i = 0; i < 3; i++) {
		model_decode(&world->model, hpa + probes[i], &there);
		world_check(world, continues(want, answer->reason, probes[i], &there), P_RUN,
			    "the answer at %#" PRIx64 " doesn't hold at + %#" PRIx64, hpa,
			    probes[i]);
	}
	check_address(world, end, false);
}

/* From DPA to HPA: every position gives an address that would come back here */
static void check_back(struct world *world, u64 hpa, const struct model_answer *want)
{
	const struct softhost_node *node = world->nodes[want->node];
	const struct softhost_latch *latch = &node->hdm->decoders[want->decoder].latch;
	u32 ways = softhost_ways(latch->interleave), position, found = 0;
	struct model_answer there;

	world->census->back++;
	for (position = 0; position < ways; position++) {
		u64 at = latch->base + softhost_unfold(latch->interleave,
						       want->dpa - latch->dpa_base, position);

		found += at == hpa;
		world_check(world, at - latch->base < latch->size, P_BACK,
			    "position %u of DPA %#" PRIx64 " is %#" PRIx64
			    ", not in the decoder's range", position, want->dpa, at);
		model_decode(&world->model, at, &there);
		if (there.answers && there.node == want->node && there.decoder == want->decoder)
			world_check(world, there.dpa == want->dpa, P_BACK,
				    "position %u of DPA %#" PRIx64 " is %#" PRIx64
				    ", which has DPA %#" PRIx64, position, want->dpa, at,
				    there.dpa);
	}
	world_check(world, found == 1, P_BACK, "%u of %u positions of DPA %#" PRIx64 " are %#"
		    PRIx64, found, ways, want->dpa, hpa);
}

void check_walk(struct world *world, const struct softhost_segment *segment, u64 hpa,
		const struct model_answer *want, bool deep)
{
	const struct softhost_window *window = &world->windows[want->window];
	struct softhost_answer answer, wanted;

	if (world->broken)
		return;
	softhost_walk(window, hpa, false, &answer);
	if (deep) {
		softhost_walk(window, hpa, true, &wanted);
		world_check(world, same_answer(&answer, &wanted), P_DECODE,
			    "%#" PRIx64 " is wanted elsewhere than it is", hpa);
	}
	world_check(world, answer.node == world->nodes[want->node], P_DECODE,
		    "%#" PRIx64 " leads to node ID %u, the model says node %d", hpa,
		    answer.node ? answer.node->id : 0, want->node);
	if (want->answers)
		world_check(world, !answer.reason && answer.dpa == want->dpa &&
			    answer.partition == want->partition, P_DECODE,
			    "%#" PRIx64 " leads to DPA %#" PRIx64 " (reason %u), the model gets %#"
			    PRIx64, hpa, answer.dpa, answer.reason, want->dpa);
	else
		world_check(world, said_silence(answer.reason, want->silence), P_DECODE,
			    "%#" PRIx64 " leads nowhere for reason %u, the model says %#x", hpa,
			    answer.reason, want->silence);
	if (world->broken || !deep)
		return;
	check_run(world, segment, hpa, want, &answer);
	if (want->answers && !world->broken)
		check_back(world, hpa, want);
	world->last_window = window;
	world->last_hpa = hpa;
	world->last = answer;
}

/* Until a change stands, it doesn't show in what is in force */
void check_in_force(struct world *world)
{
	struct softhost_answer answer;

	if (!world->last_window)
		return;
	softhost_walk(world->last_window, world->last_hpa, false, &answer);
	world_check(world, same_answer(&answer, &world->last), P_STEADY,
		    "%#" PRIx64 " leads elsewhere before the change stands", world->last_hpa);
}
