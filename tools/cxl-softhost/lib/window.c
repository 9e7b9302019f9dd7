// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * libcxlsofthost: guest accesses inside a window that exit to the VMM.
 */
#include <string.h>

#include <cxlsofthost/window.h>

#include "internal.h"

typedef uint16_t __attribute__((may_alias)) cxlsh_u16;
typedef uint32_t __attribute__((may_alias)) cxlsh_u32;
typedef uint64_t __attribute__((may_alias)) cxlsh_u64;

/*
 * Other vCPUs may use the same bytes at this moment: an aligned piece of a
 * natural size is one load or store of the host, as the guest's was one.
 */
static bool cxlsh_natural(const void *memory, size_t len)
{
	return (len == 2 || len == 4 || len == 8) && !((uintptr_t)memory % len);
}

static void cxlsh_load(void *data, const void *memory, size_t len)
{
	uint16_t v16;
	uint32_t v32;
	uint64_t v64;

	if (!cxlsh_natural(memory, len)) {
		memcpy(data, memory, len);
	} else if (len == 2) {
		v16 = __atomic_load_n((const cxlsh_u16 *)memory, __ATOMIC_RELAXED);
		memcpy(data, &v16, sizeof(v16));
	} else if (len == 4) {
		v32 = __atomic_load_n((const cxlsh_u32 *)memory, __ATOMIC_RELAXED);
		memcpy(data, &v32, sizeof(v32));
	} else {
		v64 = __atomic_load_n((const cxlsh_u64 *)memory, __ATOMIC_RELAXED);
		memcpy(data, &v64, sizeof(v64));
	}
}

static void cxlsh_store(void *memory, const void *data, size_t len)
{
	uint16_t v16;
	uint32_t v32;
	uint64_t v64;

	if (!cxlsh_natural(memory, len)) {
		memcpy(memory, data, len);
	} else if (len == 2) {
		memcpy(&v16, data, sizeof(v16));
		__atomic_store_n((cxlsh_u16 *)memory, v16, __ATOMIC_RELAXED);
	} else if (len == 4) {
		memcpy(&v32, data, sizeof(v32));
		__atomic_store_n((cxlsh_u32 *)memory, v32, __ATOMIC_RELAXED);
	} else {
		memcpy(&v64, data, sizeof(v64));
		__atomic_store_n((cxlsh_u64 *)memory, v64, __ATOMIC_RELAXED);
	}
}

/*
 * Who answers at @hpa, and for how many of @len bytes? Sets *memory to NULL for
 * nobody.
 */
static int cxlsh_window_piece(struct cxlsh_window_access *access, uint64_t hpa,
			      size_t len, uint8_t **memory, size_t *piece,
			      uint32_t *reason)
{
	struct cxl_softhost_translate cmd = { .addr = hpa };
	int ret = access->host->ops->translate(access->host->ctx, &cmd);

	*memory = NULL;
	if (ret)
		return ret;

	*reason = cmd.out_reason;
	/* The rest of a hole that reaches to 2^64 has a length of 0 mod 2^64 */
	*piece = len;
	if (cmd.out_length && cmd.out_length < len)
		*piece = (size_t)cmd.out_length;
	if (cmd.out_reason == CXL_SOFTHOST_REASON_NONE && cmd.out_length)
		*memory = access->lookup(access->lookup_ctx, cmd.out_backend_id,
					 cmd.out_cookie, cmd.out_backend_offset,
					 *piece);
	return 0;
}

/* Exactly one of @in and @out is set */
static int cxlsh_window_copy(struct cxlsh_window_access *access, uint64_t hpa,
			     const uint8_t *in, uint8_t *out, size_t len)
{
	uint32_t reason = CXL_SOFTHOST_REASON_NONE, miss_reason = 0;
	uint8_t *memory;
	bool miss = false;
	size_t piece;
	int ret = 0;

	if (out)
		memset(out, 0xff, len);

	while (len) {
		size_t most = len;

		/* The address space doesn't continue at 0 */
		if (hpa && most > 0 - hpa)
			most = (size_t)(0 - hpa);

		ret = cxlsh_window_piece(access, hpa, most, &memory, &piece,
					 &reason);
		if (ret)
			break;
		if (!memory) {
			miss = true;
			miss_reason = reason;
		} else if (out) {
			cxlsh_load(out, memory, piece);
		} else {
			cxlsh_store(memory, in, piece);
		}

		if (out)
			out += piece;
		else
			in += piece;
		hpa += piece;
		len -= piece;
		if (!hpa && len) {
			miss = true;
			miss_reason = CXL_SOFTHOST_REASON_NO_WINDOW;
			break;
		}
	}

	if (miss) {
		__atomic_fetch_add(&access->misses, 1, __ATOMIC_RELAXED);
		__atomic_store_n(&access->last_miss_reason, miss_reason,
				 __ATOMIC_RELAXED);
	}
	return ret;
}

int cxlsh_window_read(struct cxlsh_window_access *access, uint64_t hpa,
		      void *data, size_t len)
{
	__atomic_fetch_add(&access->reads, 1, __ATOMIC_RELAXED);
	return cxlsh_window_copy(access, hpa, NULL, data, len);
}

int cxlsh_window_write(struct cxlsh_window_access *access, uint64_t hpa,
		       const void *data, size_t len)
{
	__atomic_fetch_add(&access->writes, 1, __ATOMIC_RELAXED);
	return cxlsh_window_copy(access, hpa, data, NULL, len);
}
