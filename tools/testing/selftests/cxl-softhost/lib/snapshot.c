// SPDX-License-Identifier: GPL-2.0-only
/* All that can be read of a host. */
#include <string.h>

#include "snapshot.h"

static void take_node(struct snapshot_node *node, int fd, uint32_t id, unsigned int decoders)
{
	unsigned int i;

	node->id = id;
	node->count = id && decoders ? SNAPSHOT_REGISTERS(decoders) : 0;
	for (i = 0; i < node->count; i++)
		node->registers[i] = reg_read(fd, id, CXL_SOFTHOST_HDM_BASE + 8 * i, 8);
}

void snapshot_take(struct snapshot *snapshot, const struct host *host)
{
	unsigned int i;

	snapshot->info = softhost_info(host->fd);
	snapshot->map = map_get(host->fd);
	take_node(&snapshot->nodes[0], host->fd, host->bridge, host->config.bridge_decoders);
	for (i = 0; i < MAX_ENDPOINTS; i++)
		take_node(&snapshot->nodes[1 + i], host->fd, host->endpoints[i].id,
			  host->config.decoders);
}

void snapshot_free(struct snapshot *snapshot)
{
	map_free(&snapshot->map);
}

uint32_t snapshot_register(const struct snapshot *snapshot, uint32_t node, uint32_t offset)
{
	unsigned int i;

	offset -= CXL_SOFTHOST_HDM_BASE;
	for (i = 0; i < ARRAY_SIZE(snapshot->nodes); i++)
		if (node && snapshot->nodes[i].id == node && offset / 8 < snapshot->nodes[i].count)
			return snapshot->nodes[i].registers[offset / 8] >> offset % 8 * 8;
	test_fail(__FILE__, __LINE__, "node %u: no register %#x in the snapshot", node, offset);
	test_end();
}

static bool check_node(const char *file, int line, const struct snapshot_node *before,
		       const struct snapshot_node *after, uint32_t decoder)
{
	const uint64_t results = CONTROL_COMMIT | CONTROL_COMMITTED | CONTROL_ERROR;
	const unsigned int control = (HDM_DECODER(decoder) + HDM_CONTROL -
				      CXL_SOFTHOST_HDM_BASE) / 8;
	unsigned int i;

	for (i = 0; i < before->count; i++) {
		uint64_t expected = before->registers[i], ignored = 0;

		if (decoder != CXL_SOFTHOST_NONE && i == control) {
			/* What was written beside COMMIT stays. */
			ignored = 0xffffffff & ~results;
			expected = (expected & ~results) | CONTROL_COMMIT | CONTROL_ERROR;
		}
		if (((after->registers[i] ^ expected) & ~ignored) == 0)
			continue;
		test_fail(file, line, "node %u, register %#x: expected %#llx, found %#llx",
			  before->id, CXL_SOFTHOST_HDM_BASE + 8 * i,
			  (unsigned long long)expected, (unsigned long long)after->registers[i]);
		return false;
	}
	return true;
}

static bool check_nodes(const char *file, int line, const struct snapshot *before,
			const struct snapshot *after, uint32_t node, uint32_t decoder)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(after->nodes); i++)
		if (!check_node(file, line, &before->nodes[i], &after->nodes[i],
				before->nodes[i].id == node ? decoder : CXL_SOFTHOST_NONE))
			return false;
	return true;
}

bool check_registers(const char *file, int line, const struct snapshot *before,
		     const struct host *host, uint32_t node, uint32_t decoder)
{
	struct snapshot after;
	bool same;

	snapshot_take(&after, host);
	same = check_nodes(file, line, before, &after, node, decoder);
	snapshot_free(&after);
	return same;
}

bool check_unchanged(const char *file, int line, const struct snapshot *before,
		     const struct host *host, uint32_t node, uint32_t decoder)
{
	struct snapshot after;
	bool same = true;

	snapshot_take(&after, host);
	if (memcmp(&before->info, &after.info, sizeof(after.info))) {
		test_fail(file, line,
			  "INFO: expected engine %u, %u slots, %llu bytes, generation %llu, found %u, %u, %llu, %llu",
			  before->info.out_engine, before->info.out_slots_used,
			  (unsigned long long)before->info.out_host_bytes,
			  (unsigned long long)before->info.out_generation,
			  after.info.out_engine, after.info.out_slots_used,
			  (unsigned long long)after.info.out_host_bytes,
			  (unsigned long long)after.info.out_generation);
		same = false;
	}
	if (!map_equal(&before->map, &after.map)) {
		test_fail(file, line, "MAP_GET: another map, it was:");
		map_note(&before->map);
		test_note("and is:");
		map_note(&after.map);
		same = false;
	}
	same &= check_nodes(file, line, before, &after, node, decoder);
	snapshot_free(&after);
	return same;
}
