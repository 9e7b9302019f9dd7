/* SPDX-License-Identifier: GPL-2.0-only */
/* What the commands of a race have in common. For race-*.c alone. */
#ifndef CXL_SOFTHOST_TEST_RACE_ACTIONS_H
#define CXL_SOFTHOST_TEST_RACE_ACTIONS_H

#include "race.h"

struct race_action {
	const char *name;
	/* bring about what the command consumes or finds; NULL: nothing */
	void (*before)(struct racer *racer);
	/* its return value, checked by the caller; all else is checked here */
	int (*act)(struct racer *racer, bool *effect);
	int errors[4];		/* that an undisturbed process may get */
	int disturbed[4];	/* while the argument page is taken away */
};

/* race-setup.c */
int race_info(struct racer *racer, bool *effect);
int race_host_set(struct racer *racer, bool *effect);
int race_backend_create(struct racer *racer, bool *effect);
void race_before_window_create(struct racer *racer);
int race_window_create(struct racer *racer, bool *effect);
void race_before_node_create(struct racer *racer);
int race_node_create(struct racer *racer, bool *effect);
void race_before_destroy(struct racer *racer);
int race_destroy(struct racer *racer, bool *effect);
void race_before_attach(struct racer *racer);
int race_attach(struct racer *racer, bool *effect);
void race_before_detach(struct racer *racer);
int race_detach(struct racer *racer, bool *effect);
int race_fd_create(struct racer *racer, bool *effect);

/* race-registers.c */
void race_before_reg_write(struct racer *racer);
int race_reg_write(struct racer *racer, bool *effect);
void race_before_node_set(struct racer *racer);
int race_node_set(struct racer *racer, bool *effect);
void race_before_reset(struct racer *racer);
int race_reset(struct racer *racer, bool *effect);
/* all that it takes for memory to answer at a port */
void race_build(struct racer *racer, unsigned int port);

/* race-readers.c */
int race_reg_read(struct racer *racer, bool *effect);
void race_before_translate(struct racer *racer);
int race_translate(struct racer *racer, bool *effect);
int race_map_get(struct racer *racer, bool *effect);
int race_deltas(struct racer *racer, bool *effect);
int race_apply(struct racer *racer, bool *effect);

/* race-state.c */
int race_state_get(struct racer *racer, bool *effect);
void race_before_state_set(struct racer *racer);
int race_state_set(struct racer *racer, bool *effect);
int race_dirty_log(struct racer *racer, bool *effect);

/* race-commands.c */
bool race_allows(const struct racer *racer, unsigned int what);
/* check what every answer has */
void race_saw_generation(struct racer *racer, uint64_t generation);
void race_saw_result(struct racer *racer, unsigned int command,
		     const struct cxl_softhost_result *result);
/* one of a command's small steps failed: with an errno that others may cause? */
void race_step_failed(const struct racer *racer, const char *command, int ret);

static inline uint32_t race_id(const uint32_t *at)
{
	return __atomic_load_n(at, __ATOMIC_ACQUIRE);
}

static inline uint32_t *race_device_of(struct racer *racer, unsigned int port)
{
	return &racer->bed->host.endpoints[port].id;
}

/* A device that isn't there has an ID that nothing has: ENOENT. */
static inline uint32_t race_device(struct racer *racer, unsigned int port)
{
	return race_id(race_device_of(racer, port)) ?: OUT_OF_RANGE_ID;
}

/* Of the devices that come and go the one that this racer is at */
static inline unsigned int race_spare_port(const struct racer *racer)
{
	return RACE_PORTS - RACE_SEATS + racer->seat;
}

#endif
