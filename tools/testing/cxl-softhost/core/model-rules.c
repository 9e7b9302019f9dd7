// SPDX-License-Identifier: GPL-2.0-only
/* The model's commit rules. */
#include <string.h>

#include "model.h"

/* Wide enough for any sum of what registers hold */
typedef unsigned __int128 wide;

static const wide space = (wide)1 << 64;
static const uint64_t unit = 256 << 20;

/* 0: reserved */
static const unsigned int ways_of_code[16] = { 1, 2, 4, 8, 16, 0, 0, 0, 3, 6, 12 };

/* What only a locked commit is asked, if the host goes by the letter */
static const unsigned int alias_rules =
	MODEL_RULE_ORDER | MODEL_RULE_BELOW | MODEL_RULE_ABOVE | MODEL_RULE_WRAP |
	MODEL_RULE_GRANULARITY_UNSUPPORTED | MODEL_RULE_DUPLICATE | MODEL_RULE_DPA_OVERLAP;

static uint64_t field64(const struct model_node *node, unsigned int at)
{
	return model_dword(node, at) | (uint64_t)model_dword(node, at + 4) << 32;
}

static unsigned int judge_ways(const struct model_node *node, unsigned int code)
{
	unsigned int ways = ways_of_code[code], broken = 0;

	if (!ways)
		return MODEL_RULE_WAYS_RESERVED;
	if (node->kind != MODEL_DEVICE) {
		if (ways != 1 && ways != 2 && ways != 4 && ways != 8)
			broken |= MODEL_RULE_WAYS_UNSUPPORTED;
		if (ways > node->targets)
			broken |= MODEL_RULE_WAYS_TARGETS;
		return broken;
	}
	if (ways == 16 && !node->ways_16)
		broken |= MODEL_RULE_WAYS_UNSUPPORTED;
	if (ways % 3 == 0 && !node->ways_3_6_12)
		broken |= MODEL_RULE_WAYS_UNSUPPORTED;
	return broken;
}

static unsigned int judge_granularity(const struct model_node *node, unsigned int ways,
				      unsigned int code)
{
	unsigned int bit = 8 + code;

	if (code > 6)
		return MODEL_RULE_GRANULARITY_RESERVED;
	/* Each factor 2 of the ways takes one address bit, from the granule's up */
	for (; ways % 2 == 0; ways /= 2, bit++) {
		if (bit >= 8 && bit <= 11 && !node->bits_8_11)
			return MODEL_RULE_GRANULARITY_UNSUPPORTED;
		if (bit >= 12 && bit <= 14 && !node->bits_12_14)
			return MODEL_RULE_GRANULARITY_UNSUPPORTED;
	}
	return 0;
}

/*
 * In index order: the next decoder that takes part in decoding, on either side.
 * All others lie beyond those, or (which the letter allows) anywhere.
 */
static unsigned int judge_hpa(const struct model_node *node, unsigned int n,
			      const struct model_claim *claim)
{
	wide end = (wide)claim->base + claim->size;
	const struct model_claim *lower = NULL, *upper = NULL;
	unsigned int broken = 0, i;

	if (!claim->size)
		return 0;
	for (i = 0; i < node->decoders; i++) {
		const struct model_claim *other = &node->claims[i];

		if (i == n || !other->live || !other->size)
			continue;
		if (i < n)
			lower = other;
		else if (!upper)
			upper = other;
	}
	if (end > space)
		broken |= MODEL_RULE_WRAP;
	if (lower && (wide)lower->base + lower->size > claim->base)
		broken |= MODEL_RULE_BELOW;
	if (upper && end > upper->base)
		broken |= MODEL_RULE_ABOVE;
	return broken;
}

static unsigned int judge_ports(const struct model_claim *claim)
{
	bool seen[256] = { false };
	unsigned int way;

	for (way = 0; way < claim->ways && way < 8; way++) {
		if (seen[claim->ports[way]])
			return MODEL_RULE_DUPLICATE;
		seen[claim->ports[way]] = true;
	}
	return 0;
}

static unsigned int judge_dpa(const struct model_node *node, unsigned int n, uint64_t skip,
			      struct model_claim *claim)
{
	uint64_t edge = node->partitions[0].length;
	wide capacity = (wide)edge + node->partitions[1].length;
	wide start = skip, end;
	unsigned int broken = 0, i;

	/* The skip counts from where the next lower live decoder ends */
	for (i = n; i > 0; i--) {
		const struct model_claim *below = &node->claims[i - 1];

		if (!below->live)
			continue;
		start += (wide)below->dpa + below->size / below->ways;
		break;
	}
	end = start + claim->size / claim->ways;
	if (end > capacity)
		broken |= MODEL_RULE_CAPACITY;
	if (start < edge && end > edge)
		broken |= MODEL_RULE_PARTITION;
	for (i = 0; i < node->decoders; i++) {
		const struct model_claim *other = &node->claims[i];
		wide other_end = (wide)other->dpa + (other->live ? other->size / other->ways : 0);

		if (i == n || !other->live || other->dpa == other_end || start == end)
			continue;
		if (start < other_end && other->dpa < end)
			broken |= MODEL_RULE_DPA_OVERLAP;
	}
	claim->dpa = start;
	return broken;
}

/* @all: a device's share has to be a multiple of 256 MiB, too */
static unsigned int judge_size(const struct model_claim *claim, bool all)
{
	if (claim->ways % 3 == 0 && claim->size % (3 * unit))
		return MODEL_RULE_SIZE_WAYS;
	if (all && claim->size % (claim->ways * unit))
		return MODEL_RULE_SIZE_WAYS;
	return 0;
}

/*
 * Return: the rules that decoder @n's registers break.
 *
 * @claim: what it would decode with
 */
unsigned int model_judge(const struct model_node *node, unsigned int n,
			 struct model_claim *claim)
{
	unsigned int at = model_decoder_at(n), control = model_dword(node, at + 16);
	bool lenient = node->strict && !(control & 0x100);
	unsigned int broken = 0;

	memset(claim, 0, sizeof(*claim));
	claim->base = field64(node, at);
	claim->size = field64(node, at + 8);
	claim->ways = ways_of_code[control >> 4 & 15];
	claim->granule = (uint64_t)256 << (control & 15);

	if (n && !node->claims[n - 1].live)
		broken |= MODEL_RULE_ORDER;
	broken |= judge_hpa(node, n, claim);
	broken |= judge_ways(node, control >> 4 & 15);
	if (claim->ways) {
		broken |= judge_granularity(node, claim->ways, control & 15);
		if (node->kind == MODEL_DEVICE) {
			broken |= judge_size(claim, !lenient);
			broken |= judge_dpa(node, n, field64(node, at + 20), claim);
		} else {
			memcpy(claim->ports, node->bytes + at + 20, 8);
			broken |= judge_ports(claim);
		}
	}
	return lenient ? broken & ~alias_rules : broken;
}
