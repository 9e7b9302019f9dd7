// SPDX-License-Identifier: GPL-2.0-only
/* ATTACH with TAKEOVER: what the donated numbers hold goes, and nothing else. */
#include <errno.h>

#include "fixture.h"
#include "mock.h"
#include "vm.h"

#define FIRST 100
#define SLOTS 4

TEST(slots_that_an_earlier_host_left)
{
	struct host first, second;
	struct vm vm;

	vm_create(&vm);
	host_create(&first, NULL);
	attach(first.fd, vm.fd, FIRST, SLOTS);
	host_enable(&first, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&first, 0, 0, WINDOW_HPA, UNIT));
	host_close(&first);
	EXPECT_MAPPED(&vm, WINDOW_HPA, UNIT);

	host_create(&second, NULL);
	EXPECT_RETURN(-EADDRINUSE, __attach(second.fd, vm.fd, FIRST, SLOTS, NULL));
	EXPECT_MAPPED(&vm, WINDOW_HPA, UNIT);
	EXPECT_RETURN(0, __take_over(second.fd, vm.fd, FIRST, SLOTS));
	EXPECT_NOT_MAPPED(&vm, WINDOW_HPA, 4 * UNIT);
	host_enable(&second, 0);
	EXPECT_RESULT(COMMITTED, NONE, host_commit(&second, 0, 0, WINDOW_HPA + UNIT, UNIT));
	EXPECT_MAPPED(&vm, WINDOW_HPA + UNIT, UNIT);
}

TEST(only_the_donated_numbers)
{
	uint8_t *memory = memory_reserve(8 * PAGE);
	const uint64_t below = 0x10000;
	struct host host;
	uint32_t slot;
	struct vm vm;

	vm_create(&vm);
	host_create(&host, NULL);
	for (slot = FIRST - 1; slot <= FIRST + SLOTS; slot++)
		ASSERT_RETURN(0, vm_slot_set(vm.fd, slot, below + (slot - FIRST + 1) * PAGE, PAGE,
					     memory + (slot - FIRST + 1) * PAGE));
	EXPECT_RETURN(0, __take_over(host.fd, vm.fd, FIRST, SLOTS));
	for (slot = FIRST - 1; slot <= FIRST + SLOTS; slot++) {
		test_context("slot %u", slot);
		EXPECT_EQ(slot < FIRST || slot >= FIRST + SLOTS,
			  vm_probe(vm.fd, below + (slot - FIRST + 1) * PAGE));
	}
}

TEST(what_KVM_would_not_delete_is_EREMOTEIO)
{
	uint8_t *memory = memory_reserve(PAGE);
	struct host host;
	int vm_fd = mock_create();

	host_create(&host, NULL);
	ASSERT_RETURN(0, vm_slot_set(vm_fd, FIRST + 1, 0x10000, PAGE, memory));
	mock_fail(vm_fd, MOCKVM_MASK(DELETE), 1, ENOMEM, 0);
	EXPECT_RETURN(-EREMOTEIO, __take_over(host.fd, vm_fd, FIRST, SLOTS));
	EXPECT_EQ(CXL_SOFTHOST_ENGINE_NONE, softhost_info(host.fd).out_engine);
	EXPECT_EQ(1, mock_slot_count(vm_fd));
	EXPECT_RETURN(0, __take_over(host.fd, vm_fd, FIRST, SLOTS));
	EXPECT_EQ(0, mock_slot_count(vm_fd));
}
