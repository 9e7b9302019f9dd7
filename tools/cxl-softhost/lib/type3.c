// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * libcxlsofthost: a Type-3 device: configuration space, and who serves which
 * part of its BAR.
 */
#include <errno.h>
#include <string.h>

#include <cxlsofthost/type3.h>

#include "internal.h"
#include "mailbox.h"
#include "pci-regs.h"

/* Memory controller, CXL, CXL 2.0 memory device interface */
#define CXLSH_TYPE3_CLASS 0x050210U

/* DVSEC 0, CXL device */
#define CXLSH_DEVICE_LEN 0x3c
#define CXLSH_DEVICE_CAP 0x0a
#define CXLSH_DEVICE_CTRL 0x0c
#define CXLSH_DEVICE_STATUS2 0x12
#define CXLSH_DEVICE_LOCK 0x14
#define CXLSH_DEVICE_RANGE1_SIZE_HIGH 0x18
#define CXLSH_DEVICE_RANGE1_SIZE_LOW 0x1c
#define CXLSH_DEVICE_RANGE1_BASE_HIGH 0x20
#define CXLSH_DEVICE_RANGE1_BASE_LOW 0x24

/* CXL.io, CXL.mem, memory initialized by hardware, one range */
#define CXLSH_DEVICE_CAP_VALUE 0x1eU
#define CXLSH_DEVICE_CTRL_IO (1U << 1)
#define CXLSH_DEVICE_CTRL_MEM (1U << 2)
#define CXLSH_DEVICE_STATUS2_RESET_COMPLETE (1U << 1)
#define CXLSH_DEVICE_LOCKED (1U << 0)
/* Valid and active; type and class: "not told here" (code 2) */
#define CXLSH_DEVICE_RANGE_FLAGS (3U | 2U << 2 | 2U << 5)
#define CXLSH_DEVICE_RANGE_LOW 0xf0000000U

#define CXLSH_DSN_LEN 0x0c

static int cxlsh_type3_config_init(struct cxlsh_type3 *dev)
{
	static const struct cxlsh_register_block blocks[] = {
		{ CXLSH_TYPE3_BAR, CXLSH_BLOCK_COMPONENT, 0 },
		{ CXLSH_TYPE3_BAR, CXLSH_BLOCK_DEVICE, CXLSH_TYPE3_DEVICE_OFFSET },
	};
	const struct cxlsh_type3_setup *setup = &dev->setup;
	uint64_t capacity = setup->volatile_size + setup->persistent_size;
	struct cxlsh_config *config = &dev->config;
	uint32_t generation = config->bar_generation;
	unsigned int cap, express;
	int ret;

	ret = cxlsh_config_init(config, 0, &setup->id, CXLSH_TYPE3_CLASS);
	if (ret)
		return ret;
	/* BARs and command went back to 0: that is news for dispatch tables */
	config->bar_generation = generation + 1;

	ret = cxlsh_config_add_bar64(config, CXLSH_TYPE3_BAR, CXLSH_TYPE3_BAR_SIZE,
				     setup->flags & CXLSH_TYPE3_PREFETCHABLE);
	if (ret)
		return ret;
	ret = cxlsh_add_express(config, PCI_EXP_TYPE_ENDPOINT, 0);
	if (ret < 0)
		return ret;
	express = (unsigned int)ret;

	ret = cxlsh_config_add_ext_cap(config, PCI_EXT_CAP_ID_DSN, 1, CXLSH_DSN_LEN);
	if (ret < 0)
		return ret;
	cap = (unsigned int)ret;
	cxlsh_config_set32(config, cap + 4, (uint32_t)setup->serial);
	cxlsh_config_set32(config, cap + 8, (uint32_t)(setup->serial >> 32));

	ret = cxlsh_config_add_dvsec(config, CXLSH_DVSEC_DEVICE, 2, CXLSH_DEVICE_LEN);
	if (ret < 0)
		return ret;
	cap = (unsigned int)ret;
	dev->dvsec = (uint16_t)ret;
	cxlsh_config_set16(config, cap + CXLSH_DEVICE_CAP, CXLSH_DEVICE_CAP_VALUE);
	/* Mem_Enable isn't in the writable mask: the module has a say in it */
	cxlsh_config_set16(config, cap + CXLSH_DEVICE_CTRL, CXLSH_DEVICE_CTRL_IO);
	cxlsh_config_set16(config, cap + CXLSH_DEVICE_STATUS2,
			   CXLSH_DEVICE_STATUS2_RESET_COMPLETE);
	cxlsh_config_allow(config, cap + CXLSH_DEVICE_LOCK, 2, CXLSH_DEVICE_LOCKED);
	cxlsh_config_set32(config, cap + CXLSH_DEVICE_RANGE1_SIZE_HIGH,
			   (uint32_t)(capacity >> 32));
	cxlsh_config_set32(config, cap + CXLSH_DEVICE_RANGE1_SIZE_LOW,
			   (uint32_t)capacity | CXLSH_DEVICE_RANGE_FLAGS);
	cxlsh_config_allow(config, cap + CXLSH_DEVICE_RANGE1_BASE_HIGH, 4, ~0U);
	cxlsh_config_allow(config, cap + CXLSH_DEVICE_RANGE1_BASE_LOW, 4,
			   CXLSH_DEVICE_RANGE_LOW);

	ret = cxlsh_add_flex_bus(config);
	if (ret < 0)
		return ret;
	/* Who can talk to a device has a link to it */
	cxlsh_set_link(config, express, (unsigned int)ret, true);
	ret = cxlsh_add_register_locator(config, blocks, CXLSH_ARRAY_SIZE(blocks));
	return ret < 0 ? ret : 0;
}

int cxlsh_type3_init(struct cxlsh_type3 *dev, const struct cxlsh_type3_setup *setup)
{
	const uint64_t low_bits = CXL_SOFTHOST_UNIT - 1;

	if (!setup->host || !setup->node_id ||
	    setup->flags & ~CXLSH_TYPE3_PREFETCHABLE ||
	    (setup->volatile_size | setup->persistent_size) & low_bits ||
	    !(setup->volatile_size | setup->persistent_size) ||
	    setup->volatile_size > UINT64_MAX - setup->persistent_size ||
	    !setup->lsa != !setup->lsa_size)
		return -EINVAL;

	memset(dev, 0, sizeof(*dev));
	dev->setup = *setup;
	dev->component.host = setup->host;
	dev->component.node_id = setup->node_id;
	dev->media = CXL_SOFTHOST_MEDIA_READY;
	return cxlsh_type3_config_init(dev);
}

static int cxlsh_type3_node_set(struct cxlsh_type3 *dev,
				struct cxl_softhost_node_set *cmd)
{
	const struct cxlsh_host *host = dev->setup.host;
	int ret;

	cmd->node_id = dev->setup.node_id;
	ret = host->ops->node_set(host->ctx, cmd);
	if (!ret)
		cxlsh_report(host, dev->setup.node_id, &cmd->out_result);
	return ret;
}

int cxlsh_type3_set_mem_enable(struct cxlsh_type3 *dev, bool enable,
			       struct cxl_softhost_result *result)
{
	struct cxl_softhost_node_set cmd = {
		.mask = CXL_SOFTHOST_SET_MEM_ENABLE,
		.mem_enable = enable,
	};
	uint8_t *ctrl = &dev->config.data[dev->dvsec + CXLSH_DEVICE_CTRL];
	int ret = cxlsh_type3_node_set(dev, &cmd);

	if (ret)
		return ret;
	if (cmd.out_result.outcome != CXL_SOFTHOST_OUTCOME_REFUSED)
		*ctrl = (uint8_t)((*ctrl & ~CXLSH_DEVICE_CTRL_MEM) |
				  (enable ? CXLSH_DEVICE_CTRL_MEM : 0));
	if (result)
		*result = cmd.out_result;
	return 0;
}

int cxlsh_type3_set_media(struct cxlsh_type3 *dev, uint32_t media,
			  struct cxl_softhost_result *result)
{
	struct cxl_softhost_node_set cmd = {
		.mask = CXL_SOFTHOST_SET_MEDIA,
		.media = media,
	};
	int ret;

	if (media != CXL_SOFTHOST_MEDIA_READY && media != CXL_SOFTHOST_MEDIA_DISABLED)
		return -EINVAL;
	ret = cxlsh_type3_node_set(dev, &cmd);
	if (ret)
		return ret;
	if (cmd.out_result.outcome != CXL_SOFTHOST_OUTCOME_REFUSED)
		dev->media = media;
	if (result)
		*result = cmd.out_result;
	return 0;
}

int cxlsh_type3_reset(struct cxlsh_type3 *dev)
{
	const struct cxlsh_host *host = dev->setup.host;
	struct cxl_softhost_reset cmd = { .node_id = dev->setup.node_id };
	int ret = host->ops->reset(host->ctx, &cmd);

	if (ret)
		return ret;
	cxlsh_report(host, dev->setup.node_id, &cmd.out_result);
	cxlsh_mailbox_reset(&dev->mailbox);
	/* It worked with the same setup in cxlsh_type3_init() */
	return cxlsh_type3_config_init(dev);
}

void cxlsh_type3_config_read(const struct cxlsh_type3 *dev, uint64_t offset,
			     void *data, size_t len)
{
	cxlsh_config_read(&dev->config, offset, data, len);
}

int cxlsh_type3_config_write(struct cxlsh_type3 *dev, uint64_t offset,
			     const void *data, size_t len)
{
	struct cxlsh_config *config = &dev->config;
	const unsigned int ctrl = dev->dvsec + CXLSH_DEVICE_CTRL;
	bool locked = config->data[dev->dvsec + CXLSH_DEVICE_LOCK] &
		      CXLSH_DEVICE_LOCKED;
	size_t skip;
	uint64_t at;
	bool now, wanted;

	cxlsh_config_write(config, offset, data, len);

	if (!locked && config->data[dev->dvsec + CXLSH_DEVICE_LOCK] &
	    CXLSH_DEVICE_LOCKED) {
		/* Write once; what it locks is read-only until reset */
		cxlsh_config_allow(config, dev->dvsec + CXLSH_DEVICE_LOCK, 2, 0);
		cxlsh_config_allow(config, dev->dvsec + CXLSH_DEVICE_RANGE1_BASE_HIGH,
				   4, 0);
		cxlsh_config_allow(config, dev->dvsec + CXLSH_DEVICE_RANGE1_BASE_LOW,
				   4, 0);
	}

	if (locked || !cxlsh_overlap(offset, len, ctrl, 1, &skip, &at))
		return 0;
	now = config->data[ctrl] & CXLSH_DEVICE_CTRL_MEM;
	wanted = ((const uint8_t *)data)[skip] & CXLSH_DEVICE_CTRL_MEM;
	return now == wanted ? 0 : cxlsh_type3_set_mem_enable(dev, wanted, NULL);
}

/*
 * A guest can make an access that begins in one block and ends in the next:
 * each serves its part.
 */
int cxlsh_type3_mmio_read(const struct cxlsh_type3 *dev, uint64_t offset,
			  void *data, size_t len)
{
	uint8_t *out = data;
	size_t skip, n;
	uint64_t at;
	int ret;

	memset(data, 0, len);
	n = cxlsh_overlap(offset, len, 0, CXLSH_COMPONENT_SIZE, &skip, &at);
	if (n) {
		ret = cxlsh_component_read(&dev->component, at, out + skip, n);
		if (ret)
			return ret;
	}
	n = cxlsh_overlap(offset, len, CXLSH_TYPE3_DEVICE_OFFSET,
			  CXLSH_COMPONENT_SIZE, &skip, &at);
	if (n)
		cxlsh_device_read(dev, at, out + skip, n);
	return 0;
}

int cxlsh_type3_mmio_write(struct cxlsh_type3 *dev, uint64_t offset,
			   const void *data, size_t len)
{
	const uint8_t *in = data;
	size_t skip, n;
	uint64_t at;
	int ret;

	n = cxlsh_overlap(offset, len, 0, CXLSH_COMPONENT_SIZE, &skip, &at);
	if (n) {
		ret = cxlsh_component_write(&dev->component, at, in + skip, n);
		if (ret)
			return ret;
	}
	n = cxlsh_overlap(offset, len, CXLSH_TYPE3_DEVICE_OFFSET,
			  CXLSH_COMPONENT_SIZE, &skip, &at);
	if (n)
		cxlsh_device_write(dev, at, in + skip, n);
	return 0;
}
