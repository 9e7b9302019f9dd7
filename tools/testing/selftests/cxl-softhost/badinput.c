// SPDX-License-Identifier: GPL-2.0-only
/*
 * Donated slot numbers that aren't free, and hosts that are left behind. In
 * abi-*.c: wrong values, foreign processes, files that are no VM; in argpage.c:
 * the argument page.
 */
#include <errno.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mock.h"
#include "process.h"
#include "vm.h"

#define FIRST 100
#define DONATED 8

/* Where the VMM keeps its own slot: nothing of ours is ever there. */
#define VMM_GPA 0x40000000ULL

TEST(donated_number_in_use_is_EADDRINUSE_and_the_slot_untouched)
{
	static const uint32_t positions[] = { 0, 1, 3, DONATED - 1 };
	static const uint64_t sizes[] = { PAGE, 2 * PAGE, UNIT };
	uint8_t *memory = memory_reserve(UNIT);
	unsigned int i, j;
	struct host host;
	struct vm vm;

	host_create(&host, NULL);
	vm_create(&vm);
	for (i = 0; i < ARRAY_SIZE(positions); i++) {
		for (j = 0; j < ARRAY_SIZE(sizes); j++) {
			uint32_t slot = FIRST + positions[i];

			test_context("number %u of %u, %llu bytes", positions[i], DONATED,
				     (unsigned long long)sizes[j]);
			ASSERT_RETURN(0, vm_slot_set(vm.fd, slot, VMM_GPA, sizes[j], memory));
			EXPECT_RETURN(-EADDRINUSE, __attach(host.fd, vm.fd, FIRST, DONATED, NULL));
			EXPECT_EQ(CXL_SOFTHOST_ENGINE_NONE, softhost_info(host.fd).out_engine);
			EXPECT_TRUE(vm_probe(vm.fd, VMM_GPA));
			EXPECT_TRUE(vm_probe(vm.fd, VMM_GPA + sizes[j] - PAGE));
			EXPECT_TRUE(!vm_probe(vm.fd, VMM_GPA + sizes[j]));
			EXPECT_NOT_MAPPED(&vm, WINDOW_HPA, 4 * UNIT);
			ASSERT_RETURN(0, vm_slot_set(vm.fd, slot, VMM_GPA, 0, memory));
		}
	}
	test_context("numbers beside the donated ones don't matter");
	ASSERT_RETURN(0, vm_slot_set(vm.fd, FIRST - 1, VMM_GPA, PAGE, memory));
	ASSERT_RETURN(0, vm_slot_set(vm.fd, FIRST + DONATED, VMM_GPA + PAGE, PAGE, memory));
	EXPECT_RETURN(0, __attach(host.fd, vm.fd, FIRST, DONATED, NULL));
	EXPECT_NOT_MAPPED(&vm, WINDOW_HPA, 4 * UNIT);
	EXPECT_TRUE(vm_probe(vm.fd, VMM_GPA));
	EXPECT_TRUE(vm_probe(vm.fd, VMM_GPA + PAGE));
}

/* What proves the numbers free, as another VM has just seen it. */
static struct mockvm_slot learn_proof(int fd, int vm_fd)
{
	struct mockvm_slot proof;
	struct mock_log log;

	mock_clear_log(vm_fd);
	attach(fd, vm_fd, FIRST, DONATED);
	detach(fd);
	log = mock_get_log(vm_fd);
	ASSERT_TRUE(log.count >= DONATED);
	proof = log.calls[0].region;
	ASSERT_TRUE(proof.size > 0);
	free(log.calls);
	return proof;
}

/*
 * KVM's "create" of a number in use succeeds if size and host address are the
 * same: it moves that slot. A VMM that has just such a slot keeps it, though it
 * knows what the last proof was made with.
 */
TEST(donated_number_in_use_with_the_size_and_address_that_KVM_would_accept)
{
	static struct mock_slots before, after;
	unsigned int position, variant;
	struct host host;
	int other;

	host_create(&host, NULL);
	other = mock_create();
	for (position = 0; position < DONATED; position++) {
		for (variant = 0; variant < 3; variant++) {
			int ret, vm_fd = mock_create();
			struct mockvm_slot proof = learn_proof(host.fd, other);
			struct kvm_userspace_memory_region region = {
				.slot = FIRST + position,
				.flags = variant == 1 ? 0 : proof.flags,
				/* In place, or where the proof itself is made. */
				.guest_phys_addr = variant == 2 ? proof.gpa : VMM_GPA,
				.memory_size = proof.size,
				.userspace_addr = proof.addr,
			};

			test_context("number %u of %u, variant %u", position, DONATED, variant);
			ASSERT_DONE(ioctl(vm_fd, KVM_SET_USER_MEMORY_REGION, &region));
			mock_get_slots(vm_fd, &before);
			ret = __attach(host.fd, vm_fd, FIRST, DONATED, NULL);
			/* In the window it is in the way before it is in use. */
			if (variant == 2 && position)
				EXPECT_RETURN(-EEXIST, ret);
			else
				EXPECT_RETURN(-EADDRINUSE, ret);
			mock_get_slots(vm_fd, &after);
			EXPECT_TRUE(mock_slots_equal(&before, &after));
			if (ret == 0)
				detach(host.fd);
			close(vm_fd);
		}
	}
}

TEST(memory_of_the_VMM_at_the_last_page_of_the_window_is_EEXIST)
{
	const uint64_t last = WINDOW_HPA + 4 * UNIT - PAGE;
	uint8_t *memory = memory_reserve(PAGE);
	struct host host;
	struct vm vm;

	host_create(&host, NULL);
	vm_create(&vm);
	ASSERT_RETURN(0, vm_slot_set(vm.fd, 3, last, PAGE, memory));
	EXPECT_RETURN(-EEXIST, __attach(host.fd, vm.fd, FIRST, DONATED, NULL));
	EXPECT_TRUE(vm_probe(vm.fd, last));
	ASSERT_RETURN(0, vm_slot_set(vm.fd, 3, last, 0, memory));
	EXPECT_RETURN(0, __attach(host.fd, vm.fd, FIRST, DONATED, NULL));
	EXPECT_NOT_MAPPED(&vm, WINDOW_HPA, 4 * UNIT);
}

TEST(donated_number_taken_after_ATTACH_is_refused_and_the_slot_untouched)
{
	uint8_t *memory = memory_reserve(2 * PAGE);
	struct cxl_softhost_result result;
	struct host host;
	struct vm vm;

	host_create(&host, NULL);
	vm_create(&vm);
	attach(host.fd, vm.fd, FIRST, 1);
	host_enable(&host, 0);
	ASSERT_RETURN(0, vm_slot_set(vm.fd, FIRST, VMM_GPA, 2 * PAGE, memory));
	result = host_commit(&host, 0, 0, WINDOW_HPA, UNIT);
	EXPECT_REFUSED(ENGINE, 0, EINVAL, result);
	EXPECT_TRUE(vm_probe(vm.fd, VMM_GPA));
	EXPECT_NOT_MAPPED(&vm, WINDOW_HPA, UNIT);
}

TEST(slot_range_exhausted_is_NO_SLOTS)
{
	struct host host;
	struct vm vm;

	host_create(&host, &(struct host_config){ .volatile_units = 4 });
	vm_create(&vm);
	attach(host.fd, vm.fd, FIRST, 2);
	host_enable(&host, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 1, WINDOW_HPA + UNIT, UNIT));
	EXPECT_REFUSED(NO_SLOTS, 1, 0, host_commit(&host, 0, 2, WINDOW_HPA + 2 * UNIT, UNIT));
	EXPECT_NOT_MAPPED(&vm, WINDOW_HPA + 2 * UNIT, UNIT);
	EXPECT_MAPPED(&vm, WINDOW_HPA, 2 * UNIT);
	ASSERT_RESULT(DONE, NONE, reg_write(host.fd, host.endpoints[0].id,
					    HDM_DECODER(2) + HDM_CONTROL, 4, 0));
	ASSERT_RESULT(UNCOMMITTED, NONE, host_uncommit(&host, 0, 0));
	EXPECT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 2, WINDOW_HPA + 2 * UNIT, UNIT));
	EXPECT_MAPPED(&vm, WINDOW_HPA + UNIT, 2 * UNIT);
}

TEST(worst_case_larger_than_the_VM_has_slots_is_ENOSPC)
{
	struct cxl_softhost_attach attached;
	struct host host;
	uint32_t worst;
	int vm_fd;

	host_create(&host, NULL);
	worst = softhost_info(host.fd).out_slots_worst;
	ASSERT_TRUE(worst > 1);
	vm_fd = mock_create();
	mock_set_cap(vm_fd, KVM_CAP_NR_MEMSLOTS, worst - 1);
	EXPECT_RETURN(-ENOSPC, __attach(host.fd, vm_fd, CXL_SOFTHOST_SLOT_TOP, 0, NULL));
	EXPECT_RETURN(-EINVAL, __attach(host.fd, vm_fd, CXL_SOFTHOST_SLOT_TOP, worst, NULL));
	EXPECT_EQ(0, mock_get_log(vm_fd).count);
	mock_set_cap(vm_fd, KVM_CAP_NR_MEMSLOTS, worst);
	attached = attach(host.fd, vm_fd, CXL_SOFTHOST_SLOT_TOP, 0);
	EXPECT_EQ(0, attached.out_first_slot);
	EXPECT_EQ(worst, attached.out_slot_count);
}

/* Its descriptor and its vCPUs are gone, the VM stays as long as it is attached. */
TEST(VM_whose_descriptors_are_closed_still_takes_commits)
{
	struct host host;
	int vm_fd, copy;
	struct vm vm;

	host_create(&host, NULL);
	vm_create(&vm);
	attach(host.fd, vm.fd, FIRST, 0);
	host_enable(&host, 0);
	vm_close(&vm);
	EXPECT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	EXPECT_EQ(1, softhost_info(host.fd).out_slots_used);
	EXPECT_RESULT(UNCOMMITTED, NONE, host_uncommit(&host, 0, 0));
	EXPECT_EQ(0, detach(host.fd).flags);

	test_context("and DETACH lets go of it");
	vm_fd = mock_create();
	copy = mock_live();
	attach(host.fd, vm_fd, FIRST, 0);
	close(vm_fd);
	EXPECT_EQ(copy, mock_live());
	EXPECT_EQ(0, detach(host.fd).flags);
	usleep(100000);
	EXPECT_EQ(copy - 1, mock_live());
}

/* Unmapping a backend is the VMM's right, and its guest's loss. */
TEST(backend_unmapped_later_harms_nobody_else)
{
	struct host host;
	struct vm vm;

	host_create(&host, NULL);
	vm_create(&vm);
	attach(host.fd, vm.fd, FIRST, 0);
	host_enable(&host, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	ASSERT_DONE(munmap(host.endpoints[0].memory[VOLATILE], 2 * UNIT));
	EXPECT_RESULT(UNCOMMITTED, NONE, host_uncommit(&host, 0, 0));
	EXPECT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA + UNIT, UNIT));
	EXPECT_MAPPED(&vm, WINDOW_HPA + UNIT, UNIT);
}

static void attach_and_pass_host(struct child *self, void *data)
{
	struct host host;
	int vm_fd;

	(void)data;
	host_create(&host, NULL);
	vm_fd = mock_create();
	attach(host.fd, vm_fd, FIRST, 0);
	host_enable(&host, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	child_send(self, host.fd);
	child_receive(self);
}

TEST(owner_dies_while_another_process_keeps_the_descriptor)
{
	struct cxl_softhost_info info = { .size = sizeof(info) };
	struct cxl_softhost_translate found;
	struct child owner;
	int fd, live = mock_live();

	child_start(&owner, attach_and_pass_host, NULL);
	fd = child_receive(&owner);
	EXPECT_EQ(live + 1, mock_live());
	child_send(&owner, -1);
	ASSERT_TRUE(child_join(&owner));
	/* The VM isn't kept for a host that nobody can use any more. */
	EXPECT_LIVE(live, 2000);
	EXPECT_RETURN(-ENODEV, softhost_ioctl(fd, CXL_SOFTHOST_INFO, &info));
	EXPECT_RETURN(-ENODEV, __translate(fd, WINDOW_HPA, &found));
	EXPECT_RETURN(-ENODEV, __detach(fd, NULL));
	ASSERT_DONE(close(fd));
}
