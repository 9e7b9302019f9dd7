// SPDX-License-Identifier: GPL-2.0-only
/*
 * cxl-verify: looks into the memory of the devices for what a guest wrote by HPA,
 * or writes there what a guest is to read. Which byte of which device an HPA is,
 * the model says that the tests of core/ compare with: from the registers that
 * the guest programmed, and nothing else. In between it makes the files holes again.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pattern.h"
#include "replay.h"

#define COMPLAINTS 5

static struct replay replay;
static struct pattern pattern;

/* The memory of the devices, by node; -1: not given */
static int files[MODEL_NODES];
static const char *paths[MODEL_NODES];
static unsigned int complaints;

/* The region is larger than the pattern; what lies beside isn't ours to judge. */
static bool part;

/* A byte that was written, and where it must be */
struct cell {
	int node;
	uint64_t offset;	/* into the file */
	uint64_t dpa;
	uint8_t value;
};

static void complain(const struct cell *cell, uint64_t hpa, int got)
{
	if (complaints++ < COMPLAINTS)
		printf("HPA %#" PRIx64 " is DPA %#" PRIx64 " of %s: %#x, not %#x\n", hpa,
		       cell->dpa, replay.names[cell->node], (unsigned int)got, cell->value);
}

/* Where the bytes of an access are; exits if the model has nothing there. */
static void locate(const struct pattern_access *access, enum pattern_writer writer,
		   struct cell *cells)
{
	uint64_t value = pattern_value(&pattern, access, writer);
	unsigned int i;

	for (i = 0; i < access->width; i++) {
		struct model_answer answer;

		model_decode(&replay.model, access->hpa + i, &answer);
		if (!answer.answers) {
			printf("by the model, nothing answers at HPA %#" PRIx64 ": %#x\n",
			       access->hpa + i, answer.silence);
			exit(1);
		}
		if (files[answer.node] < 0) {
			printf("HPA %#" PRIx64 " is of %s, whose memory wasn't given\n",
			       access->hpa + i, replay.names[answer.node]);
			exit(1);
		}
		cells[i].node = answer.node;
		cells[i].offset = answer.backend_offset;
		cells[i].dpa = answer.dpa;
		cells[i].value = (uint8_t)(value >> (8 * i));
	}
}

/* What of a device is the region's, or that part of it: [from, end), DPA. */
static bool find_span(const struct model_node *node, uint64_t *from, uint64_t *end)
{
	int hit = node->kind == MODEL_DEVICE ? model_hit(node, pattern.first) : -1;
	const struct model_claim *claim;

	if (hit < 0)
		return false;
	claim = &node->claims[hit];
	if (part) {
		*from = claim->dpa + (pattern.first - claim->base);
		*end = claim->dpa + (pattern.end - claim->base);
	} else {
		*from = claim->dpa;
		*end = claim->dpa + claim->size / claim->ways;
	}
	return true;
}

/* Has each device of the region been reached, at its first and last granule? */
static void check_reach(const struct cell *cells, size_t count)
{
	int i;

	for (i = 0; i < (int)replay.model.node_count; i++) {
		uint64_t first, end, last;
		int at_first = 0, at_last = 0;
		size_t c;

		if (!find_span(&replay.model.nodes[i], &first, &end))
			continue;
		last = end - pattern.granule;
		for (c = 0; c < count; c++) {
			if (cells[c].node != i)
				continue;
			at_first |= cells[c].dpa >= first && cells[c].dpa < first + pattern.granule;
			at_last |= cells[c].dpa >= last && cells[c].dpa < last + pattern.granule;
		}
		if ((!at_first || !at_last) && complaints++ < COMPLAINTS)
			printf("%s: first or last granule not reached\n", replay.names[i]);
	}
}

static int by_place(const void *a, const void *b)
{
	const struct cell *x = a, *y = b;

	if (x->node != y->node)
		return x->node < y->node ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/*
 * A piece of a file: what isn't among the cells (sorted, of this file, up to @end)
 * must be 0. Returns the first cell that lies beyond it.
 */
static const struct cell *check_piece(const char *path, const uint8_t *data, uint64_t at,
				      size_t bytes, const struct cell *cell,
				      const struct cell *end)
{
	size_t i;

	for (i = 0; i < bytes; i++) {
		while (cell < end && cell->offset < at + i)
			cell++;
		if (!data[i] || (cell < end && cell->offset == at + i))
			continue;
		if (complaints++ < COMPLAINTS)
			printf("%s: byte %#" PRIx64 ", which nobody wrote, is %#x\n", path,
			       at + i, data[i]);
	}
	return cell;
}

/* What of a file has nothing in it but the pattern: all of it, or the part. */
static void find_extent(off_t *from, off_t *end)
{
	struct model_answer answer;

	*from = 0;
	*end = INT64_MAX;
	if (!part)
		return;
	model_decode(&replay.model, pattern.first, &answer);
	*from = (off_t)answer.backend_offset;
	*end = *from + (off_t)(pattern.end - pattern.first);
}

/* That of a file but its holes. */
static void check_rest(int node, const struct cell *cells, size_t count)
{
	static uint8_t data[1 << 16];
	const struct cell *cell = cells, *end;
	off_t at, limit, hole;
	ssize_t got;

	while (cell < cells + count && cell->node < node)
		cell++;
	for (end = cell; end < cells + count && end->node == node;)
		end++;
	find_extent(&at, &limit);
	while (at < limit && (at = lseek(files[node], at, SEEK_DATA)) >= 0) {
		hole = lseek(files[node], at, SEEK_HOLE);
		if (hole > limit)
			hole = limit;
		for (; at < hole; at += got) {
			size_t bytes = sizeof(data);

			if ((off_t)bytes > hole - at)
				bytes = (size_t)(hole - at);
			got = pread(files[node], data, bytes, at);
			if (got <= 0)
				return;
			cell = check_piece(paths[node], data, (uint64_t)at, (size_t)got, cell, end);
		}
	}
}

static int check(const struct pattern_access *list, size_t count)
{
	struct cell *cells = calloc(count, 8 * sizeof(*cells));
	size_t bytes = 0, a, c;
	int node;

	if (!cells) {
		perror("cxl-verify");
		return 2;
	}
	for (a = 0; a < count; a++) {
		locate(&list[a], PATTERN_GUEST, cells + bytes);
		for (c = bytes; c < bytes + list[a].width; c++) {
			uint8_t got = 0;

			if (pread(files[cells[c].node], &got, 1, (off_t)cells[c].offset) != 1 ||
			    got != cells[c].value)
				complain(&cells[c], list[a].hpa + (c - bytes), got);
		}
		bytes += list[a].width;
	}
	check_reach(cells, bytes);
	qsort(cells, bytes, sizeof(*cells), by_place);
	for (c = 1; c < bytes; c++)
		if (!by_place(&cells[c - 1], &cells[c]))
			complaints++;
	for (node = 0; node < (int)replay.model.node_count; node++)
		if (files[node] >= 0)
			check_rest(node, cells, bytes);

	printf("%zu accesses, %zu bytes, %u wrong, in:", count, bytes, complaints);
	for (c = 0, node = 0; node < (int)replay.model.node_count; node++) {
		while (c < bytes && cells[c].node < node)
			c++;
		if (c < bytes && cells[c].node == node)
			printf(" %s", replay.names[node]);
	}
	printf("\n");
	free(cells);
	return complaints != 0;
}

/* In the list's order: the guest waits for its last access. */
static int fill(const struct pattern_access *list, size_t count)
{
	struct cell cells[8];
	size_t a;

	for (a = 0; a < count; a++) {
		unsigned int i, n;

		locate(&list[a], PATTERN_HOST, cells);
		/* What is in one piece is written in one piece */
		for (i = 0; i < list[a].width; i += n) {
			const struct cell *cell = cells + i;
			uint8_t data[8];

			for (n = 0; i + n < list[a].width; n++) {
				if (cell[n].node != cell->node ||
				    cell[n].offset != cell->offset + n)
					break;
				data[n] = cell[n].value;
			}
			if (pwrite(files[cell->node], data, n, (off_t)cell->offset) != n) {
				printf("%s: %s\n", paths[cell->node], strerror(errno));
				return 1;
			}
		}
	}
	printf("%zu accesses filled in\n", count);
	return 0;
}

/* What was written before is not to be taken for what is written now */
static int clear(char **names)
{
	for (; *names; names++) {
		int file = open(*names, O_RDWR | O_CLOEXEC);
		off_t size = file < 0 ? -1 : lseek(file, 0, SEEK_END);

		if (size < 0 || (size > 0 && fallocate(file, FALLOC_FL_PUNCH_HOLE |
						       FALLOC_FL_KEEP_SIZE, 0, size))) {
			printf("%s: %s\n", *names, strerror(errno));
			return 2;
		}
		close(file);
	}
	return 0;
}

static int usage(void)
{
	fputs("usage: cxl-verify check|fill REPORT PHASE --hpa FIRST-END --granularity BYTES\n"
	      "                  --ways N --seed N [--part] NODE=FILE...\n"
	      "       cxl-verify clear FILE...\n"
	      "  --part  of a region of one way: don't judge what lies beside\n", stderr);
	return 2;
}

static void open_file(char *argument)
{
	char *path = strchr(argument, '=');
	int node;

	if (!path)
		exit(usage());
	*path++ = '\0';
	node = replay_node(&replay, argument);
	if (node < 0) {
		printf("the report has no node %s\n", argument);
		exit(2);
	}
	files[node] = open(path, O_RDWR | O_CLOEXEC);
	paths[node] = path;
	if (files[node] < 0) {
		printf("%s: %s\n", path, strerror(errno));
		exit(2);
	}
}

int main(int argc, char **argv)
{
	struct pattern_access *list;
	int checks, taken, i, status;
	size_t count;

	if (argc > 2 && !strcmp(argv[1], "clear"))
		return clear(argv + 2);
	if (argc < 4 || (strcmp(argv[1], "check") && strcmp(argv[1], "fill")))
		return usage();
	checks = !strcmp(argv[1], "check");
	for (i = 4; i < argc; i += taken) {
		taken = pattern_option(&pattern, argv + i);
		if (!taken && !strcmp(argv[i], "--part")) {
			part = true;
			taken = 1;
		}
		if (!taken)
			break;
	}
	if (!pattern_valid(&pattern) || (part && pattern.ways != 1) || i == argc)
		return usage();
	replay_report(&replay, argv[2], argv[3], pattern.first);
	memset(files, -1, sizeof(files));
	for (; i < argc; i++)
		open_file(argv[i]);
	list = pattern_list(&pattern, &count);
	status = checks ? check(list, count) : fill(list, count);
	free(list);
	return status;
}
