// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * libcxlsofthost: what a guest has programmed, saved and restored.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include <cxlsofthost/host.h>
#include <cxlsofthost/state.h>

int cxlsh_state_save(int fd, struct cxl_softhost_record **records, uint32_t *count)
{
	struct cxl_softhost_state_get cmd = { .count = 0 };
	struct cxl_softhost_record *room = NULL;
	int ret;

	/* The second time it's enough, unless the guest goes on */
	while ((ret = cxlsh_state_get(fd, &cmd)) == -EMSGSIZE) {
		free(room);
		room = calloc(cmd.count, sizeof(*room));
		if (!room)
			return -ENOMEM;
		cmd.entries = (uintptr_t)room;
	}
	if (ret) {
		free(room);
		return ret;
	}
	*records = room;
	*count = cmd.count;
	return 0;
}

static const struct cxlsh_state_id *cxlsh_state_find(const struct cxlsh_state_id *ids,
						     uint32_t id_count, uint32_t from)
{
	for (uint32_t i = 0; i < id_count; i++)
		if (ids[i].from == from)
			return &ids[i];
	return NULL;
}

static bool cxlsh_state_has_node(const struct cxl_softhost_record *record)
{
	return record->kind == CXL_SOFTHOST_RECORD_NODE ||
	       record->kind == CXL_SOFTHOST_RECORD_DECODER;
}

int cxlsh_state_rename(struct cxl_softhost_record *records, uint32_t count,
		       const struct cxlsh_state_id *ids, uint32_t id_count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (cxlsh_state_has_node(&records[i])) {
			if (!cxlsh_state_find(ids, id_count, records[i].node_id))
				return -ENOENT;
		} else if (records[i].kind != CXL_SOFTHOST_RECORD_SLOT) {
			return -EINVAL;
		}
	}
	for (uint32_t i = 0; i < count; i++)
		if (cxlsh_state_has_node(&records[i]))
			records[i].node_id = cxlsh_state_find(ids, id_count,
							      records[i].node_id)->to;
	return 0;
}

int cxlsh_state_restore(int fd, const struct cxl_softhost_record *records, uint32_t count,
			struct cxl_softhost_result *result, uint32_t *record)
{
	struct cxl_softhost_state_set cmd = {
		.count = count,
		.entries = (uintptr_t)records,
		.out_record = CXL_SOFTHOST_NONE,
	};
	int ret = cxlsh_state_set(fd, &cmd);

	if (record)
		*record = cmd.out_record;
	if (ret)
		return ret;
	*result = cmd.out_result;
	return 0;
}
