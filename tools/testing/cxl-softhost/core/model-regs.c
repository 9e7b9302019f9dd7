// SPDX-License-Identifier: GPL-2.0-only
/* The model's registers: bytes, which bits of them can be written, and COMMIT. */
#include <string.h>

#include "model.h"

#define BIT_COMMIT	0x200u
#define BIT_LOCK	0x100u
#define BIT_COMMITTED	0x400u
#define BIT_ERROR	0x800u

/* Place of the control register in a decoder's 32 bytes */
#define CONTROL 16

unsigned int model_decoder_at(unsigned int n)
{
	return 0x110 + 0x20 * n;
}

uint32_t model_dword(const struct model_node *node, unsigned int offset)
{
	uint32_t value;

	memcpy(&value, node->bytes + offset, 4);
	return value;
}

static void put(uint8_t *bytes, unsigned int offset, uint32_t value)
{
	memcpy(bytes + offset, &value, 4);
}

void model_node_init(struct model_node *node)
{
	/* Decoder Count: place in this list */
	static const uint8_t counts[] = { 1, 2, 4, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32 };
	uint32_t capability = 0;
	unsigned int n;

	memset(node->bytes, 0, sizeof(node->bytes));
	memset(node->writable, 0, sizeof(node->writable));
	memset(node->foreign, 0, sizeof(node->foreign));
	memset(node->claims, 0, sizeof(node->claims));
	put(node->bytes, 0, 0x00110001);
	if (!node->has_hdm)
		return;

	/* One element: capability 5, version 2, at 0x100 */
	node->bytes[3] = 1;
	put(node->bytes, 4, 0x10020005);
	while (counts[capability] != node->decoders)
		capability++;
	capability |= node->targets << 4;
	capability |= (uint32_t)node->bits_8_11 << 8;
	capability |= (uint32_t)node->bits_12_14 << 9;
	capability |= (uint32_t)node->ways_3_6_12 << 11;
	capability |= (uint32_t)node->ways_16 << 12;
	put(node->bytes, 0x100, capability);

	if (node->kind == MODEL_DEVICE)
		put(node->writable, 0x104, 2);
	for (n = 0; n < node->decoders; n++) {
		unsigned int at = model_decoder_at(n);

		put(node->writable, at + 0, 0xf0000000);
		put(node->writable, at + 4, 0xffffffff);
		put(node->writable, at + 8, 0xf0000000);
		put(node->writable, at + 12, 0xffffffff);
		/* IG, IW, Lock On Commit, Commit, Target Range Type */
		put(node->writable, at + CONTROL, 0x13ff);
		put(node->writable, at + 20, node->kind == MODEL_DEVICE ? 0xf0000000 : 0xffffffff);
		put(node->writable, at + 24, 0xffffffff);
	}
}

void model_node_foreign(struct model_node *node, unsigned int element, uint16_t id,
			uint16_t version, uint16_t offset, uint16_t length)
{
	node->bytes[3]++;
	put(node->bytes, 4 * element, id | (uint32_t)version << 16 | (uint32_t)offset << 20);
	memset(node->foreign + offset, true, length);
}

/* Is every byte of the access served here? */
static bool ours(const struct model_node *node, uint64_t offset, unsigned int width)
{
	unsigned int i;

	for (i = 0; i < width; i++)
		if (offset + i < 0x1000 || offset + i > 0x1fff ||
		    node->foreign[offset + i - 0x1000])
			return false;
	return true;
}

bool model_read(const struct model_node *node, uint64_t offset, unsigned int width,
		uint64_t *value)
{
	*value = 0;
	if (!ours(node, offset, width))
		return false;
	memcpy(value, node->bytes + (offset - 0x1000), width);
	return true;
}

static void store(struct model_node *node, unsigned int offset, uint32_t value)
{
	unsigned int i;

	for (i = 0; i < 4; i++) {
		uint8_t mask = node->writable[offset + i];

		node->bytes[offset + i] &= ~mask;
		node->bytes[offset + i] |= value >> (8 * i) & mask;
	}
}

static void write_control(struct model_node *node, unsigned int n, uint32_t value,
			  struct model_write *result)
{
	unsigned int at = model_decoder_at(n) + CONTROL;
	uint32_t was = model_dword(node, at);

	if (was & value & BIT_COMMIT) {
		uint32_t writable;

		/* No edge: nothing happens; other bits are protected meanwhile */
		memcpy(&writable, node->writable + at, 4);
		result->verdict = (was ^ value) & writable ? MODEL_IGNORED : MODEL_STORED;
		return;
	}
	result->verdict = MODEL_STORED;
	if (was & BIT_COMMIT) {
		if (was & BIT_COMMITTED)
			result->verdict = MODEL_UNCOMMITTED;
		memset(&node->claims[n], 0, sizeof(node->claims[n]));
		put(node->bytes, at, 0);
		store(node, at, value);
		return;
	}
	store(node, at, value);
	if (!(value & BIT_COMMIT))
		return;

	result->broken = model_judge(node, n, &node->claims[n]);
	if (result->broken) {
		model_refuse(node, n);
		result->verdict = MODEL_REFUSED;
		return;
	}
	node->claims[n].live = true;
	put(node->bytes, at, model_dword(node, at) | BIT_COMMITTED);
	result->verdict = MODEL_COMMITTED;
	result->interleaved = node->claims[n].ways > 1;
}

void model_refuse(struct model_node *node, unsigned int n)
{
	unsigned int at = model_decoder_at(n) + CONTROL;

	memset(&node->claims[n], 0, sizeof(node->claims[n]));
	put(node->bytes, at, (model_dword(node, at) & ~BIT_COMMITTED) | BIT_COMMIT | BIT_ERROR);
}

/* @offset in the CXL.cachemem range, a multiple of 4 */
static void write_dword(struct model_node *node, unsigned int offset, uint32_t value,
			struct model_write *result)
{
	uint32_t writable, control;
	unsigned int n;

	result->verdict = MODEL_IGNORED;
	result->decoder = -1;
	memcpy(&writable, node->writable + offset, 4);
	if (!writable)
		return;
	if (offset < model_decoder_at(0)) {
		store(node, offset, value);
		result->verdict = MODEL_STORED;
		return;
	}

	n = (offset - model_decoder_at(0)) / 32;
	result->decoder = n;
	control = model_dword(node, model_decoder_at(n) + CONTROL);
	if ((control & BIT_COMMITTED) && (control & BIT_LOCK))
		return;
	if (offset == model_decoder_at(n) + CONTROL)
		return write_control(node, n, value, result);
	if (control & BIT_COMMIT)
		return;
	store(node, offset, value);
	result->verdict = MODEL_STORED;
}

void model_write(struct model_node *node, uint64_t offset, unsigned int width, uint64_t value,
		 struct model_write *result)
{
	struct model_write upper = { 0 };

	memset(result, 0, sizeof(*result));
	result->decoder = -1;
	if (!ours(node, offset, width)) {
		result->verdict = MODEL_FOREIGN;
		return;
	}
	offset -= 0x1000;
	result->verdict = MODEL_IGNORED;
	/* Aligned dwords and pairs of them only; what isn't HDM has no mask */
	if ((width != 4 && width != 8) || offset % width)
		return;
	if (width == 4) {
		write_dword(node, offset, value, result);
		return;
	}
	write_dword(node, offset + 4, value >> 32, &upper);
	write_dword(node, offset, value, result);
	if (result->verdict == MODEL_IGNORED && upper.verdict != MODEL_IGNORED)
		*result = upper;
}

void model_reset(struct model_node *node)
{
	unsigned int i;

	for (i = 0; i < MODEL_CM_SIZE; i++)
		node->bytes[i] &= ~node->writable[i];
	for (i = 0; i < node->decoders; i++)
		put(node->bytes, model_decoder_at(i) + CONTROL, 0);
	memset(node->claims, 0, sizeof(node->claims));
	node->mem_on = false;
}
