// SPDX-License-Identifier: GPL-2.0-only
/* Values that a VMM can get wrong in set-up, and the errno that each gets. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fixture.h"
#include "vm.h"

TEST(INFO_tells_ABI_engines_and_limits)
{
	struct cxl_softhost_info info;
	int fd = softhost_open();

	info = softhost_info(fd);
	EXPECT_EQ(sizeof(info), info.size);
	EXPECT_EQ(0, info.flags);
	EXPECT_EQ(CXL_SOFTHOST_ABI, info.out_abi);
	EXPECT_EQ(1U << CXL_SOFTHOST_ENGINE_KVM | 1U << CXL_SOFTHOST_ENGINE_ADVISORY,
		  info.out_engines);
	EXPECT_EQ(CXL_SOFTHOST_ENGINE_NONE, info.out_engine);
	EXPECT_EQ(0, info.out_slot_count);
	EXPECT_EQ(0, info.out_slots_used);
	EXPECT_EQ(16, info.out_max_windows);
	EXPECT_EQ(256, info.out_max_nodes);
	EXPECT_EQ(256, info.out_max_backends);
	EXPECT_TRUE(info.out_host_bytes > 0);
}

TEST(INFO_tells_the_attached_engine)
{
	struct cxl_softhost_attach attached;
	struct cxl_softhost_info info;
	struct host host;
	struct vm vm;

	host_create(&host, NULL);
	vm_create(&vm);
	attached = attach(host.fd, vm.fd, 1000, 40);
	EXPECT_EQ(1000, attached.out_first_slot);
	EXPECT_EQ(40, attached.out_slot_count);
	info = softhost_info(host.fd);
	EXPECT_EQ(CXL_SOFTHOST_ENGINE_KVM, info.out_engine);
	EXPECT_EQ(1000, info.out_first_slot);
	EXPECT_EQ(40, info.out_slot_count);
	EXPECT_EQ(0, info.out_slots_used);
	host_enable(&host, 0);
	EXPECT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	EXPECT_EQ(1, softhost_info(host.fd).out_slots_used);
	EXPECT_TRUE(softhost_info(host.fd).out_slots_worst >= 1);
}

TEST(HOST_SET_takes_its_limits_and_no_more)
{
	static const struct {
		uint32_t windows, nodes, backends;
		int ret;
	} cases[] = {
		{ 0, 0, 0, 0 }, { 1, 1, 1, 0 }, { 64, 1024, 1024, 0 },
		{ 65, 0, 0, -EINVAL }, { 0, 1025, 0, -EINVAL }, { 0, 0, 1025, -EINVAL },
		{ UINT32_MAX, 0, 0, -EINVAL }, { 0, UINT32_MAX, 0, -EINVAL },
		{ 0, 0, UINT32_MAX, -EINVAL },
	};
	struct cxl_softhost_host_set set = { .size = sizeof(set), .policy = 1 };
	int fd = softhost_open();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		test_context("case %u", i);
		EXPECT_RETURN(cases[i].ret, __host_set(fd, cases[i].windows, cases[i].nodes,
						       cases[i].backends));
	}
	EXPECT_EQ(64, softhost_info(fd).out_max_windows);
	EXPECT_EQ(1024, softhost_info(fd).out_max_nodes);
	EXPECT_EQ(1024, softhost_info(fd).out_max_backends);
	test_context("policy");
	EXPECT_RETURN(0, softhost_ioctl(fd, CXL_SOFTHOST_HOST_SET, &set));
	set.policy = 2;
	EXPECT_RETURN(-EINVAL, softhost_ioctl(fd, CXL_SOFTHOST_HOST_SET, &set));
}

TEST(limits_of_the_host_are_ENOSPC)
{
	struct cxl_softhost_node_create bridge = {
		.kind = CXL_SOFTHOST_NODE_HOST_BRIDGE, .ports = 1,
	};
	uint8_t *memory = memory_reserve(UNIT);
	uint32_t id, backend, window;
	int fd = softhost_open();

	ASSERT_RETURN(0, __host_set(fd, 1, 1, 1));
	backend = backend_create(fd, memory, PAGE, 0);
	EXPECT_RETURN(-ENOSPC, __backend_create(fd, memory, PAGE, 0, NULL));
	id = node_create(fd, &bridge);
	EXPECT_RETURN(-ENOSPC, __node_create(fd, &bridge, NULL));
	window = window_create(fd, WINDOW_HPA, UNIT, id);
	EXPECT_RETURN(-ENOSPC, __window_create(fd, 2 * WINDOW_HPA, UNIT, id, NULL));
	/* What is destroyed makes room. */
	destroy(fd, backend);
	destroy(fd, window);
	destroy(fd, id);
	backend_create(fd, memory, PAGE, 0);
	id = node_create(fd, &bridge);
	window_create(fd, WINDOW_HPA, UNIT, id);
}

TEST(BACKEND_CREATE_values)
{
	uint8_t *memory = memory_reserve(16 * PAGE), *hole;
	int fd = softhost_open();
	uint64_t task_end = 1ULL << 47;

	EXPECT_RETURN(-EINVAL, __backend_create(fd, memory + 1, PAGE, 0, NULL));
	EXPECT_RETURN(-EINVAL, __backend_create(fd, memory + PAGE / 2, PAGE, 0, NULL));
	EXPECT_RETURN(-EINVAL, __backend_create(fd, memory, 0, 0, NULL));
	EXPECT_RETURN(-EINVAL, __backend_create(fd, memory, PAGE + 1, 0, NULL));
	EXPECT_RETURN(-EINVAL, __backend_create(fd, memory, PAGE / 2, 0, NULL));
	EXPECT_RETURN(-EOVERFLOW, __backend_create(fd, memory, -PAGE, 0, NULL));
	EXPECT_RETURN(-EOVERFLOW, __backend_create(fd, (void *)-PAGE, PAGE, 0, NULL));
	EXPECT_RETURN(-EOVERFLOW, __backend_create(fd, (void *)task_end, PAGE, 0, NULL));
	EXPECT_RETURN(-EOVERFLOW, __backend_create(fd, memory, task_end, 0, NULL));

	test_context("host address not mapped");
	hole = mmap(NULL, 16 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_TRUE(hole != MAP_FAILED);
	EXPECT_RETURN(0, __backend_create(fd, hole, 16 * PAGE, 0, NULL));
	ASSERT_DONE(munmap(hole + 8 * PAGE, PAGE));
	EXPECT_RETURN(-EADDRNOTAVAIL, __backend_create(fd, hole, 16 * PAGE, 0, NULL));
	EXPECT_RETURN(-EADDRNOTAVAIL, __backend_create(fd, hole + 8 * PAGE, PAGE, 0, NULL));
	EXPECT_RETURN(-EADDRNOTAVAIL, __backend_create(fd, hole, 9 * PAGE, 0, NULL));
	EXPECT_RETURN(-EADDRNOTAVAIL, __backend_create(fd, hole + 8 * PAGE, 8 * PAGE, 0, NULL));
	EXPECT_RETURN(-EADDRNOTAVAIL, __backend_create(fd, (void *)PAGE, PAGE, 0, NULL));
	EXPECT_RETURN(0, __backend_create(fd, hole, 8 * PAGE, 0, NULL));

	test_context("several mappings side by side");
	ASSERT_DONE(mprotect(memory + 4 * PAGE, PAGE, PROT_READ));
	EXPECT_RETURN(0, __backend_create(fd, memory, 16 * PAGE, 0, NULL));
}

TEST(WINDOW_CREATE_overlap_is_EEXIST)
{
	static const struct {
		int64_t from, to;		/* units relative to the window's base */
		int ret;
	} cases[] = {
		{ 0, 4, -EEXIST }, { -1, 1, -EEXIST }, { 3, 5, -EEXIST }, { 1, 2, -EEXIST },
		{ -1, 5, -EEXIST }, { -1, 0, 0 }, { 4, 5, 0 },
	};
	struct host host;
	unsigned int i;

	host_create(&host, NULL);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		test_context("units %d to %d", (int)cases[i].from, (int)cases[i].to);
		EXPECT_RETURN(cases[i].ret,
			      __window_create(host.fd, WINDOW_HPA + cases[i].from * UNIT,
					      (cases[i].to - cases[i].from) * UNIT, host.bridge,
					      NULL));
	}
}

TEST(ATTACH_values)
{
	struct cxl_softhost_attach args = { .size = sizeof(args), .slot_count = 4 };
	struct host host;
	struct vm vm;

	host_create(&host, NULL);
	vm_create(&vm);
	args.vm_fd = vm.fd;
	test_context("engine");
	args.engine = CXL_SOFTHOST_ENGINE_NONE;
	EXPECT_RETURN(-EINVAL, softhost_ioctl(host.fd, CXL_SOFTHOST_ATTACH, &args));
	args.engine = 1000;
	EXPECT_RETURN(-EINVAL, softhost_ioctl(host.fd, CXL_SOFTHOST_ATTACH, &args));

	test_context("slots");
	EXPECT_RETURN(-EINVAL, __attach(host.fd, vm.fd, vm_slots(&vm), 1, NULL));
	EXPECT_RETURN(-EINVAL, __attach(host.fd, vm.fd, vm_slots(&vm) - 1, 2, NULL));
	EXPECT_RETURN(-EINVAL, __attach(host.fd, vm.fd, 0, vm_slots(&vm) + 1, NULL));
	EXPECT_RETURN(-EINVAL, __attach(host.fd, vm.fd, 1, UINT32_MAX, NULL));
	EXPECT_RETURN(-EINVAL, __attach(host.fd, vm.fd, CXL_SOFTHOST_SLOT_TOP - 1, 1, NULL));
	EXPECT_RETURN(-EINVAL, __attach(host.fd, vm.fd, 1U << 16, 4, NULL));
	EXPECT_EQ(CXL_SOFTHOST_ENGINE_NONE, softhost_info(host.fd).out_engine);
	EXPECT_RETURN(0, __attach(host.fd, vm.fd, vm_slots(&vm) - 1, 1, NULL));
}

TEST(ATTACH_takes_the_highest_slots_and_the_worst_case_by_default)
{
	struct cxl_softhost_attach attached;
	struct host host;
	struct vm vm;

	host_create(&host, NULL);
	vm_create(&vm);
	attached = attach(host.fd, vm.fd, CXL_SOFTHOST_SLOT_TOP, 0);
	EXPECT_EQ(softhost_info(host.fd).out_slots_worst, attached.out_slot_count);
	EXPECT_EQ(vm_slots(&vm), attached.out_first_slot + attached.out_slot_count);
	EXPECT_RESULT(DONE, NONE, attached.out_result);
}

TEST(REG_READ_and_REG_WRITE_values)
{
	static const uint32_t widths[] = { 0, 9, 16, UINT32_MAX };
	struct cxl_softhost_reg_read out;
	struct host host;
	unsigned int i;

	host_create(&host, NULL);
	for (i = 0; i < ARRAY_SIZE(widths); i++) {
		test_context("width %u", widths[i]);
		EXPECT_RETURN(-EINVAL, __reg_read(host.fd, host.endpoints[0].id, HDM_GLOBAL,
						  widths[i], &out));
		EXPECT_RETURN(-EINVAL, __reg_write(host.fd, host.endpoints[0].id, HDM_GLOBAL,
						   widths[i], 0, NULL));
	}
}

TEST(IDs_of_nothing_are_ENOENT_and_of_the_wrong_kind_EINVAL)
{
	struct cxl_softhost_reg_read read;
	struct cxl_softhost_translate found;
	uint32_t none[2] = { 0, OUT_OF_RANGE_ID }, wrong[2];
	struct host host;
	unsigned int i;

	host_create(&host, NULL);
	wrong[0] = host.windows[0];
	wrong[1] = host.endpoints[0].backends[0];
	for (i = 0; i < 2; i++) {
		test_context("ID %u", none[i]);
		EXPECT_RETURN(-ENOENT, __reg_read(host.fd, none[i], HDM_GLOBAL, 4, &read));
		EXPECT_RETURN(-ENOENT, __reg_write(host.fd, none[i], HDM_GLOBAL, 4, 0, NULL));
		EXPECT_RETURN(-ENOENT, __node_set(host.fd, none[i], CXL_SOFTHOST_SET_MEDIA, 0, 0,
						  NULL));
		EXPECT_RETURN(-ENOENT, __translate_dpa(host.fd, none[i], 0, &found));
		EXPECT_RETURN(-ENOENT, __destroy(host.fd, none[i], NULL));
		if (none[i])
			EXPECT_RETURN(-ENOENT, __reset(host.fd, none[i], NULL));
		test_context("ID of %s", i ? "a backend" : "a window");
		EXPECT_RETURN(-EINVAL, __reg_read(host.fd, wrong[i], HDM_GLOBAL, 4, &read));
		EXPECT_RETURN(-EINVAL, __reg_write(host.fd, wrong[i], HDM_GLOBAL, 4, 0, NULL));
		EXPECT_RETURN(-EINVAL, __node_set(host.fd, wrong[i], CXL_SOFTHOST_SET_MEDIA, 0, 0,
						  NULL));
		EXPECT_RETURN(-EINVAL, __translate_dpa(host.fd, wrong[i], 0, &found));
		EXPECT_RETURN(-EINVAL, __reset(host.fd, wrong[i], NULL));
	}
	test_context("a host bridge isn't an endpoint");
	EXPECT_RETURN(-EINVAL, __node_set(host.fd, host.bridge, CXL_SOFTHOST_SET_MEDIA, 0, 0,
					  NULL));
	EXPECT_RETURN(-EINVAL, __translate_dpa(host.fd, host.bridge, 0, &found));
}

TEST(NODE_SET_values)
{
	struct host host;
	uint32_t id;

	host_create(&host, NULL);
	id = host.endpoints[0].id;
	EXPECT_RETURN(-EINVAL, __node_set(host.fd, id, 0, 0, 0, NULL));
	EXPECT_RETURN(-EINVAL, __node_set(host.fd, id, CXL_SOFTHOST_SET_MEM_ENABLE, 2, 0, NULL));
	EXPECT_RETURN(-EINVAL, __node_set(host.fd, id, CXL_SOFTHOST_SET_MEDIA, 0, 2, NULL));
	EXPECT_RETURN(-EINVAL, __node_set(host.fd, id, CXL_SOFTHOST_SET_MEDIA |
					  CXL_SOFTHOST_SET_MEM_ENABLE, 1, 5, NULL));
	/* None of them did anything. */
	host_enable(&host, 0);
	ASSERT_RESULT(DONE, NONE, node_set_mem_enable(host.fd, id, 0));
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	EXPECT_RETURN(-EINVAL, __node_set(host.fd, id, CXL_SOFTHOST_SET_MEDIA |
					  CXL_SOFTHOST_SET_MEM_ENABLE, 1, 5, NULL));
	EXPECT_EQ(CXL_SOFTHOST_REASON_MEM_DISABLED, translate(host.fd, WINDOW_HPA).out_reason);
}

TEST(TRANSLATE_values)
{
	struct cxl_softhost_translate args = { .size = sizeof(args), .addr = WINDOW_HPA };
	struct cxl_softhost_translate found;
	struct host host;

	host_create(&host, NULL);
	args.node_id = host.endpoints[0].id;
	EXPECT_RETURN(-EINVAL, softhost_ioctl(host.fd, CXL_SOFTHOST_TRANSLATE, &args));
	/* Addresses are a guest's, never wrong. */
	EXPECT_RETURN(0, __translate(host.fd, UINT64_MAX, &found));
	EXPECT_EQ(CXL_SOFTHOST_REASON_NO_WINDOW, found.out_reason);
	EXPECT_RETURN(0, __translate_dpa(host.fd, host.endpoints[0].id, UINT64_MAX, &found));
	EXPECT_EQ(CXL_SOFTHOST_REASON_NOT_MAPPED, found.out_reason);
}

TEST(MAP_GET_values)
{
	static const uint32_t sizes[] = {
		0, 8, sizeof(struct cxl_softhost_segment) - 8,
		sizeof(struct cxl_softhost_segment) + 4, 4104, UINT32_MAX - 7,
	};
	static struct cxl_softhost_segment segments[16];
	static uint8_t wide[16][4096];
	uint64_t generation;
	struct host host;
	uint32_t count, needed = 0;
	unsigned int i;

	host_create(&host, NULL);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		test_context("entry size %u", sizes[i]);
		count = 0;
		EXPECT_RETURN(-EINVAL, __map_get(host.fd, sizes[i], &count, NULL, NULL));
	}
	test_context("no room");
	EXPECT_RETURN(-EMSGSIZE, __map_get(host.fd, sizeof(*segments), &needed, NULL, NULL));
	ASSERT_TRUE(needed >= 1 && needed <= ARRAY_SIZE(segments));
	memset(segments, 0xaa, sizeof(segments));
	count = needed - 1;
	EXPECT_RETURN(-EMSGSIZE, __map_get(host.fd, sizeof(*segments), &count, segments, NULL));
	EXPECT_EQ(needed, count);
	EXPECT_EQ(0xaa, *(uint8_t *)segments);
	test_context("unmapped array");
	count = needed;
	EXPECT_RETURN(-EFAULT, __map_get(host.fd, sizeof(*segments), &count, (void *)PAGE, NULL));
	test_context("enough room");
	count = ARRAY_SIZE(segments);
	EXPECT_RETURN(0, __map_get(host.fd, sizeof(*segments), &count, segments, &generation));
	EXPECT_EQ(needed, count);
	EXPECT_EQ(softhost_info(host.fd).out_generation, generation);
	EXPECT_EQ(0xaa, ((uint8_t *)&segments[needed])[0]);
	test_context("entries larger than known");
	memset(wide, 0xaa, sizeof(wide));
	count = ARRAY_SIZE(wide);
	EXPECT_RETURN(0, __map_get(host.fd, sizeof(wide[0]), &count, wide, NULL));
	EXPECT_EQ(0, memcmp(wide[0], segments, sizeof(*segments)));
	EXPECT_EQ(0, wide[0][sizeof(*segments)]);
	EXPECT_EQ(0, wide[0][4095]);
	EXPECT_EQ(0xaa, wide[needed][0]);
}
