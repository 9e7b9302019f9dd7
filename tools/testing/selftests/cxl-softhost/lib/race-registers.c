// SPDX-License-Identifier: GPL-2.0-only
/* What guests do in a race: register writes, enables, resets. */
#include "race-actions.h"

/* Of REG_WRITE */
enum kind {
	COMMIT, UNCOMMIT, COMMIT_BRIDGE, UNCOMMIT_BRIDGE, SWITCH_ENABLE, WRITES,
};

/* Small steps that bring something about, whoever else is at it. */
static void store(struct racer *racer, uint32_t node, uint32_t offset, uint32_t width,
		  uint64_t value)
{
	struct cxl_softhost_result result;
	int ret = __reg_write(racer->bed->host.fd, node, offset, width, value, &result);

	if (ret == 0)
		race_saw_generation(racer, result.generation);
	else
		race_step_failed(racer, "REG_WRITE", ret);
}

static void program(struct racer *racer, uint32_t node, unsigned int number, unsigned int port)
{
	uint32_t at = HDM_DECODER(number);

	store(racer, node, at + HDM_BASE_LOW, 8, RACE_PLACE(port));
	store(racer, node, at + HDM_SIZE_LOW, 8, RACE_SIZE);
}

/* With the targets of a bridge in the same write. */
static uint64_t commit_value(unsigned int port)
{
	static const struct decoder plain;

	return (uint64_t)port << 32 | decoder_commit_value(&plain);
}

static void commit_bridge(struct racer *racer, unsigned int port)
{
	uint32_t bridge = racer->bed->host.bridge;

	program(racer, bridge, port, port);
	store(racer, bridge, HDM_DECODER(port) + HDM_CONTROL, 8, commit_value(port));
}

static void switch_device(struct racer *racer, unsigned int port, uint32_t mask,
			  uint32_t mem_enable, uint32_t media)
{
	struct cxl_softhost_result result;
	int ret = __node_set(racer->bed->host.fd, race_device(racer, port), mask, mem_enable, media,
			     &result);

	if (ret) {
		race_step_failed(racer, "NODE_SET", ret);
		return;
	}
	race_saw_generation(racer, result.generation);
	if (result.outcome != CXL_SOFTHOST_OUTCOME_DONE)
		return;
	if (mask & CXL_SOFTHOST_SET_MEM_ENABLE)
		racer->mem_enable[port] = mem_enable;
	if (mask & CXL_SOFTHOST_SET_MEDIA)
		racer->media[port] = media;
}

void race_build(struct racer *racer, unsigned int port)
{
	unsigned int i;

	if (port >= RACE_PORTS - RACE_SEATS && !race_id(race_device_of(racer, port)))
		racer_do(racer, race_command("NODE_CREATE"));
	for (i = 0; i <= port; i++)
		commit_bridge(racer, i);
	store(racer, race_device(racer, port), HDM_GLOBAL, 4, HDM_GLOBAL_ENABLE);
	switch_device(racer, port, CXL_SOFTHOST_SET_MEM_ENABLE | CXL_SOFTHOST_SET_MEDIA, 1,
		      CXL_SOFTHOST_MEDIA_READY);
	program(racer, race_device(racer, port), 0, port);
	store(racer, race_device(racer, port), HDM_DECODER(0) + HDM_CONTROL, 4,
	      (uint32_t)commit_value(0));
}

void race_before_reg_write(struct racer *racer)
{
	uint32_t id = race_device(racer, racer->port), bridge = racer->bed->host.bridge;

	switch (racer->kind % WRITES) {
	case COMMIT:
		store(racer, id, HDM_DECODER(0) + HDM_CONTROL, 4, 0);
		program(racer, id, 0, racer->port);
		break;
	case COMMIT_BRIDGE:
		store(racer, bridge, HDM_DECODER(racer->port) + HDM_CONTROL, 4, 0);
		program(racer, bridge, racer->port, racer->port);
		break;
	case UNCOMMIT:
	case UNCOMMIT_BRIDGE:
		race_build(racer, racer->port);
		break;
	}
}

int race_reg_write(struct racer *racer, bool *effect)
{
	uint32_t id = race_device(racer, racer->port), bridge = racer->bed->host.bridge;
	struct cxl_softhost_result result;
	int fd = racer->bed->host.fd, ret;

	switch (racer->kind % WRITES) {
	case COMMIT:
		ret = __reg_write(fd, id, HDM_DECODER(0) + HDM_CONTROL, 4,
				  (uint32_t)commit_value(0), &result);
		break;
	case UNCOMMIT:
		ret = __reg_write(fd, id, HDM_DECODER(0) + HDM_CONTROL, 4, 0, &result);
		break;
	case COMMIT_BRIDGE:
		ret = __reg_write(fd, bridge, HDM_DECODER(racer->port) + HDM_CONTROL, 8,
				  commit_value(racer->port), &result);
		break;
	case UNCOMMIT_BRIDGE:
		ret = __reg_write(fd, bridge, HDM_DECODER(racer->port) + HDM_CONTROL, 4, 0,
				  &result);
		break;
	default:
		ret = __reg_write(fd, id, HDM_GLOBAL, 4,
				  racer->kind & 8 ? HDM_GLOBAL_ENABLE : 0, &result);
		*effect = !ret && result.outcome == CXL_SOFTHOST_OUTCOME_DONE;
	}
	if (ret)
		return ret;
	race_saw_result(racer, race_command("REG_WRITE"), &result);
	*effect |= result.outcome == CXL_SOFTHOST_OUTCOME_COMMITTED ||
		   result.outcome == CXL_SOFTHOST_OUTCOME_UNCOMMITTED;
	return 0;
}

void race_before_node_set(struct racer *racer)
{
	race_build(racer, racer->port);
}

int race_node_set(struct racer *racer, bool *effect)
{
	bool media = racer->kind & 1, value = racer->kind & 2;
	unsigned int port = racer->port;
	struct cxl_softhost_result result;
	int ret = __node_set(racer->bed->host.fd, race_device(racer, port),
			     media ? CXL_SOFTHOST_SET_MEDIA : CXL_SOFTHOST_SET_MEM_ENABLE,
			     !media && value, media && value, &result);

	if (ret)
		return ret;
	race_saw_result(racer, race_command("NODE_SET"), &result);
	*effect = result.outcome == CXL_SOFTHOST_OUTCOME_DONE;
	if (!*effect)
		return 0;
	if (media)
		racer->media[port] = value;
	else
		racer->mem_enable[port] = value;
	return 0;
}

static bool resets_all(const struct racer *racer)
{
	return racer->kind % 4 == 0;
}

void race_before_reset(struct racer *racer)
{
	unsigned int port;

	for (port = 0; port < RACE_PORTS; port++)
		if (port == racer->port || resets_all(racer))
			race_build(racer, port);
}

int race_reset(struct racer *racer, bool *effect)
{
	struct cxl_softhost_result result;
	unsigned int port;
	int ret = __reset(racer->bed->host.fd,
			  resets_all(racer) ? 0 : race_device(racer, racer->port), &result);

	if (ret)
		return ret;
	race_saw_result(racer, race_command("RESET"), &result);
	for (port = 0; port < RACE_PORTS; port++)
		if (port == racer->port || resets_all(racer))
			racer->mem_enable[port] = 0;
	*effect = result.outcome == CXL_SOFTHOST_OUTCOME_UNCOMMITTED;
	return 0;
}
