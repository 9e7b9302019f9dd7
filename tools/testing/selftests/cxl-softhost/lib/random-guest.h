/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest that programs at random: mostly what Linux would do, now and then anything. */
#ifndef CXL_SOFTHOST_TEST_RANDOM_GUEST_H
#define CXL_SOFTHOST_TEST_RANDOM_GUEST_H

#include "model.h"

/* Room for most things to happen: two windows, two devices */
extern const struct host_config busy_config;

uint32_t random_below(uint32_t limit);
/* A host of that kind, attached to a mock VM. */
void busy_host(struct host *host, struct model *model, int *vm_fd);
/* No decoder is committed, and all devices are enabled. */
void forget_all(struct model *model);
void random_commit(struct host *host, struct model *model);
void random_uncommit(struct host *host, struct model *model);
void random_gate(struct host *host, struct model *model);
void random_reset(struct host *host, struct model *model);
/* One of these */
void random_step(struct host *host, struct model *model);

#endif
