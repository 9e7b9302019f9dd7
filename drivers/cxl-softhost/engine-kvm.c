// SPDX-License-Identifier: GPL-2.0-only
/*
 * The KVM engine: extents are memory slots of the owner's VM. The only file
 * that knows KVM.
 *
 * KVM's slot setter isn't exported, so slots are set the way userspace sets
 * them: through the VM file's ioctl, from the process that owns the VM. KVM
 * makes all of its own checks.
 */
#include <linux/bitmap.h>
#include <linux/error-injection.h>
#include <linux/file.h>
#include <linux/kvm.h>
#include <linux/list.h>
#include <linux/magic.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "softhost.h"
#include "userpage.h"

/* Newer than the oldest kernel supported; KVM answers 0 where it has it not */
#ifndef KVM_CAP_MEMORY_ATTRIBUTES
#define KVM_CAP_MEMORY_ATTRIBUTES 233
#endif

/**
 * struct softhost_kvm - an attached VM
 * @engine: what the rest of the module sees
 * @file: the VM
 * @hosts: all attached VMs
 * @arg: where KVM reads its arguments
 * @probe: all-ones page that the slot used for probing shows to the guest
 */
struct softhost_kvm {
	struct softhost_engine engine;
	struct file *file;
	struct list_head hosts;
	struct softhost_userpage *arg;
	struct softhost_userpage *probe;
};

#define to_kvm(_engine) container_of(_engine, struct softhost_kvm, engine)

/* A VM has one host: two would hand out the same slot numbers */
static DEFINE_MUTEX(softhost_kvm_hosts_lock);
static LIST_HEAD(softhost_kvm_hosts);

static struct softhost_userpage *softhost_kvm_arg(struct softhost_kvm *kvm)
{
	struct softhost_userpage *arg;

	if (kvm->arg && !softhost_userpage_gone(kvm->arg))
		return kvm->arg;
	arg = softhost_userpage_map(0);
	if (IS_ERR(arg))
		return arg;
	softhost_userpage_drop(kvm->arg, false);
	kvm->arg = arg;
	return arg;
}

/* In the owner's address space; see softhost_kvm_set_slot() */
static int softhost_kvm_call(struct softhost_host *host, void *wanted)
{
	struct softhost_kvm *kvm = to_kvm(host->engine);
	struct softhost_userpage *arg;
	int ret, tries;

	for (tries = 0; tries < 2; tries++) {
		arg = softhost_kvm_arg(kvm);
		if (IS_ERR(arg))
			return PTR_ERR(arg);
		memcpy(page_address(arg->page), wanted,
		       sizeof(struct kvm_userspace_memory_region));
		ret = security_file_ioctl(kvm->file, KVM_SET_USER_MEMORY_REGION, arg->addr);
		if (ret)
			return -EACCES;
		pagefault_disable();
		ret = kvm->file->f_op->unlocked_ioctl(kvm->file, KVM_SET_USER_MEMORY_REGION,
						      arg->addr);
		pagefault_enable();
		if (ret != -EFAULT)
			return softhost_userpage_gone(arg) ? -ESTALE : ret;
		/*
		 * Somebody is unmapping it right now: by the time we would, the
		 * address may be another mapping's. At worst a page is left.
		 */
		kvm->arg = NULL;
		softhost_userpage_drop(arg, false);
	}
	return ret;
}

/*
 * Create (@size > 0) or delete a slot. KVM is called with page faults off, so
 * an argument page that isn't there, or isn't ours, is -EFAULT and never a
 * wait for userspace; then, once, with a fresh page.
 *
 * Returns 0, what KVM says, -EACCES if a security module forbids it, or
 * -ESTALE: the page was taken away meanwhile, so KVM may have read anything.
 */
static int softhost_kvm_set_slot(struct softhost_host *host, u32 slot, u32 flags, u64 hpa,
				 u64 size, u64 host_addr)
{
	struct kvm_userspace_memory_region wanted = {
		.slot = slot,
		.flags = flags,
		.guest_phys_addr = hpa,
		.memory_size = size,
		.userspace_addr = host_addr,
	};

	lockdep_assert_held(&host->state_lock);

	return __softhost_owner_call(host, to_kvm(host->engine)->file->f_cred,
				     softhost_kvm_call, &wanted);
}

/* As softhost_kvm_remove(), out of line: a call that tests can make fail */
static noinline int softhost_kvm_add(struct softhost_host *host, u32 slot,
				     const struct softhost_segment *segment, bool logs)
{
	return softhost_kvm_set_slot(host, slot, logs ? KVM_MEM_LOG_DIRTY_PAGES : 0, segment->hpa,
				     segment->length, segment->host_addr);
}
ALLOW_ERROR_INJECTION(softhost_kvm_add, ERRNO);

/* To KVM a slot that is there already, of that place and memory, has other flags */
static int softhost_kvm_log(struct softhost_host *host, u32 slot,
			    const struct softhost_segment *segment, bool logs)
{
	int ret = -ESTALE, tries;

	for (tries = 0; ret == -ESTALE && tries < 3; tries++)
		ret = softhost_kvm_add(host, slot, segment, logs);
	return ret == -EIO || ret == -EACCES || !ret ? ret : -EREMOTEIO;
}

/* No such slot, or no VM that could have it: as good as deleted */
static noinline int softhost_kvm_remove(struct softhost_host *host, u32 slot)
{
	int ret = -ESTALE, tries;

	/* Deleting twice does no harm */
	for (tries = 0; ret == -ESTALE && tries < 2; tries++)
		ret = softhost_kvm_set_slot(host, slot, 0, 0, 0, 0);
	return ret == -EINVAL || ret == -EIO ? 0 : ret;
}
ALLOW_ERROR_INJECTION(softhost_kvm_remove, ERRNO);

static bool softhost_kvm_named(const struct file *file)
{
	const struct dentry *dentry = file->f_path.dentry;

	return dentry->d_sb->s_magic == ANON_INODE_FS_MAGIC &&
	       !strcmp(dentry->d_name.name, "kvm-vm") && file->f_op->unlocked_ioctl;
}

static long softhost_kvm_capability(struct file *file, unsigned long capability)
{
	if (security_file_ioctl(file, KVM_CHECK_EXTENSION, capability))
		return -EACCES;
	return file->f_op->unlocked_ioctl(file, KVM_CHECK_EXTENSION, capability);
}

/*
 * Is it a VM, of this process, alive, and one whose memory can come and go?
 * Not so with confidential VMs, which show by a missing KVM_CAP_READONLY_MEM
 * or by memory attributes. Returns the number of slots it has.
 */
static int softhost_kvm_check(struct file *file)
{
	long ret;

	if (!softhost_kvm_named(file))
		return -EBADF;
	ret = softhost_kvm_capability(file, KVM_CAP_USER_MEMORY);
	if (ret == -EIO || ret == -EACCES)
		return ret;
	if (ret <= 0)
		return -EBADF;
	if (softhost_kvm_capability(file, KVM_CAP_READONLY_MEM) <= 0 ||
	    softhost_kvm_capability(file, KVM_CAP_MEMORY_ATTRIBUTES) > 0)
		return -EOPNOTSUPP;
	ret = softhost_kvm_capability(file, KVM_CAP_NR_MEMSLOTS);
	return ret > 0 ? min_t(long, ret, U16_MAX) : -EOPNOTSUPP;
}

static int softhost_kvm_slots(struct softhost_engine *engine, const struct softhost_host *host,
			      const struct cxl_softhost_attach *cmd, u32 available)
{
	/* One at least, for what is proved with it; nothing may be linear */
	u32 count = cmd->slot_count ?: max(host->bound.extents, 1ULL);

	if (count > available)
		return cmd->slot_count ? -EINVAL : -ENOSPC;
	engine->slot_count = count;
	engine->first_slot = cmd->first_slot;
	if (cmd->first_slot == CXL_SOFTHOST_SLOT_TOP)
		engine->first_slot = available - count;
	if (engine->first_slot > available - count)
		return -EINVAL;
	engine->slots = bitmap_zalloc(count, GFP_KERNEL_ACCOUNT);
	/* With the argument page, which stays */
	engine->bytes = sizeof(struct softhost_kvm) + sizeof(struct softhost_userpage) +
			BITS_TO_LONGS(count) * sizeof(long) + PAGE_SIZE;
	return engine->slots ? 0 : -ENOMEM;
}

/* Can the VM have memory at the end of the highest window? */
static int softhost_kvm_check_end(const struct softhost_host *host)
{
	const struct softhost_topology *topology = &host->topology;
	const struct softhost_window *top = topology->windows[topology->window_count - 1];

	return top->hpa + top->length > softhost_phys_end() ? -EOVERFLOW : 0;
}

/*
 * "Create" of KVM is create or modify: an occupied number with the same size
 * and host address is silently moved, or is answered with success. So each
 * donated number is tried on one page that can't agree with an existing slot:
 * at a host address that was unused until now, picked at random. The first
 * number creates that page's slot; with any other then, EEXIST says that it is
 * free (the place is taken), EINVAL that it isn't (the size or address can't
 * change). The slot shows all-ones and can't be written: what a hole does.
 */
static noinline int __softhost_kvm_probe(struct softhost_host *host, u32 slot, u64 hpa)
{
	u64 host_addr = to_kvm(host->engine)->probe->addr;
	int ret = -ESTALE, tries;

	/* Asked again it answers the same: what is ours already is no change */
	for (tries = 0; ret == -ESTALE && tries < 3; tries++)
		ret = softhost_kvm_set_slot(host, slot, KVM_MEM_READONLY, hpa, PAGE_SIZE,
					    host_addr);
	return ret == -EINVAL ? -EADDRINUSE : ret;
}
ALLOW_ERROR_INJECTION(__softhost_kvm_probe, ERRNO);

/* The errnos of ATTACH; whatever else KVM says is a refusal */
static int softhost_kvm_attach_errno(int ret)
{
	switch (ret) {
	case 0: case -EEXIST: case -EADDRINUSE: case -EINTR: case -EIO: case -EACCES:
		return ret;
	}
	return -EREMOTEIO;
}

/* What the VM has under the donated numbers goes */
static int __softhost_kvm_take_over(struct softhost_host *host)
{
	struct softhost_engine *engine = host->engine;
	u32 n;
	int ret;

	lockdep_assert_held(&host->state_lock);

	for (n = 0; n < engine->slot_count; n++) {
		ret = softhost_kvm_remove(host, engine->first_slot + n);
		if (ret)
			return softhost_kvm_attach_errno(ret);
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

static int __softhost_kvm_prove(struct softhost_host *host)
{
	struct softhost_engine *engine = host->engine;
	const struct softhost_window *window = host->topology.windows[0];
	u64 at = window->hpa + window->length - PAGE_SIZE;
	u32 n;
	int ret;

	lockdep_assert_held(&host->state_lock);

	/* If nobody knows whose it is (-ESTALE), deleting it isn't ours to do */
	ret = __softhost_kvm_probe(host, engine->first_slot, at);
	if (ret)
		return softhost_kvm_attach_errno(ret);

	for (n = 1; !ret && n < engine->slot_count; n++) {
		ret = __softhost_kvm_probe(host, engine->first_slot + n, at);
		if (ret == -EEXIST)
			ret = 0;
		else if (!ret)
			/* The first slot was taken away under us */
			ret = softhost_kvm_remove(host, engine->first_slot + n) ?: -EADDRINUSE;
		if (fatal_signal_pending(current))
			ret = -EINTR;
		cond_resched();
	}

	if (softhost_kvm_remove(host, engine->first_slot)) {
		struct softhost_segment left = {
			.hpa = at,
			.length = PAGE_SIZE,
			.host_addr = to_kvm(engine)->probe->addr,
			.window_id = window->id,
			.slot = engine->first_slot,
		};

		__set_bit(0, engine->slots);
		__softhost_condemn_slot(host, &left);
		return -EREMOTEIO;
	}
	return softhost_kvm_attach_errno(ret);
}

static struct softhost_userpage *softhost_kvm_map_probe(void)
{
	unsigned long hint = get_random_long() % (TASK_SIZE / 2) & PAGE_MASK;
	struct softhost_userpage *probe = softhost_userpage_map(hint);

	if (!IS_ERR(probe))
		memset(page_address(probe->page), 0xff, PAGE_SIZE);
	return probe;
}

static int softhost_kvm_register(struct softhost_kvm *kvm)
{
	const struct softhost_kvm *other;

	guard(mutex)(&softhost_kvm_hosts_lock);
	list_for_each_entry(other, &softhost_kvm_hosts, hosts)
		if (other->file->private_data == kvm->file->private_data)
			return -EBUSY;
	list_add(&kvm->hosts, &softhost_kvm_hosts);
	return 0;
}

static void softhost_kvm_free(struct softhost_kvm *kvm)
{
	scoped_guard(mutex, &softhost_kvm_hosts_lock)
		list_del_init(&kvm->hosts);
	fput(kvm->file);
	bitmap_free(kvm->engine.slots);
	kfree(kvm);
}

static void softhost_kvm_drop_pages(struct softhost_kvm *kvm, bool unmap)
{
	bool used = !bitmap_empty(kvm->engine.slots, kvm->engine.slot_count);

	softhost_userpage_drop(kvm->arg, unmap);
	/* A probing slot that KVM wouldn't delete still shows that page */
	softhost_userpage_drop(kvm->probe, unmap && !used);
	kvm->arg = NULL;
	kvm->probe = NULL;
}

static void softhost_kvm_detach(struct softhost_host *host)
{
	struct softhost_kvm *kvm = to_kvm(host->engine);

	host->engine = NULL;
	softhost_kvm_drop_pages(kvm, current->mm == host->mm);
	softhost_kvm_free(kvm);
}

static const struct softhost_engine_ops softhost_kvm_ops = {
	.add = softhost_kvm_add,
	.log = softhost_kvm_log,
	.remove = softhost_kvm_remove,
	.detach = softhost_kvm_detach,
};

static struct softhost_kvm *softhost_kvm_open(struct softhost_host *host,
					      const struct cxl_softhost_attach *cmd)
{
	struct file *file __free(softhost_fput) = fget(cmd->vm_fd);
	struct softhost_kvm *kvm;
	int available, ret;

	if (!file)
		return ERR_PTR(-EBADF);
	available = softhost_kvm_check(file);
	if (available < 0)
		return ERR_PTR(available);
	ret = softhost_kvm_check_end(host);
	if (ret)
		return ERR_PTR(ret);

	kvm = kzalloc(sizeof(*kvm), GFP_KERNEL_ACCOUNT);
	if (!kvm)
		return ERR_PTR(-ENOMEM);
	INIT_LIST_HEAD(&kvm->hosts);
	kvm->engine.ops = &softhost_kvm_ops;
	kvm->engine.kind = CXL_SOFTHOST_ENGINE_KVM;
	kvm->file = no_free_ptr(file);
	ret = softhost_kvm_slots(&kvm->engine, host, cmd, available);
	if (!ret)
		ret = softhost_kvm_register(kvm);
	if (ret) {
		softhost_kvm_free(kvm);
		return ERR_PTR(ret);
	}
	return kvm;
}

/**
 * __softhost_kvm_attach() - make a VM the host's engine
 * @host: the host, without engine, with a window
 * @cmd: which VM, which slot numbers
 *
 * Return: 0 with host->engine set and every donated number proved free; else
 * an errno of ATTACH. If host->engine is set then, what is left of the proof
 * is condemned.
 */
int __softhost_kvm_attach(struct softhost_host *host, const struct cxl_softhost_attach *cmd)
{
	struct softhost_kvm *kvm;
	int ret;

	lockdep_assert_held(&host->state_lock);

	kvm = softhost_kvm_open(host, cmd);
	if (IS_ERR(kvm))
		return PTR_ERR(kvm);
	kvm->probe = softhost_kvm_map_probe();
	if (IS_ERR(kvm->probe)) {
		ret = PTR_ERR(kvm->probe);
		softhost_kvm_free(kvm);
		return ret;
	}

	host->engine = &kvm->engine;
	/* Before anything is deleted: nothing is, if these can't be had */
	ret = __softhost_numbers_claim(host);
	if (!ret && (cmd->flags & CXL_SOFTHOST_ATTACH_TAKEOVER))
		ret = __softhost_kvm_take_over(host);
	if (!ret)
		ret = __softhost_kvm_prove(host);
	if (ret)
		return ret;
	softhost_userpage_drop(kvm->probe, true);
	kvm->probe = NULL;
	return 0;
}
