// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whatever a guest has made of a component's registers comes back from records, in
 * any order of these; and what is made of records that no guest ever led to keeps
 * to its memory all the same.
 */
#include <inttypes.h>

#include "property.h"
#include "records.h"

enum order {
	ASCENDING,
	DESCENDING,
	SHUFFLED,
	ORDERS,
};

struct state {
	struct world *world;
	const struct softhost_node *node;
	u32 index;			/* of the node */
	u32 count;
	struct cxl_softhost_record *records;
	struct softhost_hdm *hdm;	/* what is made of them */
	u32 refused, reason;		/* how many of them, and why the last */
};

/* As RESET leaves it; what the media were, the record has to say */
static void clear(struct state *state)
{
	const struct softhost_node *node = state->node;
	struct softhost_hdm *hdm = state->hdm;

	memcpy(hdm, node->next, sizeof(*hdm) + node->decoder_count * sizeof(hdm->decoders[0]));
	softhost_hdm_reset(node, hdm);
	if (node->kind == CXL_SOFTHOST_NODE_ENDPOINT)
		hdm->media = world_random(state->world, 2);
	state->refused = 0;
}

static void restore(struct state *state, const struct cxl_softhost_record *record)
{
	struct cxl_softhost_result result;
	bool refused;

	memset(&result, 0xa5, sizeof(result));
	softhost_state_restore(state->node, state->hdm, state->world->topology.policy, record,
			       &result);
	refused = result.outcome == CXL_SOFTHOST_OUTCOME_REFUSED;
	world_check(state->world, refused || result.outcome == CXL_SOFTHOST_OUTCOME_DONE,
		    P_RECORDS, "node %u: outcome %u", state->index, result.outcome);
	world_check(state->world, !refused == !result.reason &&
		    result.decoder == (refused ? record->index : CXL_SOFTHOST_NONE), P_RECORDS,
		    "node %u: outcome %u with reason %u about decoder %d", state->index,
		    result.outcome, result.reason, (int)result.decoder);
	state->refused += refused;
	if (refused)
		state->reason = result.reason;
}

static void restore_all(struct state *state, enum order order)
{
	u32 places[1 + SOFTHOST_MAX_DECODERS], i;

	clear(state);
	world_shuffle(state->world, places, state->count);
	for (i = 0; i < state->count; i++) {
		u32 at = order == ASCENDING ? i :
			 order == DESCENDING ? state->count - 1 - i : places[i];

		restore(state, &state->records[at]);
	}
}

static void check_same(struct state *state, enum order order)
{
	static const char *const names[ORDERS] = { "ascending", "descending", "shuffled" };
	const struct softhost_hdm *was = state->node->next, *is = state->hdm;
	u32 n;

	world_check(state->world, !state->refused, P_RECORDS,
		    "node %u, %s: %u records refused, reason %u", state->index, names[order],
		    state->refused, state->reason);
	world_check(state->world, is->global_ctrl == was->global_ctrl &&
		    is->present == was->present && is->mem_enable == was->mem_enable &&
		    is->media == was->media, P_RECORDS,
		    "node %u, %s: it isn't enabled as it was", state->index, names[order]);
	for (n = 0; n < state->node->decoder_count; n++)
		world_check(state->world, records_same_decoder(&is->decoders[n], &was->decoders[n]),
			    P_RECORDS, "node %u, %s: decoder %u isn't what it was",
			    state->index, names[order], n);
}

/* What no order of restoring could get past */
static void count(struct state *state)
{
	const struct softhost_hdm *hdm = state->node->next;
	struct census *census = state->world->census;
	u32 n;

	census->restored += state->count;
	for (n = 0; n < state->node->decoder_count; n++) {
		u32 ctrl = hdm->decoders[n].reg[SOFTHOST_REG_CTRL];

		census->restored_errors += !!(ctrl & ERR);
		census->restored_locked += (ctrl & LOCK) && (ctrl & COMMITTED);
		census->restored_gaps += n && (ctrl & COMMITTED) &&
					 !(hdm->decoders[n - 1].reg[SOFTHOST_REG_CTRL] & COMMITTED);
	}
}

static u64 share(const struct softhost_latch *latch)
{
	return latch->size / softhost_ways(latch->interleave);
}

/* All of a live decoder's DPA is in the device, and in one partition */
static void check_memory(struct state *state, u32 n)
{
	const struct softhost_latch *latch = &state->hdm->decoders[n].latch;
	u64 edge = state->node->partitions[0].length, dpa = latch->dpa_base;
	u64 capacity = edge + state->node->partitions[1].length;

	world_check(state->world, dpa <= capacity && share(latch) <= capacity - dpa, P_RUBBISH,
		    "node %u decoder %u is live beyond the capacity", state->index, n);
	world_check(state->world, dpa >= edge || share(latch) <= edge - dpa, P_RUBBISH,
		    "node %u decoder %u is live over both partitions", state->index, n);
}

/* @m: of the two the lower number; neither wraps, in HPA or in DPA */
static void check_apart(struct state *state, u32 m, u32 n)
{
	const struct softhost_latch *low = &state->hdm->decoders[m].latch;
	const struct softhost_latch *high = &state->hdm->decoders[n].latch;

	world_check(state->world, low->base + (low->size - 1) < high->base, P_RUBBISH,
		    "node %u: HPA of decoder %u isn't below that of %u", state->index, m, n);
	if (state->node->kind != CXL_SOFTHOST_NODE_ENDPOINT)
		return;
	world_check(state->world, low->dpa_base + share(low) <= high->dpa_base ||
		    high->dpa_base + share(high) <= low->dpa_base, P_RUBBISH,
		    "node %u: decoders %u and %u have the same DPA", state->index, m, n);
}

static bool live(const struct softhost_hdm *hdm, u32 n)
{
	return hdm->decoders[n].reg[SOFTHOST_REG_CTRL] & COMMITTED;
}

static void check_sound(struct state *state)
{
	u32 m, n;

	for (n = 0; n < state->node->decoder_count; n++) {
		const struct softhost_latch *latch = &state->hdm->decoders[n].latch;

		if (!live(state->hdm, n))
			continue;
		state->world->census->rubbish_live++;
		if (state->node->kind == CXL_SOFTHOST_NODE_ENDPOINT)
			check_memory(state, n);
		/* By the letter, ranges may be anywhere */
		if (!latch->size || state->world->strict)
			continue;
		world_check(state->world, latch->base + (latch->size - 1) >= latch->base,
			    P_RUBBISH, "node %u decoder %u passes 2^64", state->index, n);
		for (m = 0; m < n; m++)
			if (live(state->hdm, m) && state->hdm->decoders[m].latch.size)
				check_apart(state, m, n);
	}
}

/* Around what other records and the device have, where mistakes are to be had */
static u64 rubbish_number(struct state *state)
{
	const struct cxl_softhost_record *other =
		&state->records[world_random(state->world, state->count)];
	const struct softhost_partition *partitions = state->node->partitions;
	u64 value;

	switch (world_random(state->world, 8)) {
	case 0:
		return world_random(state->world, 0);
	case 1:
		value = 0;
		break;
	case 2:
		value = other->hpa;
		break;
	case 3:
		value = other->hpa + other->length;
		break;
	case 4:
		value = other->length;
		break;
	case 5:
		value = other->dpa;
		break;
	case 6:
		value = partitions[0].length;
		break;
	default:
		value = partitions[0].length + partitions[1].length;
	}
	if (world_chance(state->world, 50))
		value += UNIT * (world_random(state->world, 5) - 2);
	if (world_chance(state->world, 10))
		value += DPA_UNIT * (world_random(state->world, 5) - 2);
	return value;
}

static void spoil(struct state *state, struct cxl_softhost_record *record)
{
	struct world *world = state->world;

	switch (world_random(world, 10)) {
	case 0:
		record->control ^= 1u << world_random(world, world_chance(world, 90) ? 13 : 32);
		return;
	case 1:
		/* Live, whatever it was */
		record->control &= ~ERR;
		record->control |= COMMIT | COMMITTED;
		return;
	case 2:
		record->control &= ~IW(15u);
		record->control |= IW((u32)world_random(world, 16));
		return;
	case 3:
		record->index = world_random(world, state->node->decoder_count + 1);
		return;
	case 4:
		record->hpa = rubbish_number(state);
		return;
	case 5:
		record->length = rubbish_number(state);
		return;
	case 6:
		record->list = rubbish_number(state);
		return;
	case 7:
		record->mem_enable = world_random(world, 3);
		return;
	case 8:
		record->media = world_random(world, 3);
		return;
	default:
		record->dpa = rubbish_number(state);
	}
}

/* As STATE_SET has it: what can't be, and what two are about, is an error */
static bool sensible(const struct state *state, const struct cxl_softhost_record *record,
		     u64 *seen)
{
	u64 about = record->kind == CXL_SOFTHOST_RECORD_NODE ? 1ULL << 63 : 1ULL << record->index;

	if (!softhost_state_ok(state->node, record) || (*seen & about))
		return false;
	*seen |= about;
	return true;
}

static bool blank(const struct cxl_softhost_record *record)
{
	return record->kind == CXL_SOFTHOST_RECORD_DECODER && !record->control &&
	       !record->hpa && !record->length && !record->list;
}

/* Saved again, they are the records that they came of; blank decoders have none */
static void check_again(struct state *state)
{
	u32 count = softhost_state_count(state->node, state->hdm), i, j, found = 0, want = 0;
	struct cxl_softhost_record *again = rig_alloc(count * sizeof(*again));

	softhost_state_save(state->node, state->hdm, again);
	for (i = 0; i < state->count; i++) {
		want += !blank(&state->records[i]);
		for (j = 0; j < count; j++)
			found += !memcmp(&again[j], &state->records[i], sizeof(*again));
	}
	world_check(state->world, found == count && count == want, P_RUBBISH,
		    "node %u: of %u records %u come back, in %u", state->index, want, found,
		    count);
	rig_release(again);
}

static void check_rubbish(struct state *state)
{
	struct census *census = state->world->census;
	u32 times = 1 + world_random(state->world, 3), i;
	u64 seen = 0;

	while (times--)
		spoil(state, &state->records[world_random(state->world, state->count)]);
	for (i = 0; i < state->count; i++) {
		if (!sensible(state, &state->records[i], &seen)) {
			census->rubbish_senseless++;
			return;
		}
	}
	/* Even of the rest, where one is refused */
	restore_all(state, SHUFFLED);
	check_sound(state);
	if (state->refused)
		census->rubbish_refused[state->reason]++;
	else
		check_again(state);
	census->rubbish_accepted += !state->refused;
}

static void check_node(struct world *world, u32 index)
{
	const struct softhost_node *node = world->nodes[index];
	struct state state = { .world = world, .node = node, .index = index };
	enum order order;
	u32 i;

	state.count = softhost_state_count(node, node->next);
	/* Just as much as there has to be: ASan sees what is more */
	state.records = rig_alloc(state.count * sizeof(state.records[0]));
	state.hdm = rig_alloc(sizeof(*state.hdm) +
			      node->decoder_count * sizeof(state.hdm->decoders[0]));
	softhost_state_save(node, node->next, state.records);
	for (i = 0; i < state.count; i++)
		world_check(world, state.records[i].node_id == node->id &&
			    softhost_state_ok(node, &state.records[i]), P_RECORDS,
			    "node %u: record %u is malformed", index, i);
	for (order = 0; order < ORDERS && !world->broken; order++) {
		restore_all(&state, order);
		check_same(&state, order);
	}
	count(&state);
	if (!world->broken && state.count > 1)
		check_rubbish(&state);
	rig_release(state.records);
	rig_release(state.hdm);
}

/*
 * By random numbers of their own: what is done to a world, from a seed or an input,
 * is the same with these as without.
 */
void check_records(struct world *world)
{
	u64 random = world->random;
	size_t left = world->left;
	u32 i;

	world->random = world->records_random;
	world->left = 0;
	for (i = 0; i < world->model.node_count && !world->broken; i++) {
		if (world->touched[i] && world->model.nodes[i].present)
			check_node(world, i);
		world->touched[i] = false;
	}
	world->records_random = world->random;
	world->random = random;
	world->left = left;
}
