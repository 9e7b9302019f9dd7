// SPDX-License-Identifier: GPL-2.0-only
/* What the module says about addresses, against the model. */
#include "fixture.h"
#include "same.h"
#include "tree.h"

/* As far as the length says, every byte continues the answer */
static bool check_run(const char *file, int line, const struct tree *tree, uint64_t hpa,
		      const struct cxl_softhost_translate *found)
{
	const uint64_t offsets[] = { 1, found->out_length / 2, found->out_length - 1 };
	struct model_answer first, other;
	unsigned int i;

	model_decode(&tree->model, hpa, &first);
	SAME(true, found->out_length > 0 && found->out_length <= 1ULL << 52);
	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		if (offsets[i] >= found->out_length)
			continue;
		model_decode(&tree->model, hpa + offsets[i], &other);
		SAME(first.answers, other.answers);
		SAME(first.node, other.node);
		if (first.answers)
			SAME(first.dpa + offsets[i], other.dpa);
	}
	return true;
}

/* The DPA of an address leads back to it, or to a lower address of the same DPA */
static bool check_back(const char *file, int line, const struct tree *tree, uint64_t hpa,
		       const struct model_answer *answer)
{
	struct cxl_softhost_translate found;
	struct model_answer other;

	SAME(0, __translate_dpa(tree->fd, tree->ids[answer->node], answer->dpa, &found));
	SAME(CXL_SOFTHOST_REASON_NONE, found.out_reason);
	SAME(true, found.out_hpa <= hpa);
	SAME(answer->dpa, found.out_dpa);
	SAME(answer->backend_offset, found.out_backend_offset);
	model_decode(&tree->model, found.out_hpa, &other);
	SAME(answer->node, other.node);
	SAME(answer->dpa, other.dpa);
	return true;
}

static bool check_address(const char *file, int line, const struct tree *tree, uint64_t hpa)
{
	struct cxl_softhost_translate found = translate(tree->fd, hpa);
	struct model_answer answer;

	model_decode(&tree->model, hpa, &answer);
	if (answer.window >= 0)
		SAME(tree->windows[answer.window], found.out_window_id);
	if (found.out_reason == CXL_SOFTHOST_REASON_LINEAR_ONLY ||
	    found.out_reason == CXL_SOFTHOST_REASON_IDENTITY)
		return true;
	SAME(answer.answers, found.out_reason == CXL_SOFTHOST_REASON_NONE);
	if (answer.node >= 0)
		SAME(tree->ids[answer.node], found.out_node_id);
	if (!answer.answers) {
		if (answer.window < 0) {
			SAME(CXL_SOFTHOST_REASON_NO_WINDOW, found.out_reason);
			return true;
		}
		SAME(true, said_silence(found.out_reason, answer.silence));
		return check_run(file, line, tree, hpa, &found);
	}
	SAME(answer.dpa, found.out_dpa);
	SAME(answer.partition, found.out_partition);
	SAME(tree->backends[answer.backend], found.out_backend_id);
	SAME(backend_cookie(answer.backend, 0), found.out_cookie);
	SAME(answer.backend_offset, found.out_backend_offset);
	return check_run(file, line, tree, hpa, &found) &&
	       check_back(file, line, tree, hpa, &answer);
}

/* The first and last granules of a segment, both sides of each of their ends */
static bool check_segment(const char *file, int line, const struct tree *tree,
			  const struct cxl_softhost_segment *segment)
{
	const uint64_t end = segment->hpa + segment->length;
	uint64_t hpa, at;
	bool same = true;

	for (at = 0; same && at < 26 * 256; at += 256) {
		same = check_address(file, line, tree, segment->hpa + at) &&
		       check_address(file, line, tree, segment->hpa + at + 255) &&
		       check_address(file, line, tree, end - 1 - at);
	}
	/* And of larger granules, and places that are no multiple of anything */
	for (at = 512; same && at < segment->length; at = 2 * at + 4096) {
		hpa = segment->hpa + at;
		same = check_address(file, line, tree, hpa - 1) &&
		       check_address(file, line, tree, hpa) &&
		       check_address(file, line, tree, hpa + at / 3);
	}
	return same && check_address(file, line, tree, end);
}

static bool check_cover(const char *file, int line, const struct tree *tree, const struct map *map)
{
	uint64_t hpa = 0, total = 0, listed = 0;
	unsigned int i;

	for (i = 0; i < tree->model.window_count; i++)
		total += tree->model.windows[i].length;
	for (i = 0; i < map->count; i++) {
		const struct cxl_softhost_segment *segment = &map->segments[i];

		SAME(true, segment->hpa >= hpa);
		hpa = segment->hpa + segment->length;
		listed += segment->length;
		/* A segment with ways isn't one thing: no address, backend or slot */
		if (segment->kind == CXL_SOFTHOST_SEGMENT_LINEAR)
			continue;
		SAME(CXL_SOFTHOST_NONE, segment->slot);
		SAME(0, segment->dpa | segment->backend_offset | segment->cookie |
			segment->host_addr | segment->page_sizes | segment->misaligned |
			segment->backend_id);
	}
	SAME(total, listed);
	SAME(true, map->count <= softhost_info(tree->fd).out_segments_worst);
	return true;
}

bool check_tree(const char *file, int line, struct tree *tree)
{
	struct map map = map_get(tree->fd);
	bool same = check_cover(file, line, tree, &map);
	unsigned int i;

	for (i = 0; same && i < map.count; i++)
		same = check_segment(file, line, tree, &map.segments[i]);
	if (!same)
		map_note(&map);
	map_free(&map);
	return same;
}

uint64_t check_kind(const char *file, int line, struct tree *tree, uint64_t hpa,
		    enum cxl_softhost_segment_kind kind, enum cxl_softhost_reason reason)
{
	struct map map = map_get(tree->fd);
	const struct cxl_softhost_segment *segment = map_find(&map, hpa);
	uint64_t length = segment ? segment->length : 0;

	if (!segment || segment->kind != kind || segment->reason != reason) {
		test_fail(file, line, "the segment at %#llx: expected kind %u, %s",
			  (unsigned long long)hpa, kind, reason_name(reason));
		map_note(&map);
	}
	map_free(&map);
	return length;
}
