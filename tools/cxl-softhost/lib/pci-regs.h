/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * libcxlsofthost: what <linux/pci_regs.h> doesn't have in every version: the
 * CXL DVSECs and values of the PCI Express capability of our functions.
 */
#ifndef CXLSOFTHOST_PCI_REGS_H
#define CXLSOFTHOST_PCI_REGS_H

#include <linux/pci_regs.h>

/* DVSEC IDs */
#define CXLSH_DVSEC_DEVICE 0
#define CXLSH_DVSEC_PORT 3
#define CXLSH_DVSEC_PORT_GPF 4
#define CXLSH_DVSEC_FLEX_BUS 7
#define CXLSH_DVSEC_REGISTER_LOCATOR 8

/* Register Locator: block identifiers */
#define CXLSH_BLOCK_COMPONENT 1
#define CXLSH_BLOCK_DEVICE 3

/* PCI Express capability with all of its version 2 registers */
#define CXLSH_EXP_LEN 0x3c
/* 32 GT/s, x16 */
#define CXLSH_LINK_SPEED 5U
#define CXLSH_LINK_SPEEDS 0x3eU
#define CXLSH_LINK_WIDTH 16U

struct cxlsh_config;

/* What both kinds of function have (pci-common.c); -ENOSPC can't happen there */
int cxlsh_add_express(struct cxlsh_config *config, unsigned int type,
		      uint32_t link_capabilities);
int cxlsh_add_flex_bus(struct cxlsh_config *config);
/* What both say of the link: it is down until this */
void cxlsh_set_link(struct cxlsh_config *config, unsigned int express,
		    unsigned int flex_bus, bool up);

struct cxlsh_register_block {
	uint8_t bar;
	uint8_t id;
	uint32_t offset;
};

int cxlsh_add_register_locator(struct cxlsh_config *config,
			       const struct cxlsh_register_block *blocks,
			       unsigned int count);

#endif /* CXLSOFTHOST_PCI_REGS_H */
