/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Where things lie in the guest's physical address space. */
#ifndef CXLVM_LAYOUT_H
#define CXLVM_LAYOUT_H

#include <stdint.h>

#define KIB 1024ULL
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

/* What the boot loader part leaves behind in low memory. */
#define LAYOUT_GDT		0x00000500
#define LAYOUT_ZERO_PAGE	0x00007000
#define LAYOUT_PAGE_TABLES	0x00009000	/* PML4, PDPT, four PDs */
#define LAYOUT_CMDLINE		0x00020000
#define LAYOUT_CMDLINE_SIZE	0x00001000
#define LAYOUT_ACPI		0x000e0000	/* RSDP and tables */
#define LAYOUT_ACPI_SIZE	0x00020000
#define LAYOUT_LOW_END		0x0009fc00
#define LAYOUT_KERNEL		0x01000000

/* RAM below 4 GiB ends here at the latest; the rest follows at 4 GiB. */
#define LAYOUT_RAM_HOLE		0xb0000000ULL
#define LAYOUT_RAM_HIGH		(4 * GIB)

/* The hole: configuration space, BARs, component registers of host bridges. */
#define LAYOUT_ECAM		0xb0000000ULL
#define LAYOUT_ECAM_SIZE	0x10000000ULL	/* 256 buses */
#define LAYOUT_BAR		0xc0000000ULL
#define LAYOUT_BAR_PER_BUS	0x00100000ULL
#define LAYOUT_BUSES_PER_BRIDGE	32
#define LAYOUT_BAR_PER_BRIDGE	0x02000000ULL
#define LAYOUT_CHBCR		0xe0000000ULL
#define LAYOUT_CHBCR_SIZE	0x00010000ULL
#define LAYOUT_DISK		0xe8000000ULL	/* virtio-mmio registers */
#define LAYOUT_IOAPIC		0xfec00000ULL
#define LAYOUT_LAPIC		0xfee00000ULL

/* Pages that KVM wants for itself on Intel processors. */
#define LAYOUT_IDENTITY_MAP	0xfffbc000ULL
#define LAYOUT_TSS		0xfffbd000ULL

/* CXL windows without a base= are put here, or after RAM if that is higher. */
#define LAYOUT_WINDOW_MIN	(16 * GIB)
#define LAYOUT_WINDOW_ALIGN	(1 * GIB)

/* I/O ports */
#define PORT_SERIAL		0x3f8
#define PORT_RTC		0x70
#define PORT_I8042_COMMAND	0x64
#define PORT_PM1A_EVENT		0x600
#define PORT_PM1A_CONTROL	0x604
#define PORT_PM_TIMER		0x608
#define PORT_RESET		0xcf9

#define IRQ_SERIAL		4
#define IRQ_SCI			9
#define IRQ_DISK		16	/* beyond those of ISA, level triggered */

#endif
