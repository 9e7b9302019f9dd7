// SPDX-License-Identifier: GPL-2.0-only
/* Reading and comparing the map, and the names of outcomes and reasons. */
#include <errno.h>
#include <string.h>

#include "softhost.h"

struct map map_get(int fd)
{
	struct map map = { .count = 0 };
	int ret;

	/* The map may grow between the two calls. */
	do {
		map.segments = realloc(map.segments, (map.count + 1) * sizeof(*map.segments));
		ASSERT_TRUE(map.segments);
		ret = __map_get(fd, sizeof(*map.segments), &map.count, map.segments,
				&map.generation);
	} while (ret == -EMSGSIZE);
	ASSERT_RETURN(0, ret);
	return map;
}

void map_free(struct map *map)
{
	free(map->segments);
	*map = (struct map){ .count = 0 };
}

bool map_equal(const struct map *one, const struct map *other)
{
	return one->count == other->count &&
	       memcmp(one->segments, other->segments, one->count * sizeof(*one->segments)) == 0;
}

unsigned int map_count(const struct map *map, enum cxl_softhost_segment_kind kind)
{
	unsigned int i, count = 0;

	for (i = 0; i < map->count; i++)
		count += map->segments[i].kind == kind;
	return count;
}

bool check_condemned(const char *file, int line, int fd, unsigned int expected)
{
	struct map map = map_get(fd);
	unsigned int found = map_count(&map, CXL_SOFTHOST_SEGMENT_CONDEMNED);

	if (found != expected) {
		test_fail(file, line, "expected %u condemned slots, found %u", expected, found);
		map_note(&map);
	}
	map_free(&map);
	return found == expected;
}

const struct cxl_softhost_segment *map_find(const struct map *map, uint64_t hpa)
{
	unsigned int i;

	for (i = 0; i < map->count; i++) {
		const struct cxl_softhost_segment *segment = &map->segments[i];

		if (segment->kind != CXL_SOFTHOST_SEGMENT_CONDEMNED &&
		    hpa >= segment->hpa && hpa - segment->hpa < segment->length)
			return segment;
	}
	return NULL;
}

void map_note(const struct map *map)
{
	static const char *const kinds[] = { "hole", "linear", "condemned" };
	unsigned int i;

	for (i = 0; i < map->count; i++) {
		const struct cxl_softhost_segment *segment = &map->segments[i];

		test_note("  %#llx + %#llx %s, %s, node %u, DPA %#llx, slot %d",
			  (unsigned long long)segment->hpa, (unsigned long long)segment->length,
			  segment->kind < ARRAY_SIZE(kinds) ? kinds[segment->kind] : "?",
			  reason_name(segment->reason), segment->node_id,
			  (unsigned long long)segment->dpa, (int)segment->slot);
	}
}

const char *outcome_name(unsigned int outcome)
{
	static const char *const names[] = {
		"DONE", "COMMITTED", "UNCOMMITTED", "REFUSED", "IGNORED", "NOT_MINE",
		"PENDING", "BUSY",
	};

	return outcome < ARRAY_SIZE(names) ? names[outcome] : "unknown outcome";
}

#define REASON(name) [CXL_SOFTHOST_REASON_##name] = #name

const char *reason_name(unsigned int reason)
{
	static const char *const names[] = {
		REASON(NONE), REASON(ORDER), REASON(HPA_BELOW), REASON(HPA_ABOVE),
		REASON(HPA_WRAP), REASON(SIZE_WAYS), REASON(WAYS_RESERVED),
		REASON(WAYS_UNSUPPORTED), REASON(WAYS_TARGETS), REASON(GRANULARITY_RESERVED),
		REASON(GRANULARITY_UNSUPPORTED), REASON(TARGET_DUPLICATE), REASON(DPA_CAPACITY),
		REASON(DPA_PARTITION), REASON(DPA_OVERLAP), REASON(NO_SLOTS), REASON(ENGINE),
		REASON(STALE_SLOT), REASON(LOCKED), REASON(LIVE), REASON(READ_ONLY),
		REASON(WIDTH), REASON(NO_WINDOW), REASON(NO_DECODER), REASON(NO_TARGET),
		REASON(NO_ENDPOINT_DECODER), REASON(HDM_DISABLED), REASON(MEM_DISABLED),
		REASON(MEDIA_DISABLED), REASON(INTERLEAVED), REASON(LINEAR_ONLY), REASON(IDENTITY),
		REASON(NO_ENGINE), REASON(NOT_MAPPED), REASON(ABORTED),
	};

	return reason < ARRAY_SIZE(names) && names[reason] ? names[reason] : "unknown reason";
}

bool check_result(const char *file, int line, enum cxl_softhost_outcome outcome,
		  enum cxl_softhost_reason reason, const struct cxl_softhost_result *found)
{
	if (found->outcome == outcome && found->reason == reason && found->flags == 0)
		return true;
	test_fail(file, line, "expected %s, %s, flags 0; found %s, %s, flags %#x (%#llx, %#llx)",
		  outcome_name(outcome), reason_name(reason), outcome_name(found->outcome),
		  reason_name(found->reason), found->flags, (unsigned long long)found->expected,
		  (unsigned long long)found->found);
	return false;
}

bool check_refused(const char *file, int line, enum cxl_softhost_reason reason,
		   uint64_t expected, uint64_t found, const struct cxl_softhost_result *result)
{
	if (!check_result(file, line, CXL_SOFTHOST_OUTCOME_REFUSED, reason, result))
		return false;
	if (result->expected == expected && result->found == found)
		return true;
	test_fail(file, line, "%s: expected (%#llx, %#llx), found (%#llx, %#llx)",
		  reason_name(reason), (unsigned long long)expected, (unsigned long long)found,
		  (unsigned long long)result->expected, (unsigned long long)result->found);
	return false;
}

bool check_degraded(const char *file, int line, enum cxl_softhost_outcome outcome,
		    const struct cxl_softhost_result *result)
{
	if (result->outcome == outcome && result->flags == CXL_SOFTHOST_RESULT_DEGRADED)
		return true;
	test_fail(file, line, "expected %s and DEGRADED, found %s, %s, flags %#x",
		  outcome_name(outcome), outcome_name(result->outcome),
		  reason_name(result->reason), result->flags);
	return false;
}
