// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interleave codes, and looking things up by address.
 */
#include "core.h"

/**
 * softhost_ways_decode() - number of ways of an Interleave Ways code
 * @code: HDM Decoder n Control, Interleave Ways (the same as CFMWS ENIW)
 *
 * Return: 1, 2, 3, 4, 6, 8, 12 or 16; 0 if the code is reserved.
 */
u32 softhost_ways_decode(u32 code)
{
	if (code <= 4)
		return 1U << code;
	if (code >= 8 && code <= 10)
		return 3U << (code - 8);
	return 0;
}

/**
 * softhost_position_bits() - address bits that select the position
 * @ways_code: a code that isn't reserved
 * @granularity_code: 0-6
 *
 * Of a factor 3 the division takes care, only powers of two use bits.
 *
 * Return: mask of HPA bits.
 */
u64 softhost_position_bits(u32 ways_code, u32 granularity_code)
{
	u32 bits = ways_code < 8 ? ways_code : ways_code - 8;

	return ((1ULL << bits) - 1) << (granularity_code + 8);
}

/**
 * softhost_decoder_find() - the live decoder that an address hits
 * @node: the component
 * @hdm: its registers
 * @hpa: the address
 * @last: the last address for which the answer is the same; callers start it
 *	at the end of what they look at, it is only ever lowered
 *
 * Return: the lowest-numbered one that contains @hpa, or NULL.
 */
const struct softhost_decoder *softhost_decoder_find(const struct softhost_node *node,
						     const struct softhost_hdm *hdm,
						     u64 hpa, u64 *last)
{
	u32 n;

	for (n = 0; n < node->decoder_count; n++) {
		const struct softhost_decoder *decoder = &hdm->decoders[n];
		const struct softhost_latch *latch = &decoder->latch;

		if (!softhost_decoder_live(decoder) || !latch->size)
			continue;
		if (hpa >= latch->base && hpa - latch->base < latch->size) {
			*last = min(*last, latch->base + (latch->size - 1));
			return decoder;
		}
		if (hpa < latch->base)
			*last = min(*last, latch->base - 1);
	}
	return NULL;
}

/**
 * softhost_child_find() - the node below a port
 * @node: host bridge
 * @port: port number
 *
 * Return: the node, or NULL if the port is empty or doesn't exist.
 */
const struct softhost_node *softhost_child_find(const struct softhost_node *node, u32 port)
{
	const struct softhost_node *child;

	for (child = node->children; child; child = child->sibling)
		if (child->port == port)
			return child;
	return NULL;
}
