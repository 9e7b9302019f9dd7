/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * libcxlsofthost: device registers and mailbox of a Type-3 device.
 */
#ifndef CXLSOFTHOST_MAILBOX_H
#define CXLSOFTHOST_MAILBOX_H

#include <stddef.h>
#include <stdint.h>

#include <cxlsofthost/type3.h>

/* device-regs.c; offsets from the start of the device register block */
void cxlsh_device_read(const struct cxlsh_type3 *dev, uint64_t offset,
		       uint8_t *data, size_t len);
void cxlsh_device_write(struct cxlsh_type3 *dev, uint64_t offset,
			const uint8_t *data, size_t len);

/* mailbox.c: execute what the Command register holds */
void cxlsh_mailbox_execute(struct cxlsh_type3 *dev);
void cxlsh_mailbox_reset(struct cxlsh_mailbox *mailbox);

/* Command register: opcode and payload length; the rest is reserved */
#define CXLSH_COMMAND_OPCODE 0xffffULL
#define CXLSH_COMMAND_LENGTH_SHIFT 16
#define CXLSH_COMMAND_LENGTH 0x1fffffULL
#define CXLSH_COMMAND_MASK \
	(CXLSH_COMMAND_OPCODE | CXLSH_COMMAND_LENGTH << CXLSH_COMMAND_LENGTH_SHIFT)
/* Status register: return code */
#define CXLSH_STATUS_CODE_SHIFT 32

#endif /* CXLSOFTHOST_MAILBOX_H */
