// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Split rings as drivers make them, and as a hostile guest does. */
#include <linux/virtio_ring.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "virtqueue.h"

#define SIZE 8
#define BYTES 4096
#define DESC 0x10000ULL
#define AVAIL 0x20000ULL
#define USED 0x30000ULL

static struct guest_memory memory;
static struct virtqueue queue;
static struct virtqueue_chain chain;

/* Each in memory of its own that ends with it: the sanitizer sees what goes beyond. */
static struct vring_desc *desc;
static struct vring_avail *avail;
static struct vring_used *used;

#define AVAIL_BYTES (sizeof(*avail) + SIZE * sizeof(avail->ring[0]))
#define USED_BYTES (sizeof(*used) + SIZE * sizeof(used->ring[0]))

static void *place(uint64_t hpa, size_t size)
{
	void *host = calloc(1, size);

	if (!host || !guest_memory_add(&memory, hpa, size, host))
		abort();
	return host;
}

static void begin(void)
{
	queue = (struct virtqueue){
		.memory = &memory, .size = SIZE, .desc = DESC, .avail = AVAIL, .used = USED,
	};
	memset(desc, 0, SIZE * sizeof(*desc));
	memset(avail, 0, AVAIL_BYTES);
	memset(used, 0, USED_BYTES);
	if (!virtqueue_start(&queue))
		abort();
}

static void describe(uint16_t index, uint64_t hpa, uint32_t length, uint16_t flags, uint16_t next)
{
	desc[index] = (struct vring_desc){ hpa, length, flags, next };
}

static void offer(uint16_t head)
{
	avail->ring[avail->idx % SIZE] = head;
	avail->idx++;
}

static bool pops(enum virtqueue_result result)
{
	return virtqueue_pop(&queue, &chain) == result;
}

static void broken(const char *name)
{
	tap_ok(pops(VIRTQUEUE_BROKEN) && !memory.pins, name);
}

static void good(void)
{
	bool interrupt = false;

	begin();
	tap_ok(pops(VIRTQUEUE_EMPTY), "an empty ring");
	describe(3, 0x1000, 16, VRING_DESC_F_NEXT, 0);
	describe(0, 0x5000, 512, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE, 7);
	describe(7, 0x6000, 1, VRING_DESC_F_WRITE, 99);
	offer(3);
	tap_ok(pops(VIRTQUEUE_CHAIN) && chain.head == 3 && chain.count == 3, "a chain of three");
	tap_ok(chain.buffers[0].hpa == 0x1000 && chain.buffers[0].length == 16 &&
	       !chain.buffers[0].write && chain.buffers[1].hpa == 0x5000 &&
	       chain.buffers[1].length == 512 && chain.buffers[1].write &&
	       chain.buffers[2].hpa == 0x6000 && chain.buffers[2].write, "... and its buffers");
	tap_ok(pops(VIRTQUEUE_EMPTY), "no second one");
	tap_ok(virtqueue_push(&queue, 3, 513, &interrupt) && interrupt && used->idx == 1 &&
	       used->ring[0].id == 3 && used->ring[0].len == 513, "given back, with an interrupt");
	avail->flags = VRING_AVAIL_F_NO_INTERRUPT;
	tap_ok(virtqueue_push(&queue, 3, 0, &interrupt) && !interrupt && used->idx == 2,
	       "without one, if the driver wants none");

	for (uint16_t i = 0; i < SIZE; i++)
		describe(i, 0x1000, 1, i + 1 < SIZE ? VRING_DESC_F_NEXT : 0, i + 1);
	offer(0);
	tap_ok(pops(VIRTQUEUE_CHAIN) && chain.count == SIZE, "a chain of all descriptors");

	begin();
	for (int round = 0; round < 0x10003; round++) {
		offer(round % SIZE);
		if (!pops(VIRTQUEUE_CHAIN) || chain.head != round % SIZE ||
		    !virtqueue_push(&queue, chain.head, round, &interrupt))
			break;
	}
	tap_ok(used->idx == 3 && used->ring[2].len == 0x10002, "the indices wrap");
	tap_ok(!memory.pins, "no pin is left");
}

static void hostile(void)
{
	begin();
	describe(0, 0x1000, 1, VRING_DESC_F_NEXT, 0);
	offer(0);
	broken("a descriptor that is its own next one");
	broken("... nor is it skipped");

	begin();
	describe(0, 0x1000, 1, VRING_DESC_F_NEXT, 1);
	describe(1, 0x1000, 1, VRING_DESC_F_NEXT, 2);
	describe(2, 0x1000, 1, VRING_DESC_F_NEXT, 1);
	offer(0);
	broken("a loop that doesn't come back to the head");

	begin();
	offer(SIZE);
	broken("a head that is no descriptor");
	begin();
	offer(0xffff);
	broken("a head far away");
	begin();
	describe(0, 0x1000, 1, VRING_DESC_F_NEXT, SIZE);
	offer(0);
	broken("a next one that is no descriptor");

	begin();
	describe(0, 0x1000, 16, VRING_DESC_F_INDIRECT, 0);
	offer(0);
	broken("an indirect table, which wasn't agreed on");
	begin();
	describe(0, 0x1000, 16, VRING_DESC_F_NEXT, 1);
	describe(1, 0x1000, 16, VRING_DESC_F_INDIRECT | VRING_DESC_F_WRITE, 0);
	offer(0);
	broken("... at the end of a chain");

	begin();
	describe(0, UINT64_MAX - 14, 16, 0, 0);
	offer(0);
	broken("a buffer that wraps");
	begin();
	describe(0, UINT64_MAX - 14, 15, 0, 0);
	offer(0);
	tap_ok(pops(VIRTQUEUE_CHAIN), "one that just doesn't");
	begin();
	describe(0, UINT64_MAX, 0, 0, 0);
	offer(0);
	tap_ok(pops(VIRTQUEUE_CHAIN) && !chain.buffers[0].length, "an empty one wraps nowhere");

	begin();
	describe(0, 0x1000, 16, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 1);
	describe(1, 0x2000, 16, 0, 0);
	offer(0);
	broken("one to be read after one to be written");

	begin();
	avail->idx = SIZE;
	tap_ok(pops(VIRTQUEUE_CHAIN), "a full ring");
	begin();
	avail->idx = SIZE + 1;
	broken("more chains than the ring has room for");
	begin();
	avail->idx = 0xffff;
	broken("an index that went backwards");
}

static bool starts(uint32_t size, uint64_t at_desc, uint64_t at_avail, uint64_t at_used)
{
	queue = (struct virtqueue){
		.memory = &memory,
		.size = size,
		.desc = at_desc,
		.avail = at_avail,
		.used = at_used,
	};
	return virtqueue_start(&queue);
}

static void places(void)
{
	bool interrupt;

	tap_ok(!starts(0, DESC, AVAIL, USED) && !starts(3, DESC, AVAIL, USED) &&
	       !starts(2 * VIRTQUEUE_MAX, DESC, AVAIL, USED) &&
	       !starts(UINT32_MAX, DESC, AVAIL, USED), "sizes that a queue can't have");
	tap_ok(!starts(SIZE, DESC + 8, AVAIL, USED) && !starts(SIZE, DESC, AVAIL + 1, USED) &&
	       !starts(SIZE, DESC, AVAIL, USED + 2), "addresses that a queue can't have");
	tap_ok(starts(VIRTQUEUE_MAX, DESC, AVAIL, USED), "the largest");
	broken("the available ring ends beyond its memory");
	tap_ok(!virtqueue_push(&queue, 0, 0, &interrupt), "the used ring does");
	begin();
	queue.size = 2 * SIZE;
	queue.avail = USED;
	used->flags = 0;
	used->idx = 1;
	broken("the descriptors do");
	starts(SIZE, DESC, UINT64_MAX - 1, UINT64_MAX - 3);
	broken("an available ring at the end of all addresses");
	tap_ok(!virtqueue_push(&queue, 0, 0, &interrupt), "a used ring there");

	begin();
	offer(0);
	guest_memory_remove_begin(&memory, AVAIL, 1);
	broken("the available ring was taken away");
	tap_ok(!virtqueue_push(&queue, 0, 0, &interrupt) && used->idx == 1,
	       "... which is noticed when asking for the interrupt");
	guest_memory_remove_begin(&memory, USED, BYTES);
	tap_ok(!virtqueue_push(&queue, 0, 0, &interrupt), "so was the used ring");
	tap_ok(!memory.pins, "no pin is left");
}

int main(void)
{
	guest_memory_init(&memory);
	desc = place(DESC, SIZE * sizeof(*desc));
	avail = place(AVAIL, AVAIL_BYTES);
	used = place(USED, USED_BYTES);
	good();
	hostile();
	places();
	free(desc);
	free(avail);
	free(used);
	free(memory.ranges);
	return tap_end();
}
