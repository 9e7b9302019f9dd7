/* SPDX-License-Identifier: GPL-2.0-only */
/* A few windows, what hangs below them, and the map that has to come of it. */
#ifndef SOFTHOST_TEST_SCENE_H
#define SOFTHOST_TEST_SCENE_H

#include "rig.h"

struct scene {
	struct softhost_window window[4];
	struct softhost_window *list[4];
	struct softhost_topology topology;
	struct softhost_map *map;
};

/* What a segment has to be, in units */
struct want {
	u32 hpa, length;	/* from the start of the first window */
	const struct softhost_node *node;	/* that answers, or where the way ended */
	u32 reason;		/* 0 = something answers */
	u32 dpa;		/* BY_WAYS: interleaved */
};

#define BY_WAYS 0xffffffffu

/* Window of one target; the first begins at 4 GiB */
void scene_add_window(struct scene *scene, u64 hpa, u64 length, struct softhost_node *bridge);
/* Places and sizes in units, from 4 GiB on */
void scene_commit(struct softhost_node *node, u32 n, int base, u32 size, u64 list);
void scene_commit_ways(struct softhost_node *node, u32 n, int base, u32 size, u64 list, u32 ctrl);
void scene_uncommit(struct softhost_node *node, u32 n);
void scene_check(struct scene *scene, const struct want *want, u32 count);
/* And @bridge with all that is below it */
void scene_free(struct scene *scene, struct softhost_node *bridge);

#define CHECK_SCENE(scene, ...) do {						\
	const struct want wants[] = { __VA_ARGS__ };				\
	scene_check(scene, wants, ARRAY_SIZE(wants));				\
} while (0)

#define NO_DECODER	CXL_SOFTHOST_REASON_NO_DECODER
#define NO_TARGET	CXL_SOFTHOST_REASON_NO_TARGET
#define NO_ENDPOINT	CXL_SOFTHOST_REASON_NO_ENDPOINT_DECODER

#endif
