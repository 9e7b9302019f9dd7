/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a test wants its memory: on one NUMA node, or in a device-dax device.
 */
#ifndef SCENE_PLACE_H
#define SCENE_PLACE_H

#include <stddef.h>
#include <stdint.h>

#define PAGE_BYTES 4096UL
#define HUGE_BYTES (2UL << 20)

enum pages {
	PAGES_ANY,		/* whatever the guest's kernel gives */
	PAGES_SMALL,		/* 4 KiB only */
	PAGES_HUGE		/* 2 MiB, or an error */
};

struct place {
	int node;		/* -1 with a device */
	const char *dax;
	uint64_t hpa_first;	/* where its memory is; both 0: not known */
	uint64_t hpa_end;
};

/* Pages in the physical range of a place. */
struct place_use {
	unsigned long anon;
	unsigned long slab;
	unsigned long pgtable;
	unsigned long tasks;	/* of the slabs: those that hold task structures */
};

/*
 * The options that name a place: --node N, --dax FILE, --hpa FIRST-END. Returns
 * how many words were taken, 0 if it is none of these; exits on a wrong value.
 */
int place_option(struct place *place, char **argv);

/* New zeroed memory, 2 MiB aligned; NULL with errno set. */
void *place_map(const struct place *place, size_t bytes, enum pages pages, int shared);

/* Bind all that the calling process allocates from now on, page tables included. */
int place_bind_task(const struct place *place);

/*
 * Are all pages of this (touched) memory on the node, and in the HPA range
 * where one is known? 0, or -1 with the reason in @why.
 */
int place_check(const struct place *place, const void *addr, size_t bytes,
		char *why, size_t why_bytes);

/* Physical address of one byte of this process, 0 if it can't be known. */
uint64_t place_physical(const void *addr);

/* Is this mapped by 2 MiB pages throughout? */
int place_is_huge(const void *addr, size_t bytes);

/* Free bytes of the node that can be taken without waking its page reclaim. */
uint64_t place_free(const struct place *place);
uint64_t place_total(const struct place *place);

/* Count what lies in the HPA range, task structures on the node. */
int place_count(const struct place *place, struct place_use *use);

#endif
