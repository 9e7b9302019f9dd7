// SPDX-License-Identifier: GPL-2.0-only
/*
 * The map as a whole, and what a pending change does to it: copied without any
 * lock that is held across KVM.
 */
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "softhost.h"

/*
 * Copy what *@from points to if it fits into @room segments. Returns its
 * capacity, which only set-up changes.
 */
static u32 softhost_snapshot_copy(struct softhost_host *host, struct softhost_map __rcu **from,
				  struct softhost_map *copy, u32 room)
{
	u32 capacity;
	int seq = 0;

	softhost_read_begin(host, &seq);
	do {
		const struct softhost_map *map = rcu_dereference(*from);

		capacity = map->capacity;
		if (capacity > room)
			continue;
		copy->count = min(READ_ONCE(map->count), capacity);
		copy->condemned = min(READ_ONCE(map->condemned), capacity - copy->count);
		copy->generation = map->generation;
		memcpy(copy->segments, map->segments,
		       (size_t)(copy->count + copy->condemned) * sizeof(map->segments[0]));
	} while (softhost_read_again(host, &seq));
	return capacity;
}

DEFINE_FREE(softhost_map, struct softhost_map *, kvfree(_T))

/* A copy of the map in force, or of the deltas */
static struct softhost_map *softhost_snapshot(struct softhost_host *host,
					      struct softhost_map __rcu **from)
{
	struct softhost_map *copy = NULL;
	u32 capacity, room = 0;

	for (;;) {
		scoped_guard(rcu)
			capacity = softhost_snapshot_copy(host, from, copy, room);
		if (capacity <= room)
			return copy;
		kvfree(copy);
		copy = kvmalloc(struct_size(copy, segments, capacity), GFP_KERNEL_ACCOUNT);
		if (!copy)
			return NULL;
		room = capacity;
	}
}

/* KVM can use a page size if HPA and host address agree modulo it, and one fits */
static void softhost_page_sizes(struct cxl_softhost_segment *entry)
{
	static const u32 sizes[] = { PAGE_SIZE, SZ_2M, SZ_1G };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		u64 first = ALIGN(entry->hpa, (u64)sizes[i]);

		if ((entry->hpa ^ entry->host_addr) & (sizes[i] - 1))
			entry->misaligned |= sizes[i];
		else if (first + sizes[i] <= entry->hpa + entry->length)
			entry->page_sizes |= sizes[i];
	}
}

static void softhost_segment_show(struct cxl_softhost_segment *entry,
				  const struct softhost_segment *segment)
{
	*entry = (struct cxl_softhost_segment){
		.hpa = segment->hpa,
		.length = segment->length,
		.dpa = segment->dpa,
		.backend_offset = segment->backend_offset,
		.cookie = segment->cookie,
		.host_addr = segment->host_addr,
		.window_id = segment->window_id,
		.node_id = segment->node_id,
		.backend_id = segment->backend_id,
		.partition = segment->partition,
		.kind = segment->kind,
		.reason = segment->reason,
		.slot = segment->slot,
	};
	if (segment->kind == CXL_SOFTHOST_SEGMENT_HOLE ||
	    segment->kind == CXL_SOFTHOST_SEGMENT_INTERLEAVED)
		return;
	softhost_page_sizes(entry);
	if (segment->slot == CXL_SOFTHOST_NONE && !softhost_refused(segment))
		entry->reason = CXL_SOFTHOST_REASON_NO_ENGINE;
}

/* Where memory lies in the owner's address space is nobody else's business */
static void softhost_hide(struct cxl_softhost_segment *entry, u32 rights)
{
	if (!(rights & CXL_SOFTHOST_RIGHT_SET_UP))
		entry->host_addr = 0;
}

int softhost_map_get_ioctl(struct softhost_ucmd *ucmd)
{
	struct cxl_softhost_map_get *cmd = ucmd->cmd;
	u32 least = offsetofend(struct cxl_softhost_segment, misaligned);
	u32 i, total;
	int ret;

	if (cmd->flags)
		return -EOPNOTSUPP;
	if (!softhost_entry_size_ok(cmd->entry_size, least))
		return -EINVAL;

	struct softhost_map *map __free(softhost_map) = softhost_snapshot(ucmd->host,
									  &ucmd->host->map);
	if (!map)
		return -ENOMEM;
	total = map->count + map->condemned;
	cmd->out_generation = map->generation;
	if (cmd->count < total) {
		cmd->count = total;
		return -EMSGSIZE;
	}
	cmd->count = total;
	for (i = 0; i < total; i++) {
		struct cxl_softhost_segment entry;

		softhost_segment_show(&entry, &map->segments[i]);
		softhost_hide(&entry, ucmd->rights);
		ret = softhost_entry_put(cmd->entries, i, cmd->entry_size, &entry, sizeof(entry));
		if (ret)
			return ret;
	}
	return 0;
}

int softhost_deltas_ioctl(struct softhost_ucmd *ucmd)
{
	struct cxl_softhost_deltas *cmd = ucmd->cmd;
	u32 least = offsetofend(struct cxl_softhost_delta, __reserved);
	u32 i;
	int ret;

	if (cmd->flags)
		return -EOPNOTSUPP;
	if (!softhost_entry_size_ok(cmd->entry_size, least))
		return -EINVAL;
	if (!cmd->token)
		return -ESTALE;

	struct softhost_map *deltas __free(softhost_map) = softhost_snapshot(ucmd->host,
									     &ucmd->host->deltas);
	if (!deltas)
		return -ENOMEM;
	if (deltas->generation != cmd->token)
		return -ESTALE;
	if (cmd->count < deltas->count) {
		cmd->count = deltas->count;
		return -EMSGSIZE;
	}
	cmd->count = deltas->count;
	for (i = 0; i < deltas->count; i++) {
		struct cxl_softhost_delta entry = { .direction = deltas->segments[i].direction };

		softhost_segment_show(&entry.segment, &deltas->segments[i]);
		softhost_hide(&entry.segment, ucmd->rights);
		ret = softhost_entry_put(cmd->entries, i, cmd->entry_size, &entry, sizeof(entry));
		if (ret)
			return ret;
	}
	return 0;
}
