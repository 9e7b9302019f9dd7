// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Configuration space: capability chains, masks, BARs.
 */
#include <errno.h>
#include <string.h>

#include <cxlsofthost/config.h>

#include "tap.h"

static const struct cxlsh_pci_id id = {
	.vendor = 0x1234, .device = 0x5678, .revision = 9,
	.subsystem_vendor = 0xabcd, .subsystem = 0xef01
};

static uint32_t get(struct cxlsh_config *config, uint64_t offset, size_t len)
{
	uint8_t data[8] = { 0 };

	cxlsh_config_read(config, offset, data, len);
	return data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 |
	       (uint32_t)data[3] << 24;
}

static void put(struct cxlsh_config *config, uint64_t offset, size_t len, uint32_t value)
{
	uint8_t data[4] = { (uint8_t)value, (uint8_t)(value >> 8),
			    (uint8_t)(value >> 16), (uint8_t)(value >> 24) };

	cxlsh_config_write(config, offset, data, len);
}

static void test_header(void)
{
	struct cxlsh_pci_id none = id;
	struct cxlsh_config config;
	uint8_t all[CXLSH_CONFIG_SIZE];

	eq(cxlsh_config_init(&config, 0, &id, 0x050210), 0, "endpoint");
	eq(get(&config, 0, 4), 0x56781234, "IDs");
	eq(get(&config, 8, 4), 0x05021009, "class and revision");
	eq(get(&config, 0x0e, 1), 0, "header type");
	eq(get(&config, 0x2c, 4), 0xef01abcd, "subsystem");
	eq(get(&config, 0x34, 1), 0, "no capabilities");
	eq(get(&config, 6, 2), 0, "and none announced");
	eq(get(&config, 0x100, 4), 0, "no extended ones");
	eq(get(&config, 0x3d, 1), 0, "no interrupt pin");

	put(&config, 0, 4, 0xffffffff);
	eq(get(&config, 0, 4), 0x56781234, "IDs are read-only");
	put(&config, 4, 2, 0xffff);
	eq(get(&config, 4, 2), 0x0546, "Command: memory, master, parity, SERR, INTx off");
	put(&config, 5, 1, 0);
	eq(get(&config, 4, 2), 0x0046, "bytes can be written alone");
	put(&config, 0x10, 4, 0xffffffff);
	eq(get(&config, 0x10, 4), 0, "no BAR, no bits");
	put(&config, 0x3c, 1, 0x0b);
	eq(get(&config, 0x3c, 1), 0x0b, "Interrupt Line is scratch");

	eq(cxlsh_config_init(&config, 1, &id, 0x060400), 0, "bridge");
	eq(get(&config, 0x0e, 1), 1, "header type 1");
	eq(get(&config, 0x2c, 4), 0, "a bridge has no subsystem there");

	eq(cxlsh_config_init(&config, 2, &id, 0), -EINVAL, "header type 2");
	eq(cxlsh_config_init(&config, 0, &id, 0x1000000), -EINVAL, "class of 25 bits");
	none.vendor = 0;
	eq(cxlsh_config_init(&config, 0, &none, 0), -EINVAL, "vendor 0");
	none.vendor = 0xffff;
	eq(cxlsh_config_init(&config, 0, &none, 0), -EINVAL, "vendor 0xffff");

	/* Whatever a guest tries, it stays inside: ASan watches */
	cxlsh_config_init(&config, 0, &id, 0x050210);
	memset(all, 0xff, sizeof(all));
	cxlsh_config_write(&config, 0, all, sizeof(all));
	cxlsh_config_write(&config, 0xffe, all, 8);
	cxlsh_config_write(&config, 0x1000, all, 8);
	cxlsh_config_write(&config, 0xfffffffffffffffc, all, 8);
	cxlsh_config_write(&config, 3, all, 0);
	cxlsh_config_read(&config, 0, all, sizeof(all));
	eq(all[0], 0x34, "all of it can be read at once");
	memset(all, 0xaa, sizeof(all));
	cxlsh_config_read(&config, 0xffe, all, 8);
	eq(all[0] | all[7], 0, "the end is zeros");
	cxlsh_config_read(&config, 0xfffffffffffffffc, all, 8);
	eq(all[0] | all[7], 0, "outside too");
}

static void test_masks(void)
{
	struct cxlsh_config config;

	cxlsh_config_init(&config, 0, &id, 0);
	cxlsh_config_set32(&config, 0x200, 0x11223344);
	eq(cxlsh_config_get32(&config, 0x200), 0x11223344, "32 bits");
	eq(cxlsh_config_get16(&config, 0x202), 0x1122, "16 bits");
	eq(cxlsh_config_get8(&config, 0x203), 0x11, "8 bits");
	cxlsh_config_set16(&config, 0x200, 0x5566);
	cxlsh_config_set8(&config, 0x202, 0x77);
	eq(cxlsh_config_get32(&config, 0x200), 0x11775566, "little endian");

	cxlsh_config_allow(&config, 0x200, 4, 0x0f00f000);
	put(&config, 0x200, 4, 0xffffffff);
	eq(get(&config, 0x200, 4), 0x1f77f566, "only writable bits change");
	put(&config, 0x200, 4, 0);
	eq(get(&config, 0x200, 4), 0x10770566, "to 0 as well");
	cxlsh_config_allow(&config, 0x200, 2, 0x0001);
	put(&config, 0x200, 4, 0xffffffff);
	eq(get(&config, 0x200, 4), 0x1f770567, "a mask of 2 bytes leaves the others");

	cxlsh_config_set8(&config, 0x300, 0xff);
	config.clear[0x300] = 0x0f;
	put(&config, 0x300, 1, 0x33);
	eq(get(&config, 0x300, 1), 0xfc, "1 clears");
}

static void test_caps(void)
{
	struct cxlsh_config config;
	int a, b, c, n;

	cxlsh_config_init(&config, 0, &id, 0);
	a = cxlsh_config_add_cap(&config, 0x10, 0x3c);
	b = cxlsh_config_add_cap(&config, 0x05, 10);
	c = cxlsh_config_add_cap(&config, 0x11, 12);
	eq(get(&config, 6, 2), 0x10, "Status says there are capabilities");
	eq(get(&config, 0x34, 1), a, "the pointer leads to the first");
	eq(get(&config, (uint64_t)a, 2), 0x10 | b << 8, "that to the second");
	eq(get(&config, (uint64_t)b, 2), 0x05 | c << 8, "to the third");
	eq(get(&config, (uint64_t)c, 2), 0x11, "which is the last");
	ok(a == 0x40 && b >= a + 0x3c && c >= b + 10, "they don't overlap");
	ok(!(a & 3) && !(b & 3) && !(c & 3), "they are aligned");
	eq(cxlsh_config_add_cap(&config, 1, 1), -EINVAL, "too short");
	eq(cxlsh_config_add_cap(&config, 1, 0x100 - (size_t)config.next_cap + 1), -ENOSPC,
	   "one byte too many");
	eq(cxlsh_config_add_cap(&config, 1, (size_t)-1), -ENOSPC, "far too many");
	n = config.next_cap;
	eq(cxlsh_config_add_cap(&config, 1, 0x100 - (size_t)n), n, "the last byte");
	eq(cxlsh_config_add_cap(&config, 1, 2), -ENOSPC, "full");

	a = cxlsh_config_add_ext_cap(&config, 3, 1, 12);
	b = cxlsh_config_add_dvsec(&config, 7, 2, 0x21);
	c = cxlsh_config_add_ext_cap(&config, 1, 15, 4);
	eq(a, 0x100, "the first extended capability is at 0x100");
	eq(get(&config, 0x100, 4), 0x3 | 1 << 16 | (uint32_t)b << 20, "leads to the second");
	eq(get(&config, (uint64_t)b, 4), 0x23 | 1 << 16 | (uint32_t)c << 20, "to the third");
	eq(get(&config, (uint64_t)c, 4), 0x1 | 15U << 16, "the last");
	eq(get(&config, (uint64_t)b + 4, 4), 0x1e98 | 2U << 16 | 0x21U << 20, "DVSEC header 1");
	eq(get(&config, (uint64_t)b + 8, 2), 7, "DVSEC ID");
	ok(c >= b + 0x21 && !(c & 3), "an odd length is rounded up");
	eq(cxlsh_config_add_ext_cap(&config, 1, 16, 8), -EINVAL, "version 16");
	eq(cxlsh_config_add_ext_cap(&config, 1, 1, 3), -EINVAL, "too short");
	eq(cxlsh_config_add_dvsec(&config, 1, 1, 9), -EINVAL, "DVSEC too short");
	eq(cxlsh_config_add_dvsec(&config, 1, 16, 16), -EINVAL, "DVSEC revision 16");
	eq(cxlsh_config_add_dvsec(&config, 1, 1, 0x1000), -EINVAL, "DVSEC too long");
	n = config.next_ext_cap;
	eq(cxlsh_config_add_ext_cap(&config, 1, 1, 0x1001 - (size_t)n), -ENOSPC,
	   "one byte too many");
	eq(cxlsh_config_add_ext_cap(&config, 1, 1, 0x1000 - (size_t)n), n, "the last byte");
	eq(cxlsh_config_add_ext_cap(&config, 1, 1, 4), -ENOSPC, "full");
}

static void test_bars(void)
{
	struct cxlsh_config config;
	uint64_t addr, offset;
	uint32_t generation;

	cxlsh_config_init(&config, 0, &id, 0);
	eq(cxlsh_config_add_bar64(&config, 0, 0x20000, false), 0, "BAR 0");
	eq(cxlsh_config_add_bar64(&config, 0, 0x1000, false), -EEXIST, "BAR 0 again");
	eq(cxlsh_config_add_bar64(&config, 1, 0x1000, false), -EEXIST, "its upper half");
	eq(cxlsh_config_add_bar64(&config, 3, 0x400000000, true), 0, "BAR 3, 16 GiB");
	eq(cxlsh_config_add_bar64(&config, 2, 0x1000, false), -EEXIST,
	   "BAR 2 would take 3 as well");
	eq(cxlsh_config_add_bar64(&config, 5, 0x1000, false), -EINVAL, "no upper half left");
	eq(cxlsh_config_add_bar64(&config, 2, 0x3000, false), -EINVAL, "no power of two");
	eq(cxlsh_config_add_bar64(&config, 2, 0x800, false), -EINVAL, "too small");
	eq(cxlsh_config_add_bar64(&config, 2, 0, false), -EINVAL, "size 0");

	/* Sizing, as an operating system does it */
	put(&config, 0x10, 4, 0xffffffff);
	put(&config, 0x14, 4, 0xffffffff);
	eq(get(&config, 0x10, 4), 0xfffe0004, "128 KiB, 64-bit");
	eq(get(&config, 0x14, 4), 0xffffffff, "upper half");
	put(&config, 0x1c, 4, 0xffffffff);
	put(&config, 0x20, 4, 0xffffffff);
	eq(get(&config, 0x1c, 4), 0x0000000c, "16 GiB, prefetchable");
	eq(get(&config, 0x20, 4), 0xfffffffc, "upper half");

	put(&config, 0x10, 4, 0xc0000000);
	put(&config, 0x14, 4, 0x12);
	ok(!cxlsh_config_bar(&config, 0, &addr), "not decoded without Memory Space Enable");
	eq(addr, 0x12c0000000, "but its place is known");
	eq(cxlsh_config_find_bar(&config, 0x12c0000000, &offset), -1, "no access to it");
	generation = config.bar_generation;
	put(&config, 4, 2, 2);
	ok(config.bar_generation != generation, "enabling it is news");
	ok(cxlsh_config_bar(&config, 0, NULL), "decoded");
	eq(cxlsh_config_find_bar(&config, 0x12c0000000, &offset), 0, "first byte");
	eq(offset, 0, "at its start");
	eq(cxlsh_config_find_bar(&config, 0x12c001ffff, &offset), 0, "last byte");
	eq(offset, 0x1ffff, "at its end");
	eq(cxlsh_config_find_bar(&config, 0x12c0020000, &offset), -1, "the byte after");
	eq(cxlsh_config_find_bar(&config, 0x12bfffffff, &offset), -1, "the byte before");
	eq(cxlsh_config_find_bar(&config, 0xfffffffc00000123, &offset), 3, "BAR 3");
	eq(offset, 0x123, "where it ended after sizing, at the top of everything");

	generation = config.bar_generation;
	put(&config, 4, 2, 6);
	put(&config, 0x3c, 1, 5);
	put(&config, 0x10, 4, 0xc0000000);
	eq(config.bar_generation, generation, "what doesn't move BARs is no news");
	put(&config, 0x10, 4, 0xd0000000);
	ok(config.bar_generation != generation, "moving one is");
	eq(cxlsh_config_find_bar(&config, 0x12c0000000, &offset), -1, "it left");
	eq(cxlsh_config_find_bar(&config, 0x12d0000004, &offset), 0, "and is there");

	ok(!cxlsh_config_bar(&config, 1, &addr), "upper half isn't a BAR");
	ok(!cxlsh_config_bar(&config, 6, &addr), "nor is register 6");
	ok(!cxlsh_config_bar(&config, ~0U, &addr), "nor -1");

	cxlsh_config_init(&config, 1, &id, 0);
	eq(cxlsh_config_add_bar64(&config, 0, 0x10000, false), 0, "bridge BAR 0");
	eq(cxlsh_config_add_bar64(&config, 2, 0x10000, false), -EINVAL,
	   "there bus numbers are");
}

static void test_ecam(void)
{
	uint8_t bus, devfn;

	eq(cxlsh_ecam_split(0x1234567, &bus, &devfn), 0x567, "offset");
	eq(bus, 0x12, "bus");
	eq(devfn, 0x34, "device and function");
}

int main(void)
{
	test_header();
	test_masks();
	test_caps();
	test_bars();
	test_ecam();
	return tap_done();
}
