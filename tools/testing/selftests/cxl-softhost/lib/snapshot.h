/* SPDX-License-Identifier: GPL-2.0-only */
/* All that can be read of a host, to see that a failure changed nothing (I4). */
#ifndef CXL_SOFTHOST_TEST_SNAPSHOT_H
#define CXL_SOFTHOST_TEST_SNAPSHOT_H

#include "fixture.h"

/* Quadwords of the HDM decoder structure: two, and four for each decoder */
#define SNAPSHOT_REGISTERS(decoders) (2 + 4 * (decoders))

struct snapshot_node {
	uint32_t id;
	unsigned int count;
	uint64_t registers[SNAPSHOT_REGISTERS(32)];
};

struct snapshot {
	struct cxl_softhost_info info;
	struct map map;
	struct snapshot_node nodes[1 + MAX_ENDPOINTS];
};

/* Of the nodes that @host knows an ID of */
void snapshot_take(struct snapshot *snapshot, const struct host *host);
void snapshot_free(struct snapshot *snapshot);
/* four bytes at @offset in the component register block */
uint32_t snapshot_register(const struct snapshot *snapshot, uint32_t node, uint32_t offset);
/*
 * Is @host still as in @before? A decoder of @node that got ERROR NOT COMMITTED
 * shows that now, and what was written to its Control register beside COMMIT;
 * CXL_SOFTHOST_NONE for no such decoder.
 */
bool check_registers(const char *file, int line, const struct snapshot *before,
		     const struct host *host, uint32_t node, uint32_t decoder);
bool check_unchanged(const char *file, int line, const struct snapshot *before,
		     const struct host *host, uint32_t node, uint32_t decoder);
/* EXPECT_REGISTERS - the registers alone */
#define EXPECT_REGISTERS(before, host, node, decoder)				\
	check_registers(__FILE__, __LINE__, before, host, node, decoder)
#define EXPECT_UNCHANGED(before, host)						\
	check_unchanged(__FILE__, __LINE__, before, host, 0, CXL_SOFTHOST_NONE)
#define EXPECT_ONLY_ERROR(before, host, node, decoder)				\
	check_unchanged(__FILE__, __LINE__, before, host, node, decoder)

#endif
