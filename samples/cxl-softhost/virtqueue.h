/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The device's side of a split virtqueue. All of it lies in memory that the guest
 * may write at any time, so everything is read once, into a copy, and then
 * checked. No indirect descriptors, no event index.
 */
#ifndef CXLVM_VIRTQUEUE_H
#define CXLVM_VIRTQUEUE_H

#include "guest-memory.h"

#define VIRTQUEUE_MAX 128

struct virtqueue {
	struct guest_memory *memory;
	uint32_t size;
	uint64_t desc, avail, used;	/* guest physical */
	bool ready;
	uint16_t next_avail, next_used;
};

struct virtqueue_buffer {
	uint64_t hpa;
	uint32_t length;
	bool write;			/* by the device */
};

/* A request: buffers that are read, then those that are written. */
struct virtqueue_chain {
	uint16_t head;
	uint32_t count;
	struct virtqueue_buffer buffers[VIRTQUEUE_MAX];
};

enum virtqueue_result {
	VIRTQUEUE_EMPTY,
	VIRTQUEUE_CHAIN,
	VIRTQUEUE_BROKEN,		/* the guest must reset the device */
};

/* False if the guest chose a size or addresses that a queue can't have. */
bool virtqueue_start(struct virtqueue *queue);

enum virtqueue_result virtqueue_pop(struct virtqueue *queue, struct virtqueue_chain *chain);

/*
 * Gives a chain back, of which the device has written @written bytes from the start
 * of its writable part. False if the ring isn't in memory any more.
 */
bool virtqueue_push(struct virtqueue *queue, uint16_t head, uint32_t written, bool *interrupt);

#endif
