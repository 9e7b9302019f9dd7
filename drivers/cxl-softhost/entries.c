// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arrays in the caller's memory, whose entries have the size that its header knows.
 */
#include <linux/math.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>

#include "softhost.h"

/**
 * softhost_entry_size_ok() - whether entries can have that size
 * @entry_size: what the caller says, bytes
 * @least: of their first ABI level, bytes
 *
 * Return: true if so.
 */
bool softhost_entry_size_ok(u32 entry_size, u32 least)
{
	return entry_size >= least && entry_size <= SZ_4K && entry_size % 8 == 0;
}

/**
 * softhost_entry_put() - write an entry of the caller's array
 * @entries: address of the array
 * @i: which entry
 * @entry_size: bytes from one to the next
 * @entry: what to write
 * @bytes: of it; what is beyond them is zeroed
 *
 * Return: 0 or -EFAULT.
 */
int softhost_entry_put(u64 entries, u32 i, u32 entry_size, const void *entry, u32 bytes)
{
	void __user *to = u64_to_user_ptr(entries + (u64)i * entry_size);

	bytes = min(bytes, entry_size);
	if (copy_to_user(to, entry, bytes) || clear_user(to + bytes, entry_size - bytes))
		return -EFAULT;
	return 0;
}
