// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compares the installed map with the wanted one. What is the same keeps its
 * slot: deleting one costs every vCPU of the VM its second-level mappings.
 */
#include "core.h"

static bool softhost_extent_equal(const struct softhost_segment *a,
				  const struct softhost_segment *b)
{
	return a->hpa == b->hpa && a->length == b->length && a->host_addr == b->host_addr;
}

static bool softhost_installed(const struct softhost_segment *segment)
{
	return segment->slot != CXL_SOFTHOST_NONE;
}

/**
 * softhost_plan_make() - what to remove and what to add
 * @old: the map in force; what has a slot is installed
 * @new: the wanted map; extents that stay get their slot from @old, or stay
 *	without one if the engine refused it
 * @plan: the answer; both arrays have room for every extent there can be
 */
void softhost_plan_make(const struct softhost_map *old, struct softhost_map *new,
			struct softhost_plan *plan)
{
	u32 i = 0, j;

	plan->remove_count = 0;
	plan->add_count = 0;
	for (j = 0; j < new->count; j++) {
		struct softhost_segment *want = &new->segments[j];

		if (want->kind != CXL_SOFTHOST_SEGMENT_LINEAR)
			continue;
		for (; i < old->count && old->segments[i].hpa < want->hpa; i++)
			if (softhost_installed(&old->segments[i]))
				plan->remove[plan->remove_count++] = i;
		if (i < old->count && softhost_extent_equal(&old->segments[i], want) &&
		    (softhost_installed(&old->segments[i]) ||
		     softhost_refused(&old->segments[i]))) {
			want->slot = old->segments[i].slot;
			want->reason = old->segments[i++].reason;
		} else {
			plan->add[plan->add_count++] = j;
		}
	}
	for (; i < old->count; i++)
		if (softhost_installed(&old->segments[i]))
			plan->remove[plan->remove_count++] = i;
}

/**
 * softhost_map_equal() - whether readers would see the same
 * @a: a map
 * @b: another
 *
 * Return: true if they differ in nothing but generation and capacity.
 */
bool softhost_map_equal(const struct softhost_map *a, const struct softhost_map *b)
{
	return a->count == b->count && a->condemned == b->condemned &&
	       !memcmp(a->segments, b->segments,
		       (size_t)(a->count + a->condemned) * sizeof(a->segments[0]));
}
