/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A second opinion on CXL decoding, made to be obviously right and not to be
 * fast: a component's registers are bytes with write masks, a commit is judged
 * by asking each rule of every other decoder, and an address is decoded one
 * byte at a time, one level after the other. Nothing here thinks in segments,
 * and nothing here comes from the code that it is compared with.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>
#include <stdint.h>

#define MODEL_DECODERS 32
#define MODEL_NODES 96
#define MODEL_WINDOWS 4
#define MODEL_WAYS 16
#define MODEL_MAPS 4
#define MODEL_CM_SIZE 4096

enum model_kind {
	MODEL_BRIDGE,
	MODEL_SWITCH,
	MODEL_DEVICE,
};

/* What a write came to */
enum model_verdict {
	MODEL_STORED,		/* or nothing to do */
	MODEL_COMMITTED,
	MODEL_UNCOMMITTED,
	MODEL_REFUSED,
	MODEL_IGNORED,
	MODEL_FOREIGN,		/* not served here */
};

/* Rules that a refused commit broke; there may be several */
enum model_rule {
	MODEL_RULE_ORDER = 1 << 0,
	MODEL_RULE_BELOW = 1 << 1,
	MODEL_RULE_ABOVE = 1 << 2,
	MODEL_RULE_WRAP = 1 << 3,
	MODEL_RULE_SIZE_WAYS = 1 << 4,
	MODEL_RULE_WAYS_RESERVED = 1 << 5,
	MODEL_RULE_WAYS_UNSUPPORTED = 1 << 6,
	MODEL_RULE_WAYS_TARGETS = 1 << 7,
	MODEL_RULE_GRANULARITY_RESERVED = 1 << 8,
	MODEL_RULE_GRANULARITY_UNSUPPORTED = 1 << 9,
	MODEL_RULE_DUPLICATE = 1 << 10,
	MODEL_RULE_CAPACITY = 1 << 11,
	MODEL_RULE_PARTITION = 1 << 12,
	MODEL_RULE_DPA_OVERLAP = 1 << 13,
};

/* Why nothing answers at an address; there may be several */
enum model_silence {
	MODEL_NO_WINDOW = 1 << 0,
	MODEL_NO_DECODER = 1 << 1,
	MODEL_NO_TARGET = 1 << 2,
	MODEL_NO_DEVICE_DECODER = 1 << 3,
	MODEL_HDM_OFF = 1 << 4,
	MODEL_MEM_OFF = 1 << 5,
	MODEL_MEDIA_OFF = 1 << 6,
};

struct model_partition {
	uint64_t length;
	uint64_t offset;	/* into the backend */
	unsigned int backend;
};

/* What a committed decoder was committed with */
struct model_claim {
	bool live;
	uint64_t base, size;
	uint64_t dpa;		/* of the first byte */
	unsigned int ways;
	uint64_t granule;
	uint8_t ports[8];
};

struct model_node {
	/* Set by whoever builds the model */
	enum model_kind kind;
	bool present;
	bool strict;		/* alias rules are asked of locked commits only */
	bool has_hdm;
	unsigned int decoders;
	unsigned int targets;
	bool bits_8_11, bits_12_14, ways_3_6_12, ways_16;
	int above;		/* index of the component above, or -1 */
	unsigned int port;	/* below which port of it */
	struct model_partition partitions[2];
	bool mem_on, media_ok;

	/* The model's own */
	uint8_t bytes[MODEL_CM_SIZE];
	uint8_t writable[MODEL_CM_SIZE];
	bool foreign[MODEL_CM_SIZE];
	struct model_claim claims[MODEL_DECODERS];
};

struct model_window {
	uint64_t base, length;
	unsigned int ways;
	uint64_t granule;
	unsigned int map_count;	/* 0: modulo arithmetic */
	uint64_t maps[MODEL_MAPS];
	bool linear_only;
	bool identity;		/* with it: what belongs where */
	unsigned int backend;
	uint64_t backend_offset;	/* at @base */
	int targets[MODEL_WAYS];
};

struct model {
	struct model_node nodes[MODEL_NODES];
	unsigned int node_count;
	struct model_window windows[MODEL_WINDOWS];
	unsigned int window_count;
};

struct model_write {
	enum model_verdict verdict;
	unsigned int broken;	/* enum model_rule, of a refusal */
	int decoder;		/* that it was about, or -1 */
	bool interleaved;	/* of a commit */
};

/* Where one address ends up */
struct model_answer {
	bool answers;
	unsigned int silence;	/* enum model_silence if not */
	int window;		/* -1: none */
	int node;		/* that answers, or at which the way ended */
	unsigned int levels;	/* components on the way to it, itself included */
	/* Of the levels it passed that have more than one way, the smallest; or 0 */
	uint64_t granule;
	int decoder;		/* of the device */
	uint64_t dpa;
	unsigned int partition;
	unsigned int backend;
	uint64_t backend_offset;
};

/* All the ways that lead from an address on, whichever of them it takes itself */
struct model_survey {
	bool divided;		/* a level has more than one */
	unsigned int answering;	/* devices */
	unsigned int dead_ends;
	unsigned int silence;	/* enum model_silence of the first one */
	int node;		/* where it is */
};

/* The first byte of a window that isn't as the window's flags ask for */
struct model_breach {
	uint64_t hpa;
	bool divided;		/* more than one way leads from it; else it is misplaced */
	uint64_t expected, found;	/* what a refusal tells */
};

/* model-regs.c */
void model_node_init(struct model_node *node);
/* Structures shown in the capability array, but served by somebody else */
void model_node_foreign(struct model_node *node, unsigned int element, uint16_t id,
			uint16_t version, uint16_t offset, uint16_t length);
bool model_read(const struct model_node *node, uint64_t offset, unsigned int width,
		uint64_t *value);
void model_write(struct model_node *node, uint64_t offset, unsigned int width, uint64_t value,
		 struct model_write *result);
void model_reset(struct model_node *node);
/* Somebody else had no room for what decoder @n maps, or doesn't allow it */
void model_refuse(struct model_node *node, unsigned int n);
/* The 32 bits at @offset of the CXL.cachemem range */
uint32_t model_dword(const struct model_node *node, unsigned int offset);
/* Where decoder @n's registers are in it */
unsigned int model_decoder_at(unsigned int n);

/* model-rules.c */
unsigned int model_judge(const struct model_node *node, unsigned int n,
			 struct model_claim *claim);

/* model-decode.c */
void model_decode(const struct model *model, uint64_t hpa, struct model_answer *answer);
/* Which live decoder of @node an address hits, or -1 */
int model_hit(const struct model_node *node, uint64_t hpa);

/* model-ways.c */
void model_survey(const struct model *model, uint64_t hpa, struct model_survey *survey);
/* With all devices enabled, is there a byte that mustn't be as it is? The first one. */
bool model_breach(const struct model *model, struct model_breach *breach);

/* Steps of a way, model-decode.c */
int model_window_at(const struct model *model, uint64_t hpa);
unsigned int model_position(const struct model_window *window, uint64_t hpa);
/* Index of what is below @above at @port (-1: any, there is one at most), or -1 */
int model_below(const struct model *model, int above, int port);
/* enum model_silence of a device, 0 if it answers */
unsigned int model_device_silence(const struct model_node *node, uint64_t hpa);

#endif /* MODEL_H */
