// SPDX-License-Identifier: GPL-2.0-only
/* Commands that read or write more user memory than their own structure. */
#include <kunit/test.h>
#include <linux/uaccess.h>

#include "host-rig.h"

/* An address below which there is a page, and above which there is nothing */
static unsigned long page_end(struct kunit *test)
{
	unsigned long addr = host_rig_memory(test, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE);

	KUNIT_ASSERT_EQ(test, vm_munmap(addr + PAGE_SIZE, PAGE_SIZE), 0);
	return addr + PAGE_SIZE;
}

/* What a refused command must not leave behind */
static void check_nothing_changed(struct kunit *test, struct softhost_host *host, size_t bytes,
				  u32 windows, u32 backends)
{
	KUNIT_EXPECT_EQ(test, host->bytes, bytes);
	KUNIT_EXPECT_EQ(test, host->counts[SOFTHOST_OBJECT_WINDOW], windows);
	KUNIT_EXPECT_EQ(test, host->counts[SOFTHOST_OBJECT_BACKEND], backends);
	KUNIT_EXPECT_EQ(test, host->topology.window_count, windows);
}

static void window_targets(struct kunit *test)
{
	struct host_rig *rig = host_rig_make(test);
	struct softhost_host *host = rig->host;
	unsigned long end = page_end(test);
	u32 __user *target = (u32 __user *)(end - sizeof(u32));
	struct cxl_softhost_window_create good = {
		.hpa = 64 * GIB, .length = UNIT, .ways = 1, .granularity = 256,
		.targets = (unsigned long)target,
	}, cmd;
	struct softhost_ucmd ucmd = { .host = host, .cmd = &cmd, .rights = ~0U };
	size_t bytes = host->bytes;

	/* Not there, half there, not a user's, no address at all */
	cmd = good;
	cmd.targets = end;
	KUNIT_EXPECT_EQ(test, softhost_window_create_ioctl(&ucmd), -EFAULT);
	cmd = good;
	cmd.targets = end - 2;
	KUNIT_EXPECT_EQ(test, softhost_window_create_ioctl(&ucmd), -EFAULT);
	cmd = good;
	cmd.targets = U64_MAX - 3;
	KUNIT_EXPECT_EQ(test, softhost_window_create_ioctl(&ucmd), -EFAULT);

	KUNIT_ASSERT_EQ(test, put_user(999U, target), 0);
	cmd = good;
	KUNIT_EXPECT_EQ(test, softhost_window_create_ioctl(&ucmd), -ENOENT);
	KUNIT_ASSERT_EQ(test, put_user(rig->backend, target), 0);
	KUNIT_EXPECT_EQ(test, softhost_window_create_ioctl(&ucmd), -EINVAL);
	KUNIT_ASSERT_EQ(test, put_user(rig->device[0], target), 0);
	KUNIT_EXPECT_EQ(test, softhost_window_create_ioctl(&ucmd), -EINVAL);

	/* What is wrong with the rest is told before the array is looked at */
	cmd = good;
	cmd.targets = end;
	cmd.length = UNIT + 1;
	KUNIT_EXPECT_EQ(test, softhost_window_create_ioctl(&ucmd), -EINVAL);
	KUNIT_ASSERT_EQ(test, put_user(rig->bridge, target), 0);
	cmd = good;
	cmd.hpa = HOST_RIG_HPA + 63 * UNIT;
	KUNIT_EXPECT_EQ(test, softhost_window_create_ioctl(&ucmd), -EEXIST);
	check_nothing_changed(test, host, bytes, 1, 1);

	/* The last bytes of a page will do */
	cmd = good;
	KUNIT_EXPECT_EQ(test, softhost_window_create_ioctl(&ucmd), 0);
	KUNIT_EXPECT_EQ(test, host->counts[SOFTHOST_OBJECT_WINDOW], 2);
	KUNIT_EXPECT_EQ(test, host_rig_destroy(host, cmd.out_id, NULL), 0);
	check_nothing_changed(test, host, bytes, 1, 1);
}

static void backend_mappings(struct kunit *test)
{
	struct softhost_host *host = host_rig_empty(test);
	unsigned long addr = host_rig_memory(test, 4 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	struct cxl_softhost_backend_create good = { .addr = addr, .length = 4 * PAGE_SIZE }, cmd;
	struct softhost_ucmd ucmd = { .host = host, .cmd = &cmd, .rights = ~0U };
	size_t bytes = host->bytes;

	cmd = good;
	cmd.addr++;
	KUNIT_EXPECT_EQ(test, softhost_backend_create_ioctl(&ucmd), -EINVAL);
	cmd = good;
	cmd.length--;
	KUNIT_EXPECT_EQ(test, softhost_backend_create_ioctl(&ucmd), -EINVAL);
	cmd = good;
	cmd.length = 0;
	KUNIT_EXPECT_EQ(test, softhost_backend_create_ioctl(&ucmd), -EINVAL);
	cmd = good;
	cmd.length = -(u64)PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, softhost_backend_create_ioctl(&ucmd), -EOVERFLOW);

	/* A hole in the middle, at the end, and nothing at all */
	KUNIT_ASSERT_EQ(test, vm_munmap(addr + PAGE_SIZE, PAGE_SIZE), 0);
	cmd = good;
	KUNIT_EXPECT_EQ(test, softhost_backend_create_ioctl(&ucmd), -EADDRNOTAVAIL);
	cmd.length = 2 * PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, softhost_backend_create_ioctl(&ucmd), -EADDRNOTAVAIL);
	cmd.addr = addr + PAGE_SIZE;
	cmd.length = PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, softhost_backend_create_ioctl(&ucmd), -EADDRNOTAVAIL);
	check_nothing_changed(test, host, bytes, 0, 0);

	/* Closed by another mapping it is whole again */
	KUNIT_ASSERT_EQ(test, vm_mmap(NULL, addr + PAGE_SIZE, PAGE_SIZE, PROT_READ,
				      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, 0),
			addr + PAGE_SIZE);
	cmd = good;
	KUNIT_EXPECT_EQ(test, softhost_backend_create_ioctl(&ucmd), 0);
	KUNIT_EXPECT_EQ(test, host->counts[SOFTHOST_OBJECT_BACKEND], 1);
}

/* The whole window, what answers and what doesn't, in entries of any size */
static void map_entries(struct kunit *test)
{
	u32 known = sizeof(struct cxl_softhost_segment), entry_size = known + 24, i;
	struct host_rig *rig = host_rig_make(test);
	unsigned long user = host_rig_memory(test, PAGE_SIZE, PROT_READ | PROT_WRITE);
	struct cxl_softhost_map_get cmd = { .entry_size = entry_size, .entries = user };
	struct softhost_ucmd ucmd = { .host = rig->host, .cmd = &cmd, .rights = ~0U };
	u8 *copy = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	u64 hpa = HOST_RIG_HPA;
	u32 count;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	host_rig_program(rig);
	fake_attach(rig, FAKE_SLOTS);
	count = host_rig_map(rig)->count;
	KUNIT_ASSERT_LE(test, (count + 1) * entry_size, PAGE_SIZE);
	memset(copy, 0xa5, PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, copy_to_user((void __user *)user, copy, PAGE_SIZE), 0);

	/* Too little room: the count, and nothing written */
	cmd.count = count - 1;
	KUNIT_EXPECT_EQ(test, softhost_map_get_ioctl(&ucmd), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, cmd.count, count);
	KUNIT_ASSERT_EQ(test, copy_from_user(copy, (void __user *)user, PAGE_SIZE), 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(copy, 0xa5, PAGE_SIZE));

	KUNIT_EXPECT_EQ(test, softhost_map_get_ioctl(&ucmd), 0);
	KUNIT_EXPECT_EQ(test, cmd.count, count);
	KUNIT_EXPECT_EQ(test, cmd.out_generation, host_rig_map(rig)->generation);
	KUNIT_ASSERT_EQ(test, copy_from_user(copy, (void __user *)user, PAGE_SIZE), 0);
	for (i = 0; i < count; i++) {
		const struct cxl_softhost_segment *entry = (void *)copy + i * entry_size;
		bool memory = hpa < HOST_RIG_HPA + 2 * HOST_RIG_EXTENTS * UNIT && i % 2 == 0;

		KUNIT_EXPECT_EQ(test, entry->hpa, hpa);
		KUNIT_EXPECT_EQ(test, entry->kind, memory ? CXL_SOFTHOST_SEGMENT_LINEAR :
							    CXL_SOFTHOST_SEGMENT_HOLE);
		KUNIT_EXPECT_EQ(test, entry->slot,
				memory ? FAKE_FIRST_SLOT + i / 2 : CXL_SOFTHOST_NONE);
		KUNIT_EXPECT_EQ(test, entry->host_addr, memory ? rig->memory + i / 2 * UNIT : 0);
		KUNIT_EXPECT_EQ(test, entry->cookie, memory ? 0xc0ffee : 0);
		/* What this kernel doesn't know */
		KUNIT_EXPECT_NULL(test, memchr_inv((u8 *)entry + known, 0, entry_size - known));
		hpa += entry->length;
	}
	KUNIT_EXPECT_EQ(test, hpa, HOST_RIG_HPA + 64 * UNIT);
	KUNIT_EXPECT_NULL(test, memchr_inv(copy + count * entry_size, 0xa5,
					   PAGE_SIZE - count * entry_size));
}

static void map_entries_that_cannot_be(struct kunit *test)
{
	struct host_rig *rig = host_rig_make(test);
	u32 known = sizeof(struct cxl_softhost_segment);
	unsigned long end = page_end(test);
	struct cxl_softhost_map_get cmd = {};
	struct softhost_ucmd ucmd = { .host = rig->host, .cmd = &cmd, .rights = ~0U };
	static const u32 sizes[] = { 0, 80, 92, 4104, U32_MAX };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		cmd = (struct cxl_softhost_map_get){ .entry_size = sizes[i] };
		KUNIT_EXPECT_EQ_MSG(test, softhost_map_get_ioctl(&ucmd), -EINVAL, "%u", sizes[i]);
	}
	/* The count alone needs no array */
	cmd = (struct cxl_softhost_map_get){ .entry_size = known };
	KUNIT_EXPECT_EQ(test, softhost_map_get_ioctl(&ucmd), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, cmd.count, host_rig_map(rig)->count);

	host_rig_program(rig);
	cmd = (struct cxl_softhost_map_get){
		.entry_size = known, .count = 100, .entries = end - known,
	};
	KUNIT_EXPECT_EQ(test, softhost_map_get_ioctl(&ucmd), -EFAULT);
	cmd.entries = U64_MAX - known;
	KUNIT_EXPECT_EQ(test, softhost_map_get_ioctl(&ucmd), -EFAULT);
	/* The entry fits, what is to be cleared behind it doesn't */
	host_rig_reset(rig, 0);
	cmd = (struct cxl_softhost_map_get){
		.entry_size = known + 8, .count = 1, .entries = end - known,
	};
	KUNIT_EXPECT_EQ(test, softhost_map_get_ioctl(&ucmd), -EFAULT);
	cmd.entries = end - known - 8;
	KUNIT_EXPECT_EQ(test, softhost_map_get_ioctl(&ucmd), 0);
}

static struct kunit_case softhost_user_cases[] = {
	KUNIT_CASE(window_targets),
	KUNIT_CASE(backend_mappings),
	KUNIT_CASE(map_entries),
	KUNIT_CASE(map_entries_that_cannot_be),
	{}
};

static struct kunit_suite softhost_user_suite = {
	.name = "cxl_softhost_user",
	.test_cases = softhost_user_cases,
};

kunit_test_suite(softhost_user_suite);
