// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Which parts of the windows devices reach: those that have a memory slot. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cxl.h"
#include "log.h"

static bool has(const struct cxl_extent *extents, uint32_t count, const struct cxl_extent *extent)
{
	for (uint32_t i = 0; i < count; i++)
		if (extents[i].hpa == extent->hpa && extents[i].length == extent->length &&
		    extents[i].host == extent->host)
			return true;
	return false;
}

/* Interleaved parts aren't host memory in one piece: devices don't reach them. */
static uint32_t choose(struct cxl_extent *extents, const struct cxl_softhost_segment *segments,
		       uint32_t count)
{
	uint32_t chosen = 0;

	for (uint32_t i = 0; i < count; i++) {
		const struct cxl_softhost_segment *segment = &segments[i];

		if (segment->kind != CXL_SOFTHOST_SEGMENT_LINEAR ||
		    segment->slot == CXL_SOFTHOST_NONE)
			continue;
		extents[chosen++] = (struct cxl_extent){
			.hpa = segment->hpa,
			.length = segment->length,
			.host = (uint8_t *)(uintptr_t)segment->host_addr,
		};
	}
	return chosen;
}

/* All of it is out of reach before the first request is waited for. */
static void remove_gone(struct cxl *cxl, const struct cxl_extent *extents, uint32_t count)
{
	struct guest_memory *memory = &cxl->vm->memory;
	const struct cxl_extent *old = cxl->extents;

	for (uint32_t i = 0; i < cxl->extent_count; i++)
		if (!has(extents, count, &old[i]))
			guest_memory_remove_begin(memory, old[i].hpa, old[i].length);
	for (uint32_t i = 0; i < cxl->extent_count; i++)
		if (!has(extents, count, &old[i]))
			guest_memory_remove_wait(memory, old[i].hpa, old[i].length);
}

static void add_new(struct cxl *cxl, const struct cxl_extent *extents, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (has(cxl->extents, cxl->extent_count, &extents[i]))
			continue;
		if (!guest_memory_add(&cxl->vm->memory, extents[i].hpa, extents[i].length,
				      extents[i].host))
			log_error("no memory for the table: devices don't reach 0x%llx",
				  (unsigned long long)extents[i].hpa);
	}
}

void cxl_memory_update(struct cxl *cxl)
{
	struct cxl_softhost_map_get map = { 0 };
	struct cxl_softhost_segment *segments;
	struct cxl_extent *extents = NULL;
	int error = cxl_map_get(cxl, &map, &segments);
	uint32_t count;

	if (!error)
		extents = calloc(map.count + 1, sizeof(*extents));
	if (!extents) {
		cxl_check(cxl, error ? error : -ENOMEM, "reading the map");
		free(segments);
		return;
	}
	count = choose(extents, segments, map.count);
	free(segments);
	remove_gone(cxl, extents, count);
	add_new(cxl, extents, count);
	free(cxl->extents);
	cxl->extents = extents;
	cxl->extent_count = count;
	cxl->generation = map.out_generation;
}
