// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looking at the map, without any lock that is held across KVM.
 */
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "softhost.h"

/* Bytes to the next segment above, or to the end of the address space */
static u64 softhost_gap(u64 addr, u64 next)
{
	return next || addr ? next - addr : U64_MAX;
}

static void softhost_translate_fill(struct cxl_softhost_translate *cmd,
				    const struct softhost_segment *segment, u64 offset)
{
	cmd->out_hpa = segment->hpa + offset;
	cmd->out_length = segment->length - offset;
	cmd->out_window_id = segment->window_id;
	cmd->out_node_id = segment->node_id;
	cmd->out_reason = segment->reason;
	cmd->out_dpa = 0;
	cmd->out_backend_offset = 0;
	cmd->out_cookie = 0;
	cmd->out_backend_id = 0;
	cmd->out_partition = 0;
	if (segment->kind != CXL_SOFTHOST_SEGMENT_LINEAR)
		return;
	cmd->out_dpa = segment->dpa + offset;
	cmd->out_backend_offset = segment->backend_offset + offset;
	cmd->out_cookie = segment->cookie;
	cmd->out_backend_id = segment->backend_id;
	cmd->out_partition = segment->partition;
}

static void softhost_translate_hpa(const struct softhost_map *map, u32 count,
				   struct cxl_softhost_translate *cmd)
{
	const struct softhost_segment *segment;
	u64 next = 0;

	segment = softhost_map_find(map, count, cmd->addr, &next);
	if (segment) {
		softhost_translate_fill(cmd, segment, cmd->addr - segment->hpa);
	} else {
		struct softhost_segment nothing = {
			.hpa = cmd->addr,
			.length = softhost_gap(cmd->addr, next),
			.reason = CXL_SOFTHOST_REASON_NO_WINDOW,
		};

		softhost_translate_fill(cmd, &nothing, 0);
	}
}

/* Segments are sorted by HPA, so the first hit is the lowest one */
static void softhost_translate_dpa(const struct softhost_map *map, u32 count,
				   struct cxl_softhost_translate *cmd)
{
	struct softhost_segment nothing = {
		.node_id = cmd->node_id,
		.reason = CXL_SOFTHOST_REASON_NOT_MAPPED,
	};
	u64 next = 0;
	u32 i;

	for (i = 0; i < count; i++) {
		const struct softhost_segment *segment = &map->segments[i];

		if (segment->kind != CXL_SOFTHOST_SEGMENT_LINEAR ||
		    segment->node_id != cmd->node_id)
			continue;
		if (cmd->addr >= segment->dpa && cmd->addr - segment->dpa < segment->length) {
			softhost_translate_fill(cmd, segment, cmd->addr - segment->dpa);
			return;
		}
		if (segment->dpa > cmd->addr && (!next || segment->dpa < next))
			next = segment->dpa;
	}
	nothing.length = softhost_gap(cmd->addr, next);
	softhost_translate_fill(cmd, &nothing, 0);
	cmd->out_dpa = cmd->addr;
}

static int softhost_translate_check(struct softhost_host *host,
				    const struct cxl_softhost_translate *cmd)
{
	struct softhost_object *object;

	if (!(cmd->flags & CXL_SOFTHOST_TRANSLATE_FROM_DPA))
		return cmd->node_id ? -EINVAL : 0;
	object = softhost_object_get(host, cmd->node_id, SOFTHOST_OBJECT_NODE);
	if (IS_ERR(object))
		return PTR_ERR(object);
	return to_softhost_node(object)->core.kind == CXL_SOFTHOST_NODE_ENDPOINT ? 0 : -EINVAL;
}

int softhost_translate_ioctl(struct softhost_ucmd *ucmd)
{
	struct cxl_softhost_translate *cmd = ucmd->cmd;
	struct softhost_host *host = ucmd->host;
	int ret, seq = 0;

	if (cmd->flags & ~CXL_SOFTHOST_TRANSLATE_FROM_DPA)
		return -EOPNOTSUPP;

	guard(rcu)();
	ret = softhost_translate_check(host, cmd);
	if (ret)
		return ret;
	softhost_read_begin(host, &seq);
	do {
		const struct softhost_map *map;
		u32 count;

		map = rcu_dereference(host->map);
		/* May be written to right now, in which case we go round again */
		count = min(READ_ONCE(map->count), map->capacity);
		if (cmd->flags & CXL_SOFTHOST_TRANSLATE_FROM_DPA)
			softhost_translate_dpa(map, count, cmd);
		else
			softhost_translate_hpa(map, count, cmd);
		cmd->out_generation = map->generation;
	} while (softhost_read_again(host, &seq));
	return 0;
}

/*
 * Copy the map in force if it fits into @room segments. Returns its capacity,
 * which only set-up changes.
 */
static u32 softhost_map_copy(struct softhost_host *host, struct softhost_map *copy, u32 room)
{
	u32 capacity;
	int seq = 0;

	softhost_read_begin(host, &seq);
	do {
		const struct softhost_map *map = rcu_dereference(host->map);

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

/* A copy of the map in force */
static struct softhost_map *softhost_map_snapshot(struct softhost_host *host)
{
	struct softhost_map *copy = NULL;
	u32 capacity, room = 0;

	for (;;) {
		scoped_guard(rcu)
			capacity = softhost_map_copy(host, copy, room);
		if (capacity <= room)
			return copy;
		kvfree(copy);
		copy = kvmalloc(struct_size(copy, segments, capacity), GFP_KERNEL_ACCOUNT);
		if (!copy)
			return NULL;
		room = capacity;
	}
}

/* Page sizes that KVM can use: HPA and host address agree modulo the size */
static u64 softhost_page_sizes(const struct softhost_segment *segment)
{
	static const u64 sizes[] = { PAGE_SIZE, SZ_2M, SZ_1G };
	u64 mask = 0;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		u64 first = ALIGN(segment->hpa, sizes[i]);

		if (((segment->hpa ^ segment->host_addr) & (sizes[i] - 1)) == 0 &&
		    first + sizes[i] <= segment->hpa + segment->length)
			mask |= sizes[i];
	}
	return mask;
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
	if (segment->kind == CXL_SOFTHOST_SEGMENT_HOLE)
		return;
	entry->page_sizes = softhost_page_sizes(segment);
	if (segment->slot == CXL_SOFTHOST_NONE)
		entry->reason = CXL_SOFTHOST_REASON_NO_ENGINE;
}

int softhost_map_get_ioctl(struct softhost_ucmd *ucmd)
{
	struct cxl_softhost_map_get *cmd = ucmd->cmd;
	u32 least = offsetofend(struct cxl_softhost_segment, __reserved);
	u32 known = min_t(u32, sizeof(struct cxl_softhost_segment), cmd->entry_size);
	u32 i, total;

	if (cmd->flags)
		return -EOPNOTSUPP;
	if (cmd->entry_size < least || cmd->entry_size > SZ_4K || cmd->entry_size % 8)
		return -EINVAL;

	struct softhost_map *map __free(softhost_map) = softhost_map_snapshot(ucmd->host);
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
		void __user *to = u64_to_user_ptr(cmd->entries + (u64)i * cmd->entry_size);
		struct cxl_softhost_segment entry;

		softhost_segment_show(&entry, &map->segments[i]);
		if (copy_to_user(to, &entry, known) ||
		    clear_user(to + known, cmd->entry_size - known))
			return -EFAULT;
	}
	return 0;
}
