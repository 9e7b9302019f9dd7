// SPDX-License-Identifier: GPL-2.0-only
/*
 * Huge pages: KVM maps an extent by 2 MiB where HPA and host address agree modulo
 * 2 MiB and the host has such a page there, as MAP_GET says; else by 4 KiB.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest.h"

#define HUGE (2ULL << 20)
#define HUGE_PAGES 8
#define TOUCHED 4		/* of them, one store each */
#define POOL "/proc/sys/vm/nr_hugepages"

static unsigned long pool(void)
{
	unsigned long pages;
	FILE *file = fopen(POOL, "r");

	ASSERT_TRUE(file && fscanf(file, "%lu", &pages) == 1);
	fclose(file);
	return pages;
}

static void set_pool(unsigned long pages)
{
	FILE *file = fopen(POOL, "w");

	ASSERT_TRUE(file && fprintf(file, "%lu\n", pages) > 0);
	fclose(file);
}

/* A device on pages of the pool, @shift bytes after such a page's beginning */
static uint32_t add_device(struct host *host, uint64_t shift)
{
	const uint64_t length = UNIT + HUGE;
	struct cxl_softhost_node_create node = {
		.flags = CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8 | CXL_SOFTHOST_NODE_A14_12,
		.kind = CXL_SOFTHOST_NODE_ENDPOINT,
		.parent_id = host->bridge,
		.port = 1,
		.decoder_count = 1,
		.partitions[VOLATILE] = { .length = UNIT, .offset = shift },
	};
	void *memory = mmap(NULL, length, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE, -1, 0);

	ASSERT_TRUE(memory != MAP_FAILED);
	node.partitions[VOLATILE].backend_id = backend_create(host->fd, memory, length, 0);
	return node_create(host->fd, &node);
}

/* Commit that device at the window's base, and have the guest store to some of it */
static void use_device(uint64_t shift, uint64_t sizes, unsigned long *huge, unsigned long *small)
{
	const struct decoder decoder = { .base = WINDOW_HPA, .size = UNIT };
	static uint64_t sink;
	struct guest guest;
	struct host host;
	uint32_t device;
	struct map map;
	unsigned int i;

	host_create(&host, &(struct host_config){ .bridge_decoders = 2, .ports = 2 });
	device = add_device(&host, shift);
	guest_create(&guest, &host);
	ASSERT_RESULT(COMMITTED, NONE, host_commit_bridge(&host, 0, WINDOW_HPA, UNIT, 1));
	reg_write(host.fd, device, HDM_GLOBAL, 4, HDM_GLOBAL_ENABLE);
	node_set_mem_enable(host.fd, device, 1);
	ASSERT_RESULT(COMMITTED, NONE, decoder_commit(host.fd, device, 0, &decoder));
	map = map_get(host.fd);
	EXPECT_EQ(sizes, map_find(&map, WINDOW_HPA)->page_sizes);
	EXPECT_EQ(shift ? HUGE : 0, map_find(&map, WINDOW_HPA)->misaligned & HUGE);

	for (i = 0; i < TOUCHED; i++)
		guest_watch(&guest, WINDOW_HPA + i * HUGE + PAGE, (uint8_t *)&sink);
	*huge = vm_stat(&guest.vm, "pages_2m");
	*small = vm_stat(&guest.vm, "pages_4k");
	guest_start(&guest, 0, guest_storer);
	guest_join(&guest, 0);
	*huge = vm_stat(&guest.vm, "pages_2m") - *huge;
	*small = vm_stat(&guest.vm, "pages_4k") - *small;
	test_note("%lu mappings of 2 MiB and %lu of 4 KiB by %u stores", *huge, *small, TOUCHED);
}

TEST(KVM_uses_2_MiB_where_addresses_agree_and_4_KiB_where_they_do_not)
{
	unsigned long before = pool(), huge, small;

	set_pool(before + 2 * HUGE_PAGES);
	if (pool() < before + 2 * HUGE_PAGES)
		test_skip("no memory for the pool of huge pages");
	test_context("congruent");
	use_device(0, PAGE | HUGE, &huge, &small);
	EXPECT_EQ(TOUCHED, huge);
	test_context("shifted by a page");
	use_device(PAGE, PAGE, &huge, &small);
	EXPECT_EQ(0, huge);
	EXPECT_TRUE(small >= TOUCHED);
	set_pool(before);
}
