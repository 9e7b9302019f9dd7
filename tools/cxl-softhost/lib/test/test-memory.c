// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Where memory is mapped, that it is the file's, and that nothing else is left behind. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cxlsofthost/memory.h>

#include "tap.h"

#define MIB 0x100000ULL
#define UNIT (256 * MIB)

/* Bytes of address space that this process has mapped in whatever way */
static uint64_t mapped(void)
{
	unsigned long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	if (!file || fscanf(file, "%lu", &pages) != 1)
		pages = 0;
	if (file)
		fclose(file);
	return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void test_place(int fd)
{
	static const uint64_t hpas[] = { 0, UNIT, 3 * UNIT, 0x4000000000ULL + UNIT, 0x1000 };

	for (size_t i = 0; i < sizeof(hpas) / sizeof(hpas[0]); i++) {
		uint64_t before = mapped();
		uint8_t *at = cxlsh_memory_map(fd, 0, UNIT, hpas[i]);

		ok(at, "mapped");
		if (!at)
			return;
		eq(((uintptr_t)at - hpas[i]) % CXLSH_MEMORY_ALIGN, 0, "agrees modulo 1 GiB");
		eq(mapped() - before, UNIT, "just that is mapped");
		at[UNIT - 1] = (uint8_t)(i + 1);
		eq(munmap(at, UNIT), 0, "given back");
		eq(mapped(), before, "nothing is left");
	}
}

static void test_contents(int fd)
{
	uint8_t *one = cxlsh_memory_map(fd, 0, UNIT, 0);
	uint8_t *other = cxlsh_memory_map(fd, 2 * MIB, UNIT - 2 * MIB, UNIT);

	ok(one && other, "two places");
	if (!one || !other)
		return;
	one[5 * MIB] = 42;
	eq(other[3 * MIB], 42, "shared, at the offset");
	munmap(one, UNIT);
	munmap(other, UNIT - 2 * MIB);
}

/* As of a label area: it's no multiple of anything but pages */
static void test_short(int fd)
{
	uint64_t before = mapped();
	void *at = cxlsh_memory_map(fd, 0, 128 * 1024 - 1, 0);

	ok(at, "128 KiB");
	eq(mapped() - before, 128 * 1024, "whole pages of it, and no more");
	eq(munmap(at, 128 * 1024), 0, "given back");
	eq(mapped(), before, "nothing is left");
}

static void test_refused(int fd)
{
	uint64_t before = mapped();

	errno = 0;
	ok(!cxlsh_memory_map(fd, 0, 0, 0) && errno == EINVAL, "no bytes");
	errno = 0;
	ok(!cxlsh_memory_map(fd, 0, UINT64_MAX, 0) && errno == EINVAL, "all there are");
	errno = 0;
	ok(!cxlsh_memory_map(fd, 0, UINT64_MAX / 2, 0) && errno == ENOMEM, "too many");
	errno = 0;
	ok(!cxlsh_memory_map(-1, 0, UNIT, 0) && errno == EBADF, "no file");
	errno = 0;
	ok(!cxlsh_memory_map(fd, 1, UNIT, 0) && errno == EINVAL, "an offset inside of a page");
	errno = 0;
	ok(!cxlsh_memory_map(fd, 0, UNIT, 1) && errno == EINVAL, "an HPA inside of a page");
	eq(mapped(), before, "nothing is left");
}

int main(void)
{
	int fd = memfd_create("memory", 0);

	if (fd < 0 || ftruncate(fd, (off_t)UNIT))
		return 1;
	/* What the first calls of the library take isn't ours */
	mapped();
	test_place(fd);
	test_contents(fd);
	test_short(fd);
	test_refused(fd);
	return tap_done();
}
