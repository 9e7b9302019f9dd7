// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The ports of bridges and switches as PCI functions, and what their resets reach. */
#include "cxl.h"
#include "log.h"

/* Secondary bus reset of a port: the device below, or a whole switch. */
static int reset_below(void *ctx);

/* Secondary bus reset of an upstream port: the downstream ports and all below. */
static int reset_ports(void *ctx)
{
	struct cxl_branch *branch = ctx;
	int error = 0;

	for (uint32_t i = 0; !error && i < branch->port_count; i++) {
		error = cxlsh_port_reset(&branch->ports[i].port);
		if (!error)
			error = reset_below(&branch->ports[i]);
	}
	return error;
}

static int reset_below(void *ctx)
{
	struct cxl_port *port = ctx;
	int error;

	if (port->device)
		return cxlsh_type3_reset(&port->device->type3);
	if (!port->branch)
		return 0;
	error = cxlsh_port_reset(&port->branch->upstream);
	return error ? error : reset_ports(port->branch);
}

static bool create_ports(struct cxl_branch *branch)
{
	const struct cxlsh_port_setup upstream = {
		.kind = CXLSH_PORT_UPSTREAM,
		.id = { .vendor = CXL_PCI_VENDOR, .device = CXL_PCI_ID_UPSTREAM },
		.reset = reset_ports,
		.reset_ctx = branch,
		.host = &branch->cxl->host,
		.node_id = branch->node_id,
	};
	int error = branch->parent ? cxlsh_port_init(&branch->upstream, &upstream) : 0;

	for (uint32_t i = 0; !error && i < branch->port_count; i++) {
		struct cxl_port *port = &branch->ports[i];
		const struct cxlsh_port_setup setup = {
			.kind = branch->parent ? CXLSH_PORT_DOWNSTREAM : CXLSH_PORT_ROOT,
			.id = {
				.vendor = CXL_PCI_VENDOR,
				.device = branch->parent ? CXL_PCI_ID_DOWNSTREAM :
							   CXL_PCI_ID_PORT,
			},
			.number = i,
			.device_present = port->device || port->branch,
			.reset = reset_below,
			.reset_ctx = port,
		};

		error = cxlsh_port_init(&port->port, &setup);
	}
	if (error)
		log_error("ports of %s: %s", branch->name, cxlsh_errno_text(error));
	branch->has_ports = !error;
	return !error;
}

bool cxl_update_ports(struct cxl_branch *branch)
{
	if (!branch->has_ports)
		return create_ports(branch);
	for (uint32_t i = 0; i < branch->port_count; i++) {
		struct cxl_port *port = &branch->ports[i];

		cxlsh_port_set_present(&port->port, port->device || port->branch);
	}
	return true;
}
