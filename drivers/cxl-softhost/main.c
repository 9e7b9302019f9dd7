// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device: dispatches commands.
 */
#include <linux/err.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/sched/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "softhost.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

union softhost_ucmd_buffer {
	struct cxl_softhost_info info;
	struct cxl_softhost_host_set host_set;
	struct cxl_softhost_backend_create backend_create;
	struct cxl_softhost_window_create window_create;
	struct cxl_softhost_node_create node_create;
	struct cxl_softhost_destroy destroy;
	struct cxl_softhost_attach attach;
	struct cxl_softhost_detach detach;
	struct cxl_softhost_fd_create fd_create;
	struct cxl_softhost_reg_read reg_read;
	struct cxl_softhost_reg_write reg_write;
	struct cxl_softhost_node_set node_set;
	struct cxl_softhost_reset reset;
	struct cxl_softhost_translate translate;
	struct cxl_softhost_map_get map_get;
	struct cxl_softhost_deltas deltas;
	struct cxl_softhost_apply apply;
	struct cxl_softhost_state_get state_get;
	struct cxl_softhost_state_set state_set;
	struct cxl_softhost_dirty_log dirty_log;
};

static int softhost_info_ioctl(struct softhost_ucmd *ucmd)
{
	struct cxl_softhost_info *cmd = ucmd->cmd;
	struct softhost_host *host = ucmd->host;
	const struct softhost_map *map;

	if (cmd->flags)
		return -EOPNOTSUPP;

	CLASS(softhost_state, state)(&host->state_lock);
	if (!softhost_state_locked(&state))
		return -EINTR;

	map = __softhost_map(host);
	cmd->out_abi = CXL_SOFTHOST_ABI;
	cmd->out_engines = 1U << CXL_SOFTHOST_ENGINE_ADVISORY;
	if (IS_ENABLED(CONFIG_CXL_SOFTHOST_KVM))
		cmd->out_engines |= 1U << CXL_SOFTHOST_ENGINE_KVM;
	cmd->out_engine = CXL_SOFTHOST_ENGINE_NONE;
	cmd->out_first_slot = 0;
	cmd->out_slot_count = 0;
	cmd->out_slots_used = 0;
	if (host->engine) {
		cmd->out_engine = host->engine->kind;
		cmd->out_first_slot = host->engine->first_slot;
		cmd->out_slot_count = host->engine->slot_count;
		cmd->out_slots_used = bitmap_weight(host->engine->slots,
						    host->engine->slot_count);
	}
	cmd->out_slots_worst = host->bound.extents;
	cmd->out_max_windows = host->limits[SOFTHOST_OBJECT_WINDOW];
	cmd->out_max_nodes = host->limits[SOFTHOST_OBJECT_NODE];
	cmd->out_max_backends = host->limits[SOFTHOST_OBJECT_BACKEND];
	cmd->out_host_bytes = host->bytes + __softhost_buffers_bytes(host);
	if (host->engine)
		cmd->out_host_bytes += host->engine->bytes;
	cmd->out_generation = map->generation;
	cmd->out_segments_worst = host->bound.segments;
	cmd->out_max_depth = SOFTHOST_MAX_DEPTH;
	cmd->out_token = host->pending.token;
	return 0;
}

static int softhost_host_limit(u32 asked, u32 fallback, u32 most, u32 *limit)
{
	if (asked > most)
		return -EINVAL;
	*limit = asked ?: fallback;
	return 0;
}

static int softhost_host_set_ioctl(struct softhost_ucmd *ucmd)
{
	struct cxl_softhost_host_set *cmd = ucmd->cmd;
	struct softhost_host *host = ucmd->host;
	bool two_phase = cmd->flags & CXL_SOFTHOST_HOST_TWO_PHASE;
	u32 limits[SOFTHOST_OBJECT_TYPES];
	bool before;
	int ret;

	if (cmd->flags & ~CXL_SOFTHOST_HOST_TWO_PHASE)
		return -EOPNOTSUPP;
	if (cmd->policy > CXL_SOFTHOST_POLICY_STRICT_SPEC)
		return -EINVAL;
	/* There one command can add and remove, and its deltas would be no plan to follow */
	if (two_phase && cmd->policy == CXL_SOFTHOST_POLICY_STRICT_SPEC)
		return -EOPNOTSUPP;
	if (softhost_host_limit(cmd->max_windows, SOFTHOST_DEFAULT_WINDOWS, SOFTHOST_MAX_WINDOWS,
				&limits[SOFTHOST_OBJECT_WINDOW]) ||
	    softhost_host_limit(cmd->max_nodes, SOFTHOST_DEFAULT_NODES, SOFTHOST_MAX_NODES,
				&limits[SOFTHOST_OBJECT_NODE]) ||
	    softhost_host_limit(cmd->max_backends, SOFTHOST_DEFAULT_BACKENDS,
				SOFTHOST_MAX_BACKENDS, &limits[SOFTHOST_OBJECT_BACKEND]))
		return -EINVAL;

	CLASS(softhost_state, state)(&host->state_lock);
	if (!softhost_state_locked(&state))
		return -EINTR;
	if (host->started)
		return -EBUSY;
	before = host->two_phase;
	host->two_phase = two_phase;
	ret = __softhost_buffers_grow(host);
	if (ret) {
		host->two_phase = before;
		return ret;
	}
	memcpy(host->limits, limits, sizeof(limits));
	host->topology.policy = cmd->policy;
	return 0;
}

/**
 * struct softhost_ioctl_op - a command
 * @nr: its number
 * @size: of its structure
 * @min_size: up to which every caller must go
 * @rights: CXL_SOFTHOST_RIGHT_*: one of these is needed
 * @owner: only in the owner's process: it is about its memory
 * @changes: it may call KVM, so the owner's address space has to stay
 * @execute: what it does
 */
struct softhost_ioctl_op {
	u32 nr;
	u32 size;
	u32 min_size;
	u32 rights;
	bool owner;
	bool changes;
	int (*execute)(struct softhost_ucmd *ucmd);
};

/* @_last: the last field of its first ABI level */
#define SOFTHOST_OP(_nr, _name, _last, _rights, ...)				\
	{									\
		.nr = CXL_SOFTHOST_CMD_##_nr,					\
		.size = sizeof(struct cxl_softhost_##_name),			\
		.min_size = offsetofend(struct cxl_softhost_##_name, _last),	\
		.rights = _rights,						\
		.execute = softhost_##_name##_ioctl,				\
		__VA_ARGS__							\
	}

#define RIGHT(_name) CXL_SOFTHOST_RIGHT_##_name

static const struct softhost_ioctl_op softhost_ops[] = {
	SOFTHOST_OP(INFO, info, out_generation, RIGHT(READ)),
	SOFTHOST_OP(HOST_SET, host_set, max_backends, RIGHT(SET_UP)),
	SOFTHOST_OP(BACKEND_CREATE, backend_create, __reserved, RIGHT(SET_UP), .owner = true),
	SOFTHOST_OP(WINDOW_CREATE, window_create, __reserved2, RIGHT(SET_UP)),
	SOFTHOST_OP(NODE_CREATE, node_create, __reserved, RIGHT(SET_UP), .changes = true),
	SOFTHOST_OP(DESTROY, destroy, out_result, RIGHT(SET_UP), .changes = true),
	SOFTHOST_OP(ATTACH, attach, out_result, RIGHT(SET_UP), .owner = true),
	SOFTHOST_OP(DETACH, detach, out_result, RIGHT(SET_UP), .owner = true),
	SOFTHOST_OP(FD_CREATE, fd_create, __reserved, RIGHT(SET_UP)),
	SOFTHOST_OP(STATE_SET, state_set, __reserved, RIGHT(SET_UP)),
	SOFTHOST_OP(REG_READ, reg_read, out_value, RIGHT(REGISTERS) | RIGHT(READ)),
	SOFTHOST_OP(REG_WRITE, reg_write, out_result, RIGHT(REGISTERS), .changes = true),
	SOFTHOST_OP(NODE_SET, node_set, out_result, RIGHT(REGISTERS), .changes = true),
	/* Of a node, or of the host: the command knows which */
	SOFTHOST_OP(RESET, reset, out_result, RIGHT(REGISTERS) | RIGHT(APPLY), .changes = true),
	SOFTHOST_OP(TRANSLATE, translate, out_partition, RIGHT(READ)),
	SOFTHOST_OP(MAP_GET, map_get, out_generation, RIGHT(READ)),
	SOFTHOST_OP(DELTAS, deltas, entries, RIGHT(READ)),
	SOFTHOST_OP(APPLY, apply, out_result, RIGHT(APPLY), .changes = true),
	SOFTHOST_OP(STATE_GET, state_get, out_generation, RIGHT(READ)),
	SOFTHOST_OP(DIRTY_LOG, dirty_log, enable, RIGHT(APPLY), .changes = true),
};

static const struct softhost_ioctl_op *softhost_op_find(unsigned int cmd)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(softhost_ops); i++)
		if (cmd == _IO(CXL_SOFTHOST_TYPE, softhost_ops[i].nr))
			return &softhost_ops[i];
	return NULL;
}

/* What a command made comes to light: after its answer, or not at all */
static int softhost_finish(struct softhost_ucmd *ucmd, int ret)
{
	if (!ucmd->file)
		return ret;
	if (ret) {
		fput(ucmd->file);
		put_unused_fd(ucmd->fd);
		return ret;
	}
	fd_install(ucmd->fd, ucmd->file);
	return 0;
}

static int softhost_execute(const struct softhost_ioctl_op *op, struct softhost_ucmd *ucmd)
{
	struct mm_struct *mm = ucmd->host->mm;
	int ret;

	if (!op->changes || current->mm == mm)
		return op->execute(ucmd);
	/* KVM is called in there: the owner must not go meanwhile */
	if (!mmget_not_zero(mm))
		return -ENODEV;
	ret = op->execute(ucmd);
	mmput(mm);
	return ret;
}

static long softhost_ioctl(struct file *file, unsigned int nr, unsigned long arg)
{
	const struct softhost_ioctl_op *op = softhost_op_find(nr);
	const struct softhost_fd *fd = file->private_data;
	void __user *ubuffer = (void __user *)arg;
	struct softhost_ucmd ucmd = { .host = fd->host, .rights = fd->rights };
	union softhost_ucmd_buffer buffer;
	u32 user_size;
	int ret;

	if (!op)
		return -ENOTTY;
	ret = softhost_fd_check(fd, op->rights, op->owner);
	if (ret)
		return ret;
	if (get_user(user_size, (u32 __user *)ubuffer))
		return -EFAULT;
	if (user_size < op->min_size)
		return -EINVAL;
	if (user_size > SZ_4K)
		return -E2BIG;
	ret = copy_struct_from_user(&buffer, op->size, ubuffer, user_size);
	if (ret)
		return ret;

	ucmd.cmd = &buffer;
	ret = softhost_execute(op, &ucmd);
	/* EMSGSIZE comes with the needed count */
	if ((!ret || ret == -EMSGSIZE || ucmd.answers) &&
	    copy_to_user(ubuffer, &buffer, min(user_size, op->size)))
		ret = -EFAULT;
	return softhost_finish(&ucmd, ret);
}

/**
 * softhost_host_free() - free a host and everything in it
 * @host: the host; nobody else is left, and its engine is gone
 */
void softhost_host_free(struct softhost_host *host)
{
	struct softhost_object *object;
	unsigned long id;

	xa_for_each(&host->objects, id, object)
		kfree(object);
	xa_destroy(&host->objects);
	softhost_buffers_free(host);
	softhost_numbers_free(host->numbers);
	kfree(host->topology.windows);
	mutex_destroy(&host->state_lock);
	kfree(host);
}

/**
 * softhost_host_alloc() - a host without anything in it, that nobody owns yet
 *
 * Return: the host; -ENOMEM.
 */
struct softhost_host *softhost_host_alloc(void)
{
	int ret;

	struct softhost_host *host __free(softhost_host) = kzalloc(sizeof(*host),
								   GFP_KERNEL_ACCOUNT);
	if (!host)
		return ERR_PTR(-ENOMEM);

	mutex_init(&host->state_lock);
	/* So that one of another host isn't one here */
	host->pending.last = get_random_u64();
	refcount_set(&host->fds, 1);
	refcount_set(&host->owners, 1);
	seqlock_init(&host->publish);
	xa_init_flags(&host->objects, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);
	host->limits[SOFTHOST_OBJECT_WINDOW] = SOFTHOST_DEFAULT_WINDOWS;
	host->limits[SOFTHOST_OBJECT_NODE] = SOFTHOST_DEFAULT_NODES;
	host->limits[SOFTHOST_OBJECT_BACKEND] = SOFTHOST_DEFAULT_BACKENDS;
	host->bytes = sizeof(*host);
	/* Room for the largest choice of HOST_SET */
	host->topology.windows = kcalloc(SOFTHOST_MAX_WINDOWS, sizeof(*host->topology.windows),
					 GFP_KERNEL_ACCOUNT);
	if (!host->topology.windows)
		return ERR_PTR(-ENOMEM);
	host->bytes += SOFTHOST_MAX_WINDOWS * sizeof(*host->topology.windows);
	scoped_guard(mutex, &host->state_lock)
		ret = __softhost_buffers_grow(host);
	if (ret)
		return ERR_PTR(ret);
	return_ptr(host);
}

const struct file_operations softhost_fops = {
	.owner = THIS_MODULE,
	.open = softhost_fd_open,
	.release = softhost_fd_release,
	.unlocked_ioctl = softhost_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice softhost_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "cxl-softhost",
	.fops = &softhost_fops,
	.mode = 0660,
};

static int __init softhost_init(void)
{
	int ret = softhost_owner_init();

	if (ret)
		return ret;
	ret = misc_register(&softhost_misc);
	if (ret)
		softhost_owner_exit();
	return ret;
}

static void __exit softhost_exit(void)
{
	misc_deregister(&softhost_misc);
	softhost_owner_exit();
}

module_init(softhost_init);
module_exit(softhost_exit);

MODULE_DESCRIPTION("Software CXL host for KVM virtual machine monitors");
MODULE_AUTHOR("The cxl-softhost developers");
MODULE_LICENSE("GPL");
