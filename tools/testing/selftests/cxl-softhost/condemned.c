// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one exception to I3 and I4: KVM refuses to delete a slot. The removal
 * takes effect in registers and map, the slot is condemned, and everybody is
 * told until it is gone.
 */
#include <errno.h>
#include <sys/ioctl.h>

#include "mock.h"
#include "vm.h"

/* Attached, enabled, and a unit mapped at the base of the window. */
static int mapped_host(struct host *host)
{
	int vm_fd = mock_create();

	host_create(host, NULL);
	attach(host->fd, vm_fd, 100, 0);
	host_enable(host, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(host, 0, 0, WINDOW_HPA, UNIT));
	return vm_fd;
}

static struct cxl_softhost_segment condemned_segment(int fd)
{
	struct cxl_softhost_segment found = { .slot = CXL_SOFTHOST_NONE };
	struct map map = map_get(fd);

	/* After all others. */
	if (EXPECT_EQ(1, map_count(&map, CXL_SOFTHOST_SEGMENT_CONDEMNED)))
		found = map.segments[map.count - 1];
	else
		map_note(&map);
	map_free(&map);
	EXPECT_EQ(CXL_SOFTHOST_SEGMENT_CONDEMNED, found.kind);
	return found;
}

TEST(removal_that_KVM_refuses_condemns_the_slot)
{
	struct cxl_softhost_segment segment;
	struct cxl_softhost_result result;
	struct host host;
	uint32_t id;
	int vm_fd;

	vm_fd = mapped_host(&host);
	id = host.endpoints[0].id;
	mock_fail_always(vm_fd, MOCKVM_MASK(DELETE), 1, ENOMEM, 0);
	EXPECT_DEGRADED(UNCOMMITTED, host_uncommit(&host, 0, 0));
	test_context("registers and map tell of the removal");
	EXPECT_EQ(0, decoder_control(host.fd, id, 0) & (CONTROL_COMMITTED | CONTROL_COMMIT));
	EXPECT_EQ(CXL_SOFTHOST_REASON_NO_ENDPOINT_DECODER,
		  translate(host.fd, WINDOW_HPA).out_reason);
	test_context("MAP_GET shows it");
	segment = condemned_segment(host.fd);
	EXPECT_EQ(CXL_SOFTHOST_REASON_STALE_SLOT, segment.reason);
	EXPECT_EQ(WINDOW_HPA, segment.hpa);
	EXPECT_EQ(UNIT, segment.length);
	EXPECT_EQ((uintptr_t)host.endpoints[0].memory[VOLATILE], segment.host_addr);
	EXPECT_EQ(1, softhost_info(host.fd).out_slots_used);
	EXPECT_SLOTS_AS_MAPPED(host.fd, vm_fd);
	test_context("commits wait for it");
	EXPECT_EQ(1, mock_slot_count(vm_fd));
	result = host_commit(&host, 0, 0, WINDOW_HPA + UNIT, UNIT);
	EXPECT_DEGRADED(REFUSED, result);
	EXPECT_EQ(CXL_SOFTHOST_REASON_STALE_SLOT, result.reason);
	EXPECT_EQ(0, result.expected);
	EXPECT_EQ(1, result.found);
	EXPECT_TRUE(decoder_control(host.fd, id, 0) & CONTROL_ERROR);
	test_context("its backend and window stay");
	EXPECT_RETURN(-EBUSY, __destroy(host.fd, host.windows[0], NULL));
	EXPECT_RETURN(0, __destroy(host.fd, id, &result));
	EXPECT_RETURN(-EBUSY, __destroy(host.fd, host.endpoints[0].backends[VOLATILE], NULL));
	EXPECT_RETURN(0, __destroy(host.fd, host.endpoints[0].backends[PERSISTENT], NULL));
	test_context("DESTROY tries again first");
	mock_fail_clear(vm_fd);
	EXPECT_RETURN(0, __destroy(host.fd, host.endpoints[0].backends[VOLATILE], NULL));
	EXPECT_EQ(0, mock_slot_count(vm_fd));
	EXPECT_RETURN(0, __destroy(host.fd, host.windows[0], NULL));
}

/* Also those that would map nothing: a bridge's, an interleaved one. */
TEST(all_commits_wait_for_a_condemned_slot)
{
	struct decoder interleaved = { .base = WINDOW_HPA, .size = 2 * UNIT, .ways_code = 1 };
	struct cxl_softhost_result result;
	struct host host;
	int vm_fd;

	host_create(&host, &(struct host_config){ .bridge_decoders = 2 });
	vm_fd = mock_create();
	attach(host.fd, vm_fd, 100, 0);
	host_enable(&host, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	ASSERT_RESULT(COMMITTED, NONE, host_commit_bridge(&host, 0, WINDOW_HPA, UNIT, 0));
	mock_fail_always(vm_fd, MOCKVM_MASK(DELETE), 1, ENOMEM, 0);
	EXPECT_DEGRADED(UNCOMMITTED, host_uncommit(&host, 0, 0));
	test_context("interleaved");
	result = decoder_commit(host.fd, host.endpoints[0].id, 0, &interleaved);
	EXPECT_DEGRADED(REFUSED, result);
	EXPECT_EQ(CXL_SOFTHOST_REASON_STALE_SLOT, result.reason);
	test_context("bridge, outside of every window");
	result = host_commit_bridge(&host, 1, 8 * WINDOW_HPA, UNIT, 0);
	EXPECT_DEGRADED(REFUSED, result);
	EXPECT_EQ(CXL_SOFTHOST_REASON_STALE_SLOT, result.reason);
	EXPECT_TRUE(!decoder_is_committed(host.fd, host.bridge, 1));
}

TEST(condemned_slot_is_retried_first_and_heals)
{
	struct mock_log log;
	struct host host;
	struct map map;
	int vm_fd;

	vm_fd = mapped_host(&host);
	mock_fail(vm_fd, MOCKVM_MASK(DELETE), 1, ENOMEM, 0);
	EXPECT_DEGRADED(UNCOMMITTED, host_uncommit(&host, 0, 0));
	condemned_segment(host.fd);
	mock_clear_log(vm_fd);
	EXPECT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	log = mock_get_log(vm_fd);
	EXPECT_EQ(2, log.count);
	EXPECT_EQ(MOCKVM_OP_DELETE, log.calls[0].op);
	EXPECT_EQ(MOCKVM_OP_CREATE, log.calls[1].op);
	map = map_get(host.fd);
	EXPECT_EQ(0, map_count(&map, CXL_SOFTHOST_SEGMENT_CONDEMNED));
	EXPECT_SLOTS_AS_MAPPED(host.fd, vm_fd);
}

TEST(condemned_slots_stay_condemned_until_all_are_gone)
{
	struct cxl_softhost_result result;
	struct host host;
	struct map map;
	uint32_t id;
	int vm_fd;

	host_create(&host, &(struct host_config){ .volatile_units = 4 });
	id = host.endpoints[0].id;
	vm_fd = mock_create();
	attach(host.fd, vm_fd, 100, 0);
	host_enable(&host, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 1, WINDOW_HPA + 2 * UNIT, UNIT));
	mock_fail_always(vm_fd, MOCKVM_MASK(DELETE), 1, ENOMEM, 0);
	/* Both go with one write. */
	result = reg_write(host.fd, id, HDM_GLOBAL, 4, 0);
	EXPECT_EQ(CXL_SOFTHOST_RESULT_DEGRADED, result.flags);
	EXPECT_EQ(0, reg_read(host.fd, id, HDM_GLOBAL, 4));
	map = map_get(host.fd);
	EXPECT_EQ(2, map_count(&map, CXL_SOFTHOST_SEGMENT_CONDEMNED));
	EXPECT_EQ(0, map_count(&map, CXL_SOFTHOST_SEGMENT_LINEAR));
	test_context("enable again");
	result = reg_write(host.fd, id, HDM_GLOBAL, 4, HDM_GLOBAL_ENABLE);
	EXPECT_DEGRADED(REFUSED, result);
	EXPECT_EQ(CXL_SOFTHOST_REASON_STALE_SLOT, result.reason);
	EXPECT_EQ(2, result.found);
	EXPECT_EQ(0, reg_read(host.fd, id, HDM_GLOBAL, 4));
	test_context("one of the two can be deleted");
	mock_fail_clear(vm_fd);
	mock_fail(vm_fd, MOCKVM_MASK(DELETE), 2, ENOMEM, 0);
	result = reg_write(host.fd, id, HDM_GLOBAL, 4, HDM_GLOBAL_ENABLE);
	EXPECT_DEGRADED(REFUSED, result);
	EXPECT_EQ(1, result.found);
	EXPECT_EQ(1, mock_slot_count(vm_fd));
	test_context("both");
	EXPECT_RESULT(DONE, NONE, reg_write(host.fd, id, HDM_GLOBAL, 4, HDM_GLOBAL_ENABLE));
	EXPECT_EQ(2, mock_slot_count(vm_fd));
	EXPECT_SLOTS_AS_MAPPED(host.fd, vm_fd);
}

TEST(roll_back_that_KVM_refuses_condemns_the_slot)
{
	struct cxl_softhost_result result;
	struct host host;
	int vm_fd;

	host_create(&host, &(struct host_config){
		.windows = { { WINDOW_HPA, UNIT }, { 2 * WINDOW_HPA, UNIT } },
	});
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 1, 2 * WINDOW_HPA, UNIT));
	vm_fd = mock_create();
	attach(host.fd, vm_fd, 100, 0);
	ASSERT_RESULT(DONE, NONE, node_set_mem_enable(host.fd, host.endpoints[0].id, 1));
	mock_fail(vm_fd, MOCKVM_MASK(CREATE), 2, ENOSPC, 0);
	mock_fail(vm_fd, MOCKVM_MASK(DELETE), 1, ENOMEM, 0);
	result = reg_write(host.fd, host.endpoints[0].id, HDM_GLOBAL, 4, HDM_GLOBAL_ENABLE);
	EXPECT_DEGRADED(REFUSED, result);
	EXPECT_EQ(CXL_SOFTHOST_REASON_ENGINE, result.reason);
	EXPECT_EQ(ENOSPC, result.found);
	EXPECT_EQ(0, reg_read(host.fd, host.endpoints[0].id, HDM_GLOBAL, 4));
	EXPECT_EQ(CXL_SOFTHOST_REASON_HDM_DISABLED, translate(host.fd, WINDOW_HPA).out_reason);
	condemned_segment(host.fd);
	EXPECT_SLOTS_AS_MAPPED(host.fd, vm_fd);
	test_context("healed");
	EXPECT_RESULT(DONE, NONE, reg_write(host.fd, host.endpoints[0].id, HDM_GLOBAL, 4,
					    HDM_GLOBAL_ENABLE));
	EXPECT_EQ(2, mock_slot_count(vm_fd));
	EXPECT_SLOTS_AS_MAPPED(host.fd, vm_fd);
}

TEST(every_removal_can_be_degraded)
{
	static const char *const names[] = {
		"RESET of a node", "RESET of the host", "Mem_Enable", "media", "HDM enable",
		"DESTROY",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		struct cxl_softhost_result result = { .flags = 0 };
		struct host host;
		int vm_fd = mapped_host(&host);
		uint32_t id = host.endpoints[0].id;

		test_context("%s", names[i]);
		mock_fail_always(vm_fd, MOCKVM_MASK(DELETE), 1, ENOMEM, 0);
		switch (i) {
		case 0:
			result = reset(host.fd, id);
			break;
		case 1:
			result = reset(host.fd, 0);
			break;
		case 2:
			result = node_set_mem_enable(host.fd, id, 0);
			break;
		case 3:
			result = node_set_media(host.fd, id, CXL_SOFTHOST_MEDIA_DISABLED);
			break;
		case 4:
			result = reg_write(host.fd, id, HDM_GLOBAL, 4, 0);
			break;
		case 5:
			result = destroy(host.fd, id);
			break;
		}
		EXPECT_EQ(CXL_SOFTHOST_RESULT_DEGRADED, result.flags);
		EXPECT_TRUE(translate(host.fd, WINDOW_HPA).out_reason !=
			    CXL_SOFTHOST_REASON_NONE);
		condemned_segment(host.fd);
		/* The next command that changes the map heals it. */
		mock_fail_clear(vm_fd);
		EXPECT_EQ(0, reset(host.fd, 0).flags);
		EXPECT_EQ(0, mock_slot_count(vm_fd));
		host_close(&host);
	}
}

TEST(DETACH_that_KVM_refuses_stays_attached_and_can_be_repeated)
{
	struct cxl_softhost_result result;
	struct host host, other;
	int vm_fd;

	vm_fd = mapped_host(&host);
	host_create(&other, NULL);
	mock_fail_always(vm_fd, MOCKVM_MASK(DELETE), 1, ENOMEM, 0);
	result = detach(host.fd);
	EXPECT_EQ(CXL_SOFTHOST_RESULT_DEGRADED, result.flags);
	EXPECT_EQ(CXL_SOFTHOST_ENGINE_KVM, softhost_info(host.fd).out_engine);
	EXPECT_RETURN(-EBUSY, __attach(other.fd, vm_fd, 200, 4, NULL));
	EXPECT_EQ(CXL_SOFTHOST_RESULT_DEGRADED, detach(host.fd).flags);
	EXPECT_TRUE(decoder_is_committed(host.fd, host.endpoints[0].id, 0));
	mock_fail_clear(vm_fd);
	EXPECT_EQ(0, detach(host.fd).flags);
	EXPECT_EQ(CXL_SOFTHOST_ENGINE_NONE, softhost_info(host.fd).out_engine);
	EXPECT_EQ(0, mock_slot_count(vm_fd));
	EXPECT_RETURN(0, __attach(other.fd, vm_fd, 200, 4, NULL));
	EXPECT_TRUE(decoder_is_committed(host.fd, host.endpoints[0].id, 0));
}

TEST(ATTACH_that_KVM_lets_neither_go_on_nor_go_back_stays_attached)
{
	struct host host;
	int vm_fd;

	host_create(&host, &(struct host_config){
		.windows = { { WINDOW_HPA, UNIT }, { 2 * WINDOW_HPA, UNIT } },
	});
	host_enable(&host, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 1, 2 * WINDOW_HPA, UNIT));
	vm_fd = mock_create();
	mock_fail(vm_fd, MOCKVM_MASK(CREATE), 2, ENOSPC, NOT_PROOFS);
	mock_fail_always(vm_fd, MOCKVM_MASK(DELETE), 1, ENOMEM, NOT_PROOFS);
	EXPECT_RETURN(-EREMOTEIO, __attach(host.fd, vm_fd, 100, 4, NULL));
	EXPECT_EQ(CXL_SOFTHOST_ENGINE_KVM, softhost_info(host.fd).out_engine);
	condemned_segment(host.fd);
	mock_fail_clear(vm_fd);
	EXPECT_EQ(0, detach(host.fd).flags);
	EXPECT_EQ(CXL_SOFTHOST_ENGINE_NONE, softhost_info(host.fd).out_engine);
	EXPECT_EQ(0, mock_slot_count(vm_fd));
	EXPECT_RETURN(0, __attach(host.fd, vm_fd, 100, 4, NULL));
	EXPECT_EQ(2, mock_slot_count(vm_fd));
	EXPECT_SLOTS_AS_MAPPED(host.fd, vm_fd);
}

/* The VMM deleted the slot behind our back: removed is removed. */
TEST(slot_that_is_gone_already_counts_as_removed)
{
	struct cxl_softhost_segment segment;
	struct map map;
	struct host host;
	struct vm vm;
	int vm_fd;

	vm_fd = mapped_host(&host);
	map = map_get(host.fd);
	segment = *map_find(&map, WINDOW_HPA);
	ASSERT_RETURN(0, vm_slot_set(vm_fd, segment.slot, segment.hpa, 0,
				     host.endpoints[0].memory[VOLATILE]));
	EXPECT_RESULT(UNCOMMITTED, NONE, host_uncommit(&host, 0, 0));
	EXPECT_EQ(0, softhost_info(host.fd).out_slots_used);

	test_context("real KVM");
	host_create(&host, NULL);
	vm_create(&vm);
	attach(host.fd, vm.fd, 100, 0);
	host_enable(&host, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	map = map_get(host.fd);
	segment = *map_find(&map, WINDOW_HPA);
	ASSERT_RETURN(0, vm_slot_set(vm.fd, segment.slot, segment.hpa, 0,
				     host.endpoints[0].memory[VOLATILE]));
	EXPECT_RESULT(UNCOMMITTED, NONE, host_uncommit(&host, 0, 0));
	EXPECT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	EXPECT_MAPPED(&vm, WINDOW_HPA, UNIT);
}

TEST(slot_of_a_dead_VM_counts_as_removed)
{
	struct host host;
	int vm_fd;

	vm_fd = mapped_host(&host);
	mock_fail(vm_fd, MOCKVM_MASK(DELETE), 1, ENOMEM, 0);
	EXPECT_DEGRADED(UNCOMMITTED, host_uncommit(&host, 0, 0));
	mock_set_dead(vm_fd);
	EXPECT_EQ(0, detach(host.fd).flags);
	EXPECT_RETURN(0, __destroy(host.fd, host.endpoints[0].id, NULL));
	EXPECT_RETURN(0, __destroy(host.fd, host.endpoints[0].backends[VOLATILE], NULL));
}
