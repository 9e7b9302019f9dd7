// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors: that of the process that opened the device, and others with fewer
 * rights, for other processes. How long a host lives.
 *
 * A host is revoked when its owner's address space goes, or the last descriptor
 * that can set it up: every command is ENODEV then, and the VM's file is dropped,
 * by deferred work: a delegated process may be in the middle of a command.
 */
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "softhost.h"

#define SOFTHOST_RIGHTS								\
	(CXL_SOFTHOST_RIGHT_SET_UP | CXL_SOFTHOST_RIGHT_APPLY |			\
	 CXL_SOFTHOST_RIGHT_REGISTERS | CXL_SOFTHOST_RIGHT_READ)

/**
 * softhost_fd_check() - whether the caller may do something with a descriptor
 * @fd: the descriptor
 * @rights: CXL_SOFTHOST_RIGHT_*, of which one is needed
 * @owner: only in the owner's process
 *
 * Through the descriptor that open() gave only that process works: a forked
 * child that steered its parent's VM would do so without anybody's intent.
 *
 * Return: 0; -ENODEV if the host is revoked; -EPERM.
 */
int softhost_fd_check(const struct softhost_fd *fd, u32 rights, bool owner)
{
	if (READ_ONCE(fd->host->revoked))
		return -ENODEV;
	if (current->mm != fd->host->mm && (owner || !fd->delegated))
		return -EPERM;
	return fd->rights & rights ? 0 : -EPERM;
}

/* Nobody can set the host up any more, or has memory for it */
static void softhost_host_revoke(struct softhost_host *host)
{
	WRITE_ONCE(host->revoked, true);
	softhost_owner_queue(&host->revoke);
}

/* Lets go of the VM; its slots stay, over memory that is the owner's, or gone */
static void softhost_host_revoke_work(struct work_struct *work)
{
	struct softhost_host *host = container_of(work, struct softhost_host, revoke);

	guard(mutex)(&host->state_lock);
	softhost_engine_detach(host);
}

static void softhost_mm_release(struct mmu_notifier *notifier, struct mm_struct *mm)
{
	struct softhost_host *host = container_of(notifier, struct softhost_host, notifier);

	if (!READ_ONCE(host->closing))
		softhost_host_revoke(host);
}

static const struct mmu_notifier_ops softhost_mm_ops = {
	.release = softhost_mm_release,
};

int softhost_fd_open(struct inode *inode, struct file *file)
{
	int ret;

	if (!current->mm)
		return -ENODEV;

	struct softhost_fd *fd __free(kfree) = kzalloc(sizeof(*fd), GFP_KERNEL_ACCOUNT);
	if (!fd)
		return -ENOMEM;
	struct softhost_host *host __free(softhost_host) = softhost_host_alloc();
	if (IS_ERR(host))
		return PTR_ERR(host);

	host->mm = current->mm;
	INIT_WORK(&host->revoke, softhost_host_revoke_work);
	host->notifier.ops = &softhost_mm_ops;
	ret = mmu_notifier_register(&host->notifier, host->mm);
	if (ret)
		/* Gives up at any signal, though nothing is lost by going on */
		return ret == -EINTR ? -ERESTARTNOINTR : ret;
	mmgrab(host->mm);
	fd->host = no_free_ptr(host);
	fd->rights = SOFTHOST_RIGHTS;
	file->private_data = no_free_ptr(fd);
	return nonseekable_open(inode, file);
}

/*
 * Never calls KVM: there may be no address space to do it from. The slots stay
 * with the VM, over memory that is its process's own.
 */
static void softhost_host_close(struct softhost_host *host)
{
	WRITE_ONCE(host->closing, true);
	/* Calls softhost_mm_release() unless the mm is already gone */
	mmu_notifier_unregister(&host->notifier, host->mm);
	cancel_work_sync(&host->revoke);
	softhost_engine_detach(host);
	mmdrop(host->mm);
	softhost_host_free(host);
}

int softhost_fd_release(struct inode *inode, struct file *file)
{
	struct softhost_fd *fd = file->private_data;
	struct softhost_host *host = fd->host;
	bool last_owner = (fd->rights & CXL_SOFTHOST_RIGHT_SET_UP) &&
			  refcount_dec_and_test(&host->owners);

	kfree(fd);
	if (last_owner && refcount_read(&host->fds) > 1)
		softhost_host_revoke(host);
	if (refcount_dec_and_test(&host->fds))
		softhost_host_close(host);
	return 0;
}

int softhost_fd_create_ioctl(struct softhost_ucmd *ucmd)
{
	struct cxl_softhost_fd_create *cmd = ucmd->cmd;
	struct softhost_host *host = ucmd->host;
	struct file *file;
	int number;

	if (cmd->flags || cmd->__reserved || cmd->rights & ~SOFTHOST_RIGHTS)
		return -EOPNOTSUPP;
	if (!cmd->rights)
		return -EINVAL;
	/* Nobody gives what they haven't got */
	if (cmd->rights & ~ucmd->rights)
		return -EPERM;

	struct softhost_fd *fd __free(kfree) = kzalloc(sizeof(*fd), GFP_KERNEL_ACCOUNT);
	if (!fd)
		return -ENOMEM;
	fd->host = host;
	fd->rights = cmd->rights;
	fd->delegated = true;

	number = get_unused_fd_flags(O_CLOEXEC);
	if (number < 0)
		return number;
	file = anon_inode_getfile("[cxl-softhost]", &softhost_fops, fd, O_RDWR);
	if (IS_ERR(file)) {
		put_unused_fd(number);
		return PTR_ERR(file);
	}
	/* The caller's own descriptor keeps both from being 0 */
	refcount_inc(&host->fds);
	if (no_free_ptr(fd)->rights & CXL_SOFTHOST_RIGHT_SET_UP)
		refcount_inc(&host->owners);
	cmd->out_fd = number;
	ucmd->fd = number;
	ucmd->file = file;
	return 0;
}
