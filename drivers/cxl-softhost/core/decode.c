// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interleave codes and arithmetic, and looking things up by address.
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
 * softhost_interleave_decode() - what a pair of codes stands for
 * @ways_code: Interleave Ways; a reserved one counts as one way
 * @granularity_code: Interleave Granularity, 0-6
 *
 * Return: ways and granularity.
 */
struct softhost_interleave softhost_interleave_decode(u32 ways_code, u32 granularity_code)
{
	struct softhost_interleave il = { .shift = granularity_code + 8 };

	if (softhost_ways_decode(ways_code)) {
		il.three = ways_code >= 8;
		il.bits = il.three ? ways_code - 8 : ways_code;
	}
	return il;
}

/**
 * softhost_position() - the way that an address belongs to, modulo arithmetic
 * @il: ways and granularity
 * @addr: HPA for a window, host bridge or switch: of those it is the absolute
 *	address that counts
 *
 * Return: 0 to ways - 1.
 */
u32 softhost_position(struct softhost_interleave il, u64 addr)
{
	u32 position = (addr >> il.shift) & ((1U << il.bits) - 1);

	if (il.three)
		position += (u32)((addr >> (il.shift + il.bits)) % 3) << il.bits;
	return position;
}

/**
 * softhost_window_position() - the way of a window that an address belongs to
 * @window: the window; in its XOR arithmetic each bit of the position is the
 *	parity of some address bits (CXIMS XORMAP), and a factor 3 is taken as in
 *	modulo arithmetic
 * @hpa: the address
 *
 * Return: index into @window's targets.
 */
u32 softhost_window_position(const struct softhost_window *window, u64 hpa)
{
	u32 position = softhost_position(window->interleave, hpa);
	u32 i;

	for (i = 0; i < window->xor_map_count; i++) {
		position &= ~(1U << i);
		position |= (hweight64(hpa & window->xor_maps[i]) & 1) << i;
	}
	return position;
}

/**
 * softhost_share() - what one way of a range has
 * @il: ways
 * @size: bytes of the range
 *
 * Return: bytes, rounded down.
 */
u64 softhost_share(struct softhost_interleave il, u64 size)
{
	size >>= il.bits;
	return il.three ? size / 3 : size;
}

/**
 * softhost_fold() - offset into a device decoder's range to offset into its DPA
 * @il: of the device's decoder; neither the window's arithmetic nor the position
 *	of the device matters
 * @offset: HPA minus the decoder's base
 *
 * Return: DPA minus the decoder's DPA base.
 */
u64 softhost_fold(struct softhost_interleave il, u64 offset)
{
	u64 granule = offset >> (il.shift + il.bits);

	if (il.three)
		granule /= 3;
	return granule << il.shift | (offset & ((1ULL << il.shift) - 1));
}

/**
 * softhost_unfold() - the inverse of softhost_fold()
 * @il: of the device's decoder
 * @dpa_offset: DPA minus the decoder's DPA base
 * @position: 0 to ways - 1: every one folds to @dpa_offset; at which of them this
 *	device is asked depends on what is above it
 *
 * Return: HPA minus the decoder's base.
 */
u64 softhost_unfold(struct softhost_interleave il, u64 dpa_offset, u32 position)
{
	u64 granule = (dpa_offset >> il.shift) * (il.three ? 3 : 1);

	return ((granule << il.bits) + position) << il.shift |
	       (dpa_offset & ((1ULL << il.shift) - 1));
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
			*last = min(*last, softhost_latch_last(latch));
			return decoder;
		}
		if (hpa < latch->base)
			*last = min(*last, latch->base - 1);
	}
	return NULL;
}

/**
 * softhost_child_find() - the node below a port
 * @node: host bridge or switch
 * @port: port number
 * @wanted: see softhost_registers()
 *
 * Return: the node, or NULL if the port is empty or doesn't exist.
 */
const struct softhost_node *softhost_child_find(const struct softhost_node *node, u32 port,
						bool wanted)
{
	const struct softhost_node *child;

	for (child = READ_ONCE(node->children); child; child = READ_ONCE(child->sibling))
		if (child->port == port && softhost_registers(child, wanted)->present)
			return child;
	return NULL;
}
