/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pure part of cxl-softhost: register rules, decoding, the wanted map and
 * the plan to reach it. No locks, no allocation, no user copies, no KVM: every
 * function depends on its arguments alone, and the same files are compiled in
 * userspace for the tests.
 *
 * Data flows one way: regs.c and hdm.c change a node's registers and latch
 * what is committed; walk.c follows one address, by decode.c's arithmetic, from
 * window to device; route.c makes segments of windows, topology and latches;
 * plan.c compares them with what is installed.
 */
#ifndef _SOFTHOST_CORE_H
#define _SOFTHOST_CORE_H

#ifdef __KERNEL__
#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include "core_user.h"
#endif
#include <linux/cxl_softhost.h>

/* Limits of the HDM Decoder Capability structure */
#define SOFTHOST_MAX_DECODERS		32
#define SOFTHOST_MAX_EP_DECODERS	10
#define SOFTHOST_MAX_TARGETS		8
#define SOFTHOST_MAX_GRANULARITY_CODE	6

/* Of a CXL Fixed Memory Window Structure */
#define SOFTHOST_MAX_WAYS		16
/* Maps of a CXL XOR Interleave Math Structure that select among 16 ways */
#define SOFTHOST_MAX_XOR_MAPS		4

/* Components on the way from host bridge to device, both included */
#define SOFTHOST_MAX_DEPTH		8

/*
 * KVM takes at most 2^31 - 1 pages a slot, so extents never cross a multiple
 * of 2^30 pages of 4 KiB. A fixed boundary, so that an extent's ends don't
 * depend on the order in which decoders were committed.
 */
#define SOFTHOST_EXTENT_BOUNDARY	(1ULL << 42)

/* HDM Decoder n Control */
#define SOFTHOST_CTRL_IG		0x0000000fU
#define SOFTHOST_CTRL_IW		0x000000f0U
#define SOFTHOST_CTRL_IW_SHIFT		4
#define SOFTHOST_CTRL_LOCK		0x00000100U
#define SOFTHOST_CTRL_COMMIT		0x00000200U
#define SOFTHOST_CTRL_COMMITTED		0x00000400U
#define SOFTHOST_CTRL_ERR		0x00000800U
#define SOFTHOST_CTRL_TYPE		0x00001000U
/* What software can write; BI, UIO and the rest aren't offered */
#define SOFTHOST_CTRL_WRITABLE						\
	(SOFTHOST_CTRL_IG | SOFTHOST_CTRL_IW | SOFTHOST_CTRL_LOCK |	\
	 SOFTHOST_CTRL_COMMIT | SOFTHOST_CTRL_TYPE)

/* HDM Decoder Global Control */
#define SOFTHOST_GLOBAL_ENABLE		0x00000002U

/* The part of Base, Size and DPA Skip Low that exists: multiples of 256 MiB */
#define SOFTHOST_LOW_MASK		0xf0000000U

/* Dwords of one decoder, in the order of the HDM Decoder Capability structure */
enum softhost_decoder_reg {
	SOFTHOST_REG_BASE_LOW,
	SOFTHOST_REG_BASE_HIGH,
	SOFTHOST_REG_SIZE_LOW,
	SOFTHOST_REG_SIZE_HIGH,
	SOFTHOST_REG_CTRL,
	/* Target List of a host bridge, DPA Skip of a device */
	SOFTHOST_REG_LIST_LOW,
	SOFTHOST_REG_LIST_HIGH,
	SOFTHOST_DECODER_REGS,
};

/**
 * struct softhost_interleave - how addresses are dealt out to ways
 * @shift: log2 of the granularity: 8-14
 * @bits: log2 of the power of two in the number of ways: 0-4
 * @three: the number of ways has a factor 3
 *
 * All values are legal whatever a reader sees of two that are being swapped,
 * and all zero is one way of one byte: nothing here divides by it.
 */
struct softhost_interleave {
	u8 shift;
	u8 bits;
	bool three;
};

/**
 * struct softhost_latch - what a COMMITTED decoder decodes with
 * @base: HPA
 * @size: bytes; 0 = takes no part in decoding
 * @dpa_base: devices: DPA of @base. Latched, so that uncommitting a lower
 *	decoder out of order can't move this one's memory
 * @interleave: ways and granularity
 * @targets: host bridges and switches: port number of each way
 *
 * Decoding uses this alone, never the registers. Valid while COMMITTED is set.
 */
struct softhost_latch {
	u64 base;
	u64 size;
	u64 dpa_base;
	struct softhost_interleave interleave;
	u8 targets[SOFTHOST_MAX_TARGETS];
};

/**
 * struct softhost_decoder - one HDM decoder
 * @reg: registers as software reads them
 * @latch: snapshot taken at commit
 */
struct softhost_decoder {
	u32 reg[SOFTHOST_DECODER_REGS];
	struct softhost_latch latch;
};

/**
 * struct softhost_hdm - all of a node that a guest can change
 * @global_ctrl: HDM Decoder Global Control
 * @present: the component is there: appears and goes with the map that knows it
 * @mem_enable: Mem_Enable of the DVSEC CXL Control register (endpoints)
 * @media: enum cxl_softhost_media (endpoints)
 * @decoders: as many as the component has
 */
struct softhost_hdm {
	u32 global_ctrl;
	bool present;
	bool mem_enable;
	u8 media;
	struct softhost_decoder decoders[];
};

/**
 * struct softhost_backend - a host address range that partitions lie on
 * @id: its ID
 * @addr: host virtual address
 * @length: bytes
 * @cookie: the VMM's name for it
 */
struct softhost_backend {
	u32 id;
	u64 addr;
	u64 length;
	u64 cookie;
};

/**
 * struct softhost_partition - part of an endpoint's DPA space
 * @length: bytes, a multiple of 256 MiB
 * @offset: into @backend
 * @backend: where it lies; NULL if @length is 0
 */
struct softhost_partition {
	u64 length;
	u64 offset;
	const struct softhost_backend *backend;
};

/**
 * struct softhost_node - a component
 * @id: its ID
 * @kind: enum cxl_softhost_node_kind
 * @flags: CXL_SOFTHOST_NODE_*
 * @port: number of the parent's port that it hangs below (not host bridges)
 * @ports: downstream ports (not endpoints)
 * @depth: components from the host bridge (1) to this one
 * @decoder_count: HDM decoders
 * @target_count: Target List entries usable for a decoder (not endpoints)
 * @partitions: by enum cxl_softhost_partition_kind (endpoints)
 * @capabilities: structures shown in the header array but served by the VMM
 * @parent: the node above, or NULL
 * @children: first node below, by ascending port. Readers follow these two
 *	without a lock: they change by one store, to a node that is complete
 * @sibling: next node below the same parent
 * @hdm: registers in force
 * @next: registers as a running command wants them; equal to @hdm between
 *	commands
 */
struct softhost_node {
	u32 id;
	u32 kind;
	u32 flags;
	u32 port;
	u32 ports;
	u32 depth;
	u32 decoder_count;
	u32 target_count;
	struct softhost_partition partitions[2];
	struct cxl_softhost_capability capabilities[CXL_SOFTHOST_CAPABILITIES];
	struct softhost_node *parent;
	struct softhost_node *children;
	struct softhost_node *sibling;
	struct softhost_hdm *hdm;
	struct softhost_hdm *next;
};

/**
 * struct softhost_window - a CXL fixed memory window (CFMWS)
 * @id: its ID
 * @flags: CXL_SOFTHOST_WINDOW_*
 * @hpa: base
 * @length: bytes
 * @interleave: ways (ENIW) and granularity (HBIG)
 * @ways: as many @targets
 * @xor_map_count: maps in use: one for each factor 2 of @ways, or 0 (modulo)
 * @xor_maps: HPA bits whose parity is a bit of the position (CXIMS XORMAP)
 * @targets: host bridges, by position
 * @backend: IDENTITY: what holds all of the window
 * @backend_offset: IDENTITY: what of it belongs at @hpa
 */
struct softhost_window {
	u32 id;
	u32 flags;
	u64 hpa;
	u64 length;
	struct softhost_interleave interleave;
	u32 ways;
	u32 xor_map_count;
	u64 xor_maps[SOFTHOST_MAX_XOR_MAPS];
	struct softhost_node *targets[SOFTHOST_MAX_WAYS];
	const struct softhost_backend *backend;
	u64 backend_offset;
};

/**
 * struct softhost_topology - what the map is made of
 * @windows: by ascending HPA; the nodes hang off their targets
 * @window_count: how many
 * @policy: enum cxl_softhost_policy
 */
struct softhost_topology {
	struct softhost_window **windows;
	u32 window_count;
	u32 policy;
};

/**
 * struct softhost_answer - who answers at an address, or why nobody does
 * @reason: enum cxl_softhost_reason; NONE if something answers
 * @node: the endpoint that answers, or the component at which the way ended
 * @partition: enum cxl_softhost_partition_kind
 * @dpa: DPA
 * @length: bytes for which the answer just continues
 */
struct softhost_answer {
	u32 reason;
	const struct softhost_node *node;
	u32 partition;
	u64 dpa;
	u64 length;
};

/**
 * struct softhost_segment - a part of a window: who answers there, or why
 *	nobody does
 * @hpa: base
 * @length: bytes
 * @dpa: DPA at @hpa
 * @backend_offset: into the backend at @hpa
 * @host_addr: host virtual address at @hpa
 * @cookie: of the backend
 * @window_id: the window
 * @node_id: LINEAR: the endpoint; else the component that @reason is about
 * @backend_id: the backend, or 0
 * @partition: enum cxl_softhost_partition_kind
 * @kind: enum cxl_softhost_segment_kind
 * @reason: enum cxl_softhost_reason: why nothing answers, INTERLEAVED: in the
 *	first way that is silent; LINEAR: ENGINE if that refused a slot
 * @slot: engine slot that it is installed in, or CXL_SOFTHOST_NONE
 * @direction: of a delta: enum cxl_softhost_direction; in maps 0, so that segments
 *	can be compared as bytes
 *
 * No pointers: readers may look at a segment while it is being replaced.
 */
struct softhost_segment {
	u64 hpa;
	u64 length;
	u64 dpa;
	u64 backend_offset;
	u64 host_addr;
	u64 cookie;
	u32 window_id;
	u32 node_id;
	u32 backend_id;
	u32 partition;
	u32 kind;
	u32 reason;
	u32 slot;
	u32 direction;
};

/**
 * struct softhost_map - the segments of all windows, and condemned slots
 * @generation: changes whenever the contents do
 * @capacity: room in @segments
 * @count: segments, by ascending HPA, without gaps inside a window
 * @condemned: entries after those: slots that should be gone
 * @segments: @count segments, then @condemned slots
 */
struct softhost_map {
	u64 generation;
	u32 capacity;
	u32 count;
	u32 condemned;
	struct softhost_segment segments[];
};

/**
 * struct softhost_bound - worst case over everything that guests can program
 * @segments: of the map
 * @extents: of the map, each of which needs a slot
 */
struct softhost_bound {
	u64 segments;
	u64 extents;
};

/**
 * struct softhost_plan - how to get from the installed map to the wanted one
 * @remove: indexes of segments of the old map whose slots must go
 * @add: indexes of segments of the new map that need a slot
 * @remove_count: how many
 * @add_count: how many
 *
 * One guest action yields only removals or only additions.
 */
struct softhost_plan {
	u32 *remove;
	u32 *add;
	u32 remove_count;
	u32 add_count;
};

/* decode.c: codes, interleave arithmetic, lookups */

/* 0 for a reserved code */
u32 softhost_ways_decode(u32 code);
u64 softhost_position_bits(u32 ways_code, u32 granularity_code);
struct softhost_interleave softhost_interleave_decode(u32 ways_code, u32 granularity_code);
u32 softhost_position(struct softhost_interleave il, u64 addr);
u32 softhost_window_position(const struct softhost_window *window, u64 hpa);
u64 softhost_share(struct softhost_interleave il, u64 size);
u64 softhost_fold(struct softhost_interleave il, u64 offset);
u64 softhost_unfold(struct softhost_interleave il, u64 dpa_offset, u32 position);
const struct softhost_decoder *softhost_decoder_find(const struct softhost_node *node,
						     const struct softhost_hdm *hdm,
						     u64 hpa, u64 *last);
const struct softhost_node *softhost_child_find(const struct softhost_node *node, u32 port,
						bool wanted);

static inline u32 softhost_ways(struct softhost_interleave il)
{
	return (il.three ? 3U : 1U) << il.bits;
}

/* Registers that a walk goes by: in force, or as a running command wants them */
static inline const struct softhost_hdm *softhost_registers(const struct softhost_node *node,
							    bool wanted)
{
	return wanted ? node->next : node->hdm;
}

static inline bool softhost_decoder_live(const struct softhost_decoder *decoder)
{
	return decoder->reg[SOFTHOST_REG_CTRL] & SOFTHOST_CTRL_COMMITTED;
}

/* The last HPA of a range that isn't empty: "strict-spec" lets it pass 2^64 */
static inline u64 softhost_latch_last(const struct softhost_latch *latch)
{
	u64 last = latch->base + (latch->size - 1);

	return last < latch->base ? U64_MAX : last;
}

static inline u64 softhost_decoder_base(const struct softhost_decoder *decoder)
{
	return (u64)decoder->reg[SOFTHOST_REG_BASE_HIGH] << 32 |
	       decoder->reg[SOFTHOST_REG_BASE_LOW];
}

static inline u64 softhost_decoder_size(const struct softhost_decoder *decoder)
{
	return (u64)decoder->reg[SOFTHOST_REG_SIZE_HIGH] << 32 |
	       decoder->reg[SOFTHOST_REG_SIZE_LOW];
}

static inline u64 softhost_decoder_skip(const struct softhost_decoder *decoder)
{
	return (u64)decoder->reg[SOFTHOST_REG_LIST_HIGH] << 32 |
	       decoder->reg[SOFTHOST_REG_LIST_LOW];
}

static inline u8 softhost_decoder_target(const struct softhost_decoder *decoder, u32 way)
{
	return decoder->reg[SOFTHOST_REG_LIST_LOW + way / 4] >> (way % 4 * 8);
}

static inline u64 softhost_capacity(const struct softhost_node *node)
{
	return node->partitions[0].length + node->partitions[1].length;
}

/* hdm.c: commit rules */

void softhost_hdm_commit(const struct softhost_node *node, struct softhost_hdm *hdm, u32 n,
			 u32 policy, struct cxl_softhost_result *result);
void softhost_hdm_restore(const struct softhost_node *node, struct softhost_hdm *hdm, u32 n,
			  u32 policy, u64 dpa_base, struct cxl_softhost_result *result);
void softhost_hdm_uncommit(struct softhost_hdm *hdm, u32 n);
void softhost_hdm_refuse(struct softhost_hdm *hdm, u32 n);
bool softhost_hdm_reset(const struct softhost_node *node, struct softhost_hdm *hdm);

/* regs.c: the register block, and what comes of using it */

void softhost_result_init(struct cxl_softhost_result *result);
u32 softhost_reg_read(const struct softhost_node *node, const struct softhost_hdm *hdm,
		      u32 offset, u32 width, u64 *value);
bool softhost_reg_write(const struct softhost_node *node, struct softhost_hdm *hdm, u32 policy,
			u32 offset, u32 width, u64 value,
			struct cxl_softhost_result *result);
bool softhost_decoder_count_code(u32 count, u32 *code);

/* state.c: registers to records and back */

u32 softhost_state_count(const struct softhost_node *node, const struct softhost_hdm *hdm);
u32 softhost_state_save(const struct softhost_node *node, const struct softhost_hdm *hdm,
			struct cxl_softhost_record *records);
bool softhost_state_ok(const struct softhost_node *node,
		       const struct cxl_softhost_record *record);
void softhost_state_restore(const struct softhost_node *node, struct softhost_hdm *hdm,
			    u32 policy, const struct cxl_softhost_record *record,
			    struct cxl_softhost_result *result);

/* Where in its backend a DPA lies, of the partition that softhost_partition_find() says */
static inline u64 softhost_backend_offset(const struct softhost_node *node, u32 partition,
					  u64 dpa)
{
	if (partition == CXL_SOFTHOST_PARTITION_PERSISTENT)
		dpa -= node->partitions[CXL_SOFTHOST_PARTITION_VOLATILE].length;
	return node->partitions[partition].offset + dpa;
}

/* walk.c: one address */

u32 softhost_gate(const struct softhost_hdm *hdm);
const struct softhost_node *softhost_only_child(const struct softhost_node *node, bool wanted);
u32 softhost_partition_find(const struct softhost_node *node, u64 dpa, u64 *rest);
void softhost_walk(const struct softhost_window *window, u64 hpa, bool wanted,
		   struct softhost_answer *answer);

/* route.c: windows + latches = segments */

void softhost_route(const struct softhost_topology *topology, struct softhost_map *map);
bool softhost_route_allowed(const struct softhost_topology *topology,
			    struct cxl_softhost_result *result);
void softhost_route_bound(const struct softhost_topology *topology,
			  struct softhost_bound *bound);
const struct softhost_segment *softhost_map_find(const struct softhost_map *map, u32 count,
						 u64 hpa, u64 *next);

/* Something would answer there, but the window's flags don't allow it */
static inline bool softhost_withheld(const struct softhost_segment *segment)
{
	return segment->reason == CXL_SOFTHOST_REASON_LINEAR_ONLY ||
	       segment->reason == CXL_SOFTHOST_REASON_IDENTITY;
}

/* plan.c: installed map + wanted map = steps */

/* An extent that should have a slot, but the engine has refused it */
static inline bool softhost_refused(const struct softhost_segment *segment)
{
	return segment->kind == CXL_SOFTHOST_SEGMENT_LINEAR &&
	       segment->reason == CXL_SOFTHOST_REASON_ENGINE;
}

static inline u32 softhost_plan_steps(const struct softhost_plan *plan)
{
	return plan->remove_count + plan->add_count;
}

void softhost_plan_make(const struct softhost_map *old, struct softhost_map *new,
			struct softhost_plan *plan);
bool softhost_map_equal(const struct softhost_map *a, const struct softhost_map *b);

#endif /* _SOFTHOST_CORE_H */
