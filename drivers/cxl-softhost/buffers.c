// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory for maps and plans, allocated at set-up for the worst case that
 * guests can program: what a guest does never allocates in here.
 */
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "softhost.h"

/**
 * __softhost_map() - the map in force, for those who may change it
 * @host: the host
 *
 * Return: the map, never NULL.
 */
struct softhost_map *__softhost_map(struct softhost_host *host)
{
	return rcu_dereference_protected(host->map, lockdep_is_held(&host->state_lock));
}

/* Indexes for as many extents as a map of @capacity can have, twice */
static size_t softhost_plan_bytes(u32 capacity)
{
	return capacity / 2 * 2 * sizeof(u32);
}

/* Of as many extents as a map of @capacity can have; one that stays unused else */
static u32 softhost_deltas_capacity(const struct softhost_host *host, u32 capacity)
{
	return host->two_phase ? capacity / 2 : 1;
}

/**
 * __softhost_deltas() - room for the deltas, for those who may change them
 * @host: the host
 *
 * Return: the deltas, never NULL once the host is there.
 */
struct softhost_map *__softhost_deltas(struct softhost_host *host)
{
	return rcu_dereference_protected(host->deltas, lockdep_is_held(&host->state_lock));
}

size_t __softhost_buffers_bytes(struct softhost_host *host)
{
	const struct softhost_map *map = __softhost_map(host);

	return 2 * struct_size(map, segments, map->capacity) +
	       softhost_plan_bytes(map->capacity) +
	       struct_size(map, segments, softhost_deltas_capacity(host, map->capacity));
}

static struct softhost_map *softhost_map_alloc(u32 capacity)
{
	struct softhost_map *map;

	map = kvzalloc(struct_size(map, segments, capacity), GFP_KERNEL_ACCOUNT);
	if (map)
		map->capacity = capacity;
	return map;
}

/* @from's contents, if there is one, to @to, which isn't smaller */
static void softhost_map_move(struct softhost_map *to, const struct softhost_map *from)
{
	if (!from)
		return;
	to->generation = from->generation;
	to->count = from->count;
	to->condemned = from->condemned;
	memcpy(to->segments, from->segments,
	       (size_t)(from->count + from->condemned) * sizeof(from->segments[0]));
}

static int __softhost_buffers_replace(struct softhost_host *host, u32 capacity)
{
	struct softhost_map *old = __softhost_map(host), *old_next = host->next;
	struct softhost_map *old_deltas = __softhost_deltas(host);
	struct softhost_map *map = softhost_map_alloc(capacity);
	struct softhost_map *next = softhost_map_alloc(capacity);
	struct softhost_map *deltas = softhost_map_alloc(softhost_deltas_capacity(host, capacity));
	u32 *plan = kvmalloc(softhost_plan_bytes(capacity), GFP_KERNEL_ACCOUNT);

	if (!map || !next || !deltas || !plan) {
		kvfree(map);
		kvfree(next);
		kvfree(deltas);
		kvfree(plan);
		return -ENOMEM;
	}

	kvfree(host->plan.remove);
	host->plan.remove = plan;
	host->plan.add = plan + capacity / 2;
	host->next = next;
	softhost_map_move(map, old);
	/* A change may be pending while nodes are added */
	softhost_map_move(deltas, old_deltas);
	write_seqlock(&host->publish);
	rcu_assign_pointer(host->map, map);
	rcu_assign_pointer(host->deltas, deltas);
	write_sequnlock(&host->publish);
	/* A slow reader may be in any of them: two are swapped at will */
	if (old)
		synchronize_rcu();
	kvfree(old);
	kvfree(old_next);
	kvfree(old_deltas);
	return 0;
}

/* Slots that KVM has, wanted or condemned */
static u32 softhost_map_slots(const struct softhost_map *map)
{
	u32 i, slots = map->condemned;

	for (i = 0; i < map->count; i++)
		slots += map->segments[i].slot != CXL_SOFTHOST_NONE;
	return slots;
}

/**
 * __softhost_buffers_grow() - make room for the worst case of the topology
 * @host: the host, its topology as it will be
 *
 * Never shrinks. Room for deltas comes and goes with host->two_phase.
 *
 * Return: 0; -ENOSPC beyond what one host may take; -ENOMEM.
 */
int __softhost_buffers_grow(struct softhost_host *host)
{
	const struct softhost_map *map = __softhost_map(host);
	struct softhost_bound bound;
	u64 capacity, slots;
	int ret;

	lockdep_assert_held(&host->state_lock);

	softhost_route_bound(&host->topology, &bound);
	/* Every slot can turn into a condemned one, those of before as well */
	slots = max(bound.extents, (u64)(map ? softhost_map_slots(map) : 0));
	/* And ATTACH proves numbers with one, even where nothing can be linear */
	capacity = bound.segments + max(slots, 1ULL);
	if (capacity > SOFTHOST_MAX_SEGMENTS)
		return -ENOSPC;
	capacity = roundup_pow_of_two(max(capacity, 16ULL));
	if (map)
		capacity = max(capacity, (u64)map->capacity);
	/* In powers of two: each time waits for the readers */
	if (!map || capacity > map->capacity ||
	    __softhost_deltas(host)->capacity != softhost_deltas_capacity(host, capacity)) {
		ret = __softhost_buffers_replace(host, capacity);
		if (ret)
			return ret;
	}
	host->bound = bound;
	return 0;
}

void softhost_buffers_free(struct softhost_host *host)
{
	/* Nobody else is left, readers included */
	kvfree(rcu_dereference_protected(host->map, true));
	kvfree(rcu_dereference_protected(host->deltas, true));
	kvfree(host->next);
	kvfree(host->plan.remove);
}
