// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * libcxlsofthost: the ACPI devices of a CXL host.
 */
#include "acpi-internal.h"

#define CXLSH_OSC_PCI_UUID "33DB4D5B-1FF7-401C-9657-7441C03DD766"
#define CXLSH_OSC_CXL_UUID "68F2D50B-C469-4D8A-BD3D-941A103FD3FC"

/* Bits of the first dword of an _OSC buffer that tell what went wrong */
#define CXLSH_OSC_FAILED (1U << 1)
#define CXLSH_OSC_UNKNOWN_UUID (1U << 2)
#define CXLSH_OSC_UNKNOWN_REVISION (1U << 3)
#define CXLSH_OSC_MASKED (1U << 4)

void cxlsh_aml_cxl_root(struct cxlsh_buf *buf, const char *name)
{
	size_t device = cxlsh_aml_device(buf, name);

	cxlsh_aml_name_string(buf, "_HID", "ACPI0017");
	cxlsh_aml_end(buf, device);
}

/* CreateDWordField(Arg3, offset, name) */
static void cxlsh_osc_field(struct cxlsh_buf *buf, uint32_t offset, const char *name)
{
	cxlsh_buf_u8(buf, AML_CREATE_DWORD_FIELD);
	cxlsh_buf_u8(buf, AML_ARG3);
	cxlsh_aml_integer(buf, offset);
	cxlsh_aml_path(buf, name);
}

/* CDW1 |= bits */
static void cxlsh_osc_tell(struct cxlsh_buf *buf, uint32_t bits)
{
	cxlsh_buf_u8(buf, AML_OR);
	cxlsh_aml_path(buf, "CDW1");
	cxlsh_aml_integer(buf, bits);
	cxlsh_aml_path(buf, "CDW1");
}

/* name &= grant, and say so if that took something away */
static void cxlsh_osc_grant(struct cxlsh_buf *buf, const char *name, uint32_t grant)
{
	size_t if_masked;

	cxlsh_buf_u8(buf, AML_AND);
	cxlsh_aml_path(buf, name);
	cxlsh_aml_integer(buf, grant);
	cxlsh_buf_u8(buf, AML_LOCAL0);

	if_masked = cxlsh_aml_block(buf, AML_IF);
	cxlsh_buf_u8(buf, AML_LNOT);
	cxlsh_buf_u8(buf, AML_LEQUAL);
	cxlsh_buf_u8(buf, AML_LOCAL0);
	cxlsh_aml_path(buf, name);
	cxlsh_osc_tell(buf, CXLSH_OSC_MASKED);
	cxlsh_aml_end(buf, if_masked);

	cxlsh_buf_u8(buf, AML_STORE);
	cxlsh_buf_u8(buf, AML_LOCAL0);
	cxlsh_aml_path(buf, name);
}

/* If (LLess(Arg2, dwords)) { failed; Return(Arg3) } */
static void cxlsh_osc_need(struct cxlsh_buf *buf, uint32_t dwords)
{
	size_t if_short = cxlsh_aml_block(buf, AML_IF);

	cxlsh_buf_u8(buf, AML_LLESS);
	cxlsh_buf_u8(buf, AML_ARG2);
	cxlsh_aml_integer(buf, dwords);
	cxlsh_osc_tell(buf, CXLSH_OSC_FAILED);
	cxlsh_aml_return(buf);
	cxlsh_buf_u8(buf, AML_ARG3);
	cxlsh_aml_end(buf, if_short);
}

static void cxlsh_osc_uuid(struct cxlsh_buf *buf, const char *uuid)
{
	cxlsh_buf_u8(buf, AML_LEQUAL);
	cxlsh_buf_u8(buf, AML_ARG0);
	cxlsh_aml_uuid(buf, uuid);
}

/*
 * Method (_OSC, 4): both UUIDs share dwords 1 (status), 2 (PCI support) and
 * 3 (PCI control); CXL adds 4 (CXL support) and 5 (CXL control: memory error
 * reporting, kept). There is no state, so the query flag needs no attention.
 */
void cxlsh_aml_osc(struct cxlsh_buf *buf, uint32_t pcie_grant, bool cxl)
{
	size_t method = cxlsh_aml_method(buf, "_OSC", 4, true);
	size_t if_uuid, if_cxl, if_revision, otherwise;

	cxlsh_osc_field(buf, 0, "CDW1");

	if_uuid = cxlsh_aml_block(buf, AML_IF);
	if (cxl)
		cxlsh_buf_u8(buf, AML_LOR);
	cxlsh_osc_uuid(buf, CXLSH_OSC_PCI_UUID);
	if (cxl)
		cxlsh_osc_uuid(buf, CXLSH_OSC_CXL_UUID);

	if_revision = cxlsh_aml_block(buf, AML_IF);
	cxlsh_buf_u8(buf, AML_LNOT);
	cxlsh_buf_u8(buf, AML_LEQUAL);
	cxlsh_buf_u8(buf, AML_ARG1);
	cxlsh_aml_integer(buf, 1);
	cxlsh_osc_tell(buf, CXLSH_OSC_UNKNOWN_REVISION);
	cxlsh_aml_end(buf, if_revision);

	cxlsh_osc_need(buf, 3);
	cxlsh_osc_field(buf, 8, "CDW3");
	cxlsh_osc_grant(buf, "CDW3", pcie_grant);

	if (cxl) {
		if_cxl = cxlsh_aml_block(buf, AML_IF);
		cxlsh_osc_uuid(buf, CXLSH_OSC_CXL_UUID);
		cxlsh_osc_need(buf, 5);
		cxlsh_osc_field(buf, 16, "CDW5");
		cxlsh_osc_grant(buf, "CDW5", 0);
		cxlsh_aml_end(buf, if_cxl);
	}
	cxlsh_aml_end(buf, if_uuid);

	otherwise = cxlsh_aml_block(buf, AML_ELSE);
	cxlsh_osc_tell(buf, CXLSH_OSC_UNKNOWN_UUID);
	cxlsh_aml_end(buf, otherwise);

	cxlsh_aml_return(buf);
	cxlsh_buf_u8(buf, AML_ARG3);
	cxlsh_aml_end(buf, method);
}

static void cxlsh_aml_prt(struct cxlsh_buf *buf, const struct cxlsh_acpi_prt *prt,
			  size_t count)
{
	size_t list, entry;

	if (count > 255) {
		cxlsh_buf_fail(buf);
		return;
	}
	cxlsh_aml_name(buf, "_PRT");
	list = cxlsh_aml_package(buf, (unsigned int)count);
	for (size_t i = 0; i < count; i++) {
		if (prt[i].device > 31 || prt[i].pin > 3)
			cxlsh_buf_fail(buf);
		entry = cxlsh_aml_package(buf, 4);
		cxlsh_aml_integer(buf, (uint32_t)prt[i].device << 16 | 0xffff);
		cxlsh_aml_integer(buf, prt[i].pin);
		cxlsh_aml_integer(buf, 0);
		cxlsh_aml_integer(buf, prt[i].gsi);
		cxlsh_aml_end(buf, entry);
	}
	cxlsh_aml_end(buf, list);
}

static void cxlsh_aml_window(struct cxlsh_buf *buf,
			     const struct cxlsh_acpi_window *window)
{
	switch (window->kind) {
	case CXLSH_WINDOW_MEMORY:
	case CXLSH_WINDOW_PREFETCHABLE:
		cxlsh_aml_memory_window(buf, window->base, window->length,
					window->kind == CXLSH_WINDOW_PREFETCHABLE);
		return;
	case CXLSH_WINDOW_IO:
		if (window->base <= UINT16_MAX && window->length <= UINT16_MAX) {
			cxlsh_aml_io_window(buf, (uint16_t)window->base,
					    (uint32_t)window->length);
			return;
		}
		break;
	}
	cxlsh_buf_fail(buf);
}

void cxlsh_aml_host_bridge(struct cxlsh_buf *buf,
			   const struct cxlsh_acpi_bridge *bridge)
{
	size_t device = cxlsh_aml_device(buf, bridge->name);
	size_t resources, cids;

	cxlsh_aml_name_string(buf, "_HID", "ACPI0016");
	/* Linux' driver for PCI host bridges matches PNP0A03 only. */
	cxlsh_aml_name(buf, "_CID");
	cids = cxlsh_aml_package(buf, 2);
	cxlsh_aml_eisaid(buf, "PNP0A08");
	cxlsh_aml_eisaid(buf, "PNP0A03");
	cxlsh_aml_end(buf, cids);
	cxlsh_aml_name_integer(buf, "_UID", bridge->uid);
	cxlsh_aml_name_integer(buf, "_SEG", bridge->segment);
	cxlsh_aml_name_integer(buf, "_BBN", bridge->first_bus);

	cxlsh_aml_name(buf, "_CRS");
	resources = cxlsh_aml_resources(buf);
	cxlsh_aml_bus_window(buf, bridge->first_bus, bridge->last_bus);
	for (size_t i = 0; i < bridge->window_count; i++)
		cxlsh_aml_window(buf, &bridge->windows[i]);
	cxlsh_aml_resources_end(buf, resources);

	if (bridge->prt)
		cxlsh_aml_prt(buf, bridge->prt, bridge->prt_count);
	cxlsh_aml_osc(buf, bridge->osc_grant, true);
	cxlsh_aml_end(buf, device);
}
