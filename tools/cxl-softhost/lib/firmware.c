// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * libcxlsofthost: commit decoders before the guest boots, as firmware does.
 */
#include <errno.h>
#include <string.h>

#include <cxlsofthost/firmware.h>

#include "internal.h"

/* HDM decoder structure: offsets from CXL_SOFTHOST_HDM_BASE */
#define CXLSH_HDM_GLOBAL 0x04
#define CXLSH_HDM_DECODER(n) (0x10 + 0x20 * (n))

/* One decoder: offsets from CXLSH_HDM_DECODER() */
#define CXLSH_DECODER_BASE_LOW 0x00
#define CXLSH_DECODER_BASE_HIGH 0x04
#define CXLSH_DECODER_SIZE_LOW 0x08
#define CXLSH_DECODER_SIZE_HIGH 0x0c
#define CXLSH_DECODER_CTRL 0x10
#define CXLSH_DECODER_LIST_LOW 0x14
#define CXLSH_DECODER_LIST_HIGH 0x18

#define CXLSH_GLOBAL_ENABLE (1U << 1)

#define CXLSH_CTRL_WAYS_SHIFT 4
#define CXLSH_CTRL_LOCK (1U << 8)
#define CXLSH_CTRL_COMMIT (1U << 9)
#define CXLSH_CTRL_HOST_ONLY (1U << 12)

/* As many decoders as the capability can count */
#define CXLSH_DECODERS_MAX 32

static int cxlsh_reg_get(const struct cxlsh_host *host, uint32_t node_id,
			 uint32_t offset, uint32_t *value)
{
	struct cxl_softhost_reg_read cmd = {
		.node_id = node_id,
		.offset = CXL_SOFTHOST_HDM_BASE + offset,
		.width = 4,
	};
	int ret = host->ops->reg_read(host->ctx, &cmd);

	*value = ret ? 0 : (uint32_t)cmd.out_value;
	return ret;
}

/* Return: 0, -ECANCELED if the module didn't take it, or what it gave */
static int cxlsh_reg_put(const struct cxlsh_host *host, uint32_t node_id,
			 uint32_t offset, uint32_t value,
			 struct cxl_softhost_result *result)
{
	struct cxl_softhost_reg_write cmd = {
		.node_id = node_id,
		.offset = CXL_SOFTHOST_HDM_BASE + offset,
		.width = 4,
		.value = value,
	};
	int ret = host->ops->reg_write(host->ctx, &cmd);

	if (ret)
		return ret;
	*result = cmd.out_result;
	cxlsh_report(host, node_id, result);
	switch (result->outcome) {
	case CXL_SOFTHOST_OUTCOME_REFUSED:
	case CXL_SOFTHOST_OUTCOME_IGNORED:
	case CXL_SOFTHOST_OUTCOME_NOT_MINE:
		return -ECANCELED;
	default:
		return 0;
	}
}

int cxlsh_decoder_commit(const struct cxlsh_host *host, uint32_t kind,
			 uint32_t node_id, uint32_t index,
			 const struct cxlsh_decoder *decoder,
			 struct cxl_softhost_result *result)
{
	const uint64_t low_bits = CXL_SOFTHOST_UNIT - 1;
	int ways = cxlsh_encode_ways(decoder->ways);
	int granularity = cxlsh_encode_granularity(decoder->granularity);
	uint32_t at = CXLSH_HDM_DECODER(index);
	uint64_t list;
	uint32_t ctrl;
	int ret;

	memset(result, 0, sizeof(*result));
	result->decoder = CXL_SOFTHOST_NONE;
	if (index >= CXLSH_DECODERS_MAX || ways < 0 || granularity < 0 ||
	    (decoder->hpa | decoder->length | decoder->skip) & low_bits)
		return -EINVAL;
	switch (kind) {
	case CXL_SOFTHOST_NODE_HOST_BRIDGE:
	case CXL_SOFTHOST_NODE_SWITCH:
		if (decoder->ways > sizeof(decoder->targets) || decoder->skip)
			return -EINVAL;
		list = cxlsh_get_le(decoder->targets, sizeof(decoder->targets));
		break;
	case CXL_SOFTHOST_NODE_ENDPOINT:
		list = decoder->skip;
		break;
	default:
		return -EINVAL;
	}

	ctrl = (uint32_t)granularity | (uint32_t)ways << CXLSH_CTRL_WAYS_SHIFT |
	       CXLSH_CTRL_HOST_ONLY | (decoder->lock ? CXLSH_CTRL_LOCK : 0);

	const struct {
		uint32_t offset;
		uint32_t value;
	} writes[] = {
		{ CXLSH_DECODER_BASE_HIGH, (uint32_t)(decoder->hpa >> 32) },
		{ CXLSH_DECODER_BASE_LOW, (uint32_t)decoder->hpa },
		{ CXLSH_DECODER_SIZE_HIGH, (uint32_t)(decoder->length >> 32) },
		{ CXLSH_DECODER_SIZE_LOW, (uint32_t)decoder->length },
		{ CXLSH_DECODER_LIST_HIGH, (uint32_t)(list >> 32) },
		{ CXLSH_DECODER_LIST_LOW, (uint32_t)list },
	};

	for (size_t i = 0; i < CXLSH_ARRAY_SIZE(writes); i++) {
		ret = cxlsh_reg_put(host, node_id, at + writes[i].offset,
				    writes[i].value, result);
		if (ret)
			return ret;
	}

	ret = cxlsh_reg_put(host, node_id, at + CXLSH_DECODER_CTRL,
			    ctrl | CXLSH_CTRL_COMMIT, result);
	if (!ret && result->outcome != CXL_SOFTHOST_OUTCOME_COMMITTED)
		ret = -ECANCELED;
	if (ret == -ECANCELED && result->outcome == CXL_SOFTHOST_OUTCOME_REFUSED) {
		struct cxl_softhost_result ignored;

		/* As Linux does: ERROR NOT COMMITTED clears with COMMIT */
		cxlsh_reg_put(host, node_id, at + CXLSH_DECODER_CTRL, ctrl,
			      &ignored);
	}
	return ret;
}

int cxlsh_decoder_uncommit(const struct cxlsh_host *host, uint32_t node_id,
			   uint32_t index, struct cxl_softhost_result *result)
{
	uint32_t at = CXLSH_HDM_DECODER(index) + CXLSH_DECODER_CTRL;
	uint32_t ctrl;
	int ret;

	memset(result, 0, sizeof(*result));
	result->decoder = CXL_SOFTHOST_NONE;
	if (index >= CXLSH_DECODERS_MAX)
		return -EINVAL;
	ret = cxlsh_reg_get(host, node_id, at, &ctrl);
	if (ret)
		return ret;
	return cxlsh_reg_put(host, node_id, at, ctrl & ~CXLSH_CTRL_COMMIT,
			     result);
}

static int cxlsh_hdm_enable(const struct cxlsh_host *host, uint32_t node_id,
			    struct cxl_softhost_result *result)
{
	uint32_t value;
	int ret;

	ret = cxlsh_reg_get(host, node_id, CXLSH_HDM_GLOBAL, &value);
	if (ret)
		return ret;
	return cxlsh_reg_put(host, node_id, CXLSH_HDM_GLOBAL,
			     value | CXLSH_GLOBAL_ENABLE, result);
}

static int cxlsh_mem_enable(const struct cxlsh_host *host,
			    const struct cxlsh_firmware_region *region,
			    struct cxl_softhost_result *result)
{
	int ret;

	if (region->device) {
		ret = cxlsh_type3_set_mem_enable(region->device, true, result);
	} else {
		struct cxl_softhost_node_set cmd = {
			.node_id = region->endpoint_node,
			.mask = CXL_SOFTHOST_SET_MEM_ENABLE,
			.mem_enable = 1,
		};

		ret = host->ops->node_set(host->ctx, &cmd);
		if (!ret) {
			*result = cmd.out_result;
			cxlsh_report(host, region->endpoint_node, result);
		}
	}
	if (!ret && result->outcome == CXL_SOFTHOST_OUTCOME_REFUSED)
		ret = -ECANCELED;
	return ret;
}

int cxlsh_firmware_commit(const struct cxlsh_host *host,
			  const struct cxlsh_firmware_region *region,
			  struct cxlsh_firmware_report *report)
{
	struct cxlsh_decoder bridge = {
		.hpa = region->hpa,
		.length = region->length,
		.ways = 1,
		.granularity = region->granularity,
		.targets = { region->port },
		.lock = region->lock,
	};
	struct cxlsh_decoder endpoint = {
		.hpa = region->hpa,
		.length = region->length,
		.ways = 1,
		.granularity = region->granularity,
		.skip = region->skip,
		.lock = region->lock,
	};
	int ret;

	memset(report, 0, sizeof(*report));
	report->result.decoder = CXL_SOFTHOST_NONE;
	if (!region->length ||
	    (region->device && region->device->setup.node_id != region->endpoint_node))
		return -EINVAL;

	report->step = CXLSH_FIRMWARE_HDM_ENABLE;
	ret = cxlsh_hdm_enable(host, region->endpoint_node, &report->result);
	if (ret)
		return ret;

	report->step = CXLSH_FIRMWARE_MEM_ENABLE;
	ret = cxlsh_mem_enable(host, region, &report->result);
	if (ret)
		return ret;

	report->step = CXLSH_FIRMWARE_ENDPOINT;
	ret = cxlsh_decoder_commit(host, CXL_SOFTHOST_NODE_ENDPOINT,
				   region->endpoint_node,
				   region->endpoint_decoder, &endpoint,
				   &report->result);
	if (ret)
		return ret;

	report->step = CXLSH_FIRMWARE_BRIDGE;
	ret = cxlsh_decoder_commit(host, CXL_SOFTHOST_NODE_HOST_BRIDGE,
				   region->bridge_node, region->bridge_decoder,
				   &bridge, &report->result);
	if (ret) {
		struct cxl_softhost_result ignored;

		cxlsh_decoder_uncommit(host, region->endpoint_node,
				       region->endpoint_decoder, &ignored);
		return ret;
	}

	report->step = CXLSH_FIRMWARE_FINISHED;
	return 0;
}

const char *cxlsh_firmware_step_name(enum cxlsh_firmware_step step)
{
	switch (step) {
	case CXLSH_FIRMWARE_HDM_ENABLE:
		return "HDM decoder enable";
	case CXLSH_FIRMWARE_MEM_ENABLE:
		return "Mem_Enable";
	case CXLSH_FIRMWARE_ENDPOINT:
		return "endpoint decoder";
	case CXLSH_FIRMWARE_BRIDGE:
		return "host bridge decoder";
	case CXLSH_FIRMWARE_FINISHED:
		return "finished";
	}
	return "unknown";
}
