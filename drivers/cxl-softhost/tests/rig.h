/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Nodes, windows and maps for tests of core/, and the register programs that a
 * guest would run on them. Register offsets and bits are written out here a
 * second time: the tests must not take them from what they test.
 */
#ifndef _SOFTHOST_TEST_RIG_H
#define _SOFTHOST_TEST_RIG_H

#include "core/core.h"
#include "rig-env.h"

#define UNIT		0x10000000ULL
#define GIB		0x40000000ULL
#define TIB		0x10000000000ULL

/* Offsets in a component register block */
#define CM		0x1000u
#define HDM		0x1100u
#define HDM_CAP		(HDM + 0x00)
#define HDM_GLOBAL	(HDM + 0x04)
#define DEC(n)		(HDM + 0x10 + 0x20 * (n))
#define BASE_LO		0x00u
#define BASE_HI		0x04u
#define SIZE_LO		0x08u
#define SIZE_HI		0x0cu
#define CTRL		0x10u
#define LIST_LO		0x14u
#define LIST_HI		0x18u
#define RSVD		0x1cu

/* HDM Decoder n Control */
#define IG(code)	((code) << 0)
#define IW(code)	((code) << 4)
#define LOCK		0x0100u
#define COMMIT		0x0200u
#define COMMITTED	0x0400u
#define ERR		0x0800u
#define TYPE		0x1000u

#define ENABLE		0x2u

struct rig_shape {
	u32 kind;
	u32 flags;
	u32 decoders;
	u32 targets;		/* bridges and switches */
	u32 ports;		/* bridges and switches */
	u64 length[2];		/* endpoints: of the partitions */
};

extern const struct rig_shape rig_bridge;	/* 4 decoders, 4 targets */
extern const struct rig_shape rig_passthrough;	/* no HDM capability */
extern const struct rig_shape rig_switch;	/* 4 decoders, 4 targets */
extern const struct rig_shape rig_endpoint;	/* 4 decoders, 16 + 16 units */

/* What a guest programs one decoder with */
struct rig_program {
	u32 n;
	u64 base;
	u64 size;
	u64 list;		/* endpoints: DPA skip; bridges: target list */
	u32 ctrl;		/* COMMIT is added */
};

struct softhost_node *rig_node(const struct rig_shape *shape);
struct softhost_node *rig_child(struct softhost_node *parent, u32 port,
				const struct rig_shape *shape);
void rig_free(struct softhost_node *node);	/* and its children */

/* A window that goes to one host bridge; see rig_window_ways() for more */
struct softhost_window rig_window(u32 id, u64 hpa, u64 length, struct softhost_node *bridge);
/* Modulo arithmetic: @ways a legal number, @granularity bytes */
void rig_window_ways(struct softhost_window *window, u32 ways, u32 granularity,
		     struct softhost_node *const *bridges);

u32 rig_read(const struct softhost_node *node, u32 offset);
/* Under policy "checked", or any */
bool rig_write(struct softhost_node *node, u32 offset, u32 width, u64 value,
	       struct cxl_softhost_result *result);
bool rig_write_as(struct softhost_node *node, u32 policy, u32 offset, u32 width, u64 value,
		  struct cxl_softhost_result *result);
/* A write that has to be DONE, or the case fails */
void rig_store(struct softhost_node *node, u32 offset, u32 value);
void rig_fields(struct softhost_node *node, const struct rig_program *program);
bool rig_commit_as(struct softhost_node *node, u32 policy, const struct rig_program *program,
		   struct cxl_softhost_result *result);
bool rig_commit(struct softhost_node *node, const struct rig_program *program,
		struct cxl_softhost_result *result);
/* A commit that has to succeed, or the case fails */
void rig_must_commit(struct softhost_node *node, const struct rig_program *program);
bool rig_uncommit(struct softhost_node *node, u32 n, struct cxl_softhost_result *result);
void rig_enable(struct softhost_node *node);

/*
 * Room for what softhost_route_bound() says and a little more: what is more
 * than that can be counted, what is more than this is seen by ASan.
 */
#define RIG_SPARE 64
struct softhost_map *rig_map(const struct softhost_topology *topology);
struct softhost_map *rig_map_room(u32 segments);

/* examples-check.c */
u32 rig_example_count(void);
const char *rig_example_name(u32 i);
void rig_check_example(u32 i);

/* codes-check.c */
void rig_check_ways_codes(void);
void rig_check_position_bits(void);
void rig_check_count_codes(void);

/* plan-check.c */
void rig_check_equal_maps(void);
void rig_check_unequal_bytes(void);
void rig_check_unequal_counts(void);
void rig_check_every_plan(bool installed);
void rig_check_plan_lengths(void);
void rig_check_plan_empty(void);
void rig_check_plan_refused(void);

#endif /* _SOFTHOST_TEST_RIG_H */
