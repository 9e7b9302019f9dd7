// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include <cxlsofthost/acpi.h>
#include <string.h>

#include "acpi.h"
#include "cxl.h"
#include "layout.h"
#include "log.h"
#include "platform.h"
#include "virtio-mmio.h"

#define FADT_WBINVD		(1u << 0)
#define FADT_PROC_C1		(1u << 2)
#define FADT_NO_POWER_BUTTON	(1u << 4)
#define FADT_NO_SLEEP_BUTTON	(1u << 5)
#define FADT_TIMER_32_BITS	(1u << 8)
#define FADT_RESET_REGISTER	(1u << 10)
#define BOOT_NO_VGA		(1u << 2)
#define BOOT_NO_CMOS_RTC	(1u << 5)	/* no alarm; the time can be read */
#define RESET_VALUE		0x06

#define MADT_PCAT_COMPAT	1
#define MADT_LEVEL_HIGH		0x000d

#define MAX_TABLES		8

/* Offsets of the tables that the XSDT lists, from LAYOUT_ACPI. */
struct tables {
	uint32_t count;
	size_t at[MAX_TABLES];
};

static size_t begin(struct cxlsh_buf *buf, struct tables *tables, const char *signature,
		    uint8_t revision)
{
	cxlsh_buf_align(buf, 16);
	tables->at[tables->count++] = buf->used;
	return cxlsh_table_begin(buf, signature, revision, NULL);
}

static void add_motherboard(struct cxlsh_buf *buf, const struct cxl *cxl)
{
	size_t device = cxlsh_aml_device(buf, "MBRD");
	size_t resources;

	cxlsh_aml_name_eisaid(buf, "_HID", "PNP0C02");
	cxlsh_aml_name(buf, "_CRS");
	resources = cxlsh_aml_resources(buf);
	cxlsh_aml_memory_range(buf, LAYOUT_ECAM, LAYOUT_ECAM_SIZE);
	for (uint32_t i = 0; i < cxl->bridge_count; i++)
		cxlsh_aml_memory_range(buf, cxl->bridges[i]->chbcr, LAYOUT_CHBCR_SIZE);
	cxlsh_aml_resources_end(buf, resources);
	cxlsh_aml_end(buf, device);
}

static void add_bridges(struct cxlsh_buf *buf, const struct cxl *cxl)
{
	for (uint32_t i = 0; i < cxl->bridge_count; i++) {
		const struct cxl_branch *bridge = cxl->bridges[i];
		const struct cxlsh_acpi_window window = {
			.kind = CXLSH_WINDOW_MEMORY,
			.base = bridge->bar_base,
			.length = LAYOUT_BAR_PER_BRIDGE,
		};
		const char name[] = { 'C', 'X', '0', "0123456789ABCDEF"[i], '\0' };
		const struct cxlsh_acpi_bridge acpi = {
			.name = name,
			.uid = bridge->uid,
			.first_bus = bridge->first_bus,
			.last_bus = bridge->last_bus,
			.windows = &window,
			.window_count = 1,
			.osc_grant = CXLSH_OSC_CAPABILITY,
		};

		cxlsh_aml_host_bridge(buf, &acpi);
	}
}

/* A virtio-mmio device. */
static void add_disk(struct cxlsh_buf *buf)
{
	size_t device = cxlsh_aml_device(buf, "DISK");
	size_t resources;

	cxlsh_aml_name_string(buf, "_HID", "LNRO0005");
	cxlsh_aml_name_integer(buf, "_UID", 0);
	cxlsh_aml_name(buf, "_CRS");
	resources = cxlsh_aml_resources(buf);
	cxlsh_aml_memory_range(buf, LAYOUT_DISK, VIRTIO_MMIO_SIZE);
	cxlsh_aml_irq(buf, IRQ_DISK, true);
	cxlsh_aml_resources_end(buf, resources);
	cxlsh_aml_end(buf, device);
}

static void add_dsdt(struct cxlsh_buf *buf, const struct vm *vm)
{
	size_t table = cxlsh_table_begin(buf, "DSDT", 2, NULL);
	const struct cxl *cxl = vm->cxl;
	size_t scope, package;

	cxlsh_aml_name(buf, "\\_S5");
	package = cxlsh_aml_package(buf, 4);
	cxlsh_aml_integer(buf, PLATFORM_S5);
	for (int i = 0; i < 3; i++)
		cxlsh_aml_integer(buf, 0);
	cxlsh_aml_end(buf, package);
	scope = cxlsh_aml_scope(buf, "\\_SB");
	if (vm->disk)
		add_disk(buf);
	if (cxl) {
		add_motherboard(buf, cxl);
		cxlsh_aml_cxl_root(buf, "CXLM");
		add_bridges(buf, cxl);
	}
	cxlsh_aml_end(buf, scope);
	cxlsh_table_end(buf, table);
}

/* Generic Address Structure: an I/O port. */
static void put_port(struct cxlsh_buf *buf, uint32_t port, uint8_t bits)
{
	cxlsh_buf_u8(buf, 1);
	cxlsh_buf_u8(buf, bits);
	cxlsh_buf_u8(buf, 0);
	cxlsh_buf_u8(buf, bits == 8 ? 1 : bits == 16 ? 2 : 3);
	cxlsh_buf_u64(buf, port);
}

static void add_fadt(struct cxlsh_buf *buf, struct tables *tables, uint64_t facs, uint64_t dsdt)
{
	size_t table = begin(buf, tables, "FACP", 6);

	cxlsh_buf_u32(buf, facs);
	cxlsh_buf_u32(buf, dsdt);
	cxlsh_buf_u16(buf, 0);			/* unspecified profile */
	cxlsh_buf_u16(buf, IRQ_SCI);
	cxlsh_buf_zeros(buf, 8);		/* no SMI: ACPI is always on */
	cxlsh_buf_u32(buf, PORT_PM1A_EVENT);
	cxlsh_buf_u32(buf, 0);
	cxlsh_buf_u32(buf, PORT_PM1A_CONTROL);
	cxlsh_buf_zeros(buf, 8);
	cxlsh_buf_u32(buf, PORT_PM_TIMER);
	cxlsh_buf_zeros(buf, 8);		/* no GPEs */
	cxlsh_buf_u8(buf, 4);			/* lengths: event, control, timer */
	cxlsh_buf_u8(buf, 2);
	cxlsh_buf_u8(buf, 0);
	cxlsh_buf_u8(buf, 4);
	cxlsh_buf_zeros(buf, 4);
	cxlsh_buf_u16(buf, 0xffff);		/* no C2, no C3 */
	cxlsh_buf_u16(buf, 0xffff);
	cxlsh_buf_zeros(buf, 9);
	cxlsh_buf_u16(buf, BOOT_NO_VGA | BOOT_NO_CMOS_RTC);
	cxlsh_buf_u8(buf, 0);
	cxlsh_buf_u32(buf, FADT_WBINVD | FADT_PROC_C1 | FADT_NO_POWER_BUTTON |
			   FADT_NO_SLEEP_BUTTON | FADT_TIMER_32_BITS | FADT_RESET_REGISTER);
	put_port(buf, PORT_RESET, 8);
	cxlsh_buf_u8(buf, RESET_VALUE);
	cxlsh_buf_zeros(buf, 3);
	cxlsh_buf_u64(buf, 0);			/* the 32-bit fields hold them */
	cxlsh_buf_u64(buf, dsdt);
	put_port(buf, PORT_PM1A_EVENT, 32);
	cxlsh_buf_zeros(buf, 12);
	put_port(buf, PORT_PM1A_CONTROL, 16);
	cxlsh_buf_zeros(buf, 24);
	put_port(buf, PORT_PM_TIMER, 32);
	cxlsh_buf_zeros(buf, 24);
	cxlsh_buf_zeros(buf, 24 + 8);		/* sleep registers, hypervisor */
	cxlsh_table_end(buf, table);
}

static void add_madt(struct cxlsh_buf *buf, struct tables *tables, uint32_t cpus)
{
	size_t table = begin(buf, tables, "APIC", 4);

	cxlsh_buf_u32(buf, LAYOUT_LAPIC);
	cxlsh_buf_u32(buf, MADT_PCAT_COMPAT);
	for (uint32_t i = 0; i < cpus; i++) {
		cxlsh_buf_u8(buf, 0);		/* local APIC */
		cxlsh_buf_u8(buf, 8);
		cxlsh_buf_u8(buf, i);
		cxlsh_buf_u8(buf, i);
		cxlsh_buf_u32(buf, 1);		/* enabled */
	}
	cxlsh_buf_u8(buf, 1);			/* I/O APIC */
	cxlsh_buf_u8(buf, 12);
	cxlsh_buf_u16(buf, 0);
	cxlsh_buf_u32(buf, LAYOUT_IOAPIC);
	cxlsh_buf_u32(buf, 0);
	cxlsh_buf_u8(buf, 2);			/* interrupt source override */
	cxlsh_buf_u8(buf, 10);
	cxlsh_buf_u8(buf, 0);
	cxlsh_buf_u8(buf, IRQ_SCI);
	cxlsh_buf_u32(buf, IRQ_SCI);
	cxlsh_buf_u16(buf, MADT_LEVEL_HIGH);
	cxlsh_table_end(buf, table);
}

/* Node 0 has the CPUs and RAM; Linux makes a node for each CXL window. */
static void add_srat(struct cxlsh_buf *buf, struct tables *tables, const struct vm *vm)
{
	size_t table;

	cxlsh_buf_align(buf, 16);
	tables->at[tables->count++] = buf->used;
	table = cxlsh_srat_begin(buf, NULL);
	for (uint32_t i = 0; i < vm->cpus; i++)
		cxlsh_srat_cpu(buf, 0, i);
	cxlsh_srat_memory(buf, 0, 0, vm->ram.low);
	if (vm->ram.high)
		cxlsh_srat_memory(buf, 0, LAYOUT_RAM_HIGH, vm->ram.high);
	cxlsh_table_end(buf, table);
}

static void add_mcfg(struct cxlsh_buf *buf, struct tables *tables)
{
	size_t table = begin(buf, tables, "MCFG", 1);

	cxlsh_buf_zeros(buf, 8);
	cxlsh_buf_u64(buf, LAYOUT_ECAM);
	cxlsh_buf_u16(buf, 0);			/* segment */
	cxlsh_buf_u8(buf, 0);			/* buses */
	cxlsh_buf_u8(buf, 255);
	cxlsh_buf_u32(buf, 0);
	cxlsh_table_end(buf, table);
}

static void add_window(struct cxlsh_buf *buf, const struct cxl_window *window)
{
	uint32_t targets[OPTIONS_WAYS];
	const struct cxlsh_cfmws cfmws = {
		.hpa = window->hpa,
		.length = window->length,
		.ways = window->ways,
		.granularity = window->granularity,
		.xor_arithmetic = window->arithmetic == CXL_SOFTHOST_ARITHMETIC_XOR,
		.restrictions = window->restrictions,
		.targets = targets,
	};

	for (uint32_t i = 0; i < window->ways; i++)
		targets[i] = window->targets[i]->uid;
	cxlsh_cedt_cfmws(buf, &cfmws);
}

/* One structure for all windows with XOR arithmetic of a granularity. */
static void add_xor_maps(struct cxlsh_buf *buf, const struct cxl *cxl, uint32_t granularity)
{
	uint64_t maps[CXLSH_XOR_MAPS];

	for (uint32_t i = 0; i < cxl->window_count; i++) {
		if (cxl->windows[i].arithmetic != CXL_SOFTHOST_ARITHMETIC_XOR ||
		    cxl->windows[i].granularity != granularity)
			continue;
		cxl_xor_maps(granularity, maps);
		cxlsh_cedt_cxims(buf, granularity, maps, CXLSH_XOR_MAPS);
		return;
	}
}

static void add_cedt(struct cxlsh_buf *buf, struct tables *tables, const struct cxl *cxl)
{
	size_t table = begin(buf, tables, "CEDT", 1);

	for (uint32_t i = 0; i < cxl->bridge_count; i++)
		cxlsh_cedt_chbs(buf, cxl->bridges[i]->uid, cxl->bridges[i]->chbcr);
	for (uint32_t i = 0; i < cxl->window_count; i++)
		add_window(buf, &cxl->windows[i]);
	for (uint32_t granularity = 256; granularity <= 16 * KIB; granularity *= 2)
		add_xor_maps(buf, cxl, granularity);
	cxlsh_table_end(buf, table);
}

/* RSDP, revision 2: its checksums cover the first 20 bytes and all 36. */
static void write_rsdp(uint8_t *rsdp, uint64_t xsdt)
{
	const uint32_t length = 36;

	memset(rsdp, 0, length);
	memcpy(rsdp, "RSD PTR ", 8);
	memcpy(rsdp + 9, "CXLVM ", 6);
	rsdp[15] = 2;
	memcpy(rsdp + 20, &length, sizeof(length));
	memcpy(rsdp + 24, &xsdt, sizeof(xsdt));
	rsdp[8] = cxlsh_acpi_checksum(rsdp, 20);
	rsdp[32] = cxlsh_acpi_checksum(rsdp, length);
}

bool acpi_build(const struct vm *vm)
{
	uint8_t *memory = guest_ram_at(&vm->ram, LAYOUT_ACPI, LAYOUT_ACPI_SIZE);
	struct tables tables = { 0 };
	size_t facs, dsdt, xsdt;
	struct cxlsh_buf buf;

	cxlsh_buf_init(&buf, memory, LAYOUT_ACPI_SIZE);
	cxlsh_buf_zeros(&buf, 64);		/* RSDP, written last */
	facs = buf.used;
	cxlsh_buf_bytes(&buf, "FACS", 4);
	cxlsh_buf_u32(&buf, 64);
	cxlsh_buf_zeros(&buf, 24);
	cxlsh_buf_u8(&buf, 2);			/* version */
	cxlsh_buf_zeros(&buf, 31);
	dsdt = buf.used;
	add_dsdt(&buf, vm);
	add_fadt(&buf, &tables, LAYOUT_ACPI + facs, LAYOUT_ACPI + dsdt);
	add_madt(&buf, &tables, vm->cpus);
	add_srat(&buf, &tables, vm);
	if (vm->cxl) {
		add_mcfg(&buf, &tables);
		add_cedt(&buf, &tables, vm->cxl);
	}
	cxlsh_buf_align(&buf, 16);
	xsdt = cxlsh_table_begin(&buf, "XSDT", 1, NULL);
	for (uint32_t i = 0; i < tables.count; i++)
		cxlsh_buf_u64(&buf, LAYOUT_ACPI + tables.at[i]);
	cxlsh_table_end(&buf, xsdt);
	if (cxlsh_buf_status(&buf)) {
		log_error("the ACPI tables don't fit into %u bytes", LAYOUT_ACPI_SIZE);
		return false;
	}
	write_rsdp(memory, LAYOUT_ACPI + xsdt);
	return true;
}
