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
#define PORT_WINDOW		(1 * MIB)

/* The function at @bus and @devfn: a port, or the device below one. */
static bool find_function(struct cxl *cxl, uint8_t bus, uint8_t devfn,
			  struct cxl_port **port, struct cxl_device **device)
{
	struct cxl_bridge *bridge;

	*port = NULL;
	*device = NULL;
	for (uint32_t i = 0; i < cxl->bridge_count; i++) {
		bridge = &cxl->bridges[i];
		if (bus < bridge->first_bus || bus > bridge->last_bus)
			continue;
		if (bus == bridge->first_bus) {
			if ((devfn & 7) || (devfn >> 3) >= bridge->port_count)
				return false;
			*port = &bridge->ports[devfn >> 3];
			return true;
		}
		for (uint32_t j = 0; !devfn && j < bridge->port_count; j++) {
			if (!cxlsh_port_is_secondary(&bridge->ports[j].port, bus))
				continue;
			*device = bridge->ports[j].device;
			return *device;
		}
	}
	return false;
}

static void ecam_access(void *opaque, struct bus_access *access)
{
	struct cxl *cxl = opaque;
	struct cxl_device *device;
	struct cxl_port *port;
	uint8_t bus, devfn;
	unsigned int reg = cxlsh_ecam_split(access->offset, &bus, &devfn);
	int error = 0;

	if (!find_function(cxl, bus, devfn, &port, &device)) {
		if (!access->write)
			memset(access->data, 0xff, access->length);
		return;
	}
	if (access->write && port)
		error = cxlsh_port_config_write(&port->port, reg, access->data,
						access->length);
	else if (access->write)
		error = cxlsh_type3_config_write(&device->type3, reg, access->data,
						 access->length);
	else if (port)
		cxlsh_port_config_read(&port->port, reg, access->data, access->length);
	else
		cxlsh_type3_config_read(&device->type3, reg, access->data, access->length);
	cxl_check(cxl, error, "write to configuration space");
}

static bool port_access(struct cxl *cxl, struct cxl_port *port, uint64_t gpa,
			struct bus_access *access)
{
	uint64_t offset;
	int error;

	if (cxlsh_config_find_bar(&port->port.config, gpa, &offset) >= 0) {
		if (access->write)
			error = cxlsh_port_mmio_write(&port->port, offset, access->data,
						      access->length);
		else
			error = cxlsh_port_mmio_read(&port->port, offset, access->data,
						     access->length);
	} else if (port->device && cxlsh_port_forwards(&port->port, gpa) &&
		   cxlsh_config_find_bar(&port->device->type3.config, gpa, &offset) >= 0) {
		if (access->write)
			error = cxlsh_type3_mmio_write(&port->device->type3, offset,
						       access->data, access->length);
		else
			error = cxlsh_type3_mmio_read(&port->device->type3, offset,
						      access->data, access->length);
	} else {
		return false;
	}
	cxl_check(cxl, error, "access to a BAR");
	return true;
}

/* @opaque is a bridge, the offset is into the memory that it passes on. */
static void bar_access(void *opaque, struct bus_access *access)
{
	struct cxl_bridge *bridge = opaque;

	for (uint32_t i = 0; i < bridge->port_count; i++)
		if (port_access(bridge->cxl, &bridge->ports[i],
				bridge->bar_base + access->offset, access))
			return;
	if (!access->write)
		memset(access->data, 0xff, access->length);
}

static void chbcr_access(void *opaque, struct bus_access *access)
{
	struct cxl_bridge *bridge = opaque;
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

static int port_write(struct cxl_port *port, unsigned int reg, uint32_t value)
{
	uint8_t data[4];

	put32(data, value);
	return cxlsh_port_config_write(&port->port, reg, data, sizeof(data));
}

static int device_write(struct cxl_device *device, unsigned int reg, uint32_t value)
{
	uint8_t data[4];

	put32(data, value);
	return cxlsh_type3_config_write(&device->type3, reg, data, sizeof(data));
}

/* Ports' own BARs come first, then a window for each port with a device's BAR. */
static int place(struct cxl_bridge *bridge, uint32_t i)
{
	struct cxl_port *port = &bridge->ports[i];
	uint32_t secondary = bridge->first_bus + 1 + i;
	uint32_t own = bridge->bar_base + i * CXLSH_PORT_BAR_SIZE;
	uint32_t window = bridge->bar_base + (i + 1) * PORT_WINDOW;
	uint32_t limit = window + PORT_WINDOW - 1;
	int error;

	error = port_write(port, PCI_BUS_NUMBERS,
			   bridge->first_bus | secondary << 8 | secondary << 16);
	if (!error)
		error = port_write(port, PCI_MEMORY_WINDOW,
				   (window >> 16) | (limit & 0xffff0000));
	if (!error)
		error = port_write(port, PCI_BAR0, own);
	if (!error)
		error = port_write(port, PCI_BAR1, 0);
	if (!error)
		error = port_write(port, PCI_COMMAND, PCI_COMMAND_ON);
	if (error || !port->device)
		return error;
	error = device_write(port->device, PCI_BAR0, window);
	if (!error)
		error = device_write(port->device, PCI_BAR1, 0);
	if (!error)
		error = device_write(port->device, PCI_COMMAND, PCI_COMMAND_ON);
	return error;
}

bool pci_init(struct cxl *cxl)
{
	struct bus *mmio = &cxl->vm->mmio;
	bool ok = bus_add(mmio, LAYOUT_ECAM, LAYOUT_ECAM_SIZE, ecam_access, cxl);

	for (uint32_t i = 0; ok && i < cxl->bridge_count; i++) {
		struct cxl_bridge *bridge = &cxl->bridges[i];

		ok = bus_add(mmio, bridge->chbcr, LAYOUT_CHBCR_SIZE, chbcr_access, bridge) &&
		     bus_add(mmio, bridge->bar_base, LAYOUT_BAR_PER_BRIDGE, bar_access, bridge);
		for (uint32_t j = 0; ok && j < bridge->port_count; j++) {
			int error = place(bridge, j);

			if (error) {
				log_error("bridge %s, port %u: %s", bridge->name, j,
					  cxlsh_errno_text(error));
				return false;
			}
		}
	}
	if (!ok)
		log_error("no room for the registers of the CXL hierarchy");
	return ok;
}
