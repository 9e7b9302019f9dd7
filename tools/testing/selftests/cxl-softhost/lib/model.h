/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every byte of the windows should be, worked out from what a test
 * programmed: an expectation of its own, one address at a time.
 */
#ifndef CXL_SOFTHOST_TEST_MODEL_H
#define CXL_SOFTHOST_TEST_MODEL_H

#include "fixture.h"

struct model_decoder {
	bool committed;
	uint64_t base;
	uint64_t size;
	unsigned int ways;
	uint64_t granularity;
	uint64_t dpa;		/* endpoints: latched when it was committed */
	uint64_t targets;	/* bridges */
};

struct model_endpoint {
	bool hdm_enable;
	bool mem_enable;
	bool media_disabled;
	bool destroyed;
	struct model_decoder decoders[10];
};

struct model {
	struct host *host;
	bool engine;		/* attached: what answers is mapped */
	struct model_decoder bridge[32];
	struct model_endpoint endpoints[MAX_ENDPOINTS];
};

/* What is at one address. */
struct model_answer {
	uint64_t reasons;	/* 0, or a bit for each reason that would be right */
	bool interleaved;	/* more than one way on the path */
	unsigned int window;	/* these are indexes, valid if nothing is wrong */
	unsigned int endpoint;
	unsigned int partition;
	uint64_t dpa;
	uint64_t backend_offset;
	uint8_t *host_addr;
};

void model_init(struct model *model, struct host *host);
/* an endpoint's decoder became COMMITTED, or a bridge's */
void model_commit(struct model *model, unsigned int endpoint, unsigned int number,
		  const struct decoder *values);
void model_commit_bridge(struct model *model, unsigned int number,
			 const struct decoder *values);
struct model_answer model_at(const struct model *model, uint64_t hpa);

/* MAP_GET and TRANSLATE tell what the model tells, in every window. */
bool check_model(const char *file, int line, const struct model *model);
#define EXPECT_AS_MODELLED(model) check_model(__FILE__, __LINE__, model)

unsigned int ways_of_code(unsigned int code);

#endif
