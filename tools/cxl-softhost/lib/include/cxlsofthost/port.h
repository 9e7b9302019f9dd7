/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * libcxlsofthost: a CXL root port.
 *
 * A PCI Express root port (class 0x060400, type 1 header) with Port Number,
 * bus numbers, a 32-bit and a 64-bit prefetchable memory window, no I/O window
 * and no slot; one 64-bit memory BAR with a component block that has no
 * capabilities (Linux 7 wants the block, and root ports have no HDM decoders);
 * DVSECs 3 (port extensions, which gate secondary bus reset), 4 (GPF), 7 (Flex
 * Bus port) and 8 (Register Locator). It has no interrupt: don't grant native
 * PME, AER or hot-plug in _OSC for a bridge with such ports.
 */
#ifndef CXLSOFTHOST_PORT_H
#define CXLSOFTHOST_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cxlsofthost/component.h>
#include <cxlsofthost/config.h>

#ifdef __cplusplus
extern "C" {
#endif

/** CXLSH_PORT_BAR - the BAR register that the port's only BAR starts at */
#define CXLSH_PORT_BAR 0U
/** CXLSH_PORT_BAR_SIZE - length of that BAR */
#define CXLSH_PORT_BAR_SIZE CXLSH_COMPONENT_SIZE

/**
 * struct cxlsh_port_setup - what a root port is
 * @id: PCI identity (the subsystem IDs aren't shown)
 * @number: Port Number, unique below its host bridge: the number that Target
 *	List bytes hold and NODE_CREATE of the endpoint got in @port
 * @device_present: there is a device below: the link is up
 * @reset: NULL, or called when the guest resets the secondary bus: reset every
 *	function below (cxlsh_type3_reset()). An errno goes back through
 *	cxlsh_port_config_write()
 * @reset_ctx: argument of @reset
 */
struct cxlsh_port_setup {
	struct cxlsh_pci_id id;
	uint8_t number;
	bool device_present;
	int (*reset)(void *reset_ctx);
	void *reset_ctx;
};

/**
 * struct cxlsh_port - a root port
 * @config: configuration space
 * @setup: copy of what it was made from
 * @component: its component registers
 * @dvsec: offset of DVSEC 3 in @config
 */
struct cxlsh_port {
	struct cxlsh_config config;
	struct cxlsh_port_setup setup;
	struct cxlsh_component component;
	uint16_t dvsec;
};

/**
 * cxlsh_port_init() - make a root port
 * @port: to fill in
 * @setup: what it is; copied
 *
 * Return: 0, or -EINVAL.
 */
int cxlsh_port_init(struct cxlsh_port *port, const struct cxlsh_port_setup *setup);

/** cxlsh_port_config_read() - see cxlsh_config_read() */
void cxlsh_port_config_read(const struct cxlsh_port *port, uint64_t offset,
			    void *data, size_t len);

/**
 * cxlsh_port_config_write() - guest writes configuration space
 * @port: the port
 * @offset: any value
 * @data: the bytes
 * @len: how many
 *
 * Setting Secondary Bus Reset calls @setup.reset, if the guest has unmasked it
 * (Unmask SBR in DVSEC 3; until then the bit has no effect, as CXL wants).
 *
 * Return: 0, or what @setup.reset gave.
 */
int cxlsh_port_config_write(struct cxlsh_port *port, uint64_t offset,
			    const void *data, size_t len);

/** cxlsh_port_mmio_read() - guest reads from the port's own BAR; as in component.h */
int cxlsh_port_mmio_read(const struct cxlsh_port *port, uint64_t offset,
			 void *data, size_t len);

/** cxlsh_port_mmio_write() - guest writes to the port's own BAR */
int cxlsh_port_mmio_write(struct cxlsh_port *port, uint64_t offset,
			  const void *data, size_t len);

/**
 * cxlsh_port_reset() - system reset of the port itself
 * @port: the port
 *
 * Config space goes to reset values: bus numbers and windows too. The functions
 * below aren't touched; reset them as well.
 */
void cxlsh_port_reset(struct cxlsh_port *port);

/**
 * cxlsh_port_is_secondary() - do config accesses to this bus go below the port?
 * @port: the port
 * @bus: bus number
 *
 * Return: true if @bus is its secondary bus. Only device 0 is there; while the
 * Secondary Bus Reset bit is in effect nothing is.
 */
bool cxlsh_port_is_secondary(const struct cxlsh_port *port, uint8_t bus);

/**
 * cxlsh_port_forwards() - does a memory access go below the port?
 * @port: the port
 * @gpa: guest physical address
 *
 * A BAR of the device below is reachable only if this holds as well. A VMM that
 * trusts its guests' bridge set-up may leave it out.
 *
 * Return: true if one of its windows holds @gpa and Memory Space Enable is set.
 */
bool cxlsh_port_forwards(const struct cxlsh_port *port, uint64_t gpa);

#ifdef __cplusplus
}
#endif

#endif /* CXLSOFTHOST_PORT_H */
