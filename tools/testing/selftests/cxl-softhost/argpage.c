// SPDX-License-Identifier: GPL-2.0-only
/*
 * The page from which KVM reads the module's arguments lies in the owner's
 * address space. Whatever becomes of it there: the next commit works or is a
 * clean refusal, nothing else is disturbed, and nothing waits.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mock.h"
#include "process.h"
#include "vm.h"

#define NAME "cxl-softhost"
#define FIRST 100

/* What forged arguments ask for: a slot of the VMM's, on memory of its own. */
#define FORGED_SLOT 77
#define FORGED_GPA 0x40000000ULL

struct scene {
	struct host host;
	int vm_fd;
	uintptr_t page;		/* the argument page */
};

static void start_on(struct scene *s, int vm_fd)
{
	host_create(&s->host, NULL);
	s->vm_fd = vm_fd;
	EXPECT_EQ(0, mappings_named(NAME, NULL));
	attach(s->host.fd, vm_fd, FIRST, 0);
	/* One argument page; what proved the slots free is gone again. */
	ASSERT_EQ(1, mappings_named(NAME, &s->page));
	host_enable(&s->host, 0);
}

static void start(struct scene *s)
{
	struct vm vm;

	vm_create(&vm);
	start_on(s, vm.fd);
}

static void start_mock(struct scene *s)
{
	start_on(s, mock_create());
}

/* It goes on as if nothing had been. */
static void expect_commits_work(struct scene *s)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		EXPECT_RESULT(COMMITTED, NONE, host_commit(&s->host, 0, 0, WINDOW_HPA, UNIT));
		EXPECT_TRUE(vm_probe(s->vm_fd, WINDOW_HPA));
		EXPECT_RESULT(UNCOMMITTED, NONE, host_uncommit(&s->host, 0, 0));
		EXPECT_TRUE(!vm_probe(s->vm_fd, WINDOW_HPA));
	}
	EXPECT_EQ(1, mappings_named(NAME, NULL));
}

static void expect_detach_works(struct scene *s)
{
	EXPECT_EQ(0, detach(s->host.fd).flags);
	EXPECT_EQ(0, mappings_named(NAME, NULL));
}

TEST(argument_page_is_there_while_attached_and_no_longer)
{
	struct scene s;

	start(&s);
	expect_commits_work(&s);
	expect_detach_works(&s);
}

TEST(argument_page_unmapped)
{
	struct scene s;

	start(&s);
	ASSERT_DONE(munmap((void *)s.page, PAGE));
	expect_commits_work(&s);
	test_context("while something is mapped");
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&s.host, 0, 0, WINDOW_HPA, UNIT));
	ASSERT_EQ(1, mappings_named(NAME, &s.page));
	ASSERT_DONE(munmap((void *)s.page, PAGE));
	EXPECT_RESULT(UNCOMMITTED, NONE, host_uncommit(&s.host, 0, 0));
	EXPECT_TRUE(!vm_probe(s.vm_fd, WINDOW_HPA));
	test_context("before DETACH");
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&s.host, 0, 0, WINDOW_HPA, UNIT));
	ASSERT_EQ(1, mappings_named(NAME, &s.page));
	ASSERT_DONE(munmap((void *)s.page, PAGE));
	expect_detach_works(&s);
	EXPECT_TRUE(!vm_probe(s.vm_fd, WINDOW_HPA));
}

/* Arguments that KVM would take, at the address that the module gives to KVM. */
static void forge(uintptr_t page)
{
	struct kvm_userspace_memory_region *region;

	region = mmap((void *)page, PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	ASSERT_EQ(page, (uintptr_t)region);
	*region = (struct kvm_userspace_memory_region){
		.slot = FORGED_SLOT,
		.guest_phys_addr = FORGED_GPA,
		.memory_size = 2 * PAGE,
		.userspace_addr = (uintptr_t)memory_reserve(2 * PAGE),
	};
}

TEST(argument_page_replaced_by_forged_arguments)
{
	struct scene s;

	start(&s);
	forge(s.page);
	expect_commits_work(&s);
	EXPECT_TRUE(!vm_probe(s.vm_fd, FORGED_GPA));
	/* The VMM's own page is still there, with what it wrote. */
	EXPECT_EQ(FORGED_SLOT, ((struct kvm_userspace_memory_region *)s.page)->slot);
	test_context("while something is mapped");
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&s.host, 0, 0, WINDOW_HPA, UNIT));
	ASSERT_EQ(1, mappings_named(NAME, &s.page));
	forge(s.page);
	EXPECT_RESULT(UNCOMMITTED, NONE, host_uncommit(&s.host, 0, 0));
	EXPECT_TRUE(!vm_probe(s.vm_fd, FORGED_GPA));
	EXPECT_TRUE(!vm_probe(s.vm_fd, WINDOW_HPA));
	expect_detach_works(&s);
	EXPECT_EQ(FORGED_SLOT, ((struct kvm_userspace_memory_region *)s.page)->slot);
}

/* A page that nobody will ever fill: touching it waits for ever. */
static void replace_by_userfault_page(uintptr_t page)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range = { .start = page, .len = PAGE }, .mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd = ASSERT_DONE(syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK));

	ASSERT_DONE(ioctl(fd, UFFDIO_API, &api));
	ASSERT_EQ(page, (uintptr_t)mmap((void *)page, PAGE, PROT_READ | PROT_WRITE,
					MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	ASSERT_DONE(ioctl(fd, UFFDIO_REGISTER, &range));
}

TEST_TIMEOUT(argument_page_replaced_by_a_userfaultfd_page, 20)
{
	struct scene s;

	start(&s);
	replace_by_userfault_page(s.page);
	expect_commits_work(&s);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&s.host, 0, 0, WINDOW_HPA, UNIT));
	ASSERT_EQ(1, mappings_named(NAME, &s.page));
	replace_by_userfault_page(s.page);
	EXPECT_RESULT(UNCOMMITTED, NONE, host_uncommit(&s.host, 0, 0));
	EXPECT_TRUE(!vm_probe(s.vm_fd, WINDOW_HPA));
	expect_detach_works(&s);
}

TEST(argument_page_cannot_be_moved_or_copied)
{
	uint8_t *elsewhere = memory_reserve(4 * PAGE);
	struct scene s;
	unsigned int i;

	start(&s);
	for (i = 0; i < 8; i++) {
		EXPECT_TRUE(mremap((void *)s.page, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
				   elsewhere) == MAP_FAILED);
		EXPECT_TRUE(mremap((void *)s.page, PAGE, 2 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED);
		EXPECT_TRUE(mremap((void *)s.page, 0, PAGE, MREMAP_MAYMOVE) == MAP_FAILED);
		EXPECT_TRUE(mremap((void *)s.page, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED |
				   MREMAP_DONTUNMAP, elsewhere) == MAP_FAILED);
		EXPECT_EQ(1, mappings_named(NAME, NULL));
		expect_commits_work(&s);
	}
	expect_detach_works(&s);
}

TEST(argument_page_cannot_be_made_writable)
{
	static const int protections[] = {
		PROT_READ | PROT_WRITE, PROT_WRITE, PROT_READ | PROT_EXEC, PROT_NONE,
		PROT_READ | PROT_WRITE | PROT_EXEC,
	};
	struct scene s;
	unsigned int i;
	uint64_t word;
	int fd;

	start(&s);
	for (i = 0; i < ARRAY_SIZE(protections); i++) {
		test_context("protection %#x", protections[i]);
		EXPECT_EQ(-1, mprotect((void *)s.page, PAGE, protections[i]));
		EXPECT_EQ(EACCES, errno);
	}
	test_context("through /proc/self/mem");
	fd = ASSERT_DONE(open("/proc/self/mem", O_RDWR));
	word = 0;
	EXPECT_EQ(-1, pwrite(fd, &word, sizeof(word), s.page));
	close(fd);
	test_context("madvise");
	madvise((void *)s.page, PAGE, MADV_DONTNEED);
	madvise((void *)s.page, PAGE, MADV_DOFORK);
	madvise((void *)s.page, PAGE, MADV_PAGEOUT);
	expect_commits_work(&s);
	expect_detach_works(&s);
}

static void count_in_child(void *data)
{
	(void)data;
	EXPECT_EQ(0, mappings_named(NAME, NULL));
}

TEST(argument_page_is_not_in_a_forked_child)
{
	struct scene s;

	start(&s);
	madvise((void *)s.page, PAGE, MADV_DOFORK);
	EXPECT_TRUE(in_child(count_in_child, NULL));
	expect_commits_work(&s);
}

/* A commit in a thread, so that the test can act while KVM is called. */
struct running {
	struct scene *scene;
	struct cxl_softhost_result result;
	pthread_t thread;
	bool done;
};

static void *run_commit(void *data)
{
	struct running *running = data;

	running->result = host_commit(&running->scene->host, 0, 0, WINDOW_HPA, UNIT);
	__atomic_store_n(&running->done, true, __ATOMIC_SEQ_CST);
	return NULL;
}

/* Start a commit and stop it in KVM: before or after it has read the argument. */
static void commit_until_KVM(struct scene *s, struct running *running, uint32_t hold)
{
	*running = (struct running){ .scene = s };
	mock_hold(s->vm_fd, hold);
	ASSERT_EQ(0, pthread_create(&running->thread, NULL, run_commit, running));
	ASSERT_TRUE(mock_wait_held(s->vm_fd, 10000));
	ASSERT_EQ(1, mappings_named(NAME, &s->page));
}

/*
 * It is committed and the slot is there, or it was refused, the reason says so,
 * and there is none. A slot that the VMM forged is its own affair.
 */
static void expect_truth(struct running *running)
{
	struct scene *s = running->scene;
	struct mock_slots slots;
	unsigned int i;
	bool there = false;

	ASSERT_EQ(0, pthread_join(running->thread, NULL));
	mock_get_slots(s->vm_fd, &slots);
	for (i = 0; i < slots.count; i++) {
		EXPECT_TRUE(slots.slots[i].slot >= FIRST || slots.slots[i].slot == FORGED_SLOT);
		there |= slots.slots[i].slot >= FIRST;
	}
	if (running->result.outcome == CXL_SOFTHOST_OUTCOME_COMMITTED) {
		EXPECT_EQ(0, running->result.flags);
		EXPECT_TRUE(there);
		EXPECT_EQ(1, softhost_info(s->host.fd).out_slots_used);
	} else {
		EXPECT_EQ(CXL_SOFTHOST_OUTCOME_REFUSED, running->result.outcome);
		EXPECT_EQ(CXL_SOFTHOST_REASON_ENGINE, running->result.reason);
		EXPECT_EQ(0, running->result.flags);
		EXPECT_TRUE(!there);
		EXPECT_EQ(0, softhost_info(s->host.fd).out_slots_used);
		ASSERT_RESULT(DONE, NONE, reg_write(s->host.fd, s->host.endpoints[0].id,
						    HDM_DECODER(0) + HDM_CONTROL, 4, 0));
		EXPECT_RESULT(COMMITTED, NONE, host_commit(&s->host, 0, 0, WINDOW_HPA, UNIT));
	}
	EXPECT_RESULT(UNCOMMITTED, NONE, host_uncommit(&s->host, 0, 0));
	expect_detach_works(s);
}

TEST(argument_page_unmapped_while_KVM_is_called)
{
	struct running running;
	struct scene s;

	start_mock(&s);
	commit_until_KVM(&s, &running, MOCKVM_HOLD_ENTRY);
	ASSERT_DONE(munmap((void *)s.page, PAGE));
	mock_release(s.vm_fd);
	expect_truth(&running);
	/* KVM has read nothing: it is asked again, from a fresh page. */
	EXPECT_RESULT(COMMITTED, NONE, running.result);
}

/* KVM creates the slot, but who has seen what it read? */
TEST(argument_page_unmapped_after_KVM_has_read_it)
{
	struct running running;
	struct scene s;

	start_mock(&s);
	commit_until_KVM(&s, &running, MOCKVM_MASK(CREATE));
	ASSERT_DONE(munmap((void *)s.page, PAGE));
	mock_release(s.vm_fd);
	expect_truth(&running);
}

TEST(argument_page_replaced_by_forged_arguments_while_KVM_is_called)
{
	struct running running;
	struct scene s;

	start_mock(&s);
	commit_until_KVM(&s, &running, MOCKVM_HOLD_ENTRY);
	forge(s.page);
	mock_release(s.vm_fd);
	expect_truth(&running);
}

TEST_TIMEOUT(argument_page_replaced_by_a_userfaultfd_page_while_KVM_is_called, 20)
{
	struct running running;
	struct scene s;
	unsigned int i;

	start_mock(&s);
	commit_until_KVM(&s, &running, MOCKVM_HOLD_ENTRY);
	replace_by_userfault_page(s.page);
	mock_release(s.vm_fd);
	/* Nobody fills that page: who waits for it waits for ever. */
	for (i = 0; i < 100 && !__atomic_load_n(&running.done, __ATOMIC_SEQ_CST); i++)
		usleep(50000);
	ASSERT_TRUE(running.done);
	expect_truth(&running);
}

struct attaching {
	int fd, vm_fd, ret;
	bool done;
};

static void *run_attach(void *data)
{
	struct attaching *attaching = data;

	attaching->ret = __attach(attaching->fd, attaching->vm_fd, FIRST, 4, NULL);
	__atomic_store_n(&attaching->done, true, __ATOMIC_SEQ_CST);
	return NULL;
}

/*
 * KVM says that the first donated number is in use, and at that moment the page
 * goes: what KVM had read is unknown then. The slot is the VMM's and stays.
 */
TEST(argument_page_unmapped_while_ATTACH_proves_a_number_that_is_in_use)
{
	uint8_t *memory = memory_reserve(2 * PAGE);
	unsigned int position, times;

	for (position = 0; position < 4; position++) {
		for (times = 1; times <= 5; times++) {
			static struct mock_slots before, after;
			struct attaching attaching = { .done = false };
			unsigned int unmapped = 0;
			pthread_t thread;
			uintptr_t page;
			struct host host;

			test_context("number %u, unmapped %u times", position, times);
			host_create(&host, NULL);
			attaching.fd = host.fd;
			attaching.vm_fd = mock_create();
			ASSERT_RETURN(0, vm_slot_set(attaching.vm_fd, FIRST + position, FORGED_GPA,
						     2 * PAGE, memory));
			mock_get_slots(attaching.vm_fd, &before);
			mock_hold(attaching.vm_fd, MOCKVM_MASK(REFUSED));
			ASSERT_EQ(0, pthread_create(&thread, NULL, run_attach, &attaching));
			while (!__atomic_load_n(&attaching.done, __ATOMIC_SEQ_CST)) {
				if (!mock_wait_held(attaching.vm_fd, 100))
					continue;
				while (unmapped < times && mappings_named(NAME, &page)) {
					ASSERT_DONE(munmap((void *)page, PAGE));
					unmapped++;
				}
				mock_release(attaching.vm_fd);
				if (unmapped < times)
					mock_hold(attaching.vm_fd, MOCKVM_MASK(REFUSED));
			}
			ASSERT_EQ(0, pthread_join(thread, NULL));
			EXPECT_TRUE(unmapped > 0);
			EXPECT_TRUE(attaching.ret == -EADDRINUSE || attaching.ret == -EREMOTEIO);
			mock_get_slots(attaching.vm_fd, &after);
			EXPECT_TRUE(mock_slots_equal(&before, &after));
			if (softhost_info(host.fd).out_engine == CXL_SOFTHOST_ENGINE_KVM)
				EXPECT_EQ(0, detach(host.fd).flags);
			host_close(&host);
			close(attaching.vm_fd);
			EXPECT_EQ(0, mappings_named(NAME, NULL));
		}
	}
}

/* A thread that takes the page away as fast as it can, against a real VM. */
static bool stop_unmapping;

static void *unmap_again_and_again(void *data)
{
	uintptr_t page;

	(void)data;
	while (!__atomic_load_n(&stop_unmapping, __ATOMIC_SEQ_CST))
		if (mappings_named(NAME, &page))
			munmap((void *)page, PAGE);
	return NULL;
}

TEST_TIMEOUT(argument_page_unmapped_again_and_again, 120)
{
	unsigned int i, committed = 0, refused = 0;
	uint8_t *memory = memory_reserve(2 * PAGE);
	struct cxl_softhost_result result;
	pthread_t thread;
	struct scene s;

	start(&s);
	ASSERT_RETURN(0, vm_slot_set(s.vm_fd, FORGED_SLOT, FORGED_GPA, 2 * PAGE, memory));
	ASSERT_EQ(0, pthread_create(&thread, NULL, unmap_again_and_again, NULL));
	for (i = 0; i < 200; i++) {
		result = host_commit(&s.host, 0, 0, WINDOW_HPA, UNIT);
		if (result.outcome == CXL_SOFTHOST_OUTCOME_COMMITTED) {
			committed++;
			EXPECT_TRUE(vm_probe(s.vm_fd, WINDOW_HPA));
		} else {
			refused++;
			EXPECT_EQ(CXL_SOFTHOST_OUTCOME_REFUSED, result.outcome);
		}
		EXPECT_TRUE(!decoder_is_committed(s.host.fd, s.host.endpoints[0].id, 0) ==
			    (result.outcome == CXL_SOFTHOST_OUTCOME_REFUSED));
		reg_write(s.host.fd, s.host.endpoints[0].id, HDM_DECODER(0) + HDM_CONTROL, 4, 0);
	}
	stop_unmapping = true;
	ASSERT_EQ(0, pthread_join(thread, NULL));
	test_note("%u commits, %u refused", committed, refused);
	EXPECT_TRUE(committed > 0);
	/* Once it is left in peace all is well. */
	EXPECT_EQ(0, reset(s.host.fd, 0).flags);
	host_enable(&s.host, 0);
	EXPECT_TRUE(!vm_probe(s.vm_fd, WINDOW_HPA));
	expect_commits_work(&s);
	EXPECT_TRUE(vm_probe(s.vm_fd, FORGED_GPA));
	expect_detach_works(&s);
}
