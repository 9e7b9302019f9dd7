// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Buses, windows and BARs of a tree with switches: a walk through configuration
 * space as an operating system makes it, accesses, resets.
 */
#include <string.h>

#include "cxl.h"
#include "layout.h"
#include "tap.h"

static struct vm vm;
static struct cxl cxl;
static uint32_t resets[16];

/* A module whose registers all read as the number of the node. */
static int fake_read(void *ctx, struct cxl_softhost_reg_read *cmd)
{
	(void)ctx;
	cmd->out_outcome = CXL_SOFTHOST_OUTCOME_DONE;
	cmd->out_value = cmd->node_id;
	return 0;
}

static int fake_reset(void *ctx, struct cxl_softhost_reset *cmd)
{
	(void)ctx;
	resets[cmd->node_id]++;
	memset(&cmd->out_result, 0, sizeof(cmd->out_result));
	return 0;
}

static const struct cxlsh_ops ops = { .reg_read = fake_read, .reset = fake_reset };

void cxl_check(struct cxl *from, int error, const char *what)
{
	(void)from;
	if (error)
		tap_ok(false, what);
}

static struct cxl_branch *add_branch(uint32_t parent, uint32_t port, uint32_t ports)
{
	struct cxl_branch *branch = &cxl.branches[cxl.branch_count++];

	snprintf(branch->name, sizeof(branch->name), "b%u", cxl.branch_count);
	branch->cxl = &cxl;
	branch->node_id = cxl.branch_count;
	branch->port_count = ports;
	if (parent != OPTIONS_NONE) {
		branch->parent = &cxl.branches[parent];
		branch->parent->ports[port].branch = branch;
		return branch;
	}
	branch->chbcr = LAYOUT_CHBCR + cxl.bridge_count * LAYOUT_CHBCR_SIZE;
	branch->bar_base = LAYOUT_BAR + cxl.bridge_count * LAYOUT_BAR_PER_BRIDGE;
	branch->component.host = &cxl.host;
	branch->component.node_id = branch->node_id;
	cxl.bridges[cxl.bridge_count++] = branch;
	return branch;
}

/* Nodes of branches are numbered from 1, those of devices from 11. */
static bool add_device(uint32_t parent, uint32_t port)
{
	struct cxl_device *device = &cxl.devices[cxl.device_count++];
	const struct cxlsh_type3_setup setup = {
		.host = &cxl.host,
		.node_id = 10 + cxl.device_count,
		.id = { .vendor = CXL_PCI_VENDOR, .device = CXL_PCI_ID_TYPE3 },
		.volatile_size = 256 * MIB,
	};

	cxl.branches[parent].ports[port].device = device;
	return !cxlsh_type3_init(&device->type3, &setup);
}

static bool update_all(void)
{
	bool ok = true;

	for (uint32_t i = 0; i < cxl.branch_count; i++)
		ok = cxl_update_ports(&cxl.branches[i]) && ok;
	return ok;
}

/*
 * Branch 0, a bridge:	port 0: branch 1, port 2: device 13
 * branch 1, a switch:	port 0: branch 2, port 2: device 12
 * branch 2, a switch:	port 0: device 11
 * branch 3, a bridge:	port 0: device 14
 */
static bool build(void)
{
	bool ok;

	memset(&vm, 0, sizeof(vm));
	memset(&cxl, 0, sizeof(cxl));
	memset(resets, 0, sizeof(resets));
	cxl.vm = &vm;
	cxl.host.ops = &ops;
	add_branch(OPTIONS_NONE, 0, 3);
	add_branch(0, 0, 3);
	add_branch(1, 0, 1);
	add_branch(OPTIONS_NONE, 0, 1);
	ok = add_device(2, 0) && add_device(1, 2) && add_device(0, 2) && add_device(3, 0);
	return ok && update_all() && pci_init(&cxl, &vm.mmio);
}

static uint64_t ecam(uint32_t bus, uint32_t device, uint32_t reg)
{
	return LAYOUT_ECAM + (bus << 20 | device << 15 | reg);
}

static uint32_t get(uint32_t bus, uint32_t device, uint32_t reg)
{
	uint32_t value = 0;

	bus_dispatch(&vm.mmio, ecam(bus, device, reg), (uint8_t *)&value, 4, false);
	return value;
}

static void put(uint32_t bus, uint32_t device, uint32_t reg, uint32_t value)
{
	bus_dispatch(&vm.mmio, ecam(bus, device, reg), (uint8_t *)&value, 4, true);
}

static uint32_t get_memory(uint32_t gpa)
{
	uint32_t value = 0;

	bus_dispatch(&vm.mmio, gpa, (uint8_t *)&value, 4, false);
	return value;
}

/* What a walk saw: the functions, one word each, and what was wrong with them. */
struct walk {
	char seen[512];
	uint32_t last_bus;
	uint32_t bars[32];
	uint32_t bar_count;
	uint32_t bad;
};

static void walk_bus(struct walk *walk, uint32_t bus, uint32_t last, uint32_t base,
		     uint32_t limit);

/* Base and limit of a port's window, in bytes. */
static void walk_port(struct walk *walk, uint32_t bus, uint32_t device, uint32_t last,
		      uint32_t base, uint32_t limit)
{
	uint32_t numbers = get(bus, device, 0x18), window = get(bus, device, 0x20);
	uint32_t first = (window & 0xfff0) << 16, end = (window & 0xfff00000) | 0xfffff;
	uint32_t secondary = numbers >> 8 & 0xff, subordinate = numbers >> 16 & 0xff;

	/* Numbers and windows lie inside those above, and after those before */
	walk->bad += (numbers & 0xff) != bus;
	walk->bad += secondary != walk->last_bus + 1 || subordinate < secondary ||
		     subordinate > last;
	walk->bad += first < base || end > limit || first > end;
	walk->last_bus = secondary;
	walk_bus(walk, secondary, subordinate, first, end);
	walk->bad += walk->last_bus != subordinate;
}

static void walk_bus(struct walk *walk, uint32_t bus, uint32_t last, uint32_t base,
		     uint32_t limit)
{
	for (uint32_t device = 0; device < 32; device++) {
		uint32_t id = get(bus, device, 0), bar = get(bus, device, 0x10) & ~0xfU;
		size_t used = strlen(walk->seen);
		uint32_t size = 0x10000U << (id >> 16 == CXL_PCI_ID_TYPE3);

		if (id == UINT32_MAX)
			continue;
		walk->bad += (id & 0xffff) != CXL_PCI_VENDOR;
		walk->bad += bar < base || bar + size - 1 > limit || bar % size;
		for (uint32_t i = 0; i < walk->bar_count; i++)
			walk->bad += walk->bars[i] == bar;
		walk->bars[walk->bar_count++] = bar;
		/* In the component block: the node; of ports without one, zeros */
		snprintf(walk->seen + used, sizeof(walk->seen) - used, "%u.%u:%u:%u ", bus,
			 device, id >> 16, get_memory(bar + 0x1100));
		if (id >> 16 != CXL_PCI_ID_TYPE3)
			walk_port(walk, bus, device, last, base, limit);
	}
}

/* Ports without a device are there; ID 1 root, 2 device, 3 upstream, 4 downstream. */
static const char whole[] =
	"0.0:1:0 1.0:3:2 2.0:4:0 3.0:3:3 4.0:4:0 5.0:2:11 2.1:4:0 2.2:4:0 7.0:2:12 "
	"0.1:1:0 0.2:1:0 9.0:2:13 ";

static bool saw(uint32_t bridge, const char *wanted)
{
	struct walk walk = { .last_bus = cxl.bridges[bridge]->first_bus };
	uint32_t base = cxl.bridges[bridge]->bar_base;
	bool ok;

	walk_bus(&walk, walk.last_bus, cxl.bridges[bridge]->last_bus, base,
		 base + LAYOUT_BAR_PER_BRIDGE - 1);
	ok = !strcmp(walk.seen, wanted) && !walk.bad;
	if (!ok)
		printf("# saw \"%s\", %u bad\n", walk.seen, walk.bad);
	return ok;
}

static void found(void)
{
	tap_ok(build(), "a tree with switches is set up");
	tap_ok(saw(0, whole), "all functions are found, buses and windows nested");
	tap_ok(saw(1, "10.0:1:0 11.0:2:14 "), "the second bridge's are on the buses after");
	tap_ok(cxl.bridges[1]->last_bus == 11 && get(12, 0, 0) == UINT32_MAX,
	       "nothing is on the buses that are left");
	tap_ok(get(1, 1, 0) == UINT32_MAX && get(2, 3, 0) == UINT32_MAX &&
	       get(6, 0, 0) == UINT32_MAX, "nor at devices without a function");
	tap_ok(get_memory(LAYOUT_CHBCR + 0x1100) == 1 &&
	       get_memory(LAYOUT_CHBCR + LAYOUT_CHBCR_SIZE + 0x1100) == 4,
	       "the bridges' own registers are where they were");
	tap_ok(get_memory(cxl.bridges[0]->bar_base + 31 * MIB) == UINT32_MAX,
	       "reads of nothing are all-ones");
}

/* What a port doesn't pass on can't be reached, wherever below it that is. */
static void closed(void)
{
	uint32_t bar, window;

	build();
	bar = get(5, 0, 0x10) & ~0xfU;
	tap_ok(get_memory(bar + 0x1100) == 11, "a device below two switches answers");
	put(1, 0, 4, 0);
	tap_ok(get_memory(bar + 0x1100) == UINT32_MAX,
	       "not while an upstream port doesn't forward");
	put(1, 0, 4, 6);
	window = get(2, 0, 0x20);
	put(2, 0, 0x20, 0x0000fff0);
	tap_ok(get_memory(bar + 0x1100) == UINT32_MAX, "nor by a downstream port's window");
	put(2, 0, 0x20, window);
	put(0, 0, 4, 0);
	tap_ok(get_memory(bar + 0x1100) == UINT32_MAX, "nor while the root port doesn't");
	put(0, 0, 4, 6);
	tap_ok(get_memory(bar + 0x1100) == 11, "it is back");
	put(0, 0, 0x18, 0x00040100);
	tap_ok(get(4, 0, 0) != UINT32_MAX && get(5, 0, 0) == UINT32_MAX,
	       "buses are cut off by the subordinate number");
}

/* The extended capability with DVSEC 3 is the first one: 0x100. */
static void bus_reset(uint32_t bus, uint32_t device)
{
	put(bus, device, 0x100 + 0xc, 1);
	put(bus, device, 0x3c, 0x00400000);
	put(bus, device, 0x3c, 0);
}

static bool reset_just(const char *nodes)
{
	char got[64] = "";

	for (uint32_t i = 0; i < 16; i++)
		if (resets[i])
			snprintf(got + strlen(got), sizeof(got) - strlen(got), "%u*%u ", i,
				 resets[i]);
	if (!strcmp(got, nodes))
		return true;
	printf("# got \"%s\"\n", got);
	return false;
}

static void reset(void)
{
	build();
	bus_reset(0, 0);
	tap_ok(reset_just("2*1 3*1 11*1 12*1 "), "a root port resets both switches and devices");
	tap_ok(!get(1, 0, 0x18) && get(2, 0, 0) == UINT32_MAX,
	       "the upstream port has no bus numbers any more");
	build();
	bus_reset(1, 0);
	tap_ok(reset_just("3*1 11*1 12*1 "), "an upstream port resets what is below its switch");
	tap_ok(get(1, 0, 0x18) && !get(2, 0, 0x18) && !get(2, 1, 0x18),
	       "the downstream ports among it");
	build();
	bus_reset(2, 0);
	tap_ok(reset_just("3*1 11*1 "), "a downstream port resets the switch below it");
	build();
	bus_reset(2, 1);
	tap_ok(reset_just(""), "an empty one has nothing to reset");
	bus_reset(2, 2);
	tap_ok(reset_just("12*1 "), "one with a device resets that");
}

/* As an operating system does that finds a port without numbers, on buses @numbers. */
static void give_port(uint32_t bus, uint32_t device, uint32_t numbers, uint32_t bar,
		      uint32_t first, uint32_t end)
{
	put(bus, device, 0x18, numbers);
	put(bus, device, 0x10, bar);
	put(bus, device, 0x20, first >> 16 | (end & 0xfff00000));
	put(bus, device, 4, 6);
}

/* A switch with one port, and a device below it, where buses were set aside for them. */
static void plugged(void)
{
	uint32_t window, first;
	struct cxl_branch *bridge;
	bool ok;

	memset(&vm, 0, sizeof(vm));
	memset(&cxl, 0, sizeof(cxl));
	cxl.vm = &vm;
	cxl.host.ops = &ops;
	bridge = add_branch(OPTIONS_NONE, 0, 2);
	bridge->ports[0].spare_buses = 2;
	ok = add_device(0, 1) && update_all() && pci_init(&cxl, &vm.mmio);
	tap_ok(ok && get(0, 0, 0x18) == 0x00030100 && get(4, 0, 0) >> 16 == CXL_PCI_ID_TYPE3 &&
	       bridge->last_bus == 4, "buses for what comes later, which isn't there");
	tap_ok(get(1, 0, 0) == UINT32_MAX && get(2, 0, 0) == UINT32_MAX, "nothing answers there");
	tap_ok(!cxl.branches[0].ports[0].port.setup.device_present, "the link is down");

	add_branch(0, 0, 1);
	ok = add_device(1, 0) && update_all();
	tap_ok(ok && cxl.branches[0].ports[0].port.setup.device_present &&
	       get(1, 0, 0) >> 16 == CXL_PCI_ID_UPSTREAM && !get(1, 0, 0x18) &&
	       !(get(1, 0, 4) & 7), "plugged in: the upstream port answers, as out of a box");
	window = get(0, 0, 0x20);
	first = (window & 0xfff0) << 16;
	tap_ok((window & 0xfff00000) - first == 2 * MIB, "it has memory for three buses");
	give_port(1, 0, 0x00030201, first, first + MIB, first + 3 * MIB - 1);
	give_port(2, 0, 0x00030302, first + MIB, first + 2 * MIB, first + 3 * MIB - 1);
	put(3, 0, 0x10, first + 2 * MIB);
	put(3, 0, 4, 6);
	tap_ok(saw(0, "0.0:1:0 1.0:3:2 2.0:4:0 3.0:2:12 0.1:1:0 4.0:2:11 "),
	       "given numbers and addresses, all is found as if it had always been there");
}

int main(void)
{
	found();
	closed();
	reset();
	plugged();
	return tap_end();
}
