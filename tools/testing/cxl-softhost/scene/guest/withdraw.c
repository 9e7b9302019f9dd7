// SPDX-License-Identifier: GPL-2.0-only
/*
 * cxl-withdraw: takes a device's memory away, by Mem_Enable in its config space, and
 * gives it back, again and again, while threads read a disk right into that memory.
 * Each time reads succeed, then fail, then succeed; and in the end each buffer holds
 * what the disk holds. Nobody looks into the memory while it may be away.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../number.h"
#include "disk-pattern.h"
#include "place.h"

#define READERS 3
#define BYTES (1UL << 20)	/* of each */
#define DEADLINE 20		/* seconds, for reads to do what they should */

/* PCIe extended capabilities: DVSEC, of CXL, "PCIe DVSEC for CXL Devices" */
#define EXT_CAP_START 0x100
#define EXT_CAP_DVSEC 0x23
#define CXL_VENDOR 0x1e98
#define DVSEC_CONTROL 0x0c
#define DVSEC_CONTROL_MEM 0x04

struct reader {
	pthread_t thread;
	const char *file;
	uint64_t seed;
	off_t offset;
	char *buffer;
	atomic_ullong done, refused;
};

static struct reader readers[READERS];
static atomic_bool stop;
static atomic_int odd;		/* an errno that no read should get */

static int read_all(const struct reader *reader, int fd)
{
	size_t done = 0;

	while (done < BYTES) {
		ssize_t now = pread(fd, reader->buffer + done, BYTES - done,
				    reader->offset + (off_t)done);

		if (now <= 0)
			return now ? errno : ENODATA;
		done += (size_t)now;
	}
	return 0;
}

static void *run(void *data)
{
	struct reader *reader = data;
	int fd = open(reader->file, O_RDONLY | O_DIRECT | O_CLOEXEC), error = fd < 0 ? errno : 0;

	while (!error && !stop) {
		error = read_all(reader, fd);
		if (!error)
			reader->done++;
		if (error == EIO) {
			reader->refused++;
			error = 0;
		}
	}
	if (error)
		odd = error;
	return NULL;
}

static uint64_t total(int refused)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < READERS; i++)
		sum += refused ? readers[i].refused : readers[i].done;
	return sum;
}

/* Until so many more reads have ended, well or not */
static int wait_for_reads(int refused, uint64_t more)
{
	uint64_t from = total(refused);
	unsigned int i;

	for (i = 0; i < DEADLINE * 1000 && !odd; i++) {
		if (total(refused) >= from + more)
			return 0;
		usleep(1000);
	}
	printf("%" PRIu64 " more reads were to %s, %" PRIu64 " did%s%s\n", more,
	       refused ? "fail" : "succeed", total(refused) - from, odd ? "; " : "",
	       odd ? strerror(odd) : "");
	return -1;
}

static uint32_t config_read(int config, off_t at)
{
	uint32_t value = 0;

	return pread(config, &value, sizeof(value), at) == sizeof(value) ? value : 0;
}

/* Where the CXL Control register is, or 0 */
static off_t control_find(int config)
{
	off_t at = EXT_CAP_START;

	while (at >= EXT_CAP_START) {
		uint32_t header = config_read(config, at);

		if ((header & 0xffff) == EXT_CAP_DVSEC &&
		    (config_read(config, at + 4) & 0xffff) == CXL_VENDOR &&
		    !(config_read(config, at + 8) & 0xffff))
			return at + DVSEC_CONTROL;
		at = header >> 20;
	}
	return 0;
}

static int switch_memory(int config, off_t control, int on)
{
	uint16_t value = (uint16_t)(config_read(config, control) & ~DVSEC_CONTROL_MEM);

	if (on)
		value |= DVSEC_CONTROL_MEM;
	if (pwrite(config, &value, sizeof(value), control) == sizeof(value))
		return 0;
	printf("config space: %s\n", strerror(errno));
	return -1;
}

static int rounds_run(int config, off_t control, uint64_t rounds)
{
	uint64_t i;

	for (i = 0; i < rounds; i++)
		if (wait_for_reads(0, 1) || switch_memory(config, control, 0) ||
		    wait_for_reads(1, 1) || switch_memory(config, control, 1))
			return -1;
	return wait_for_reads(0, READERS);
}

/* Once more, and there it is */
static int check_all(void)
{
	unsigned int i;

	for (i = 0; i < READERS; i++) {
		struct reader *reader = &readers[i];
		int fd = open(reader->file, O_RDONLY | O_DIRECT | O_CLOEXEC);

		memset(reader->buffer, 0x5a, BYTES);
		if (fd < 0 || read_all(reader, fd)) {
			printf("the last read: %s\n", strerror(errno));
			return -1;
		}
		close(fd);
		if (disk_compare((const uint64_t *)reader->buffer, (uint64_t)reader->offset, BYTES,
				 reader->seed))
			return -1;
	}
	return 0;
}

static int usage(void)
{
	fputs("usage: cxl-withdraw --file DISK --config FILE --rounds N --seed N\n"
	      "                    --dax FILE [--hpa FIRST-END]\n", stderr);
	return 2;
}

int main(int argc, char **argv)
{
	const char *file = NULL, *config_file = NULL;
	uint64_t rounds = 0, seed = 0;
	struct place place = { .node = -1 };
	char why[128], *end, *memory;
	int config, error, taken;
	unsigned int i;
	off_t control;

	(void)argc;
	for (argv++; *argv; argv += taken) {
		taken = place_option(&place, argv);
		if (taken)
			continue;
		taken = 2;
		if (!argv[1])
			return usage();
		if (!strcmp(argv[0], "--file"))
			file = argv[1];
		else if (!strcmp(argv[0], "--config"))
			config_file = argv[1];
		else if (!strcmp(argv[0], "--rounds"))
			rounds = number_parse(argv[0], argv[1], &end);
		else if (!strcmp(argv[0], "--seed"))
			seed = number_parse(argv[0], argv[1], &end);
		else
			return usage();
	}
	if (!file || !config_file || !rounds || !place.dax)
		return usage();

	config = open(config_file, O_RDWR | O_CLOEXEC);
	control = config < 0 ? 0 : control_find(config);
	if (!control) {
		printf("%s: no CXL device\n", config_file);
		return 1;
	}
	memory = place_map(&place, READERS * BYTES, PAGES_ANY, 1);
	if (!memory) {
		printf("no memory there: %s\n", strerror(errno));
		return 1;
	}
	/* All of it is mapped before it can be away */
	memset(memory, 0xa5, READERS * BYTES);
	if (place_check(&place, memory, READERS * BYTES, why, sizeof(why))) {
		printf("the buffer isn't there: %s\n", why);
		return 1;
	}
	for (i = 0; i < READERS; i++) {
		readers[i].file = file;
		readers[i].seed = seed;
		readers[i].offset = (off_t)(i * BYTES);
		readers[i].buffer = memory + i * BYTES;
		if (pthread_create(&readers[i].thread, NULL, run, &readers[i]))
			return 1;
	}
	error = rounds_run(config, control, rounds);
	stop = 1;
	for (i = 0; i < READERS; i++)
		pthread_join(readers[i].thread, NULL);
	if (error || check_all())
		return 1;
	printf("%" PRIu64 " times, %" PRIu64 " reads done, %" PRIu64 " failed\n", rounds, total(0),
	       total(1));
	return 0;
}
