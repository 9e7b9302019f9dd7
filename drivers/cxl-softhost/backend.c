// SPDX-License-Identifier: GPL-2.0-only
/*
 * Backends: ranges of the owner's memory. Neither pinned nor owned.
 */
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "softhost.h"

/* Checked once, for the VMM's sake: KVM copes with a range that goes later */
static int softhost_check_mapped(unsigned long addr, u64 length)
{
	struct mm_struct *mm = current->mm;
	u64 end = addr + length;
	int ret = 0;

	if (mmap_read_lock_killable(mm))
		return -EINTR;
	while (addr < end) {
		struct vm_area_struct *vma = find_vma(mm, addr);

		if (!vma || vma->vm_start > addr) {
			ret = -EADDRNOTAVAIL;
			break;
		}
		addr = vma->vm_end;
	}
	mmap_read_unlock(mm);
	return ret;
}

int softhost_backend_create_ioctl(struct softhost_ucmd *ucmd)
{
	struct cxl_softhost_backend_create *cmd = ucmd->cmd;
	struct softhost_host *host = ucmd->host;
	u64 end;
	int ret;

	if (cmd->flags || cmd->__reserved)
		return -EOPNOTSUPP;
	if (!PAGE_ALIGNED(cmd->addr) || !PAGE_ALIGNED(cmd->length) || !cmd->length)
		return -EINVAL;
	if (check_add_overflow(cmd->addr, cmd->length, &end))
		return -EOVERFLOW;
	if (cmd->addr != untagged_addr(cmd->addr))
		return -EINVAL;
	if (!access_ok((void __user *)(unsigned long)cmd->addr, cmd->length))
		return -EOVERFLOW;
	ret = softhost_check_mapped(cmd->addr, cmd->length);
	if (ret)
		return ret;

	struct softhost_backend_object *backend __free(kfree) =
		kzalloc(sizeof(*backend), GFP_KERNEL_ACCOUNT);
	if (!backend)
		return -ENOMEM;
	backend->obj.bytes = sizeof(*backend);

	CLASS(softhost_state, state)(&host->state_lock);
	if (!softhost_state_locked(&state))
		return -EINTR;
	ret = __softhost_object_reserve(host, &backend->obj, SOFTHOST_OBJECT_BACKEND);
	if (ret)
		return ret;
	backend->core.id = backend->obj.id;
	backend->core.addr = cmd->addr;
	backend->core.length = cmd->length;
	backend->core.cookie = cmd->cookie;
	cmd->out_id = backend->obj.id;
	__softhost_object_publish(host, &no_free_ptr(backend)->obj);
	return 0;
}

/**
 * __softhost_backend_find() - a backend that has all of a range
 * @host: the host
 * @id: the backend's ID
 * @offset: where the range begins in it, bytes
 * @length: bytes
 *
 * Return: the backend, -ENOENT or -EINVAL by its ID, -EOVERFLOW if the range
 * wraps, -EINVAL if it passes the backend's end. Nothing is counted yet.
 */
const struct softhost_backend *__softhost_backend_find(struct softhost_host *host, u32 id,
						       u64 offset, u64 length)
{
	struct softhost_object *object;
	u64 end;

	lockdep_assert_held(&host->state_lock);

	object = softhost_object_get(host, id, SOFTHOST_OBJECT_BACKEND);
	if (IS_ERR(object))
		return ERR_CAST(object);
	if (check_add_overflow(offset, length, &end))
		return ERR_PTR(-EOVERFLOW);
	if (end > to_softhost_backend(object)->core.length)
		return ERR_PTR(-EINVAL);
	return &to_softhost_backend(object)->core;
}

/**
 * __softhost_backend_use() - count or stop counting a user of a backend
 * @backend: the backend, or NULL
 * @by: 1 or -1
 */
void __softhost_backend_use(const struct softhost_backend *backend, int by)
{
	if (backend)
		container_of(backend, struct softhost_backend_object, core)->obj.users += by;
}

/* A condemned slot may still show this memory to the guest */
int __softhost_backend_destroy(struct softhost_host *host,
			       struct softhost_backend_object *backend)
{
	const struct softhost_map *map = __softhost_map(host);
	u32 i;

	lockdep_assert_held(&host->state_lock);

	for (i = map->count; i < map->count + map->condemned; i++)
		if (map->segments[i].backend_id == backend->obj.id)
			return -EBUSY;
	__softhost_object_free(host, &backend->obj);
	return 0;
}
