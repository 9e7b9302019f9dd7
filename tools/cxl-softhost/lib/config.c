// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * libcxlsofthost: configuration space of one PCI Express function.
 */
#include <errno.h>
#include <string.h>

#include <cxlsofthost/config.h>

#include "internal.h"
#include "pci-regs.h"

#define CXLSH_CAP_START 0x40
#define CXLSH_EXT_CAP_START 0x100

uint8_t cxlsh_config_get8(const struct cxlsh_config *config, unsigned int offset)
{
	return config->data[offset];
}

uint16_t cxlsh_config_get16(const struct cxlsh_config *config, unsigned int offset)
{
	return (uint16_t)cxlsh_get_le(config->data + offset, 2);
}

uint32_t cxlsh_config_get32(const struct cxlsh_config *config, unsigned int offset)
{
	return (uint32_t)cxlsh_get_le(config->data + offset, 4);
}

void cxlsh_config_set8(struct cxlsh_config *config, unsigned int offset, uint8_t value)
{
	config->data[offset] = value;
}

void cxlsh_config_set16(struct cxlsh_config *config, unsigned int offset, uint16_t value)
{
	cxlsh_put_le(config->data + offset, value, 2);
}

void cxlsh_config_set32(struct cxlsh_config *config, unsigned int offset, uint32_t value)
{
	cxlsh_put_le(config->data + offset, value, 4);
}

void cxlsh_config_allow(struct cxlsh_config *config, unsigned int offset,
			unsigned int len, uint32_t mask)
{
	cxlsh_put_le(config->writable + offset, mask, len);
}

int cxlsh_config_init(struct cxlsh_config *config, unsigned int header_type,
		      const struct cxlsh_pci_id *id, uint32_t class_code)
{
	if (header_type > 1 || !id->vendor || id->vendor == 0xffff ||
	    class_code > 0xffffff)
		return -EINVAL;

	memset(config, 0, sizeof(*config));
	config->header_type = (uint8_t)header_type;
	config->next_cap = CXLSH_CAP_START;
	config->next_ext_cap = CXLSH_EXT_CAP_START;

	cxlsh_config_set16(config, PCI_VENDOR_ID, id->vendor);
	cxlsh_config_set16(config, PCI_DEVICE_ID, id->device);
	cxlsh_config_allow(config, PCI_COMMAND, 2,
			   PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER |
			   PCI_COMMAND_PARITY | PCI_COMMAND_SERR |
			   PCI_COMMAND_INTX_DISABLE);
	cxlsh_config_set32(config, PCI_REVISION_ID, class_code << 8 | id->revision);
	cxlsh_config_allow(config, PCI_CACHE_LINE_SIZE, 1, 0xff);
	cxlsh_config_set8(config, PCI_HEADER_TYPE, (uint8_t)header_type);
	cxlsh_config_allow(config, PCI_INTERRUPT_LINE, 1, 0xff);
	if (!header_type) {
		cxlsh_config_set16(config, PCI_SUBSYSTEM_VENDOR_ID,
				   id->subsystem_vendor);
		cxlsh_config_set16(config, PCI_SUBSYSTEM_ID, id->subsystem);
	}
	return 0;
}

static unsigned int cxlsh_bar_count(const struct cxlsh_config *config)
{
	return config->header_type ? 2 : CXLSH_CONFIG_BARS;
}

int cxlsh_config_add_bar64(struct cxlsh_config *config, unsigned int bar,
			   uint64_t size, bool prefetchable)
{
	unsigned int offset = PCI_BASE_ADDRESS_0 + 4 * bar;
	uint64_t mask = ~(size - 1);

	if (bar + 1 >= cxlsh_bar_count(config) || size < 4096 ||
	    size & (size - 1))
		return -EINVAL;
	/* Every BAR that exists has bits in its flags, and a mask in its upper half */
	if (cxlsh_config_get32(config, offset) ||
	    cxlsh_config_get32(config, offset + 4) ||
	    cxlsh_get_le(config->writable + offset, 8))
		return -EEXIST;

	config->bar_size[bar] = size;
	cxlsh_config_set32(config, offset, PCI_BASE_ADDRESS_MEM_TYPE_64 |
			   (prefetchable ? PCI_BASE_ADDRESS_MEM_PREFETCH : 0));
	cxlsh_config_allow(config, offset, 4, (uint32_t)mask);
	cxlsh_config_allow(config, offset + 4, 4, (uint32_t)(mask >> 32));
	return 0;
}

int cxlsh_config_add_cap(struct cxlsh_config *config, uint8_t id, size_t len)
{
	unsigned int offset = config->next_cap;

	if (len < 2)
		return -EINVAL;
	if (len > CXLSH_EXT_CAP_START - offset)
		return -ENOSPC;

	config->data[offset] = id;
	config->data[offset + 1] = 0;
	if (config->last_cap) {
		config->data[config->last_cap + 1] = (uint8_t)offset;
	} else {
		config->data[PCI_CAPABILITY_LIST] = (uint8_t)offset;
		config->data[PCI_STATUS] |= PCI_STATUS_CAP_LIST;
	}
	config->last_cap = (uint8_t)offset;
	config->next_cap = (uint16_t)((offset + len + 3) & ~(size_t)3);
	return (int)offset;
}

int cxlsh_config_add_ext_cap(struct cxlsh_config *config, uint16_t id,
			     unsigned int version, size_t len)
{
	unsigned int offset = config->next_ext_cap;

	if (len < 4 || version > 15)
		return -EINVAL;
	if (len > CXLSH_CONFIG_SIZE - offset)
		return -ENOSPC;

	cxlsh_config_set32(config, offset, id | version << 16);
	if (config->last_ext_cap) {
		uint32_t header = cxlsh_config_get32(config, config->last_ext_cap);

		cxlsh_config_set32(config, config->last_ext_cap,
				   header | offset << 20);
	}
	config->last_ext_cap = (uint16_t)offset;
	config->next_ext_cap = (uint16_t)((offset + len + 3) & ~(size_t)3);
	return (int)offset;
}

int cxlsh_config_add_dvsec(struct cxlsh_config *config, uint16_t id,
			   unsigned int revision, size_t len)
{
	int offset;

	if (len < PCI_DVSEC_HEADER2 + 2 || len > 0xfff || revision > 15)
		return -EINVAL;
	offset = cxlsh_config_add_ext_cap(config, PCI_EXT_CAP_ID_DVSEC, 1, len);
	if (offset < 0)
		return offset;
	cxlsh_config_set32(config, (unsigned int)offset + PCI_DVSEC_HEADER1,
			   CXLSH_DVSEC_VENDOR_CXL | revision << 16 |
			   (uint32_t)len << 20);
	cxlsh_config_set16(config, (unsigned int)offset + PCI_DVSEC_HEADER2, id);
	return offset;
}

void cxlsh_config_read(const struct cxlsh_config *config, uint64_t offset,
		       void *data, size_t len)
{
	memset(data, 0, len);
	cxlsh_read_range(offset, data, len, 0, config->data, sizeof(config->data));
}

void cxlsh_config_write(struct cxlsh_config *config, uint64_t offset,
			const void *data, size_t len)
{
	const unsigned int bars = PCI_BASE_ADDRESS_0;
	const size_t bars_len = 4 * cxlsh_bar_count(config);
	uint8_t bars_before[4 * CXLSH_CONFIG_BARS];
	uint8_t command_before = config->data[PCI_COMMAND];
	const uint8_t *in = data;
	size_t skip, n;
	uint64_t at;

	memcpy(bars_before, config->data + bars, bars_len);
	n = cxlsh_overlap(offset, len, 0, CXLSH_CONFIG_SIZE, &skip, &at);
	for (size_t i = 0; i < n; i++) {
		uint8_t *byte = &config->data[at + i];
		uint8_t writable = config->writable[at + i];
		uint8_t value = in[skip + i];

		*byte = (uint8_t)((*byte & ~writable) | (value & writable));
		*byte &= (uint8_t)~(value & config->clear[at + i]);
	}

	if (memcmp(bars_before, config->data + bars, bars_len) ||
	    (command_before ^ config->data[PCI_COMMAND]) & PCI_COMMAND_MEMORY)
		config->bar_generation++;
}

bool cxlsh_config_bar(const struct cxlsh_config *config, unsigned int bar,
		      uint64_t *addr)
{
	if (bar >= CXLSH_CONFIG_BARS || !config->bar_size[bar])
		return false;
	if (addr)
		*addr = cxlsh_get_le(config->data + PCI_BASE_ADDRESS_0 + 4 * bar, 8) &
			PCI_BASE_ADDRESS_MEM_MASK;
	return config->data[PCI_COMMAND] & PCI_COMMAND_MEMORY;
}

int cxlsh_config_find_bar(const struct cxlsh_config *config, uint64_t gpa,
			  uint64_t *offset)
{
	uint64_t addr;

	for (unsigned int bar = 0; bar < cxlsh_bar_count(config); bar++) {
		if (!cxlsh_config_bar(config, bar, &addr))
			continue;
		if (gpa >= addr && gpa - addr < config->bar_size[bar]) {
			*offset = gpa - addr;
			return (int)bar;
		}
	}
	return -1;
}
