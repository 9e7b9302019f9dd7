/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A fake of the module's run-time commands: it stores registers, answers what
 * it is told to, and remembers what it was asked.
 */
#ifndef CXLSOFTHOST_TEST_FAKE_H
#define CXLSOFTHOST_TEST_FAKE_H

#include <cxlsofthost/host.h>

#define FAKE_NODES 4
#define FAKE_CALLS 256
#define FAKE_RANGES 8

enum fake_op {
	FAKE_READ = 1, FAKE_WRITE, FAKE_SET, FAKE_RESET, FAKE_TRANSLATE
};

struct fake_call {
	enum fake_op op;
	uint32_t node_id;
	uint64_t offset;	/* of registers; NODE_SET: mask; TRANSLATE: HPA */
	uint32_t width;
	uint64_t value;		/* NODE_SET: mem_enable | media << 8 */
};

/* A part of the address space; what lies in none is NO_WINDOW */
struct fake_range {
	uint64_t hpa;
	uint64_t length;
	uint32_t reason;
	uint32_t backend_id;
	uint64_t cookie;
	uint64_t backend_offset;
};

/* A part that is spread over @ways backends, @first_backend and those after it */
struct fake_interleave {
	uint64_t hpa;
	uint64_t length;
	uint64_t granule;
	uint32_t ways;
	uint32_t first_backend;	/* its cookie and the others': ID times 100 */
	uint32_t silent;	/* bit mask of ways that don't answer, by @reason */
	uint32_t reason;
};

struct fake {
	struct cxlsh_host host;
	struct fake_call calls[FAKE_CALLS];
	unsigned int count;

	/* CXL.cachemem range by node ID */
	uint8_t regs[FAKE_NODES][CXL_SOFTHOST_CM_SIZE];
	/* Answered NOT_MINE: [offset, offset + 4) of the range */
	uint32_t not_mine;

	/* Fail ops of this kind, after @fail_after of them went well */
	enum fake_op fail_op;
	unsigned int fail_after;
	int fail_with;

	/* Refuse (with @refuse_reason) this node's commits, or its NODE_SET */
	uint32_t refuse_commit;
	uint32_t refuse_set;
	uint32_t refuse_reason;
	/* Ignore (LIVE) this node's register writes */
	uint32_t ignore_writes;

	struct fake_range ranges[FAKE_RANGES];
	struct fake_interleave interleave;

	/* What the result callback heard */
	unsigned int results;
	uint32_t last_node;
	struct cxl_softhost_result last;
};

void fake_init(struct fake *fake);
/* How often was @op called? */
unsigned int fake_calls(const struct fake *fake, enum fake_op op);
void fake_forget(struct fake *fake);

#endif /* CXLSOFTHOST_TEST_FAKE_H */
