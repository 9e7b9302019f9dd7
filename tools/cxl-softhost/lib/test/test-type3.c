// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The Type-3 device as a PCI function: what a driver finds, Mem_Enable, reset.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cxlsofthost/type3.h>

#include "fake.h"
#include "guest.h"
#include "tap.h"

#define MIB 0x100000ULL
#define NODE 2

static struct fake fake;
static struct cxlsh_type3 dev;

static void guest_read(void *function, uint64_t offset, void *data, size_t len)
{
	cxlsh_type3_config_read(function, offset, data, len);
}

static int guest_write(void *function, uint64_t offset, const void *data, size_t len)
{
	return cxlsh_type3_config_write(function, offset, data, len);
}

static const struct guest_function guest = { &dev, guest_read, guest_write };

static struct cxlsh_type3_setup setup(void)
{
	return (struct cxlsh_type3_setup){
		.host = &fake.host,
		.node_id = NODE,
		.id = { .vendor = 0x1234, .device = 0x0001 },
		.serial = 0x0123456789abcdef,
		.volatile_size = 0x140000000,
	};
}

static void start(void)
{
	struct cxlsh_type3_setup s = setup();

	fake_init(&fake);
	if (cxlsh_type3_init(&dev, &s))
		abort();
}

static void test_init(void)
{
	struct cxlsh_type3_setup s;
	uint8_t lsa[16];

	fake_init(&fake);
	memset(&dev, 0xff, sizeof(dev));
#define BAD(change, ...)							\
	do {									\
		s = setup();							\
		change;								\
		eq(cxlsh_type3_init(&dev, &s), -EINVAL, __VA_ARGS__);		\
	} while (0)
	BAD(s.host = NULL, "no host");
	BAD(s.node_id = 0, "no node");
	BAD(s.flags = 2, "unknown flag");
	BAD(s.volatile_size = 0, "no capacity");
	BAD(s.volatile_size += MIB, "not a multiple of 256 MiB");
	BAD(s.persistent_size = MIB, "persistent size likewise");
	BAD(s.persistent_size = 0 - 256 * MIB, "sum passes 2^64");
	BAD(s.id.vendor = 0, "no vendor");
	BAD(s.lsa = lsa, "label area of no size");
	BAD(s.lsa_size = 16, "label area without memory");
#undef BAD
	s = setup();
	eq(cxlsh_type3_init(&dev, &s), 0, "a good one");
	eq(fake.count, 0, "without a call of the module");
	s.volatile_size = 0;
	s.persistent_size = 256 * MIB;
	eq(cxlsh_type3_init(&dev, &s), 0, "persistent only");
	s.volatile_size = 512 * MIB;
	eq(cxlsh_type3_init(&dev, &s), 0, "both");
	eq(guest_get(&guest, guest_dvsec(&guest, 0) + 0x1cU, 4) & 0xf0000000, 0x30000000,
	   "range 1 is the sum");
}

/* What cxl_pci looks for, in its order */
static void test_discovery(void)
{
	unsigned int cap, bar;
	uint64_t offset;

	start();
	eq(guest_get(&guest, 8, 4) >> 8, 0x050210, "class");
	eq(guest_get(&guest, 0x0e, 1), 0, "header type");
	cap = guest_cap(&guest, 0x10);
	ok(cap, "PCI Express capability");
	eq(guest_get(&guest, cap + 2, 2) & 0xff, 0x02, "version 2, endpoint");
	ok(!(guest_get(&guest, cap + 4, 4) & 1U << 28), "no function level reset");
	ok(guest_get(&guest, cap + 4, 4) & 1U << 15, "role-based error reporting");
	eq(guest_get(&guest, cap + 0x12, 2) & 0x3ff, 0x105, "link up: 32 GT/s, x16");
	ok(!guest_cap(&guest, 0x05), "no MSI");
	ok(!guest_cap(&guest, 0x11), "no MSI-X");

	cap = guest_ext_cap(&guest, 0, 3);
	ok(cap, "serial number capability");
	eq(guest_get(&guest, cap + 4, 4), 0x89abcdef, "lower half");
	eq(guest_get(&guest, cap + 8, 4), 0x01234567, "upper half");

	cap = guest_dvsec(&guest, 0);
	ok(cap, "DVSEC 0");
	eq(guest_get(&guest, cap + 4, 4), 0x1e98 | 2U << 16 | 0x3cU << 20,
	   "revision 2, length 0x3c");
	eq(guest_get(&guest, cap + 0xa, 2), 0x1e, "CXL.mem, one range");
	eq(guest_get(&guest, cap + 0xc, 2), 0x2, "Mem_Enable is off");
	eq(guest_get(&guest, cap + 0x18, 4), 1, "range 1 size, high");
	eq(guest_get(&guest, cap + 0x1c, 4) & 0xf0000003, 0x40000003,
	   "range 1 size, low; valid and active");
	eq(guest_get(&guest, cap + 0x20, 4) | guest_get(&guest, cap + 0x24, 4), 0, "base 0");
	eq(guest_get(&guest, cap + 0x28, 4) | guest_get(&guest, cap + 0x2c, 4), 0,
	   "no range 2");

	cap = guest_dvsec(&guest, 7);
	ok(cap && guest_get(&guest, cap + 0xe, 2) & 4, "Flex Bus: CXL.mem is up");

	ok(guest_block(&guest, 1, &bar, &offset), "component block");
	eq(bar, 0, "in BAR 0");
	eq(offset, 0, "at 0");
	ok(guest_block(&guest, 3, &bar, &offset), "device block");
	eq(bar, 0, "in BAR 0");
	eq(offset, 0x10000, "at 64 KiB");
	ok(!guest_block(&guest, 2, &bar, &offset), "no other block");

	guest_put(&guest, 0x10, 4, 0xffffffff);
	guest_put(&guest, 0x14, 4, 0xffffffff);
	eq(guest_get(&guest, 0x10, 4), 0xfffe0004, "BAR of 128 KiB, not prefetchable");
	dev.setup.flags = CXLSH_TYPE3_PREFETCHABLE;
	cxlsh_type3_reset(&dev);
	eq(guest_get(&guest, 0x10, 4), 0xc, "or prefetchable");
}

static void test_mem_enable(void)
{
	unsigned int ctrl;

	start();
	ctrl = guest_dvsec(&guest, 0) + 0xc;
	eq(guest_put(&guest, ctrl, 2, 0x0006), 0, "set Mem_Enable");
	eq(fake.count, 1, "one call");
	eq(fake.calls[0].op, FAKE_SET, "NODE_SET");
	eq(fake.calls[0].node_id, NODE, "of the node");
	eq(fake.calls[0].offset, CXL_SOFTHOST_SET_MEM_ENABLE, "only Mem_Enable");
	eq(fake.calls[0].value, 1, "on");
	eq(guest_get(&guest, ctrl, 2), 6, "it sticks");
	eq(fake.results, 1, "the result is told");

	fake_forget(&fake);
	guest_put(&guest, ctrl, 2, 0xffff);
	eq(fake.count, 0, "no change, no call");
	eq(guest_get(&guest, ctrl, 2), 6, "other bits are read-only");
	guest_put(&guest, ctrl + 1, 1, 0);
	guest_put(&guest, ctrl - 2, 2, 0);
	eq(fake.count, 0, "neighbours don't matter");

	/* A write that begins before the register still covers it */
	guest_put(&guest, ctrl - 2, 4, 0x00000000);
	eq(fake.count, 1, "a wide write reaches it");
	eq(fake.calls[0].value, 0, "off");
	eq(guest_get(&guest, ctrl, 2), 2, "it sticks");
	fake_forget(&fake);
	guest_put(&guest, ctrl, 1, 4);
	eq(fake.calls[0].value, 1, "a byte will do");
	guest_put(&guest, ctrl, 1, 0);

	fake.refuse_set = NODE;
	fake.refuse_reason = CXL_SOFTHOST_REASON_NO_SLOTS;
	fake_forget(&fake);
	eq(guest_put(&guest, ctrl, 2, 4), 0, "refused: no error");
	eq(guest_get(&guest, ctrl, 2), 2, "it doesn't stick");
	eq(fake.last.reason, CXL_SOFTHOST_REASON_NO_SLOTS, "the reason is told");
	fake.refuse_set = 0;

	fake.fail_op = FAKE_SET;
	fake.fail_with = -ENODEV;
	eq(guest_put(&guest, ctrl, 2, 4), -ENODEV, "an error is given back");
	eq(guest_get(&guest, ctrl, 2), 2, "it doesn't stick");
	fake.fail_op = 0;

	/* DVSEC lock: Control and range bases freeze until reset */
	guest_put(&guest, ctrl + 0x18, 4, 0x5fffffff);
	eq(guest_get(&guest, ctrl + 0x18, 4), 0x50000000, "range base is writable");
	guest_put(&guest, ctrl + 8, 2, 1);
	eq(guest_get(&guest, ctrl + 8, 2), 1, "locked");
	guest_put(&guest, ctrl + 8, 2, 0);
	eq(guest_get(&guest, ctrl + 8, 2), 1, "for good");
	fake_forget(&fake);
	guest_put(&guest, ctrl, 2, 4);
	eq(fake.count, 0, "Mem_Enable is locked");
	guest_put(&guest, ctrl + 0x18, 4, 0);
	eq(guest_get(&guest, ctrl + 0x18, 4), 0x50000000, "the base is locked");
	cxlsh_type3_reset(&dev);
	eq(guest_get(&guest, ctrl + 8, 2), 0, "reset unlocks");
	guest_put(&guest, ctrl, 2, 4);
	eq(guest_get(&guest, ctrl, 2), 6, "Mem_Enable is free again");
}

static void test_by_vmm(void)
{
	struct cxl_softhost_result result;
	unsigned int ctrl;
	uint64_t status;

	start();
	ctrl = guest_dvsec(&guest, 0) + 0xc;
	eq(cxlsh_type3_set_mem_enable(&dev, true, &result), 0, "Mem_Enable by firmware");
	eq(result.outcome, CXL_SOFTHOST_OUTCOME_DONE, "done");
	eq(guest_get(&guest, ctrl, 2), 6, "the guest sees it");
	fake.refuse_set = NODE;
	eq(cxlsh_type3_set_mem_enable(&dev, false, &result), 0, "refused");
	eq(result.outcome, CXL_SOFTHOST_OUTCOME_REFUSED, "says so");
	eq(guest_get(&guest, ctrl, 2), 6, "nothing changed");
	fake.refuse_set = 0;

	cxlsh_type3_mmio_read(&dev, 0x10090, &status, 8);
	eq(status, 0x14, "media and mailbox ready");
	fake_forget(&fake);
	eq(cxlsh_type3_set_media(&dev, CXL_SOFTHOST_MEDIA_DISABLED, &result), 0, "media off");
	eq(fake.calls[0].offset, CXL_SOFTHOST_SET_MEDIA, "only media");
	eq(fake.calls[0].value, 0x100, "off");
	cxlsh_type3_mmio_read(&dev, 0x10090, &status, 8);
	eq(status, 0x1c, "media disabled");
	cxlsh_type3_reset(&dev);
	cxlsh_type3_mmio_read(&dev, 0x10090, &status, 8);
	eq(status, 0x1c, "a reset keeps that");
	fake.refuse_set = NODE;
	eq(cxlsh_type3_set_media(&dev, CXL_SOFTHOST_MEDIA_READY, NULL), 0, "media on: refused");
	eq(dev.media, CXL_SOFTHOST_MEDIA_DISABLED, "nothing changed");
	fake.refuse_set = 0;
	cxlsh_type3_set_media(&dev, CXL_SOFTHOST_MEDIA_READY, NULL);
	eq(dev.media, CXL_SOFTHOST_MEDIA_READY, "media on");
	eq(cxlsh_type3_set_media(&dev, 2, NULL), -EINVAL, "no such state");
}

static void test_T26_bar(void)
{
	static const uint8_t zeros[16];
	uint8_t data[16];

	start();
	for (int i = 0; i < CXL_SOFTHOST_CM_SIZE; i++)
		fake.regs[NODE][i] = (uint8_t)(i | 1);
	cxlsh_type3_mmio_read(&dev, 0x1100, data, 4);
	bytes(data, &fake.regs[NODE][0x100], 4, "decoder registers come from the module");
	cxlsh_type3_mmio_write(&dev, 0x1104, "\2\0\0", 4);
	eq(fake.calls[1].value, 2, "and go there");
	fake_forget(&fake);
	guest_put(&guest, 0x10, 4, 0xd0000000);
	guest_put(&guest, 0x14, 4, 0x40);
	eq(fake.count, 0, "a BAR that moves is none of the module's business");
	cxlsh_type3_mmio_read(&dev, 0x1100, data, 4);
	bytes(data, &fake.regs[NODE][0x100], 4, "nor does it move registers");
	memset(data, 0xaa, sizeof(data));
	cxlsh_type3_mmio_read(&dev, 0xfffc, data, 8);
	bytes(data, "\0\0\0\0\0\0\1\1", 8, "from one block into the next");
	cxlsh_type3_mmio_read(&dev, 0x1fffc, data, 8);
	bytes(data, zeros, 8, "over the end of the BAR");
	cxlsh_type3_mmio_read(&dev, 0x20000, data, 8);
	bytes(data, zeros, 8, "behind it");
	cxlsh_type3_mmio_read(&dev, ~0ULL, data, 16);
	bytes(data, zeros, 16, "and at the end of everything");
	fake_forget(&fake);
	cxlsh_type3_mmio_write(&dev, 0x1fffc, data, 8);
	cxlsh_type3_mmio_write(&dev, 0x20000, data, 8);
	cxlsh_type3_mmio_write(&dev, ~0ULL, data, 16);
	eq(fake.count, 0, "writes there are dropped");
	fake.fail_op = FAKE_READ;
	fake.fail_with = -EPERM;
	eq(cxlsh_type3_mmio_read(&dev, 0x1100, data, 4), -EPERM, "errors are given back");
	fake.fail_op = FAKE_WRITE;
	eq(cxlsh_type3_mmio_write(&dev, 0x1100, data, 4), -EPERM, "of writes too");
}

static void test_reset(void)
{
	struct cxlsh_type3 before;
	uint32_t generation;

	start();
	before = dev;
	guest_put(&guest, 0x10, 4, 0xd0000000);
	guest_put(&guest, 4, 2, 6);
	guest_put(&guest, guest_dvsec(&guest, 0) + 0xcU, 2, 4);
	generation = dev.config.bar_generation;
	fake_forget(&fake);
	fake.fail_op = FAKE_RESET;
	fake.fail_with = -ENODEV;
	eq(cxlsh_type3_reset(&dev), -ENODEV, "the module can't");
	eq(guest_get(&guest, 0x10, 4), 0xd0000004, "nothing changed");
	fake.fail_op = 0;
	fake_forget(&fake);
	eq(cxlsh_type3_reset(&dev), 0, "reset");
	eq(fake.count, 1, "one call");
	eq(fake.calls[0].op, FAKE_RESET, "RESET");
	eq(fake.calls[0].node_id, NODE, "of the node, not of the host");
	eq(fake.last.outcome, CXL_SOFTHOST_OUTCOME_UNCOMMITTED, "its result is told");
	bytes(dev.config.data, before.config.data, CXLSH_CONFIG_SIZE, "config space is new");
	bytes(dev.config.writable, before.config.writable, CXLSH_CONFIG_SIZE, "masks too");
	ok(dev.config.bar_generation != generation, "BARs going away is news");
}

int main(void)
{
	test_init();
	test_discovery();
	test_mem_enable();
	test_by_vmm();
	test_T26_bar();
	test_reset();
	return tap_done();
}
