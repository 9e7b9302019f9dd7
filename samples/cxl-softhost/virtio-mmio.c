// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>
#include <string.h>

#include "log.h"
#include "virtio-mmio.h"

#define MAGIC	0x74726976	/* "virt" */
#define VENDOR	0x4c584321	/* nobody's: drivers don't look */

void virtio_mmio_init(struct virtio_mmio *mmio)
{
	pthread_mutex_init(&mmio->lock, NULL);
	mmio->features |= 1ULL << VIRTIO_F_VERSION_1;
}

/* The line is high while there is something that the driver hasn't acknowledged. */
static void set_interrupt(struct virtio_mmio *mmio, uint32_t interrupt)
{
	bool level = interrupt;

	mmio->interrupt = interrupt;
	if (level == mmio->irq_level)
		return;
	mmio->irq_level = level;
	mmio->set_irq(mmio->irq_opaque, level);
}

void virtio_mmio_interrupt(struct virtio_mmio *mmio)
{
	set_interrupt(mmio, mmio->interrupt | VIRTIO_MMIO_INT_VRING);
}

void virtio_mmio_fail(struct virtio_mmio *mmio)
{
	log_verbose("the guest's virtio driver broke the rules: its device needs a reset");
	mmio->status |= VIRTIO_CONFIG_S_NEEDS_RESET;
	set_interrupt(mmio, mmio->interrupt | VIRTIO_MMIO_INT_CONFIG);
}

bool virtio_mmio_is_live(const struct virtio_mmio *mmio)
{
	return (mmio->status & VIRTIO_CONFIG_S_DRIVER_OK) &&
	       !(mmio->status & VIRTIO_CONFIG_S_NEEDS_RESET) && mmio->queue.ready;
}

static void stop_queue(struct virtio_mmio *mmio)
{
	mmio->queue.ready = false;
	mmio->quiesce(mmio->opaque);
}

static void reset(struct virtio_mmio *mmio)
{
	struct guest_memory *memory = mmio->queue.memory;

	mmio->status = 0;
	stop_queue(mmio);
	mmio->queue = (struct virtqueue){ .memory = memory };
	mmio->driver_features = 0;
	mmio->device_features_select = 0;
	mmio->driver_features_select = 0;
	mmio->queue_index = 0;
	set_interrupt(mmio, 0);
}

static void set_status(struct virtio_mmio *mmio, uint32_t status)
{
	uint64_t wanted = 1ULL << VIRTIO_F_VERSION_1;

	if (!status) {
		reset(mmio);
		return;
	}
	/* Drivers set bits; the one that is the device's stays. */
	status = (status & 0xff & ~VIRTIO_CONFIG_S_NEEDS_RESET) | mmio->status;
	if (!(mmio->status & VIRTIO_CONFIG_S_FEATURES_OK) &&
	    ((mmio->driver_features & ~mmio->features) || !(mmio->driver_features & wanted)))
		status &= ~VIRTIO_CONFIG_S_FEATURES_OK;
	if (!(status & VIRTIO_CONFIG_S_FEATURES_OK))
		status &= ~VIRTIO_CONFIG_S_DRIVER_OK;
	mmio->status = status;
	mmio->notify(mmio->opaque);
}

static void set_half(uint64_t *value, bool high, uint32_t half)
{
	unsigned int shift = high ? 32 : 0;

	*value = (*value & ~(0xffffffffULL << shift)) | (uint64_t)half << shift;
}

static void set_ready(struct virtio_mmio *mmio, uint32_t ready)
{
	if (!ready)
		stop_queue(mmio);
	else if (!mmio->queue.ready && !virtqueue_start(&mmio->queue))
		virtio_mmio_fail(mmio);
}

/* Where the queue is; that can't change while it is in use. */
static void write_queue(struct virtio_mmio *mmio, uint64_t offset, uint32_t value)
{
	struct virtqueue *queue = &mmio->queue;

	if (mmio->queue_index)
		return;
	if (offset == VIRTIO_MMIO_QUEUE_READY)
		set_ready(mmio, value);
	if (queue->ready)
		return;
	switch (offset) {
	case VIRTIO_MMIO_QUEUE_NUM:
		queue->size = value;
		break;
	case VIRTIO_MMIO_QUEUE_DESC_LOW:
	case VIRTIO_MMIO_QUEUE_DESC_HIGH:
		set_half(&queue->desc, offset == VIRTIO_MMIO_QUEUE_DESC_HIGH, value);
		break;
	case VIRTIO_MMIO_QUEUE_AVAIL_LOW:
	case VIRTIO_MMIO_QUEUE_AVAIL_HIGH:
		set_half(&queue->avail, offset == VIRTIO_MMIO_QUEUE_AVAIL_HIGH, value);
		break;
	case VIRTIO_MMIO_QUEUE_USED_LOW:
	case VIRTIO_MMIO_QUEUE_USED_HIGH:
		set_half(&queue->used, offset == VIRTIO_MMIO_QUEUE_USED_HIGH, value);
		break;
	}
}

static void write_register(struct virtio_mmio *mmio, uint64_t offset, uint32_t value)
{
	switch (offset) {
	case VIRTIO_MMIO_DEVICE_FEATURES_SEL:
		mmio->device_features_select = value;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES_SEL:
		mmio->driver_features_select = value;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES:
		if (mmio->driver_features_select < 2 &&
		    !(mmio->status & VIRTIO_CONFIG_S_FEATURES_OK))
			set_half(&mmio->driver_features, mmio->driver_features_select, value);
		break;
	case VIRTIO_MMIO_QUEUE_SEL:
		mmio->queue_index = value;
		break;
	case VIRTIO_MMIO_QUEUE_NOTIFY:
		mmio->notify(mmio->opaque);
		break;
	case VIRTIO_MMIO_INTERRUPT_ACK:
		set_interrupt(mmio, mmio->interrupt & ~value);
		break;
	case VIRTIO_MMIO_STATUS:
		set_status(mmio, value);
		break;
	default:
		write_queue(mmio, offset, value);
		break;
	}
}

static uint32_t read_register(const struct virtio_mmio *mmio, uint64_t offset)
{
	switch (offset) {
	case VIRTIO_MMIO_MAGIC_VALUE:
		return MAGIC;
	case VIRTIO_MMIO_VERSION:
		return 2;
	case VIRTIO_MMIO_DEVICE_ID:
		return mmio->device_id;
	case VIRTIO_MMIO_VENDOR_ID:
		return VENDOR;
	case VIRTIO_MMIO_DEVICE_FEATURES:
		return mmio->device_features_select < 2 ?
			       mmio->features >> 32 * mmio->device_features_select : 0;
	case VIRTIO_MMIO_QUEUE_NUM_MAX:
		return mmio->queue_index ? 0 : VIRTQUEUE_MAX;
	case VIRTIO_MMIO_QUEUE_READY:
		return !mmio->queue_index && mmio->queue.ready;
	case VIRTIO_MMIO_INTERRUPT_STATUS:
		return mmio->interrupt;
	case VIRTIO_MMIO_STATUS:
		return mmio->status;
	/* No shared memory regions */
	case VIRTIO_MMIO_SHM_LEN_LOW:
	case VIRTIO_MMIO_SHM_LEN_HIGH:
		return UINT32_MAX;
	}
	return 0;
}

/* The configuration doesn't change, neither by the device nor by the driver. */
static void read_config(const struct virtio_mmio *mmio, struct bus_access *access)
{
	uint64_t at = access->offset - VIRTIO_MMIO_CONFIG;

	memset(access->data, 0, access->length);
	if (at < mmio->config_size && access->length <= mmio->config_size - at)
		memcpy(access->data, (const uint8_t *)mmio->config + at, access->length);
}

void virtio_mmio_access(void *opaque, struct bus_access *access)
{
	struct virtio_mmio *mmio = opaque;
	bool is_register = access->length == 4 && !(access->offset % 4);

	pthread_mutex_lock(&mmio->lock);
	if (access->offset >= VIRTIO_MMIO_CONFIG) {
		if (!access->write)
			read_config(mmio, access);
	} else if (access->write) {
		if (is_register)
			write_register(mmio, access->offset, bus_value(access));
	} else {
		bus_set_value(access, is_register ? read_register(mmio, access->offset) : 0);
	}
	pthread_mutex_unlock(&mmio->lock);
}
