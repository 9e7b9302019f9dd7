// SPDX-License-Identifier: GPL-2.0-only
/* States that can't be restored, by rules or by what they are: nothing changes. */
#include <errno.h>
#include <stdlib.h>

#include "mock.h"
#include "random-guest.h"
#include "snapshot.h"
#include "state.h"

#define FIRST 300
#define SLOTS 8

/* Records of two devices and a bridge, in a host that has other contents */
static void host_with_contents(struct host *host, struct state *state)
{
	host_create(host, &busy_config);
	host_enable_all(host);
	ASSERT_RESULT(COMMITTED, NONE, host_commit_bridge(host, 0, WINDOW_HPA, 4 * UNIT, 0));
	ASSERT_RESULT(COMMITTED, NONE, host_commit(host, 0, 0, WINDOW_HPA, UNIT));
	ASSERT_RESULT(COMMITTED, NONE, host_commit(host, 0, 1, WINDOW_HPA + UNIT, UNIT));
	*state = state_get(host->fd);
	ASSERT_RESULT(UNCOMMITTED, NONE, host_uncommit(host, 0, 1));
	ASSERT_RESULT(COMMITTED, NONE, host_commit(host, 0, 1, WINDOW_HPA + 2 * UNIT, UNIT));
}

TEST(a_refused_state_changes_nothing)
{
	static const struct {
		const char *name;
		enum cxl_softhost_reason reason;
		uint64_t expected, found;
		uint32_t control;
		uint64_t hpa, dpa;
	} rows[] = {
		{ "DPA behind the end", CXL_SOFTHOST_REASON_DPA_CAPACITY, 7 * UNIT, 8 * UNIT,
		  CONTROL_COMMIT | CONTROL_COMMITTED, WINDOW_HPA + UNIT, 7 * UNIT },
		{ "DPA nowhere", CXL_SOFTHOST_REASON_DPA_CAPACITY, 7 * UNIT, ALL_ONES,
		  CONTROL_COMMIT | CONTROL_COMMITTED, WINDOW_HPA + UNIT, -UNIT },
		{ "DPA of another decoder", CXL_SOFTHOST_REASON_DPA_OVERLAP, 0, UNIT,
		  CONTROL_COMMIT | CONTROL_COMMITTED, WINDOW_HPA + UNIT, 0 },
		{ "HPA of another decoder", CXL_SOFTHOST_REASON_HPA_BELOW, WINDOW_HPA + UNIT,
		  WINDOW_HPA, CONTROL_COMMIT | CONTROL_COMMITTED, WINDOW_HPA, UNIT },
		{ "reserved ways", CXL_SOFTHOST_REASON_WAYS_RESERVED, 10, 7,
		  CONTROL_COMMIT | CONTROL_COMMITTED | CONTROL_WAYS(7), WINDOW_HPA + UNIT, UNIT },
	};
	struct cxl_softhost_state_set out;
	struct snapshot before;
	struct state state;
	struct host host;
	unsigned int i;

	host_with_contents(&host, &state);
	snapshot_take(&before, &host);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct cxl_softhost_record *record =
			state_find(&state, CXL_SOFTHOST_RECORD_DECODER, host.endpoints[0].id, 1);
		struct cxl_softhost_record good = *record;

		test_context("%s", rows[i].name);
		record->control = rows[i].control;
		record->hpa = rows[i].hpa;
		record->dpa = rows[i].dpa;
		ASSERT_RETURN(0, __state_set(host.fd, &state, &out));
		EXPECT_EQ(CXL_SOFTHOST_OUTCOME_REFUSED, out.out_result.outcome);
		EXPECT_EQ(rows[i].reason, out.out_result.reason);
		EXPECT_EQ(rows[i].expected, out.out_result.expected);
		EXPECT_EQ(rows[i].found, out.out_result.found);
		EXPECT_EQ(1, out.out_result.decoder);
		EXPECT_EQ(record - state.records, out.out_record);
		EXPECT_UNCHANGED(&before, &host);
		/* Nor with the next write, of what is there already */
		reg_write(host.fd, host.endpoints[0].id, HDM_DECODER(3) + HDM_BASE_HIGH, 4, 0);
		EXPECT_UNCHANGED(&before, &host);
		*record = good;
	}
	test_context("as it was");
	state_set(host.fd, &state);
	EXPECT_EQ(CXL_SOFTHOST_REASON_NONE, translate(host.fd, WINDOW_HPA + UNIT).out_reason);
	EXPECT_EQ(CXL_SOFTHOST_REASON_NO_ENDPOINT_DECODER,
		  translate(host.fd, WINDOW_HPA + 2 * UNIT).out_reason);
	snapshot_free(&before);
	state_free(&state);
}

/* Each errno that the records themselves can get, and nothing has changed */
TEST(malformed_records_are_errors)
{
	struct cxl_softhost_record large[2] = { { .kind = 0 } };
	struct cxl_softhost_state_set args = {
		.size = sizeof(args), .count = 1, .entries = (uintptr_t)large,
	};
	struct cxl_softhost_state_set out;
	struct snapshot before;
	struct state state;
	struct host host;
	uint32_t count;
	int vm_fd;

	host_with_contents(&host, &state);
	snapshot_take(&before, &host);

#define MALFORMED(errno_, i_, field_, value_)					\
	do {									\
		struct cxl_softhost_record good = state.records[i_];		\
										\
		test_context("record %u, " #field_ " " #value_, (unsigned int)(i_)); \
		state.records[i_].field_ = value_;				\
		EXPECT_RETURN(-(errno_), __state_set(host.fd, &state, &out));	\
		EXPECT_TRUE(out.out_record == (i_) || (errno_) == EEXIST);	\
		EXPECT_UNCHANGED(&before, &host);				\
		state.records[i_] = good;					\
	} while (0)

	MALFORMED(ENOENT, 0, node_id, OUT_OF_RANGE_ID);
	MALFORMED(EINVAL, 0, node_id, host.windows[0]);
	MALFORMED(EINVAL, 0, kind, 77);
	MALFORMED(EEXIST, 0, node_id, host.endpoints[1].id);
	MALFORMED(EINVAL, 0, hpa, UNIT);
	MALFORMED(EINVAL, 0, control, 1);
	MALFORMED(EINVAL, state.count - 1, mem_enable, 2);
	MALFORMED(EINVAL, 1, hpa, WINDOW_HPA + PAGE);
	MALFORMED(EINVAL, 1, index, 99);
	MALFORMED(EINVAL, 1, control, CONTROL_COMMITTED);

	/* Another record, of an extent that the others come to */
	state.records = realloc(state.records, (state.count + 1) * sizeof(state.records[0]));
	ASSERT_TRUE(state.records);
	state.records[state.count++] = (struct cxl_softhost_record){
		.kind = CXL_SOFTHOST_RECORD_SLOT, .index = FIRST, .hpa = WINDOW_HPA,
		.length = UNIT };
	MALFORMED(EINVAL, state.count - 1, hpa, WINDOW_HPA + 3 * UNIT);
	MALFORMED(EINVAL, state.count - 1, hpa, 0);
	MALFORMED(EINVAL, state.count - 1, length, 2 * UNIT);
	MALFORMED(EINVAL, state.count - 1, node_id, host.bridge);
	MALFORMED(EINVAL, state.count - 1, index, CXL_SOFTHOST_NONE);
	state.count--;
#undef MALFORMED

	test_context("entries");
	args.entry_size = sizeof(large[0]) - 8;
	EXPECT_RETURN(-EINVAL, softhost_ioctl(host.fd, CXL_SOFTHOST_STATE_SET, &args));
	args.entry_size = 4104;
	EXPECT_RETURN(-EINVAL, softhost_ioctl(host.fd, CXL_SOFTHOST_STATE_SET, &args));
	args.entry_size = sizeof(large[0]) + 8;
	large[0] = state.records[0];
	large[1].node_id = 1;
	EXPECT_RETURN(-E2BIG, softhost_ioctl(host.fd, CXL_SOFTHOST_STATE_SET, &args));
	args.entries = 0;
	EXPECT_RETURN(-EFAULT, softhost_ioctl(host.fd, CXL_SOFTHOST_STATE_SET, &args));
	args.count = UINT32_MAX;
	EXPECT_RETURN(-EINVAL, softhost_ioctl(host.fd, CXL_SOFTHOST_STATE_SET, &args));

	test_context("STATE_GET");
	count = state.count - 1;
	EXPECT_RETURN(-EMSGSIZE, __state_get(host.fd, sizeof(large[0]), &count, NULL, NULL));
	EXPECT_EQ(state.count, count);
	EXPECT_RETURN(-EFAULT, __state_get(host.fd, sizeof(large[0]), &count, NULL, NULL));
	EXPECT_RETURN(-EINVAL, __state_get(host.fd, 0, &count, state.records, NULL));
	EXPECT_UNCHANGED(&before, &host);

	test_context("with an engine");
	vm_fd = mock_create();
	attach(host.fd, vm_fd, FIRST, SLOTS);
	EXPECT_RETURN(-EBUSY, __state_set(host.fd, &state, NULL));
	EXPECT_SLOTS_AS_MAPPED(host.fd, vm_fd);
	snapshot_free(&before);
	state_free(&state);
}

TEST(what_no_record_is_about_is_as_RESET_leaves_it)
{
	struct state state;
	struct host host;
	uint32_t id;

	host_with_contents(&host, &state);
	id = host.endpoints[1].id;
	ASSERT_RESULT(COMMITTED, NONE,
		      host_commit_bridge(&host, 1, WINDOW_HPA + 6 * UNIT, UNIT, 1));
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 1, 0, WINDOW_HPA + 6 * UNIT, UNIT));
	node_set_media(host.fd, id, CXL_SOFTHOST_MEDIA_DISABLED);
	/* The last one is that of the device without decoders. */
	ASSERT_EQ(id, state.records[state.count - 1].node_id);
	state.count--;
	state_set(host.fd, &state);
	EXPECT_EQ(0, decoder_control(host.fd, id, 0));
	EXPECT_EQ(0, decoder_control(host.fd, host.bridge, 1));
	EXPECT_EQ(0, reg_read(host.fd, id, HDM_GLOBAL, 4));
	EXPECT_EQ(CXL_SOFTHOST_REASON_NO_DECODER,
		  translate(host.fd, WINDOW_HPA + 6 * UNIT).out_reason);
	test_context("programmed again");
	ASSERT_RESULT(COMMITTED, NONE,
		      host_commit_bridge(&host, 1, WINDOW_HPA + 6 * UNIT, UNIT, 1));
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 1, 0, WINDOW_HPA + 6 * UNIT, UNIT));
	reg_write(host.fd, id, HDM_GLOBAL, 4, HDM_GLOBAL_ENABLE);
	EXPECT_EQ(CXL_SOFTHOST_REASON_MEDIA_DISABLED,
		  translate(host.fd, WINDOW_HPA + 6 * UNIT).out_reason);
	node_set_media(host.fd, id, CXL_SOFTHOST_MEDIA_READY);
	EXPECT_EQ(CXL_SOFTHOST_REASON_MEM_DISABLED,
		  translate(host.fd, WINDOW_HPA + 6 * UNIT).out_reason);
	state_free(&state);
}
