// SPDX-License-Identifier: GPL-2.0-only
/* A guest that programs at random, and a model that follows. */
#include <string.h>

#include "mock.h"
#include "random.h"
#include "random-guest.h"

static uint64_t random_state = 0x9e3779b97f4a7c15ULL;

uint32_t random_below(uint32_t limit)
{
	return random_from(&random_state, limit);
}

void forget_all(struct model *model)
{
	unsigned int i;

	memset(&model->bridge, 0, sizeof(model->bridge));
	memset(&model->endpoints, 0, sizeof(model->endpoints));
	for (i = 0; i < model->host->config.endpoints; i++) {
		model->endpoints[i].hdm_enable = true;
		model->endpoints[i].mem_enable = true;
	}
}

const struct host_config busy_config = {
	.windows = { { WINDOW_HPA, 4 * UNIT }, { WINDOW_HPA + 6 * UNIT, 3 * UNIT } },
	.bridge_decoders = 4,
	.ports = 3,
	.endpoints = 2,
	.volatile_units = 4,
	.persistent_units = 3,
};

void busy_host(struct host *host, struct model *model, int *vm_fd)
{
	host_create(host, &busy_config);
	model_init(model, host);
	*vm_fd = mock_create();
	attach(host->fd, *vm_fd, 2000, 0);
	model->engine = true;
	host_enable_all(host);
	forget_all(model);
}

/* Where the next decoder of a node may begin: after the live one below it. */
static uint64_t end_of_lower(const struct model_decoder *decoders, unsigned int number)
{
	uint64_t end = WINDOW_HPA;
	unsigned int i;

	for (i = 0; i < number; i++)
		if (decoders[i].committed && decoders[i].size)
			end = decoders[i].base + decoders[i].size;
	return end;
}

void random_commit(struct host *host, struct model *model)
{
	unsigned int node = random_below(3), number = 0;
	struct model_decoder *decoders = node < 2 ? model->endpoints[node].decoders :
						    model->bridge;
	uint32_t id = node < 2 ? host->endpoints[node].id : host->bridge;
	struct decoder values = { .size = (1 + random_below(2)) * UNIT };

	while (number < 3 && decoders[number].committed)
		number++;
	if (random_below(8) == 0)
		number = random_below(4);
	values.base = end_of_lower(decoders, number) + random_below(2) * UNIT;
	if (random_below(8) == 0) {
		values.base = WINDOW_HPA + random_below(10) * UNIT;
		values.size = random_below(5) * UNIT;
		values.ways_code = random_below(2);
	}
	if (node == 2) {
		values.extra = (random_below(8) ? random_below(2) : random_below(4)) | 0x0200;
		values.size *= 2;
	} else if (random_below(6) == 0) {
		values.extra = random_below(3) * UNIT;
	}
	/* A live decoder ignores it all. */
	if (decoder_is_committed(host->fd, id, number))
		return;
	reg_write(host->fd, id, HDM_DECODER(number) + HDM_CONTROL, 4, 0);
	if (decoder_commit(host->fd, id, number, &values).outcome !=
	    CXL_SOFTHOST_OUTCOME_COMMITTED)
		return;
	if (node < 2)
		model_commit(model, node, number, &values);
	else
		model_commit_bridge(model, number, &values);
}

void random_uncommit(struct host *host, struct model *model)
{
	unsigned int endpoint = random_below(3), number = random_below(4);
	uint32_t id = endpoint < 2 ? host->endpoints[endpoint].id : host->bridge;

	reg_write(host->fd, id, HDM_DECODER(number) + HDM_CONTROL, 4, 0);
	if (endpoint < 2)
		model->endpoints[endpoint].decoders[number].committed = false;
	else
		model->bridge[number].committed = false;
}

void random_gate(struct host *host, struct model *model)
{
	unsigned int endpoint = random_below(2);
	uint32_t id = host->endpoints[endpoint].id;
	struct model_endpoint *state = &model->endpoints[endpoint];
	bool on = random_below(6) != 0;

	switch (random_below(3)) {
	case 0:
		reg_write(host->fd, id, HDM_GLOBAL, 4, on ? HDM_GLOBAL_ENABLE : 0);
		state->hdm_enable = on;
		break;
	case 1:
		node_set_mem_enable(host->fd, id, on);
		state->mem_enable = on;
		break;
	case 2:
		node_set_media(host->fd, id, !on);
		state->media_disabled = !on;
		break;
	}
}

void random_reset(struct host *host, struct model *model)
{
	unsigned int endpoint = random_below(2);

	reset(host->fd, host->endpoints[endpoint].id);
	memset(model->endpoints[endpoint].decoders, 0,
	       sizeof(model->endpoints[endpoint].decoders));
	model->endpoints[endpoint].hdm_enable = false;
	model->endpoints[endpoint].mem_enable = false;
}

void random_step(struct host *host, struct model *model)
{
	uint32_t what = random_below(100);

	if (what < 70)
		random_commit(host, model);
	else if (what < 80)
		random_uncommit(host, model);
	else if (what < 97)
		random_gate(host, model);
	else
		random_reset(host, model);
}
