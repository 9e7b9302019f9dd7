/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The disk: a virtio block device on a file, served by a thread of its own. */
#ifndef CXLVM_VIRTIO_BLK_H
#define CXLVM_VIRTIO_BLK_H

#include <linux/virtio_blk.h>

#include "virtio-blk-request.h"
#include "virtio-mmio.h"

struct vm;

/* Requests that ended, whole bytes of data, and how many of these in CXL memory. */
struct virtio_blk_counts {
	uint64_t requests, failed;
	uint64_t read_bytes, written_bytes;
	uint64_t cxl_read_bytes, cxl_written_bytes;
};

struct virtio_blk {
	struct virtio_mmio mmio;	/* its lock guards what follows */
	struct virtio_blk_disk disk;
	struct virtio_blk_config config;
	struct virtio_blk_counts counts;
	pthread_cond_t kick, idle;
	bool kicked;
	bool busy;			/* a request is being executed, without the lock */
	pthread_t thread;
};

/*
 * The device on @file, its registers not yet on a bus, its thread not yet there.
 * mmio.set_irq and irq_opaque are the caller's to set. False after a message.
 */
bool virtio_blk_init(struct virtio_blk *blk, struct guest_memory *memory, const char *file);

/* When signals are blocked for all threads. */
bool virtio_blk_start(struct virtio_blk *blk);

/* A line of the report. */
void virtio_blk_report(struct virtio_blk *blk, const char *phase);

#endif
