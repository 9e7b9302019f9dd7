// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include <cxlsofthost/memory.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "layout.h"
#include "log.h"
#include "memory.h"

static int open_backing(const char *name, const char *file, size_t size, enum page_advice advice)
{
	struct stat st;
	int fd;

	if (file) {
		fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0) {
			log_error("%s: can't open %s: %s", name, file, strerror(errno));
			return -1;
		}
		/* Only plain files grow; a device is as large as it is. */
		if (!fstat(fd, &st) && (!S_ISREG(st.st_mode) || st.st_size >= (off_t)size))
			return fd;
	} else {
		unsigned int flags = MFD_CLOEXEC;

		if (advice == PAGE_ADVICE_HUGETLB)
			flags |= MFD_HUGETLB | MFD_HUGE_2MB;
		fd = memfd_create(name, flags);
		if (fd < 0) {
			log_error("%s: memfd_create: %s", name, strerror(errno));
			return -1;
		}
	}
	if (ftruncate(fd, size)) {
		log_error("%s: can't make %s %zu bytes long: %s", name,
			  file ? file : "its memory", size, strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

static void advise(const char *name, void *addr, size_t size, enum page_advice advice)
{
	int what = advice == PAGE_ADVICE_HUGE ? MADV_HUGEPAGE : MADV_NOHUGEPAGE;

	if (advice != PAGE_ADVICE_HUGE && advice != PAGE_ADVICE_SMALL)
		return;
	if (madvise(addr, size, what))
		log_error("%s: the host takes no advice on huge pages: %s (going on)", name,
			  strerror(errno));
}

void *memory_map(const char *name, const char *file, size_t size, enum page_advice advice)
{
	int fd = open_backing(name, file, size, advice);
	void *addr;

	if (fd < 0)
		return NULL;
	/* RAM begins at 0, and windows at multiples of 1 GiB */
	addr = cxlsh_memory_map(fd, 0, size, 0);
	if (!addr)
		log_error("%s: can't map %zu bytes: %s", name, size, strerror(errno));
	close(fd);
	if (!addr)
		return NULL;
	/* A device process is forked off, and has no business there */
	madvise(addr, size, MADV_DONTFORK);
	advise(name, addr, size, advice);
	return addr;
}

bool guest_ram_init(struct guest_ram *ram, uint64_t size, enum page_advice advice)
{
	ram->low = size < LAYOUT_RAM_HOLE ? size : LAYOUT_RAM_HOLE;
	ram->high = size - ram->low;
	ram->host = memory_map("ram", NULL, size, advice);
	return ram->host;
}

void *guest_ram_at(const struct guest_ram *ram, uint64_t gpa, uint64_t length)
{
	if (gpa <= ram->low && length <= ram->low - gpa)
		return ram->host + gpa;
	if (gpa >= LAYOUT_RAM_HIGH && gpa - LAYOUT_RAM_HIGH <= ram->high &&
	    length <= ram->high - (gpa - LAYOUT_RAM_HIGH))
		return ram->host + ram->low + (gpa - LAYOUT_RAM_HIGH);
	return NULL;
}
