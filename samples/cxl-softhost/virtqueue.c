// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include <linux/virtio_ring.h>
#include <string.h>

#include "virtqueue.h"

bool virtqueue_start(struct virtqueue *queue)
{
	uint32_t size = queue->size;

	queue->ready = size && size <= VIRTQUEUE_MAX && !(size & (size - 1)) &&
		       !(queue->desc % VRING_DESC_ALIGN_SIZE) &&
		       !(queue->avail % VRING_AVAIL_ALIGN_SIZE) &&
		       !(queue->used % VRING_USED_ALIGN_SIZE);
	queue->next_avail = 0;
	queue->next_used = 0;
	return queue->ready;
}

/* A part of the queue, which must be in one piece. */
static void *get(struct virtqueue *queue, uint64_t hpa, uint64_t length, struct guest_pin *pin)
{
	uint64_t found = guest_memory_get(queue->memory, hpa, length, pin);

	if (found == length)
		return pin->host;
	if (found)
		guest_memory_put(queue->memory, pin);
	return NULL;
}

/* The index of the next chain, if there is one. */
static enum virtqueue_result next_head(struct virtqueue *queue, uint16_t *head)
{
	uint64_t bytes = sizeof(struct vring_avail) + queue->size * sizeof(uint16_t);
	enum virtqueue_result result = VIRTQUEUE_CHAIN;
	struct vring_avail *avail;
	struct guest_pin pin;
	uint16_t waiting;

	avail = get(queue, queue->avail, bytes, &pin);
	if (!avail)
		return VIRTQUEUE_BROKEN;
	/* Before the entry and the descriptors that it makes available */
	waiting = __atomic_load_n(&avail->idx, __ATOMIC_ACQUIRE) - queue->next_avail;
	if (!waiting)
		result = VIRTQUEUE_EMPTY;
	else if (waiting > queue->size)
		result = VIRTQUEUE_BROKEN;
	else
		*head = __atomic_load_n(&avail->ring[queue->next_avail % queue->size],
					__ATOMIC_RELAXED);
	guest_memory_put(queue->memory, &pin);
	return result;
}

/* False if @index isn't a descriptor that a chain can go on with. */
static bool add_buffer(const struct virtqueue *queue, const struct vring_desc *table,
		       uint16_t index, struct virtqueue_chain *chain, uint16_t *flags,
		       uint16_t *next)
{
	const struct vring_desc *desc;
	struct virtqueue_buffer *buffer;

	/* As many as there are descriptors: with one more it goes in circles. */
	if (index >= queue->size || chain->count == queue->size)
		return false;
	desc = &table[index];
	buffer = &chain->buffers[chain->count];
	*flags = __atomic_load_n(&desc->flags, __ATOMIC_RELAXED);
	*next = __atomic_load_n(&desc->next, __ATOMIC_RELAXED);
	buffer->hpa = __atomic_load_n(&desc->addr, __ATOMIC_RELAXED);
	buffer->length = __atomic_load_n(&desc->len, __ATOMIC_RELAXED);
	buffer->write = *flags & VRING_DESC_F_WRITE;
	if ((*flags & VRING_DESC_F_INDIRECT) ||
	    (buffer->length && buffer->hpa > UINT64_MAX - (buffer->length - 1)))
		return false;
	if (chain->count && !buffer->write && chain->buffers[chain->count - 1].write)
		return false;
	chain->count++;
	return true;
}

enum virtqueue_result virtqueue_pop(struct virtqueue *queue, struct virtqueue_chain *chain)
{
	enum virtqueue_result result = next_head(queue, &chain->head);
	const struct vring_desc *table;
	struct guest_pin pin;
	uint16_t flags, next;

	if (result != VIRTQUEUE_CHAIN)
		return result;
	table = get(queue, queue->desc, queue->size * sizeof(*table), &pin);
	if (!table)
		return VIRTQUEUE_BROKEN;
	chain->count = 0;
	next = chain->head;
	do {
		if (!add_buffer(queue, table, next, chain, &flags, &next)) {
			result = VIRTQUEUE_BROKEN;
			break;
		}
	} while (flags & VRING_DESC_F_NEXT);
	guest_memory_put(queue->memory, &pin);
	queue->next_avail += result == VIRTQUEUE_CHAIN;
	return result;
}

/* Does the driver want to know? Asked after it can see the used entry. */
static bool wants_interrupt(struct virtqueue *queue, bool *wanted)
{
	struct guest_pin pin;
	struct vring_avail *avail = get(queue, queue->avail, sizeof(*avail), &pin);

	if (!avail)
		return false;
	*wanted = !(__atomic_load_n(&avail->flags, __ATOMIC_SEQ_CST) & VRING_AVAIL_F_NO_INTERRUPT);
	guest_memory_put(queue->memory, &pin);
	return true;
}

bool virtqueue_push(struct virtqueue *queue, uint16_t head, uint32_t written, bool *interrupt)
{
	struct guest_pin pin;
	struct vring_used *used = get(queue, queue->used,
				      sizeof(*used) + queue->size * sizeof(used->ring[0]), &pin);

	if (!used)
		return false;
	used->ring[queue->next_used % queue->size] = (struct vring_used_elem){ head, written };
	queue->next_used++;
	/* After the entry, and before the driver's wish is read */
	__atomic_store_n(&used->idx, queue->next_used, __ATOMIC_SEQ_CST);
	guest_memory_put(queue->memory, &pin);
	return wants_interrupt(queue, interrupt);
}
