/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * libcxlsofthost: guest accesses inside a window that exit to the VMM.
 *
 * Where the module has a slot there is no exit. What exits is a part of a
 * window in which nothing answers, or one that answers but isn't mapped: no
 * engine, a slot on its way, or more than one way that leads from there:
 * neighbouring granules are in different memories then, which no slot can show.
 *
 * Such exits are right but slow, and KVM must emulate the instruction that made
 * them: it can't for most that save vector registers, for page tables, nor for
 * code, and a locked instruction isn't atomic between vCPUs. So a guest may use
 * interleaved memory as a device (device-dax), but one that uses it as RAM stops
 * its own VM. Guests online volatile memory without being asked: give windows
 * that take it CXL_SOFTHOST_WINDOW_LINEAR_ONLY, unless you know the guest. The
 * module then refuses what would be interleaved, and the guest is told. Windows
 * with several targets can't have that flag: leave CXLSH_CFMWS_VOLATILE out of
 * their restrictions if it may come to RAM.
 */
#ifndef CXLSOFTHOST_WINDOW_H
#define CXLSOFTHOST_WINDOW_H

#include <stddef.h>
#include <stdint.h>

#include <cxlsofthost/host.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct cxlsh_window_access - how to reach memory inside windows, and counts
 * @host: way to the module (translate)
 * @lookup: host pointer to @length bytes at @offset of a backend, or NULL if
 *	that can't be had, which makes it a miss. @cookie is what
 *	BACKEND_CREATE got; often it can be the pointer itself. The range is
 *	always inside the backend
 * @lookup_ctx: first argument of @lookup
 * @reads: accesses that read
 * @writes: accesses that wrote
 * @misses: accesses of which at least one byte found nothing
 * @last_miss_reason: enum cxl_softhost_reason of the last miss; NONE if it was
 *	@lookup that had nothing
 *
 * Zero it and fill in the first three. Threads may share it: the counters are
 * updated atomically.
 */
struct cxlsh_window_access {
	const struct cxlsh_host *host;
	void *(*lookup)(void *lookup_ctx, uint32_t backend_id, uint64_t cookie,
			uint64_t offset, uint64_t length);
	void *lookup_ctx;
	uint64_t reads;
	uint64_t writes;
	uint64_t misses;
	uint32_t last_miss_reason;
};

/**
 * cxlsh_window_read() - guest reads memory
 * @access: counters and lookup
 * @hpa: guest physical address, in a window or not
 * @data: where to put the bytes
 * @len: how many; any number and alignment
 *
 * The access is cut wherever the answer changes (out_length of TRANSLATE): at the
 * ends of granules, decoders, partitions and windows. Bytes that nothing answers
 * for are all-ones. An aligned piece of 2, 4 or 8 bytes is one load.
 *
 * A decoder change by another thread comes before or after each piece; to keep
 * a backend's memory alive over an access is up to the caller.
 *
 * Return: 0, or what the module gave (the bytes not read yet are all-ones then).
 */
int cxlsh_window_read(struct cxlsh_window_access *access, uint64_t hpa,
		      void *data, size_t len);

/**
 * cxlsh_window_write() - guest writes memory
 * @access: counters and lookup
 * @hpa: guest physical address, in a window or not
 * @data: the bytes
 * @len: how many; any number and alignment
 *
 * As cxlsh_window_read(); bytes that nothing answers for are dropped.
 *
 * Return: 0, or what the module gave (bytes before that point are written).
 */
int cxlsh_window_write(struct cxlsh_window_access *access, uint64_t hpa,
		       const void *data, size_t len);

#ifdef __cplusplus
}
#endif

#endif /* CXLSOFTHOST_WINDOW_H */
