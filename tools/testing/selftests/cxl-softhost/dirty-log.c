// SPDX-License-Identifier: GPL-2.0-only
/* DIRTY_LOG: KVM's log of a window's slots, those it has and those that come. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "guest.h"
#include "mock.h"
#include "phases.h"
#include "process.h"
#include "state.h"

#define FIRST 700
#define PAGES (UNIT / PAGE)

/* Two windows, an extent of a unit at the base of each: slots FIRST, FIRST + 1 */
static const struct host_config two_windows = {
	.windows = { { WINDOW_HPA, 2 * UNIT }, { WINDOW_HPA + 2 * UNIT, 2 * UNIT } },
	.volatile_units = 2,
};

#define BASE(i) (WINDOW_HPA + 2 * (i) * UNIT)

static void commit_both(struct host *host)
{
	host_enable(host, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(host, 0, 0, BASE(0), UNIT));
	ASSERT_RESULT(COMMITTED, NONE, host_commit(host, 0, 1, BASE(1), UNIT));
}

/* KVM_GET_DIRTY_LOG, which empties it: 0 or a negative errno */
static int get_log(int vm_fd, uint32_t slot, uint64_t *bitmap)
{
	struct kvm_dirty_log log = { .slot = slot, .dirty_bitmap = bitmap };

	memset(bitmap, 0, PAGES / 8);
	return ioctl(vm_fd, KVM_GET_DIRTY_LOG, &log) ? -errno : 0;
}

/* Exactly these pages of the slot, by number, were written since the last time. */
static void expect_log(int vm_fd, uint32_t slot, unsigned int count, const unsigned int *pages)
{
	static uint64_t bitmap[PAGES / 64];
	unsigned int i, found = 0;

	ASSERT_RETURN(0, get_log(vm_fd, slot, bitmap));
	for (i = 0; i < count; i++)
		EXPECT_EQ(1, bitmap[pages[i] / 64] >> pages[i] % 64 & 1);
	for (i = 0; i < PAGES / 64; i++)
		found += __builtin_popcountll(bitmap[i]);
	EXPECT_EQ(count, found);
}

static void expect_no_log(int vm_fd, uint32_t slot)
{
	static uint64_t bitmap[PAGES / 64];

	EXPECT_RETURN(-ENOENT, get_log(vm_fd, slot, bitmap));
}

static const unsigned int pages[] = { 0, 3, 513, PAGES - 1 };

/* The guest stores something into these pages at the base of window @i */
static void guest_stores(struct guest *guest, unsigned int i)
{
	unsigned int page;

	guest->shared->watched_count = 0;
	for (page = 0; page < ARRAY_SIZE(pages); page++)
		guest_watch(guest, BASE(i) + pages[page] * PAGE,
			    guest->host->endpoints[0].memory[VOLATILE] + i * UNIT +
			    pages[page] * PAGE);
	guest_start(guest, 0, guest_storer);
	guest_join(guest, 0);
}

TEST(writes_of_the_guest_are_logged)
{
	struct guest guest;
	struct host host;

	host_create(&host, &two_windows);
	commit_both(&host);
	guest_create_unattached(&guest, &host);
	attach(host.fd, guest.vm.fd, FIRST, 0);
	expect_no_log(guest.vm.fd, FIRST);
	/* Mapped already, and writable: the log has to begin all the same. */
	guest_stores(&guest, 0);
	guest_stores(&guest, 1);

	ASSERT_RETURN(0, __dirty_log(host.fd, host.windows[0], 1));
	expect_no_log(guest.vm.fd, FIRST + 1);
	expect_log(guest.vm.fd, FIRST, 0, NULL);
	guest_stores(&guest, 0);
	guest_stores(&guest, 1);
	expect_log(guest.vm.fd, FIRST, ARRAY_SIZE(pages), pages);
	expect_log(guest.vm.fd, FIRST, 0, NULL);

	test_context("all windows");
	ASSERT_RETURN(0, __dirty_log(host.fd, 0, 1));
	guest_stores(&guest, 1);
	expect_log(guest.vm.fd, FIRST, 0, NULL);
	expect_log(guest.vm.fd, FIRST + 1, ARRAY_SIZE(pages), pages);

	test_context("off");
	ASSERT_RETURN(0, __dirty_log(host.fd, host.windows[1], 0));
	expect_no_log(guest.vm.fd, FIRST + 1);
	expect_log(guest.vm.fd, FIRST, 0, NULL);
	ASSERT_RETURN(0, __dirty_log(host.fd, 0, 0));
	expect_no_log(guest.vm.fd, FIRST);
}

TEST(a_slot_that_comes_is_logged_too)
{
	struct guest guest;
	struct host host;

	host_create(&host, &two_windows);
	/* Before there is an engine */
	ASSERT_RETURN(0, __dirty_log(host.fd, host.windows[1], 1));
	guest_create_unattached(&guest, &host);
	attach(host.fd, guest.vm.fd, FIRST, 0);
	commit_both(&host);
	expect_no_log(guest.vm.fd, FIRST);
	guest_stores(&guest, 1);
	expect_log(guest.vm.fd, FIRST + 1, ARRAY_SIZE(pages), pages);

	test_context("it goes and comes");
	guest_stores(&guest, 1);
	ASSERT_RESULT(UNCOMMITTED, NONE, host_uncommit(&host, 0, 1));
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 1, BASE(1), UNIT));
	expect_log(guest.vm.fd, FIRST + 1, 0, NULL);
	guest_stores(&guest, 1);
	expect_log(guest.vm.fd, FIRST + 1, ARRAY_SIZE(pages), pages);

	test_context("the engine goes and comes");
	ASSERT_RESULT(DONE, NONE, detach(host.fd));
	attach(host.fd, guest.vm.fd, FIRST, 0);
	expect_no_log(guest.vm.fd, FIRST);
	expect_log(guest.vm.fd, FIRST + 1, 0, NULL);

	test_context("logged no longer");
	ASSERT_RETURN(0, __dirty_log(host.fd, 0, 0));
	ASSERT_RESULT(UNCOMMITTED, NONE, host_uncommit(&host, 0, 1));
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 1, BASE(1), UNIT));
	expect_no_log(guest.vm.fd, FIRST + 1);
}

/* What a VMM does without the module, to the first slot */
static void set_own_flag(int vm_fd, const struct host *host, uint32_t flags)
{
	struct kvm_userspace_memory_region region = {
		.slot = FIRST,
		.flags = flags,
		.guest_phys_addr = BASE(0),
		.memory_size = UNIT,
		.userspace_addr = (uintptr_t)host->endpoints[0].memory[VOLATILE],
	};

	ASSERT_DONE(ioctl(vm_fd, KVM_SET_USER_MEMORY_REGION, &region));
}

/* The VMM sets the flag of a slot on its own, either way. */
TEST(a_flag_that_the_VMM_sets_itself_is_no_trouble)
{
	struct guest guest;
	struct host host;

	host_create(&host, &two_windows);
	commit_both(&host);
	guest_create_unattached(&guest, &host);
	attach(host.fd, guest.vm.fd, FIRST, 0);
	set_own_flag(guest.vm.fd, &host, KVM_MEM_LOG_DIRTY_PAGES);
	ASSERT_RETURN(0, __dirty_log(host.fd, 0, 1));
	guest_stores(&guest, 0);
	expect_log(guest.vm.fd, FIRST, ARRAY_SIZE(pages), pages);
	set_own_flag(guest.vm.fd, &host, 0);
	expect_no_log(guest.vm.fd, FIRST);
	ASSERT_RETURN(0, __dirty_log(host.fd, 0, 1));
	expect_log(guest.vm.fd, FIRST, 0, NULL);
	ASSERT_RESULT(UNCOMMITTED, NONE, host_uncommit(&host, 0, 0));
	EXPECT_NOT_MAPPED(&guest.vm, BASE(0), UNIT);
}

static unsigned int logged(int vm_fd)
{
	unsigned int i, count = 0;
	struct mock_slots slots;

	mock_get_slots(vm_fd, &slots);
	for (i = 0; i < slots.count; i++)
		count += slots.slots[i].flags == KVM_MEM_LOG_DIRTY_PAGES;
	return count;
}

/* What isn't logged can be logged again; what a log had can't. */
TEST(a_refused_flag_loses_no_log)
{
	int vm_fd = mock_create();
	struct host host;

	host_create(&host, &two_windows);
	commit_both(&host);
	attach(host.fd, vm_fd, FIRST, 0);
	set_own_flag(vm_fd, &host, KVM_MEM_LOG_DIRTY_PAGES);
	/* Of the first slot nothing changes */
	mock_fail(vm_fd, MOCKVM_MASK(FLAGS), 1, ENOMEM, 0);
	EXPECT_RETURN(-EREMOTEIO, __dirty_log(host.fd, 0, 1));
	EXPECT_EQ(1, logged(vm_fd));
	ASSERT_RESULT(UNCOMMITTED, NONE, host_uncommit(&host, 0, 1));
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 1, BASE(1), UNIT));
	EXPECT_EQ(1, logged(vm_fd));

	test_context("done");
	EXPECT_RETURN(0, __dirty_log(host.fd, 0, 1));
	EXPECT_EQ(2, logged(vm_fd));
	EXPECT_EQ(2, mock_slot_count(vm_fd));
	/* Asked again there is nothing to be done, and nothing that could fail */
	mock_fail_always(vm_fd, MOCKVM_MASK(FLAGS), 1, ENOMEM, 0);
	EXPECT_RETURN(0, __dirty_log(host.fd, 0, 1));
	mock_fail_clear(vm_fd);

	test_context("switched off, but for one");
	mock_fail(vm_fd, MOCKVM_MASK(FLAGS), 1, ENOMEM, 0);
	EXPECT_RETURN(-EREMOTEIO, __dirty_log(host.fd, 0, 0));
	EXPECT_EQ(1, logged(vm_fd));
	ASSERT_RESULT(UNCOMMITTED, NONE, host_uncommit(&host, 0, 1));
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 1, BASE(1), UNIT));
	EXPECT_EQ(1, logged(vm_fd));
	EXPECT_RETURN(0, __dirty_log(host.fd, 0, 0));
	EXPECT_EQ(0, logged(vm_fd));
	EXPECT_SLOTS_AS_MAPPED(host.fd, vm_fd);

	test_context("a VM that KVM has given up");
	mock_set_dead(vm_fd);
	EXPECT_RETURN(-EIO, __dirty_log(host.fd, 0, 1));
}

TEST(what_it_is_given_is_checked)
{
	struct host host;
	struct vm vm;

	vm_create(&vm);
	host_create_two_phase(&host, &two_windows);
	EXPECT_RETURN(-EINVAL, __dirty_log(host.fd, 0, 2));
	EXPECT_RETURN(-ENOENT, __dirty_log(host.fd, OUT_OF_RANGE_ID, 1));
	EXPECT_RETURN(-EINVAL, __dirty_log(host.fd, host.bridge, 1));
	EXPECT_RETURN(0, __dirty_log(host.fd, 0, 1));
	test_context("slots that are the VMM's");
	ASSERT_RETURN(0, __attach_advisory(host.fd, 0, 4));
	EXPECT_RETURN(-EOPNOTSUPP, __dirty_log(host.fd, 0, 0));
	EXPECT_RETURN(-EOPNOTSUPP, __dirty_log(host.fd, host.windows[0], 1));
}

static void log_elsewhere(void *data)
{
	const int *fd = data;

	EXPECT_RETURN(0, __dirty_log(*fd, 0, 1));
}

/* The one who migrates need not be the VMM. */
TEST(from_a_process_that_has_the_right_to_apply)
{
	struct guest guest;
	struct host host;
	int fd;

	host_create(&host, &two_windows);
	commit_both(&host);
	guest_create_unattached(&guest, &host);
	attach(host.fd, guest.vm.fd, FIRST, 0);
	fd = fd_create(host.fd, CXL_SOFTHOST_RIGHT_APPLY);
	EXPECT_TRUE(in_child(log_elsewhere, &fd));
	guest_stores(&guest, 1);
	expect_log(guest.vm.fd, FIRST + 1, ARRAY_SIZE(pages), pages);
}

/* What is pending stays so; what it adds is logged when it comes. */
TEST(a_pending_change_is_left_alone)
{
	int vm_fd = mock_create();
	struct host host;
	uint64_t token;

	host_create_two_phase(&host, &two_windows);
	attach(host.fd, vm_fd, FIRST, 0);
	host_enable(&host, 0);
	ASSERT_RESULT(PENDING, NONE, host_commit(&host, 0, 0, BASE(0), UNIT));
	token = pending_token(host.fd);
	EXPECT_RETURN(0, __dirty_log(host.fd, 0, 1));
	EXPECT_EQ(token, pending_token(host.fd));
	ASSERT_RESULT(COMMITTED, NONE, apply(host.fd, token));
	EXPECT_EQ(1, logged(vm_fd));
}
