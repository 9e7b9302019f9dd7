// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * libcxlsofthost: capabilities that ports and devices have in common.
 */
#include <stdbool.h>
#include <stdint.h>

#include <cxlsofthost/config.h>

#include "pci-regs.h"

/* DVSEC 7, Flex Bus port: I/O and memory protocol, 68 byte flits */
#define CXLSH_FLEX_BUS_LEN 0x20
#define CXLSH_FLEX_BUS_CAP 0x0a
#define CXLSH_FLEX_BUS_CTRL 0x0c
#define CXLSH_FLEX_BUS_STATUS 0x0e
#define CXLSH_FLEX_BUS_IO (1U << 1)
#define CXLSH_FLEX_BUS_MEM (1U << 2)
#define CXLSH_FLEX_BUS_68B (1U << 5)

/* DVSEC 8, Register Locator */
#define CXLSH_LOCATOR_BLOCKS 0x0c

static const uint16_t cxlsh_protocols = CXLSH_FLEX_BUS_IO | CXLSH_FLEX_BUS_MEM |
					CXLSH_FLEX_BUS_68B;

void cxlsh_set_link(struct cxlsh_config *config, unsigned int express,
		    unsigned int flex_bus, bool up)
{
	uint16_t status = 0;

	if (up) {
		status = (uint16_t)(CXLSH_LINK_SPEED | CXLSH_LINK_WIDTH << 4);
		if (cxlsh_config_get32(config, express + PCI_EXP_LNKCAP) &
		    PCI_EXP_LNKCAP_DLLLARC)
			status |= PCI_EXP_LNKSTA_DLLLA;
	}
	cxlsh_config_set16(config, express + PCI_EXP_LNKSTA, status);
	cxlsh_config_set16(config, flex_bus + CXLSH_FLEX_BUS_STATUS,
			   up ? cxlsh_protocols : 0);
}

int cxlsh_add_express(struct cxlsh_config *config, unsigned int type,
		      uint32_t link_capabilities)
{
	int ret = cxlsh_config_add_cap(config, PCI_CAP_ID_EXP, CXLSH_EXP_LEN);
	unsigned int cap = (unsigned int)ret;

	if (ret < 0)
		return ret;

	cxlsh_config_set16(config, cap + PCI_EXP_FLAGS, (uint16_t)(2 | type << 4));
	/* 128 byte payloads; no function level reset: it wouldn't reset CXL state */
	cxlsh_config_set32(config, cap + PCI_EXP_DEVCAP, PCI_EXP_DEVCAP_RBER);
	cxlsh_config_set16(config, cap + PCI_EXP_DEVCTL,
			   PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_NOSNOOP_EN |
			   PCI_EXP_DEVCTL_READRQ_512B);
	cxlsh_config_allow(config, cap + PCI_EXP_DEVCTL, 2,
			   PCI_EXP_DEVCTL_CERE | PCI_EXP_DEVCTL_NFERE |
			   PCI_EXP_DEVCTL_FERE | PCI_EXP_DEVCTL_URRE |
			   PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_PAYLOAD |
			   PCI_EXP_DEVCTL_NOSNOOP_EN | PCI_EXP_DEVCTL_READRQ);

	cxlsh_config_set32(config, cap + PCI_EXP_LNKCAP,
			   CXLSH_LINK_SPEED | CXLSH_LINK_WIDTH << 4 |
			   link_capabilities);
	cxlsh_config_allow(config, cap + PCI_EXP_LNKCTL, 2,
			   PCI_EXP_LNKCTL_ASPMC | PCI_EXP_LNKCTL_CCC |
			   PCI_EXP_LNKCTL_ES);
	cxlsh_config_set32(config, cap + PCI_EXP_LNKCAP2, CXLSH_LINK_SPEEDS);
	cxlsh_config_set16(config, cap + PCI_EXP_LNKCTL2, CXLSH_LINK_SPEED);
	cxlsh_config_allow(config, cap + PCI_EXP_LNKCTL2, 2, PCI_EXP_LNKCTL2_TLS);
	return ret;
}

int cxlsh_add_flex_bus(struct cxlsh_config *config)
{
	int ret = cxlsh_config_add_dvsec(config, CXLSH_DVSEC_FLEX_BUS, 2,
					 CXLSH_FLEX_BUS_LEN);
	unsigned int cap = (unsigned int)ret;

	if (ret < 0)
		return ret;
	cxlsh_config_set16(config, cap + CXLSH_FLEX_BUS_CAP, cxlsh_protocols);
	cxlsh_config_set16(config, cap + CXLSH_FLEX_BUS_CTRL, CXLSH_FLEX_BUS_IO);
	return ret;
}

int cxlsh_add_register_locator(struct cxlsh_config *config,
			       const struct cxlsh_register_block *blocks,
			       unsigned int count)
{
	int ret = cxlsh_config_add_dvsec(config, CXLSH_DVSEC_REGISTER_LOCATOR, 0,
					 CXLSH_LOCATOR_BLOCKS + 8 * count);

	if (ret < 0)
		return ret;
	for (unsigned int i = 0; i < count; i++)
		cxlsh_config_set32(config,
				   (unsigned int)ret + CXLSH_LOCATOR_BLOCKS + 8 * i,
				   blocks[i].bar | (uint32_t)blocks[i].id << 8 |
				   blocks[i].offset);
	return ret;
}
