// SPDX-License-Identifier: GPL-2.0-only
/* Two-phase changes, and a VMM that follows them. */
#include <errno.h>
#include <string.h>

#include "phases.h"
#include "vm.h"

/* Whose slots are set in here: the advisory engine of one host at a time */
static struct {
	int fd;
	int vm_fd;
} advised = { -1, -1 };

__attribute__((weak)) const enum test_variant test_variant = VARIANT_PLAIN;

int __host_set_flags(int fd, uint32_t flags, uint32_t policy)
{
	struct cxl_softhost_host_set set = {
		.size = sizeof(set), .flags = flags, .policy = policy,
	};

	return softhost_ioctl(fd, CXL_SOFTHOST_HOST_SET, &set);
}

int softhost_open_two_phase(void)
{
	int fd = softhost_open();

	ASSERT_RETURN(0, __host_set_flags(fd, CXL_SOFTHOST_HOST_TWO_PHASE,
					  CXL_SOFTHOST_POLICY_CHECKED));
	return fd;
}

void host_create_two_phase(struct host *host, const struct host_config *config)
{
	host_create_on(softhost_open_two_phase(), host, config);
}

int __deltas(int fd, uint64_t token, uint32_t entry_size, uint32_t *count, void *entries)
{
	struct cxl_softhost_deltas args = {
		.size = sizeof(args),
		.token = token,
		.entry_size = entry_size,
		.count = *count,
		.entries = (uintptr_t)entries,
	};
	int ret = softhost_ioctl(fd, CXL_SOFTHOST_DELTAS, &args);

	*count = args.count;
	return ret;
}

struct deltas deltas_get(int fd, uint64_t token)
{
	struct deltas deltas = { .count = 0 };

	ASSERT_RETURN(-EMSGSIZE, __deltas(fd, token, sizeof(*deltas.entries), &deltas.count, NULL));
	deltas.entries = calloc(deltas.count, sizeof(*deltas.entries));
	ASSERT_TRUE(deltas.entries);
	ASSERT_RETURN(0, __deltas(fd, token, sizeof(*deltas.entries), &deltas.count,
				  deltas.entries));
	return deltas;
}

void deltas_free(struct deltas *deltas)
{
	free(deltas->entries);
	*deltas = (struct deltas){ .count = 0 };
}

int __apply(int fd, uint64_t token, uint32_t flags, struct cxl_softhost_result *result)
{
	struct cxl_softhost_apply args = { .size = sizeof(args), .flags = flags, .token = token };
	int ret = softhost_ioctl(fd, CXL_SOFTHOST_APPLY, &args);

	if (result)
		*result = args.out_result;
	return ret;
}

struct cxl_softhost_result apply(int fd, uint64_t token)
{
	struct cxl_softhost_result result;

	ASSERT_RETURN(0, __apply(fd, token, 0, &result));
	return result;
}

struct cxl_softhost_result abort_change(int fd, uint64_t token)
{
	struct cxl_softhost_result result;

	ASSERT_RETURN(0, __apply(fd, token, CXL_SOFTHOST_APPLY_ABORT, &result));
	return result;
}

uint64_t pending_token(int fd)
{
	return softhost_info(fd).out_token;
}

/* The map has the extent, in that slot and all else that is said of it */
static bool has(const struct map *map, const struct cxl_softhost_segment *extent)
{
	const struct cxl_softhost_segment *found = map_find(map, extent->hpa);

	return found && memcmp(found, extent, sizeof(*found)) == 0;
}

/* No slot that the map has is that number, or meets the extent */
static bool is_free(const struct map *map, const struct cxl_softhost_segment *extent)
{
	unsigned int i;

	for (i = 0; i < map->count; i++) {
		const struct cxl_softhost_segment *segment = &map->segments[i];

		if (segment->slot == CXL_SOFTHOST_NONE)
			continue;
		if (segment->slot == extent->slot ||
		    (segment->hpa < extent->hpa + extent->length &&
		     extent->hpa < segment->hpa + segment->length))
			return false;
	}
	return true;
}

static bool adds(const struct cxl_softhost_delta *delta)
{
	return delta->direction == CXL_SOFTHOST_DIRECTION_ADD;
}

static void check_delta(const struct map *before, const struct cxl_softhost_delta *delta,
			const struct cxl_softhost_delta *first)
{
	const struct cxl_softhost_segment *extent = &delta->segment;

	EXPECT_EQ(first->direction, delta->direction);
	EXPECT_TRUE(delta->direction == CXL_SOFTHOST_DIRECTION_ADD ||
		    delta->direction == CXL_SOFTHOST_DIRECTION_REMOVE);
	EXPECT_EQ(CXL_SOFTHOST_SEGMENT_LINEAR, extent->kind);
	EXPECT_EQ(CXL_SOFTHOST_REASON_NONE, extent->reason);
	EXPECT_TRUE(delta == first || extent->hpa > delta[-1].segment.hpa);
	EXPECT_TRUE(adds(delta) ? is_free(before, extent) : has(before, extent));
}

/* The VMM's own slots: set before the guest may see COMMITTED, gone before APPLY */
static void set_slot(int fd, const struct cxl_softhost_segment *extent, bool there)
{
	if (fd != advised.fd || extent->slot == CXL_SOFTHOST_NONE)
		return;
	ASSERT_RETURN(0, vm_slot_set(advised.vm_fd, extent->slot, extent->hpa,
				     there ? extent->length : 0,
				     (void *)(uintptr_t)extent->host_addr));
}

static void check_applied(const struct deltas *deltas, const struct map *before,
			  const struct map *after, const struct cxl_softhost_result *result)
{
	unsigned int i;

	if (result->outcome == CXL_SOFTHOST_OUTCOME_REFUSED) {
		if (!result->flags)
			EXPECT_TRUE(map_equal(before, after));
		return;
	}
	for (i = 0; i < deltas->count; i++) {
		const struct cxl_softhost_delta *delta = &deltas->entries[i];

		EXPECT_TRUE(adds(delta) ? has(after, &delta->segment) :
					  !has(after, &delta->segment));
	}
}

struct cxl_softhost_result phases_follow(int fd, uint64_t token)
{
	struct deltas deltas = deltas_get(fd, token);
	struct map before = map_get(fd), after;
	struct cxl_softhost_result result;
	unsigned int i;

	EXPECT_TRUE(deltas.count > 0);
	for (i = 0; i < deltas.count; i++) {
		check_delta(&before, &deltas.entries[i], &deltas.entries[0]);
		set_slot(fd, &deltas.entries[i].segment, adds(&deltas.entries[i]));
	}
	result = apply(fd, token);
	after = map_get(fd);
	check_applied(&deltas, &before, &after, &result);
	map_free(&before);
	map_free(&after);
	deltas_free(&deltas);
	return result;
}

int advisory_attach(int fd, int vm_fd, struct cxl_softhost_attach *args)
{
	const struct vm vm = { .fd = vm_fd };
	struct map map;
	unsigned int i;
	int ret;

	args->engine = CXL_SOFTHOST_ENGINE_ADVISORY;
	args->vm_fd = -1;
	if (args->first_slot == CXL_SOFTHOST_SLOT_TOP) {
		args->slot_count = args->slot_count ?: softhost_info(fd).out_slots_worst ?: 1;
		args->first_slot = vm_slots(&vm) - args->slot_count;
	}
	ret = softhost_ioctl(fd, CXL_SOFTHOST_ATTACH, args);
	if (ret)
		return ret;
	advised.fd = fd;
	advised.vm_fd = vm_fd;
	map = map_get(fd);
	for (i = 0; i < map.count; i++)
		set_slot(fd, &map.segments[i], true);
	map_free(&map);
	return 0;
}

void advisory_before_detach(int fd)
{
	struct map map = map_get(fd);
	unsigned int i;

	for (i = 0; i < map.count; i++)
		set_slot(fd, &map.segments[i], false);
	map_free(&map);
}
