// SPDX-License-Identifier: GPL-2.0-only
/* Commands in the wrong order, twice, or on what is in use. */
#include <errno.h>
#include <unistd.h>

#include "fixture.h"
#include "vm.h"

TEST(HOST_SET_after_the_first_object_is_EBUSY)
{
	uint8_t *memory = memory_reserve(PAGE);
	struct cxl_softhost_node_create bridge = {
		.kind = CXL_SOFTHOST_NODE_HOST_BRIDGE, .ports = 1,
	};
	int fd = softhost_open();

	EXPECT_RETURN(0, __host_set(fd, 2, 2, 2));
	EXPECT_RETURN(0, __host_set(fd, 3, 3, 3));
	backend_create(fd, memory, PAGE, 0);
	EXPECT_RETURN(-EBUSY, __host_set(fd, 4, 4, 4));
	EXPECT_EQ(3, softhost_info(fd).out_max_windows);

	fd = softhost_open();
	node_create(fd, &bridge);
	EXPECT_RETURN(-EBUSY, __host_set(fd, 4, 4, 4));
}

TEST(WINDOW_CREATE_after_ATTACH_is_EBUSY)
{
	struct host host;
	struct vm vm;

	host_create(&host, NULL);
	vm_create(&vm);
	attach(host.fd, vm.fd, CXL_SOFTHOST_SLOT_TOP, 0);
	EXPECT_RETURN(-EBUSY, __window_create(host.fd, 4 * WINDOW_HPA, UNIT, host.bridge, NULL));
}

TEST(ATTACH_without_window_is_ENOENT)
{
	int fd = softhost_open();
	struct vm vm;

	vm_create(&vm);
	EXPECT_RETURN(-ENOENT, __attach(fd, vm.fd, CXL_SOFTHOST_SLOT_TOP, 0, NULL));
	EXPECT_RETURN(-ENOENT, __attach(fd, vm.fd, CXL_SOFTHOST_SLOT_TOP, 4, NULL));
}

TEST(ATTACH_twice_is_EBUSY)
{
	struct vm vm, other;
	struct host host;

	host_create(&host, NULL);
	vm_create(&vm);
	vm_create(&other);
	attach(host.fd, vm.fd, CXL_SOFTHOST_SLOT_TOP, 0);
	EXPECT_RETURN(-EBUSY, __attach(host.fd, vm.fd, CXL_SOFTHOST_SLOT_TOP, 0, NULL));
	EXPECT_RETURN(-EBUSY, __attach(host.fd, other.fd, CXL_SOFTHOST_SLOT_TOP, 0, NULL));
}

TEST(DETACH_without_engine_is_ENOTCONN)
{
	struct host host;
	struct vm vm;

	host_create(&host, NULL);
	EXPECT_RETURN(-ENOTCONN, __detach(host.fd, NULL));
	vm_create(&vm);
	attach(host.fd, vm.fd, CXL_SOFTHOST_SLOT_TOP, 0);
	EXPECT_RETURN(0, __detach(host.fd, NULL));
	EXPECT_RETURN(-ENOTCONN, __detach(host.fd, NULL));
}

TEST(second_host_on_the_same_VM_is_EBUSY)
{
	struct host one, other;
	struct vm vm;

	host_create(&one, NULL);
	host_create(&other, &(struct host_config){ .windows[0] = { 8 * WINDOW_HPA, UNIT } });
	vm_create(&vm);
	attach(one.fd, vm.fd, 100, 0);
	EXPECT_RETURN(-EBUSY, __attach(other.fd, vm.fd, 1000, 0, NULL));
	EXPECT_RETURN(-EBUSY, __attach(other.fd, dup(vm.fd), 1000, 0, NULL));
	/* The first one isn't disturbed, and after its DETACH the VM is free. */
	host_enable(&one, 0);
	EXPECT_RESULT(COMMITTED, NONE, host_commit(&one, 0, 0, WINDOW_HPA, UNIT));
	EXPECT_MAPPED(&vm, WINDOW_HPA, UNIT);
	detach(one.fd);
	EXPECT_RETURN(0, __attach(other.fd, vm.fd, 1000, 0, NULL));
	/* Closing a host frees the VM too. */
	EXPECT_RETURN(-EBUSY, __attach(one.fd, vm.fd, 100, 0, NULL));
	host_close(&other);
	EXPECT_RETURN(0, __attach(one.fd, vm.fd, 100, 0, NULL));
}

TEST(DESTROY_of_what_is_in_use_is_EBUSY)
{
	struct host host;

	host_create(&host, NULL);
	test_context("host bridge with an endpoint and a window");
	EXPECT_RETURN(-EBUSY, __destroy(host.fd, host.bridge, NULL));
	test_context("backends of partitions");
	EXPECT_RETURN(-EBUSY, __destroy(host.fd, host.endpoints[0].backends[VOLATILE], NULL));
	EXPECT_RETURN(-EBUSY, __destroy(host.fd, host.endpoints[0].backends[PERSISTENT], NULL));
	test_context("window in which memory answers");
	host_enable(&host, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA + UNIT, UNIT));
	EXPECT_RETURN(-EBUSY, __destroy(host.fd, host.windows[0], NULL));
	test_context("in order");
	ASSERT_RESULT(UNCOMMITTED, NONE, host_uncommit(&host, 0, 0));
	EXPECT_RESULT(DONE, NONE, destroy(host.fd, host.endpoints[0].id));
	test_context("host bridge that a window names");
	EXPECT_RETURN(-EBUSY, __destroy(host.fd, host.bridge, NULL));
	EXPECT_RESULT(DONE, NONE, destroy(host.fd, host.windows[0]));
	EXPECT_RESULT(DONE, NONE, destroy(host.fd, host.bridge));
	EXPECT_RESULT(DONE, NONE, destroy(host.fd, host.endpoints[0].backends[VOLATILE]));
	EXPECT_RESULT(DONE, NONE, destroy(host.fd, host.endpoints[0].backends[PERSISTENT]));
	test_context("twice");
	EXPECT_RETURN(-ENOENT, __destroy(host.fd, host.bridge, NULL));
	EXPECT_RETURN(-ENOENT, __destroy(host.fd, host.windows[0], NULL));
}

TEST(DESTROY_of_a_window_while_attached)
{
	struct host host;
	struct vm vm;

	host_create(&host, &(struct host_config){
		.windows = { { WINDOW_HPA, UNIT }, { 2 * WINDOW_HPA, UNIT } },
	});
	vm_create(&vm);
	attach(host.fd, vm.fd, CXL_SOFTHOST_SLOT_TOP, 0);
	host_enable(&host, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	EXPECT_RETURN(0, __destroy(host.fd, host.windows[1], NULL));
	EXPECT_EQ(CXL_SOFTHOST_REASON_NO_WINDOW, translate(host.fd, 2 * WINDOW_HPA).out_reason);
	EXPECT_MAPPED(&vm, WINDOW_HPA, UNIT);
	EXPECT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 1, 2 * WINDOW_HPA, UNIT));
	EXPECT_NOT_MAPPED(&vm, 2 * WINDOW_HPA, UNIT);
}

TEST(IDs_are_not_half_built_objects)
{
	struct cxl_softhost_node_create bad = { .kind = CXL_SOFTHOST_NODE_HOST_BRIDGE };
	struct cxl_softhost_info before, after;
	struct host host;
	uint32_t id = 77;

	host_create(&host, NULL);
	before = softhost_info(host.fd);
	EXPECT_RETURN(-EINVAL, __node_create(host.fd, &bad, &id));
	EXPECT_RETURN(-EEXIST, __window_create(host.fd, WINDOW_HPA, UNIT, host.bridge, NULL));
	after = softhost_info(host.fd);
	EXPECT_EQ(before.out_host_bytes, after.out_host_bytes);
	EXPECT_EQ(before.out_generation, after.out_generation);
}

TEST(endpoints_come_and_go_while_attached)
{
	struct cxl_softhost_node_create node = {
		.flags = CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8,
		.kind = CXL_SOFTHOST_NODE_ENDPOINT,
		.decoder_count = 10,
	};
	struct cxl_softhost_result result;
	struct host host;
	struct vm vm;

	host_create(&host, NULL);
	vm_create(&vm);
	attach(host.fd, vm.fd, CXL_SOFTHOST_SLOT_TOP, 100);
	host_enable(&host, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, 2 * UNIT));
	EXPECT_MAPPED(&vm, WINDOW_HPA, 2 * UNIT);
	result = destroy(host.fd, host.endpoints[0].id);
	EXPECT_EQ(CXL_SOFTHOST_OUTCOME_UNCOMMITTED, result.outcome);
	EXPECT_NOT_MAPPED(&vm, WINDOW_HPA, 4 * UNIT);

	node.parent_id = host.bridge;
	node.partitions[PERSISTENT] = (struct cxl_softhost_partition){
		.length = 2 * UNIT, .backend_id = host.endpoints[0].backends[PERSISTENT],
	};
	host.endpoints[0].id = node_create(host.fd, &node);
	/* It has nothing of the one that was there before. */
	EXPECT_EQ(0, reg_read(host.fd, host.endpoints[0].id, HDM_GLOBAL, 4));
	EXPECT_EQ(0, decoder_control(host.fd, host.endpoints[0].id, 0));
	host_enable(&host, 0);
	EXPECT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA + UNIT, UNIT));
	EXPECT_NOT_MAPPED(&vm, WINDOW_HPA, UNIT);
	EXPECT_MAPPED(&vm, WINDOW_HPA + UNIT, UNIT);
}
