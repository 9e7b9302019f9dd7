/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * libcxlsofthost: a CXL Type-3 memory device.
 *
 * A PCI Express endpoint (class 0x050210) with one 64-bit memory BAR:
 *
 *	0x00000 - 0x0ffff  component registers, HDM decoders: served by the module
 *	0x10000 - 0x1ffff  device registers and mailbox: served here
 *
 * Config space: PCI Express capability, Device Serial Number, DVSEC 0 (CXL
 * device, one range: size is the capacity, valid and active, base 0), DVSEC 7
 * (Flex Bus port) and DVSEC 8 (Register Locator). There is no interrupt (no
 * MSI, MSI-X or pin: don't grant CXL memory error reporting in _OSC), no
 * function level reset, no power management and no DOE.
 *
 * Mailbox (2 KiB payload, commands complete at once): Get Supported Logs, Get
 * Log (CEL), Set Timestamp, Identify, Get Partition Info, Get Health Info; Get
 * Timestamp if there is a clock; Get and Set LSA if there is a label area; Get and
 * Set Shutdown State if there is persistent capacity. All other commands return
 * Unsupported (3). No code above 0x16 is ever returned: some guests index a table
 * with it.
 *
 * Persistent is what the caller keeps: the memory of the persistent partition, and
 * the label area. A device made again with both, the same serial number and sizes
 * has the namespaces that guests made on it before.
 */
#ifndef CXLSOFTHOST_TYPE3_H
#define CXLSOFTHOST_TYPE3_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cxlsofthost/component.h>
#include <cxlsofthost/config.h>
#include <cxlsofthost/host.h>

#ifdef __cplusplus
extern "C" {
#endif

/** CXLSH_TYPE3_BAR - the BAR register that the device's only BAR starts at */
#define CXLSH_TYPE3_BAR 0U
/** CXLSH_TYPE3_BAR_SIZE - length of that BAR */
#define CXLSH_TYPE3_BAR_SIZE 0x20000ULL
/** CXLSH_TYPE3_DEVICE_OFFSET - device registers inside that BAR */
#define CXLSH_TYPE3_DEVICE_OFFSET 0x10000ULL
/** CXLSH_MAILBOX_PAYLOAD - mailbox payload, bytes */
#define CXLSH_MAILBOX_PAYLOAD 2048U

/** CXLSH_TYPE3_PREFETCHABLE - @flags: the BAR is prefetchable */
#define CXLSH_TYPE3_PREFETCHABLE (1U << 0)

/**
 * struct cxlsh_type3_setup - what a Type-3 device is
 * @host: way to the module (reg_read, reg_write, node_set, reset)
 * @node_id: the endpoint in the module
 * @flags: CXLSH_TYPE3_*
 * @id: PCI identity
 * @serial: device serial number, shown in the DSN capability; give each device
 *	another one
 * @volatile_size: bytes, a multiple of 256 MiB, may be 0; what NODE_CREATE got
 * @persistent_size: bytes, likewise; not both may be 0
 * @fw_revision: text for Identify, up to 16 bytes; NULL for none
 * @lsa: label storage area, the caller's memory (a shared mapping of a file, if it
 *	is to be there for the next one); it survives resets. NULL for none
 * @lsa_size: bytes of @lsa. Linux wants 1 KiB at least; 128 KiB is usual
 * @now: monotonic clock in nanoseconds, or NULL: there is no Get Timestamp then
 * @now_ctx: argument of @now
 */
struct cxlsh_type3_setup {
	const struct cxlsh_host *host;
	uint32_t node_id;
	uint32_t flags;
	struct cxlsh_pci_id id;
	uint64_t serial;
	uint64_t volatile_size;
	uint64_t persistent_size;
	const char *fw_revision;
	uint8_t *lsa;
	uint32_t lsa_size;
	uint64_t (*now)(void *now_ctx);
	void *now_ctx;
};

/**
 * struct cxlsh_mailbox - primary mailbox
 * @command: Command register: opcode, payload length
 * @status: Status register: return code
 * @payload: payload registers
 * @timestamp: as set, 0 if it wasn't
 * @timestamp_set_at: clock when it was set
 * @commands: commands executed since cxlsh_type3_init()
 */
struct cxlsh_mailbox {
	uint64_t command;
	uint64_t status;
	uint8_t payload[CXLSH_MAILBOX_PAYLOAD];
	uint64_t timestamp;
	uint64_t timestamp_set_at;
	uint64_t commands;
};

/**
 * struct cxlsh_type3 - a Type-3 device
 * @config: configuration space; a VMM may add capabilities after
 *	cxlsh_type3_init(), but a reset takes them away again
 * @setup: copy of what it was made from
 * @component: its component registers
 * @mailbox: its mailbox
 * @dvsec: offset of DVSEC 0 in @config
 * @media: enum cxl_softhost_media
 * @shutdown_dirty: Shutdown State, as the guest set it; stays over resets
 */
struct cxlsh_type3 {
	struct cxlsh_config config;
	struct cxlsh_type3_setup setup;
	struct cxlsh_component component;
	struct cxlsh_mailbox mailbox;
	uint16_t dvsec;
	uint32_t media;
	bool shutdown_dirty;
};

/**
 * cxlsh_type3_init() - make a device
 * @dev: to fill in
 * @setup: what it is; copied
 *
 * The device is as after a reset, with Mem_Enable off and media ready, which is
 * what the module's new endpoint is; the module isn't called.
 *
 * Return: 0, or -EINVAL: no host or node, a size that isn't a multiple of 256
 * MiB or their sum 0 or past 2^64, an unknown flag, an impossible vendor ID, a
 * label area without memory.
 */
int cxlsh_type3_init(struct cxlsh_type3 *dev, const struct cxlsh_type3_setup *setup);

/** cxlsh_type3_config_read() - see cxlsh_config_read() */
void cxlsh_type3_config_read(const struct cxlsh_type3 *dev, uint64_t offset,
			     void *data, size_t len);

/**
 * cxlsh_type3_config_write() - guest writes configuration space
 * @dev: the device
 * @offset: any value
 * @data: the bytes
 * @len: how many
 *
 * A change of Mem_Enable goes to the module (NODE_SET). If the module refuses
 * it, the bit keeps its value and @host->result is told why.
 *
 * Return: 0, or what the module gave.
 */
int cxlsh_type3_config_write(struct cxlsh_type3 *dev, uint64_t offset,
			     const void *data, size_t len);

/**
 * cxlsh_type3_mmio_read() - guest reads from the BAR
 * @dev: the device
 * @offset: into the BAR (see cxlsh_config_find_bar()); any value
 * @data: where to put the bytes
 * @len: how many; any number
 *
 * Device registers take every width and alignment. What isn't there reads as
 * zeros.
 *
 * Return: 0, or what the module gave.
 */
int cxlsh_type3_mmio_read(const struct cxlsh_type3 *dev, uint64_t offset,
			  void *data, size_t len);

/**
 * cxlsh_type3_mmio_write() - guest writes to the BAR
 * @dev: the device
 * @offset: into the BAR; any value
 * @data: the bytes
 * @len: how many; any number
 *
 * Setting the mailbox doorbell executes the command before this returns.
 *
 * Return: 0, or what the module gave.
 */
int cxlsh_type3_mmio_write(struct cxlsh_type3 *dev, uint64_t offset,
			   const void *data, size_t len);

/**
 * cxlsh_type3_reset() - conventional reset (system, hot, secondary bus)
 * @dev: the device
 *
 * RESET of the node in the module, then config space, mailbox and timestamp go
 * to their reset values: BARs are gone until the guest programs them. Media
 * state, Shutdown State, labels and memory contents stay.
 *
 * Return: 0, or what the module gave; nothing has changed then.
 */
int cxlsh_type3_reset(struct cxlsh_type3 *dev);

/**
 * cxlsh_type3_set_mem_enable() - set Mem_Enable on behalf of firmware
 * @dev: the device
 * @enable: value
 * @result: what the module said; may be NULL
 *
 * Return: 0, or what the module gave. If @result->outcome is REFUSED the bit
 * kept its value.
 */
int cxlsh_type3_set_mem_enable(struct cxlsh_type3 *dev, bool enable,
			       struct cxl_softhost_result *result);

/**
 * cxlsh_type3_set_media() - make the media ready or not
 * @dev: the device
 * @media: enum cxl_softhost_media
 * @result: what the module said; may be NULL
 *
 * The memory stops or starts answering, and the Memory Device Status register
 * tells the guest.
 *
 * Return: 0, or what the module gave; -EINVAL for an unknown value. If
 * @result->outcome is REFUSED nothing changed.
 */
int cxlsh_type3_set_media(struct cxlsh_type3 *dev, uint32_t media,
			  struct cxl_softhost_result *result);

#ifdef __cplusplus
}
#endif

#endif /* CXLSOFTHOST_TYPE3_H */
