/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * libcxlsofthost: ACPI tables and AML, byte by byte into a buffer of the caller.
 *
 *	struct cxlsh_buf buf;
 *	size_t table;
 *
 *	cxlsh_buf_init(&buf, memory, sizeof(memory));
 *	table = cxlsh_table_begin(&buf, "CEDT", 1, NULL);
 *	cxlsh_cedt_chbs(&buf, 7, 0x90000000);
 *	cxlsh_cedt_cfmws(&buf, &window);
 *	cxlsh_table_end(&buf, table);
 *	if (cxlsh_buf_status(&buf))
 *		...;
 *
 * Errors stick to the buffer, so one check at the end is enough. The builder
 * goes on counting when the buffer is full: @used is then what it would take.
 */
#ifndef CXLSOFTHOST_ACPI_H
#define CXLSOFTHOST_ACPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------
 * The buffer and plain bytes (acpi.c)
 * ------------------------------------------------------------------------
 */

/**
 * struct cxlsh_buf - bytes under construction
 * @data: the caller's memory; NULL (with @size 0) just counts
 * @size: how much there is
 * @used: how much is, or would be, taken
 * @error: 0, or the first -EINVAL: a value that has no encoding
 */
struct cxlsh_buf {
	uint8_t *data;
	size_t size;
	size_t used;
	int error;
};

void cxlsh_buf_init(struct cxlsh_buf *buf, void *data, size_t size);

/**
 * cxlsh_buf_status() - did all of it work?
 * @buf: the buffer
 *
 * Return: 0; -EINVAL if a value had no encoding; -ENOSPC if it is too small.
 */
int cxlsh_buf_status(const struct cxlsh_buf *buf);

/* Append little endian values, bytes, zeros */
void cxlsh_buf_u8(struct cxlsh_buf *buf, uint8_t value);
void cxlsh_buf_u16(struct cxlsh_buf *buf, uint16_t value);
void cxlsh_buf_u32(struct cxlsh_buf *buf, uint32_t value);
void cxlsh_buf_u64(struct cxlsh_buf *buf, uint64_t value);
void cxlsh_buf_bytes(struct cxlsh_buf *buf, const void *bytes, size_t len);
void cxlsh_buf_zeros(struct cxlsh_buf *buf, size_t len);

/** cxlsh_buf_align() - append zeros up to an offset that is a multiple of @to */
void cxlsh_buf_align(struct cxlsh_buf *buf, size_t to);

/* ------------------------------------------------------------------------
 * Tables (acpi.c)
 * ------------------------------------------------------------------------
 */

/**
 * struct cxlsh_acpi_oem - identity in a table header
 * @id: OEM ID, padded with blanks or zeros
 * @table_id: OEM table ID
 * @revision: OEM revision
 * @creator: creator ID
 * @creator_revision: creator revision
 */
struct cxlsh_acpi_oem {
	char id[6];
	char table_id[8];
	uint32_t revision;
	char creator[4];
	uint32_t creator_revision;
};

/**
 * cxlsh_acpi_checksum() - the byte that makes a sum of 0
 * @bytes: the bytes, with the checksum field 0 (RSDP: first 20, then all 36)
 * @len: how many
 */
uint8_t cxlsh_acpi_checksum(const void *bytes, size_t len);

/**
 * cxlsh_table_begin() - header of a table, 36 bytes
 * @buf: the buffer
 * @signature: 4 characters
 * @revision: of the table
 * @oem: identity, or NULL for the library's own
 *
 * Return: what cxlsh_table_end() wants: the offset of the table.
 */
size_t cxlsh_table_begin(struct cxlsh_buf *buf, const char *signature,
			 uint8_t revision, const struct cxlsh_acpi_oem *oem);

/**
 * cxlsh_table_end() - fill in length and checksum
 * @buf: the buffer
 * @table: from cxlsh_table_begin()
 *
 * Return: cxlsh_buf_status().
 */
int cxlsh_table_end(struct cxlsh_buf *buf, size_t table);

/* ------------------------------------------------------------------------
 * CEDT, revision 1 (acpi-tables.c)
 * ------------------------------------------------------------------------
 */

/**
 * cxlsh_cedt_chbs() - CXL Host Bridge Structure (CXL 2.0 and later)
 * @buf: in a table "CEDT", revision 1
 * @uid: integer _UID of the ACPI0016 device; one CHBS each
 * @base: address of the bridge's component block, 64 KiB, aligned to that
 */
void cxlsh_cedt_chbs(struct cxlsh_buf *buf, uint32_t uid, uint64_t base);

/** CXLSH_CFMWS_* - window restrictions: what may lie in it */
#define CXLSH_CFMWS_DEVICE_COHERENT (1U << 0)
#define CXLSH_CFMWS_HOST_ONLY (1U << 1)
#define CXLSH_CFMWS_VOLATILE (1U << 2)
#define CXLSH_CFMWS_PERSISTENT (1U << 3)
#define CXLSH_CFMWS_FIXED (1U << 4)

/**
 * struct cxlsh_cfmws - CXL Fixed Memory Window Structure
 * @hpa: base, a multiple of 256 MiB; better 2 GiB (memory block size of Linux)
 * @length: bytes, a multiple of @ways * 256 MiB, not 0
 * @ways: number of @targets
 * @granularity: bytes, a power of two from 256 to 16384; 256 if @ways is 1
 * @xor_arithmetic: false = modulo. If true, and there is a factor 2 in @ways, the
 *	CEDT needs a CXIMS for @granularity, and WINDOW_CREATE the same maps
 * @restrictions: CXLSH_CFMWS_*; Type-3 RAM regions need HOST_ONLY | VOLATILE
 * @qtg_id: QoS throttling group, 0 if there are none
 * @targets: @ways _UIDs of host bridges in interleave order, all different
 */
struct cxlsh_cfmws {
	uint64_t hpa;
	uint64_t length;
	uint32_t ways;
	uint32_t granularity;
	bool xor_arithmetic;
	uint16_t restrictions;
	uint16_t qtg_id;
	const uint32_t *targets;
};

/**
 * cxlsh_cedt_cfmws() - a window
 * @buf: in a table "CEDT", revision 1
 * @window: the window; keep it out of the E820 map and of every _CRS
 */
void cxlsh_cedt_cfmws(struct cxlsh_buf *buf, const struct cxlsh_cfmws *window);

/**
 * cxlsh_cedt_cxims() - CXL XOR Interleave Math Structure
 * @buf: in a table "CEDT", revision 1
 * @granularity: bytes, a power of two from 256 to 16384: one CXIMS for each
 *	granularity that windows with XOR arithmetic have; they share its maps
 * @maps: HPA bits whose parity is bit i of the target's position; not 0, no bit
 *	below @granularity. Linux takes the lowest bit of a map for the one that
 *	selects: let that of map i be the i-th above the granularity
 * @count: of maps, 1 to CXLSH_XOR_MAPS: what the window with the most ways needs
 *	(cxlsh_xor_map_count()), or more
 */
void cxlsh_cedt_cxims(struct cxlsh_buf *buf, uint32_t granularity,
		      const uint64_t *maps, uint32_t count);

/* ------------------------------------------------------------------------
 * SRAT, revision 3 (acpi-tables.c)
 * ------------------------------------------------------------------------
 * Describe CPUs and plain RAM, and leave the windows out: Linux gives each
 * window that no SRAT entry covers a node of its own. Without an SRAT all CXL
 * memory lands on node 0.
 */

/** cxlsh_srat_begin() - header of the SRAT; end with cxlsh_table_end() */
size_t cxlsh_srat_begin(struct cxlsh_buf *buf, const struct cxlsh_acpi_oem *oem);

/**
 * cxlsh_srat_cpu() - a CPU belongs to a domain
 * @buf: in the SRAT
 * @domain: proximity domain
 * @apic_id: above 254 an x2APIC entry is made
 */
void cxlsh_srat_cpu(struct cxlsh_buf *buf, uint32_t domain, uint32_t apic_id);

/**
 * cxlsh_srat_memory() - plain RAM belongs to a domain
 * @buf: in the SRAT
 * @domain: proximity domain
 * @base: guest physical address
 * @length: bytes
 */
void cxlsh_srat_memory(struct cxlsh_buf *buf, uint32_t domain, uint64_t base,
		       uint64_t length);

/* ------------------------------------------------------------------------
 * AML (aml.c)
 * ------------------------------------------------------------------------
 * Enough for a small DSDT. Blocks are closed with cxlsh_aml_end(), innermost
 * first. Paths are written as in ASL: "_UID", "\\_SB", "\\_SB.PC00"; names
 * shorter than 4 are padded with '_'.
 *
 *	table = cxlsh_table_begin(&buf, "DSDT", 2, NULL);
 *	scope = cxlsh_aml_scope(&buf, "\\_SB");
 *	cxlsh_aml_cxl_root(&buf, "CXLM");
 *	cxlsh_aml_host_bridge(&buf, &bridge);
 *	cxlsh_aml_end(&buf, scope);
 *	cxlsh_table_end(&buf, table);
 */

size_t cxlsh_aml_scope(struct cxlsh_buf *buf, const char *path);
size_t cxlsh_aml_device(struct cxlsh_buf *buf, const char *path);
size_t cxlsh_aml_method(struct cxlsh_buf *buf, const char *path,
			unsigned int args, bool serialized);
/** cxlsh_aml_package() - a package of @count (0-255) objects, which follow */
size_t cxlsh_aml_package(struct cxlsh_buf *buf, unsigned int count);
/** cxlsh_aml_end() - close what @start, the return value of the above, opened */
void cxlsh_aml_end(struct cxlsh_buf *buf, size_t start);

/** cxlsh_aml_name() - Name(path, object); the object follows */
void cxlsh_aml_name(struct cxlsh_buf *buf, const char *path);
void cxlsh_aml_integer(struct cxlsh_buf *buf, uint64_t value);
void cxlsh_aml_string(struct cxlsh_buf *buf, const char *text);
/** cxlsh_aml_eisaid() - "PNP0A08" as the integer that EisaId() gives */
void cxlsh_aml_eisaid(struct cxlsh_buf *buf, const char *id);
/** cxlsh_aml_uuid() - the 16 bytes that ToUUID() gives, as a Buffer */
void cxlsh_aml_uuid(struct cxlsh_buf *buf, const char *uuid);
/** cxlsh_aml_return() - Return(object); the object follows */
void cxlsh_aml_return(struct cxlsh_buf *buf);

void cxlsh_aml_name_integer(struct cxlsh_buf *buf, const char *path, uint64_t value);
void cxlsh_aml_name_string(struct cxlsh_buf *buf, const char *path, const char *text);
void cxlsh_aml_name_eisaid(struct cxlsh_buf *buf, const char *path, const char *id);

/*
 * Resource templates: Name(_CRS), cxlsh_aml_resources(), items,
 * cxlsh_aml_resources_end(). A *window* is what a bridge passes on
 * (ResourceProducer), a *range* what a device takes (ResourceConsumer).
 */
size_t cxlsh_aml_resources(struct cxlsh_buf *buf);
void cxlsh_aml_resources_end(struct cxlsh_buf *buf, size_t start);

/** cxlsh_aml_bus_window() - bus numbers @first to @last */
void cxlsh_aml_bus_window(struct cxlsh_buf *buf, uint8_t first, uint8_t last);
/** cxlsh_aml_memory_window() - memory; 32-bit descriptor if it ends below 4 GiB */
void cxlsh_aml_memory_window(struct cxlsh_buf *buf, uint64_t base,
			     uint64_t length, bool prefetchable);
/** cxlsh_aml_io_window() - I/O ports @base to @base + @length - 1 */
void cxlsh_aml_io_window(struct cxlsh_buf *buf, uint16_t base, uint32_t length);
/** cxlsh_aml_memory_range() - memory (ECAM in PNP0C02, for instance) */
void cxlsh_aml_memory_range(struct cxlsh_buf *buf, uint64_t base, uint64_t length);
/** cxlsh_aml_io_range() - up to 255 I/O ports at a fixed place */
void cxlsh_aml_io_range(struct cxlsh_buf *buf, uint16_t base, uint8_t length);
/** cxlsh_aml_irq() - a GSI; @level: level triggered, active high; else edge */
void cxlsh_aml_irq(struct cxlsh_buf *buf, uint32_t gsi, bool level);

/* ------------------------------------------------------------------------
 * The CXL devices (aml-cxl.c)
 * ------------------------------------------------------------------------
 */

/**
 * cxlsh_aml_cxl_root() - the ACPI0017 device: "there is CXL, read the CEDT"
 * @buf: inside Scope(\_SB)
 * @name: of the device, 4 characters
 */
void cxlsh_aml_cxl_root(struct cxlsh_buf *buf, const char *name);

/** CXLSH_OSC_* - what _OSC grants to the guest: PCI Express control bits */
#define CXLSH_OSC_HOTPLUG (1U << 0)
#define CXLSH_OSC_SHPC (1U << 1)
#define CXLSH_OSC_PME (1U << 2)
#define CXLSH_OSC_AER (1U << 3)
#define CXLSH_OSC_CAPABILITY (1U << 4)
#define CXLSH_OSC_LTR (1U << 5)
#define CXLSH_OSC_DPC (1U << 7)

/**
 * enum cxlsh_window_kind - kind of a host bridge's window
 * @CXLSH_WINDOW_MEMORY: memory, not prefetchable
 * @CXLSH_WINDOW_PREFETCHABLE: memory, prefetchable
 * @CXLSH_WINDOW_IO: I/O ports
 */
enum cxlsh_window_kind {
	CXLSH_WINDOW_MEMORY = 0,
	CXLSH_WINDOW_PREFETCHABLE = 1,
	CXLSH_WINDOW_IO = 2
};

/**
 * struct cxlsh_acpi_window - what a host bridge passes on
 * @kind: enum cxlsh_window_kind
 * @base: address or port
 * @length: bytes, not 0
 */
struct cxlsh_acpi_window {
	enum cxlsh_window_kind kind;
	uint64_t base;
	uint64_t length;
};

/**
 * struct cxlsh_acpi_prt - routing of one interrupt pin
 * @device: device number on the root bus
 * @pin: 0 = INTA
 * @gsi: global system interrupt
 */
struct cxlsh_acpi_prt {
	uint8_t device;
	uint8_t pin;
	uint32_t gsi;
};

/**
 * struct cxlsh_acpi_bridge - a CXL host bridge
 * @name: of the device, 4 characters ("CX00")
 * @uid: _UID, as in the CHBS
 * @segment: _SEG: PCI segment, with an ECAM range in the MCFG
 * @first_bus: _BBN: its root bus
 * @last_bus: last bus number
 * @windows: what it passes on: BARs of ports and devices are placed here. 32-bit
 *	memory is needed unless all BARs are prefetchable. The CHBCR and CXL
 *	windows must lie outside
 * @window_count: how many
 * @prt: interrupt routing; NULL for none (the library's functions have no pins)
 * @prt_count: how many
 * @osc_grant: CXLSH_OSC_* that a guest may control. CXLSH_OSC_CAPABILITY alone
 *	is right for the library's ports
 */
struct cxlsh_acpi_bridge {
	const char *name;
	uint32_t uid;
	uint16_t segment;
	uint8_t first_bus;
	uint8_t last_bus;
	const struct cxlsh_acpi_window *windows;
	size_t window_count;
	const struct cxlsh_acpi_prt *prt;
	size_t prt_count;
	uint32_t osc_grant;
};

/**
 * cxlsh_aml_host_bridge() - the ACPI0016 device
 * @buf: inside Scope(\_SB)
 * @bridge: the bridge
 *
 * _HID ACPI0016, _CID PNP0A08 and PNP0A03, _UID, _SEG, _BBN, _CRS, _PRT if
 * wanted, and _OSC for PCI host bridges and for CXL, which doesn't grant CXL
 * memory error reporting: so guests leave event logs and interrupts alone.
 */
void cxlsh_aml_host_bridge(struct cxlsh_buf *buf,
			   const struct cxlsh_acpi_bridge *bridge);

/**
 * cxlsh_aml_osc() - only the _OSC method, for a host bridge written otherwise
 * @buf: inside the device
 * @pcie_grant: CXLSH_OSC_*
 * @cxl: answer the CXL UUID as well
 */
void cxlsh_aml_osc(struct cxlsh_buf *buf, uint32_t pcie_grant, bool cxl);

#ifdef __cplusplus
}
#endif

#endif /* CXLSOFTHOST_ACPI_H */
