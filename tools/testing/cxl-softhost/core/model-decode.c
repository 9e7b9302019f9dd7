// SPDX-License-Identifier: GPL-2.0-only
/* The model's rules and its decoding of one byte's address. */
#include <string.h>

#include "model.h"

/* Wide enough for any sum of what registers hold */
typedef unsigned __int128 wide;

static const wide space = (wide)1 << 64;
static const uint64_t unit = 256 << 20;

/* 0: reserved */
static const unsigned int ways_of_code[16] = { 1, 2, 4, 8, 16, 0, 0, 0, 3, 6, 12 };

static uint64_t field64(const struct model_node *node, unsigned int at)
{
	return model_dword(node, at) | (uint64_t)model_dword(node, at + 4) << 32;
}

static unsigned int judge_ways(const struct model_node *node, unsigned int code)
{
	unsigned int ways = ways_of_code[code], broken = 0;

	if (!ways)
		return MODEL_RULE_WAYS_RESERVED;
	if (!node->device) {
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

static unsigned int judge_hpa(const struct model_node *node, unsigned int n,
			      const struct model_claim *claim)
{
	wide end = (wide)claim->base + claim->size;
	unsigned int broken = 0, i;

	if (!claim->size)
		return 0;
	if (end > space)
		broken |= MODEL_RULE_WRAP;
	for (i = 0; i < node->decoders; i++) {
		const struct model_claim *other = &node->claims[i];

		if (i == n || !other->live || !other->size)
			continue;
		if (i < n && (wide)other->base + other->size > claim->base)
			broken |= MODEL_RULE_BELOW;
		if (i > n && end > other->base)
			broken |= MODEL_RULE_ABOVE;
	}
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

	if (claim->size % (claim->ways * unit))
		broken |= MODEL_RULE_SIZE_WAYS;
	if (n) {
		const struct model_claim *below = &node->claims[n - 1];

		if (!below->live)
			return broken;
		start += (wide)below->dpa + below->size / below->ways;
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

/*
 * Return: the rules that decoder @n's registers break.
 *
 * @claim: what it would decode with
 */
unsigned int model_judge(const struct model_node *node, unsigned int n,
			 struct model_claim *claim)
{
	unsigned int at = model_decoder_at(n), control = model_dword(node, at + 16);
	unsigned int broken = 0, of_ways;

	memset(claim, 0, sizeof(*claim));
	claim->base = field64(node, at);
	claim->size = field64(node, at + 8);
	claim->ways = ways_of_code[control >> 4 & 15];
	claim->granule = (uint64_t)256 << (control & 15);

	if (n && !node->claims[n - 1].live)
		broken |= MODEL_RULE_ORDER;
	broken |= judge_hpa(node, n, claim);
	of_ways = judge_ways(node, control >> 4 & 15);
	broken |= of_ways;
	if (!claim->ways)
		return broken;
	broken |= judge_granularity(node, claim->ways, control & 15);
	if (node->device) {
		broken |= judge_dpa(node, n, field64(node, at + 20), claim);
	} else {
		memcpy(claim->ports, node->bytes + at + 20, 8);
		broken |= judge_ports(claim);
	}
	return broken;
}

static const struct model_claim *claim_at(const struct model_node *node, uint64_t hpa)
{
	unsigned int n;

	for (n = 0; n < node->decoders; n++) {
		const struct model_claim *claim = &node->claims[n];

		if (claim->live && hpa >= claim->base &&
		    (wide)hpa < (wide)claim->base + claim->size)
			return claim;
	}
	return NULL;
}

/* Index of the device below @bridge at @port (-1: any, there is one at most) */
static int device_below(const struct model *model, int bridge, int port)
{
	unsigned int i;

	for (i = 0; i < model->node_count; i++)
		if (model->nodes[i].device && model->nodes[i].above == bridge &&
		    (port < 0 || model->nodes[i].port == (unsigned int)port))
			return i;
	return -1;
}

static void decode_device(const struct model_node *node, uint64_t hpa,
			  struct model_answer *answer)
{
	const struct model_claim *claim = claim_at(node, hpa);
	uint64_t offset, start = 0;

	if (!(model_dword(node, 0x104) & 2))
		answer->silence |= MODEL_HDM_OFF;
	if (!node->mem_on)
		answer->silence |= MODEL_MEM_OFF;
	if (!node->media_ok)
		answer->silence |= MODEL_MEDIA_OFF;
	if (!claim)
		answer->silence |= MODEL_NO_DEVICE_DECODER;
	else if (claim->ways > 1)
		answer->silence |= MODEL_INTERLEAVED;
	if (answer->silence)
		return;

	/* Granules go round the ways; this device has every ways-th of them */
	offset = hpa - claim->base;
	offset = offset / claim->granule / claim->ways * claim->granule +
		 offset % claim->granule;
	answer->answers = true;
	answer->dpa = claim->dpa + offset;
	if (answer->dpa >= node->partitions[0].length) {
		answer->partition = 1;
		start = node->partitions[0].length;
	}
	answer->backend = node->partitions[answer->partition].backend;
	answer->backend_offset = node->partitions[answer->partition].offset +
				 (answer->dpa - start);
}

/* Who answers for the byte at @hpa, and with which byte of its memory? */
void model_decode(const struct model *model, uint64_t hpa, struct model_answer *answer)
{
	const struct model_node *bridge;
	int index = -1, port = -1;
	unsigned int i;

	memset(answer, 0, sizeof(*answer));
	answer->node = -1;
	for (i = 0; i < model->window_count; i++)
		if (hpa >= model->windows[i].base &&
		    hpa - model->windows[i].base < model->windows[i].length)
			index = model->windows[i].bridge;
	if (index < 0) {
		answer->silence = MODEL_NO_WINDOW;
		return;
	}

	bridge = &model->nodes[index];
	if (bridge->has_hdm) {
		const struct model_claim *claim = claim_at(bridge, hpa);

		if (!claim) {
			answer->silence = MODEL_NO_DECODER;
			return;
		}
		if (claim->ways > 1) {
			answer->silence = MODEL_INTERLEAVED;
			return;
		}
		port = claim->ports[0];
	}
	answer->node = device_below(model, index, port);
	if (answer->node < 0)
		answer->silence = MODEL_NO_TARGET;
	else
		decode_device(&model->nodes[answer->node], hpa, answer);
}
