// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory on one NUMA node or in a device-dax device, and the proof that it is
 * there. Raw system calls: the guest has no libnuma.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/mempolicy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../number.h"
#include "place.h"

#define MAX_NODES 1024
#define MASK_WORDS (MAX_NODES / (8 * sizeof(unsigned long)))
#define BATCH 4096UL

/* Bits of /proc/kpageflags. */
#define KPF_SLAB 7
#define KPF_ANON 12
#define KPF_PGTABLE 26

#define PAGEMAP_PRESENT (1ULL << 63)
#define PAGEMAP_PFN ((1ULL << 55) - 1)

int place_option(struct place *place, char **argv)
{
	char *end;

	if (strcmp(argv[0], "--node") && strcmp(argv[0], "--dax") && strcmp(argv[0], "--hpa"))
		return 0;
	if (!argv[1]) {
		fprintf(stderr, "%s wants a value\n", argv[0]);
		exit(2);
	}
	if (!strcmp(argv[0], "--node")) {
		place->node = (int)number_parse(argv[0], argv[1], &end);
		if (place->node < 0 || place->node >= MAX_NODES) {
			fprintf(stderr, "--node: '%s' can't be a node\n", argv[1]);
			exit(2);
		}
	} else if (!strcmp(argv[0], "--dax")) {
		place->dax = argv[1];
		place->node = -1;
	} else {
		number_parse_range(argv[0], argv[1], &place->hpa_first, &place->hpa_end);
	}
	return 2;
}

static void node_mask(const struct place *place, unsigned long *mask)
{
	unsigned int bits = 8 * sizeof(*mask);

	memset(mask, 0, MASK_WORDS * sizeof(*mask));
	mask[place->node / bits] = 1UL << (place->node % bits);
}

static void *map_dax(const struct place *place, size_t bytes)
{
	void *addr;
	int fd;

	fd = open(place->dax, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	addr = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return addr == MAP_FAILED ? NULL : addr;
}

void *place_map(const struct place *place, size_t bytes, enum pages pages, int shared)
{
	unsigned long mask[MASK_WORDS];
	size_t head, room;
	char *addr;

	bytes = (bytes + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1);
	if (place->dax)
		return map_dax(place, bytes);

	room = bytes + HUGE_BYTES;
	addr = mmap(NULL, room, PROT_READ | PROT_WRITE,
		    (shared ? MAP_SHARED : MAP_PRIVATE) | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (addr == MAP_FAILED)
		return NULL;
	head = -(uintptr_t)addr & (HUGE_BYTES - 1);
	if (head)
		munmap(addr, head);
	munmap(addr + head + bytes, room - head - bytes);
	addr += head;

	node_mask(place, mask);
	if (syscall(SYS_mbind, addr, bytes, MPOL_BIND, mask, MAX_NODES + 1UL, 0UL))
		goto unmap;
	if (pages == PAGES_HUGE && madvise(addr, bytes, MADV_HUGEPAGE))
		goto unmap;
	if (pages == PAGES_SMALL && madvise(addr, bytes, MADV_NOHUGEPAGE) && errno != EINVAL)
		goto unmap;
	return addr;
unmap:
	munmap(addr, bytes);
	return NULL;
}

int place_bind_task(const struct place *place)
{
	unsigned long mask[MASK_WORDS];

	node_mask(place, mask);
	return (int)syscall(SYS_set_mempolicy, MPOL_BIND, mask, MAX_NODES + 1UL);
}

/* /proc/self/pagemap of up to BATCH pages. */
static long read_pagemap(const void *addr, uint64_t *entries, size_t pages)
{
	off_t at = (off_t)((uintptr_t)addr / PAGE_BYTES * sizeof(*entries));
	ssize_t got;
	int fd;

	fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	got = pread(fd, entries, pages * sizeof(*entries), at);
	close(fd);
	return got < 0 ? -1 : (long)((size_t)got / sizeof(*entries));
}

uint64_t place_physical(const void *addr)
{
	uint64_t entry;

	if (read_pagemap(addr, &entry, 1) != 1 || !(entry & PAGEMAP_PRESENT) ||
	    !(entry & PAGEMAP_PFN))
		return 0;
	return (entry & PAGEMAP_PFN) * PAGE_BYTES + (uintptr_t)addr % PAGE_BYTES;
}

static int check_nodes(const struct place *place, char *addr, size_t pages,
		       char *why, size_t why_bytes)
{
	static void *list[BATCH];
	static int status[BATCH];
	size_t i;

	for (i = 0; i < pages; i++)
		list[i] = addr + i * PAGE_BYTES;
	if (syscall(SYS_move_pages, 0, pages, list, NULL, status, 0)) {
		snprintf(why, why_bytes, "move_pages: %s", strerror(errno));
		return -1;
	}
	for (i = 0; i < pages; i++) {
		if (status[i] == place->node)
			continue;
		if (status[i] < 0)
			snprintf(why, why_bytes, "page %p: %s", list[i], strerror(-status[i]));
		else
			snprintf(why, why_bytes, "page %p is on node %d", list[i], status[i]);
		return -1;
	}
	return 0;
}

static int check_range(const struct place *place, char *addr, size_t pages,
		       char *why, size_t why_bytes)
{
	static uint64_t entries[BATCH];
	uint64_t hpa;
	size_t i;

	if (read_pagemap(addr, entries, pages) != (long)pages) {
		snprintf(why, why_bytes, "pagemap: %s", strerror(errno));
		return -1;
	}
	for (i = 0; i < pages; i++) {
		hpa = (entries[i] & PAGEMAP_PFN) * PAGE_BYTES;
		if ((entries[i] & PAGEMAP_PRESENT) && hpa >= place->hpa_first &&
		    hpa < place->hpa_end)
			continue;
		snprintf(why, why_bytes, "page %p is at %#" PRIx64 ", not in the window",
			 (void *)(addr + i * PAGE_BYTES), hpa);
		return -1;
	}
	return 0;
}

int place_check(const struct place *place, const void *addr, size_t bytes,
		char *why, size_t why_bytes)
{
	size_t left = (bytes + PAGE_BYTES - 1) / PAGE_BYTES, pages;
	char *at = (char *)((uintptr_t)addr & -PAGE_BYTES);

	for (; left; left -= pages, at += pages * PAGE_BYTES) {
		pages = left < BATCH ? left : BATCH;
		if (!place->dax && check_nodes(place, at, pages, why, why_bytes))
			return -1;
		if (place->hpa_end && check_range(place, at, pages, why, why_bytes))
			return -1;
	}
	return 0;
}

int place_is_huge(const void *addr, size_t bytes)
{
	unsigned long first, end, huge = 0, kib;
	char line[256];
	int inside = 0;
	FILE *file;

	file = fopen("/proc/self/smaps", "re");
	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%lx-%lx ", &first, &end) == 2)
			inside = first < (uintptr_t)addr + bytes && end > (uintptr_t)addr;
		else if (inside && sscanf(line, "AnonHugePages: %lu kB", &kib) == 1)
			huge += kib << 10;
	}
	fclose(file);
	return huge >= bytes;
}

static uint64_t node_meminfo(const struct place *place, const char *field)
{
	uint64_t kib = 0, value;
	char line[128], name[64];
	FILE *file;

	snprintf(line, sizeof(line), "/sys/devices/system/node/node%d/meminfo", place->node);
	file = fopen(line, "re");
	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "Node %*d %63[^:]: %" SCNu64, name, &value) == 2 &&
		    !strcmp(name, field))
			kib = value;
	fclose(file);
	return kib << 10;
}

/* Below its zones' high watermarks a bound allocation can end in the OOM killer. */
static uint64_t node_watermarks(const struct place *place)
{
	uint64_t pages = 0, high;
	char line[128];
	int node = -1;
	FILE *file;

	file = fopen("/proc/zoneinfo", "re");
	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "Node %d, zone", &node) == 1)
			continue;
		if (node == place->node && sscanf(line, " high %" SCNu64, &high) == 1)
			pages += high;
	}
	fclose(file);
	return pages * PAGE_BYTES;
}

uint64_t place_total(const struct place *place)
{
	return node_meminfo(place, "MemTotal");
}

uint64_t place_free(const struct place *place)
{
	uint64_t bytes = node_meminfo(place, "MemFree"), keep;

	/* What the CPUs keep on their own lists comes on top. */
	keep = node_watermarks(place) + (2UL << 20);
	return bytes > keep ? bytes - keep : 0;
}

/* "27 N0=25 N1=2": slabs of task structures by node. */
static unsigned long count_tasks(const struct place *place)
{
	unsigned long count = 0;
	char line[256], word[16];
	const char *at;
	FILE *file;

	file = fopen("/sys/kernel/slab/task_struct/slabs", "re");
	if (!file)
		return 0;
	snprintf(word, sizeof(word), " N%d=", place->node);
	if (fgets(line, sizeof(line), file)) {
		at = strstr(line, word);
		if (at)
			count = strtoul(at + strlen(word), NULL, 10);
	}
	fclose(file);
	return count;
}

int place_count(const struct place *place, struct place_use *use)
{
	static uint64_t flags[BATCH];
	uint64_t pfn = place->hpa_first / PAGE_BYTES;
	uint64_t left = (place->hpa_end - place->hpa_first) / PAGE_BYTES;
	size_t want, i;
	int fd;

	memset(use, 0, sizeof(*use));
	fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	for (; left; left -= want, pfn += want) {
		want = left < BATCH ? left : BATCH;
		if (pread(fd, flags, want * sizeof(*flags), (off_t)(pfn * sizeof(*flags))) !=
		    (ssize_t)(want * sizeof(*flags))) {
			close(fd);
			return -1;
		}
		for (i = 0; i < want; i++) {
			if (flags[i] & (1ULL << KPF_ANON))
				use->anon++;
			else if (flags[i] & (1ULL << KPF_SLAB))
				use->slab++;
			else if (flags[i] & (1ULL << KPF_PGTABLE))
				use->pgtable++;
		}
	}
	close(fd);
	use->tasks = count_tasks(place);
	return 0;
}
