// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is mapped is asked of KVM, not of the module: a slot of one page over
 * the range is refused exactly while a slot is there.
 */
#include <errno.h>

#include "fixture.h"
#include "vm.h"

struct setup {
	struct host host;
	struct vm vm;
	uint32_t id;
};

static void setup(struct setup *setup, const struct host_config *config)
{
	host_create(&setup->host, config);
	vm_create(&setup->vm);
	setup->id = setup->host.endpoints[0].id;
	attach(setup->host.fd, setup->vm.fd, CXL_SOFTHOST_SLOT_TOP, 0);
	EXPECT_NOT_MAPPED(&setup->vm, WINDOW_HPA, 4 * UNIT);
}

#define EXPECT_ONLY_SECOND_UNIT(vm)						\
	do {									\
		EXPECT_NOT_MAPPED(vm, WINDOW_HPA, UNIT);			\
		EXPECT_MAPPED(vm, WINDOW_HPA + UNIT, UNIT);			\
		EXPECT_NOT_MAPPED(vm, WINDOW_HPA + 2 * UNIT, 2 * UNIT);		\
	} while (0)

TEST(a_probe_sees_slots_and_nothing_else)
{
	uint8_t *memory = memory_reserve(UNIT);
	struct vm vm;

	vm_create(&vm);
	EXPECT_NOT_MAPPED(&vm, WINDOW_HPA, 2 * UNIT);
	ASSERT_RETURN(0, vm_slot_set(vm.fd, 3, WINDOW_HPA + UNIT, UNIT, memory));
	EXPECT_ONLY_SECOND_UNIT(&vm);
	ASSERT_RETURN(0, vm_slot_set(vm.fd, 3, WINDOW_HPA + UNIT, 0, memory));
	EXPECT_NOT_MAPPED(&vm, WINDOW_HPA, 4 * UNIT);
}

TEST(commit_and_uncommit)
{
	struct setup s;

	setup(&s, NULL);
	host_enable(&s.host, 0);
	EXPECT_NOT_MAPPED(&s.vm, WINDOW_HPA, 4 * UNIT);
	EXPECT_RESULT(COMMITTED, NONE, host_commit(&s.host, 0, 0, WINDOW_HPA + UNIT, UNIT));
	EXPECT_ONLY_SECOND_UNIT(&s.vm);
	EXPECT_RESULT(UNCOMMITTED, NONE, host_uncommit(&s.host, 0, 0));
	EXPECT_NOT_MAPPED(&s.vm, WINDOW_HPA, 4 * UNIT);
	EXPECT_RESULT(COMMITTED, NONE, host_commit(&s.host, 0, 0, WINDOW_HPA + UNIT, UNIT));
	EXPECT_ONLY_SECOND_UNIT(&s.vm);
}

TEST(refused_commit_maps_nothing)
{
	struct setup s;

	setup(&s, NULL);
	host_enable(&s.host, 0);
	EXPECT_REFUSED(DPA_CAPACITY, 4 * UNIT, 5 * UNIT, host_commit(&s.host, 0, 0, WINDOW_HPA,
								     5 * UNIT));
	EXPECT_NOT_MAPPED(&s.vm, WINDOW_HPA, 4 * UNIT);
}

TEST(HDM_enable_Mem_Enable_and_media_gate_the_slot)
{
	struct setup s;
	unsigned int i;

	setup(&s, NULL);
	EXPECT_RESULT(COMMITTED, NONE, host_commit(&s.host, 0, 0, WINDOW_HPA + UNIT, UNIT));
	EXPECT_NOT_MAPPED(&s.vm, WINDOW_HPA, 4 * UNIT);
	ASSERT_RESULT(DONE, NONE, reg_write(s.host.fd, s.id, HDM_GLOBAL, 4, HDM_GLOBAL_ENABLE));
	EXPECT_NOT_MAPPED(&s.vm, WINDOW_HPA, 4 * UNIT);
	ASSERT_RESULT(DONE, NONE, node_set_mem_enable(s.host.fd, s.id, 1));
	EXPECT_ONLY_SECOND_UNIT(&s.vm);
	for (i = 0; i < 2; i++) {
		test_context("round %u: HDM enable", i);
		EXPECT_RESULT(DONE, NONE, reg_write(s.host.fd, s.id, HDM_GLOBAL, 4, 0));
		EXPECT_NOT_MAPPED(&s.vm, WINDOW_HPA, 4 * UNIT);
		EXPECT_RESULT(DONE, NONE, reg_write(s.host.fd, s.id, HDM_GLOBAL, 4,
						    HDM_GLOBAL_ENABLE));
		EXPECT_ONLY_SECOND_UNIT(&s.vm);
		test_context("round %u: Mem_Enable", i);
		EXPECT_RESULT(DONE, NONE, node_set_mem_enable(s.host.fd, s.id, 0));
		EXPECT_NOT_MAPPED(&s.vm, WINDOW_HPA, 4 * UNIT);
		EXPECT_RESULT(DONE, NONE, node_set_mem_enable(s.host.fd, s.id, 1));
		EXPECT_ONLY_SECOND_UNIT(&s.vm);
		test_context("round %u: media", i);
		EXPECT_RESULT(DONE, NONE, node_set_media(s.host.fd, s.id,
							 CXL_SOFTHOST_MEDIA_DISABLED));
		EXPECT_NOT_MAPPED(&s.vm, WINDOW_HPA, 4 * UNIT);
		EXPECT_RESULT(DONE, NONE, node_set_media(s.host.fd, s.id,
							 CXL_SOFTHOST_MEDIA_READY));
		EXPECT_ONLY_SECOND_UNIT(&s.vm);
	}
}

TEST(T11_bridge_and_endpoint_commit_in_any_order)
{
	struct setup s;
	unsigned int first;

	setup(&s, &(struct host_config){ .bridge_decoders = 2 });
	host_enable(&s.host, 0);
	for (first = 0; first < 4; first++) {
		test_context("bridge commits %s, uncommits %s", first & 1 ? "first" : "last",
			     first & 2 ? "first" : "last");
		if (first & 1)
			EXPECT_RESULT(COMMITTED, NONE, host_commit_bridge(&s.host, 0, WINDOW_HPA,
									  4 * UNIT, 0));
		EXPECT_RESULT(COMMITTED, NONE, host_commit(&s.host, 0, 0, WINDOW_HPA + UNIT, UNIT));
		if (!(first & 1)) {
			EXPECT_NOT_MAPPED(&s.vm, WINDOW_HPA, 4 * UNIT);
			EXPECT_RESULT(COMMITTED, NONE, host_commit_bridge(&s.host, 0, WINDOW_HPA,
									  4 * UNIT, 0));
		}
		EXPECT_ONLY_SECOND_UNIT(&s.vm);
		if (first & 2)
			EXPECT_RESULT(UNCOMMITTED, NONE,
				      decoder_uncommit(s.host.fd, s.host.bridge, 0));
		else
			EXPECT_RESULT(UNCOMMITTED, NONE, host_uncommit(&s.host, 0, 0));
		EXPECT_NOT_MAPPED(&s.vm, WINDOW_HPA, 4 * UNIT);
		if (first & 2)
			EXPECT_RESULT(UNCOMMITTED, NONE, host_uncommit(&s.host, 0, 0));
		else
			EXPECT_RESULT(UNCOMMITTED, NONE,
				      decoder_uncommit(s.host.fd, s.host.bridge, 0));
		EXPECT_NOT_MAPPED(&s.vm, WINDOW_HPA, 4 * UNIT);
	}
}

TEST(RESET_DESTROY_and_DETACH_remove_slots)
{
	struct setup s;

	setup(&s, NULL);
	host_enable(&s.host, 0);
	test_context("RESET of the node");
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&s.host, 0, 0, WINDOW_HPA + UNIT, UNIT));
	EXPECT_ONLY_SECOND_UNIT(&s.vm);
	EXPECT_RESULT(UNCOMMITTED, NONE, reset(s.host.fd, s.id));
	EXPECT_NOT_MAPPED(&s.vm, WINDOW_HPA, 4 * UNIT);
	test_context("RESET of the host");
	host_enable(&s.host, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&s.host, 0, 0, WINDOW_HPA + UNIT, UNIT));
	EXPECT_ONLY_SECOND_UNIT(&s.vm);
	EXPECT_RESULT(UNCOMMITTED, NONE, reset(s.host.fd, 0));
	EXPECT_NOT_MAPPED(&s.vm, WINDOW_HPA, 4 * UNIT);
	test_context("DETACH, and ATTACH again");
	host_enable(&s.host, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&s.host, 0, 0, WINDOW_HPA + UNIT, UNIT));
	EXPECT_ONLY_SECOND_UNIT(&s.vm);
	EXPECT_EQ(0, detach(s.host.fd).flags);
	EXPECT_NOT_MAPPED(&s.vm, WINDOW_HPA, 4 * UNIT);
	EXPECT_TRUE(decoder_is_committed(s.host.fd, s.id, 0));
	attach(s.host.fd, s.vm.fd, 1000, 0);
	EXPECT_ONLY_SECOND_UNIT(&s.vm);
	test_context("DESTROY");
	EXPECT_RESULT(UNCOMMITTED, NONE, destroy(s.host.fd, s.id));
	EXPECT_NOT_MAPPED(&s.vm, WINDOW_HPA, 4 * UNIT);
}

TEST(T36_pre_commit_as_firmware_would_then_ATTACH)
{
	struct host host;
	struct vm vm;

	host_create(&host, &(struct host_config){ .bridge_decoders = 1 });
	host_enable(&host, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit_bridge(&host, 0, WINDOW_HPA + UNIT, UNIT, 0));
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA + UNIT, UNIT));
	EXPECT_EQ(CXL_SOFTHOST_REASON_NONE, translate(host.fd, WINDOW_HPA + UNIT).out_reason);
	vm_create(&vm);
	EXPECT_NOT_MAPPED(&vm, WINDOW_HPA, 4 * UNIT);
	attach(host.fd, vm.fd, CXL_SOFTHOST_SLOT_TOP, 0);
	EXPECT_ONLY_SECOND_UNIT(&vm);
}

TEST(decoder_across_windows_is_clipped_to_each)
{
	struct setup s;

	setup(&s, &(struct host_config){
		.windows = { { WINDOW_HPA + 5 * UNIT, UNIT }, { WINDOW_HPA + 7 * UNIT, 2 * UNIT } },
		.volatile_units = 16,
	});
	host_enable(&s.host, 0);
	EXPECT_RESULT(COMMITTED, NONE, host_commit(&s.host, 0, 0, WINDOW_HPA + 4 * UNIT,
						   4 * UNIT));
	EXPECT_NOT_MAPPED(&s.vm, WINDOW_HPA + 4 * UNIT, UNIT);
	EXPECT_MAPPED(&s.vm, WINDOW_HPA + 5 * UNIT, UNIT);
	EXPECT_NOT_MAPPED(&s.vm, WINDOW_HPA + 6 * UNIT, UNIT);
	EXPECT_MAPPED(&s.vm, WINDOW_HPA + 7 * UNIT, UNIT);
	EXPECT_NOT_MAPPED(&s.vm, WINDOW_HPA + 8 * UNIT, UNIT);
	EXPECT_RESULT(UNCOMMITTED, NONE, host_uncommit(&s.host, 0, 0));
	EXPECT_NOT_MAPPED(&s.vm, WINDOW_HPA + 4 * UNIT, 5 * UNIT);
}

TEST(interleaved_decoder_commits_and_maps_nothing)
{
	struct decoder values = { .base = WINDOW_HPA, .size = 2 * UNIT, .ways_code = 1 };
	struct setup s;

	setup(&s, NULL);
	host_enable(&s.host, 0);
	EXPECT_RESULT(COMMITTED, INTERLEAVED, decoder_commit(s.host.fd, s.id, 0, &values));
	EXPECT_TRUE(decoder_is_committed(s.host.fd, s.id, 0));
	EXPECT_NOT_MAPPED(&s.vm, WINDOW_HPA, 4 * UNIT);
	/* The VMM serves it, and there it answers. */
	EXPECT_EQ(CXL_SOFTHOST_REASON_NONE, translate(s.host.fd, WINDOW_HPA).out_reason);
	EXPECT_EQ(0, softhost_info(s.host.fd).out_slots_used);
}

TEST(slot_that_KVM_refuses_is_reason_ENGINE)
{
	uint8_t *memory = memory_reserve(PAGE);
	struct setup s;

	setup(&s, NULL);
	host_enable(&s.host, 0);
	test_context("the VMM has memory there");
	ASSERT_RETURN(0, vm_slot_set(s.vm.fd, 3, WINDOW_HPA + UNIT + PAGE, PAGE, memory));
	EXPECT_REFUSED(ENGINE, 0, EEXIST, host_commit(&s.host, 0, 0, WINDOW_HPA + UNIT, UNIT));
	EXPECT_TRUE(!vm_probe(s.vm.fd, WINDOW_HPA + UNIT));
	EXPECT_TRUE(vm_probe(s.vm.fd, WINDOW_HPA + UNIT + PAGE));
	ASSERT_RETURN(0, vm_slot_set(s.vm.fd, 3, WINDOW_HPA + UNIT + PAGE, 0, memory));
	ASSERT_RESULT(DONE, NONE, reg_write(s.host.fd, s.id, HDM_DECODER(0) + HDM_CONTROL, 4, 0));
	EXPECT_RESULT(COMMITTED, NONE, host_commit(&s.host, 0, 0, WINDOW_HPA + UNIT, UNIT));
	EXPECT_ONLY_SECOND_UNIT(&s.vm);
}

TEST(window_above_what_KVM_can_map_is_EOVERFLOW_at_ATTACH)
{
	struct host host;
	struct vm vm;

	host_create(&host, &(struct host_config){
		.windows[0] = { (1ULL << 52) - UNIT, UNIT },
	});
	vm_create(&vm);
	EXPECT_RETURN(-EOVERFLOW, __attach(host.fd, vm.fd, CXL_SOFTHOST_SLOT_TOP, 0, NULL));
	EXPECT_EQ(CXL_SOFTHOST_ENGINE_NONE, softhost_info(host.fd).out_engine);
}

TEST(MAP_GET_tells_page_sizes)
{
	struct host host;
	struct map map;
	struct vm vm;

	/* Memory lies on 1 GiB + 2 MiB, windows on 1 GiB. */
	host_create(&host, NULL);
	vm_create(&vm);
	attach(host.fd, vm.fd, CXL_SOFTHOST_SLOT_TOP, 0);
	host_enable(&host, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	map = map_get(host.fd);
	EXPECT_EQ(PAGE | 2ULL << 20, map_find(&map, WINDOW_HPA)->page_sizes);
	EXPECT_EQ(1U << 30, map_find(&map, WINDOW_HPA)->misaligned);
}
