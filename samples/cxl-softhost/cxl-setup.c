// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* From the command line to objects in the module and PCI functions. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cxl.h"
#include "layout.h"
#include "device-process.h"
#include "log.h"

#define SERIAL_BASE	0x63786c766d000000ULL
#define LABEL_AREA	(128 * KIB)

/* Above those of RAM; the advisory engine asks for numbers, not for the top */
#define CXL_FIRST_SLOT	64
/* More than these aren't kept for what is plugged in later */
#define CXL_MOST_SLOTS	1024

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

static bool create_branch(struct cxl *cxl, uint32_t i, const struct option_branch *option)
{
	struct cxl_branch *branch = &cxl->branches[i];
	struct cxl_softhost_node_create node = {
		.kind = CXL_SOFTHOST_NODE_HOST_BRIDGE,
		.ports = option->ports,
	};
	int error;

	if (option->parent != OPTIONS_NONE) {
		branch->parent = &cxl->branches[option->parent];
		node.kind = CXL_SOFTHOST_NODE_SWITCH;
		node.parent_id = branch->parent->node_id;
		node.port = option->port;
	}
	if (option->hdm) {
		node.flags = CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8 |
			     CXL_SOFTHOST_NODE_A14_12;
		if (option->decoders > 16)
			node.flags |= CXL_SOFTHOST_NODE_MANY_DECODERS;
		node.decoder_count = option->decoders;
		for (node.target_count = 1; node.target_count < option->ports;)
			node.target_count *= 2;
	}
	error = cxlsh_node_create(cxl->fd, &node);
	if (error)
		return setup_error(branch->parent ? "switch" : "bridge", option->name, error);

	snprintf(branch->name, sizeof(branch->name), "%s", option->name);
	branch->cxl = cxl;
	branch->node_id = node.out_id;
	branch->port_count = option->ports;
	branch->decoders = node.decoder_count;
	if (branch->parent) {
		branch->port = option->port;
		branch->parent->ports[option->port].branch = branch;
		return true;
	}
	branch->uid = cxl->bridge_count;
	branch->chbcr = LAYOUT_CHBCR + branch->uid * LAYOUT_CHBCR_SIZE;
	branch->bar_base = LAYOUT_BAR + branch->uid * LAYOUT_BAR_PER_BRIDGE;
	branch->component.host = &cxl->host;
	branch->component.node_id = node.out_id;
	cxl->bridges[cxl->bridge_count++] = branch;
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

/* Each has its lowest bit where modulo arithmetic has its only one, as Linux expects. */
void cxl_xor_maps(uint32_t granularity, uint64_t maps[CXLSH_XOR_MAPS])
{
	static const uint64_t bits[CXLSH_XOR_MAPS] = { 0x2020900, 0x4041200, 0x1010400, 0x8000800 };

	for (uint32_t i = 0; i < CXLSH_XOR_MAPS; i++)
		maps[i] = bits[i] * (granularity / 256);
}

static void fill_window(struct cxl *cxl, struct cxl_window *window,
			const struct option_window *option)
{
	window->ways = option->ways;
	for (uint32_t i = 0; i < option->ways; i++)
		window->targets[i] = &cxl->branches[option->targets[i]];
	window->granularity = option->granularity;
	window->arithmetic = option->xor_arithmetic ? CXL_SOFTHOST_ARITHMETIC_XOR :
						      CXL_SOFTHOST_ARITHMETIC_MODULO;
	/* What a guest may online by itself must not come as exits. */
	window->linear_only = option->ways == 1 && option->takes_volatile &&
			      !option->interleave;
	window->hpa = option->base;
	window->length = option->size;
	window->restrictions = CXLSH_CFMWS_HOST_ONLY;
	if (option->takes_volatile)
		window->restrictions |= CXLSH_CFMWS_VOLATILE;
	if (option->takes_persistent)
		window->restrictions |= CXLSH_CFMWS_PERSISTENT;
	window->access.host = &cxl->host;
	window->access.lookup = lookup;
}

static bool create_window(struct cxl *cxl, uint32_t i, const struct option_window *option)
{
	struct cxl_window *window = &cxl->windows[i];
	uint32_t targets[OPTIONS_WAYS];
	uint64_t maps[CXLSH_XOR_MAPS];
	struct cxl_softhost_window_create create = { .targets = (uintptr_t)targets };
	int error;

	snprintf(window->name, sizeof(window->name), "w%u", i);
	fill_window(cxl, window, option);
	for (uint32_t way = 0; way < window->ways; way++)
		targets[way] = window->targets[way]->node_id;
	create.flags = window->linear_only ? CXL_SOFTHOST_WINDOW_LINEAR_ONLY : 0;
	create.hpa = window->hpa;
	create.length = window->length;
	create.ways = window->ways;
	create.granularity = window->granularity;
	create.arithmetic = window->arithmetic;
	if (window->arithmetic == CXL_SOFTHOST_ARITHMETIC_XOR) {
		cxl_xor_maps(window->granularity, maps);
		create.xor_maps = (uintptr_t)maps;
		create.xor_map_count = CXLSH_XOR_MAPS;
	}
	error = cxlsh_window_create(cxl->fd, &create);
	if (error)
		return setup_error("window", window->name, error);
	window->id = create.out_id;
	log_verbose("window %s: 0x%llx, 0x%llx bytes, %u ways from bridge %s%s", window->name,
		    (unsigned long long)window->hpa, (unsigned long long)window->length,
		    window->ways, window->targets[0]->name,
		    window->linear_only ? ", linear only" : "");
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
			 CXL_SOFTHOST_NODE_A14_12 | CXL_SOFTHOST_NODE_WAYS_3_6_12 |
			 CXL_SOFTHOST_NODE_WAYS_16,
		.parent_id = cxl->branches[option->parent].node_id,
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
		.id = { .vendor = CXL_PCI_VENDOR, .device = CXL_PCI_ID_TYPE3,
			.subsystem_vendor = CXL_PCI_VENDOR, .subsystem = CXL_PCI_ID_TYPE3 },
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
	/* Guests write labels for as long as the memory that they are about exists. */
	if (option->persistent_size) {
		setup.lsa = memory_map(option->name, option->labels, LABEL_AREA,
				       PAGE_ADVICE_DEFAULT);
		if (!setup.lsa)
			return false;
		setup.lsa_size = LABEL_AREA;
	}
	snprintf(device->name, sizeof(device->name), "%s", option->name);
	device->parent = &cxl->branches[option->parent];
	device->port = option->port;
	device->decoders = option->decoders;
	device->volatile_size = option->volatile_size;
	device->persistent_size = option->persistent_size;
	error = create_endpoint(cxl, option, memory, &device->node_id);
	setup.node_id = device->node_id;
	if (!error)
		error = cxlsh_type3_init(&device->type3, &setup);
	if (error)
		return setup_error("device", option->name, error);
	device->parent->ports[option->port].device = device;
	return true;
}

/* Of branches and devices, those that are there */
static uint32_t component_count(const struct cxl *cxl)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < cxl->branch_count; i++)
		count += cxl->branches[i].node_id != 0;
	for (uint32_t i = 0; i < cxl->device_count; i++)
		count += cxl->devices[i].node_id != 0;
	return count;
}

/*
 * 0, for as many as what is there can need; but with things to come, whatever windows
 * can be cut into.
 */
static uint32_t slot_count(const struct cxl *cxl)
{
	bool later = component_count(cxl) < cxl->branch_count + cxl->device_count;
	uint64_t units = 0;

	for (uint32_t i = 0; later && i < cxl->window_count; i++)
		units += cxl->windows[i].length / CXL_SOFTHOST_UNIT;
	return units < CXL_MOST_SLOTS ? units : CXL_MOST_SLOTS;
}

static bool attach(struct cxl *cxl)
{
	struct cxl_softhost_attach attach = {
		.engine = CXL_SOFTHOST_ENGINE_KVM,
		.vm_fd = cxl->vm->vm_fd,
		.first_slot = CXL_SOFTHOST_SLOT_TOP,
		.slot_count = slot_count(cxl),
	};
	int error;

	if (cxl->advisory) {
		attach.engine = CXL_SOFTHOST_ENGINE_ADVISORY;
		attach.vm_fd = -1;
		attach.first_slot = CXL_FIRST_SLOT;
	}
	error = cxlsh_attach(cxl->fd, &attach);
	if (error)
		return setup_error("attaching", cxlsh_engine_name(attach.engine), error);
	cxl->attached = true;
	cxl->slot_count = attach.out_slot_count;
	log_verbose("slots %u to %u are the host's, set by %s", attach.out_first_slot,
		    attach.out_first_slot + attach.out_slot_count - 1,
		    cxl->advisory ? "cxlvm" : "the module");
	return !cxl->advisory || cxl_follow_map(cxl);
}

static bool choose_phases(struct cxl *cxl, const struct options *options)
{
	struct cxl_softhost_host_set set = { .flags = CXL_SOFTHOST_HOST_TWO_PHASE };
	int error;

	cxl->two_phase = options->phases == 2;
	cxl->advisory = options->advisory;
	if (!cxl->two_phase)
		return true;
	error = cxlsh_host_set(cxl->fd, &set);
	return !error || setup_error("choosing", "two phases", error);
}

static bool branch_is_there(const struct cxl *cxl, uint32_t branch)
{
	return branch == OPTIONS_NONE || cxl->branches[branch].node_id;
}

/* Buses for a switch that isn't there, at the port that it or one above it is for. */
static void set_buses_aside(struct cxl *cxl, uint32_t absent)
{
	const struct option_branch *options = cxl->options->branches;
	uint32_t buses = 1 + options[absent].ports;

	while (!branch_is_there(cxl, options[absent].parent))
		absent = options[absent].parent;
	cxl->branches[options[absent].parent].ports[options[absent].port].spare_buses += buses;
}

static bool is_due(bool later, const char *name, const char *plugged)
{
	return !later || (plugged && !strcmp(name, plugged));
}

/* Parents come before what is below them, so this takes all that @plugged brings along. */
static bool create_branches(struct cxl *cxl, const char *plugged)
{
	for (uint32_t i = 0; i < cxl->options->branch_count; i++) {
		const struct option_branch *option = &cxl->options->branches[i];

		if (branch_is_there(cxl, i))
			continue;
		if (branch_is_there(cxl, option->parent) &&
		    is_due(option->later, option->name, plugged)) {
			if (!create_branch(cxl, i, option))
				return false;
		} else if (!plugged) {
			set_buses_aside(cxl, i);
		}
	}
	cxl->branch_count = cxl->options->branch_count;
	return true;
}

static bool create_devices(struct cxl *cxl, const char *plugged)
{
	for (uint32_t i = 0; i < cxl->options->device_count; i++) {
		const struct option_device *option = &cxl->options->devices[i];

		if (cxl->devices[i].node_id || !branch_is_there(cxl, option->parent) ||
		    !is_due(option->later, option->name, plugged))
			continue;
		if (!create_device(cxl, i, option, cxl->options->pages))
			return false;
	}
	cxl->device_count = cxl->options->device_count;
	return true;
}

/* What there is at the start, with NULL; or what has that name. */
static bool create_components(struct cxl *cxl, const char *plugged)
{
	if (!create_branches(cxl, plugged) || !create_devices(cxl, plugged))
		return false;
	for (uint32_t i = 0; i < cxl->branch_count; i++)
		if (branch_is_there(cxl, i) && !cxl_update_ports(&cxl->branches[i]))
			return false;
	return true;
}

static bool create_windows(struct cxl *cxl)
{
	for (uint32_t i = 0; i < cxl->options->window_count; i++, cxl->window_count++)
		if (!create_window(cxl, i, &cxl->options->windows[i]))
			return false;
	return true;
}

void cxl_plug(struct cxl *cxl, const char *name)
{
	uint32_t before = component_count(cxl);

	if (!create_components(cxl, name))
		vm_stop(cxl->vm, VM_END_SETUP);
	else if (component_count(cxl) == before)
		log_error("nothing called \"%s\" can be plugged in now", name);
}

bool cxl_create(struct cxl *cxl, struct vm *vm, const struct options *options)
{
	memset(cxl, 0, sizeof(*cxl));
	cxl->vm = vm;
	cxl->options = options;
	cxl->fd = cxlsh_open(NULL);
	if (cxl->fd < 0) {
		log_error("can't open %s: %s%s", CXLSH_DEVICE, strerror(-cxl->fd),
			  cxl->fd == -2 ? " (is the module loaded?)" : "");
		return false;
	}
	cxlsh_host_init_fd(&cxl->host, cxl->fd);
	cxl->host.result = cxl_on_result;
	cxl->host.result_ctx = cxl;
	if (!choose_phases(cxl, options) || !create_components(cxl, NULL) ||
	    !create_windows(cxl) ||
	    !pci_init(cxl, options->device_process ? &cxl->bus : &vm->mmio))
		return false;
	if (options->pre_commit && !cxl_pre_commit(cxl))
		return false;
	if (!options->no_map && !attach(cxl))
		return false;
	if (cxl->two_phase && !cxl_follow_init(cxl))
		return false;
	cxl_memory_update(cxl);
	if (options->device_process && !device_process_start(cxl, &cxl->bus))
		return false;
	return !vm->stopped;
}
