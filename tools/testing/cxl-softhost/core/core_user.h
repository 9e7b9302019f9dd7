/* SPDX-License-Identifier: GPL-2.0-only */
/* What core/ takes from the kernel, for a userspace build. */
#ifndef _SOFTHOST_CORE_USER_H
#define _SOFTHOST_CORE_USER_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define U64_MAX UINT64_MAX

#define min(a, b) ({			\
	__typeof__(a) _a = (a);		\
	__typeof__(b) _b = (b);		\
	_a < _b ? _a : _b; })

#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))

static inline u32 hweight64(u64 word)
{
	return __builtin_popcountll(word);
}

static inline u64 div64_u64_rem(u64 dividend, u64 divisor, u64 *remainder)
{
	*remainder = dividend % divisor;
	return dividend / divisor;
}

#endif /* _SOFTHOST_CORE_USER_H */
