// SPDX-License-Identifier: GPL-2.0-only
/* A host to test with. */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>

#include "fixture.h"

uint8_t *memory_reserve(uint64_t length)
{
	const uint64_t align = 1ULL << 30;
	uint8_t *memory = mmap(NULL, length + align, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	ASSERT_TRUE(memory != MAP_FAILED);
	return (uint8_t *)(((uintptr_t)memory + align - 1) & ~(align - 1));
}

uint64_t backend_cookie(unsigned int endpoint, unsigned int partition)
{
	return 0xc0ffee0000000000ULL | endpoint << 8 | partition;
}

static void fill_in_defaults(struct host_config *config)
{
	if (!config->windows[0].length) {
		config->windows[0].hpa = WINDOW_HPA;
		config->windows[0].length = 4 * UNIT;
	}
	if (!config->endpoints)
		config->endpoints = 1;
	if (!config->ports)
		config->ports = config->endpoints;
	if (!config->target_count && config->bridge_decoders)
		config->target_count = 8;
	if (!config->volatile_units && !config->persistent_units) {
		config->volatile_units = 2;
		config->persistent_units = 2;
	}
	if (!config->decoders)
		config->decoders = 4;
}

static void create_bridge(struct host *host)
{
	struct cxl_softhost_node_create node = {
		.kind = CXL_SOFTHOST_NODE_HOST_BRIDGE,
		.ports = host->config.ports,
		.decoder_count = host->config.bridge_decoders,
		.target_count = host->config.target_count,
	};

	if (host->config.bridge_decoders)
		node.flags = CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8 |
			     CXL_SOFTHOST_NODE_A14_12;
	if (host->config.bridge_decoders > 16)
		node.flags |= CXL_SOFTHOST_NODE_MANY_DECODERS;
	host->bridge = node_create(host->fd, &node);
}

static void create_backends(struct host *host, unsigned int number)
{
	struct endpoint *endpoint = &host->endpoints[number];
	unsigned int i;

	endpoint->lengths[VOLATILE] = host->config.volatile_units * UNIT;
	endpoint->lengths[PERSISTENT] = host->config.persistent_units * UNIT;
	for (i = 0; i < 2; i++) {
		uint64_t length = endpoint->lengths[i];
		uint8_t *memory;

		if (!length)
			continue;
		memory = memory_reserve(BACKEND_OFFSET + length);
		endpoint->backends[i] = backend_create(host->fd, memory, BACKEND_OFFSET + length,
						       backend_cookie(number, i));
		endpoint->memory[i] = memory + BACKEND_OFFSET;
	}
}

int __host_create_endpoint(const struct host *host, unsigned int number, uint32_t *id)
{
	const struct endpoint *endpoint = &host->endpoints[number];
	struct cxl_softhost_node_create node = {
		.flags = (CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8 |
			  CXL_SOFTHOST_NODE_A14_12 | host->config.flags) & ~host->config.without,
		.kind = CXL_SOFTHOST_NODE_ENDPOINT,
		.parent_id = host->bridge,
		.port = number,
		.decoder_count = host->config.decoders,
	};
	unsigned int i;

	for (i = 0; i < 2; i++)
		if (endpoint->lengths[i])
			node.partitions[i] = (struct cxl_softhost_partition){
				.length = endpoint->lengths[i],
				.offset = BACKEND_OFFSET,
				.backend_id = endpoint->backends[i],
			};
	return __node_create(host->fd, &node, id);
}

void host_create_endpoint(struct host *host, unsigned int number)
{
	ASSERT_RETURN(0, __host_create_endpoint(host, number, &host->endpoints[number].id));
}

void host_create_on(int fd, struct host *host, const struct host_config *config)
{
	unsigned int i;

	*host = (struct host){ .fd = fd };
	if (config)
		host->config = *config;
	fill_in_defaults(&host->config);
	create_bridge(host);
	for (i = 0; i < MAX_WINDOWS && host->config.windows[i].length; i++) {
		host->windows[i] = window_create(host->fd, host->config.windows[i].hpa,
						 host->config.windows[i].length, host->bridge);
		host->window_count++;
	}
	for (i = 0; i < host->config.endpoints; i++) {
		create_backends(host, i);
		host_create_endpoint(host, i);
	}
}

void host_create(struct host *host, const struct host_config *config)
{
	host_create_on(softhost_open(), host, config);
}

void host_close(struct host *host)
{
	ASSERT_DONE(close(host->fd));
	host->fd = -1;
}

void host_enable(struct host *host, unsigned int endpoint)
{
	uint32_t id = host->endpoints[endpoint].id;

	ASSERT_RESULT(DONE, NONE, reg_write(host->fd, id, HDM_GLOBAL, 4, HDM_GLOBAL_ENABLE));
	ASSERT_RESULT(DONE, NONE, node_set_mem_enable(host->fd, id, 1));
}

void host_enable_all(struct host *host)
{
	unsigned int i;

	for (i = 0; i < host->config.endpoints; i++)
		host_enable(host, i);
}

struct cxl_softhost_result host_commit(struct host *host, unsigned int endpoint,
				       unsigned int decoder, uint64_t base, uint64_t size)
{
	struct decoder values = { .base = base, .size = size };

	return decoder_commit(host->fd, host->endpoints[endpoint].id, decoder, &values);
}

struct cxl_softhost_result host_commit_bridge(struct host *host, unsigned int decoder,
					      uint64_t base, uint64_t size, unsigned int port)
{
	struct decoder values = { .base = base, .size = size, .extra = port };

	return decoder_commit(host->fd, host->bridge, decoder, &values);
}

struct cxl_softhost_result host_uncommit(struct host *host, unsigned int endpoint,
					 unsigned int decoder)
{
	return decoder_uncommit(host->fd, host->endpoints[endpoint].id, decoder);
}

/* The segments of @map from @from on, as long as they are of one window. */
static unsigned int window_end(const struct map *map, unsigned int from, uint64_t *length)
{
	const struct cxl_softhost_segment *first = &map->segments[from];
	unsigned int i;

	*length = 0;
	for (i = from; i < map->count; i++) {
		const struct cxl_softhost_segment *segment = &map->segments[i];

		if (segment->window_id != first->window_id || !segment->length ||
		    segment->hpa != first->hpa + *length)
			break;
		*length += segment->length;
	}
	return i;
}

unsigned int host_windows_in(const struct host *host, const struct map *map)
{
	unsigned int i, next, window = 0, found = 0;
	uint64_t length;

	for (i = 0; i < map->count; i = next, window++) {
		next = window_end(map, i, &length);
		while (window < MAX_WINDOWS &&
		       (host->config.windows[window].hpa != map->segments[i].hpa ||
			host->config.windows[window].length != length))
			window++;
		if (window == MAX_WINDOWS)
			return 0;
		found++;
	}
	return found;
}
