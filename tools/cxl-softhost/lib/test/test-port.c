// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Ports: what a guest finds, bus numbers, windows, secondary bus reset; the two
 * ports that a switch is made of.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cxlsofthost/port.h>

#include "fake.h"
#include "guest.h"
#include "tap.h"

#define SWITCH 3

static struct fake fake;
static struct cxlsh_port port;
static unsigned int resets;
static int reset_gives;

static int reset(void *ctx)
{
	(*(unsigned int *)ctx)++;
	return reset_gives;
}

static void guest_read(void *function, uint64_t offset, void *data, size_t len)
{
	cxlsh_port_config_read(function, offset, data, len);
}

static int guest_write(void *function, uint64_t offset, const void *data, size_t len)
{
	return cxlsh_port_config_write(function, offset, data, len);
}

static const struct guest_function guest = { &port, guest_read, guest_write };

static void start_as(enum cxlsh_port_kind kind, bool device_present)
{
	const struct cxlsh_port_setup setup = {
		.kind = kind,
		.host = kind == CXLSH_PORT_UPSTREAM ? &fake.host : NULL,
		.node_id = kind == CXLSH_PORT_UPSTREAM ? SWITCH : 0,
		.id = { .vendor = 0x1234, .device = 2 },
		.number = 0xa7,
		.device_present = device_present,
		.reset = reset,
		.reset_ctx = &resets,
	};

	resets = 0;
	reset_gives = 0;
	fake_init(&fake);
	if (cxlsh_port_init(&port, &setup))
		abort();
}

static void start(bool device_present)
{
	start_as(CXLSH_PORT_ROOT, device_present);
}

static void test_discovery(void)
{
	struct cxlsh_port_setup bad = { .id = { .vendor = 0xffff } };
	unsigned int cap, bar;
	uint64_t offset;
	uint8_t data[4];

	eq(cxlsh_port_init(&port, &bad), -EINVAL, "no vendor");
	start(true);
	eq(guest_get(&guest, 8, 4) >> 8, 0x060400, "class: PCI bridge");
	eq(guest_get(&guest, 0x0e, 1), 1, "header type 1");
	cap = guest_cap(&guest, 0x10);
	ok(cap, "PCI Express capability");
	eq(guest_get(&guest, cap + 2, 2), 0x42, "version 2, root port, no slot");
	eq(guest_get(&guest, cap + 0xc, 4) >> 24, 0xa7, "Port Number");
	ok(guest_get(&guest, cap + 0xc, 4) & 1U << 20, "tells whether the link is active");
	ok(guest_get(&guest, cap + 0x12, 2) & 0x2000, "it is");
	eq(guest_get(&guest, 0x3d, 1), 0, "no interrupt pin");

	ok(guest_dvsec(&guest, 3), "DVSEC 3");
	ok(guest_dvsec(&guest, 4), "DVSEC 4");
	cap = guest_dvsec(&guest, 7);
	ok(cap && guest_get(&guest, cap + 0xe, 2) & 4, "Flex Bus: CXL.mem is up");
	ok(guest_block(&guest, 1, &bar, &offset), "component block");
	eq(bar, 0, "in BAR 0");
	eq(offset, 0, "at 0");
	ok(!guest_block(&guest, 3, &bar, &offset), "no device block");
	guest_put(&guest, 0x10, 4, 0xffffffff);
	eq(guest_get(&guest, 0x10, 4), 0xffff0004, "BAR of 64 KiB");

	cxlsh_port_mmio_read(&port, 0x1000, data, 4);
	bytes(data, "\1\0\x11\0", 4, "component block: header without capabilities");
	eq(cxlsh_port_mmio_write(&port, 0x1000, data, 4), 0, "nothing in it is writable");

	cap = guest_dvsec(&guest, 4);
	guest_put(&guest, cap + 0xc, 4, 0xffffffff);
	eq(guest_get(&guest, cap + 0xc, 4), 0x0f0f0f0f, "GPF timeouts are the guest's");

	start(false);
	cap = guest_cap(&guest, 0x10);
	eq(guest_get(&guest, cap + 0x12, 2), 0, "no device, no link");
	eq(guest_get(&guest, guest_dvsec(&guest, 7) + 0xeU, 2), 0, "no Flex Bus");
}

/* What was plugged in later is told as if it had been there, and nothing else. */
static void test_plug(void)
{
	static const enum cxlsh_port_kind kinds[] = { CXLSH_PORT_ROOT, CXLSH_PORT_DOWNSTREAM };
	static struct cxlsh_config with, without;

	for (size_t i = 0; i < 2; i++) {
		start_as(kinds[i], true);
		guest_put(&guest, 0x18, 4, 0x00201f10);
		with = port.config;
		start_as(kinds[i], false);
		guest_put(&guest, 0x18, 4, 0x00201f10);
		without = port.config;
		ok(memcmp(&with, &without, sizeof(with)), "a port with and one without a device");
		cxlsh_port_set_present(&port, true);
		ok(!memcmp(&port.config, &with, sizeof(with)), "plugged in: as from the beginning");
		cxlsh_port_set_present(&port, false);
		ok(!memcmp(&port.config, &without, sizeof(without)), "and out");
		cxlsh_port_set_present(&port, true);
		eq(cxlsh_port_reset(&port), 0, "reset");
		ok(guest_get(&guest, guest_cap(&guest, 0x10) + 0x12U, 2) & 0x2000,
		   "it is still there");
	}
	start_as(CXLSH_PORT_UPSTREAM, false);
	with = port.config;
	cxlsh_port_set_present(&port, true);
	cxlsh_port_set_present(&port, false);
	ok(!memcmp(&port.config, &with, sizeof(with)), "an upstream port's link is up always");
}

static void test_buses(void)
{
	start(true);
	ok(!cxlsh_port_is_secondary(&port, 0), "bus 0 isn't below a port without numbers");
	guest_put(&guest, 0x18, 4, 0xff201f10);
	eq(guest_get(&guest, 0x18, 4), 0x00201f10, "bus numbers");
	ok(cxlsh_port_is_secondary(&port, 0x1f), "secondary");
	ok(!cxlsh_port_is_secondary(&port, 0x20), "subordinate isn't");
	ok(!cxlsh_port_is_secondary(&port, 0x10), "primary isn't");
	eq(cxlsh_port_reset(&port), 0, "reset");
	eq(guest_get(&guest, 0x18, 4), 0, "takes them away");
}

static void test_beyond(void)
{
	start(true);
	ok(!cxlsh_port_is_beyond(&port, 1), "nothing is beyond a port without numbers");
	guest_put(&guest, 0x18, 4, 0x00201000);
	ok(!cxlsh_port_is_beyond(&port, 0x10), "the secondary bus isn't beyond itself");
	ok(cxlsh_port_is_beyond(&port, 0x11), "the bus after it is");
	ok(cxlsh_port_is_beyond(&port, 0x20), "the subordinate bus is");
	ok(!cxlsh_port_is_beyond(&port, 0x21), "the bus after that isn't");
	ok(!cxlsh_port_is_beyond(&port, 0), "bus 0 isn't");
	guest_put(&guest, 0x18, 4, 0x00101000);
	ok(!cxlsh_port_is_beyond(&port, 0x11), "nothing is beyond a single bus");
	guest_put(&guest, 0x18, 4, 0x000f1000);
	ok(!cxlsh_port_is_beyond(&port, 0x10) && !cxlsh_port_is_beyond(&port, 0xf),
	   "nor between numbers the wrong way round");
	guest_put(&guest, 0x18, 4, 0x00ff1000);
	ok(cxlsh_port_is_beyond(&port, 0xff), "bus 255 can be");
	guest_put(&guest, guest_dvsec(&guest, 3) + 0xcU, 2, 1);
	guest_put(&guest, 0x3e, 2, 0x40);
	ok(!cxlsh_port_is_beyond(&port, 0xff), "not while the bus is in reset");
}

static void test_upstream(void)
{
	struct cxlsh_port_setup bad = {
		.kind = CXLSH_PORT_UPSTREAM, .id = { .vendor = 1 }, .node_id = SWITCH
	};
	unsigned int cap, bar;
	uint64_t offset;
	uint8_t data[8];

	eq(cxlsh_port_init(&port, &bad), -EINVAL, "an upstream port without a host");
	bad.host = &fake.host;
	bad.node_id = 0;
	eq(cxlsh_port_init(&port, &bad), -EINVAL, "an upstream port without a node");
	bad.kind = (enum cxlsh_port_kind)3;
	eq(cxlsh_port_init(&port, &bad), -EINVAL, "an unknown kind of port");
	bad.node_id = SWITCH;
	bad.kind = CXLSH_PORT_ROOT;
	eq(cxlsh_port_init(&port, &bad), -EINVAL, "a root port with a node");
	bad.kind = CXLSH_PORT_DOWNSTREAM;
	eq(cxlsh_port_init(&port, &bad), -EINVAL, "a downstream port with a node");

	start_as(CXLSH_PORT_UPSTREAM, false);
	eq(guest_get(&guest, 8, 4) >> 8, 0x060400, "upstream port: PCI bridge");
	eq(guest_get(&guest, 0x0e, 1), 1, "header type 1");
	cap = guest_cap(&guest, 0x10);
	eq(guest_get(&guest, cap + 2, 2), 0x52, "version 2, upstream port of a switch");
	eq(guest_get(&guest, cap + 0xc, 4) & 1U << 20, 0,
	   "leaves it to the port above whether the link is active");
	ok(guest_get(&guest, cap + 0x12, 2) & 0x3f, "its link is up all the same");
	guest_put(&guest, cap + 0x1c, 2, 0xffff);
	eq(guest_get(&guest, cap + 0x1c, 2), 0, "it has no Root Control");
	ok(guest_dvsec(&guest, 3), "DVSEC 3");
	ok(!guest_dvsec(&guest, 4), "no DVSEC 4");
	cap = guest_dvsec(&guest, 7);
	ok(cap && guest_get(&guest, cap + 0xe, 2) & 4, "Flex Bus: CXL.mem is up");
	ok(guest_block(&guest, 1, &bar, &offset) && !bar && !offset,
	   "component block at the start of BAR 0");
	ok(!guest_block(&guest, 3, &bar, &offset), "no device block");

	memset(fake.regs[SWITCH], 0x5a, sizeof(fake.regs[SWITCH]));
	eq(cxlsh_port_mmio_read(&port, 0x1100, data, 4), 0, "read of its HDM decoders");
	bytes(data, "\x5a\x5a\x5a\x5a", 4, "is the module's");
	eq(cxlsh_port_mmio_write(&port, 0x1114, "\1\2\3\4", 4), 0, "write to them");
	eq(fake.calls[1].node_id, SWITCH, "goes to the switch");
	eq(fake.calls[1].offset, 0x1114, "where it was written");
	eq(fake.last_node, SWITCH, "and its result is told");
	eq(cxlsh_port_mmio_read(&port, 0x2000, data, 4), 0, "the rest of the block");
	bytes(data, "\0\0\0\0", 4, "is empty");

	guest_put(&guest, 0x18, 4, 0x00201000);
	fake_forget(&fake);
	fake.fail_op = FAKE_RESET;
	fake.fail_with = -ENODEV;
	eq(cxlsh_port_reset(&port), -ENODEV, "a reset that the module can't do");
	eq(guest_get(&guest, 0x18, 4), 0x00201000, "changes nothing");
	fake.fail_op = 0;
	eq(cxlsh_port_reset(&port), 0, "a reset");
	eq(guest_get(&guest, 0x18, 4), 0, "takes the bus numbers");
	eq(fake.calls[1].node_id, SWITCH, "and resets the switch in the module");
	eq(fake.last.outcome, CXL_SOFTHOST_OUTCOME_UNCOMMITTED, "the result is told");
	eq(resets, 0, "what is below is the caller's");
	guest_put(&guest, guest_dvsec(&guest, 3) + 0xcU, 2, 1);
	guest_put(&guest, 0x3e, 2, 0x40);
	eq(resets, 1, "its secondary bus can be reset");
	eq(fake_calls(&fake, FAKE_RESET), 2, "that isn't a reset of its own");
}

static void test_downstream(void)
{
	unsigned int cap, bar;
	uint64_t offset;
	uint8_t data[4];

	start_as(CXLSH_PORT_DOWNSTREAM, true);
	eq(guest_get(&guest, 8, 4) >> 8, 0x060400, "downstream port: PCI bridge");
	cap = guest_cap(&guest, 0x10);
	eq(guest_get(&guest, cap + 2, 2), 0x62, "version 2, downstream port of a switch");
	eq(guest_get(&guest, cap + 0xc, 4) >> 24, 0xa7, "Port Number");
	ok(guest_get(&guest, cap + 0xc, 4) & 1U << 20, "tells whether the link is active");
	ok(guest_get(&guest, cap + 0x12, 2) & 0x2000, "it is");
	guest_put(&guest, cap + 0x1c, 2, 0xffff);
	eq(guest_get(&guest, cap + 0x1c, 2), 0, "it has no Root Control");
	ok(guest_dvsec(&guest, 3) && guest_dvsec(&guest, 4) && guest_dvsec(&guest, 7),
	   "DVSECs 3, 4 and 7");
	ok(guest_block(&guest, 1, &bar, &offset), "component block");
	cxlsh_port_mmio_read(&port, 0x1000, data, 4);
	bytes(data, "\1\0\x11\0", 4, "without capabilities");
	eq(cxlsh_port_reset(&port), 0, "reset");
	eq(fake.count, 0, "the module knows nothing of it");
	start_as(CXLSH_PORT_DOWNSTREAM, false);
	eq(guest_get(&guest, guest_cap(&guest, 0x10) + 0x12U, 2), 0, "no device, no link");
}

static void test_windows(void)
{
	start(true);
	guest_put(&guest, 4, 2, 2);
	ok(!cxlsh_port_forwards(&port, 0) && !cxlsh_port_forwards(&port, 0xfff00000) &&
	   !cxlsh_port_forwards(&port, ~0ULL), "windows are closed at first");
	guest_put(&guest, 0x1c, 2, 0xffff);
	eq(guest_get(&guest, 0x1c, 2), 0, "no I/O window");
	guest_put(&guest, 0x20, 4, 0xc01fc00f);
	eq(guest_get(&guest, 0x20, 4), 0xc010c000, "memory window");
	guest_put(&guest, 0x24, 4, 0x000f0000);
	eq(guest_get(&guest, 0x24, 4), 0x00010001, "prefetchable window has 64 bits");
	guest_put(&guest, 0x28, 4, 0x80);
	guest_put(&guest, 0x2c, 4, 0x81);
	ok(cxlsh_port_forwards(&port, 0xc0000000), "first byte");
	ok(cxlsh_port_forwards(&port, 0xc01fffff), "last byte");
	ok(!cxlsh_port_forwards(&port, 0xc0200000), "the byte after");
	ok(!cxlsh_port_forwards(&port, 0xbfffffff), "the byte before");
	ok(cxlsh_port_forwards(&port, 0x8000000000), "prefetchable: first byte");
	ok(cxlsh_port_forwards(&port, 0x81000fffff), "last byte");
	ok(!cxlsh_port_forwards(&port, 0x8100100000), "the byte after");
	ok(!cxlsh_port_forwards(&port, 0x7fffffffff), "the byte before");
	guest_put(&guest, 4, 2, 4);
	ok(!cxlsh_port_forwards(&port, 0xc0000000), "not without Memory Space Enable");
}

static void test_bus_reset(void)
{
	unsigned int ctrl;

	start(true);
	ctrl = guest_dvsec(&guest, 3) + 0xc;
	guest_put(&guest, 0x18, 4, 0x00201f10);
	guest_put(&guest, 0x3e, 2, 0x40);
	eq(guest_get(&guest, 0x3e, 2), 0x40, "the bit is there");
	eq(resets, 0, "but masked: no reset");
	ok(cxlsh_port_is_secondary(&port, 0x1f), "the device is there");
	guest_put(&guest, 0x3e, 2, 0);

	/* As the driver does it: unmask, set, clear, mask */
	guest_put(&guest, ctrl, 2, 1);
	eq(guest_get(&guest, ctrl, 2), 1, "unmasked");
	eq(guest_put(&guest, 0x3e, 2, 0x40), 0, "set");
	eq(resets, 1, "one reset");
	ok(!cxlsh_port_is_secondary(&port, 0x1f), "the device is away");
	guest_put(&guest, 0x3e, 2, 0x40);
	guest_put(&guest, 0x3e, 2, 0x42);
	eq(resets, 1, "still the same reset");
	guest_put(&guest, 0x3e, 2, 0);
	eq(resets, 1, "clearing isn't one");
	ok(cxlsh_port_is_secondary(&port, 0x1f), "the device is back");
	guest_put(&guest, 0x3c, 4, 0x00400000);
	eq(resets, 2, "a wide write resets as well");
	guest_put(&guest, 0x3e, 1, 0);
	reset_gives = -ENODEV;
	eq(guest_put(&guest, 0x3e, 1, 0x40), -ENODEV, "errors are given back");
	port.setup.reset = NULL;
	guest_put(&guest, 0x3e, 1, 0);
	eq(guest_put(&guest, 0x3e, 1, 0x40), 0, "nobody below");
}

int main(void)
{
	test_discovery();
	test_plug();
	test_buses();
	test_beyond();
	test_upstream();
	test_downstream();
	test_windows();
	test_bus_reset();
	return tap_done();
}
