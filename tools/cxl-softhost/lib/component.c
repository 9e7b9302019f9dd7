// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * libcxlsofthost: the component register block: what lies in the CXL.cachemem
 * range goes to the module, the rest is empty.
 */
#include <string.h>

#include <cxlsofthost/component.h>

#include "internal.h"

/*
 * CXL Capability Header of a component without capabilities: ID 1, version 1,
 * CXL.cachemem version 1, array size 0.
 */
#define CXLSH_CM_HEADER_EMPTY 0x00110001U

/* REG_READ and REG_WRITE take up to 8 bytes */
#define CXLSH_REG_WIDTH_MAX 8

int cxlsh_component_read(const struct cxlsh_component *comp, uint64_t offset,
			 void *data, size_t len)
{
	uint8_t *out = data;
	size_t skip, left;
	uint64_t at;

	memset(data, 0, len);
	left = cxlsh_overlap(offset, len, CXL_SOFTHOST_CM_BASE,
			     CXL_SOFTHOST_CM_SIZE, &skip, &at);
	if (!left)
		return 0;

	if (!comp->node_id) {
		uint8_t header[4];

		cxlsh_put_le(header, CXLSH_CM_HEADER_EMPTY, sizeof(header));
		cxlsh_read_range(offset, data, len, CXL_SOFTHOST_CM_BASE,
				 header, sizeof(header));
		return 0;
	}

	for (out += skip; left;) {
		struct cxl_softhost_reg_read cmd = {
			.node_id = comp->node_id,
			.offset = (uint32_t)(CXL_SOFTHOST_CM_BASE + at),
			.width = left < CXLSH_REG_WIDTH_MAX ?
				 (uint32_t)left : CXLSH_REG_WIDTH_MAX,
		};
		uint32_t width = cmd.width;
		int ret = comp->host->ops->reg_read(comp->host->ctx, &cmd);

		if (ret) {
			memset(data, 0, len);
			return ret;
		}
		if (cmd.out_outcome == CXL_SOFTHOST_OUTCOME_DONE)
			cxlsh_put_le(out, cmd.out_value, width);
		out += width;
		at += width;
		left -= width;
	}
	return 0;
}

int cxlsh_component_write(const struct cxlsh_component *comp, uint64_t offset,
			  const void *data, size_t len)
{
	const uint8_t *in = data;
	size_t skip, left;
	uint64_t at;

	left = cxlsh_overlap(offset, len, CXL_SOFTHOST_CM_BASE,
			     CXL_SOFTHOST_CM_SIZE, &skip, &at);
	if (!left || !comp->node_id)
		return 0;

	for (in += skip; left;) {
		struct cxl_softhost_reg_write cmd = {
			.node_id = comp->node_id,
			.offset = (uint32_t)(CXL_SOFTHOST_CM_BASE + at),
			.width = left < CXLSH_REG_WIDTH_MAX ?
				 (uint32_t)left : CXLSH_REG_WIDTH_MAX,
		};
		uint32_t width = cmd.width;
		int ret;

		cmd.value = cxlsh_get_le(in, width);
		ret = comp->host->ops->reg_write(comp->host->ctx, &cmd);
		if (ret)
			return ret;
		cxlsh_report(comp->host, comp->node_id, &cmd.out_result);
		in += width;
		at += width;
		left -= width;
	}
	return 0;
}
