// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * PCI Express as the guest reaches it: ECAM, BARs, component registers of host
 * bridges. Bus numbers, windows and BARs are set before the guest starts, as
 * firmware would; guests may change them.
 */
#include <string.h>

#include "cxl.h"
#include "layout.h"
#include "log.h"

#define PCI_COMMAND		0x04
#define PCI_COMMAND_ON		0x0006	/* memory space, bus master */
#define PCI_BAR0		0x10
#define PCI_BAR1		0x14
#define PCI_BUS_NUMBERS		0x18
#define PCI_MEMORY_WINDOW	0x20

/* What an access reaches: a port of any kind, or a device. */
struct function {
	struct cxlsh_port *port;
	struct cxl_device *device;
};

/* The function below a port: a device, the upstream port of a switch, or none. */
static bool function_below(struct cxl_port *port, struct function *function)
{
	function->device = port->device;
	function->port = port->branch ? &port->branch->upstream : NULL;
	return port->device || port->branch;
}

/* The function at @bus and @devfn, if that is the bus of these ports or below it. */
static bool find_function(struct cxl_branch *branch, uint8_t bus, uint8_t devfn,
			  struct function *function)
{
	bool here = branch->parent ? cxlsh_port_is_secondary(&branch->upstream, bus) :
				     bus == branch->first_bus;

	if (here) {
		if ((devfn & 7) || (devfn >> 3) >= branch->port_count)
			return false;
		function->port = &branch->ports[devfn >> 3].port;
		function->device = NULL;
		return true;
	}
	if (branch->parent && !cxlsh_port_is_beyond(&branch->upstream, bus))
		return false;
	for (uint32_t i = 0; i < branch->port_count; i++) {
		struct cxl_port *port = &branch->ports[i];

		if (cxlsh_port_is_secondary(&port->port, bus))
			return !devfn && function_below(port, function);
		if (cxlsh_port_is_beyond(&port->port, bus))
			return port->branch && find_function(port->branch, bus, devfn, function);
	}
	return false;
}

static void ecam_access(void *opaque, struct bus_access *access)
{
	struct cxl *cxl = opaque;
	struct function function;
	bool found = false;
	uint8_t bus, devfn;
	unsigned int reg = cxlsh_ecam_split(access->offset, &bus, &devfn);
	int error = 0;

	for (uint32_t i = 0; i < cxl->bridge_count; i++)
		if (bus >= cxl->bridges[i]->first_bus && bus <= cxl->bridges[i]->last_bus)
			found = find_function(cxl->bridges[i], bus, devfn, &function);
	if (!found) {
		if (!access->write)
			memset(access->data, 0xff, access->length);
		return;
	}
	if (access->write && function.port)
		error = cxlsh_port_config_write(function.port, reg, access->data,
						access->length);
	else if (access->write)
		error = cxlsh_type3_config_write(&function.device->type3, reg, access->data,
						 access->length);
	else if (function.port)
		cxlsh_port_config_read(function.port, reg, access->data, access->length);
	else
		cxlsh_type3_config_read(&function.device->type3, reg, access->data,
					access->length);
	cxl_check(cxl, error, "write to configuration space");
}

/* False if @gpa isn't in the port's own BAR. */
static bool port_access(struct cxl *cxl, struct cxlsh_port *port, uint64_t gpa,
			struct bus_access *access)
{
	uint64_t offset;
	int error;

	if (cxlsh_config_find_bar(&port->config, gpa, &offset) < 0)
		return false;
	if (access->write)
		error = cxlsh_port_mmio_write(port, offset, access->data, access->length);
	else
		error = cxlsh_port_mmio_read(port, offset, access->data, access->length);
	cxl_check(cxl, error, "access to a port's BAR");
	return true;
}

static bool device_access(struct cxl *cxl, struct cxl_device *device, uint64_t gpa,
			  struct bus_access *access)
{
	uint64_t offset;
	int error;

	if (cxlsh_config_find_bar(&device->type3.config, gpa, &offset) < 0)
		return false;
	if (access->write)
		error = cxlsh_type3_mmio_write(&device->type3, offset, access->data,
					       access->length);
	else
		error = cxlsh_type3_mmio_read(&device->type3, offset, access->data,
					      access->length);
	cxl_check(cxl, error, "access to a device's BAR");
	return true;
}

/* Among the ports of a bridge or switch and all that is below them. */
static bool branch_access(struct cxl_branch *branch, uint64_t gpa, struct bus_access *access)
{
	for (uint32_t i = 0; i < branch->port_count; i++) {
		struct cxl_port *port = &branch->ports[i];
		struct cxl_branch *below = port->branch;

		if (port_access(branch->cxl, &port->port, gpa, access))
			return true;
		if (!cxlsh_port_forwards(&port->port, gpa))
			continue;
		if (port->device && device_access(branch->cxl, port->device, gpa, access))
			return true;
		if (!below)
			continue;
		if (port_access(branch->cxl, &below->upstream, gpa, access))
			return true;
		if (cxlsh_port_forwards(&below->upstream, gpa) &&
		    branch_access(below, gpa, access))
			return true;
	}
	return false;
}

/* @opaque is a bridge, the offset is into the memory that it passes on. */
static void bar_access(void *opaque, struct bus_access *access)
{
	struct cxl_branch *bridge = opaque;

	if (!branch_access(bridge, bridge->bar_base + access->offset, access) && !access->write)
		memset(access->data, 0xff, access->length);
}

static void chbcr_access(void *opaque, struct bus_access *access)
{
	struct cxl_branch *bridge = opaque;
	int error;

	if (access->write)
		error = cxlsh_component_write(&bridge->component, access->offset,
					      access->data, access->length);
	else
		error = cxlsh_component_read(&bridge->component, access->offset,
					     access->data, access->length);
	cxl_check(bridge->cxl, error, "access to a host bridge");
}

static void put32(uint8_t *to, uint32_t value)
{
	memcpy(to, &value, sizeof(value));
}

static int port_write(struct cxlsh_port *port, unsigned int reg, uint32_t value)
{
	uint8_t data[4];

	put32(data, value);
	return cxlsh_port_config_write(port, reg, data, sizeof(data));
}

static int device_write(struct cxl_device *device, unsigned int reg, uint32_t value)
{
	uint8_t data[4];

	put32(data, value);
	return cxlsh_type3_config_write(&device->type3, reg, data, sizeof(data));
}

/*
 * Buses are numbered in the order in which they are found, so those below a port
 * follow each other. Each has LAYOUT_BAR_PER_BUS bytes, in the same order: for
 * the BARs of the functions on it. Then a port's window is what belongs to the
 * buses below it. What is plugged in later finds buses and memory set aside, but
 * the guest gives them out.
 */
struct placing {
	struct cxl_branch *bridge;
	uint32_t next_bus;
};

static uint32_t bus_memory(const struct placing *placing, uint32_t bus)
{
	return placing->bridge->bar_base +
	       (bus - placing->bridge->first_bus) * LAYOUT_BAR_PER_BUS;
}

/* The port is the @index-th function on @bus; below it are @first to @last. */
static int place_port(const struct placing *placing, struct cxlsh_port *port, uint32_t bus,
		      uint32_t index, uint32_t first, uint32_t last)
{
	uint32_t bar = bus_memory(placing, bus) + index * CXLSH_PORT_BAR_SIZE;
	uint32_t window = bus_memory(placing, first);
	uint32_t limit = bus_memory(placing, last) + LAYOUT_BAR_PER_BUS - 1;
	int error = port_write(port, PCI_BUS_NUMBERS, bus | first << 8 | last << 16);

	if (!error)
		error = port_write(port, PCI_MEMORY_WINDOW,
				   (window >> 16) | (limit & 0xffff0000));
	if (!error)
		error = port_write(port, PCI_BAR0, bar);
	if (!error)
		error = port_write(port, PCI_BAR1, 0);
	if (!error)
		error = port_write(port, PCI_COMMAND, PCI_COMMAND_ON);
	return error;
}

static int place_device(struct cxl_device *device, uint32_t bar)
{
	int error = device_write(device, PCI_BAR0, bar);

	if (!error)
		error = device_write(device, PCI_BAR1, 0);
	if (!error)
		error = device_write(device, PCI_COMMAND, PCI_COMMAND_ON);
	return error;
}

/* The ports of a bridge or switch, which are on @bus, and all that is below them. */
static int place_branch(struct placing *placing, struct cxl_branch *branch, uint32_t bus)
{
	int error = 0;

	for (uint32_t i = 0; !error && i < branch->port_count; i++) {
		struct cxl_port *port = &branch->ports[i];
		uint32_t below = placing->next_bus++;
		uint32_t inside;

		if (port->device)
			error = place_device(port->device, bus_memory(placing, below));
		if (port->branch) {
			inside = placing->next_bus++;
			error = place_branch(placing, port->branch, inside);
			if (!error)
				error = place_port(placing, &port->branch->upstream, below, 0,
						   inside, placing->next_bus - 1);
		}
		placing->next_bus += port->spare_buses;
		if (!error)
			error = place_port(placing, &port->port, bus, i, below,
					   placing->next_bus - 1);
	}
	return error;
}

static bool place_bridge(struct cxl_branch *bridge, uint32_t *next_bus)
{
	struct placing placing = { .bridge = bridge, .next_bus = *next_bus + 1 };
	int error;

	bridge->first_bus = *next_bus;
	error = place_branch(&placing, bridge, bridge->first_bus);
	bridge->last_bus = placing.next_bus - 1;
	*next_bus = placing.next_bus;
	if (error)
		log_error("below bridge %s: %s", bridge->name, cxlsh_errno_text(error));
	return !error;
}

bool pci_init(struct cxl *cxl, struct bus *mmio)
{
	bool ok = bus_add(mmio, LAYOUT_ECAM, LAYOUT_ECAM_SIZE, ecam_access, cxl);
	uint32_t next_bus = 0;

	for (uint32_t i = 0; ok && i < cxl->bridge_count; i++) {
		struct cxl_branch *bridge = cxl->bridges[i];

		ok = bus_add(mmio, bridge->chbcr, LAYOUT_CHBCR_SIZE, chbcr_access, bridge) &&
		     bus_add(mmio, bridge->bar_base, LAYOUT_BAR_PER_BRIDGE, bar_access, bridge);
		if (ok && !place_bridge(bridge, &next_bus))
			return false;
	}
	if (!ok)
		log_error("no room for the registers of the CXL hierarchy");
	return ok;
}
