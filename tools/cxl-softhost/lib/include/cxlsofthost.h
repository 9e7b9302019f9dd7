/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/**
 * DOC: libcxlsofthost - what a VMM needs beside the commands of /dev/cxl-softhost
 *
 * The kernel module owns the HDM decoders, the map and the KVM slots. This
 * library has the rest of a CXL host: the tables that tell a guest about it and
 * the PCI functions a guest talks to. It never decides about decoders; it
 * forwards register accesses to the module.
 *
 * Each header stands alone, include this one or only what you need:
 *
 * =====================  =====================================================
 * cxlsofthost/host.h     wrappers of the commands, names of outcomes and
 *                        reasons, and struct cxlsh_host, through which the
 *                        other pieces reach the module
 * cxlsofthost/acpi.h     byte builder: table headers, CEDT, SRAT, AML, the
 *                        ACPI0016 and ACPI0017 devices
 * cxlsofthost/config.h   PCI configuration space of one function
 * cxlsofthost/component.h  component register block (host bridge's CHBCR too)
 * cxlsofthost/type3.h    Type-3 device: config space, device registers, mailbox
 * cxlsofthost/port.h     CXL ports: root ports, upstream and downstream ports of
 *                        switches
 * cxlsofthost/window.h   guest accesses inside a window that exit to the VMM:
 *                        all of those to interleaved memory
 * cxlsofthost/firmware.h  commit decoders before the guest boots
 * cxlsofthost/memory.h   map a device's memory so that huge pages can be used
 * cxlsofthost/phases.h   what else maps the guest's memory follows each change
 * cxlsofthost/state.h    save what a guest has programmed, and restore it
 * =====================  =====================================================
 *
 * What holds for all of it:
 *
 *  - No allocation (but that cxlsh_memory_map() maps, and cxlsh_state_save() gives an
 *    array), no global state, no threads, no output. Every structure is public so that
 *    the caller places it; fields are for reading unless a comment invites to write
 *    them.
 *  - Objects aren't locked. One thread at a time per object, several threads on
 *    several objects. Calls that reach the module may run at the same time; the
 *    module orders them. struct cxlsh_window_access may be shared.
 *  - Functions return 0 or a negative errno unless told otherwise. What a
 *    *guest* does is never an error: an odd width, an offset outside, a length
 *    that is too long read as zeros or all-ones (as said there) and are dropped
 *    on write. A negative errno from an access function is what the module gave,
 *    and means that the VMM or its set-up is wrong.
 *  - Guest data is little endian whatever the host is, in buffers of bytes as
 *    KVM_EXIT_MMIO has them. Addresses and sizes are in bytes.
 *  - Pointers given at set-up (host, callbacks' contexts, buffers) must outlive
 *    the object. There is nothing to tear down.
 */
#ifndef CXLSOFTHOST_H
#define CXLSOFTHOST_H

#include <cxlsofthost/acpi.h>
#include <cxlsofthost/component.h>
#include <cxlsofthost/config.h>
#include <cxlsofthost/firmware.h>
#include <cxlsofthost/host.h>
#include <cxlsofthost/memory.h>
#include <cxlsofthost/phases.h>
#include <cxlsofthost/port.h>
#include <cxlsofthost/state.h>
#include <cxlsofthost/type3.h>
#include <cxlsofthost/window.h>

#endif /* CXLSOFTHOST_H */
