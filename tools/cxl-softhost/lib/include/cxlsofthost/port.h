/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * libcxlsofthost: CXL ports: root ports, and the ports that a switch is made of.
 *
 * A PCI-to-PCI bridge (class 0x060400, type 1 header) with bus numbers, a 32-bit
 * and a 64-bit prefetchable memory window, no I/O window and no slot; one 64-bit
 * memory BAR with a component block; DVSECs 3 (port extensions, which gate
 * secondary bus reset), 7 (Flex Bus port) and 8 (Register Locator). It has no
 * interrupt: don't grant native PME, AER or hot-plug in _OSC for a bridge with
 * such ports. What differs:
 *
 *  - Root ports and downstream ports of switches have a Port Number that Target
 *    Lists name, DVSEC 4 (GPF), and a component block without capabilities:
 *    Linux 7 wants the block, and such ports have no HDM decoders.
 *  - The upstream port of a switch has the switch's HDM decoders in its component
 *    block: its CXL.cachemem range is that of the module's node
 *    (CXL_SOFTHOST_NODE_SWITCH), as a host bridge's CHBCR is.
 *
 * A switch is one upstream port, function 0 on the bus below the port that it is
 * plugged into, and its downstream ports on the bus below that, function 0 each
 * of a device number of its own:
 *
 *	root port 00:00.0 -- upstream port 01:00.0 -+- downstream port 02:00.0 -- 03:00.0
 *						    +- downstream port 02:01.0 -- 04:00.0
 *
 * A configuration access goes from port to port: cxlsh_port_is_secondary() says
 * that it has arrived on the bus below a port, cxlsh_port_is_beyond() that a port
 * on that bus may take it further. Memory accesses do so by
 * cxlsh_port_forwards().
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
 * enum cxlsh_port_kind - which port
 * @CXLSH_PORT_ROOT: root port of a host bridge
 * @CXLSH_PORT_UPSTREAM: upstream port of a switch
 * @CXLSH_PORT_DOWNSTREAM: downstream port of a switch
 */
enum cxlsh_port_kind {
	CXLSH_PORT_ROOT = 0,
	CXLSH_PORT_UPSTREAM = 1,
	CXLSH_PORT_DOWNSTREAM = 2
};

/**
 * struct cxlsh_port_setup - what a port is
 * @kind: enum cxlsh_port_kind
 * @id: PCI identity (the subsystem IDs aren't shown)
 * @number: Port Number, unique below its host bridge or in its switch: the number
 *	that Target List bytes hold and NODE_CREATE of what is below got in
 *	@port. Of an upstream port nobody asks for it
 * @device_present: there is a device or a switch below: the link is up. The link
 *	of an upstream port always is
 * @reset: NULL, or called when the guest resets the secondary bus: reset every
 *	function below (cxlsh_type3_reset(), and cxlsh_port_reset() of a switch's
 *	ports). An errno goes back through cxlsh_port_config_write()
 * @reset_ctx: argument of @reset
 * @host: upstream ports: way to the module (reg_read, reg_write, reset); else
 *	unused
 * @node_id: upstream ports: the switch in the module; else 0
 */
struct cxlsh_port_setup {
	enum cxlsh_port_kind kind;
	struct cxlsh_pci_id id;
	uint8_t number;
	bool device_present;
	int (*reset)(void *reset_ctx);
	void *reset_ctx;
	const struct cxlsh_host *host;
	uint32_t node_id;
};

/**
 * struct cxlsh_port - a port
 * @config: configuration space
 * @setup: copy of what it was made from
 * @component: its component registers
 * @dvsec: offset of DVSEC 3 in @config
 * @express: ... of the PCI Express capability
 * @flex_bus: ... of DVSEC 7
 */
struct cxlsh_port {
	struct cxlsh_config config;
	struct cxlsh_port_setup setup;
	struct cxlsh_component component;
	uint16_t dvsec;
	uint16_t express;
	uint16_t flex_bus;
};

/**
 * cxlsh_port_init() - make a port
 * @port: to fill in
 * @setup: what it is; copied
 *
 * Return: 0, or -EINVAL: an impossible vendor ID, an unknown kind, an upstream
 * port without host or node, another one with a node.
 */
int cxlsh_port_init(struct cxlsh_port *port, const struct cxlsh_port_setup *setup);

/**
 * cxlsh_port_set_present() - something was plugged in below, or is gone
 * @port: a root port or the downstream port of a switch; an upstream port's link is
 *	up whatever is said here
 * @present: as @setup.device_present
 *
 * The link goes up or down; nothing else of the port changes, and nobody tells the
 * guest: it looks for itself (in Linux, by writing 1 to /sys/bus/pci/rescan). Make
 * what is below first (NODE_CREATE, then cxlsh_type3_init(); or a switch's ports).
 */
void cxlsh_port_set_present(struct cxlsh_port *port, bool present);

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
 * cxlsh_port_reset() - conventional reset of the port itself
 * @port: the port
 *
 * RESET of the node in the module if it is an upstream port, then config space
 * goes to reset values: bus numbers and windows too. The functions below aren't
 * touched; reset them as well.
 *
 * Return: 0, or what the module gave; nothing has changed then.
 */
int cxlsh_port_reset(struct cxlsh_port *port);

/**
 * cxlsh_port_is_secondary() - do config accesses to this bus go below the port?
 * @port: the port
 * @bus: bus number
 *
 * Return: true if @bus is its secondary bus. Below a root or downstream port only
 * device 0 is there, below an upstream port the downstream ports; while the
 * Secondary Bus Reset bit is in effect nothing is.
 */
bool cxlsh_port_is_secondary(const struct cxlsh_port *port, uint8_t bus);

/**
 * cxlsh_port_is_beyond() - do config accesses to this bus go further down?
 * @port: the port
 * @bus: bus number
 *
 * Return: true if @bus is above its secondary bus number, up to its subordinate
 * one, and the Secondary Bus Reset bit isn't in effect: ask the ports on its
 * secondary bus.
 */
bool cxlsh_port_is_beyond(const struct cxlsh_port *port, uint8_t bus);

/**
 * cxlsh_port_forwards() - does a memory access go below the port?
 * @port: the port
 * @gpa: guest physical address
 *
 * A BAR of what is below is reachable only if this holds for all ports above it.
 * A VMM that trusts its guests' bridge set-up may leave it out.
 *
 * Return: true if one of its windows holds @gpa and Memory Space Enable is set.
 */
bool cxlsh_port_forwards(const struct cxlsh_port *port, uint64_t gpa);

#ifdef __cplusplus
}
#endif

#endif /* CXLSOFTHOST_PORT_H */
