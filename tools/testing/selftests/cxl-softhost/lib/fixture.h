/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A host to test with: one host bridge, windows on it, endpoints below it.
 * What a field of the configuration leaves 0 gets the default named there.
 */
#ifndef CXL_SOFTHOST_TEST_FIXTURE_H
#define CXL_SOFTHOST_TEST_FIXTURE_H

#include "softhost.h"

#define WINDOW_HPA 0x100000000ULL
#define MAX_WINDOWS 8
#define MAX_ENDPOINTS 16
/* Partitions begin here in their backends: an offset of 0 would prove little. */
#define BACKEND_OFFSET (2ULL << 20)

#define VOLATILE CXL_SOFTHOST_PARTITION_VOLATILE
#define PERSISTENT CXL_SOFTHOST_PARTITION_PERSISTENT

struct host_config {
	struct {
		uint64_t hpa;
		uint64_t length;
	} windows[MAX_WINDOWS];		/* one of 4 units at WINDOW_HPA */
	unsigned int bridge_decoders;	/* none: passes everything on */
	unsigned int ports;		/* as many as endpoints */
	unsigned int target_count;	/* 8, if there are bridge_decoders */
	unsigned int endpoints;		/* 1; at ports 0, 1, ... */
	unsigned int volatile_units;	/* 2, if both are 0 */
	unsigned int persistent_units;	/* 2, if both are 0 */
	unsigned int decoders;		/* of each endpoint: 4 */
	uint32_t flags;			/* of endpoints, beside A11_8 and A14_12 */
	uint32_t without;		/* flags that endpoints shall not have */
};

struct endpoint {
	uint32_t id;
	uint32_t backends[2];
	uint64_t lengths[2];		/* of the partitions */
	uint8_t *memory[2];		/* of the partitions */
};

struct host {
	int fd;
	struct host_config config;	/* with the defaults filled in */
	uint32_t bridge;
	unsigned int window_count;
	uint32_t windows[MAX_WINDOWS];
	struct endpoint endpoints[MAX_ENDPOINTS];
};

/* address space with nothing behind it until it is touched */
uint8_t *memory_reserve(uint64_t length);
uint64_t backend_cookie(unsigned int endpoint, unsigned int partition);

void host_create(struct host *host, const struct host_config *config);
/* the same, on a device that is open already */
void host_create_on(int fd, struct host *host, const struct host_config *config);
/* an endpoint anew that is no longer there, on the backends that it had */
int __host_create_endpoint(const struct host *host, unsigned int number, uint32_t *id);
void host_create_endpoint(struct host *host, unsigned int number);
/* close the device; backends' memory stays */
void host_close(struct host *host);
/* HDM Decoder Enable and Mem_Enable */
void host_enable(struct host *host, unsigned int endpoint);
void host_enable_all(struct host *host);

/* Commit an endpoint's decoder with one way and no skip. */
struct cxl_softhost_result host_commit(struct host *host, unsigned int endpoint,
				       unsigned int decoder, uint64_t base, uint64_t size);
/* Commit a host bridge decoder that routes to one port. */
struct cxl_softhost_result host_commit_bridge(struct host *host, unsigned int decoder,
					      uint64_t base, uint64_t size, unsigned int port);
struct cxl_softhost_result host_uncommit(struct host *host, unsigned int endpoint,
					 unsigned int decoder);

/*
 * How many of the configured windows @map lists: each wholly, in ascending order,
 * without a gap. 0 if it lists anything else.
 */
unsigned int host_windows_in(const struct host *host, const struct map *map);

#endif
