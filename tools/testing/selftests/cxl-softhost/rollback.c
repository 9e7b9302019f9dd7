// SPDX-License-Identifier: GPL-2.0-only
/*
 * I4: an addition that fails at any step leaves registers, map and slots as
 * they were. One switch of HDM Decoder Enable installs three extents here, and
 * each of the three slots is refused in turn.
 */
#include <errno.h>

#include "mock.h"

#define EXTENTS 3

/* Three committed decoders in three windows, the device's HDM enable off. */
static void three_extents(struct host *host)
{
	unsigned int i;

	host_create(host, &(struct host_config){
		.windows = { { WINDOW_HPA, 2 * UNIT }, { 2 * WINDOW_HPA, UNIT },
			     { 3 * WINDOW_HPA, UNIT } },
		.volatile_units = 4,
	});
	for (i = 0; i < EXTENTS; i++)
		ASSERT_RESULT(COMMITTED, NONE, host_commit(host, 0, i, (i + 1) * WINDOW_HPA,
							   UNIT));
}

static struct cxl_softhost_result set_hdm_enable(struct host *host, bool on)
{
	return reg_write(host->fd, host->endpoints[0].id, HDM_GLOBAL, 4,
			 on ? HDM_GLOBAL_ENABLE : 0);
}

/* All slots created in the log were deleted again, the last one first. */
static void expect_rolled_back(int vm_fd, unsigned int created)
{
	struct mock_log log = mock_get_log(vm_fd);
	unsigned int i;

	if (!EXPECT_EQ(2 * created + 1, log.count)) {
		mock_log_note(vm_fd);
		return;
	}
	for (i = 0; i < created; i++) {
		const struct mockvm_call *create = &log.calls[i];
		const struct mockvm_call *delete = &log.calls[2 * created - i];

		EXPECT_EQ(MOCKVM_OP_CREATE, create->op);
		EXPECT_EQ(0, create->result);
		EXPECT_EQ(MOCKVM_OP_DELETE, delete->op);
		EXPECT_EQ(0, delete->result);
		EXPECT_EQ(create->region.slot, delete->region.slot);
	}
	EXPECT_EQ(MOCKVM_OP_CREATE, log.calls[created].op);
	free(log.calls);
}

TEST(I4_HDM_enable_with_the_nth_slot_refused)
{
	static const int errors[] = { ENOMEM, EEXIST, EINVAL, ENOSPC };
	struct map before, after;
	struct host host;
	unsigned int nth;
	int vm_fd;

	three_extents(&host);
	vm_fd = mock_create();
	attach(host.fd, vm_fd, 100, 0);
	ASSERT_RESULT(DONE, NONE, node_set_mem_enable(host.fd, host.endpoints[0].id, 1));
	before = map_get(host.fd);
	for (nth = 1; nth <= EXTENTS; nth++) {
		int error = errors[nth - 1];

		test_context("slot %u of %u", nth, EXTENTS);
		mock_clear_log(vm_fd);
		mock_fail(vm_fd, MOCKVM_MASK(CREATE), nth, error, 0);
		EXPECT_REFUSED(ENGINE, 0, error, set_hdm_enable(&host, true));
		expect_rolled_back(vm_fd, nth - 1);
		EXPECT_EQ(0, reg_read(host.fd, host.endpoints[0].id, HDM_GLOBAL, 4));
		EXPECT_EQ(0, mock_slot_count(vm_fd));
		EXPECT_EQ(0, softhost_info(host.fd).out_slots_used);
		after = map_get(host.fd);
		EXPECT_TRUE(map_equal(&before, &after));
		EXPECT_EQ(before.generation, after.generation);
		map_free(&after);
	}
	test_context("no failure");
	mock_fail_clear(vm_fd);
	mock_clear_log(vm_fd);
	EXPECT_RESULT(DONE, NONE, set_hdm_enable(&host, true));
	EXPECT_EQ(EXTENTS, mock_log_count(vm_fd, MOCKVM_OP_CREATE, 0));
	EXPECT_EQ(EXTENTS, mock_slot_count(vm_fd));
	EXPECT_SLOTS_AS_MAPPED(host.fd, vm_fd);
}

TEST(I4_NODE_SET_with_the_nth_slot_refused)
{
	struct map before, after;
	unsigned int nth, what;
	struct host host;
	uint32_t id;
	int vm_fd;

	three_extents(&host);
	id = host.endpoints[0].id;
	vm_fd = mock_create();
	attach(host.fd, vm_fd, 100, 0);
	host_enable(&host, 0);
	for (what = 0; what < 2; what++) {
		if (what == 0)
			ASSERT_RESULT(DONE, NONE, node_set_mem_enable(host.fd, id, 0));
		else
			ASSERT_RESULT(DONE, NONE, node_set_media(host.fd, id,
								 CXL_SOFTHOST_MEDIA_DISABLED));
		EXPECT_EQ(0, mock_slot_count(vm_fd));
		before = map_get(host.fd);
		for (nth = 1; nth <= EXTENTS; nth++) {
			test_context("%s, slot %u of %u", what ? "media" : "Mem_Enable", nth,
				     EXTENTS);
			mock_clear_log(vm_fd);
			mock_fail(vm_fd, MOCKVM_MASK(CREATE), nth, ENOMEM, 0);
			EXPECT_REFUSED(ENGINE, 0, ENOMEM, what == 0 ?
				       node_set_mem_enable(host.fd, id, 1) :
				       node_set_media(host.fd, id, CXL_SOFTHOST_MEDIA_READY));
			expect_rolled_back(vm_fd, nth - 1);
			EXPECT_EQ(0, mock_slot_count(vm_fd));
			after = map_get(host.fd);
			EXPECT_TRUE(map_equal(&before, &after));
		}
		mock_fail_clear(vm_fd);
		if (what == 0)
			EXPECT_RESULT(DONE, NONE, node_set_mem_enable(host.fd, id, 1));
		else
			EXPECT_RESULT(DONE, NONE, node_set_media(host.fd, id,
								 CXL_SOFTHOST_MEDIA_READY));
		EXPECT_SLOTS_AS_MAPPED(host.fd, vm_fd);
		EXPECT_EQ(EXTENTS, mock_slot_count(vm_fd));
	}
}

/* What was refused stays refused: nothing that comes later brings it in. */
TEST(I4_a_refused_NODE_SET_does_not_come_later)
{
	static const enum cxl_softhost_reason reasons[] = {
		CXL_SOFTHOST_REASON_MEM_DISABLED, CXL_SOFTHOST_REASON_MEDIA_DISABLED,
		CXL_SOFTHOST_REASON_HDM_DISABLED,
	};
	unsigned int what, i;

	for (what = 0; what < ARRAY_SIZE(reasons); what++) {
		struct cxl_softhost_result result;
		struct host host;
		uint32_t id;
		int vm_fd;

		host_create(&host, &(struct host_config){ .bridge_decoders = 2, .endpoints = 2 });
		id = host.endpoints[0].id;
		vm_fd = mock_create();
		attach(host.fd, vm_fd, 100, 0);
		host_enable_all(&host);
		for (i = 0; i < 2; i++) {
			uint64_t base = WINDOW_HPA + 2 * i * UNIT;

			ASSERT_RESULT(COMMITTED, NONE, host_commit_bridge(&host, i, base, UNIT, i));
			ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, i, 0, base, UNIT));
		}
		/* One gate of the first device closes, and can't open again. */
		for (i = 0; i < 2; i++) {
			if (i)
				mock_fail(vm_fd, MOCKVM_MASK(CREATE), 1, ENOMEM, 0);
			if (what == 0)
				result = node_set_mem_enable(host.fd, id, i);
			else if (what == 1)
				result = node_set_media(host.fd, id, !i);
			else
				result = reg_write(host.fd, id, HDM_GLOBAL, 4,
						   i ? HDM_GLOBAL_ENABLE : 0);
		}
		EXPECT_REFUSED(ENGINE, 0, ENOMEM, result);
		for (i = 0; i < 5; i++) {
			static const char *const later[] = {
				"uncommit of another", "commit of another", "reset of another",
				"DETACH and ATTACH", "DESTROY of another",
			};

			test_context("%s, then %s", reason_name(reasons[what]), later[i]);
			switch (i) {
			case 0:
				host_uncommit(&host, 1, 0);
				break;
			case 1:
				host_commit(&host, 1, 0, WINDOW_HPA + 2 * UNIT, UNIT);
				break;
			case 2:
				reset(host.fd, host.endpoints[1].id);
				break;
			case 3:
				detach(host.fd);
				attach(host.fd, vm_fd, 100, 0);
				break;
			case 4:
				destroy(host.fd, host.endpoints[1].id);
				break;
			}
			EXPECT_EQ(reasons[what], translate(host.fd, WINDOW_HPA).out_reason);
			EXPECT_EQ(i == 1, mock_slot_count(vm_fd));
			EXPECT_SLOTS_AS_MAPPED(host.fd, vm_fd);
		}
		host_close(&host);
	}
}

/* One decoder across two windows: one commit, two slots. */
TEST(I4_commit_with_the_nth_slot_refused)
{
	static struct mock_slots slots_before, slots_after;
	struct map before, after;
	struct host host;
	unsigned int nth;
	uint32_t id, control;
	int vm_fd;

	host_create(&host, &(struct host_config){
		.windows = { { WINDOW_HPA, UNIT }, { WINDOW_HPA + UNIT, UNIT },
			     { WINDOW_HPA + 3 * UNIT, UNIT } },
		.volatile_units = 8,
	});
	id = host.endpoints[0].id;
	vm_fd = mock_create();
	attach(host.fd, vm_fd, 100, 0);
	host_enable(&host, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	before = map_get(host.fd);
	mock_get_slots(vm_fd, &slots_before);
	for (nth = 1; nth <= 2; nth++) {
		test_context("slot %u of 2", nth);
		mock_clear_log(vm_fd);
		mock_fail(vm_fd, MOCKVM_MASK(CREATE), nth, ENOMEM, 0);
		EXPECT_REFUSED(ENGINE, 0, ENOMEM, host_commit(&host, 0, 1, WINDOW_HPA + UNIT,
							      3 * UNIT));
		expect_rolled_back(vm_fd, nth - 1);
		control = decoder_control(host.fd, id, 1);
		EXPECT_TRUE(control & CONTROL_ERROR);
		EXPECT_TRUE(!(control & CONTROL_COMMITTED));
		after = map_get(host.fd);
		EXPECT_TRUE(map_equal(&before, &after));
		mock_get_slots(vm_fd, &slots_after);
		EXPECT_TRUE(mock_slots_equal(&slots_before, &slots_after));
		reg_write(host.fd, id, HDM_DECODER(1) + HDM_CONTROL, 4, 0);
	}
	test_context("no failure");
	mock_fail_clear(vm_fd);
	EXPECT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 1, WINDOW_HPA + UNIT, 3 * UNIT));
	EXPECT_EQ(3, mock_slot_count(vm_fd));
	EXPECT_SLOTS_AS_MAPPED(host.fd, vm_fd);
}

/* The bridge's commit completes paths below it: the addition is on its account. */
TEST(I4_bridge_commit_with_a_slot_refused)
{
	struct host host;
	int vm_fd;

	host_create(&host, &(struct host_config){ .bridge_decoders = 2 });
	vm_fd = mock_create();
	attach(host.fd, vm_fd, 100, 0);
	host_enable(&host, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	EXPECT_EQ(0, mock_slot_count(vm_fd));
	mock_fail(vm_fd, MOCKVM_MASK(CREATE), 1, ENOMEM, 0);
	EXPECT_REFUSED(ENGINE, 0, ENOMEM, host_commit_bridge(&host, 0, WINDOW_HPA, UNIT, 0));
	EXPECT_TRUE(decoder_is_committed(host.fd, host.endpoints[0].id, 0));
	EXPECT_TRUE(!decoder_is_committed(host.fd, host.bridge, 0));
	EXPECT_EQ(CXL_SOFTHOST_REASON_NO_DECODER, translate(host.fd, WINDOW_HPA).out_reason);
	EXPECT_EQ(0, mock_slot_count(vm_fd));
	ASSERT_RESULT(DONE, NONE, reg_write(host.fd, host.bridge, HDM_DECODER(0) + HDM_CONTROL, 4,
					    0));
	EXPECT_RESULT(COMMITTED, NONE, host_commit_bridge(&host, 0, WINDOW_HPA, UNIT, 0));
	EXPECT_SLOTS_AS_MAPPED(host.fd, vm_fd);
}

TEST(ATTACH_of_a_map_that_is_not_empty_installs_all_of_it)
{
	struct cxl_softhost_attach attached;
	struct host host;
	int vm_fd;

	three_extents(&host);
	host_enable(&host, 0);
	vm_fd = mock_create();
	attached = attach(host.fd, vm_fd, 100, 0);
	EXPECT_EQ(0, attached.out_result.flags);
	EXPECT_EQ(EXTENTS, mock_slot_count(vm_fd));
	EXPECT_SLOTS_AS_MAPPED(host.fd, vm_fd);
}

TEST(ATTACH_of_a_map_that_is_not_empty_or_nothing_is_EREMOTEIO)
{
	struct map before, after;
	struct host host;
	unsigned int nth;
	int vm_fd;

	three_extents(&host);
	host_enable(&host, 0);
	vm_fd = mock_create();
	before = map_get(host.fd);
	for (nth = 1; nth <= EXTENTS; nth++) {
		test_context("slot %u of %u", nth, EXTENTS);
		mock_fail(vm_fd, MOCKVM_MASK(CREATE), nth, ENOMEM, NOT_PROOFS);
		EXPECT_RETURN(-EREMOTEIO, __attach(host.fd, vm_fd, 100, 0, NULL));
		EXPECT_EQ(0, mock_slot_count(vm_fd));
		EXPECT_EQ(CXL_SOFTHOST_ENGINE_NONE, softhost_info(host.fd).out_engine);
		after = map_get(host.fd);
		EXPECT_TRUE(map_equal(&before, &after));
	}
	/* Nothing of the failed ones is in the way. */
	mock_fail_clear(vm_fd);
	EXPECT_RETURN(0, __attach(host.fd, vm_fd, 100, 0, NULL));
	EXPECT_SLOTS_AS_MAPPED(host.fd, vm_fd);
}

TEST(ATTACH_refused_while_it_proves_slots_free_is_EREMOTEIO)
{
	struct host host;
	int vm_fd;

	host_create(&host, NULL);
	vm_fd = mock_create();
	mock_fail(vm_fd, MOCKVM_MASK(CREATE), 1, ENOMEM, 0);
	EXPECT_RETURN(-EREMOTEIO, __attach(host.fd, vm_fd, 100, 8, NULL));
	EXPECT_EQ(0, mock_slot_count(vm_fd));
	EXPECT_RETURN(0, __attach(host.fd, vm_fd, 100, 8, NULL));
	EXPECT_EQ(0, mock_slot_count(vm_fd));
}

TEST(ATTACH_with_fewer_slots_than_the_map_needs_is_ENOSPC)
{
	struct host host;
	int vm_fd;

	three_extents(&host);
	host_enable(&host, 0);
	vm_fd = mock_create();
	EXPECT_RETURN(-ENOSPC, __attach(host.fd, vm_fd, 100, EXTENTS - 1, NULL));
	EXPECT_EQ(0, mock_slot_count(vm_fd));
	EXPECT_RETURN(0, __attach(host.fd, vm_fd, 100, EXTENTS, NULL));
}

TEST(NO_SLOTS_is_refused_in_the_plan_without_asking_KVM)
{
	struct map before, after;
	struct host host;
	int vm_fd;

	three_extents(&host);
	vm_fd = mock_create();
	attach(host.fd, vm_fd, 100, 2);
	ASSERT_RESULT(DONE, NONE, node_set_mem_enable(host.fd, host.endpoints[0].id, 1));
	before = map_get(host.fd);
	mock_clear_log(vm_fd);
	EXPECT_REFUSED(NO_SLOTS, 3, 2, set_hdm_enable(&host, true));
	EXPECT_EQ(0, mock_get_log(vm_fd).count);
	after = map_get(host.fd);
	EXPECT_TRUE(map_equal(&before, &after));
	/* With one extent less there are enough; then none is left. */
	ASSERT_RESULT(UNCOMMITTED, NONE, host_uncommit(&host, 0, 2));
	EXPECT_RESULT(DONE, NONE, set_hdm_enable(&host, true));
	EXPECT_EQ(2, softhost_info(host.fd).out_slots_used);
	EXPECT_REFUSED(NO_SLOTS, 1, 0, host_commit(&host, 0, 2, 3 * WINDOW_HPA, UNIT));
	/* A commit that maps nothing needs none. */
	ASSERT_RESULT(DONE, NONE, reg_write(host.fd, host.endpoints[0].id,
					    HDM_DECODER(2) + HDM_CONTROL, 4, 0));
	EXPECT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 2, 4 * WINDOW_HPA, UNIT));
	EXPECT_SLOTS_AS_MAPPED(host.fd, vm_fd);
}

TEST(dead_VM_refuses_commits_and_loses_nothing)
{
	struct host host;
	int vm_fd;

	host_create(&host, NULL);
	vm_fd = mock_create();
	attach(host.fd, vm_fd, 100, 0);
	host_enable(&host, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	mock_set_dead(vm_fd);
	EXPECT_REFUSED(ENGINE, 0, EIO, host_commit(&host, 0, 1, WINDOW_HPA + UNIT, UNIT));
	/* Removal from a dead VM is a removal. */
	EXPECT_RESULT(UNCOMMITTED, NONE, host_uncommit(&host, 0, 0));
	EXPECT_EQ(CXL_SOFTHOST_REASON_NO_ENDPOINT_DECODER,
		  translate(host.fd, WINDOW_HPA).out_reason);
	EXPECT_EQ(0, detach(host.fd).flags);
	EXPECT_EQ(CXL_SOFTHOST_ENGINE_NONE, softhost_info(host.fd).out_engine);
}
