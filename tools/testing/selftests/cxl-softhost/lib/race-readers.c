// SPDX-License-Identifier: GPL-2.0-only
/* Reading in a race: every answer is of one state of the host, whichever. */
#include <errno.h>

#include "phases.h"
#include "race-actions.h"
#include "random.h"

/* Both halves of an address are always of the same write. */
int race_reg_read(struct racer *racer, bool *effect)
{
	static const uint32_t offsets[] = {
		HDM_CAPABILITY, HDM_GLOBAL, HDM_DECODER(0) + HDM_CONTROL,
		HDM_DECODER(0) + HDM_BASE_LOW, HDM_DECODER(0) + HDM_SIZE_LOW,
	};
	static const uint64_t others[] = { ~0ULL, ~0ULL, ~0ULL, 0, RACE_SIZE };
	unsigned int which = random_from(&racer->random, ARRAY_SIZE(offsets));
	struct cxl_softhost_reg_read out;
	int ret = __reg_read(racer->bed->host.fd, race_device(racer, racer->port), offsets[which],
			     8, &out);
	uint64_t other = which == 3 ? RACE_PLACE(racer->port) : others[which];
	bool good = out.out_outcome == CXL_SOFTHOST_OUTCOME_DONE;

	if (ret)
		return ret;
	if (offsets[which] == HDM_DECODER(0) + HDM_CONTROL)
		good &= !(out.out_value & CONTROL_COMMITTED) || (out.out_value & CONTROL_COMMIT);
	else if (other != ~0ULL)
		good &= !out.out_value || out.out_value == other;
	if (!good)
		test_fail(__FILE__, __LINE__, "%s: REG_READ at %#x: %s, %#llx",
			  racer->worker->name, offsets[which], outcome_name(out.out_outcome),
			  (unsigned long long)out.out_value);
	*effect = true;
	return 0;
}

/* Who answers at a place, if anybody does, never changes. */
static bool is_right(const struct cxl_softhost_translate *found, unsigned int port, uint64_t into)
{
	if (found->out_reason != CXL_SOFTHOST_REASON_NONE)
		return !found->out_backend_id && !found->out_cookie;
	return into < RACE_SIZE && found->out_hpa == RACE_PLACE(port) + into &&
	       found->out_dpa == into && found->out_cookie == backend_cookie(port, VOLATILE) &&
	       found->out_backend_offset == BACKEND_OFFSET + into && found->out_length &&
	       found->out_length <= RACE_SIZE - into;
}

void race_before_translate(struct racer *racer)
{
	race_build(racer, racer->port);
}

int race_translate(struct racer *racer, bool *effect)
{
	uint64_t into = random_from(&racer->random, 4 * (UNIT / PAGE)) * PAGE;
	struct cxl_softhost_translate found;
	int ret;

	/* Between what a race_device has and what comes next nothing answers. */
	if (racer->kind & 1)
		ret = __translate_dpa(racer->bed->host.fd, race_device(racer, racer->port), into,
				      &found);
	else
		ret = __translate(racer->bed->host.fd, RACE_PLACE(racer->port) + into % (3 * UNIT),
				  &found);
	if (ret)
		return ret;
	race_saw_generation(racer, found.out_generation);
	if (!is_right(&found, racer->port, racer->kind & 1 ? into : into % (3 * UNIT)))
		test_fail(__FILE__, __LINE__, "%s: TRANSLATE of %#llx: %s, %#llx, %#llx + %#llx",
			  racer->worker->name, (unsigned long long)found.addr,
			  reason_name(found.out_reason), (unsigned long long)found.out_hpa,
			  (unsigned long long)found.out_dpa,
			  (unsigned long long)found.out_length);
	*effect = found.out_reason == CXL_SOFTHOST_REASON_NONE;
	return 0;
}

static uint64_t sum_of(const struct map *map)
{
	const uint8_t *bytes = (const uint8_t *)map->segments;
	size_t i, size = map->count * sizeof(*map->segments);
	uint64_t sum = 0xcbf29ce484222325ULL;

	for (i = 0; i < size; i++)
		sum = (sum ^ bytes[i]) * 0x100000001b3ULL;
	return sum;
}

/* Two maps of one generation are the same, whoever saw them. */
static bool is_as_seen(struct race_bed *bed, const struct map *map)
{
	struct race_seen *seen = &bed->seen[map->generation % ARRAY_SIZE(bed->seen)];
	uint64_t sum = sum_of(map);
	bool same = true;

	pthread_mutex_lock(&bed->lock);
	if (seen->generation == map->generation && seen->sum)
		same = seen->sum == sum;
	*seen = (struct race_seen){ .generation = map->generation, .sum = sum };
	pthread_mutex_unlock(&bed->lock);
	return same;
}

/* All that can be mapped is, or nothing is. */
static bool is_of_one_state(const struct race_bed *bed, const struct map *map)
{
	unsigned int i, linear = map_count(map, CXL_SOFTHOST_SEGMENT_LINEAR), installed = 0;

	for (i = 0; i < map->count; i++)
		installed += map->segments[i].kind == CXL_SOFTHOST_SEGMENT_LINEAR &&
			     map->segments[i].slot != CXL_SOFTHOST_NONE;
	return host_windows_in(&bed->host, map) >= 2 && (!installed || installed == linear);
}

static int get_map(struct racer *racer, struct map *map)
{
	int ret = __map_get(racer->bed->host.fd, sizeof(*map->segments), &map->count,
			    map->segments, &map->generation);

	if (ret)
		return ret;
	race_saw_generation(racer, map->generation);
	if (!is_of_one_state(racer->bed, map) || !is_as_seen(racer->bed, map)) {
		test_fail(__FILE__, __LINE__, "%s: MAP_GET of generation %llu is none:",
			  racer->worker->name, (unsigned long long)map->generation);
		map_note(map);
	}
	return 0;
}

#define MAX_SEGMENTS 64

int race_map_get(struct racer *racer, bool *effect)
{
	struct cxl_softhost_segment segments[MAX_SEGMENTS];
	struct map map = { .count = ARRAY_SIZE(segments), .segments = segments };
	int ret = get_map(racer, &map);

	*effect = !ret;
	return ret;
}

/* On a host without two phases: no token is right, and that is all there is to it */
int race_deltas(struct racer *racer, bool *effect)
{
	struct cxl_softhost_delta delta;
	uint32_t count = 1;
	int ret = __deltas(racer->bed->host.fd, 1 + racer->kind, sizeof(delta), &count, &delta);

	*effect = ret == -ESTALE;
	return ret;
}

int race_apply(struct racer *racer, bool *effect)
{
	struct cxl_softhost_result result;
	int ret = __apply(racer->bed->host.fd, 1 + racer->kind, 0, &result);

	*effect = ret == -ESTALE;
	return ret;
}

void racer_compare(struct racer *racer)
{
	struct cxl_softhost_segment segments[MAX_SEGMENTS];
	struct map map = { .count = ARRAY_SIZE(segments), .segments = segments };
	uint64_t hpa = RACE_PLACE(racer->port) + random_from(&racer->random, 3) * UNIT;
	const struct cxl_softhost_segment *segment;
	struct cxl_softhost_translate found;

	worker_step(racer->worker, "TRANSLATE and MAP_GET");
	if (__translate(racer->bed->host.fd, hpa, &found) || get_map(racer, &map) ||
	    found.out_generation != map.generation)
		return;
	segment = map_find(&map, hpa);
	if (segment && (segment->kind == CXL_SOFTHOST_SEGMENT_LINEAR) ==
		       (found.out_reason == CXL_SOFTHOST_REASON_NONE) &&
	    segment->window_id == found.out_window_id && segment->node_id == found.out_node_id &&
	    segment->hpa + segment->length == hpa + found.out_length &&
	    (found.out_reason || segment->dpa + (hpa - segment->hpa) == found.out_dpa))
		return;
	test_fail(__FILE__, __LINE__, "%s: TRANSLATE of %#llx: %s, and of generation %llu:",
		  racer->worker->name, (unsigned long long)hpa, reason_name(found.out_reason),
		  (unsigned long long)map.generation);
	map_note(&map);
}
