/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Any hierarchy, made twice: in the module, and in the byte-by-byte model that
 * core/ is tested with. Every register write goes to both.
 */
#ifndef CXL_SOFTHOST_TEST_TREE_H
#define CXL_SOFTHOST_TEST_TREE_H

#include "softhost.h"

/* The model knows nothing of this directory, nor of core/ */
#include "../../../cxl-softhost/core/model.h"
#include "../../../cxl-softhost/core/said.h"

#define TREE_NONE (-1)

struct tree {
	int fd;
	uint32_t policy;
	struct model model;
	uint32_t ids[MODEL_NODES];
	uint8_t *memory[MODEL_NODES];		/* devices: DPA 0, as far as it is volatile */
	uint32_t backends[MODEL_NODES];
	uint32_t windows[MODEL_WINDOWS];
};

/* What a host bridge, switch or device has; 0 is the default named there */
struct tree_shape {
	unsigned int decoders;		/* 4; NO_HDM: passthrough, with one port */
	unsigned int targets;		/* 8; not devices */
	unsigned int ports;		/* 8; not devices */
	unsigned int volatile_units;	/* 4; devices */
	unsigned int persistent_units;	/* none; devices */
};

#define NO_HDM 1000

void tree_create(struct tree *tree, uint32_t policy);
/* Each returns the index of what it made; @above: TREE_NONE for a host bridge */
int tree_add_router(struct tree *tree, int above, unsigned int port,
		    const struct tree_shape *shape);
int tree_add_device(struct tree *tree, int above, unsigned int port,
		    const struct tree_shape *shape);
/* HDM Decoder Enable, Mem_Enable */
void tree_enable(struct tree *tree, int device);

struct tree_window {
	uint64_t hpa;
	uint64_t length;
	uint32_t flags;
	unsigned int ways;		/* number of @bridges */
	uint64_t granularity;		/* 256 */
	int bridges[16];		/* indexes */
	unsigned int maps;		/* XOR, if there are any */
	uint64_t map[4];
	int device;			/* IDENTITY: whose volatile memory belongs there, */
	uint64_t dpa;			/* from where on */
};

void tree_add_window(struct tree *tree, const struct tree_window *window);

/*
 * A decoder of a host bridge, switch or device. Both must come to the same: the
 * test has failed if they don't.
 */
struct cxl_softhost_result tree_commit(struct tree *tree, int node, unsigned int number,
				       const struct decoder *decoder);
struct cxl_softhost_result tree_uncommit(struct tree *tree, int node, unsigned int number);
void tree_reset(struct tree *tree, int node);

/*
 * TRANSLATE and MAP_GET tell what the model tells: at both ends of each segment
 * and granules in between, before and after every one of them, and back from the
 * DPA of each address that answers.
 */
bool check_tree(const char *file, int line, struct tree *tree);
#define EXPECT_TREE(tree) check_tree(__FILE__, __LINE__, tree)

/* The segment at @hpa has this kind and reason; returns its length */
uint64_t check_kind(const char *file, int line, struct tree *tree, uint64_t hpa,
		    enum cxl_softhost_segment_kind kind, enum cxl_softhost_reason reason);
#define EXPECT_KIND(tree, hpa, kind, reason)					\
	check_kind(__FILE__, __LINE__, tree, hpa, CXL_SOFTHOST_SEGMENT_##kind,	\
		   CXL_SOFTHOST_REASON_##reason)

#endif
