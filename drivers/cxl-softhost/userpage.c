// SPDX-License-Identifier: GPL-2.0-only
/*
 * A page that the module owns and the owner's process can only read.
 *
 * KVM copies the arguments of its ioctls from user memory. From a page that
 * userspace can't write it reads what we wrote through the kernel's alias, and
 * not what another thread made of it meanwhile. The process can still unmap
 * the page, or put something else in its place: @gone tells. It guards our
 * bookkeeping against accidents, not the VM against its owner, who can call
 * KVM without us.
 *
 * The mapping holds the page through its file and nothing else, so it never
 * keeps a host or a VM alive; nothing here takes a lock.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "compat.h"
#include "userpage.h"

static void softhost_userpage_free(struct kref *kref)
{
	struct softhost_userpage *userpage = container_of(kref, struct softhost_userpage, kref);

	__free_page(userpage->page);
	kfree(userpage);
}

static void softhost_userpage_put(struct softhost_userpage *userpage)
{
	kref_put(&userpage->kref, softhost_userpage_free);
}

static void softhost_userpage_vm_close(struct vm_area_struct *vma)
{
	struct softhost_userpage *userpage = vma->vm_file->private_data;

	/* A refused mremap() closes the copy that it had made at the new place */
	if (vma->vm_start == userpage->addr)
		WRITE_ONCE(userpage->gone, true);
}

static int softhost_userpage_vm_mremap(struct vm_area_struct *vma)
{
	return -EINVAL;
}

static int softhost_userpage_vm_mprotect(struct vm_area_struct *vma, unsigned long start,
					 unsigned long end, unsigned long newflags)
{
	return -EACCES;
}

static const struct vm_operations_struct softhost_userpage_vm_ops = {
	.close = softhost_userpage_vm_close,
	.mremap = softhost_userpage_vm_mremap,
	.mprotect = softhost_userpage_vm_mprotect,
};

static int softhost_userpage_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct softhost_userpage *userpage = file->private_data;
	int ret;

	if (vma_pages(vma) != 1 || vma->vm_pgoff || (vma->vm_flags & VM_WRITE))
		return -EINVAL;
	/* A forked child has no use for it */
	softhost_vm_flags_set(vma, VM_DONTCOPY | VM_DONTEXPAND | VM_DONTDUMP);
	userpage->addr = vma->vm_start;
	ret = remap_pfn_range(vma, vma->vm_start, page_to_pfn(userpage->page), PAGE_SIZE,
			      vma->vm_page_prot);
	if (!ret)
		vma->vm_ops = &softhost_userpage_vm_ops;
	return ret;
}

static int softhost_userpage_release(struct inode *inode, struct file *file)
{
	softhost_userpage_put(file->private_data);
	return 0;
}

static const struct file_operations softhost_userpage_fops = {
	.owner = THIS_MODULE,
	.mmap = softhost_userpage_mmap,
	.release = softhost_userpage_release,
};

/**
 * softhost_userpage_map() - make a page and map it into the current process
 * @hint: where, if that is free; 0 for anywhere
 *
 * Return: the page, zeroed, -ENOMEM or -EINTR.
 */
struct softhost_userpage *softhost_userpage_map(unsigned long hint)
{
	struct softhost_userpage *userpage;
	struct file *file;
	unsigned long addr;

	userpage = kzalloc(sizeof(*userpage), GFP_KERNEL_ACCOUNT);
	if (!userpage)
		return ERR_PTR(-ENOMEM);
	kref_init(&userpage->kref);
	userpage->page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!userpage->page) {
		kfree(userpage);
		return ERR_PTR(-ENOMEM);
	}

	file = anon_inode_getfile("cxl-softhost-arg", &softhost_userpage_fops, userpage, O_RDONLY);
	if (IS_ERR(file)) {
		softhost_userpage_put(userpage);
		return ERR_PTR(-ENOMEM);
	}
	kref_get(&userpage->kref);
	addr = vm_mmap(file, hint, PAGE_SIZE, PROT_READ, MAP_SHARED, 0);
	fput(file);
	if (IS_ERR_VALUE(addr)) {
		softhost_userpage_put(userpage);
		return ERR_PTR(addr == -EINTR ? -EINTR : -ENOMEM);
	}
	return userpage;
}

/**
 * softhost_userpage_drop() - have no more use for a page
 * @userpage: the page, or NULL
 * @unmap: unmap it too: the current process is the one that it is mapped in.
 *	If another thread of it unmaps the page at this very moment, the address
 *	may be in use again; only who unmaps pages that aren't its own is hit
 */
void softhost_userpage_drop(struct softhost_userpage *userpage, bool unmap)
{
	if (!userpage)
		return;
	if (unmap && !softhost_userpage_gone(userpage))
		vm_munmap(userpage->addr, PAGE_SIZE);
	softhost_userpage_put(userpage);
}
