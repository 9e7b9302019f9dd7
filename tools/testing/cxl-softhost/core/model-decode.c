// SPDX-License-Identifier: GPL-2.0-only
/* The model's decoding of one byte's address. */
#include <string.h>

#include "model.h"

typedef unsigned __int128 wide;

/* Of several decoders that hit, the one with the lowest number answers */
int model_hit(const struct model_node *node, uint64_t hpa)
{
	unsigned int n;

	for (n = 0; n < node->decoders; n++) {
		const struct model_claim *claim = &node->claims[n];

		if (claim->live && hpa >= claim->base &&
		    (wide)hpa < (wide)claim->base + claim->size)
			return n;
	}
	return -1;
}

int model_window_at(const struct model *model, uint64_t hpa)
{
	unsigned int i;

	for (i = 0; i < model->window_count; i++)
		if (hpa >= model->windows[i].base &&
		    hpa - model->windows[i].base < model->windows[i].length)
			return i;
	return -1;
}

static unsigned int parity(uint64_t value)
{
	unsigned int odd = 0;

	for (; value; value /= 2)
		odd ^= value % 2;
	return odd;
}

/*
 * CFMWS: granules of the absolute address go round the targets. With a factor 3
 * the power of two is the inner wheel. XOR arithmetic puts a parity in the place
 * of each bit of that wheel, and leaves the factor 3 alone.
 */
unsigned int model_position(const struct model_window *window, uint64_t hpa)
{
	uint64_t number = hpa / window->granule;
	unsigned int wheel = window->ways % 3 ? window->ways : window->ways / 3;
	unsigned int position = number % wheel, weight = 1, i;

	if (window->map_count) {
		position = 0;
		for (i = 0; weight < wheel; i++, weight *= 2)
			position += weight * parity(hpa & window->maps[i]);
	}
	if (window->ways % 3 == 0)
		position += wheel * (number / wheel % 3);
	return position;
}

int model_below(const struct model *model, int above, int port)
{
	unsigned int i;

	for (i = 0; i < model->node_count; i++)
		if (model->nodes[i].above == above && model->nodes[i].present &&
		    (port < 0 || model->nodes[i].port == (unsigned int)port))
			return i;
	return -1;
}

unsigned int model_device_silence(const struct model_node *node, uint64_t hpa)
{
	unsigned int silence = 0;

	if (!(model_dword(node, 0x104) & 2))
		silence |= MODEL_HDM_OFF;
	if (!node->mem_on)
		silence |= MODEL_MEM_OFF;
	if (!node->media_ok)
		silence |= MODEL_MEDIA_OFF;
	if (model_hit(node, hpa) < 0)
		silence |= MODEL_NO_DEVICE_DECODER;
	return silence;
}

/* A level with more than one way was passed */
static void note_level(struct model_answer *answer, unsigned int ways, uint64_t granule)
{
	if (ways > 1 && (!answer->granule || granule < answer->granule))
		answer->granule = granule;
}

static void decode_device(const struct model_node *node, uint64_t hpa,
			  struct model_answer *answer)
{
	const struct model_claim *claim;
	uint64_t offset, start = 0;

	answer->silence = model_device_silence(node, hpa);
	if (answer->silence)
		return;

	/* Granules go round the ways; this device has every ways-th of them */
	answer->decoder = model_hit(node, hpa);
	claim = &node->claims[answer->decoder];
	note_level(answer, claim->ways, claim->granule);
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
	const struct model_window *window;
	int next;

	memset(answer, 0, sizeof(*answer));
	answer->node = -1;
	answer->decoder = -1;
	answer->window = model_window_at(model, hpa);
	if (answer->window < 0) {
		answer->silence = MODEL_NO_WINDOW;
		return;
	}

	window = &model->windows[answer->window];
	note_level(answer, window->ways, window->granule);
	next = window->targets[model_position(window, hpa)];
	for (;;) {
		const struct model_node *node = &model->nodes[next];
		int port = -1;

		answer->node = next;
		answer->levels++;
		if (node->kind == MODEL_DEVICE) {
			decode_device(node, hpa, answer);
			return;
		}
		if (node->has_hdm) {
			int hit = model_hit(node, hpa);
			const struct model_claim *claim;

			if (hit < 0) {
				answer->silence = MODEL_NO_DECODER;
				return;
			}
			claim = &node->claims[hit];
			note_level(answer, claim->ways, claim->granule);
			port = claim->ports[hpa / claim->granule % claim->ways];
		}
		next = model_below(model, next, port);
		if (next < 0) {
			answer->silence = MODEL_NO_TARGET;
			return;
		}
	}
}
