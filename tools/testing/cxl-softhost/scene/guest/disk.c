// SPDX-License-Identifier: GPL-2.0-only
/*
 * cxl-disk: writes a pattern to a part of a file or disk, or reads one and
 * compares. In the guest the buffer is in memory whose place is given and proven,
 * and the I/O is direct, so that the disk's data go to or come from just there.
 * On the host, without a place, it makes the disk's file and looks into it.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../number.h"
#include "disk-pattern.h"
#include "place.h"

struct job {
	const char *file;
	uint64_t offset;
	uint64_t bytes;
	uint64_t seed;
	int writes;
	struct place place;
};

static int has_place(const struct job *job)
{
	return job->place.node >= 0 || job->place.dax;
}

/* Is the buffer where it should be? Said after the I/O too, as pages may move. */
static int check_place(const struct job *job, const void *buffer)
{
	char why[128];

	if (!has_place(job) || !place_check(&job->place, buffer, job->bytes, why, sizeof(why)))
		return 0;
	printf("the buffer isn't there: %s\n", why);
	return -1;
}

static int transfer(const struct job *job, int fd, char *buffer)
{
	uint64_t done;
	ssize_t now;

	for (done = 0; done < job->bytes; done += (uint64_t)now) {
		off_t at = (off_t)(job->offset + done);

		now = job->writes ? pwrite(fd, buffer + done, job->bytes - done, at) :
				    pread(fd, buffer + done, job->bytes - done, at);
		if (now <= 0) {
			printf("%s at %#" PRIx64 ": %s\n", job->writes ? "write" : "read",
			       job->offset + done, now ? strerror(errno) : "end of file");
			return -1;
		}
	}
	if (job->writes && fsync(fd)) {
		printf("fsync: %s\n", strerror(errno));
		return -1;
	}
	return 0;
}

static int run(const struct job *job, int fd, uint64_t *buffer)
{
	uint64_t at;

	/* Before a read: something else, everywhere. */
	for (at = 0; at < job->bytes; at += sizeof(*buffer))
		buffer[at / sizeof(*buffer)] = disk_pattern(job->offset + at,
							    job->seed + !job->writes);
	if (check_place(job, buffer) || transfer(job, fd, (char *)buffer) ||
	    check_place(job, buffer) ||
	    (!job->writes && disk_compare(buffer, job->offset, job->bytes, job->seed)))
		return 1;
	printf("%" PRIu64 " bytes %s", job->bytes, job->writes ? "written" : "read");
	if (has_place(job) && job->place.hpa_end)
		printf(", buffer at HPA %#" PRIx64, place_physical(buffer));
	printf("\n");
	return 0;
}

static int usage(void)
{
	fputs("usage: cxl-disk write|read --file FILE --bytes N [--offset N] [--seed N]\n"
	      "                [--node N | --dax FILE] [--hpa FIRST-END]\n"
	      "  bytes and offset are multiples of 4096\n", stderr);
	return 2;
}

static int parse(struct job *job, char **argv)
{
	uint64_t *number;
	char *end;
	int taken;

	for (; *argv; argv += taken) {
		taken = place_option(&job->place, argv);
		if (taken)
			continue;
		taken = 2;
		if (!argv[1])
			return -1;
		if (!strcmp(argv[0], "--file")) {
			job->file = argv[1];
			continue;
		}
		number = !strcmp(argv[0], "--offset") ? &job->offset :
			 !strcmp(argv[0], "--bytes") ? &job->bytes :
			 !strcmp(argv[0], "--seed") ? &job->seed : NULL;
		if (!number)
			return -1;
		*number = number_parse(argv[0], argv[1], &end);
		if (*end)
			return -1;
	}
	return job->file && job->bytes && !(job->bytes % PAGE_BYTES) &&
			       !(job->offset % PAGE_BYTES) ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct job job = { .place = { .node = -1 } };
	int flags = O_CLOEXEC, fd;
	uint64_t *buffer;

	if (argc < 2 || (strcmp(argv[1], "read") && strcmp(argv[1], "write")))
		return usage();
	job.writes = !strcmp(argv[1], "write");
	if (parse(&job, argv + 2))
		return usage();
	flags |= job.writes ? O_WRONLY | O_CREAT : O_RDONLY;
	if (has_place(&job)) {
		flags |= O_DIRECT;
		buffer = place_map(&job.place, job.bytes, PAGES_ANY, !!job.place.dax);
	} else {
		buffer = malloc(job.bytes);
	}
	if (!buffer) {
		printf("no memory there: %s\n", strerror(errno));
		return 1;
	}
	fd = open(job.file, flags, 0600);
	if (fd < 0) {
		printf("can't open %s: %s\n", job.file, strerror(errno));
		return 1;
	}
	return run(&job, fd, buffer);
}
