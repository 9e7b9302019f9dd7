// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Block requests: what they read, write and answer, with chains as no driver
 * makes them; and CXL memory that is removed while a request moves data.
 */
#include <linux/virtio_blk.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"
#include "virtio-blk-request.h"
#include "wrap.h"

#define SECTOR ((uint64_t)VIRTIO_BLK_SECTOR)
#define SECTORS 64
#define HEADER 0x100ULL
#define STATUS 0x200ULL
#define DATA 0x1000ULL
#define RAM_BYTES 0x8000
#define CXL 0x400000000ULL
#define CXL_BYTES 0x8000

static struct guest_memory memory;
static struct virtio_blk_disk disk = { .memory = &memory, .sectors = SECTORS };
static struct virtqueue_chain chain;
static struct virtio_blk_done done;
static uint8_t *ram, *cxl;

/* What happens while data are moved. */
static void (*while_moving)(void);

ssize_t __wrap_pread(int fd, void *to, size_t size, off_t offset)
{
	if (while_moving)
		while_moving();
	return __real_pread(fd, to, size, offset);
}

static void put(uint64_t hpa, uint32_t length, bool write)
{
	chain.buffers[chain.count++] = (struct virtqueue_buffer){ hpa, length, write };
}

static void begin(uint32_t type, uint64_t sector)
{
	const struct virtio_blk_outhdr header = { .type = type, .sector = sector };

	memcpy(ram + HEADER, &header, sizeof(header));
	ram[STATUS] = 0xee;
	chain.count = 0;
	put(HEADER, sizeof(header), false);
}

static bool answers(uint8_t status)
{
	return virtio_blk_execute(&disk, &chain, &done) && ram[STATUS] == status &&
	       done.status == status && !memory.pins;
}

/* One buffer of data, and the status. */
static bool request(uint32_t type, uint64_t sector, uint64_t hpa, uint32_t length, uint8_t status)
{
	begin(type, sector);
	put(hpa, length, type == VIRTIO_BLK_T_IN);
	put(STATUS, 1, true);
	return answers(status);
}

static uint8_t pattern(uint64_t at)
{
	return at * 7 + at / SECTOR;
}

static bool holds(const uint8_t *bytes, uint64_t from, uint64_t length)
{
	for (uint64_t i = 0; i < length; i++)
		if (bytes[i] != pattern(from + i))
			return false;
	return true;
}

static void fill_disk(void)
{
	uint8_t bytes[SECTORS * VIRTIO_BLK_SECTOR];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = pattern(i);
	if (pwrite(disk.fd, bytes, sizeof(bytes), 0) != sizeof(bytes))
		abort();
}

static void good(void)
{
	uint8_t sector[VIRTIO_BLK_SECTOR];

	tap_ok(request(VIRTIO_BLK_T_IN, 3, DATA, 2 * SECTOR, VIRTIO_BLK_S_OK) &&
	       holds(ram + DATA, 3 * SECTOR, 2 * SECTOR), "sectors are read");
	tap_ok(done.type == VIRTIO_BLK_T_IN && done.bytes == 2 * SECTOR && !done.cxl_bytes &&
	       done.written == 2 * SECTOR + 1, "... and counted");
	tap_ok(request(VIRTIO_BLK_T_IN, 5, CXL + 512, SECTOR, VIRTIO_BLK_S_OK) &&
	       holds(cxl + 512, 5 * SECTOR, SECTOR) && done.cxl_bytes == SECTOR, "into CXL memory");
	memset(cxl, 0x77, SECTOR);
	tap_ok(request(VIRTIO_BLK_T_OUT, 9, CXL, SECTOR, VIRTIO_BLK_S_OK) &&
	       pread(disk.fd, sector, SECTOR, 9 * SECTOR) == (ssize_t)SECTOR &&
	       !memcmp(sector, cxl, SECTOR) && done.cxl_bytes == SECTOR && done.written == 1,
	       "a sector is written from there");
	fill_disk();

	begin(VIRTIO_BLK_T_IN, 0);
	put(RAM_BYTES - 100, 100, true);
	put(CXL + 1, 412 + 511, true);
	put(DATA, 0, true);
	put(DATA, 1, true);
	put(STATUS, 1, true);
	tap_ok(answers(VIRTIO_BLK_S_OK) && holds(ram + RAM_BYTES - 100, 0, 100) &&
	       holds(cxl + 1, 100, 923) && holds(ram + DATA, 1023, 1) && done.cxl_bytes == 923,
	       "buffers that aren't sectors");
	begin(VIRTIO_BLK_T_IN, 1);
	chain.count = 0;
	put(HEADER, 5, false);
	put(HEADER + 5, 11, false);
	put(STATUS - SECTOR, SECTOR + 1, true);
	tap_ok(answers(VIRTIO_BLK_S_OK) && holds(ram + STATUS - SECTOR, SECTOR, SECTOR),
	       "a header in two buffers, data and status in one");

	begin(VIRTIO_BLK_T_FLUSH, 0);
	put(STATUS, 1, true);
	tap_ok(answers(VIRTIO_BLK_S_OK) && done.written == 1, "flush");
	begin(VIRTIO_BLK_T_GET_ID, 0);
	put(DATA, VIRTIO_BLK_ID_BYTES, true);
	put(STATUS, 1, true);
	tap_ok(answers(VIRTIO_BLK_S_OK) && !strcmp((char *)ram + DATA, "cxlvm") &&
	       done.written == VIRTIO_BLK_ID_BYTES + 1, "get ID");
	tap_ok(request(VIRTIO_BLK_T_DISCARD, 0, DATA, 16, VIRTIO_BLK_S_UNSUPP), "no such request");
}

static void hostile(void)
{
	const uint8_t before = ram[DATA];

	tap_ok(request(VIRTIO_BLK_T_IN, SECTORS - 1, DATA, 2 * SECTOR, VIRTIO_BLK_S_IOERR) &&
	       request(VIRTIO_BLK_T_IN, SECTORS + 1, DATA, SECTOR, VIRTIO_BLK_S_IOERR) &&
	       request(VIRTIO_BLK_T_OUT, UINT64_MAX, DATA, SECTOR, VIRTIO_BLK_S_IOERR) &&
	       request(VIRTIO_BLK_T_OUT, UINT64_MAX / SECTOR + 1, DATA, SECTOR, VIRTIO_BLK_S_IOERR),
	       "sectors that the disk hasn't");
	tap_ok(request(VIRTIO_BLK_T_IN, 0, DATA, SECTOR - 1, VIRTIO_BLK_S_IOERR), "half a sector");
	tap_ok(request(VIRTIO_BLK_T_IN, 0, CXL + CXL_BYTES - 511, SECTOR, VIRTIO_BLK_S_IOERR) &&
	       request(VIRTIO_BLK_T_IN, 0, RAM_BYTES, SECTOR, VIRTIO_BLK_S_IOERR) &&
	       request(VIRTIO_BLK_T_OUT, 0, UINT64_MAX - SECTOR + 1, SECTOR, VIRTIO_BLK_S_IOERR),
	       "buffers where no memory is");
	tap_ok(request(VIRTIO_BLK_T_IN, 0, DATA, UINT32_MAX, VIRTIO_BLK_S_IOERR),
	       "more bytes than there are");

	begin(VIRTIO_BLK_T_IN, 0);
	put(DATA, SECTOR, false);
	put(STATUS, 1, true);
	tap_ok(answers(VIRTIO_BLK_S_IOERR) && ram[DATA] == before,
	       "a read into what may be read only");
	begin(VIRTIO_BLK_T_OUT, 0);
	put(DATA, SECTOR, true);
	put(STATUS, 1, true);
	tap_ok(answers(VIRTIO_BLK_S_IOERR) && !done.bytes && !done.written,
	       "a write from what may be written only");
	begin(VIRTIO_BLK_T_GET_ID, 0);
	put(DATA, VIRTIO_BLK_ID_BYTES - 1, true);
	put(STATUS, 1, true);
	tap_ok(answers(VIRTIO_BLK_S_IOERR) && ram[DATA] == before, "no room for the ID");
	begin(VIRTIO_BLK_T_IN, 0);
	chain.buffers[0].length = 15;
	put(DATA, SECTOR, true);
	put(STATUS, 1, true);
	tap_ok(answers(VIRTIO_BLK_S_IOERR) && ram[DATA] == before, "a header too short");
	chain.buffers[0].hpa = CXL - 16;
	tap_ok(answers(VIRTIO_BLK_S_IOERR), "a header that is nowhere");

	begin(VIRTIO_BLK_T_OUT, 0);
	put(DATA, SECTOR, false);
	tap_ok(!virtio_blk_execute(&disk, &chain, &done) && !memory.pins,
	       "nothing to write a status to");
	put(STATUS, 0, true);
	tap_ok(!virtio_blk_execute(&disk, &chain, &done), "an empty buffer for it");
	chain.buffers[2] = (struct virtqueue_buffer){ CXL - 1, 1, true };
	tap_ok(!virtio_blk_execute(&disk, &chain, &done) && !memory.pins, "one that is nowhere");
	chain.count = 0;
	tap_ok(!virtio_blk_execute(&disk, &chain, &done), "no buffer at all");
	chain.buffers[0] = (struct virtqueue_buffer){ STATUS, 1, true };
	chain.count = 1;
	tap_ok(answers(VIRTIO_BLK_S_IOERR), "a status alone");
	begin(VIRTIO_BLK_T_IN, 0);
	while (chain.count < VIRTQUEUE_MAX)
		put(STATUS, 1, true);
	tap_ok(answers(VIRTIO_BLK_S_IOERR) && !done.bytes, "as many buffers as there can be");
}

/* Buffers over many ranges need more pins than there are. */
static void many_ranges(void)
{
	for (uint32_t i = 0; i < 4 * VIRTQUEUE_MAX; i++)
		guest_memory_add(&memory, 2 * CXL + i * 16, 16, cxl + i * 16);
	tap_ok(request(VIRTIO_BLK_T_IN, 2, 2 * CXL + 8, 3 * SECTOR, VIRTIO_BLK_S_OK) &&
	       holds(cxl + 8, 2 * SECTOR, 3 * SECTOR), "a buffer over 97 ranges");
	tap_ok(request(VIRTIO_BLK_T_IN, 2, 2 * CXL, 4 * VIRTQUEUE_MAX * 16, VIRTIO_BLK_S_IOERR),
	       "one over too many");
	guest_memory_remove_begin(&memory, 2 * CXL, 4 * VIRTQUEUE_MAX * 16);
}

static _Atomic bool removed, too_early;
static pthread_t remover;

static void *remove_cxl(void *opaque)
{
	(void)opaque;
	guest_memory_remove_wait(&memory, CXL, CXL_BYTES);
	removed = true;
	return NULL;
}

/* The guest takes the memory away in the middle of a request. */
static void take_away(void)
{
	struct guest_pin pin;

	while_moving = NULL;
	guest_memory_remove_begin(&memory, CXL, CXL_BYTES);
	pthread_create(&remover, NULL, remove_cxl, NULL);
	nanosleep(&(struct timespec){ .tv_nsec = 200000000 }, NULL);
	too_early = removed || guest_memory_get(&memory, CXL, 1, &pin);
}

static void removal(void)
{
	memset(cxl, 0, CXL_BYTES);
	while_moving = take_away;
	tap_ok(request(VIRTIO_BLK_T_IN, 0, CXL, 4 * SECTOR, VIRTIO_BLK_S_OK) &&
	       holds(cxl, 0, 4 * SECTOR), "a request in flight ends as if nothing were");
	pthread_join(remover, NULL);
	tap_ok(!while_moving && !too_early && removed, "the removal has waited for it");
	memset(cxl, 0, CXL_BYTES);
	tap_ok(request(VIRTIO_BLK_T_IN, 0, CXL, SECTOR, VIRTIO_BLK_S_IOERR) && !cxl[1] &&
	       !cxl[SECTOR - 1], "the next one fails, and nothing is written there");
	begin(VIRTIO_BLK_T_IN, 0);
	put(DATA, SECTOR, true);
	put(CXL, SECTOR, true);
	put(STATUS, 1, true);
	memset(ram + DATA, 0xee, SECTOR);
	tap_ok(answers(VIRTIO_BLK_S_IOERR) && ram[DATA] == 0xee && !done.bytes,
	       "a half of its buffers is not enough");
	tap_ok(request(VIRTIO_BLK_T_IN, 0, DATA, SECTOR, VIRTIO_BLK_S_OK), "RAM still works");
	guest_memory_add(&memory, CXL, CXL_BYTES, cxl);
	tap_ok(request(VIRTIO_BLK_T_IN, 0, CXL, SECTOR, VIRTIO_BLK_S_OK) && holds(cxl, 0, SECTOR),
	       "so does CXL memory when it is back");
}

static void short_file(void)
{
	if (ftruncate(disk.fd, 8 * SECTOR + 100))
		abort();
	tap_ok(request(VIRTIO_BLK_T_IN, 7, DATA, SECTOR, VIRTIO_BLK_S_OK) &&
	       request(VIRTIO_BLK_T_IN, 8, DATA, SECTOR, VIRTIO_BLK_S_IOERR) &&
	       request(VIRTIO_BLK_T_IN, 10, DATA, SECTOR, VIRTIO_BLK_S_IOERR),
	       "a file that became shorter");
}

int main(void)
{
	/* Whatever hangs has failed. */
	alarm(120);
	disk.fd = memfd_create("disk", MFD_CLOEXEC);
	ram = malloc(RAM_BYTES);
	cxl = malloc(CXL_BYTES);
	if (disk.fd < 0 || !ram || !cxl)
		return 1;
	memset(ram, 0, RAM_BYTES);
	memset(cxl, 0, CXL_BYTES);
	guest_memory_init(&memory);
	if (!guest_memory_add_ram(&memory, 0, RAM_BYTES, ram) ||
	    !guest_memory_add(&memory, CXL, CXL_BYTES, cxl))
		return 1;
	fill_disk();
	good();
	hostile();
	many_ranges();
	removal();
	short_file();
	free(memory.ranges);
	free(ram);
	free(cxl);
	return tap_end();
}
