/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the VMM and its device process say to each other. For device-*.c alone. */
#ifndef CXLVM_DEVICE_MESSAGE_H
#define CXLVM_DEVICE_MESSAGE_H

#include "cxl.h"

/*
 * The VMM sends ACCESS. Until DONE comes back it answers each PENDING by FINISHED;
 * the others are told it.
 */
enum device_message_kind {
	DEVICE_ACCESS,		/* addr, length, write, data */
	DEVICE_DONE,		/* data */
	DEVICE_PENDING,		/* token */
	DEVICE_FINISHED,	/* error, result */
	DEVICE_RESULT,		/* node_id, result */
	DEVICE_MEM_ENABLE,	/* node_id, value */
	DEVICE_ERROR,		/* error */
};

struct device_message {
	enum device_message_kind kind;
	uint32_t length;
	bool write;
	bool value;
	int32_t error;
	uint32_t node_id;
	uint64_t addr;
	uint64_t token;
	uint8_t data[8];
	struct cxl_softhost_result result;
};

/* The device process, from its beginning to its end. */
_Noreturn void device_process_run(struct cxl *cxl, const struct bus *devices, int socket,
				  int softhost_fd);

#endif
