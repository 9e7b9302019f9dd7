// SPDX-License-Identifier: GPL-2.0-only
/*
 * TEST ONLY, DANGEROUS: never load this on a machine that matters. It lets
 * anyone who can open its device make files that pass for KVM VMs.
 *
 * A VM without any memory or vCPU: it keeps the table of memory slots by the
 * rules of KVM_SET_USER_MEMORY_REGION, and does what KVM can't be made to do at
 * a chosen moment: fail, wait, be dead, be confidential.
 */
#include <linux/anon_inodes.h>
#include <linux/atomic.h>
#include <linux/fs.h>
#include <linux/kvm.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include "mockvm.h"

#define MOCKVM_SLOTS 32764
#define MOCKVM_MAX_PAGES ((1ULL << 31) - 1)
#define MOCKVM_RULES 8
/* A held operation goes on by itself after this: no test hangs for ever. */
#define MOCKVM_HOLD_LIMIT (30 * HZ)

#ifndef KVM_CAP_MEMORY_ATTRIBUTES
#define KVM_CAP_MEMORY_ATTRIBUTES 233
#endif

struct mockvm_entry {
	struct list_head list;
	struct mockvm_slot slot;
};

struct mockvm {
	struct mm_struct *mm;		/* of the process that made it */
	struct mutex lock;		/* everything below */
	struct list_head slots;
	struct mockvm_cap caps[5];
	struct mockvm_fail rules[MOCKVM_RULES];
	struct mockvm_call *log;
	u32 logged;
	bool dead;

	wait_queue_head_t wait;
	u32 hold;			/* mask of operations that wait */
	atomic_t held;			/* how many do */
};

static atomic_t mockvm_live;

static struct mockvm_cap *mockvm_cap(struct mockvm *vm, u32 cap)
{
	for (int i = 0; i < ARRAY_SIZE(vm->caps); i++)
		if (vm->caps[i].cap == cap)
			return &vm->caps[i];
	return NULL;
}

static int mockvm_cap_value(struct mockvm *vm, u32 cap)
{
	struct mockvm_cap *entry = mockvm_cap(vm, cap);

	return entry ? entry->value : 0;
}

static struct mockvm_entry *mockvm_find(struct mockvm *vm, u32 slot)
{
	struct mockvm_entry *entry;

	list_for_each_entry(entry, &vm->slots, list)
		if (entry->slot.slot == slot)
			return entry;
	return NULL;
}

static bool mockvm_overlaps(struct mockvm *vm, const struct mockvm_slot *new)
{
	struct mockvm_entry *entry;

	list_for_each_entry(entry, &vm->slots, list)
		if (entry->slot.slot != new->slot &&
		    entry->slot.gpa < new->gpa + new->size &&
		    new->gpa < entry->slot.gpa + entry->slot.size)
			return true;
	return false;
}

/* What the call is, by KVM's checks in KVM's order; a negative errno if refused. */
static int mockvm_classify(struct mockvm *vm, const struct mockvm_slot *new)
{
	struct mockvm_entry *old = mockvm_find(vm, new->slot);
	u32 valid = KVM_MEM_LOG_DIRTY_PAGES;
	int op = MOCKVM_OP_CREATE;

	if (mockvm_cap_value(vm, KVM_CAP_READONLY_MEM))
		valid |= KVM_MEM_READONLY;
	if (new->flags & ~valid)
		return -EINVAL;
	if (!PAGE_ALIGNED(new->size) || !PAGE_ALIGNED(new->gpa) || !PAGE_ALIGNED(new->addr))
		return -EINVAL;
	if (!access_ok((void __user *)(unsigned long)new->addr, new->size))
		return -EINVAL;
	if (new->slot >= mockvm_cap_value(vm, KVM_CAP_NR_MEMSLOTS))
		return -EINVAL;
	if (new->gpa + new->size < new->gpa || new->size >> PAGE_SHIFT > MOCKVM_MAX_PAGES)
		return -EINVAL;

	if (!new->size)
		return old ? MOCKVM_OP_DELETE : -EINVAL;
	if (old) {
		if (new->addr != old->slot.addr || new->size != old->slot.size ||
		    (new->flags ^ old->slot.flags) & KVM_MEM_READONLY)
			return -EINVAL;
		if (new->gpa != old->slot.gpa)
			op = MOCKVM_OP_MOVE;
		else
			return new->flags != old->slot.flags ? MOCKVM_OP_FLAGS : MOCKVM_OP_NOTHING;
	}
	return mockvm_overlaps(vm, new) ? -EEXIST : op;
}

static int mockvm_injected(struct mockvm *vm, int op, u64 size)
{
	for (int i = 0; i < MOCKVM_RULES; i++) {
		struct mockvm_fail *rule = &vm->rules[i];

		if (!rule->error || !(rule->ops & BIT(op)) || size < rule->min_size)
			continue;
		if (rule->nth > 1) {
			rule->nth--;
			continue;
		}
		if (rule->always)
			return -(int)rule->error;
		if (rule->nth == 1) {
			rule->nth = 0;
			return -(int)rule->error;
		}
	}
	return 0;
}

static int mockvm_perform(struct mockvm *vm, int op, const struct mockvm_slot *new)
{
	struct mockvm_entry *entry = mockvm_find(vm, new->slot);

	switch (op) {
	case MOCKVM_OP_CREATE:
		entry = kzalloc(sizeof(*entry), GFP_KERNEL);
		if (!entry)
			return -ENOMEM;
		entry->slot = *new;
		list_add_tail(&entry->list, &vm->slots);
		break;
	case MOCKVM_OP_DELETE:
		list_del(&entry->list);
		kfree(entry);
		break;
	case MOCKVM_OP_MOVE:
	case MOCKVM_OP_FLAGS:
		entry->slot = *new;
		break;
	}
	return 0;
}

/* Without the lock held. */
static void mockvm_hold(struct mockvm *vm, u32 mask)
{
	if (!(READ_ONCE(vm->hold) & mask))
		return;
	atomic_inc(&vm->held);
	wake_up_all(&vm->wait);
	wait_event_timeout(vm->wait, !(READ_ONCE(vm->hold) & mask), MOCKVM_HOLD_LIMIT);
	atomic_dec(&vm->held);
}

static long mockvm_set_region(struct mockvm *vm, void __user *arg)
{
	struct kvm_userspace_memory_region region;
	struct mockvm_slot new;
	long ret;
	int op;

	mockvm_hold(vm, MOCKVM_HOLD_ENTRY);
	if (copy_from_user(&region, arg, sizeof(region)))
		return -EFAULT;
	new = (struct mockvm_slot){
		.slot = region.slot,
		.flags = region.flags,
		.gpa = region.guest_phys_addr,
		.size = region.memory_size,
		.addr = region.userspace_addr,
	};

	mutex_lock(&vm->lock);
	op = mockvm_classify(vm, &new);
	mutex_unlock(&vm->lock);
	mockvm_hold(vm, op < 0 ? MOCKVM_MASK(REFUSED) : BIT(op));

	mutex_lock(&vm->lock);
	/* While it waited the table may have changed. */
	op = mockvm_classify(vm, &new);
	if (op < 0) {
		ret = op;
		op = MOCKVM_OP_REFUSED;
	} else {
		u64 size = op == MOCKVM_OP_DELETE ? mockvm_find(vm, new.slot)->slot.size :
						    new.size;

		ret = mockvm_injected(vm, op, size);
		if (!ret)
			ret = mockvm_perform(vm, op, &new);
	}
	if (vm->logged < MOCKVM_LOG_SIZE)
		vm->log[vm->logged] = (struct mockvm_call){
			.op = op, .result = ret, .region = new,
		};
	vm->logged++;
	mutex_unlock(&vm->lock);
	return ret;
}

static long mockvm_set_cap(struct mockvm *vm, void __user *arg)
{
	struct mockvm_cap new, *entry;

	if (copy_from_user(&new, arg, sizeof(new)))
		return -EFAULT;
	mutex_lock(&vm->lock);
	entry = mockvm_cap(vm, new.cap);
	if (entry)
		entry->value = new.value;
	mutex_unlock(&vm->lock);
	return entry ? 0 : -EINVAL;
}

static long mockvm_fail(struct mockvm *vm, void __user *arg)
{
	struct mockvm_fail new;
	long ret = -ENOSPC;

	if (copy_from_user(&new, arg, sizeof(new)))
		return -EFAULT;
	if (!new.error || !new.nth || !new.ops || new.ops >= BIT(MOCKVM_OPS))
		return -EINVAL;
	mutex_lock(&vm->lock);
	for (int i = 0; i < MOCKVM_RULES; i++) {
		if (vm->rules[i].error)
			continue;
		vm->rules[i] = new;
		ret = 0;
		break;
	}
	mutex_unlock(&vm->lock);
	return ret;
}

static long mockvm_get_slots(struct mockvm *vm, struct mockvm_slots __user *arg)
{
	struct mockvm_entry *entry;
	struct mockvm_slots args;
	u32 count = 0;
	long ret = 0;

	if (copy_from_user(&args, arg, sizeof(args)))
		return -EFAULT;
	mutex_lock(&vm->lock);
	list_for_each_entry(entry, &vm->slots, list) {
		struct mockvm_slot __user *to = u64_to_user_ptr(args.slots);

		if (count < args.count && copy_to_user(to + count, &entry->slot, sizeof(*to)))
			ret = -EFAULT;
		count++;
	}
	mutex_unlock(&vm->lock);
	return put_user(count, &arg->count) ? -EFAULT : ret;
}

static long mockvm_get_log(struct mockvm *vm, struct mockvm_log __user *arg)
{
	struct mockvm_log args;
	long ret = 0;
	u32 count;

	if (copy_from_user(&args, arg, sizeof(args)))
		return -EFAULT;
	mutex_lock(&vm->lock);
	count = min3(args.count, vm->logged, (u32)MOCKVM_LOG_SIZE);
	if (copy_to_user(u64_to_user_ptr(args.calls), vm->log, count * sizeof(*vm->log)))
		ret = -EFAULT;
	count = vm->logged;
	mutex_unlock(&vm->lock);
	return put_user(count, &arg->count) ? -EFAULT : ret;
}

static long mockvm_wait_held(struct mockvm *vm, unsigned long ms)
{
	long left;

	left = wait_event_interruptible_timeout(vm->wait, atomic_read(&vm->held),
						msecs_to_jiffies(ms));
	if (left < 0)
		return left;
	return left ? 0 : -ETIMEDOUT;
}

static long mockvm_control(struct mockvm *vm, unsigned int cmd, unsigned long arg)
{
	void __user *user = (void __user *)arg;

	switch (cmd) {
	case MOCKVM_SET_CAP:
		return mockvm_set_cap(vm, user);
	case MOCKVM_FAIL:
		return mockvm_fail(vm, user);
	case MOCKVM_FAIL_CLEAR:
		mutex_lock(&vm->lock);
		memset(vm->rules, 0, sizeof(vm->rules));
		mutex_unlock(&vm->lock);
		return 0;
	case MOCKVM_HOLD:
		WRITE_ONCE(vm->hold, arg);
		return 0;
	case MOCKVM_RELEASE:
		WRITE_ONCE(vm->hold, 0);
		wake_up_all(&vm->wait);
		return 0;
	case MOCKVM_WAIT_HELD:
		return mockvm_wait_held(vm, arg);
	case MOCKVM_SET_DEAD:
		WRITE_ONCE(vm->dead, true);
		return 0;
	case MOCKVM_GET_SLOTS:
		return mockvm_get_slots(vm, user);
	case MOCKVM_GET_LOG:
		return mockvm_get_log(vm, user);
	case MOCKVM_CLEAR_LOG:
		mutex_lock(&vm->lock);
		vm->logged = 0;
		mutex_unlock(&vm->lock);
		return 0;
	}
	return -ENOTTY;
}

static long mockvm_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct mockvm *vm = file->private_data;

	if (_IOC_TYPE(cmd) == MOCKVM_TYPE)
		return mockvm_control(vm, cmd, arg);
	/* As KVM: first of all, and for all of its own commands. */
	if (current->mm != vm->mm || READ_ONCE(vm->dead))
		return -EIO;
	switch (cmd) {
	case KVM_CHECK_EXTENSION:
		return mockvm_cap_value(vm, arg);
	case KVM_SET_USER_MEMORY_REGION:
		return mockvm_set_region(vm, (void __user *)arg);
	}
	return -ENOTTY;
}

static void mockvm_free(struct mockvm *vm)
{
	struct mockvm_entry *entry, *next;

	list_for_each_entry_safe(entry, next, &vm->slots, list)
		kfree(entry);
	mmdrop(vm->mm);
	kvfree(vm->log);
	kfree(vm);
	atomic_dec(&mockvm_live);
}

static int mockvm_release(struct inode *inode, struct file *file)
{
	mockvm_free(file->private_data);
	return 0;
}

static const struct file_operations mockvm_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = mockvm_ioctl,
	.release = mockvm_release,
};

static long mockvm_create(const char *name)
{
	struct mockvm *vm = kzalloc(sizeof(*vm), GFP_KERNEL);
	int fd;

	if (!vm)
		return -ENOMEM;
	vm->log = kvcalloc(MOCKVM_LOG_SIZE, sizeof(*vm->log), GFP_KERNEL);
	if (!vm->log) {
		kfree(vm);
		return -ENOMEM;
	}
	mutex_init(&vm->lock);
	INIT_LIST_HEAD(&vm->slots);
	init_waitqueue_head(&vm->wait);
	vm->caps[0] = (struct mockvm_cap){ KVM_CAP_USER_MEMORY, 1 };
	vm->caps[1] = (struct mockvm_cap){ KVM_CAP_NR_MEMSLOTS, MOCKVM_SLOTS };
	vm->caps[2] = (struct mockvm_cap){ KVM_CAP_READONLY_MEM, 1 };
	vm->caps[3] = (struct mockvm_cap){ KVM_CAP_MEMORY_ATTRIBUTES, 0 };
	vm->caps[4] = (struct mockvm_cap){ KVM_CAP_MULTI_ADDRESS_SPACE, 1 };
	vm->mm = current->mm;
	mmgrab(vm->mm);
	atomic_inc(&mockvm_live);
	fd = anon_inode_getfd(name, &mockvm_fops, vm, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		mockvm_free(vm);
	return fd;
}

static long mockvm_create_named(const char __user *arg)
{
	char name[MOCKVM_NAME_SIZE];
	long length = strncpy_from_user(name, arg, sizeof(name));

	if (length < 0)
		return length;
	return length < sizeof(name) ? mockvm_create(name) : -EINVAL;
}

static long mockvm_device_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case MOCKVM_CREATE:
		return mockvm_create("kvm-vm");
	case MOCKVM_CREATE_NAMED:
		return mockvm_create_named((const char __user *)arg);
	case MOCKVM_LIVE:
		return atomic_read(&mockvm_live);
	}
	return -ENOTTY;
}

static const struct file_operations mockvm_device_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = mockvm_device_ioctl,
};

static struct miscdevice mockvm_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = MOCKVM_NAME,
	.fops = &mockvm_device_fops,
	.mode = 0600,
};
module_misc_device(mockvm_device);

MODULE_DESCRIPTION("TEST ONLY: files that pass for KVM VMs, for cxl-softhost's tests");
MODULE_LICENSE("GPL");
