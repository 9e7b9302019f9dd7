/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The CXL hierarchy of the VM: what --bridge, --switch, --window, --device describe. */
#ifndef CXLVM_CXL_H
#define CXLVM_CXL_H

#include <cxlsofthost.h>
#include <stdbool.h>
#include <stdint.h>

#include "bus.h"
#include "options.h"
#include "vm.h"

/* The guest's PCI functions; the vendor is nobody's: drivers bind by class. */
#define CXL_PCI_VENDOR		0xfff0
#define CXL_PCI_ID_PORT		0x0001
#define CXL_PCI_ID_TYPE3	0x0002
#define CXL_PCI_ID_UPSTREAM	0x0003
#define CXL_PCI_ID_DOWNSTREAM	0x0004

struct cxl_window {
	char name[OPTIONS_NAME];
	uint32_t id;
	uint32_t ways;
	struct cxl_branch *targets[OPTIONS_WAYS];	/* host bridges */
	uint32_t granularity;
	uint32_t arithmetic;		/* enum cxl_softhost_arithmetic */
	bool linear_only;
	uint64_t hpa;
	uint64_t length;
	uint16_t restrictions;		/* CXLSH_CFMWS_* */
	struct cxlsh_window_access access;
};

struct cxl_device {
	char name[OPTIONS_NAME];
	struct cxl_branch *parent;
	uint32_t port;
	uint32_t node_id;		/* 0: it isn't plugged in yet */
	uint32_t decoders;
	uint64_t volatile_size;
	uint64_t persistent_size;
	bool mem_enable;		/* as a device process told */
	struct cxlsh_type3 type3;
};

/* A root port or the downstream port of a switch. */
struct cxl_port {
	struct cxlsh_port port;
	struct cxl_device *device;	/* what is below; both NULL: nothing */
	struct cxl_branch *branch;
	uint32_t spare_buses;		/* set aside for what is plugged in later */
};

/* A host bridge or a switch. */
struct cxl_branch {
	char name[OPTIONS_NAME];
	struct cxl *cxl;
	struct cxl_branch *parent;	/* NULL: a host bridge */
	uint32_t node_id;		/* 0: it isn't plugged in yet */
	uint32_t decoders;		/* 0: no HDM decoder capability */
	uint32_t port;			/* switches: of the parent */
	uint32_t port_count;
	bool has_ports;			/* as PCI functions */
	struct cxl_port ports[OPTIONS_PORTS];

	/* Switches: the port that faces the parent. */
	struct cxlsh_port upstream;

	/* Host bridges. */
	uint32_t uid;
	uint8_t first_bus, last_bus;
	uint64_t chbcr;			/* component registers */
	uint64_t bar_base;		/* what its _CRS passes on */
	struct cxlsh_component component;
};

/* What the module said to the guest's register writes. */
struct cxl_counts {
	uint64_t commits;
	uint64_t uncommits;
	uint64_t refusals;
	uint64_t ignored;
	uint64_t followed;		/* two phases: changes that were applied */
};

/* A mapped part of a window. */
struct cxl_extent {
	uint64_t hpa;
	uint64_t length;
	uint8_t *host;
};

struct cxl {
	struct vm *vm;
	const struct options *options;
	int fd;
	bool attached;
	uint32_t slot_count;		/* donated to the host */
	bool two_phase;
	bool advisory;			/* slots are set in here, not by the module */
	bool device_process;
	struct bus bus;			/* what its devices answer for, if there is one */
	void (*on_error)(int error);	/* in there */
	struct cxlsh_phases phases;
	struct cxlsh_host host;
	struct cxl_counts counts;
	uint64_t generation;		/* of the map that devices know */
	struct cxl_extent *extents;	/* ... what of it is mapped */
	uint32_t extent_count;
	uint32_t branch_count, bridge_count, window_count, device_count;
	struct cxl_branch branches[OPTIONS_BRIDGES + OPTIONS_SWITCHES];
	struct cxl_branch *bridges[OPTIONS_BRIDGES];	/* those that have no parent */
	struct cxl_window windows[OPTIONS_WINDOWS];
	struct cxl_device devices[OPTIONS_DEVICES];
};

/*
 * cxl-setup.c: objects in the module, PCI functions, commits before the boot, ATTACH.
 * @options is looked at later, too.
 */
bool cxl_create(struct cxl *cxl, struct vm *vm, const struct options *options);

/*
 * The switch or device of this name, which is for later, and all below a switch that
 * isn't: there from now on, as out of a box. The guest has to look for it. The main
 * thread's, with the device lock held. Stops the VM if that fails; other names have no
 * effect.
 */
void cxl_plug(struct cxl *cxl, const char *name);

/* The maps of all windows with XOR arithmetic and this granularity. */
void cxl_xor_maps(uint32_t granularity, uint64_t maps[CXLSH_XOR_MAPS]);

/* cxl-ports.c: made, and brought in line with what is plugged into them. */
bool cxl_update_ports(struct cxl_branch *branch);

/* cxl-firmware.c: the windows filled with the devices' capacity, committed. */
bool cxl_pre_commit(struct cxl *cxl);

/* cxl.c */

/* False if @gpa lies in no window. Takes no lock; any thread. */
bool cxl_window_access(struct cxl *cxl, uint64_t gpa, uint8_t *data, uint32_t length,
		       bool write);
const struct cxl_window *cxl_find_window(const struct cxl *cxl, uint64_t gpa);
const char *cxl_node_name(const struct cxl *cxl, uint32_t node_id);

/* All accesses in all windows that came out of KVM. */
uint64_t cxl_window_exits(const struct cxl *cxl);

/* Logs and counts what the module said, and tells devices: struct cxlsh_host's callback. */
void cxl_on_result(void *opaque, uint32_t node_id, const struct cxl_softhost_result *result);

/* The module's map, of @map->count segments, which are for free(). 0 or -errno. */
int cxl_map_get(struct cxl *cxl, struct cxl_softhost_map_get *map,
		struct cxl_softhost_segment **segments);

/* An ioctl that can't fail did: say it and stop the VM. */
void cxl_check(struct cxl *cxl, int error, const char *what);

/*
 * cxl-memory.c: brings what devices reach by DMA in line with the module's map. What
 * went away is out of their reach, and out of use, when it returns.
 */
void cxl_memory_update(struct cxl *cxl);

/*
 * cxl-follow.c: two phases. The same, before the guest can see it; and slots, with the
 * advisory engine: of what is to come, and, once, of what is mapped at ATTACH.
 */
bool cxl_follow_init(struct cxl *cxl);
bool cxl_follow_map(struct cxl *cxl);

/* cxl-report.c: counters, windows, nodes with their decoders, and the map. */
void cxl_report(struct cxl *cxl, const char *phase);
/* Mem_Enable, of a device in this process */
bool cxl_device_mem_enable(const struct cxl_device *device);

/* pci.c: configuration space and BARs on @mmio, set up as firmware does. */
bool pci_init(struct cxl *cxl, struct bus *mmio);

#endif
