// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * libcxlsofthost: the device register block of a Type-3 device.
 *
 *	0x000  capabilities array and three headers
 *	0x080  device status
 *	0x090  memory device status
 *	0x100  primary mailbox: registers, then 2 KiB of payload
 */
#include <string.h>

#include "internal.h"
#include "mailbox.h"

#define CXLSH_STATUS_BASE 0x80
#define CXLSH_STATUS_LEN 8
#define CXLSH_MEMDEV_BASE 0x90
#define CXLSH_MEMDEV_LEN 8
#define CXLSH_MAILBOX_BASE 0x100
#define CXLSH_MAILBOX_REGS 0x20
#define CXLSH_MAILBOX_LEN (CXLSH_MAILBOX_REGS + CXLSH_MAILBOX_PAYLOAD)

#define CXLSH_CAP_DEVICE_STATUS 0x0001
#define CXLSH_CAP_PRIMARY_MAILBOX 0x0002
#define CXLSH_CAP_MEMORY_DEVICE_STATUS 0x4000

/* Mailbox registers */
#define CXLSH_MBOX_CAPS 0x00
#define CXLSH_MBOX_CTRL 0x04
#define CXLSH_MBOX_COMMAND 0x08
#define CXLSH_MBOX_STATUS 0x10
#define CXLSH_MBOX_DOORBELL (1U << 0)
#define CXLSH_MBOX_PAYLOAD_LOG2 11

_Static_assert(1U << CXLSH_MBOX_PAYLOAD_LOG2 == CXLSH_MAILBOX_PAYLOAD,
	       "the capabilities register tells the payload size");

/* Memory device status */
#define CXLSH_MEDIA_READY (1ULL << 2)
#define CXLSH_MEDIA_DISABLED (3ULL << 2)
#define CXLSH_MAILBOX_READY (1ULL << 4)

/* All but the payload; rebuilt for each read, which keeps the state in one place */
static void cxlsh_device_registers(const struct cxlsh_type3 *dev,
				   uint8_t regs[CXLSH_MAILBOX_BASE + CXLSH_MAILBOX_REGS])
{
	static const struct {
		uint16_t id;
		uint32_t base;
		uint32_t len;
	} caps[] = {
		{ CXLSH_CAP_DEVICE_STATUS, CXLSH_STATUS_BASE, CXLSH_STATUS_LEN },
		{ CXLSH_CAP_PRIMARY_MAILBOX, CXLSH_MAILBOX_BASE, CXLSH_MAILBOX_LEN },
		{ CXLSH_CAP_MEMORY_DEVICE_STATUS, CXLSH_MEMDEV_BASE, CXLSH_MEMDEV_LEN },
	};
	uint8_t *mailbox = regs + CXLSH_MAILBOX_BASE;
	uint64_t status = CXLSH_MAILBOX_READY;

	memset(regs, 0, CXLSH_MAILBOX_BASE + CXLSH_MAILBOX_REGS);

	/* Array: ID 0, version 1, type 1 (memory device), count */
	cxlsh_put_le(regs, 1ULL << 16 | 1ULL << 24 |
		     (uint64_t)CXLSH_ARRAY_SIZE(caps) << 32, 8);
	for (size_t i = 0; i < CXLSH_ARRAY_SIZE(caps); i++) {
		uint8_t *header = regs + 0x10 * (i + 1);

		cxlsh_put_le(header, caps[i].id | 1U << 16, 4);
		cxlsh_put_le(header + 4, caps[i].base, 4);
		cxlsh_put_le(header + 8, caps[i].len, 4);
	}

	status |= dev->media == CXL_SOFTHOST_MEDIA_READY ? CXLSH_MEDIA_READY :
							   CXLSH_MEDIA_DISABLED;
	cxlsh_put_le(regs + CXLSH_MEMDEV_BASE, status, 8);

	cxlsh_put_le(mailbox + CXLSH_MBOX_CAPS, CXLSH_MBOX_PAYLOAD_LOG2, 4);
	cxlsh_put_le(mailbox + CXLSH_MBOX_COMMAND, dev->mailbox.command, 8);
	cxlsh_put_le(mailbox + CXLSH_MBOX_STATUS, dev->mailbox.status, 8);
}

void cxlsh_device_read(const struct cxlsh_type3 *dev, uint64_t offset,
		       uint8_t *data, size_t len)
{
	uint8_t regs[CXLSH_MAILBOX_BASE + CXLSH_MAILBOX_REGS];

	memset(data, 0, len);
	cxlsh_device_registers(dev, regs);
	cxlsh_read_range(offset, data, len, 0, regs, sizeof(regs));
	cxlsh_read_range(offset, data, len, CXLSH_MAILBOX_BASE + CXLSH_MAILBOX_REGS,
			 dev->mailbox.payload, sizeof(dev->mailbox.payload));
}

void cxlsh_device_write(struct cxlsh_type3 *dev, uint64_t offset,
			const uint8_t *data, size_t len)
{
	struct cxlsh_mailbox *mailbox = &dev->mailbox;
	uint8_t command[8];
	size_t skip, n;
	uint64_t at;

	n = cxlsh_overlap(offset, len, CXLSH_MAILBOX_BASE + CXLSH_MAILBOX_REGS,
			  sizeof(mailbox->payload), &skip, &at);
	if (n)
		memcpy(mailbox->payload + at, data + skip, n);

	n = cxlsh_overlap(offset, len, CXLSH_MAILBOX_BASE + CXLSH_MBOX_COMMAND,
			  sizeof(command), &skip, &at);
	if (n) {
		cxlsh_put_le(command, mailbox->command, sizeof(command));
		memcpy(command + at, data + skip, n);
		mailbox->command = cxlsh_get_le(command, sizeof(command)) &
				   CXLSH_COMMAND_MASK;
	}

	/*
	 * The doorbell comes last, so that one wide write works as well. The
	 * command is complete when this returns: nobody ever sees the bit set.
	 */
	n = cxlsh_overlap(offset, len, CXLSH_MAILBOX_BASE + CXLSH_MBOX_CTRL, 1,
			  &skip, &at);
	if (n && data[skip] & CXLSH_MBOX_DOORBELL)
		cxlsh_mailbox_execute(dev);
}
