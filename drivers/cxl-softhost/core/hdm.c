// SPDX-License-Identifier: GPL-2.0-only
/*
 * What makes a decoder COMMITTED, or ERROR NOT COMMITTED.
 *
 * One function per rule, tried in the order of softhost_commit_rules[]; the
 * first that objects gives the reason. A rule sees the registers of the
 * decoder that asks and the latches of the others.
 */
#include "core.h"

struct softhost_request {
	const struct softhost_node *node;
	struct softhost_hdm *hdm;
	const struct softhost_decoder *decoder;
	u32 n;
	u32 policy;
	u32 ways_code;
	u32 granularity_code;
	bool restored;			/* it was COMMITTED before, latch.dpa_base is given */
	struct softhost_latch latch;	/* what it would decode with */
	struct cxl_softhost_result *result;
};

static bool softhost_object(struct softhost_request *req, u32 reason, u64 expected, u64 found)
{
	req->result->reason = reason;
	req->result->expected = expected;
	req->result->found = found;
	return false;
}

static bool softhost_is_endpoint(const struct softhost_node *node)
{
	return node->kind == CXL_SOFTHOST_NODE_ENDPOINT;
}

/* Live and taking part: a zero-size decoder commits but has no neighbours */
static bool softhost_counts(const struct softhost_decoder *decoder)
{
	return softhost_decoder_live(decoder) && decoder->latch.size;
}

/*
 * Rules that keep decoders from overlapping. The specification demands them of
 * a commit with Lock On Commit, and leaves them to software otherwise (HDM
 * Decoder n Control, Lock On Commit); policy "checked" always asks for them. Of a
 * restored one that is locked nobody knows what was there when it was committed.
 */
static bool softhost_judged(const struct softhost_request *req)
{
	return req->policy == CXL_SOFTHOST_POLICY_CHECKED ||
	       (!req->restored && (req->decoder->reg[SOFTHOST_REG_CTRL] & SOFTHOST_CTRL_LOCK));
}

/*
 * HDM Decoder n Control, Commit: decoders are committed in index order. They can
 * be uncommitted in any.
 */
static bool softhost_rule_order(struct softhost_request *req)
{
	u32 next = 0;

	if (!softhost_judged(req) || req->restored || !req->n ||
	    softhost_decoder_live(&req->hdm->decoders[req->n - 1]))
		return true;
	while (softhost_decoder_live(&req->hdm->decoders[next]))
		next++;
	return softhost_object(req, CXL_SOFTHOST_REASON_ORDER, next, req->n);
}

/* Interleave Ways: what the code, the kind of component and the caps allow */
static bool softhost_rule_ways(struct softhost_request *req)
{
	const struct softhost_node *node = req->node;
	u32 ways = softhost_ways_decode(req->ways_code);
	u32 most = 8;

	if (!ways)
		return softhost_object(req, CXL_SOFTHOST_REASON_WAYS_RESERVED, 10, req->ways_code);

	if (softhost_is_endpoint(node)) {
		bool ok = req->ways_code <= 3 ||
			  (req->ways_code == 4 && (node->flags & CXL_SOFTHOST_NODE_WAYS_16)) ||
			  (req->ways_code >= 8 && (node->flags & CXL_SOFTHOST_NODE_WAYS_3_6_12));

		if (node->flags & CXL_SOFTHOST_NODE_WAYS_3_6_12)
			most = 12;
		if (node->flags & CXL_SOFTHOST_NODE_WAYS_16)
			most = 16;
		if (ok)
			return true;
		return softhost_object(req, CXL_SOFTHOST_REASON_WAYS_UNSUPPORTED, most, ways);
	}

	if (req->ways_code > 3)
		return softhost_object(req, CXL_SOFTHOST_REASON_WAYS_UNSUPPORTED, most, ways);
	if (ways > node->target_count)
		return softhost_object(req, CXL_SOFTHOST_REASON_WAYS_TARGETS, node->target_count,
				       ways);
	return true;
}

/*
 * Interleave Granularity against A11to8 and A14to12 Interleave Capable. That
 * the bits are among those is software's duty; nothing here depends on it.
 */
static bool softhost_rule_granularity(struct softhost_request *req)
{
	u64 able = 0, need;

	if (req->granularity_code > SOFTHOST_MAX_GRANULARITY_CODE)
		return softhost_object(req, CXL_SOFTHOST_REASON_GRANULARITY_RESERVED,
				       SOFTHOST_MAX_GRANULARITY_CODE, req->granularity_code);

	if (!softhost_judged(req))
		return true;
	if (req->node->flags & CXL_SOFTHOST_NODE_A11_8)
		able |= 0x0f00;
	if (req->node->flags & CXL_SOFTHOST_NODE_A14_12)
		able |= 0x7000;
	/* No capability bit speaks of address bits above 14: nothing to refuse */
	need = softhost_position_bits(req->ways_code, req->granularity_code) & 0x7f00;
	if (need & ~able)
		return softhost_object(req, CXL_SOFTHOST_REASON_GRANULARITY_UNSUPPORTED, able,
				       need);
	return true;
}

/* Decoder m Base + Size must not pass 2^64 */
static bool softhost_rule_wrap(struct softhost_request *req)
{
	const struct softhost_latch *latch = &req->latch;

	if (!latch->size || !softhost_judged(req) ||
	    latch->base + (latch->size - 1) >= latch->base)
		return true;
	return softhost_object(req, CXL_SOFTHOST_REASON_HPA_WRAP, -latch->base, latch->size);
}

/*
 * Decoder ranges ascend. Looked at on both sides: after an uncommit out of
 * order the decoder comes back between two live ones.
 */
static bool softhost_rule_neighbours(struct softhost_request *req)
{
	const struct softhost_latch *latch = &req->latch;
	u64 last = latch->base + (latch->size - 1);
	u32 i;

	if (!latch->size || !softhost_judged(req))
		return true;

	for (i = req->n; i-- > 0;) {
		const struct softhost_decoder *other = &req->hdm->decoders[i];
		u64 other_last;

		if (!softhost_counts(other))
			continue;
		other_last = softhost_latch_last(&other->latch);
		if (latch->base <= other_last)
			return softhost_object(req, CXL_SOFTHOST_REASON_HPA_BELOW,
					       other_last == U64_MAX ? U64_MAX : other_last + 1,
					       latch->base);
		break;
	}

	for (i = req->n + 1; i < req->node->decoder_count; i++) {
		const struct softhost_decoder *other = &req->hdm->decoders[i];

		if (!softhost_counts(other))
			continue;
		if (last >= other->latch.base)
			return softhost_object(req, CXL_SOFTHOST_REASON_HPA_ABOVE,
					       other->latch.base,
					       last == U64_MAX ? U64_MAX : last + 1);
		break;
	}
	return true;
}

/*
 * Of a device with 3, 6 or 12 ways, the size must have the factor 3, or its
 * share wouldn't be a whole number. A share that is a multiple of 256 MiB, the
 * unit of DPA, is more than the specification asks for.
 */
static bool softhost_rule_size(struct softhost_request *req)
{
	u64 unit = softhost_ways(req->latch.interleave) * CXL_SOFTHOST_UNIT;
	u64 rest;

	if (!softhost_is_endpoint(req->node))
		return true;
	if (!softhost_judged(req))
		unit = (req->latch.interleave.three ? 3 : 1) * CXL_SOFTHOST_UNIT;
	div64_u64_rem(req->latch.size, unit, &rest);
	if (!rest)
		return true;
	return softhost_object(req, CXL_SOFTHOST_REASON_SIZE_WAYS, unit, req->latch.size);
}

/* Target List: the ways in use name different ports */
static bool softhost_rule_targets(struct softhost_request *req)
{
	const u8 *targets = req->latch.targets;
	u32 way, first;

	if (softhost_is_endpoint(req->node) || !softhost_judged(req))
		return true;
	for (way = 1; way < softhost_ways(req->latch.interleave); way++)
		for (first = 0; first < way; first++)
			if (targets[first] == targets[way])
				return softhost_object(req, CXL_SOFTHOST_REASON_TARGET_DUPLICATE,
						       first, way);
	return true;
}

/* Bytes of a device that a live decoder takes */
static u64 softhost_latched_share(const struct softhost_latch *latch)
{
	return softhost_share(latch->interleave, latch->size);
}

/*
 * Where the skip of decoder @n counts from: the end of the one below. Under
 * policy "strict-spec" that need not be live: then of the next one that is.
 */
static u64 softhost_dpa_below(const struct softhost_hdm *hdm, u32 n)
{
	while (n-- > 0) {
		const struct softhost_decoder *below = &hdm->decoders[n];

		if (softhost_decoder_live(below))
			return below->latch.dpa_base + softhost_latched_share(&below->latch);
	}
	return 0;
}

/*
 * DPABase[0] = Skip[0]; DPABase[m] = DPABase[m-1] + Size[m-1] / Ways[m-1] +
 * Skip[m]. The range must lie in the device's capacity: what stands between a
 * guest and memory that isn't its own, so checked under every policy.
 */
static bool softhost_rule_dpa(struct softhost_request *req)
{
	const struct softhost_node *node = req->node;
	u64 capacity = softhost_capacity(node);
	u64 boundary = node->partitions[CXL_SOFTHOST_PARTITION_VOLATILE].length;
	u64 skip = softhost_decoder_skip(req->decoder);
	u64 share = softhost_latched_share(&req->latch);
	u64 base, end;
	u32 i;

	if (!softhost_is_endpoint(node))
		return true;

	base = softhost_dpa_below(req->hdm, req->n);
	if (req->restored) {
		base = 0;
		skip = req->latch.dpa_base;
	}
	/* base <= capacity, so these differences can't wrap, sums could */
	if (skip > capacity - base || share > capacity - base - skip) {
		end = base + skip;
		if (end < skip || end + share < share)
			end = U64_MAX;
		else
			end += share;
		return softhost_object(req, CXL_SOFTHOST_REASON_DPA_CAPACITY, capacity, end);
	}
	base += skip;
	end = base + share;

	if (base < boundary && end > boundary)
		return softhost_object(req, CXL_SOFTHOST_REASON_DPA_PARTITION, boundary, end);

	for (i = 0; i < node->decoder_count && softhost_judged(req); i++) {
		const struct softhost_latch *other = &req->hdm->decoders[i].latch;

		if (!share || i == req->n || !softhost_counts(&req->hdm->decoders[i]))
			continue;
		if (base < other->dpa_base + softhost_latched_share(other) && other->dpa_base < end)
			return softhost_object(req, CXL_SOFTHOST_REASON_DPA_OVERLAP,
					       other->dpa_base, end);
	}
	req->latch.dpa_base = base;
	return true;
}

/* Encodings before anything that counts with them */
static bool (*const softhost_commit_rules[])(struct softhost_request *req) = {
	softhost_rule_order,
	softhost_rule_ways,
	softhost_rule_granularity,
	softhost_rule_wrap,
	softhost_rule_neighbours,
	softhost_rule_size,
	softhost_rule_targets,
	softhost_rule_dpa,
};

/* Decoder @n, not live: COMMITTED with a latch, or ERROR NOT COMMITTED */
static void softhost_judge(struct softhost_request *req, u32 n)
{
	struct softhost_hdm *hdm = req->hdm;
	struct softhost_decoder *decoder = &hdm->decoders[n];
	u32 ctrl = decoder->reg[SOFTHOST_REG_CTRL];
	u32 i;

	req->decoder = decoder;
	req->n = n;
	req->ways_code = (ctrl & SOFTHOST_CTRL_IW) >> SOFTHOST_CTRL_IW_SHIFT;
	req->granularity_code = ctrl & SOFTHOST_CTRL_IG;
	req->latch.base = softhost_decoder_base(decoder);
	req->latch.size = softhost_decoder_size(decoder);
	req->latch.interleave = softhost_interleave_decode(req->ways_code, req->granularity_code);
	if (!softhost_is_endpoint(req->node))
		for (i = 0; i < SOFTHOST_MAX_TARGETS; i++)
			req->latch.targets[i] = softhost_decoder_target(decoder, i);

	req->result->decoder = n;
	for (i = 0; i < sizeof(softhost_commit_rules) / sizeof(softhost_commit_rules[0]); i++) {
		if (!softhost_commit_rules[i](req)) {
			req->result->outcome = CXL_SOFTHOST_OUTCOME_REFUSED;
			softhost_hdm_refuse(hdm, n);
			return;
		}
	}

	decoder->latch = req->latch;
	decoder->reg[SOFTHOST_REG_CTRL] = (ctrl & ~SOFTHOST_CTRL_ERR) | SOFTHOST_CTRL_COMMITTED;
	req->result->outcome = CXL_SOFTHOST_OUTCOME_COMMITTED;
	req->result->reason = softhost_ways(req->latch.interleave) > 1 ?
			      CXL_SOFTHOST_REASON_INTERLEAVED : CXL_SOFTHOST_REASON_NONE;
}

/**
 * softhost_hdm_commit() - answer a decoder's COMMIT going from 0 to 1
 * @node: the component
 * @hdm: its registers; COMMITTED and a latch, or ERROR NOT COMMITTED, are set
 * @n: the decoder, not live; its fields and COMMIT hold what was written
 * @policy: enum cxl_softhost_policy
 * @result: outcome, reason, expected and found
 *
 * A size of 0 is committed (CXL compliance test "zero size commit"): such a
 * decoder decodes nothing and is skipped by its neighbours' checks, only its
 * DPA skip counts.
 */
void softhost_hdm_commit(const struct softhost_node *node, struct softhost_hdm *hdm, u32 n,
			 u32 policy, struct cxl_softhost_result *result)
{
	struct softhost_request req = {
		.node = node,
		.hdm = hdm,
		.policy = policy,
		.result = result,
	};

	softhost_judge(&req, n);
}

/**
 * softhost_hdm_restore() - make a decoder COMMITTED that was so in another host
 * @node: the component
 * @hdm: its registers; COMMITTED and a latch, or ERROR NOT COMMITTED, are set
 * @n: the decoder, not live; its fields and COMMIT hold what they held there
 * @policy: enum cxl_softhost_policy
 * @dpa_base: devices: DPA that its base had, else 0
 * @result: outcome, reason, expected and found
 *
 * Any set of decoders that commits and uncommits can lead to is accepted, in any
 * order; nothing that breaks the rules about ranges.
 */
void softhost_hdm_restore(const struct softhost_node *node, struct softhost_hdm *hdm, u32 n,
			  u32 policy, u64 dpa_base, struct cxl_softhost_result *result)
{
	struct softhost_request req = {
		.node = node,
		.hdm = hdm,
		.policy = policy,
		.restored = true,
		.latch.dpa_base = dpa_base,
		.result = result,
	};

	softhost_judge(&req, n);
}

/**
 * softhost_hdm_uncommit() - take a decoder's commit, or failed commit, back
 * @hdm: registers
 * @n: the decoder
 *
 * Everything but COMMIT and the two result bits stays as it is; Linux zeroes
 * size and base itself, afterwards.
 */
void softhost_hdm_uncommit(struct softhost_hdm *hdm, u32 n)
{
	struct softhost_decoder *decoder = &hdm->decoders[n];

	decoder->reg[SOFTHOST_REG_CTRL] &= ~(SOFTHOST_CTRL_COMMIT | SOFTHOST_CTRL_COMMITTED |
					     SOFTHOST_CTRL_ERR);
	memset(&decoder->latch, 0, sizeof(decoder->latch));
}

/**
 * softhost_hdm_refuse() - turn a commit into ERROR NOT COMMITTED
 * @hdm: registers; COMMIT stays readable as 1
 * @n: the decoder
 */
void softhost_hdm_refuse(struct softhost_hdm *hdm, u32 n)
{
	struct softhost_decoder *decoder = &hdm->decoders[n];

	decoder->reg[SOFTHOST_REG_CTRL] &= ~SOFTHOST_CTRL_COMMITTED;
	decoder->reg[SOFTHOST_REG_CTRL] |= SOFTHOST_CTRL_COMMIT | SOFTHOST_CTRL_ERR;
	memset(&decoder->latch, 0, sizeof(decoder->latch));
}

/**
 * softhost_hdm_reset() - conventional reset of a component
 * @node: the component
 * @hdm: its registers; locks go too, the media state stays
 *
 * Return: whether a decoder was COMMITTED.
 */
bool softhost_hdm_reset(const struct softhost_node *node, struct softhost_hdm *hdm)
{
	bool live = false;
	u32 n;

	for (n = 0; n < node->decoder_count; n++)
		live |= softhost_decoder_live(&hdm->decoders[n]);

	hdm->global_ctrl = 0;
	hdm->mem_enable = false;
	memset(hdm->decoders, 0, node->decoder_count * sizeof(hdm->decoders[0]));
	return live;
}
