// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* From the command line to objects in the module and PCI functions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cxl.h"
#include "layout.h"
#include "log.h"

#define PCI_VENDOR	0xfff0	/* nobody's: drivers bind by class */
#define PCI_ID_PORT	0x0001
#define PCI_ID_TYPE3	0x0002
#define SERIAL_BASE	0x63786c766d000000ULL
#define LABEL_AREA	(128 * KIB)

/*
 * Some kernels (6.12.95 among them) look for the mailbox in the wrong half of a
 * union and find it only if the device has RAS registers. These read as zeros:
 * nothing is ever wrong.
 */
#define CAPABILITY_RAS	2

static bool setup_error(const char *what, const char *name, int error)
{
	log_error("%s %s: %s", what, name, cxlsh_errno_text(error));
	return false;
}

static bool create_bridge(struct cxl *cxl, uint32_t i, const struct option_bridge *option)
{
	struct cxl_bridge *bridge = &cxl->bridges[i];
	struct cxl_softhost_node_create node = {
		.kind = CXL_SOFTHOST_NODE_HOST_BRIDGE,
		.ports = option->ports,
	};
	int error;

	if (option->hdm) {
		node.flags = CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8 |
			     CXL_SOFTHOST_NODE_A14_12;
		node.decoder_count = option->decoders;
		for (node.target_count = 1; node.target_count < option->ports;)
			node.target_count *= 2;
	}
	error = cxlsh_node_create(cxl->fd, &node);
	if (error)
		return setup_error("bridge", option->name, error);

	snprintf(bridge->name, sizeof(bridge->name), "%s", option->name);
	bridge->cxl = cxl;
	bridge->uid = i;
	bridge->node_id = node.out_id;
	bridge->hdm = option->hdm;
	bridge->first_bus = i * CXL_BUSES_PER_BRIDGE;
	bridge->last_bus = bridge->first_bus + CXL_BUSES_PER_BRIDGE - 1;
	bridge->chbcr = LAYOUT_CHBCR + i * LAYOUT_CHBCR_SIZE;
	bridge->bar_base = LAYOUT_BAR + i * LAYOUT_BAR_PER_BRIDGE;
	bridge->port_count = option->ports;
	bridge->component.host = &cxl->host;
	bridge->component.node_id = node.out_id;
	return true;
}

/* Where the library finds a device's memory: the cookie is its address. */
static void *lookup(void *ctx, uint32_t backend_id, uint64_t cookie, uint64_t offset,
		    uint64_t length)
{
	(void)ctx;
	(void)backend_id;
	(void)length;
	return (uint8_t *)(uintptr_t)cookie + offset;
}

static bool create_window(struct cxl *cxl, uint32_t i, const struct option_window *option)
{
	struct cxl_window *window = &cxl->windows[i];
	uint32_t target = cxl->bridges[option->bridge].node_id;
	struct cxl_softhost_window_create create = {
		.hpa = option->base,
		.length = option->size,
		.ways = 1,
		.granularity = 256,
		.arithmetic = CXL_SOFTHOST_ARITHMETIC_MODULO,
		.targets = (uintptr_t)&target,
	};
	int error;

	snprintf(window->name, sizeof(window->name), "w%u", i);
	error = cxlsh_window_create(cxl->fd, &create);
	if (error)
		return setup_error("window", window->name, error);
	window->id = create.out_id;
	window->bridge = option->bridge;
	window->hpa = option->base;
	window->length = option->size;
	window->restrictions = CXLSH_CFMWS_HOST_ONLY;
	if (option->takes_volatile)
		window->restrictions |= CXLSH_CFMWS_VOLATILE;
	if (option->takes_persistent)
		window->restrictions |= CXLSH_CFMWS_PERSISTENT;
	window->access.host = &cxl->host;
	window->access.lookup = lookup;
	log_verbose("window %s: 0x%llx, 0x%llx bytes, bridge %s", window->name,
		    (unsigned long long)window->hpa, (unsigned long long)window->length,
		    cxl->bridges[option->bridge].name);
	return true;
}

static uint64_t now_ns(void *ctx)
{
	struct timespec now;

	(void)ctx;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* Volatile and persistent capacity lie one after the other on one backend. */
static int create_endpoint(struct cxl *cxl, const struct option_device *option, void *memory,
			   uint32_t *node_id)
{
	struct cxl_softhost_backend_create backend = {
		.addr = (uintptr_t)memory,
		.length = option->volatile_size + option->persistent_size,
		.cookie = (uintptr_t)memory,
	};
	struct cxl_softhost_node_create node = {
		.kind = CXL_SOFTHOST_NODE_ENDPOINT,
		.flags = CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8 |
			 CXL_SOFTHOST_NODE_A14_12,
		.parent_id = cxl->bridges[option->bridge].node_id,
		.port = option->port,
		.decoder_count = option->decoders,
		.capabilities[0] = {
			.id = CAPABILITY_RAS,
			.version = 2,
			.offset = 0x600,
			.length = 0x58,
		},
	};
	int error = cxlsh_backend_create(cxl->fd, &backend);

	if (error)
		return error;
	if (option->volatile_size) {
		node.partitions[CXL_SOFTHOST_PARTITION_VOLATILE].length = option->volatile_size;
		node.partitions[CXL_SOFTHOST_PARTITION_VOLATILE].backend_id = backend.out_id;
	}
	if (option->persistent_size) {
		node.partitions[CXL_SOFTHOST_PARTITION_PERSISTENT] =
			(struct cxl_softhost_partition){
				.length = option->persistent_size,
				.offset = option->volatile_size,
				.backend_id = backend.out_id,
			};
	}
	error = cxlsh_node_create(cxl->fd, &node);
	*node_id = node.out_id;
	return error;
}

static bool create_device(struct cxl *cxl, uint32_t i, const struct option_device *option,
			  enum page_advice advice)
{
	uint64_t size = option->volatile_size + option->persistent_size;
	struct cxl_device *device = &cxl->devices[i];
	struct cxlsh_type3_setup setup = {
		.host = &cxl->host,
		.id = { .vendor = PCI_VENDOR, .device = PCI_ID_TYPE3,
			.subsystem_vendor = PCI_VENDOR, .subsystem = PCI_ID_TYPE3 },
		.serial = SERIAL_BASE + i + 1,
		.volatile_size = option->volatile_size,
		.persistent_size = option->persistent_size,
		.fw_revision = "cxlvm",
		.now = now_ns,
	};
	void *memory = memory_map(option->name, option->file, size, advice);
	int error;

	if (!memory)
		return false;
	/* Labels live as long as this process: there is no file for them. */
	if (option->persistent_size) {
		setup.lsa = calloc(1, LABEL_AREA);
		setup.lsa_size = setup.lsa ? LABEL_AREA : 0;
	}
	snprintf(device->name, sizeof(device->name), "%s", option->name);
	device->bridge = option->bridge;
	device->port = option->port;
	device->volatile_size = option->volatile_size;
	device->persistent_size = option->persistent_size;
	error = create_endpoint(cxl, option, memory, &device->node_id);
	setup.node_id = device->node_id;
	if (!error)
		error = cxlsh_type3_init(&device->type3, &setup);
	if (error)
		return setup_error("device", option->name, error);
	cxl->bridges[option->bridge].ports[option->port].device = device;
	return true;
}

/* Secondary bus reset: the one device below is reset. */
static int reset_below(void *ctx)
{
	struct cxl_port *port = ctx;

	return port->device ? cxlsh_type3_reset(&port->device->type3) : 0;
}

static bool create_ports(struct cxl_bridge *bridge)
{
	for (uint32_t i = 0; i < bridge->port_count; i++) {
		struct cxl_port *port = &bridge->ports[i];
		const struct cxlsh_port_setup setup = {
			.id = { .vendor = PCI_VENDOR, .device = PCI_ID_PORT },
			.number = i,
			.device_present = port->device,
			.reset = reset_below,
			.reset_ctx = port,
		};
		int error = cxlsh_port_init(&port->port, &setup);

		if (error)
			return setup_error("root port of", bridge->name, error);
	}
	return true;
}

static bool attach(struct cxl *cxl)
{
	struct cxl_softhost_attach attach = {
		.engine = CXL_SOFTHOST_ENGINE_KVM,
		.vm_fd = cxl->vm->vm_fd,
		.first_slot = CXL_SOFTHOST_SLOT_TOP,
	};
	int error = cxlsh_attach(cxl->fd, &attach);

	if (error)
		return setup_error("attaching", "KVM", error);
	cxl->attached = true;
	log_verbose("KVM slots %u to %u are the host's", attach.out_first_slot,
		    attach.out_first_slot + attach.out_slot_count - 1);
	return true;
}

static bool create_objects(struct cxl *cxl, const struct options *options)
{
	uint32_t i;

	for (i = 0; i < options->bridge_count; i++, cxl->bridge_count++)
		if (!create_bridge(cxl, i, &options->bridges[i]))
			return false;
	for (i = 0; i < options->window_count; i++, cxl->window_count++)
		if (!create_window(cxl, i, &options->windows[i]))
			return false;
	for (i = 0; i < options->device_count; i++, cxl->device_count++)
		if (!create_device(cxl, i, &options->devices[i], options->pages))
			return false;
	for (i = 0; i < options->bridge_count; i++)
		if (!create_ports(&cxl->bridges[i]))
			return false;
	return true;
}

bool cxl_create(struct cxl *cxl, struct vm *vm, const struct options *options)
{
	memset(cxl, 0, sizeof(*cxl));
	cxl->vm = vm;
	cxl->fd = cxlsh_open(NULL);
	if (cxl->fd < 0) {
		log_error("can't open %s: %s%s", CXLSH_DEVICE, strerror(-cxl->fd),
			  cxl->fd == -2 ? " (is the module loaded?)" : "");
		return false;
	}
	cxlsh_host_init_fd(&cxl->host, cxl->fd);
	cxl->host.result = cxl_on_result;
	cxl->host.result_ctx = cxl;
	if (!create_objects(cxl, options) || !pci_init(cxl))
		return false;
	if (options->pre_commit && !cxl_pre_commit(cxl))
		return false;
	return options->no_map || attach(cxl);
}
