/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * libcxlsofthost: the 64 KiB component register block.
 *
 * A host bridge's block (CHBCR) is at an address that the VMM chooses and
 * states in the CEDT; a struct cxlsh_component with the bridge's node is all
 * that it takes to serve it. Type-3 devices and ports have theirs in a BAR and
 * contain a struct cxlsh_component.
 */
#ifndef CXLSOFTHOST_COMPONENT_H
#define CXLSOFTHOST_COMPONENT_H

#include <stddef.h>
#include <stdint.h>

#include <cxlsofthost/host.h>

#ifdef __cplusplus
extern "C" {
#endif

/** CXLSH_COMPONENT_SIZE - length of a component register block */
#define CXLSH_COMPONENT_SIZE 0x10000ULL

/**
 * struct cxlsh_component - one component register block
 * @host: way to the module; may be NULL if @node_id is 0
 * @node_id: node in the module, or 0 for a component that has no capabilities
 *	(a root or downstream port): a bare CXL.cachemem header with an array
 *	size of 0
 *
 * Fill it in; there is no init function.
 */
struct cxlsh_component {
	const struct cxlsh_host *host;
	uint32_t node_id;
};

/**
 * cxlsh_component_read() - guest reads from the block
 * @comp: the block
 * @offset: from its start; any value
 * @data: where to put the bytes
 * @len: how many; any number, 0 included
 *
 * What lies in the CXL.cachemem range is asked of the module; everything else,
 * and what the module calls NOT_MINE, reads as zeros.
 *
 * Return: 0, or what the module gave (@data is zeros then).
 */
int cxlsh_component_read(const struct cxlsh_component *comp, uint64_t offset,
			 void *data, size_t len);

/**
 * cxlsh_component_write() - guest writes to the block
 * @comp: the block
 * @offset: from its start; any value
 * @data: the bytes
 * @len: how many; any number
 *
 * The module sees accesses of up to 8 bytes as they are. Complete the guest's
 * store after this has returned: slots and registers agree then.
 *
 * Return: 0, or what the module gave.
 */
int cxlsh_component_write(const struct cxlsh_component *comp, uint64_t offset,
			  const void *data, size_t len);

#ifdef __cplusplus
}
#endif

#endif /* CXLSOFTHOST_COMPONENT_H */
