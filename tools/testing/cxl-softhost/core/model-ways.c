// SPDX-License-Identifier: GPL-2.0-only
/* What the model can tell of all the ways that lead from an address. */
#include <string.h>

#include "model.h"

typedef unsigned __int128 wide;

static void dead_end(struct model_survey *survey, int node, unsigned int silence)
{
	if (!survey->dead_ends++) {
		survey->node = node;
		survey->silence = silence;
	}
}

static void survey_device(const struct model *model, int index, uint64_t hpa,
			  struct model_survey *survey)
{
	const struct model_node *node = &model->nodes[index];
	unsigned int silence = model_device_silence(node, hpa);

	if (silence) {
		dead_end(survey, index, silence);
		return;
	}
	survey->answering++;
	if (node->claims[model_hit(node, hpa)].ways > 1)
		survey->divided = true;
}

static void survey_node(const struct model *model, int index, uint64_t hpa,
			struct model_survey *survey)
{
	const struct model_node *node = &model->nodes[index];
	bool seen[256] = { false };
	const struct model_claim *claim;
	unsigned int way;
	int next, hit;

	if (node->kind == MODEL_DEVICE) {
		survey_device(model, index, hpa, survey);
		return;
	}
	if (!node->has_hdm) {
		next = model_below(model, index, -1);
		if (next < 0)
			dead_end(survey, index, MODEL_NO_TARGET);
		else
			survey_node(model, next, hpa, survey);
		return;
	}
	hit = model_hit(node, hpa);
	if (hit < 0) {
		dead_end(survey, index, MODEL_NO_DECODER);
		return;
	}
	claim = &node->claims[hit];
	if (claim->ways > 1)
		survey->divided = true;
	for (way = 0; way < claim->ways; way++) {
		/* A port that is named twice is one way all the same */
		if (seen[claim->ports[way]])
			continue;
		seen[claim->ports[way]] = true;
		next = model_below(model, index, claim->ports[way]);
		if (next < 0)
			dead_end(survey, index, MODEL_NO_TARGET);
		else
			survey_node(model, next, hpa, survey);
	}
}

void model_survey(const struct model *model, uint64_t hpa, struct model_survey *survey)
{
	int index = model_window_at(model, hpa);
	const struct model_window *window;
	unsigned int way;

	memset(survey, 0, sizeof(*survey));
	survey->node = -1;
	if (index < 0) {
		dead_end(survey, -1, MODEL_NO_WINDOW);
		return;
	}
	window = &model->windows[index];
	survey->divided = window->ways > 1;
	for (way = 0; way < window->ways; way++)
		survey_node(model, window->targets[way], hpa, survey);
}

/* What is at @dpa of a device, and what belongs there */
static bool misplaced_at(const struct model_node *node, uint64_t dpa,
			 const struct model_window *window, uint64_t hpa,
			 struct model_breach *breach)
{
	const struct model_partition *partition = &node->partitions[0];

	if (dpa >= partition->length) {
		dpa -= partition->length;
		partition = &node->partitions[1];
	}
	breach->divided = false;
	breach->expected = window->backend_offset + (hpa - window->base);
	breach->found = partition->offset + dpa;
	if (partition->backend != window->backend)
		breach->found = UINT64_MAX;
	return breach->found != breach->expected;
}

static bool divide(const struct model_window *window, uint64_t hpa, struct model_breach *breach)
{
	breach->divided = true;
	breach->expected = window->base;
	breach->found = hpa;
	return true;
}

/* Down the only way there is, up to the first level with more than one */
static bool breach_at(const struct model *model, const struct model_window *window,
		      uint64_t hpa, struct model_breach *breach)
{
	int next = window->targets[0];

	if (window->ways > 1)
		return divide(window, hpa, breach);
	while (next >= 0) {
		const struct model_node *node = &model->nodes[next];
		int port = -1;

		if (node->has_hdm) {
			const struct model_claim *claim;
			int hit = model_hit(node, hpa);

			if (hit < 0)
				return false;
			claim = &node->claims[hit];
			if (claim->ways > 1)
				return divide(window, hpa, breach);
			if (node->kind == MODEL_DEVICE)
				return window->identity &&
				       misplaced_at(node, claim->dpa + (hpa - claim->base),
						    window, hpa, breach);
			port = claim->ports[0];
		}
		next = model_below(model, next, port);
	}
	return false;
}

/* Looks at @at, if that is before what was found so far */
static void try_address(const struct model *model, const struct model_window *window, wide at,
			bool *found, struct model_breach *breach)
{
	struct model_breach this;

	if (at < window->base || at >= (wide)window->base + window->length)
		return;
	if (*found && at >= breach->hpa)
		return;
	if (!breach_at(model, window, at, &this))
		return;
	*found = true;
	*breach = this;
	breach->hpa = at;
}

bool model_breach(const struct model *model, struct model_breach *breach)
{
	unsigned int w, i, n;
	bool found = false;

	memset(breach, 0, sizeof(*breach));
	for (w = 0; w < model->window_count && !found; w++) {
		const struct model_window *window = &model->windows[w];

		if (!window->linear_only)
			continue;
		/* It can only begin where the window does, or where a decoder has an end */
		try_address(model, window, window->base, &found, breach);
		for (i = 0; i < model->node_count; i++) {
			for (n = 0; n < model->nodes[i].decoders; n++) {
				const struct model_claim *claim = &model->nodes[i].claims[n];

				if (!claim->live)
					continue;
				try_address(model, window, claim->base, &found, breach);
				try_address(model, window, (wide)claim->base + claim->size,
					    &found, breach);
			}
		}
	}
	return found;
}
