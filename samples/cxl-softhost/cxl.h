/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The CXL hierarchy of the VM: what --bridge, --window and --device describe. */
#ifndef CXLVM_CXL_H
#define CXLVM_CXL_H

#include <cxlsofthost.h>
#include <stdbool.h>
#include <stdint.h>

#include "options.h"
#include "vm.h"

#define CXL_BUSES_PER_BRIDGE 32

struct cxl_window {
	char name[OPTIONS_NAME];
	uint32_t id;
	uint32_t bridge;
	uint64_t hpa;
	uint64_t length;
	uint16_t restrictions;		/* CXLSH_CFMWS_* */
	struct cxlsh_window_access access;
};

struct cxl_device {
	char name[OPTIONS_NAME];
	uint32_t bridge;
	uint32_t port;
	uint32_t node_id;
	uint64_t volatile_size;
	uint64_t persistent_size;
	struct cxlsh_type3 type3;
};

struct cxl_port {
	struct cxlsh_port port;
	struct cxl_device *device;	/* NULL: an empty port */
};

struct cxl_bridge {
	char name[OPTIONS_NAME];
	uint32_t uid;
	uint32_t node_id;
	bool hdm;
	uint8_t first_bus, last_bus;
	uint64_t chbcr;			/* component registers */
	uint64_t bar_base;		/* what its _CRS passes on */
	uint32_t port_count;
	struct cxl_port ports[OPTIONS_PORTS];
	struct cxlsh_component component;
	struct cxl *cxl;
};

/* What the module said to the guest's register writes. */
struct cxl_counts {
	uint64_t commits;
	uint64_t uncommits;
	uint64_t refusals;
	uint64_t ignored;
};

struct cxl {
	struct vm *vm;
	int fd;
	bool attached;
	struct cxlsh_host host;
	struct cxl_counts counts;
	uint32_t bridge_count, window_count, device_count;
	struct cxl_bridge bridges[OPTIONS_BRIDGES];
	struct cxl_window windows[OPTIONS_WINDOWS];
	struct cxl_device devices[OPTIONS_DEVICES];
};

/* cxl-setup.c: objects in the module, PCI functions, commits before the boot, ATTACH. */
bool cxl_create(struct cxl *cxl, struct vm *vm, const struct options *options);

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

/* Logs and counts what the module said: struct cxlsh_host's callback. */
void cxl_on_result(void *opaque, uint32_t node_id, const struct cxl_softhost_result *result);

/* An ioctl that can't fail did: say it and stop the VM. */
void cxl_check(struct cxl *cxl, int error, const char *what);

/* Lines of the report: counters, windows and the map. */
void cxl_report(struct cxl *cxl, const char *phase);

/* pci.c: configuration space and BARs on the MMIO bus, set up as firmware does. */
bool pci_init(struct cxl *cxl);

#endif
