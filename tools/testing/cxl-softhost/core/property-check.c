// SPDX-License-Identifier: GPL-2.0-only
/* What has to hold after each action: core/ against the model, and by itself. */
#include <inttypes.h>
#include <stdarg.h>

#include "property.h"

bool world_check(struct world *world, bool good, enum property what, const char *format, ...)
{
	va_list args;

	if (good || world->broken)
		return good;
	world->broken = true;
	world->what = what;
	va_start(args, format);
	vsnprintf(world->why, sizeof(world->why), format, args);
	va_end(args);
	return false;
}

/* Reasons that agree with what the model found broken */
static bool reason_fits(u32 reason, unsigned int broken)
{
	static const u32 rules[] = {
		[CXL_SOFTHOST_REASON_ORDER] = MODEL_RULE_ORDER,
		[CXL_SOFTHOST_REASON_HPA_BELOW] = MODEL_RULE_BELOW,
		[CXL_SOFTHOST_REASON_HPA_ABOVE] = MODEL_RULE_ABOVE,
		[CXL_SOFTHOST_REASON_HPA_WRAP] = MODEL_RULE_WRAP,
		[CXL_SOFTHOST_REASON_SIZE_WAYS] = MODEL_RULE_SIZE_WAYS,
		[CXL_SOFTHOST_REASON_WAYS_RESERVED] = MODEL_RULE_WAYS_RESERVED,
		[CXL_SOFTHOST_REASON_WAYS_UNSUPPORTED] = MODEL_RULE_WAYS_UNSUPPORTED,
		[CXL_SOFTHOST_REASON_WAYS_TARGETS] = MODEL_RULE_WAYS_TARGETS,
		[CXL_SOFTHOST_REASON_GRANULARITY_RESERVED] = MODEL_RULE_GRANULARITY_RESERVED,
		[CXL_SOFTHOST_REASON_GRANULARITY_UNSUPPORTED] = MODEL_RULE_GRANULARITY_UNSUPPORTED,
		[CXL_SOFTHOST_REASON_TARGET_DUPLICATE] = MODEL_RULE_DUPLICATE,
		[CXL_SOFTHOST_REASON_DPA_CAPACITY] = MODEL_RULE_CAPACITY,
		[CXL_SOFTHOST_REASON_DPA_PARTITION] = MODEL_RULE_PARTITION,
		[CXL_SOFTHOST_REASON_DPA_OVERLAP] = MODEL_RULE_DPA_OVERLAP,
	};

	return reason < sizeof(rules) / sizeof(rules[0]) && (rules[reason] & broken);
}

void check_verdict(struct world *world, const struct cxl_softhost_result *result,
		   const struct model_write *model)
{
	u32 decoder = model->decoder < 0 ? CXL_SOFTHOST_NONE : (u32)model->decoder;
	u32 outcome = said_outcome(model->verdict);

	world_check(world, result->outcome == outcome, P_VERDICT,
		    "outcome %u reason %u, the model says %u (rules broken %#x)",
		    result->outcome, result->reason, outcome, model->broken);
	world_check(world, result->decoder == decoder, P_VERDICT,
		    "about decoder %d, the model says %d", (int)result->decoder, model->decoder);
	if (model->verdict == MODEL_REFUSED)
		world_check(world, reason_fits(result->reason, model->broken), P_VERDICT,
			    "refused for reason %u, the model says %#x", result->reason,
			    model->broken);
	if (model->verdict == MODEL_COMMITTED)
		world_check(world, result->reason == (model->interleaved ?
						      CXL_SOFTHOST_REASON_INTERLEAVED :
						      CXL_SOFTHOST_REASON_NONE),
			    P_VERDICT, "committed with reason %u", result->reason);
	if (model->verdict == MODEL_STORED || model->verdict == MODEL_UNCOMMITTED)
		world_check(world, !result->reason && !result->expected && !result->found,
			    P_VERDICT, "a reason (%u) without a refusal", result->reason);
}

void world_read(struct world *world, u32 index, u32 offset, u32 width)
{
	const struct softhost_node *node = world->nodes[index];
	u64 value, want;
	bool mine;

	mine = softhost_reg_read(node, node->next, offset, width, &value) ==
	       CXL_SOFTHOST_OUTCOME_DONE;
	world_check(world, model_read(&world->model.nodes[index], offset, width, &want) == mine,
		    P_REGISTERS, "read at %#x width %u is %smine", offset, width,
		    mine ? "" : "not ");
	world_check(world, value == want, P_REGISTERS,
		    "node %u at %#x width %u reads %#" PRIx64 ", the model %#" PRIx64,
		    index, offset, width, value, want);
}

void check_registers(struct world *world, u32 index)
{
	const struct softhost_node *node = world->nodes[index];
	u32 at, i;

	for (at = CM; at < CM + 24; at += 8)
		world_read(world, index, at, 8);
	for (at = HDM; at < DEC(node->decoder_count); at += 8)
		world_read(world, index, at, 8);
	for (i = 0; i < 4; i++) {
		at = world_random(world, 0x10010);
		world_read(world, index, at, 1 + world_random(world, 8));
	}
}

static void check_extent(struct world *world, const struct softhost_segment *segment)
{
	const struct softhost_backend *backend = NULL;
	u32 i;

	for (i = 0; i < BACKENDS; i++)
		if (world->backends[i].id == segment->backend_id)
			backend = &world->backends[i];
	if (!world_check(world, backend && segment->partition < 2, P_INSIDE,
			 "extent on backend %u", segment->backend_id))
		return;
	world_check(world, segment->backend_offset < backend->length &&
		    segment->length <= backend->length - segment->backend_offset, P_INSIDE,
		    "extent at %#" PRIx64 " leaves its backend", segment->hpa);
	for (i = 0; i < world->model.node_count; i++) {
		const struct model_partition *parts = world->model.nodes[i].partitions;
		u64 start = segment->partition ? parts[0].length : 0;

		if (world->nodes[i]->id != segment->node_id)
			continue;
		world_check(world, segment->dpa >= start && segment->dpa - start +
			    segment->length <= parts[segment->partition].length, P_INSIDE,
			    "extent at %#" PRIx64 " leaves its partition", segment->hpa);
	}
	world_check(world, segment->hpa >> 42 == (segment->hpa + segment->length - 1) >> 42,
		    P_INSIDE, "extent at %#" PRIx64 " is too long for a slot", segment->hpa);
}

/* What nobody or several answer for has no place in memory */
static void check_no_extent(struct world *world, const struct softhost_segment *segment)
{
	world_check(world, (segment->kind == CXL_SOFTHOST_SEGMENT_HOLE && segment->reason) ||
		    segment->kind == CXL_SOFTHOST_SEGMENT_INTERLEAVED, P_COVER,
		    "kind %u with reason %u", segment->kind, segment->reason);
	world_check(world, !segment->dpa && !segment->backend_id && !segment->backend_offset &&
		    !segment->host_addr && !segment->cookie && !segment->partition &&
		    segment->slot == CXL_SOFTHOST_NONE, P_COVER,
		    "no extent at %#" PRIx64 ", but a place in memory", segment->hpa);
}

void check_cover(struct world *world, const struct softhost_map *map)
{
	u64 extents = 0, persistent = 0;
	u32 i = 0, w;

	for (w = 0; w < world->model.window_count; w++) {
		u64 at = world->model.windows[w].base;
		u64 end = at + world->model.windows[w].length;

		for (; at < end; i++) {
			const struct softhost_segment *segment = &map->segments[i];
			bool linear = segment->kind == CXL_SOFTHOST_SEGMENT_LINEAR;

			if (!world_check(world, i < map->count && segment->hpa == at &&
					 segment->length && segment->length <= end - at, P_COVER,
					 "window %u isn't covered at %#" PRIx64, w, at))
				return;
			at += segment->length;
			world_check(world, segment->window_id == world->windows[w].id, P_COVER,
				    "segment at %#" PRIx64 " names another window", segment->hpa);
			if (!linear) {
				check_no_extent(world, segment);
				continue;
			}
			world_check(world, !segment->reason, P_COVER,
				    "an extent with reason %u", segment->reason);
			extents++;
			persistent += segment->partition;
			world->census->split += segment->hpa >> 42 != (segment->hpa - 1) >> 42 &&
						segment->dpa;
			check_extent(world, segment);
		}
	}
	world_check(world, i == map->count && !map->condemned, P_COVER,
		    "%u segments more than cover the windows", map->count - i);
	world_check(world, map->count <= world->bound.segments &&
		    extents <= world->bound.extents, P_BOUND,
		    "%u segments, %" PRIu64 " extents; the bound is %" PRIu64 ", %" PRIu64,
		    map->count, extents, world->bound.segments, world->bound.extents);
	world->census->extents += extents;
	world->census->persistent += persistent;
	if (extents > world->census->most_extents)
		world->census->most_extents = extents;
}

/* Straight from the latches of core/ */
void check_capacity(struct world *world, u32 index)
{
	const struct softhost_node *node = world->nodes[index];
	u64 capacity = node->partitions[0].length + node->partitions[1].length;
	u32 n;

	for (n = 0; n < node->decoder_count; n++) {
		const struct softhost_decoder *decoder = &node->next->decoders[n];
		const struct softhost_latch *latch = &decoder->latch;

		if (!(decoder->reg[SOFTHOST_REG_CTRL] & COMMITTED) ||
		    node->kind != CXL_SOFTHOST_NODE_ENDPOINT)
			continue;
		world_check(world, latch->dpa_base <= capacity &&
			    latch->size / softhost_ways(latch->interleave) <=
			    capacity - latch->dpa_base, P_CAPACITY,
			    "node %u decoder %u is live beyond the capacity", index, n);
	}
}
