/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * CXL devices in a process of their own, which has neither the VM nor its memory:
 * a descriptor of the module with which the guest can program decoders, and a
 * socket.
 */
#ifndef CXLVM_DEVICE_PROCESS_H
#define CXLVM_DEVICE_PROCESS_H

#include <stdbool.h>

#include "bus.h"
#include "cxl.h"

/*
 * Starts it: from now on it has what is in @cxl, and answers accesses to the ranges
 * of @devices, for which ranges are added to the VM's MMIO bus. Before any thread.
 */
bool device_process_start(struct cxl *cxl, const struct bus *devices);

#endif
