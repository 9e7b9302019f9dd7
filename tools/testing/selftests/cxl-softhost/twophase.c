// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two-phase hosts: what would move memory is announced, and comes with APPLY; what
 * the guest reads meanwhile, and what else goes on.
 */
#include <errno.h>
#include <string.h>

#include "mock.h"
#include "phase-bed.h"

TEST(a_commit_waits_for_APPLY)
{
	struct cxl_softhost_segment extent;
	struct map before, during, after;
	struct deltas deltas;
	struct bed bed;
	uint64_t token;

	bed_create(&bed);
	EXPECT_EQ(0, pending_token(bed.host.fd));
	before = map_get(bed.host.fd);
	token = begin_commit(&bed);
	EXPECT_TRUE(token);

	test_context("meanwhile nothing has changed");
	during = map_get(bed.host.fd);
	EXPECT_TRUE(map_equal(&before, &during));
	EXPECT_EQ(before.generation, during.generation);
	EXPECT_EQ(0, control(&bed) & (CONTROL_COMMIT | CONTROL_COMMITTED | CONTROL_ERROR));
	EXPECT_EQ(CXL_SOFTHOST_REASON_NO_ENDPOINT_DECODER,
		  translate(bed.host.fd, BASE).out_reason);
	EXPECT_NOT_MAPPED(&bed.vm, BASE, 4 * UNIT);
	EXPECT_EQ(0, softhost_info(bed.host.fd).out_slots_used);

	test_context("the delta");
	deltas = deltas_get(bed.host.fd, token);
	ASSERT_EQ(1, deltas.count);
	EXPECT_EQ(CXL_SOFTHOST_DIRECTION_ADD, deltas.entries[0].direction);
	extent = deltas.entries[0].segment;
	EXPECT_EQ(BASE, extent.hpa);
	EXPECT_EQ(SIZE, extent.length);
	EXPECT_EQ((uintptr_t)bed.host.endpoints[0].memory[VOLATILE], extent.host_addr);
	EXPECT_EQ(BACKEND_OFFSET, extent.backend_offset);
	EXPECT_EQ(backend_cookie(0, VOLATILE), extent.cookie);
	EXPECT_EQ(FIRST_SLOT, extent.slot);
	EXPECT_EQ(bed.host.endpoints[0].id, extent.node_id);

	test_context("after APPLY");
	EXPECT_RESULT(COMMITTED, NONE, apply(bed.host.fd, token));
	EXPECT_EQ(CONTROL_COMMITTED, control(&bed) & CONTROL_COMMITTED);
	EXPECT_MAPPED(&bed.vm, BASE, SIZE);
	after = map_get(bed.host.fd);
	EXPECT_EQ(before.generation + 1, after.generation);
	EXPECT_EQ(0, memcmp(map_find(&after, BASE), &extent, sizeof(extent)));
	EXPECT_EQ(0, pending_token(bed.host.fd));
	EXPECT_RETURN(-ESTALE, __apply(bed.host.fd, token, 0, NULL));
}

TEST_TIMEOUT(each_removal_waits_for_APPLY, 60)
{
	unsigned int i;

	for (i = 0; i < removal_count; i++) {
		struct map before, during;
		struct cxl_softhost_result result;
		struct deltas deltas;
		struct bed bed;
		uint64_t token;

		test_context("%s", removals[i].name);
		bed_create(&bed);
		commit(&bed);
		before = map_get(bed.host.fd);
		EXPECT_RETURN(CXL_SOFTHOST_OUTCOME_PENDING, removals[i].begin(&bed, &token));
		EXPECT_EQ(token, pending_token(bed.host.fd));

		during = map_get(bed.host.fd);
		EXPECT_TRUE(map_equal(&before, &during));
		EXPECT_EQ(CONTROL_COMMITTED, control(&bed) & CONTROL_COMMITTED);
		EXPECT_EQ(CXL_SOFTHOST_REASON_NONE, translate(bed.host.fd, BASE).out_reason);
		EXPECT_MAPPED(&bed.vm, BASE, SIZE);

		deltas = deltas_get(bed.host.fd, token);
		ASSERT_EQ(1, deltas.count);
		EXPECT_EQ(CXL_SOFTHOST_DIRECTION_REMOVE, deltas.entries[0].direction);
		EXPECT_EQ(0, memcmp(&deltas.entries[0].segment, map_find(&before, BASE),
				    sizeof(deltas.entries[0].segment)));

		test_context("%s: no abort", removals[i].name);
		EXPECT_RETURN(-EINVAL, __apply(bed.host.fd, token, CXL_SOFTHOST_APPLY_ABORT, NULL));
		EXPECT_EQ(token, pending_token(bed.host.fd));

		test_context("%s: APPLY", removals[i].name);
		result = apply(bed.host.fd, token);
		EXPECT_EQ(removals[i].outcome, result.outcome);
		EXPECT_NOT_MAPPED(&bed.vm, BASE, SIZE);
		EXPECT_TRUE(translate(bed.host.fd, BASE).out_reason);
		EXPECT_EQ(0, softhost_info(bed.host.fd).out_slots_used);
		host_close(&bed.host);
		vm_close(&bed.vm);
	}
}

TEST(an_aborted_addition_is_refused)
{
	struct map before, after;
	uint32_t device;
	struct bed bed;
	int fd;

	bed_create(&bed);
	device = bed.host.endpoints[0].id;
	fd = bed.host.fd;
	before = map_get(fd);
	EXPECT_REFUSED(ABORTED, 0, 0, abort_change(fd, begin_commit(&bed)));
	EXPECT_EQ(CONTROL_COMMIT | CONTROL_ERROR,
		  control(&bed) & (CONTROL_COMMIT | CONTROL_COMMITTED | CONTROL_ERROR));
	after = map_get(fd);
	EXPECT_TRUE(map_equal(&before, &after));
	EXPECT_EQ(0, pending_token(fd));

	test_context("the guest tries again");
	EXPECT_RESULT(DONE, NONE, host_uncommit(&bed.host, 0, 0));
	commit(&bed);

	test_context("Mem_Enable");
	ASSERT_RESULT(PENDING, NONE, node_set_mem_enable(fd, device, 0));
	EXPECT_RESULT(DONE, NONE, apply(fd, pending_token(fd)));
	ASSERT_RESULT(PENDING, NONE, node_set_mem_enable(fd, device, 1));
	EXPECT_REFUSED(ABORTED, 0, 0, abort_change(fd, pending_token(fd)));
	EXPECT_NOT_MAPPED(&bed.vm, BASE, SIZE);
	EXPECT_EQ(CXL_SOFTHOST_REASON_MEM_DISABLED, translate(fd, BASE).out_reason);

	test_context("HDM Decoder Enable");
	EXPECT_RESULT(DONE, NONE, reg_write(fd, device, HDM_GLOBAL, 4, 0));
	EXPECT_RESULT(DONE, NONE, node_set_mem_enable(fd, device, 1));
	ASSERT_RESULT(PENDING, NONE, reg_write(fd, device, HDM_GLOBAL, 4, HDM_GLOBAL_ENABLE));
	EXPECT_REFUSED(ABORTED, 0, 0, abort_change(fd, pending_token(fd)));
	EXPECT_EQ(0, reg_read(fd, device, HDM_GLOBAL, 4));
	EXPECT_NOT_MAPPED(&bed.vm, BASE, SIZE);
}

TEST(what_could_change_the_map_is_BUSY_meanwhile)
{
	struct map before, after;
	uint64_t token;
	uint32_t other;
	struct bed bed;
	int fd;

	bed_create(&bed);
	fd = bed.host.fd;
	other = bed.host.endpoints[1].id;
	before = map_get(fd);
	token = begin_commit(&bed);

	test_context("a commit elsewhere");
	EXPECT_RESULT(BUSY, NONE, host_commit(&bed.host, 1, 0, BASE + 4 * UNIT, UNIT));
	EXPECT_EQ(0, decoder_control(fd, other, 0) & (CONTROL_COMMIT | CONTROL_ERROR));
	test_context("the same commit");
	EXPECT_RESULT(BUSY, NONE, host_commit(&bed.host, 0, 0, BASE, SIZE));
	test_context("one that would be refused, for the one before it isn't there yet");
	EXPECT_RESULT(BUSY, NONE, host_commit(&bed.host, 0, 1, BASE + SIZE, UNIT));
	EXPECT_EQ(0, decoder_control(fd, bed.host.endpoints[0].id, 1) & CONTROL_ERROR);
	test_context("an uncommit, an enable");
	EXPECT_RESULT(BUSY, NONE, decoder_uncommit(fd, bed.host.bridge, 1));
	EXPECT_TRUE(decoder_is_committed(fd, bed.host.bridge, 1));
	EXPECT_RESULT(BUSY, NONE, reg_write(fd, other, HDM_GLOBAL, 4, 0));
	EXPECT_EQ(HDM_GLOBAL_ENABLE, reg_read(fd, other, HDM_GLOBAL, 4));
	EXPECT_RESULT(BUSY, NONE, node_set_mem_enable(fd, other, 0));
	EXPECT_RESULT(BUSY, NONE, node_set_media(fd, other, CXL_SOFTHOST_MEDIA_DISABLED));
	after = map_get(fd);
	EXPECT_TRUE(map_equal(&before, &after));
	EXPECT_EQ(token, pending_token(fd));

	test_context("all else goes on");
	EXPECT_RESULT(DONE, NONE, reg_write(fd, other, HDM_DECODER(1) + HDM_BASE_HIGH, 4, 7));
	EXPECT_EQ(7, reg_read(fd, other, HDM_DECODER(1) + HDM_BASE_HIGH, 4));
	EXPECT_RESULT(DONE, NONE, reg_write(fd, other, HDM_GLOBAL, 4, HDM_GLOBAL_ENABLE));
	EXPECT_RESULT(DONE, NONE, node_set_mem_enable(fd, other, 1));
	EXPECT_RESULT(IGNORED, READ_ONLY, reg_write(fd, other, HDM_CAPABILITY, 4, 1));
	EXPECT_EQ(token, pending_token(fd));

	test_context("and these after APPLY");
	EXPECT_RESULT(COMMITTED, NONE, apply(fd, token));
	EXPECT_RESULT(PENDING, NONE, host_commit(&bed.host, 0, 1, BASE + SIZE, UNIT));
	EXPECT_RESULT(COMMITTED, NONE, apply(fd, pending_token(fd)));
	EXPECT_MAPPED(&bed.vm, BASE, SIZE + UNIT);
}

TEST(what_moves_no_memory_does_not_wait)
{
	struct bed bed;

	bed_create(&bed);
	test_context("the bridge, with nothing below");
	EXPECT_RESULT(UNCOMMITTED, NONE, decoder_uncommit(bed.host.fd, bed.host.bridge, 1));
	test_context("more than one way");
	{
		struct decoder decoder = {
			.base = BASE, .size = 2 * UNIT, .ways_code = 1,
		};

		EXPECT_RESULT(COMMITTED, INTERLEAVED,
			      decoder_commit(bed.host.fd, bed.host.endpoints[0].id, 0, &decoder));
	}
	EXPECT_EQ(CXL_SOFTHOST_SEGMENT_INTERLEAVED, ({
		struct map map = map_get(bed.host.fd);

		map_find(&map, BASE)->kind;
	}));
	test_context("a rule that refuses");
	EXPECT_REFUSED(HPA_BELOW, BASE + 2 * UNIT, BASE, host_commit(&bed.host, 0, 1, BASE, UNIT));
	EXPECT_EQ(0, pending_token(bed.host.fd));
}

TEST(too_few_slots_are_said_at_once)
{
	struct bed bed;

	vm_create(&bed.vm);
	bed_create_on(&bed, bed.vm.fd, 1);
	commit(&bed);
	EXPECT_REFUSED(NO_SLOTS, 1, 0, host_commit(&bed.host, 1, 0, BASE + 4 * UNIT, UNIT));
	EXPECT_EQ(0, pending_token(bed.host.fd));
}

TEST(I4_an_addition_that_the_engine_refuses_at_APPLY)
{
	struct map before, after;
	struct bed bed;
	uint64_t token;
	int vm_fd = mock_create();

	bed_create_on(&bed, vm_fd, 0);
	before = map_get(bed.host.fd);
	token = begin_commit(&bed);
	mock_fail(vm_fd, MOCKVM_MASK(CREATE), 1, ENOMEM, 0);
	EXPECT_REFUSED(ENGINE, 0, ENOMEM, apply(bed.host.fd, token));
	EXPECT_EQ(0, mock_slot_count(vm_fd));
	EXPECT_TRUE(control(&bed) & CONTROL_ERROR);
	after = map_get(bed.host.fd);
	EXPECT_TRUE(map_equal(&before, &after));
	EXPECT_EQ(0, pending_token(bed.host.fd));
	EXPECT_RESULT(DONE, NONE, host_uncommit(&bed.host, 0, 0));
	commit(&bed);

	test_context("a removal takes effect all the same");
	ASSERT_RESULT(PENDING, NONE, host_uncommit(&bed.host, 0, 0));
	mock_fail(vm_fd, MOCKVM_MASK(DELETE), 1, ENOMEM, 0);
	EXPECT_DEGRADED(UNCOMMITTED, apply(bed.host.fd, pending_token(bed.host.fd)));
	EXPECT_CONDEMNED(bed.host.fd, 1);
	/* The next change gets rid of it, when it begins */
	commit(&bed);
	EXPECT_CONDEMNED(bed.host.fd, 0);
}

TEST(TWO_PHASE_goes_with_policy_checked_alone)
{
	int fd = softhost_open();

	EXPECT_RETURN(-EOPNOTSUPP, __host_set_flags(fd, CXL_SOFTHOST_HOST_TWO_PHASE,
						    CXL_SOFTHOST_POLICY_STRICT_SPEC));
	EXPECT_RETURN(0, __host_set_flags(fd, CXL_SOFTHOST_HOST_TWO_PHASE,
					  CXL_SOFTHOST_POLICY_CHECKED));
	EXPECT_RETURN(0, __host_set_flags(fd, 0, CXL_SOFTHOST_POLICY_STRICT_SPEC));
}
