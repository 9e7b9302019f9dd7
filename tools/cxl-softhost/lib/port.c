// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * libcxlsofthost: CXL ports: root ports, and the ports of switches.
 */
#include <errno.h>
#include <string.h>

#include <cxlsofthost/port.h>

#include "internal.h"
#include "pci-regs.h"

/* PCI-to-PCI bridge */
#define CXLSH_PORT_CLASS 0x060400U

/* DVSEC 3, port extensions */
#define CXLSH_PORT_LEN 0x28
#define CXLSH_PORT_STATUS 0x0a
#define CXLSH_PORT_CTRL 0x0c
#define CXLSH_PORT_STATUS_PM_INIT (1U << 0)
#define CXLSH_PORT_CTRL_UNMASK_SBR (1U << 0)

/* DVSEC 4, Global Persistent Flush: timeouts that the guest sets */
#define CXLSH_GPF_LEN 0x10
#define CXLSH_GPF_PHASE1 0x0c
#define CXLSH_GPF_PHASE2 0x0e
#define CXLSH_GPF_TIMEOUT 0x0f0fU

/* Windows: address bits 31:20 in bits 15:4 */
#define CXLSH_WINDOW_BITS 0xfff0U

/* Bus numbers, windows and the rest of a type 1 header */
static void cxlsh_port_add_bridge(struct cxlsh_config *config)
{
	cxlsh_config_allow(config, PCI_PRIMARY_BUS, 4, 0x00ffffff);
	/* Both windows are closed: base above limit */
	cxlsh_config_set16(config, PCI_MEMORY_BASE, CXLSH_WINDOW_BITS);
	cxlsh_config_allow(config, PCI_MEMORY_BASE, 2, CXLSH_WINDOW_BITS);
	cxlsh_config_allow(config, PCI_MEMORY_LIMIT, 2, CXLSH_WINDOW_BITS);
	cxlsh_config_set16(config, PCI_PREF_MEMORY_BASE,
			   CXLSH_WINDOW_BITS | PCI_PREF_RANGE_TYPE_64);
	cxlsh_config_set16(config, PCI_PREF_MEMORY_LIMIT, PCI_PREF_RANGE_TYPE_64);
	cxlsh_config_allow(config, PCI_PREF_MEMORY_BASE, 2, CXLSH_WINDOW_BITS);
	cxlsh_config_allow(config, PCI_PREF_MEMORY_LIMIT, 2, CXLSH_WINDOW_BITS);
	cxlsh_config_allow(config, PCI_PREF_BASE_UPPER32, 4, ~0U);
	cxlsh_config_allow(config, PCI_PREF_LIMIT_UPPER32, 4, ~0U);
	cxlsh_config_allow(config, PCI_BRIDGE_CONTROL, 2,
			   PCI_BRIDGE_CTL_PARITY | PCI_BRIDGE_CTL_SERR |
			   PCI_BRIDGE_CTL_BUS_RESET);
}

static int cxlsh_port_add_express(struct cxlsh_config *config,
				  const struct cxlsh_port_setup *setup)
{
	static const uint8_t types[] = {
		[CXLSH_PORT_ROOT] = PCI_EXP_TYPE_ROOT_PORT,
		[CXLSH_PORT_UPSTREAM] = PCI_EXP_TYPE_UPSTREAM,
		[CXLSH_PORT_DOWNSTREAM] = PCI_EXP_TYPE_DOWNSTREAM,
	};
	uint32_t link = (uint32_t)setup->number << 24;
	int ret;

	/* The port above tells whether the link is active */
	if (setup->kind != CXLSH_PORT_UPSTREAM)
		link |= PCI_EXP_LNKCAP_DLLLARC;
	ret = cxlsh_add_express(config, types[setup->kind], link);
	if (ret >= 0 && setup->kind == CXLSH_PORT_ROOT)
		cxlsh_config_allow(config, (unsigned int)ret + PCI_EXP_RTCTL, 2,
				   PCI_EXP_RTCTL_SECEE | PCI_EXP_RTCTL_SENFEE |
				   PCI_EXP_RTCTL_SEFEE | PCI_EXP_RTCTL_PMEIE);
	return ret;
}

static void cxlsh_port_set_link(struct cxlsh_port *port)
{
	/* Who can talk to an upstream port has a link to it */
	const bool up = port->setup.kind == CXLSH_PORT_UPSTREAM ||
			port->setup.device_present;

	cxlsh_set_link(&port->config, port->express, port->flex_bus, up);
}

static int cxlsh_port_config_init(struct cxlsh_port *port)
{
	static const struct cxlsh_register_block block = {
		CXLSH_PORT_BAR, CXLSH_BLOCK_COMPONENT, 0
	};
	const struct cxlsh_port_setup *setup = &port->setup;
	struct cxlsh_config *config = &port->config;
	uint32_t generation = config->bar_generation;
	unsigned int cap;
	int ret;

	ret = cxlsh_config_init(config, 1, &setup->id, CXLSH_PORT_CLASS);
	if (ret)
		return ret;
	config->bar_generation = generation + 1;

	ret = cxlsh_config_add_bar64(config, CXLSH_PORT_BAR, CXLSH_PORT_BAR_SIZE,
				     false);
	if (ret)
		return ret;
	cxlsh_port_add_bridge(config);
	ret = cxlsh_port_add_express(config, setup);
	if (ret < 0)
		return ret;
	port->express = (uint16_t)ret;

	ret = cxlsh_config_add_dvsec(config, CXLSH_DVSEC_PORT, 0, CXLSH_PORT_LEN);
	if (ret < 0)
		return ret;
	cap = (unsigned int)ret;
	port->dvsec = (uint16_t)ret;
	cxlsh_config_set16(config, cap + CXLSH_PORT_STATUS, CXLSH_PORT_STATUS_PM_INIT);
	cxlsh_config_allow(config, cap + CXLSH_PORT_CTRL, 2, CXLSH_PORT_CTRL_UNMASK_SBR);

	if (setup->kind != CXLSH_PORT_UPSTREAM) {
		ret = cxlsh_config_add_dvsec(config, CXLSH_DVSEC_PORT_GPF, 0,
					     CXLSH_GPF_LEN);
		if (ret < 0)
			return ret;
		cap = (unsigned int)ret;
		cxlsh_config_allow(config, cap + CXLSH_GPF_PHASE1, 2, CXLSH_GPF_TIMEOUT);
		cxlsh_config_allow(config, cap + CXLSH_GPF_PHASE2, 2, CXLSH_GPF_TIMEOUT);
	}

	ret = cxlsh_add_flex_bus(config);
	if (ret < 0)
		return ret;
	port->flex_bus = (uint16_t)ret;
	cxlsh_port_set_link(port);
	ret = cxlsh_add_register_locator(config, &block, 1);
	return ret < 0 ? ret : 0;
}

int cxlsh_port_init(struct cxlsh_port *port, const struct cxlsh_port_setup *setup)
{
	const bool upstream = setup->kind == CXLSH_PORT_UPSTREAM;
	const bool has_node = setup->node_id;

	if ((unsigned int)setup->kind > CXLSH_PORT_DOWNSTREAM ||
	    has_node != upstream || (upstream && !setup->host))
		return -EINVAL;

	memset(port, 0, sizeof(*port));
	port->setup = *setup;
	port->component.host = setup->host;
	port->component.node_id = setup->node_id;
	return cxlsh_port_config_init(port);
}

int cxlsh_port_reset(struct cxlsh_port *port)
{
	const struct cxlsh_host *host = port->setup.host;
	struct cxl_softhost_reset cmd = { .node_id = port->setup.node_id };
	int ret;

	if (cmd.node_id) {
		ret = host->ops->reset(host->ctx, &cmd);
		if (ret)
			return ret;
		cxlsh_report(host, port->setup.node_id, &cmd.out_result);
	}
	/* It worked with the same setup in cxlsh_port_init() */
	return cxlsh_port_config_init(port);
}

void cxlsh_port_set_present(struct cxlsh_port *port, bool present)
{
	port->setup.device_present = present;
	cxlsh_port_set_link(port);
}

void cxlsh_port_config_read(const struct cxlsh_port *port, uint64_t offset,
			    void *data, size_t len)
{
	cxlsh_config_read(&port->config, offset, data, len);
}

/* CXL ports ignore Secondary Bus Reset until the guest has unmasked it */
static bool cxlsh_port_in_reset(const struct cxlsh_port *port)
{
	const struct cxlsh_config *config = &port->config;

	return cxlsh_config_get16(config, PCI_BRIDGE_CONTROL) &
		       PCI_BRIDGE_CTL_BUS_RESET &&
	       cxlsh_config_get16(config, port->dvsec + CXLSH_PORT_CTRL) &
		       CXLSH_PORT_CTRL_UNMASK_SBR;
}

int cxlsh_port_config_write(struct cxlsh_port *port, uint64_t offset,
			    const void *data, size_t len)
{
	bool before = cxlsh_port_in_reset(port);

	cxlsh_config_write(&port->config, offset, data, len);
	if (!before && cxlsh_port_in_reset(port) && port->setup.reset)
		return port->setup.reset(port->setup.reset_ctx);
	return 0;
}

int cxlsh_port_mmio_read(const struct cxlsh_port *port, uint64_t offset,
			 void *data, size_t len)
{
	return cxlsh_component_read(&port->component, offset, data, len);
}

int cxlsh_port_mmio_write(struct cxlsh_port *port, uint64_t offset,
			  const void *data, size_t len)
{
	return cxlsh_component_write(&port->component, offset, data, len);
}

bool cxlsh_port_is_secondary(const struct cxlsh_port *port, uint8_t bus)
{
	uint8_t secondary = cxlsh_config_get8(&port->config, PCI_SECONDARY_BUS);

	return secondary && bus == secondary && !cxlsh_port_in_reset(port);
}

bool cxlsh_port_is_beyond(const struct cxlsh_port *port, uint8_t bus)
{
	uint8_t secondary = cxlsh_config_get8(&port->config, PCI_SECONDARY_BUS);
	uint8_t subordinate = cxlsh_config_get8(&port->config, PCI_SUBORDINATE_BUS);

	return secondary && bus > secondary && bus <= subordinate &&
	       !cxlsh_port_in_reset(port);
}

bool cxlsh_port_forwards(const struct cxlsh_port *port, uint64_t gpa)
{
	const struct cxlsh_config *config = &port->config;
	const unsigned int mask = CXLSH_WINDOW_BITS;
	uint64_t base, limit;

	if (!(cxlsh_config_get16(config, PCI_COMMAND) & PCI_COMMAND_MEMORY))
		return false;

	base = (uint64_t)(cxlsh_config_get16(config, PCI_MEMORY_BASE) & mask) << 16;
	limit = (uint64_t)(cxlsh_config_get16(config, PCI_MEMORY_LIMIT) & mask) << 16 |
		0xfffff;
	if (gpa >= base && gpa <= limit)
		return true;

	base = (uint64_t)(cxlsh_config_get16(config, PCI_PREF_MEMORY_BASE) & mask) << 16 |
	       (uint64_t)cxlsh_config_get32(config, PCI_PREF_BASE_UPPER32) << 32;
	limit = (uint64_t)(cxlsh_config_get16(config, PCI_PREF_MEMORY_LIMIT) & mask) << 16 |
		0xfffff |
		(uint64_t)cxlsh_config_get32(config, PCI_PREF_LIMIT_UPPER32) << 32;
	return gpa >= base && gpa <= limit;
}
