/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * libcxlsofthost: the 4 KiB configuration space of one PCI Express function.
 *
 * Used by type3.h and port.h; a VMM can use it for functions of its own.
 *
 * How a VMM routes accesses: it decodes ECAM with cxlsh_ecam_split(), finds the
 * function (its root bus: the ports by device number; else the port whose
 * secondary bus it is, or which has it further below: port.h), and calls the
 * function's config read or write. No function there: reads all-ones, writes
 * dropped. For MMIO it asks each function cxlsh_config_find_bar(), on each exit
 * or whenever @bar_generation has changed.
 */
#ifndef CXLSOFTHOST_CONFIG_H
#define CXLSOFTHOST_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** CXLSH_CONFIG_SIZE - configuration space of one function */
#define CXLSH_CONFIG_SIZE 4096U
/** CXLSH_CONFIG_BARS - BAR registers of a type 0 header; type 1 has two */
#define CXLSH_CONFIG_BARS 6U

/** CXLSH_DVSEC_VENDOR_CXL - DVSEC vendor ID of the CXL consortium */
#define CXLSH_DVSEC_VENDOR_CXL 0x1e98U

/**
 * struct cxlsh_config - configuration space of one function
 * @data: what the guest reads
 * @writable: bits that a guest's write changes
 * @clear: bits that writing 1 clears (RW1C)
 * @bar_size: by BAR register; 0 for none, and for the upper half of a 64-bit BAR
 * @bar_generation: changes whenever an address, or the Memory Space Enable bit,
 *	has changed: a VMM with a dispatch table compares it with the last one
 * @header_type: 0 or 1
 * @last_cap: offset of the last capability, 0 for none
 * @next_cap: where the next capability goes
 * @last_ext_cap: offset of the last extended capability, 0 for none
 * @next_ext_cap: where the next extended capability goes
 */
struct cxlsh_config {
	uint8_t data[CXLSH_CONFIG_SIZE];
	uint8_t writable[CXLSH_CONFIG_SIZE];
	uint8_t clear[CXLSH_CONFIG_SIZE];
	uint64_t bar_size[CXLSH_CONFIG_BARS];
	uint32_t bar_generation;
	uint8_t header_type;
	uint8_t last_cap;
	uint16_t next_cap;
	uint16_t last_ext_cap;
	uint16_t next_ext_cap;
};

/**
 * struct cxlsh_pci_id - identity of a function
 * @vendor: PCI vendor ID, of the VMM's; not 0, not 0xffff. Linux binds its CXL
 *	drivers by class, so any will do
 * @device: PCI device ID
 * @revision: revision ID
 * @subsystem_vendor: type 0 headers only
 * @subsystem: type 0 headers only
 */
struct cxlsh_pci_id {
	uint16_t vendor;
	uint16_t device;
	uint8_t revision;
	uint16_t subsystem_vendor;
	uint16_t subsystem;
};

/**
 * cxlsh_config_init() - an empty configuration space
 * @config: to fill in
 * @header_type: 0 (endpoint) or 1 (bridge)
 * @id: identity
 * @class_code: 24 bits: base class, sub-class, programming interface
 *
 * Command has writable Memory Space Enable, Bus Master Enable, Parity, SERR and
 * INTx Disable bits; there are no BARs, capabilities and interrupt pins yet.
 *
 * Return: 0, or -EINVAL.
 */
int cxlsh_config_init(struct cxlsh_config *config, unsigned int header_type,
		      const struct cxlsh_pci_id *id, uint32_t class_code);

/**
 * cxlsh_config_add_bar64() - a 64-bit memory BAR
 * @config: the function
 * @bar: register, 0-4 (type 1: 0); it and the next one are taken
 * @size: power of two, at least 4096
 * @prefetchable: says so, which lets a guest put it above 4 GiB below a bridge
 *
 * Return: 0, -EINVAL, or -EEXIST if one of the registers is in use.
 */
int cxlsh_config_add_bar64(struct cxlsh_config *config, unsigned int bar,
			   uint64_t size, bool prefetchable);

/**
 * cxlsh_config_add_cap() - a capability below 0x100
 * @config: the function
 * @id: PCI capability ID
 * @len: bytes, its header of 2 included
 *
 * Return: its offset, or -EINVAL, -ENOSPC. Body and write masks are zero.
 */
int cxlsh_config_add_cap(struct cxlsh_config *config, uint8_t id, size_t len);

/**
 * cxlsh_config_add_ext_cap() - an extended capability
 * @config: the function
 * @id: extended capability ID
 * @version: 0-15
 * @len: bytes, its header of 4 included
 *
 * Return: its offset, or -EINVAL, -ENOSPC.
 */
int cxlsh_config_add_ext_cap(struct cxlsh_config *config, uint16_t id,
			     unsigned int version, size_t len);

/**
 * cxlsh_config_add_dvsec() - a CXL DVSEC
 * @config: the function
 * @id: DVSEC ID (vendor CXLSH_DVSEC_VENDOR_CXL)
 * @revision: DVSEC revision, 0-15
 * @len: bytes, the headers of 10 included
 *
 * Return: offset of the extended capability, or -EINVAL, -ENOSPC.
 */
int cxlsh_config_add_dvsec(struct cxlsh_config *config, uint16_t id,
			   unsigned int revision, size_t len);

/* Plain access for whoever builds a function; offsets must be right */
uint8_t cxlsh_config_get8(const struct cxlsh_config *config, unsigned int offset);
uint16_t cxlsh_config_get16(const struct cxlsh_config *config, unsigned int offset);
uint32_t cxlsh_config_get32(const struct cxlsh_config *config, unsigned int offset);
void cxlsh_config_set8(struct cxlsh_config *config, unsigned int offset, uint8_t value);
void cxlsh_config_set16(struct cxlsh_config *config, unsigned int offset, uint16_t value);
void cxlsh_config_set32(struct cxlsh_config *config, unsigned int offset, uint32_t value);

/**
 * cxlsh_config_allow() - let guests write some bits
 * @config: the function
 * @offset: byte offset
 * @len: 1, 2 or 4
 * @mask: the bits
 */
void cxlsh_config_allow(struct cxlsh_config *config, unsigned int offset,
			unsigned int len, uint32_t mask);

/**
 * cxlsh_config_read() - guest reads configuration space
 * @config: the function
 * @offset: any value; what lies outside reads as zeros
 * @data: where to put the bytes
 * @len: how many; any number
 *
 * Functions with registers that do something (type3.h, port.h) have read and
 * write functions of their own: use those.
 */
void cxlsh_config_read(const struct cxlsh_config *config, uint64_t offset,
		       void *data, size_t len);

/**
 * cxlsh_config_write() - guest writes configuration space
 * @config: the function
 * @offset: any value
 * @data: the bytes
 * @len: how many; any number
 *
 * Changes writable bits, clears RW1C bits, follows BARs.
 */
void cxlsh_config_write(struct cxlsh_config *config, uint64_t offset,
			const void *data, size_t len);

/**
 * cxlsh_config_bar() - where a BAR is now
 * @config: the function
 * @bar: register (the lower one of a 64-bit BAR)
 * @addr: guest physical address; may be NULL. During sizing it is whatever the
 *	guest has written, and may be such that it wraps
 *
 * Return: true if the function decodes it (Memory Space Enable is set).
 */
bool cxlsh_config_bar(const struct cxlsh_config *config, unsigned int bar,
		      uint64_t *addr);

/**
 * cxlsh_config_find_bar() - does this function decode an address?
 * @config: the function
 * @gpa: guest physical address of an access
 * @offset: into the BAR; not NULL
 *
 * Return: the BAR, or -1. An access that runs over the BAR's end is cut by
 * whoever serves the BAR: the rest reads as zeros.
 */
int cxlsh_config_find_bar(const struct cxlsh_config *config, uint64_t gpa,
			  uint64_t *offset);

/**
 * cxlsh_ecam_split() - take an ECAM offset apart
 * @offset: from the start of the segment's ECAM range, which begins with bus 0
 * @bus: bus number (offset bits 27:20)
 * @devfn: device << 3 | function
 *
 * Return: offset into the function's configuration space, 0-4095.
 */
static inline unsigned int cxlsh_ecam_split(uint64_t offset, uint8_t *bus,
					    uint8_t *devfn)
{
	*bus = (uint8_t)(offset >> 20);
	*devfn = (uint8_t)(offset >> 12);
	return (unsigned int)(offset & 0xfff);
}

#ifdef __cplusplus
}
#endif

#endif /* CXLSOFTHOST_CONFIG_H */
