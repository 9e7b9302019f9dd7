// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The block device as a driver sees it: registers, queue, interrupts, with its
 * thread; and as a guest sees it that writes whatever it likes.
 */
#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "report.h"
#include "tap.h"
#include "virtio-blk.h"
#include "wrap.h"

#define SECTORS 16
#define RAM_BYTES 0x10000
#define DESC 0x1000ULL
#define AVAIL 0x2000ULL
#define USED 0x3000ULL
#define HEADER 0x4000ULL
#define STATUS 0x4800ULL
#define DATA 0x5000ULL
#define QUEUE 8
/* Long enough for any machine; reached only by what is wrong. */
#define PATIENCE 30

static struct guest_memory memory;
static struct virtio_blk blk;
static uint8_t *ram;
static _Atomic bool irq;
static _Atomic uint32_t irq_changes;
static uint16_t offered;

/* Requests are held when that is wanted. */
static _Atomic bool hold;
static sem_t held, go_on;
static _Atomic bool moved;

ssize_t __wrap_pread(int fd, void *to, size_t size, off_t offset)
{
	ssize_t done;

	if (!hold)
		return __real_pread(fd, to, size, offset);
	sem_post(&held);
	sem_wait(&go_on);
	done = __real_pread(fd, to, size, offset);
	moved = true;
	return done;
}

static void set_irq(void *opaque, bool level)
{
	(void)opaque;
	irq = level;
	irq_changes++;
}

static void write_wide(uint64_t offset, uint64_t value, uint32_t length)
{
	uint8_t data[8];

	memcpy(data, &value, sizeof(data));
	virtio_mmio_access(&blk.mmio, &(struct bus_access){ offset, length, true, data });
}

static uint64_t read_wide(uint64_t offset, uint32_t length)
{
	uint8_t data[8] = { 0 };
	uint64_t value;

	virtio_mmio_access(&blk.mmio, &(struct bus_access){ offset, length, false, data });
	memcpy(&value, data, sizeof(value));
	return value;
}

static void put(uint64_t offset, uint32_t value)
{
	write_wide(offset, value, 4);
}

static uint32_t get(uint64_t offset)
{
	return read_wide(offset, 4);
}

static uint64_t features(void)
{
	uint64_t low;

	put(VIRTIO_MMIO_DEVICE_FEATURES_SEL, 0);
	low = get(VIRTIO_MMIO_DEVICE_FEATURES);
	put(VIRTIO_MMIO_DEVICE_FEATURES_SEL, 1);
	return low | (uint64_t)get(VIRTIO_MMIO_DEVICE_FEATURES) << 32;
}

/* As far as FEATURES_OK, with these features; is it still set? */
static bool negotiate(uint64_t wanted)
{
	put(VIRTIO_MMIO_STATUS, 0);
	put(VIRTIO_MMIO_STATUS, VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER);
	put(VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
	put(VIRTIO_MMIO_DRIVER_FEATURES, wanted);
	put(VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	put(VIRTIO_MMIO_DRIVER_FEATURES, wanted >> 32);
	put(VIRTIO_MMIO_STATUS, get(VIRTIO_MMIO_STATUS) | VIRTIO_CONFIG_S_FEATURES_OK);
	return get(VIRTIO_MMIO_STATUS) & VIRTIO_CONFIG_S_FEATURES_OK;
}

static void set_up_queue(uint32_t size, uint64_t avail)
{
	put(VIRTIO_MMIO_QUEUE_SEL, 0);
	put(VIRTIO_MMIO_QUEUE_NUM, size);
	put(VIRTIO_MMIO_QUEUE_DESC_LOW, DESC);
	put(VIRTIO_MMIO_QUEUE_DESC_HIGH, 0);
	put(VIRTIO_MMIO_QUEUE_AVAIL_LOW, avail);
	put(VIRTIO_MMIO_QUEUE_AVAIL_HIGH, avail >> 32);
	put(VIRTIO_MMIO_QUEUE_USED_LOW, USED);
	put(VIRTIO_MMIO_QUEUE_USED_HIGH, 0);
	put(VIRTIO_MMIO_QUEUE_READY, 1);
}

static bool start_at(uint64_t avail)
{
	bool ok = negotiate(features());

	memset(ram, 0, HEADER);
	offered = 0;
	set_up_queue(QUEUE, avail);
	put(VIRTIO_MMIO_STATUS, get(VIRTIO_MMIO_STATUS) | VIRTIO_CONFIG_S_DRIVER_OK);
	return ok;
}

static bool start(void)
{
	return start_at(AVAIL) && get(VIRTIO_MMIO_STATUS) == 0xf &&
	       get(VIRTIO_MMIO_QUEUE_READY) == 1;
}

/* A read of a sector, told to the device. */
static void offer(uint64_t sector)
{
	const struct virtio_blk_outhdr header = { .type = VIRTIO_BLK_T_IN, .sector = sector };
	const struct vring_desc chain[] = {
		{ HEADER, sizeof(header), VRING_DESC_F_NEXT, 1 },
		{ DATA, VIRTIO_BLK_SECTOR, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE, 2 },
		{ STATUS, 1, VRING_DESC_F_WRITE, 0 },
	};
	struct vring_avail *avail = (void *)(ram + AVAIL);

	memcpy(ram + HEADER, &header, sizeof(header));
	memcpy(ram + DESC, chain, sizeof(chain));
	memset(ram + DATA, 0, VIRTIO_BLK_SECTOR);
	ram[STATUS] = 0xee;
	avail->ring[offered++ % QUEUE] = 0;
	__atomic_store_n(&avail->idx, offered, __ATOMIC_RELEASE);
	put(VIRTIO_MMIO_QUEUE_NOTIFY, 0);
}

static uint16_t used(void)
{
	return __atomic_load_n(&((struct vring_used *)(ram + USED))->idx, __ATOMIC_ACQUIRE);
}

static bool wait_until(bool (*happened)(void))
{
	for (int tries = 0; tries < PATIENCE * 1000; tries++) {
		if (happened())
			return true;
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
	return false;
}

static bool is_used(void)
{
	return used() == offered && irq;
}

static bool needs_reset(void)
{
	return get(VIRTIO_MMIO_STATUS) & VIRTIO_CONFIG_S_NEEDS_RESET;
}

/* Reads a sector, whose bytes are all its number plus one. */
static bool reads(uint64_t sector)
{
	offer(sector);
	return wait_until(is_used) && !ram[STATUS] && ram[DATA] == sector + 1 &&
	       ram[DATA + VIRTIO_BLK_SECTOR - 1] == sector + 1;
}

static bool acknowledges(void)
{
	uint32_t interrupt = get(VIRTIO_MMIO_INTERRUPT_STATUS);

	put(VIRTIO_MMIO_INTERRUPT_ACK, interrupt);
	return interrupt == VIRTIO_MMIO_INT_VRING && !irq && !get(VIRTIO_MMIO_INTERRUPT_STATUS);
}

static void found(void)
{
	tap_ok(get(VIRTIO_MMIO_MAGIC_VALUE) == 0x74726976 && get(VIRTIO_MMIO_VERSION) == 2 &&
	       get(VIRTIO_MMIO_DEVICE_ID) == 2, "a virtio block device");
	tap_ok(read_wide(VIRTIO_MMIO_CONFIG, 8) == SECTORS &&
	       read_wide(VIRTIO_MMIO_CONFIG, 4) == SECTORS &&
	       read_wide(VIRTIO_MMIO_CONFIG + 1, 1) == 0, "its capacity");
	tap_ok(features() == (1ULL << VIRTIO_F_VERSION_1 | 1ULL << VIRTIO_BLK_F_SEG_MAX |
			      1ULL << VIRTIO_BLK_F_FLUSH), "its features");
	put(VIRTIO_MMIO_DEVICE_FEATURES_SEL, 2);
	tap_ok(!get(VIRTIO_MMIO_DEVICE_FEATURES), "no more of them");
	tap_ok(!negotiate(1ULL << VIRTIO_BLK_F_FLUSH), "legacy drivers are refused");
	tap_ok(!negotiate(features() | 1ULL << VIRTIO_BLK_F_RO),
	       "features that aren't offered too");
	put(VIRTIO_MMIO_STATUS, 0xf);
	tap_ok(!(get(VIRTIO_MMIO_STATUS) & VIRTIO_CONFIG_S_DRIVER_OK), "no start without them");
	tap_ok(negotiate(1ULL << VIRTIO_F_VERSION_1), "one feature is enough");
	tap_ok(get(VIRTIO_MMIO_QUEUE_NUM_MAX) == VIRTQUEUE_MAX, "a queue");
	put(VIRTIO_MMIO_QUEUE_SEL, 1);
	tap_ok(!get(VIRTIO_MMIO_QUEUE_NUM_MAX) && !get(VIRTIO_MMIO_QUEUE_READY), "one only");
}

static void used_well(void)
{
	tap_ok(start(), "the driver starts it");
	tap_ok(reads(3) && acknowledges(), "reads a sector, with an interrupt");
	tap_ok(reads(5) && reads(6) && reads(7), "... and more without acknowledging");
	tap_ok(irq_changes == 3 && acknowledges(), "the line stayed high for these");
	put(VIRTIO_MMIO_QUEUE_NUM, 3);
	put(VIRTIO_MMIO_QUEUE_DESC_LOW, 7);
	tap_ok(reads(8), "a queue in use doesn't move");
	put(VIRTIO_MMIO_STATUS, 0);
	tap_ok(!irq && !get(VIRTIO_MMIO_STATUS) && !get(VIRTIO_MMIO_QUEUE_READY),
	       "a reset ends it");
	offer(1);
	nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
	tap_ok(ram[STATUS] == 0xee && !irq, "then nothing is served");
	tap_ok(start() && reads(1), "until it starts again");
}

static void *let_go(void *opaque)
{
	(void)opaque;
	nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
	hold = false;
	sem_post(&go_on);
	return NULL;
}

/* Stops a device that is in the middle of a request, by that register. */
static void stopped_by(uint64_t reg, const char *name)
{
	pthread_t thread;
	uint16_t before;

	start();
	before = used();
	moved = false;
	hold = true;
	offer(2);
	sem_wait(&held);
	pthread_create(&thread, NULL, let_go, NULL);
	put(reg, 0);
	tap_ok(moved && used() == before && !irq, name);
	pthread_join(thread, NULL);
}

static void broken(void)
{
	start();
	((struct vring_avail *)(ram + AVAIL))->idx = 100;
	put(VIRTIO_MMIO_QUEUE_NOTIFY, 0);
	tap_ok(wait_until(needs_reset) && irq &&
	       get(VIRTIO_MMIO_INTERRUPT_STATUS) == VIRTIO_MMIO_INT_CONFIG,
	       "a queue that makes no sense");
	offer(1);
	nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
	tap_ok(!used() && ram[STATUS] == 0xee, "nothing is served then");
	put(VIRTIO_MMIO_STATUS, 0xf);
	tap_ok(needs_reset(), "the driver can't deny it");
	tap_ok(start() && !irq && reads(1), "a reset helps");

	start();
	offered = 0;
	((struct vring_desc *)(ram + DESC))[0].len = 0;
	((struct vring_avail *)(ram + AVAIL))->idx = 1;
	put(VIRTIO_MMIO_QUEUE_NOTIFY, 0);
	tap_ok(wait_until(needs_reset), "a request with nowhere to put its status");
	start_at(AVAIL + 1);
	tap_ok(needs_reset() && !get(VIRTIO_MMIO_QUEUE_READY), "a queue where none can be");
	start_at(1ULL << 40);
	put(VIRTIO_MMIO_QUEUE_NOTIFY, 0);
	tap_ok(wait_until(needs_reset), "a queue where no memory is");
	tap_ok(start() && reads(1), "a reset helps always");
}

static void odd_accesses(void)
{
	start();
	write_wide(VIRTIO_MMIO_STATUS, 0, 1);
	write_wide(VIRTIO_MMIO_STATUS, 0, 8);
	write_wide(VIRTIO_MMIO_STATUS + 1, 0, 4);
	write_wide(VIRTIO_MMIO_CONFIG, 0, 8);
	tap_ok(get(VIRTIO_MMIO_STATUS) == 0xf && read_wide(VIRTIO_MMIO_CONFIG, 8) == SECTORS,
	       "writes of other widths, and to the configuration, do nothing");
	tap_ok(!read_wide(VIRTIO_MMIO_MAGIC_VALUE, 8) &&
	       !read_wide(VIRTIO_MMIO_MAGIC_VALUE + 2, 2) &&
	       !read_wide(VIRTIO_MMIO_CONFIG + sizeof(blk.config) - 4, 8) &&
	       !read_wide(VIRTIO_MMIO_SIZE - 1, 1), "such reads give zeros");
}

static uint64_t seed = 1;

static uint32_t random32(void)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return seed >> 32;
}

/* Small numbers, powers of two and their neighbours, and any. */
static uint64_t any_value(void)
{
	switch (random32() % 4) {
	case 0:
		return random32() % 16;
	case 1:
		return (1ULL << random32() % 64) - random32() % 2;
	case 2:
		return random32() % (2 * RAM_BYTES);
	}
	return (uint64_t)random32() << 32 | random32();
}

static void any_write(void)
{
	static const uint32_t regs[] = {
		VIRTIO_MMIO_DEVICE_FEATURES_SEL, VIRTIO_MMIO_DRIVER_FEATURES,
		VIRTIO_MMIO_DRIVER_FEATURES_SEL, VIRTIO_MMIO_QUEUE_SEL, VIRTIO_MMIO_QUEUE_NUM,
		VIRTIO_MMIO_QUEUE_READY, VIRTIO_MMIO_QUEUE_NOTIFY, VIRTIO_MMIO_QUEUE_NOTIFY,
		VIRTIO_MMIO_INTERRUPT_ACK, VIRTIO_MMIO_STATUS, VIRTIO_MMIO_QUEUE_DESC_LOW,
		VIRTIO_MMIO_QUEUE_AVAIL_LOW, VIRTIO_MMIO_QUEUE_AVAIL_HIGH,
		VIRTIO_MMIO_QUEUE_USED_LOW,
	};

	if (random32() % 4)
		put(regs[random32() % (sizeof(regs) / sizeof(regs[0]))], any_value());
	else
		write_wide(random32() % VIRTIO_MMIO_SIZE, any_value(), 1U << random32() % 4);
}

/* A word of the queue's memory or of a request, as the thread may be reading it. */
static void any_store(void)
{
	uint64_t at = DESC + random32() % ((HEADER + 32 - DESC) / 2) * 2;

	if (random32() % 2)
		at = (random32() % 2 ? DESC : AVAIL) + random32() % 64 * 2;
	__atomic_store_n((uint16_t *)(ram + at), any_value(), __ATOMIC_RELAXED);
}

static uint64_t requests(void)
{
	uint64_t count;

	pthread_mutex_lock(&blk.mmio.lock);
	count = blk.counts.requests;
	pthread_mutex_unlock(&blk.mmio.lock);
	return count;
}

static void whatever_it_likes(void)
{
	uint64_t before = requests(), all;

	for (int round = 0; round < 500; round++) {
		start();
		offer(random32() % SECTORS);
		for (int i = 0; i < 40; i++) {
			if (random32() % 16)
				any_store();
			else
				any_write();
			offered++;
			__atomic_store_n(&((struct vring_avail *)(ram + AVAIL))->idx, offered,
					 __ATOMIC_RELEASE);
			put(VIRTIO_MMIO_QUEUE_NOTIFY, 0);
			/* The thread's turn: else nearly all are reset unseen. */
			nanosleep(&(struct timespec){ .tv_nsec = 1000 }, NULL);
		}
	}
	put(VIRTIO_MMIO_STATUS, 0);
	all = requests() - before;
	printf("# %llu requests came of it\n", (unsigned long long)all);
	tap_ok(all >= 500 && !memory.pins, "500 drivers that do whatever they like");
	tap_ok(start() && reads(4) && acknowledges(), "a good one finds the device in order");
}

int main(void)
{
	char file[32];
	int fd = memfd_create("disk", MFD_CLOEXEC);
	uint8_t sector[VIRTIO_BLK_SECTOR];

	/* Whatever hangs has failed. */
	alarm(120);
	for (int i = 0; i < SECTORS; i++) {
		memset(sector, i + 1, sizeof(sector));
		if (pwrite(fd, sector, sizeof(sector), i * sizeof(sector)) != sizeof(sector))
			return 1;
	}
	snprintf(file, sizeof(file), "/proc/self/fd/%d", fd);
	ram = aligned_alloc(4096, RAM_BYTES);
	if (!ram)
		return 1;
	memset(ram, 0, RAM_BYTES);
	sem_init(&held, 0, 0);
	sem_init(&go_on, 0, 0);
	guest_memory_init(&memory);
	tap_ok(guest_memory_add_ram(&memory, 0, RAM_BYTES, ram) &&
	       virtio_blk_init(&blk, &memory, file), "a disk");
	blk.mmio.set_irq = set_irq;
	if (!virtio_blk_start(&blk))
		return 1;
	found();
	used_well();
	stopped_by(VIRTIO_MMIO_STATUS, "a reset waits for a request in flight, and forgets it");
	stopped_by(VIRTIO_MMIO_QUEUE_READY, "so does the end of the queue");
	broken();
	odd_accesses();
	whatever_it_likes();
	return tap_end();
}
