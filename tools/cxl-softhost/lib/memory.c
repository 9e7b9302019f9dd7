// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * libcxlsofthost: where a device's memory lies in the VMM.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cxlsofthost/memory.h>

/* A mapping has whole pages of this size */
static uint64_t cxlsh_page_size(int fd)
{
	struct statfs fs;

	if (!fstatfs(fd, &fs) && fs.f_type == HUGETLBFS_MAGIC)
		return (uint64_t)fs.f_bsize;
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

void *cxlsh_memory_map(int fd, uint64_t offset, uint64_t length, uint64_t hpa)
{
	const uintptr_t mask = CXLSH_MEMORY_ALIGN - 1;
	uintptr_t area, addr, end;
	uint64_t page;
	void *found;
	int error;

	if (!length || length > SIZE_MAX - 2 * CXLSH_MEMORY_ALIGN) {
		errno = EINVAL;
		return NULL;
	}
	page = cxlsh_page_size(fd);
	length = (length + page - 1) / page * page;
	/* Reserve so much that the address is somewhere inside, and give back the rest. */
	found = mmap(NULL, length + CXLSH_MEMORY_ALIGN, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (found == MAP_FAILED)
		return NULL;
	area = (uintptr_t)found;
	addr = area + (((uintptr_t)hpa - area) & mask);
	end = area + length + CXLSH_MEMORY_ALIGN;
	found = mmap((void *)addr, length, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_FIXED | MAP_NORESERVE, fd, (off_t)offset);
	if (found == MAP_FAILED) {
		error = errno;
		munmap((void *)area, end - area);
		errno = error;
		return NULL;
	}
	if (addr > area)
		munmap((void *)area, addr - area);
	munmap((void *)(addr + length), end - addr - length);
	return found;
}
