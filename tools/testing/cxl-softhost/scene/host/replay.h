/* SPDX-License-Identifier: GPL-2.0-only */
/* The independent model of ../core, given what a guest has programmed. */
#ifndef SCENE_REPLAY_H
#define SCENE_REPLAY_H

#include "model.h"

#define REPLAY_NAME 16

struct replay {
	struct model model;
	char names[MODEL_NODES][REPLAY_NAME];
};

/*
 * Reads the records of cxlvm's report ("cxlvm --help") that were written at the
 * moment @phase: the topology, and what the decoders' registers hold. They are
 * written to the model's registers and committed there, by its rules. Only the
 * window that @hpa lies in is taken. Exits with a message if that can't be done.
 */
void replay_report(struct replay *replay, const char *report, const char *phase, uint64_t hpa);

/* Index of a node, or -1. */
int replay_node(const struct replay *replay, const char *name);

#endif
