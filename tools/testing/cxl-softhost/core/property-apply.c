// SPDX-License-Identifier: GPL-2.0-only
/*
 * One action on core/ and model, carried through as the module does it: to the
 * next registers, to the wanted map, to slots; then everything is compared.
 */
#include <inttypes.h>

#include "property.h"

/*
 * What the plan does to slots, checked against what it is for, not against how
 * it is made: no slot twice, none missing, none too many, none touched that
 * has what is wanted.
 */
static void carry_out(struct world *world)
{
	struct softhost_map *old = world->installed, *new = world->wanted;
	struct softhost_plan *plan = &world->plan;
	u32 i, j, used = 0, extents = 0;

	for (i = 0; i < plan->remove_count; i++) {
		const struct softhost_segment *gone = &old->segments[plan->remove[i]];

		if (!world_check(world, plan->remove[i] < old->count && gone->slot <
				 world->bound.extents && world->slots[gone->slot].used, P_PLAN,
				 "removes what has no slot"))
			return;
		world->slots[gone->slot].used = false;
		for (j = 0; j < plan->add_count; j++) {
			const struct softhost_segment *add = &new->segments[plan->add[j]];

			world_check(world, add->hpa != gone->hpa || add->length != gone->length ||
				    add->host_addr != gone->host_addr, P_PLAN,
				    "removes and adds the same at %#" PRIx64, gone->hpa);
		}
	}
	for (i = 0; i < plan->add_count; i++) {
		struct softhost_segment *add = &new->segments[plan->add[i]];

		for (j = 0; j < world->bound.extents && world->slots[j].used; j++)
			;
		if (!world_check(world, new->count > plan->add[i] && j < world->bound.extents &&
				 add->slot == CXL_SOFTHOST_NONE, P_PLAN,
				 "no slot for what is added at %#" PRIx64, add->hpa))
			return;
		world->slots[j] = (struct slot){ true, add->hpa, add->length, add->host_addr };
		add->slot = j;
	}
	for (i = 0; i < new->count; i++) {
		const struct softhost_segment *segment = &new->segments[i];
		const struct slot *slot;

		if (segment->kind != CXL_SOFTHOST_SEGMENT_LINEAR) {
			world_check(world, segment->slot == CXL_SOFTHOST_NONE, P_PLAN,
				    "a hole at %#" PRIx64 " has a slot", segment->hpa);
			continue;
		}
		extents++;
		if (!world_check(world, segment->slot < world->bound.extents, P_PLAN,
				 "no slot at %#" PRIx64, segment->hpa))
			return;
		slot = &world->slots[segment->slot];
		world_check(world, slot->used && slot->hpa == segment->hpa &&
			    slot->length == segment->length &&
			    slot->host_addr == segment->host_addr, P_PLAN,
			    "the slot of %#" PRIx64 " holds something else", segment->hpa);
	}
	for (i = 0; i < world->bound.extents; i++)
		used += world->slots[i].used;
	world_check(world, used == extents, P_PLAN, "%u slots for %u extents", used, extents);

	world->wanted = old;
	world->installed = new;
}

/* @one_way: a change of this kind only adds, or only removes */
static void make_plan(struct world *world, bool one_way)
{
	softhost_route(&world->topology, world->wanted);
	check_cover(world, world->wanted);
	if (world->broken)
		return;
	softhost_plan_make(world->installed, world->wanted, &world->plan);
	world_check(world, world->plan.remove_count <= world->bound.extents &&
		    world->plan.add_count <= world->bound.extents, P_PLAN,
		    "%u removals, %u additions", world->plan.remove_count, world->plan.add_count);
	world_check(world, !one_way || !world->plan.remove_count || !world->plan.add_count,
		    P_ONE_WAY, "%u removals and %u additions in one",
		    world->plan.remove_count, world->plan.add_count);
}

static void copy_hdm(const struct softhost_node *node, struct softhost_hdm *to,
		     const struct softhost_hdm *from)
{
	memcpy(to, from, sizeof(*to) + node->decoder_count * sizeof(to->decoders[0]));
}

/* The change stands: make its map, carry it out, compare everything */
static void settle(struct world *world, u32 index, bool may_change)
{
	const struct softhost_node *node = world->nodes[index];

	make_plan(world, false);
	if (world->broken)
		return;
	check_in_force(world);
	if (!may_change)
		world_check(world, softhost_map_equal(world->installed, world->wanted), P_STEADY,
			    "the map changed");
	carry_out(world);
	if (world->broken)
		return;
	copy_hdm(node, node->hdm, node->next);
	world->touched[index] = true;
	world->last_window = NULL;
	if (world->model.nodes[index].present)
		check_registers(world, index);
	check_capacity(world, index);
	if (may_change)
		check_addresses(world, index);
	else
		check_address(world, world->windows[0].hpa +
			      world_random(world, world->windows[0].length), true);
}

/*
 * As if the engine had no room for it. Of a commit nothing but the decoder's ERR
 * may remain, of an enable (@n is NONE) nothing at all.
 */
static void take_back(struct world *world, u32 index, u32 n)
{
	struct softhost_node *node = world->nodes[index];

	fprintf(world->tracer, "  taken back\n");
	if (n != CXL_SOFTHOST_NONE) {
		softhost_hdm_refuse(node->next, n);
		model_refuse(&world->model.nodes[index], n);
	} else {
		copy_hdm(node, node->next, node->hdm);
		world->census->enables_taken_back++;
	}
	make_plan(world, true);
	world_check(world, softhost_map_equal(world->installed, world->wanted), P_TAKEN_BACK,
		    "the map isn't what it was");
}

/* Would this commit, or what an uncommit uncovered, break what a window's flags say? */
static bool breaks_flags(struct world *world)
{
	struct cxl_softhost_result result = {};
	struct model_breach breach;
	bool broken, allowed;
	u64 expected, found;
	u32 reason = 0;

	broken = model_breach(&world->model, &breach);
	allowed = softhost_route_allowed(&world->topology, &result);
	expected = result.expected;
	found = result.found;
	if (broken)
		reason = breach.divided ? CXL_SOFTHOST_REASON_LINEAR_ONLY :
					  CXL_SOFTHOST_REASON_IDENTITY;
	world_check(world, allowed == !broken && result.reason == reason &&
		    expected == breach.expected && found == breach.found &&
		    result.outcome == (broken ? CXL_SOFTHOST_OUTCOME_REFUSED : 0), P_FLAGS,
		    "reason %u (%#" PRIx64 ", %#" PRIx64 "), the model says %u (%#" PRIx64
		    ", %#" PRIx64 ") at %#" PRIx64, result.reason, expected, found, reason,
		    breach.expected, breach.found, breach.hpa);
	world->census->linear_only += broken && breach.divided;
	world->census->misplaced += broken && !breach.divided;
	return broken;
}

static void check_others(struct world *world, u32 index, u32 n)
{
	const struct softhost_node *node = world->nodes[index];
	u32 i;

	for (i = 0; i < node->decoder_count; i++)
		world_check(world, i == n || !memcmp(&node->hdm->decoders[i],
						     &node->next->decoders[i],
						     sizeof(node->hdm->decoders[0])),
			    P_UNTOUCHED, "node %u: decoder %u changed with %d", index, i, (int)n);
}

static void count(struct world *world, const struct softhost_node *node,
		  const struct cxl_softhost_result *result)
{
	struct census *census = world->census;
	u32 n = result->decoder;

	census->writes++;
	if (result->reason < 64)
		census->reasons[result->reason]++;
	if (result->outcome == CXL_SOFTHOST_OUTCOME_COMMITTED) {
		census->commits++;
		census->device_commits += node->kind == CXL_SOFTHOST_NODE_ENDPOINT;
		census->interleaved += softhost_ways(node->next->decoders[n].latch.interleave) > 1;
		census->strict_commits += world->strict;
		census->zero_size += !node->next->decoders[n].latch.size;
		census->locked += !!(node->next->decoders[n].reg[SOFTHOST_REG_CTRL] & LOCK);
	}
	if (result->outcome == CXL_SOFTHOST_OUTCOME_REFUSED && world->strict)
		census->strict_locked += !!(node->next->decoders[n].reg[SOFTHOST_REG_CTRL] & LOCK);
	if (result->outcome == CXL_SOFTHOST_OUTCOME_UNCOMMITTED) {
		census->uncommits++;
		if (n + 1 < node->decoder_count &&
		    node->next->decoders[n + 1].reg[SOFTHOST_REG_CTRL] & COMMITTED)
			census->out_of_order++;
	}
}

/* Live decoders of a component whose ranges meet that of decoder @n */
static bool overlaps(const struct model_node *twin, u32 n)
{
	const struct model_claim *claim = &twin->claims[n];
	u32 i;

	for (i = 0; i < twin->decoders; i++) {
		const struct model_claim *other = &twin->claims[i];

		if (i == n || !other->live || !other->size || !claim->size)
			continue;
		if (other->base <= claim->base + (claim->size - 1) &&
		    claim->base <= other->base + (other->size - 1))
			return true;
	}
	return false;
}

/* Return: whether it stands, as far as the map goes */
static bool apply_commit(struct world *world, u32 index, u32 n)
{
	bool broken = breaks_flags(world);

	make_plan(world, !world->strict);
	if (world->broken)
		return false;
	if (!world->strict)
		world_check(world, !world->plan.remove_count, P_ONE_WAY, "a commit removes %u",
			    world->plan.remove_count);
	world->census->overlaps += overlaps(&world->model.nodes[index], n);
	if (broken) {
		take_back(world, index, n);
		return false;
	}
	if (world->plan.add_count && world_chance(world, 10)) {
		world->census->taken_back++;
		take_back(world, index, n);
		return false;
	}
	world->census->shadowed += !!world->plan.remove_count;
	return true;
}

static void apply_uncommit(struct world *world)
{
	make_plan(world, !world->strict);
	if (world->broken)
		return;
	if (!world->strict)
		world_check(world, !world->plan.add_count, P_ONE_WAY, "an uncommit adds %u",
			    world->plan.add_count);
	world->census->uncovered += !!world->plan.add_count;
}

void world_write(struct world *world, u32 index, u32 offset, u32 width, u64 value)
{
	struct softhost_node *node = world->nodes[index];
	struct model_node *twin = &world->model.nodes[index];
	struct cxl_softhost_result result;
	struct model_write model;
	bool changed;

	/* Nobody can write to what isn't there */
	if (world->broken || !twin->present)
		return;
	changed = rig_write_as(node, world->topology.policy, offset, width, value, &result);
	model_write(twin, offset, width, value, &model);
	fprintf(world->tracer, "write node %u at %#x width %u: %#" PRIx64
		" -> outcome %u reason %u expected %#llx found %#llx\n",
		index, offset, width, value, result.outcome, result.reason,
		(unsigned long long)result.expected, (unsigned long long)result.found);
	count(world, node, &result);
	check_verdict(world, &result, &model);
	check_others(world, index, result.decoder);
	if (world->broken)
		return;

	if (result.outcome == CXL_SOFTHOST_OUTCOME_COMMITTED) {
		world_check(world, changed, P_STEADY, "a commit that can't change the map");
		changed = apply_commit(world, index, result.decoder);
	} else if (result.outcome == CXL_SOFTHOST_OUTCOME_UNCOMMITTED) {
		world_check(world, changed, P_STEADY, "an uncommit that can't change the map");
		apply_uncommit(world);
	} else if (changed) {
		/* HDM Decoder Enable */
		make_plan(world, true);
		if (!world->broken && world->plan.add_count && world_chance(world, 10)) {
			take_back(world, index, CXL_SOFTHOST_NONE);
			model_write(twin, HDM_GLOBAL, 4, 0, &model);
			changed = false;
		}
	}
	if (!world->broken)
		settle(world, index, changed);
}

void world_switch(struct world *world, u32 index, bool mem_on, bool media_ok)
{
	struct softhost_node *node = world->nodes[index];
	struct model_node *twin = &world->model.nodes[index];

	if (world->broken || !twin->present)
		return;
	fprintf(world->tracer, "node %u: Mem_Enable %d, media %d\n", index, mem_on, media_ok);
	node->next->mem_enable = mem_on;
	node->next->media = media_ok ? CXL_SOFTHOST_MEDIA_READY : CXL_SOFTHOST_MEDIA_DISABLED;
	make_plan(world, true);
	if (!world->broken && world->plan.add_count && world_chance(world, 10)) {
		take_back(world, index, CXL_SOFTHOST_NONE);
	} else {
		twin->mem_on = mem_on;
		twin->media_ok = media_ok;
	}
	if (!world->broken)
		settle(world, index, true);
}

/* What takes away does it alone */
static void settle_removal(struct world *world, u32 index, const char *what)
{
	make_plan(world, true);
	world_check(world, !world->plan.add_count, P_ONE_WAY, "%s adds", what);
	if (!world->broken)
		settle(world, index, true);
}

void world_reset(struct world *world, u32 index)
{
	struct softhost_node *node = world->nodes[index];
	struct model_node *twin = &world->model.nodes[index];
	bool live = false, was_live;
	u32 n;

	if (world->broken || !twin->present)
		return;
	fprintf(world->tracer, "reset node %u\n", index);
	for (n = 0; n < twin->decoders; n++)
		live |= twin->claims[n].live;
	was_live = softhost_hdm_reset(node, node->next);
	model_reset(twin);
	world_check(world, was_live == live, P_VERDICT, "reset says %d", was_live);
	settle_removal(world, index, "a reset");
}

/* Only leaves come and go; what comes is as new */
void world_plug(struct world *world, u32 index, bool present)
{
	struct softhost_node *node = world->nodes[index];
	struct model_node *twin = &world->model.nodes[index];

	if (world->broken || twin->present == present)
		return;
	fprintf(world->tracer, "node %u %s\n", index, present ? "comes" : "goes");
	world->census->plugged++;
	softhost_hdm_reset(node, node->next);
	model_reset(twin);
	node->next->present = present;
	node->next->media = CXL_SOFTHOST_MEDIA_READY;
	twin->present = present;
	twin->media_ok = true;
	settle_removal(world, index, present ? "a new component" : "a removal");
}
