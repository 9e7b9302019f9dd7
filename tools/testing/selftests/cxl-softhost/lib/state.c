// SPDX-License-Identifier: GPL-2.0-only
/* The commands about a host's state, and about logging. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

int __state_get(int fd, uint32_t entry_size, uint32_t *count, void *records,
		uint64_t *generation)
{
	struct cxl_softhost_state_get args = {
		.size = sizeof(args),
		.entry_size = entry_size,
		.count = *count,
		.entries = (uintptr_t)records,
	};
	int ret = softhost_ioctl(fd, CXL_SOFTHOST_STATE_GET, &args);

	*count = args.count;
	if (generation)
		*generation = args.out_generation;
	return ret;
}

struct state state_get(int fd)
{
	struct state state = { .count = 0 };

	/* Nobody else changes the host of a test that asks like this */
	if (__state_get(fd, sizeof(state.records[0]), &state.count, NULL, NULL) == -EMSGSIZE) {
		state.records = calloc(state.count, sizeof(state.records[0]));
		ASSERT_TRUE(state.records);
		ASSERT_RETURN(0, __state_get(fd, sizeof(state.records[0]), &state.count,
					     state.records, NULL));
	}
	return state;
}

void state_free(struct state *state)
{
	free(state->records);
	*state = (struct state){ .count = 0 };
}

int __state_set(int fd, const struct state *state, struct cxl_softhost_state_set *out)
{
	struct cxl_softhost_state_set args = {
		.size = sizeof(args),
		.entry_size = sizeof(state->records[0]),
		.count = state->count,
		.entries = (uintptr_t)state->records,
	};
	int ret = softhost_ioctl(fd, CXL_SOFTHOST_STATE_SET, &args);

	if (out)
		*out = args;
	return ret;
}

void state_set(int fd, const struct state *state)
{
	struct cxl_softhost_state_set out;

	ASSERT_RETURN(0, __state_set(fd, state, &out));
	ASSERT_RESULT(DONE, NONE, out.out_result);
	EXPECT_EQ(CXL_SOFTHOST_NONE, out.out_record);
}

bool state_equal(const struct state *one, const struct state *other)
{
	return one->count == other->count &&
	       memcmp(one->records, other->records, one->count * sizeof(one->records[0])) == 0;
}

struct cxl_softhost_record *state_find(const struct state *state,
				       enum cxl_softhost_record_kind kind, uint32_t node,
				       uint32_t index)
{
	uint32_t i;

	for (i = 0; i < state->count; i++)
		if (state->records[i].kind == kind && state->records[i].node_id == node &&
		    state->records[i].index == index)
			return &state->records[i];
	test_fail(__FILE__, __LINE__, "no record of kind %u, node %u, index %u", kind, node, index);
	test_end();
}

int __dirty_log(int fd, uint32_t window, uint32_t enable)
{
	struct cxl_softhost_dirty_log args = {
		.size = sizeof(args), .window_id = window, .enable = enable,
	};

	return softhost_ioctl(fd, CXL_SOFTHOST_DIRTY_LOG, &args);
}
