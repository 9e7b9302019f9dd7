// SPDX-License-Identifier: GPL-2.0-only
/*
 * What mockvm shows about roll-back is worth as much as its likeness to KVM:
 * both get the same calls and have to answer all of them alike.
 */
#include <errno.h>
#include <sys/ioctl.h>

#include "mock.h"
#include "vm.h"

struct call {
	uint32_t slot, flags;
	uint64_t gpa, size, addr;
};

static int make_call(int vm_fd, const struct call *call)
{
	struct kvm_userspace_memory_region region = {
		.slot = call->slot,
		.flags = call->flags,
		.guest_phys_addr = call->gpa,
		.memory_size = call->size,
		.userspace_addr = call->addr,
	};

	return ioctl(vm_fd, KVM_SET_USER_MEMORY_REGION, &region) ? -errno : 0;
}

static uint32_t random_below(uint32_t limit)
{
	static uint64_t state = 88172645463325252ULL;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 16) % limit;
}

TEST(answers_random_calls_as_KVM_does)
{
	static const uint32_t flags[] = {
		0, 0, 0, 0, 0, 0, KVM_MEM_LOG_DIRTY_PAGES, KVM_MEM_READONLY, 1U << 7, 1U << 31,
	};
	uint64_t memory = (uintptr_t)memory_reserve(64 * PAGE);
	unsigned int i, seen[3] = { 0 };
	int mock = mock_create();
	struct vm vm;

	vm_create(&vm);
	for (i = 0; i < 4000; i++) {
		struct call call = {
			.slot = random_below(6),
			.flags = flags[random_below(ARRAY_SIZE(flags))],
			.gpa = WINDOW_HPA + random_below(12) * PAGE,
			.size = random_below(4) * PAGE,
			.addr = memory + random_below(2) * 8 * PAGE,
		};
		int expected, found;

		/* Now and then something that is never right. */
		switch (random_below(200)) {
		case 0:
			call.gpa += 8;
			break;
		case 1:
			call.size += 8;
			break;
		case 2:
			call.addr += 8;
			break;
		case 3:
			call.addr = 1ULL << 63;
			break;
		case 4:
			call.slot = vm_slots(&vm);
			break;
		case 5:
			call.slot = 1U << 16 | 40000;
			break;
		case 6:
			call.size = PAGE << 31;
			break;
		case 7:
			call.gpa = -PAGE;
			call.size = 2 * PAGE;
			break;
		}
		expected = make_call(vm.fd, &call);
		found = make_call(mock, &call);
		test_context("call %u: slot %#x, flags %#x, %#llx + %#llx at %#llx", i, call.slot,
			     call.flags, (unsigned long long)call.gpa,
			     (unsigned long long)call.size, (unsigned long long)call.addr);
		ASSERT_RETURN(expected, found);
		seen[0] += expected == 0;
		seen[1] += expected == -EINVAL;
		seen[2] += expected == -EEXIST;
	}
	test_note("%u calls accepted, %u EINVAL, %u EEXIST", seen[0], seen[1], seen[2]);
	EXPECT_TRUE(seen[0] > 100 && seen[1] > 100 && seen[2] > 100);
}

TEST(answers_the_same_extensions)
{
	static const unsigned int caps[] = {
		KVM_CAP_USER_MEMORY, KVM_CAP_NR_MEMSLOTS, KVM_CAP_READONLY_MEM, 233,
	};
	int mock = mock_create();
	unsigned int i;
	struct vm vm;

	vm_create(&vm);
	for (i = 0; i < ARRAY_SIZE(caps); i++)
		EXPECT_EQ(ioctl(vm.fd, KVM_CHECK_EXTENSION, caps[i]),
			  ioctl(mock, KVM_CHECK_EXTENSION, caps[i]));
}

TEST(fails_holds_and_dies_as_told)
{
	struct call call = { .slot = 1, .gpa = PAGE, .size = PAGE };
	int mock = mock_create();

	call.addr = (uintptr_t)memory_reserve(PAGE);
	mock_fail(mock, MOCKVM_MASK(CREATE), 2, ENOSPC, 0);
	mock_fail_always(mock, MOCKVM_MASK(DELETE), 1, ENOMEM, 0);
	EXPECT_RETURN(0, make_call(mock, &call));
	call.slot = 2;
	call.gpa = 2 * PAGE;
	EXPECT_RETURN(-ENOSPC, make_call(mock, &call));
	EXPECT_RETURN(0, make_call(mock, &call));
	call.size = 0;
	EXPECT_RETURN(-ENOMEM, make_call(mock, &call));
	EXPECT_RETURN(-ENOMEM, make_call(mock, &call));
	EXPECT_EQ(2, mock_slot_count(mock));
	mock_fail_clear(mock);
	EXPECT_RETURN(0, make_call(mock, &call));
	EXPECT_EQ(1, mock_slot_count(mock));
	EXPECT_EQ(2, mock_log_count(mock, MOCKVM_OP_CREATE, 0));
	EXPECT_EQ(2, mock_log_count(mock, MOCKVM_OP_DELETE, -ENOMEM));
	mock_set_dead(mock);
	EXPECT_RETURN(-EIO, make_call(mock, &call));
}
