/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The command line. */
#ifndef CXLVM_OPTIONS_H
#define CXLVM_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "memory.h"

#define OPTIONS_CPUS	16
#define OPTIONS_BRIDGES	16
#define OPTIONS_SWITCHES 16
#define OPTIONS_WINDOWS	16
#define OPTIONS_DEVICES	32
#define OPTIONS_PORTS	8	/* of a bridge or switch */
#define OPTIONS_WAYS	16	/* bridges that a window routes to */
#define OPTIONS_MASKS	16
#define OPTIONS_NAME	16
#define OPTIONS_NONE	UINT32_MAX

/* What has ports that devices and switches are plugged into. */
struct option_branch {
	char name[OPTIONS_NAME];
	uint32_t parent;	/* a branch before it; OPTIONS_NONE: a host bridge */
	uint32_t port;		/* of the parent */
	bool hdm;
	bool later;		/* switches: see struct option_device */
	uint32_t ports;
	uint32_t decoders;
};

struct option_window {
	uint32_t ways;
	uint32_t targets[OPTIONS_WAYS];	/* branches: host bridges */
	uint64_t granularity;
	bool xor_arithmetic;
	bool interleave;	/* interleaved parts are left to exits */
	uint64_t base;		/* placed by options_check() if it was 0 */
	uint64_t size;
	bool takes_volatile;
	bool takes_persistent;
};

struct option_device {
	char name[OPTIONS_NAME];
	uint32_t parent;	/* a branch */
	uint32_t port;
	uint32_t decoders;
	uint64_t volatile_size;
	uint64_t persistent_size;
	const char *file;	/* NULL: a memfd */
	const char *labels;	/* NULL: forgotten at the end */
	bool later;		/* plugged in while the guest runs */
};

/* Bits to clear in one register of one CPUID leaf. */
struct option_mask {
	uint32_t leaf;
	uint32_t subleaf;
	uint32_t reg;		/* 0-3: eax, ebx, ecx, edx */
	uint32_t bits;
};

struct options {
	const char *kernel;
	const char *initrd;
	const char *append;
	const char *report;
	const char *console;
	const char *disk;
	uint32_t cpus;
	uint32_t timeout;	/* seconds, 0: none */
	uint64_t mem;
	enum page_advice pages;
	bool hide_hypervisor;
	bool pre_commit;
	bool no_map;
	bool advisory;
	bool device_process;
	uint32_t phases;	/* 1 or 2 */
	bool interactive;
	bool verbose;
	bool help;

	struct option_branch branches[OPTIONS_BRIDGES + OPTIONS_SWITCHES];
	struct option_window windows[OPTIONS_WINDOWS];
	struct option_device devices[OPTIONS_DEVICES];
	struct option_mask masks[OPTIONS_MASKS];
	uint32_t branch_count;
	uint32_t bridge_count;	/* of the branches */
	uint32_t window_count;
	uint32_t device_count;
	uint32_t mask_count;
};

/*
 * Returns false with one sentence in @error if the line is wrong. Strings point
 * into @argv, whose sub-options are cut up in place.
 */
bool options_parse(struct options *options, int argc, char **argv, char *error,
		   size_t error_size);

/* help.c */
void options_help(void);

#endif
