/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* One request of a virtio block device, from its buffers to its status. */
#ifndef CXLVM_VIRTIO_BLK_REQUEST_H
#define CXLVM_VIRTIO_BLK_REQUEST_H

#include "virtqueue.h"

#define VIRTIO_BLK_SECTOR 512

struct virtio_blk_disk {
	struct guest_memory *memory;
	int fd;
	uint64_t sectors;
};

/* What a request came to. */
struct virtio_blk_done {
	uint32_t type;		/* VIRTIO_BLK_T_* */
	uint8_t status;		/* VIRTIO_BLK_S_* */
	uint32_t written;	/* from the start of the writable part */
	uint64_t bytes;		/* of data that were moved */
	uint64_t cxl_bytes;	/* ... of them to or from CXL memory */
};

/*
 * Reads or writes the file, with all buffers pinned from before the first byte is
 * moved until the status has been written. A buffer that is in no memory fails the
 * request. False if there is nowhere to put the status: nothing was done then.
 */
bool virtio_blk_execute(const struct virtio_blk_disk *disk, const struct virtqueue_chain *chain,
			struct virtio_blk_done *done);

#endif
