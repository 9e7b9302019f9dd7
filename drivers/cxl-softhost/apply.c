// SPDX-License-Identifier: GPL-2.0-only
/*
 * The transaction: registers that want a map in; slots, map and registers that
 * agree out, or everything as it was.
 *
 * Removals always take effect. Under policy "checked" one guest action yields
 * only removals or only additions (a commit adds paths and no path overlaps
 * another, everything else takes paths away), so rolling back never has to add.
 * Under "strict-spec" decoders may overlap: see __softhost_exchange().
 */
#include <linux/bitmap.h>

#include "softhost.h"
#include "trace.h"

static int __softhost_slot_add(struct softhost_host *host, struct softhost_segment *segment)
{
	struct softhost_engine *engine = host->engine;
	u32 bit = __softhost_slot_choose(host, segment, 0);
	int ret;

	lockdep_assert_held(&host->state_lock);

	if (bit == engine->slot_count)
		return -ENOSPC;
	ret = engine->ops->add(host, engine->first_slot + bit, segment,
			       __softhost_logs(host, segment->window_id));
	trace_cxl_softhost_slot_add(engine->first_slot + bit, segment, ret);
	/* -ESTALE: nobody knows whether it is there; removing will tell */
	if (!ret || ret == -ESTALE) {
		__set_bit(bit, engine->slots);
		WRITE_ONCE(segment->slot, engine->first_slot + bit);
	}
	return ret;
}

static int __softhost_slot_remove(struct softhost_host *host,
				  const struct softhost_segment *segment)
{
	struct softhost_engine *engine = host->engine;
	int ret;

	lockdep_assert_held(&host->state_lock);

	ret = engine->ops->remove(host, segment->slot);
	trace_cxl_softhost_slot_remove(segment->slot, segment, ret);
	if (!ret)
		__clear_bit(segment->slot - engine->first_slot, engine->slots);
	return ret;
}

/* @segment isn't in @map any more, but KVM still has its slot */
static void softhost_condemn(struct softhost_map *map, const struct softhost_segment *segment)
{
	struct softhost_segment *condemned = &map->segments[map->count + map->condemned];

	/* __softhost_buffers_grow() leaves room for every slot */
	if (WARN_ON_ONCE(map->count + map->condemned >= map->capacity))
		return;
	softhost_build_begin();
	map->condemned++;
	*condemned = *segment;
	condemned->kind = CXL_SOFTHOST_SEGMENT_CONDEMNED;
	condemned->reason = CXL_SOFTHOST_REASON_STALE_SLOT;
	softhost_build_end();
}

static void __softhost_remove_or_condemn(struct softhost_host *host, struct softhost_map *map,
					 const struct softhost_segment *segment)
{
	if (__softhost_slot_remove(host, segment))
		softhost_condemn(map, segment);
}

/* host->next = the map in force, without its condemned slots */
static void __softhost_copy_segments(struct softhost_host *host)
{
	const struct softhost_map *old = __softhost_map(host);

	lockdep_assert_held(&host->state_lock);

	softhost_build_begin();
	host->next->count = old->count;
	host->next->condemned = 0;
	memcpy(host->next->segments, old->segments, (size_t)old->count * sizeof(old->segments[0]));
	softhost_build_end();
}

/**
 * __softhost_retry_condemned() - try again to get rid of what should be gone
 * @host: the host
 *
 * Before every change of the map, and before anything is called busy.
 */
void __softhost_retry_condemned(struct softhost_host *host)
{
	const struct softhost_map *old = __softhost_map(host);
	u32 i;

	lockdep_assert_held(&host->state_lock);

	/* Revoked after it was looked at: what KVM has stays with the VM */
	if (!old->condemned || !host->engine)
		return;
	__softhost_copy_segments(host);
	for (i = old->count; i < old->count + old->condemned; i++)
		__softhost_remove_or_condemn(host, host->next, &old->segments[i]);
	__softhost_publish_map(host);
}

/* @new's condemned slots stay, its segments become @old's */
static void softhost_take_old_segments(const struct softhost_map *old, struct softhost_map *new)
{
	softhost_build_begin();
	memmove(&new->segments[old->count], &new->segments[new->count],
		(size_t)new->condemned * sizeof(new->segments[0]));
	memcpy(new->segments, old->segments, (size_t)old->count * sizeof(old->segments[0]));
	new->count = old->count;
	softhost_build_end();
}

/**
 * __softhost_slots_suffice() - whether there are slots for what the plan adds
 * @host: the host, with an engine and a plan that only adds or only removes
 * @result: if not: REFUSED
 *
 * Return: true if so.
 */
bool __softhost_slots_suffice(struct softhost_host *host, struct cxl_softhost_result *result)
{
	const struct softhost_map *map = __softhost_map(host);
	const struct softhost_engine *engine = host->engine;
	u32 needed = host->plan.add_count, free;

	lockdep_assert_held(&host->state_lock);

	if (!needed)
		return true;
	if (map->condemned)
		return softhost_refuse(result, CXL_SOFTHOST_REASON_STALE_SLOT, 0, map->condemned);
	free = engine->slot_count - bitmap_weight(engine->slots, engine->slot_count);
	if (needed > free)
		return softhost_refuse(result, CXL_SOFTHOST_REASON_NO_SLOTS, needed, free);
	return true;
}

/* Install what the plan adds, all or nothing */
static bool __softhost_add_all(struct softhost_host *host, struct cxl_softhost_result *result)
{
	const struct softhost_map *old = __softhost_map(host);
	const struct softhost_plan *plan = &host->plan;
	struct softhost_map *new = host->next;
	u32 i;
	int ret;

	lockdep_assert_held(&host->state_lock);

	if (!__softhost_slots_suffice(host, result))
		return false;
	for (i = 0; i < plan->add_count; i++) {
		ret = __softhost_slot_add(host, &new->segments[plan->add[i]]);
		if (ret)
			break;
	}
	if (i == plan->add_count)
		return true;

	/*
	 * Take back what was added, newest first; the unknown one included.
	 * What can't be removed is kept behind @new's segments, where the copy
	 * of @old's doesn't reach: @old has no condemned slots, and @new at
	 * least as many segments as slots.
	 */
	if (new->segments[plan->add[i]].slot != CXL_SOFTHOST_NONE)
		i++;
	WRITE_ONCE(new->condemned, 0);
	while (i--)
		__softhost_remove_or_condemn(host, new, &new->segments[plan->add[i]]);
	if (new->condemned) {
		softhost_take_old_segments(old, new);
		__softhost_publish_map(host);
	}
	return softhost_refuse(result, CXL_SOFTHOST_REASON_ENGINE, 0, -ret);
}

/*
 * Install one extent without insisting: what the engine refuses stays in the
 * map without a slot, where exits serve it, until a later change tries again.
 */
static int __softhost_slot_try(struct softhost_host *host, struct softhost_map *map,
			       struct softhost_segment *segment)
{
	/* What should be gone could be in the way */
	bool stale = map->condemned || __softhost_map(host)->condemned;
	int ret = stale ? -EBUSY : __softhost_slot_add(host, segment);

	lockdep_assert_held(&host->state_lock);

	if (ret && segment->slot != CXL_SOFTHOST_NONE) {
		__softhost_remove_or_condemn(host, map, segment);
		WRITE_ONCE(segment->slot, CXL_SOFTHOST_NONE);
	}
	WRITE_ONCE(segment->reason, ret ? CXL_SOFTHOST_REASON_ENGINE : CXL_SOFTHOST_REASON_NONE);
	return ret;
}

/* Try again what __softhost_slot_try() could not do */
static void __softhost_retry_refused(struct softhost_host *host)
{
	const struct softhost_map *old = __softhost_map(host);
	bool any = false;
	u32 i;

	lockdep_assert_held(&host->state_lock);

	for (i = 0; i < old->count; i++)
		any |= softhost_refused(&old->segments[i]);
	if (!any || old->condemned)
		return;
	__softhost_copy_segments(host);
	for (i = 0; i < old->count; i++)
		if (softhost_refused(&old->segments[i]))
			__softhost_slot_try(host, host->next, &host->next->segments[i]);
	__softhost_publish_map(host);
}

/* A commit that can't be had: @old's slots, of which the first @removed are gone, again */
static void __softhost_exchange_back(struct softhost_host *host, u32 removed)
{
	const struct softhost_plan *plan = &host->plan;
	struct softhost_map *map = host->next;
	u32 i;

	lockdep_assert_held(&host->state_lock);

	for (i = 0; i < plan->add_count; i++) {
		const struct softhost_segment *added = &map->segments[plan->add[i]];

		/* Nothing else can be in the way of what comes back */
		if (added->slot != CXL_SOFTHOST_NONE)
			__softhost_remove_or_condemn(host, map, added);
	}
	softhost_take_old_segments(__softhost_map(host), map);
	for (i = 0; i < removed; i++) {
		struct softhost_segment *back = &map->segments[plan->remove[i]];

		WRITE_ONCE(back->slot, CXL_SOFTHOST_NONE);
		__softhost_slot_try(host, map, back);
	}
	__softhost_publish_map(host);
}

/*
 * Where decoders overlap, a commit can take an extent from another decoder, and
 * an uncommit give it back. Slots can't overlap, so removals come first. If an
 * addition fails then, a commit is refused and what it took is put back, as far
 * as the engine lets us; a removal takes effect all the same. What has no slot in
 * the end is shown by MAP_GET with reason ENGINE, and exits reach it.
 */
static bool __softhost_exchange(struct softhost_host *host, struct cxl_softhost_result *result)
{
	bool commit = result->outcome == CXL_SOFTHOST_OUTCOME_COMMITTED;
	const struct softhost_map *old = __softhost_map(host);
	const struct softhost_plan *plan = &host->plan;
	struct softhost_map *new = host->next;
	u32 i, removed;
	int ret = 0;

	lockdep_assert_held(&host->state_lock);

	for (removed = 0; removed < plan->remove_count; removed++) {
		const struct softhost_segment *gone = &old->segments[plan->remove[removed]];

		if (!commit)
			__softhost_remove_or_condemn(host, new, gone);
		else if (__softhost_slot_remove(host, gone))
			ret = -EBUSY;
		if (ret)
			break;
	}
	for (i = 0; i < plan->add_count && !(commit && ret); i++)
		ret = __softhost_slot_try(host, new, &new->segments[plan->add[i]]) ?: ret;
	if (!commit || !ret)
		return true;
	__softhost_exchange_back(host, removed);
	return softhost_refuse(result, CXL_SOFTHOST_REASON_ENGINE, 0, -ret);
}

/* The plan: slots as @next wants them, or as they were and a reason */
static bool __softhost_carry_out_plan(struct softhost_host *host,
				      struct cxl_softhost_result *result)
{
	const struct softhost_map *old = __softhost_map(host);
	const struct softhost_plan *plan = &host->plan;
	u32 i;

	lockdep_assert_held(&host->state_lock);

	if (plan->add_count &&
	    (plan->remove_count || result->outcome == CXL_SOFTHOST_OUTCOME_UNCOMMITTED)) {
		/* See the top of this file; refusing keeps the promise if not */
		if (WARN_ON_ONCE(host->topology.policy == CXL_SOFTHOST_POLICY_CHECKED))
			return softhost_refuse(result, CXL_SOFTHOST_REASON_ENGINE, 0, EINVAL);
		return __softhost_exchange(host, result);
	}
	if (plan->add_count)
		return __softhost_add_all(host, result);
	for (i = 0; i < plan->remove_count; i++)
		__softhost_remove_or_condemn(host, host->next, &old->segments[plan->remove[i]]);
	return true;
}

/**
 * __softhost_prepare() - make the map that @next registers want, and the plan
 * @host: the host
 * @result: what the command is about to come to. If refused: outcome, reason,
 *	expected and found
 *
 * Slots that should be gone, and those that the engine refused, are tried again.
 *
 * Return: true with host->next and host->plan made; false if it is refused.
 */
bool __softhost_prepare(struct softhost_host *host, struct cxl_softhost_result *result)
{
	bool commit = result->outcome == CXL_SOFTHOST_OUTCOME_COMMITTED;
	bool plans = host->engine && !host->engine->detaching;
	const struct softhost_map *old;

	lockdep_assert_held(&host->state_lock);

	__softhost_retry_condemned(host);
	if (plans)
		__softhost_retry_refused(host);
	old = __softhost_map(host);
	/* Not even one that maps nothing: the guest isn't to build on this */
	if (commit && old->condemned)
		return softhost_refuse(result, CXL_SOFTHOST_REASON_STALE_SLOT, 0, old->condemned);
	if (commit && !softhost_route_allowed(&host->topology, result))
		return false;

	softhost_build_begin();
	softhost_route(&host->topology, host->next);
	host->plan.remove_count = 0;
	host->plan.add_count = 0;
	if (plans)
		softhost_plan_make(old, host->next, &host->plan);
	softhost_build_end();
	return true;
}

/**
 * __softhost_carry_out() - put what was prepared in force
 * @host: the host
 * @changed: the only node whose @next registers differ; NULL: any may
 * @result: if refused: outcome, reason, expected and found
 *
 * Return: true if registers, map and slots agree on what @next wants; false if
 * that adds something that can't be had: then all are as they were, and the
 * caller puts @next right.
 */
bool __softhost_carry_out(struct softhost_host *host, struct softhost_node_object *changed,
			  struct cxl_softhost_result *result)
{
	const struct softhost_map *old = __softhost_map(host);
	u32 i;

	lockdep_assert_held(&host->state_lock);

	if (!__softhost_carry_out_plan(host, result))
		return false;
	/* The condemned ones of before stay behind those of now */
	for (i = old->count; i < old->count + old->condemned; i++)
		softhost_condemn(host->next, &old->segments[i]);
	__softhost_publish(host, changed);
	return true;
}

/* Both at once: for what the VMM does, before or after there is memory */
bool __softhost_apply(struct softhost_host *host, struct softhost_node_object *changed,
		      struct cxl_softhost_result *result)
{
	return __softhost_prepare(host, result) && __softhost_carry_out(host, changed, result);
}

/**
 * __softhost_remove_all() - take every slot out; registers stay
 * @host: the host, with an engine
 *
 * Return: true if none is left; false if KVM refused to delete some, which
 * are condemned now.
 */
bool __softhost_remove_all(struct softhost_host *host)
{
	const struct softhost_map *old;
	u32 i;

	lockdep_assert_held(&host->state_lock);

	__softhost_retry_condemned(host);
	old = __softhost_map(host);
	__softhost_copy_segments(host);
	for (i = 0; i < old->count; i++) {
		if (softhost_refused(&old->segments[i]))
			WRITE_ONCE(host->next->segments[i].reason, CXL_SOFTHOST_REASON_NONE);
		if (old->segments[i].slot == CXL_SOFTHOST_NONE)
			continue;
		WRITE_ONCE(host->next->segments[i].slot, CXL_SOFTHOST_NONE);
		__softhost_remove_or_condemn(host, host->next, &old->segments[i]);
	}
	for (i = old->count; i < old->count + old->condemned; i++)
		softhost_condemn(host->next, &old->segments[i]);
	__softhost_publish_map(host);
	return !__softhost_map(host)->condemned;
}

/**
 * __softhost_condemn_slot() - a slot outside of the map couldn't be deleted
 * @host: the host
 * @segment: where it is
 */
void __softhost_condemn_slot(struct softhost_host *host, const struct softhost_segment *segment)
{
	const struct softhost_map *old = __softhost_map(host);
	u32 i;

	lockdep_assert_held(&host->state_lock);

	__softhost_copy_segments(host);
	for (i = old->count; i < old->count + old->condemned; i++)
		softhost_condemn(host->next, &old->segments[i]);
	softhost_condemn(host->next, segment);
	__softhost_publish_map(host);
}
