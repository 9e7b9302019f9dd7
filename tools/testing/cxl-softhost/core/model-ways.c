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

/* Down the only way there is, up to the first level with more than one */
static bool divided_at(const struct model *model, const struct model_window *window,
		       uint64_t hpa)
{
	int next = window->targets[0];

	if (window->ways > 1)
		return true;
	while (next >= 0) {
		const struct model_node *node = &model->nodes[next];
		int port = -1;

		if (node->has_hdm) {
			int hit = model_hit(node, hpa);

			if (hit < 0)
				return false;
			if (node->claims[hit].ways > 1)
				return true;
			port = node->claims[hit].ports[0];
		}
		if (node->kind == MODEL_DEVICE)
			return false;
		next = model_below(model, next, port);
	}
	return false;
}

/* Looks at @at, if that is before what was found so far */
static void try_address(const struct model *model, unsigned int window, wide at, bool *found,
			uint64_t *hpa)
{
	const struct model_window *where = &model->windows[window];

	if (at < where->base || at >= (wide)where->base + where->length)
		return;
	if (*found && at >= *hpa)
		return;
	if (!divided_at(model, where, at))
		return;
	*found = true;
	*hpa = at;
}

bool model_divided(const struct model *model, int *window, uint64_t *hpa)
{
	unsigned int w, i, n;
	bool found = false;

	for (w = 0; w < model->window_count && !found; w++) {
		if (!model->windows[w].linear_only)
			continue;
		*window = w;
		/* It can only begin where the window does, or where a decoder has an end */
		try_address(model, w, model->windows[w].base, &found, hpa);
		for (i = 0; i < model->node_count; i++) {
			for (n = 0; n < model->nodes[i].decoders; n++) {
				const struct model_claim *claim = &model->nodes[i].claims[n];

				if (!claim->live)
					continue;
				try_address(model, w, claim->base, &found, hpa);
				try_address(model, w, (wide)claim->base + claim->size, &found,
					    hpa);
			}
		}
	}
	return found;
}
