// SPDX-License-Identifier: GPL-2.0-only
/* The set-up commands in a race: what comes and goes has an ID, or none right now. */
#include <unistd.h>

#include "race-actions.h"

/* Of DESTROY */
enum object { A_DEVICE, A_BACKEND, A_WINDOW, OBJECTS };

static uint32_t *window_of(struct racer *racer)
{
	return &racer->bed->host.windows[2 + racer->seat];
}

/* Whoever destroys it, it is gone: ENOENT if that was another. */
static void drop(struct racer *racer, uint32_t *at)
{
	uint32_t id = __atomic_exchange_n(at, 0, __ATOMIC_ACQ_REL);
	struct cxl_softhost_result result;
	int ret;

	if (!id)
		return;
	ret = __destroy(racer->bed->host.fd, id, &result);
	if (ret == 0)
		race_saw_generation(racer, result.generation);
	else
		race_step_failed(racer, "DESTROY", ret);
}

static void keep(struct racer *racer, uint32_t *at, uint32_t id)
{
	uint32_t old = __atomic_exchange_n(at, id, __ATOMIC_ACQ_REL);

	drop(racer, &old);
}

int race_info(struct racer *racer, bool *effect)
{
	struct cxl_softhost_info info = { .size = sizeof(info) };
	int ret = softhost_ioctl(racer->bed->host.fd, CXL_SOFTHOST_INFO, &info);

	if (ret)
		return ret;
	race_saw_generation(racer, info.out_generation);
	if (info.out_slots_used > info.out_slot_count ||
	    !info.out_slot_count != (info.out_engine == CXL_SOFTHOST_ENGINE_NONE))
		test_fail(__FILE__, __LINE__, "%s: INFO: engine %u, %u of %u slots",
			  racer->worker->name, info.out_engine, info.out_slots_used,
			  info.out_slot_count);
	*effect = true;
	return 0;
}

int race_host_set(struct racer *racer, bool *effect)
{
	int ret = __host_set(racer->bed->host.fd, 0, 0, 0);

	*effect = !ret;
	return ret;
}

int race_backend_create(struct racer *racer, bool *effect)
{
	uint32_t id;
	int ret = __backend_create(racer->bed->host.fd, racer->bed->memory, PAGE, 0, &id);

	if (ret == 0)
		keep(racer, &racer->bed->backends[racer->seat], id);
	*effect = !ret;
	return ret;
}

void race_before_window_create(struct racer *racer)
{
	racer_do(racer, race_command("DETACH"));
	drop(racer, window_of(racer));
}

int race_window_create(struct racer *racer, bool *effect)
{
	const struct host *host = &racer->bed->host;
	unsigned int number = window_of(racer) - host->windows;
	uint32_t id;
	int ret = __window_create(host->fd, host->config.windows[number].hpa,
				  host->config.windows[number].length, host->bridge, &id);

	if (ret == 0)
		__atomic_store_n(window_of(racer), id, __ATOMIC_RELEASE);
	*effect = !ret;
	return ret;
}

void race_before_node_create(struct racer *racer)
{
	drop(racer, race_device_of(racer, race_spare_port(racer)));
}

int race_node_create(struct racer *racer, bool *effect)
{
	unsigned int port = race_spare_port(racer);
	uint32_t id;
	int ret = __host_create_endpoint(&racer->bed->host, port, &id);

	if (ret)
		return ret;
	racer->mem_enable[port] = 0;
	racer->media[port] = CXL_SOFTHOST_MEDIA_READY;
	__atomic_store_n(race_device_of(racer, port), id, __ATOMIC_RELEASE);
	*effect = true;
	return 0;
}

static uint32_t *object_of(struct racer *racer)
{
	switch (racer->kind % OBJECTS) {
	case A_DEVICE:
		return race_device_of(racer, race_spare_port(racer));
	case A_BACKEND:
		return &racer->bed->backends[racer->seat];
	default:
		return window_of(racer);
	}
}

void race_before_destroy(struct racer *racer)
{
	switch (racer->kind % OBJECTS) {
	case A_DEVICE:
		race_build(racer, race_spare_port(racer));
		break;
	case A_BACKEND:
		racer_do(racer, race_command("BACKEND_CREATE"));
		break;
	default:
		if (race_id(window_of(racer)))
			break;
		racer_do(racer, race_command("DETACH"));
		racer_do(racer, race_command("WINDOW_CREATE"));
		racer_do(racer, race_command("ATTACH"));
	}
}

/* Two of them may go for the same. */
int race_destroy(struct racer *racer, bool *effect)
{
	uint32_t *at = object_of(racer), id = race_id(at) ?: OUT_OF_RANGE_ID;
	struct cxl_softhost_result result;
	int ret = __destroy(racer->bed->host.fd, id, &result);

	if (ret)
		return ret;
	__atomic_compare_exchange_n(at, &id, 0, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
	race_saw_result(racer, race_command("DESTROY"), &result);
	*effect = true;
	return 0;
}

void race_before_attach(struct racer *racer)
{
	racer_do(racer, race_command("DETACH"));
}

int race_attach(struct racer *racer, bool *effect)
{
	struct cxl_softhost_attach out;
	int ret = __attach(racer->bed->host.fd, racer->bed->vm.fd, RACE_FIRST_SLOT, RACE_DONATED,
			   &out);

	if (ret)
		return ret;
	__atomic_fetch_add(&racer->bed->attached, 1, __ATOMIC_RELAXED);
	race_saw_result(racer, race_command("ATTACH"), &out.out_result);
	*effect = true;
	return 0;
}

void race_before_detach(struct racer *racer)
{
	racer_do(racer, race_command("ATTACH"));
}

int race_detach(struct racer *racer, bool *effect)
{
	struct cxl_softhost_result result;
	int ret = __detach(racer->bed->host.fd, &result);

	if (ret)
		return ret;
	race_saw_result(racer, race_command("DETACH"), &result);
	/* Else it stays attached. */
	*effect = !(result.flags & CXL_SOFTHOST_RESULT_DEGRADED);
	if (*effect)
		__atomic_fetch_sub(&racer->bed->attached, 1, __ATOMIC_RELAXED);
	return 0;
}

/* Used once, and closed: the host is the others' still. */
int race_fd_create(struct racer *racer, bool *effect)
{
	struct cxl_softhost_fd_create args = {
		.size = sizeof(args),
		.rights = 1U << racer->kind % 4 | CXL_SOFTHOST_RIGHT_READ,
	};
	struct cxl_softhost_info info = { .size = sizeof(info) };
	int ret = softhost_ioctl(racer->bed->host.fd, CXL_SOFTHOST_FD_CREATE, &args);

	if (ret)
		return ret;
	ret = softhost_ioctl(args.out_fd, CXL_SOFTHOST_INFO, &info);
	ASSERT_DONE(close(args.out_fd));
	*effect = !ret;
	return ret;
}
