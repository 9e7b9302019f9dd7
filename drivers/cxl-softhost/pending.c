// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two phases: a change that would move memory waits, as the command that it is,
 * until the VMM has moved what else maps that memory. Nothing of it is kept in
 * registers or map meanwhile: APPLY judges the command once more, and carries it
 * out if it comes to what was announced.
 */
#include "softhost.h"

/*
 * Delta @i of the plan, with the slot number that it has or will have. @bit: the
 * first number that may be free, moved on.
 */
static struct softhost_segment __softhost_delta(struct softhost_host *host, u32 i, u32 *bit)
{
	const struct softhost_plan *plan = &host->plan;
	struct softhost_segment delta;

	lockdep_assert_held(&host->state_lock);

	if (plan->remove_count) {
		delta = __softhost_map(host)->segments[plan->remove[i]];
		delta.direction = CXL_SOFTHOST_DIRECTION_REMOVE;
	} else {
		/* As __softhost_slot_add() will choose */
		delta = host->next->segments[plan->add[i]];
		*bit = __softhost_slot_choose(host, &delta, *bit);
		delta.slot = host->engine->first_slot + (*bit)++;
		delta.direction = CXL_SOFTHOST_DIRECTION_ADD;
	}
	return delta;
}

/**
 * __softhost_pending_begin() - let a change wait
 * @host: a two-phase host without pending change, its plan either adds or removes
 * @change: the command
 */
void __softhost_pending_begin(struct softhost_host *host, const struct softhost_change *change)
{
	struct softhost_pending *pending = &host->pending;
	struct softhost_map *deltas = __softhost_deltas(host);
	u32 count = softhost_plan_steps(&host->plan);
	u32 i, bit = 0;

	lockdep_assert_held(&host->state_lock);

	pending->change = *change;
	/* 0 is none */
	pending->token = ++pending->last ?: ++pending->last;
	write_seqlock(&host->publish);
	deltas->generation = pending->token;
	deltas->count = count;
	for (i = 0; i < count; i++)
		deltas->segments[i] = __softhost_delta(host, i, &bit);
	write_sequnlock(&host->publish);
}

/**
 * __softhost_pending_stands() - whether the plan is what was announced
 * @host: the host, with a pending change, whose command was judged again
 *
 * Return: true if it is, slot by slot.
 */
bool __softhost_pending_stands(struct softhost_host *host)
{
	const struct softhost_map *deltas = __softhost_deltas(host);
	u32 i, bit = 0;

	lockdep_assert_held(&host->state_lock);

	if (deltas->count != softhost_plan_steps(&host->plan))
		return false;
	for (i = 0; i < deltas->count; i++) {
		struct softhost_segment delta = __softhost_delta(host, i, &bit);

		if (memcmp(&delta, &deltas->segments[i], sizeof(delta)))
			return false;
	}
	return true;
}

/**
 * __softhost_pending_end() - no change waits any more
 * @host: the host; whether one does now doesn't matter
 */
void __softhost_pending_end(struct softhost_host *host)
{
	lockdep_assert_held(&host->state_lock);

	if (!host->pending.token)
		return;
	host->pending.token = 0;
	write_seqlock(&host->publish);
	__softhost_deltas(host)->generation = 0;
	write_sequnlock(&host->publish);
}

/**
 * __softhost_pending_token() - what a command tells of the change that it began
 * @host: the host
 * @result: what the command came to
 *
 * Return: the token if @result is PENDING, else 0.
 */
u64 __softhost_pending_token(struct softhost_host *host, const struct cxl_softhost_result *result)
{
	lockdep_assert_held(&host->state_lock);

	return result->outcome == CXL_SOFTHOST_OUTCOME_PENDING ? host->pending.token : 0;
}

static bool __softhost_pending_adds(struct softhost_host *host)
{
	return __softhost_deltas(host)->segments[0].direction == CXL_SOFTHOST_DIRECTION_ADD;
}

int softhost_apply_ioctl(struct softhost_ucmd *ucmd)
{
	struct cxl_softhost_apply *cmd = ucmd->cmd;
	bool abort = cmd->flags & CXL_SOFTHOST_APPLY_ABORT;
	struct softhost_host *host = ucmd->host;
	struct softhost_change change;
	int ret;

	if (cmd->flags & ~CXL_SOFTHOST_APPLY_ABORT)
		return -EOPNOTSUPP;

	CLASS(softhost_state, state)(&host->state_lock);
	if (!softhost_state_locked(&state))
		return -EINTR;
	if (!cmd->token || cmd->token != host->pending.token)
		return -ESTALE;
	if (abort && !__softhost_pending_adds(host))
		return -EINVAL;

	change = host->pending.change;
	ret = __softhost_change(host, &change,
				abort ? SOFTHOST_PHASE_ABORT : SOFTHOST_PHASE_APPLY,
				&cmd->out_result);
	__softhost_pending_end(host);
	/* Whatever it was that went meanwhile, the change can't be had */
	return ret ? -ESTALE : 0;
}
