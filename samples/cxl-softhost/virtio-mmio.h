/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The registers of a virtio device with one queue on the MMIO transport, version
 * 2: features, status, where the queue is, interrupts.
 */
#ifndef CXLVM_VIRTIO_MMIO_H
#define CXLVM_VIRTIO_MMIO_H

#include "bus.h"
#include "virtqueue.h"

struct virtio_mmio {
	/*
	 * Guards all of this. vCPUs take it with the device lock held. Whoever
	 * serves the queue takes it alone: a removal of memory, which waits for its
	 * requests, may be under way with the device lock.
	 */
	pthread_mutex_t lock;

	uint32_t device_id;
	uint64_t features;		/* offered */
	const void *config;
	uint32_t config_size;
	struct virtqueue queue;

	/* There may be something in the queue. With the lock held. */
	void (*notify)(void *opaque);
	/* Returns when nothing of the queue is in use; may let go of the lock. */
	void (*quiesce)(void *opaque);
	void *opaque;
	void (*set_irq)(void *irq_opaque, bool level);
	void *irq_opaque;

	uint32_t status, interrupt;
	uint64_t driver_features;
	uint32_t device_features_select, driver_features_select, queue_index;
	bool irq_level;
};

/* What the users fill in: from device_id to irq_opaque. */
void virtio_mmio_init(struct virtio_mmio *mmio);

/* The access of a vCPU: a bus_fn for a range of VIRTIO_MMIO_SIZE bytes. */
#define VIRTIO_MMIO_SIZE 0x1000
void virtio_mmio_access(void *opaque, struct bus_access *access);

/* With the lock held: may the device use its queue? */
bool virtio_mmio_is_live(const struct virtio_mmio *mmio);

/* With the lock held: there are used buffers. */
void virtio_mmio_interrupt(struct virtio_mmio *mmio);

/* With the lock held: the queue makes no sense, so the driver has to reset the device. */
void virtio_mmio_fail(struct virtio_mmio *mmio);

#endif
