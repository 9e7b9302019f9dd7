// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "scene.h"
#include "tap.h"

void scene_add_window(struct scene *scene, u64 hpa, u64 length, struct softhost_node *bridge)
{
	u32 i = scene->topology.window_count++;

	scene->window[i] = rig_window(7 + i, hpa, length, bridge);
	scene->list[i] = &scene->window[i];
	scene->topology.windows = scene->list;
}

void scene_commit(struct softhost_node *node, u32 n, int base, u32 size, u64 list)
{
	struct rig_program program = { n, 4 * GIB + base * UNIT, size * UNIT, list, 0 };

	rig_must_commit(node, &program);
}

void scene_commit_ways(struct softhost_node *node, u32 n, int base, u32 size, u64 list, u32 ctrl)
{
	struct rig_program program = { n, 4 * GIB + base * UNIT, size * UNIT, list, ctrl };

	rig_must_commit(node, &program);
}

void scene_uncommit(struct softhost_node *node, u32 n)
{
	struct cxl_softhost_result result;

	rig_uncommit(node, n, &result);
}

static void check_segment(const struct softhost_segment *segment, const struct want *want)
{
	const struct softhost_partition *partition = NULL;
	u32 at = want->node && want->dpa * UNIT >= want->node->partitions[0].length;

	CHECK_EQUAL(segment->hpa, 4 * GIB + want->hpa * UNIT);
	CHECK_EQUAL(segment->length, want->length * UNIT);
	CHECK_EQUAL(segment->node_id, want->node ? want->node->id : 0);
	CHECK_EQUAL(segment->reason, want->reason);
	CHECK_EQUAL(segment->slot, CXL_SOFTHOST_NONE);
	CHECK_EQUAL(segment->direction, 0);
	if (want->reason || want->dpa == BY_WAYS) {
		bool by_ways = want->dpa == BY_WAYS;

		CHECK_EQUAL(segment->kind, by_ways ? CXL_SOFTHOST_SEGMENT_INTERLEAVED :
						     CXL_SOFTHOST_SEGMENT_HOLE);
		CHECK_EQUAL(segment->backend_id | segment->cookie | segment->host_addr |
			    segment->backend_offset | segment->dpa | segment->partition, 0);
		return;
	}
	partition = &want->node->partitions[at];
	CHECK_EQUAL(segment->kind, CXL_SOFTHOST_SEGMENT_LINEAR);
	CHECK_EQUAL(segment->dpa, want->dpa * UNIT);
	CHECK_EQUAL(segment->partition, at);
	CHECK_EQUAL(segment->backend_id, partition->backend->id);
	CHECK_EQUAL(segment->cookie, partition->backend->cookie);
	CHECK_EQUAL(segment->backend_offset, partition->offset + want->dpa * UNIT -
		    (at ? want->node->partitions[0].length : 0));
	CHECK_EQUAL(segment->host_addr, partition->backend->addr + segment->backend_offset);
}

void scene_check(struct scene *scene, const struct want *want, u32 count)
{
	u32 i;

	free(scene->map);
	scene->map = rig_map(&scene->topology);
	softhost_route(&scene->topology, scene->map);
	CHECK_EQUAL(scene->map->condemned, 0);
	CHECK_EQUAL(scene->map->count, count);
	for (i = 0; i < count && i < scene->map->count; i++)
		check_segment(&scene->map->segments[i], &want[i]);
}

void scene_free(struct scene *scene, struct softhost_node *bridge)
{
	free(scene->map);
	rig_free(bridge);
}
