// SPDX-License-Identifier: GPL-2.0-only
/* How a pending change ends, if not as it was announced; and how it is asked for. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "mock.h"
#include "phase-bed.h"

static int ask(int fd, uint64_t token)
{
	struct cxl_softhost_delta deltas[2];
	uint32_t count = ARRAY_SIZE(deltas);

	return __deltas(fd, token, sizeof(deltas[0]), &count, deltas);
}

TEST(a_token_that_names_no_pending_change_is_ESTALE)
{
	struct bed bed, foreign;
	uint64_t token, stale[4];
	unsigned int i;

	bed_create(&bed);
	bed_create(&foreign);
	commit(&foreign);
	commit(&bed);
	ASSERT_RESULT(PENDING, NONE, host_uncommit(&foreign.host, 0, 0));
	token = pending_token(foreign.host.fd);

	for (i = 0; i < 2; i++) {
		stale[0] = 0;
		stale[1] = token - 1;
		stale[2] = token + 1;
		stale[3] = UINT64_MAX;
		test_context("%s", i ? "of another host" : "with nothing pending");
		EXPECT_RETURN(-ESTALE, __apply(bed.host.fd, token, 0, NULL));
		EXPECT_RETURN(-ESTALE, ask(bed.host.fd, token));
		if (!i) {
			ASSERT_RESULT(PENDING, NONE, host_uncommit(&bed.host, 0, 0));
			/* Both are the second of their host. */
			EXPECT_TRUE(pending_token(bed.host.fd) != token);
		}
	}
	test_context("beside the one");
	for (i = 0; i < ARRAY_SIZE(stale); i++) {
		EXPECT_RETURN(-ESTALE, __apply(foreign.host.fd, stale[i], 0, NULL));
		EXPECT_RETURN(-ESTALE, __apply(foreign.host.fd, stale[i],
					       CXL_SOFTHOST_APPLY_ABORT, NULL));
		EXPECT_RETURN(-ESTALE, ask(foreign.host.fd, stale[i]));
	}
	EXPECT_RESULT(UNCOMMITTED, NONE, apply(foreign.host.fd, token));
	EXPECT_RESULT(UNCOMMITTED, NONE, apply(bed.host.fd, pending_token(bed.host.fd)));
}

/* What the commit depends on isn't locked: the guest may write it meanwhile. */
TEST(a_change_that_would_come_to_something_else_is_ESTALE)
{
	static const struct {
		const char *name;
		uint32_t offset;
		uint64_t value;
	} writes[] = {
		{ "base", HDM_DECODER(0) + HDM_BASE_LOW, (uint32_t)(BASE + UNIT) },
		{ "size", HDM_DECODER(0) + HDM_SIZE_LOW, UNIT },
		{ "skip", HDM_DECODER(0) + HDM_EXTRA_LOW, UNIT },
		{ "a size that is refused", HDM_DECODER(0) + HDM_SIZE_HIGH, 1 },
	};
	unsigned int i;
	struct bed bed;

	bed_create(&bed);
	for (i = 0; i < ARRAY_SIZE(writes); i++) {
		struct map before = map_get(bed.host.fd), after;
		uint64_t token = begin_commit(&bed);

		test_context("%s", writes[i].name);
		EXPECT_RESULT(DONE, NONE, reg_write(bed.host.fd, bed.host.endpoints[0].id,
						    writes[i].offset, 4, writes[i].value));
		EXPECT_RETURN(-ESTALE, __apply(bed.host.fd, token,
					       i % 2 ? CXL_SOFTHOST_APPLY_ABORT : 0, NULL));
		EXPECT_EQ(0, pending_token(bed.host.fd));
		EXPECT_EQ(0, control(&bed) & (CONTROL_COMMIT | CONTROL_ERROR));
		after = map_get(bed.host.fd);
		EXPECT_TRUE(map_equal(&before, &after));
		EXPECT_NOT_MAPPED(&bed.vm, BASE, 4 * UNIT);
	}
	test_context("a write that changes nothing");
	{
		uint64_t token = begin_commit(&bed);

		EXPECT_RESULT(DONE, NONE, reg_write(bed.host.fd, bed.host.endpoints[0].id,
						    HDM_DECODER(0) + HDM_SIZE_LOW, 4, SIZE));
		EXPECT_RESULT(COMMITTED, NONE, apply(bed.host.fd, token));
	}
}

TEST(RESET_and_DESTROY_cancel_what_is_pending)
{
	unsigned int i;

	for (i = 0; i < removal_count; i++) {
		uint64_t cancelled, token;
		struct deltas deltas;
		struct bed bed;

		if (!removals[i].cancels)
			continue;
		test_context("%s, an addition", removals[i].name);
		bed_create(&bed);
		commit(&bed);
		ASSERT_RESULT(PENDING, NONE, host_commit(&bed.host, 1, 0, BASE + 4 * UNIT, UNIT));
		cancelled = pending_token(bed.host.fd);
		EXPECT_RETURN(CXL_SOFTHOST_OUTCOME_PENDING, removals[i].begin(&bed, &token));
		EXPECT_TRUE(token != cancelled);
		EXPECT_RETURN(-ESTALE, __apply(bed.host.fd, cancelled, 0, NULL));
		EXPECT_EQ(token, pending_token(bed.host.fd));

		test_context("%s, a removal: it is in the deltas again", removals[i].name);
		EXPECT_RETURN(CXL_SOFTHOST_OUTCOME_BUSY, remove_by_uncommit(&bed, &token));
		cancelled = pending_token(bed.host.fd);
		EXPECT_RETURN(CXL_SOFTHOST_OUTCOME_PENDING, removals[i].begin(&bed, &token));
		EXPECT_RETURN(-ESTALE, __apply(bed.host.fd, cancelled, 0, NULL));
		deltas = deltas_get(bed.host.fd, token);
		ASSERT_EQ(1, deltas.count);
		EXPECT_EQ(BASE, deltas.entries[0].segment.hpa);
		EXPECT_EQ(CXL_SOFTHOST_DIRECTION_REMOVE, deltas.entries[0].direction);
		EXPECT_RESULT(UNCOMMITTED, NONE, apply(bed.host.fd, token));
		EXPECT_NOT_MAPPED(&bed.vm, BASE, SIZE);

		test_context("%s that removes nothing is done at once", removals[i].name);
		if (!decoder_is_committed(bed.host.fd, bed.host.bridge, 1)) {
			host_commit_bridge(&bed.host, 0, BASE, 4 * UNIT, 0);
			host_commit_bridge(&bed.host, 1, BASE + 4 * UNIT, 4 * UNIT, 1);
		}
		host_enable(&bed.host, 1);
		ASSERT_RESULT(PENDING, NONE, host_commit(&bed.host, 1, 0, BASE + 4 * UNIT, UNIT));
		cancelled = pending_token(bed.host.fd);
		if (removals[i].begin == remove_by_destroy)
			host_create_endpoint(&bed.host, 0);
		EXPECT_EQ(cancelled, pending_token(bed.host.fd));
		EXPECT_TRUE(removals[i].begin(&bed, &token) != CXL_SOFTHOST_OUTCOME_PENDING);
		EXPECT_EQ(0, token);
		EXPECT_RETURN(-ESTALE, __apply(bed.host.fd, cancelled, 0, NULL));
		host_close(&bed.host);
		vm_close(&bed.vm);
	}
}

TEST(DETACH_cancels_what_is_pending)
{
	struct bed bed;
	uint64_t token;

	bed_create(&bed);
	token = begin_commit(&bed);
	EXPECT_RESULT(DONE, NONE, detach(bed.host.fd));
	EXPECT_EQ(0, pending_token(bed.host.fd));
	EXPECT_RETURN(-ESTALE, __apply(bed.host.fd, token, 0, NULL));

	test_context("without engine nothing moves, so nothing waits");
	EXPECT_RESULT(COMMITTED, NONE, host_commit(&bed.host, 0, 0, BASE, SIZE));
	attach(bed.host.fd, bed.vm.fd, FIRST_SLOT, 0);
	EXPECT_MAPPED(&bed.vm, BASE, SIZE);
	EXPECT_RESULT(PENDING, NONE, host_uncommit(&bed.host, 0, 0));
}

/* What the buffers must have room for; they are rounded up to a power of two */
static uint64_t room(int fd)
{
	struct cxl_softhost_info info = softhost_info(fd);

	return info.out_segments_worst + info.out_slots_worst;
}

/* The buffers grow with the nodes: what is announced goes along. */
TEST(nodes_come_while_a_change_is_pending)
{
	struct cxl_softhost_node_create node = {
		.flags = CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8 |
			 CXL_SOFTHOST_NODE_A14_12 | CXL_SOFTHOST_NODE_MANY_DECODERS,
		.kind = CXL_SOFTHOST_NODE_SWITCH, .port = 2, .ports = 1,
		.decoder_count = 32, .target_count = 8,
	};
	struct deltas before, after;
	struct bed bed;
	uint64_t token, needed;

	bed_create(&bed);
	needed = room(bed.host.fd);
	token = begin_commit(&bed);
	before = deltas_get(bed.host.fd, token);
	node.parent_id = bed.host.bridge;
	node_create(bed.host.fd, &node);
	EXPECT_TRUE(room(bed.host.fd) > 2 * needed);
	after = deltas_get(bed.host.fd, token);
	ASSERT_EQ(before.count, after.count);
	EXPECT_EQ(0, memcmp(before.entries, after.entries, after.count * sizeof(*after.entries)));
	EXPECT_RESULT(COMMITTED, NONE, apply(bed.host.fd, token));
	EXPECT_MAPPED(&bed.vm, BASE, SIZE);
}

/* Reset and close are as good as ever for a VMM that never sends APPLY. */
TEST(nobody_has_to_send_APPLY)
{
	struct bed bed;
	int vm_fd = mock_create(), live = mock_live();
	unsigned int i;

	bed_create_on(&bed, vm_fd, 0);
	begin_commit(&bed);
	for (i = 0; i < 100; i++) {
		EXPECT_RESULT(UNCOMMITTED, NONE, reset(bed.host.fd, 0));
		host_enable_all(&bed.host);
		ASSERT_RESULT(COMMITTED, NONE, host_commit_bridge(&bed.host, 0, BASE, 4 * UNIT, 0));
		begin_commit(&bed);
	}
	host_close(&bed.host);
	EXPECT_EQ(0, mock_slot_count(vm_fd));
	ASSERT_DONE(close(vm_fd));
	EXPECT_LIVE(live - 1, 1000);
}

TEST(DELTAS_checks_its_array)
{
	struct cxl_softhost_delta deltas[2];
	struct bed bed;
	uint64_t token;
	uint32_t count;
	uint8_t wide[128];

	bed_create(&bed);
	token = begin_commit(&bed);
	count = 0;
	EXPECT_RETURN(-EMSGSIZE, __deltas(bed.host.fd, token, sizeof(deltas[0]), &count, NULL));
	EXPECT_EQ(1, count);
	count = 2;
	EXPECT_RETURN(0, __deltas(bed.host.fd, token, sizeof(deltas[0]), &count, deltas));
	EXPECT_EQ(1, count);
	test_context("entry sizes");
	EXPECT_RETURN(-EINVAL, __deltas(bed.host.fd, token, sizeof(deltas[0]) - 8, &count, deltas));
	EXPECT_RETURN(-EINVAL, __deltas(bed.host.fd, token, sizeof(deltas[0]) + 4, &count, deltas));
	EXPECT_RETURN(-EINVAL, __deltas(bed.host.fd, token, 4104, &count, deltas));
	memset(wide, 0xff, sizeof(wide));
	EXPECT_RETURN(0, __deltas(bed.host.fd, token, sizeof(wide), &count, wide));
	EXPECT_EQ(0, memcmp(wide, deltas, sizeof(deltas[0])));
	EXPECT_EQ(0, wide[sizeof(wide) - 1]);
	EXPECT_EQ(0, wide[sizeof(deltas[0])]);
	test_context("addresses");
	EXPECT_RETURN(-EFAULT, __deltas(bed.host.fd, token, sizeof(deltas[0]), &count, NULL));
	EXPECT_RESULT(COMMITTED, NONE, apply(bed.host.fd, token));
}
