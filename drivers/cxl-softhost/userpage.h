/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SOFTHOST_USERPAGE_H
#define _SOFTHOST_USERPAGE_H

#include <linux/kref.h>
#include <linux/mm_types.h>

/**
 * struct softhost_userpage - a page of ours that userspace can only read
 * @kref: held by us and by the mapping's file
 * @page: the page
 * @addr: where it is mapped in the owner's address space
 * @gone: that mapping was taken away; something else may be there now
 */
struct softhost_userpage {
	struct kref kref;
	struct page *page;
	unsigned long addr;
	bool gone;
};

struct softhost_userpage *softhost_userpage_map(unsigned long hint);
void softhost_userpage_drop(struct softhost_userpage *userpage, bool unmap);

static inline bool softhost_userpage_gone(const struct softhost_userpage *userpage)
{
	return READ_ONCE(userpage->gone);
}

#endif /* _SOFTHOST_USERPAGE_H */
