/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cxl-softhost: private definitions.
 *
 * Lock order:
 *
 *   host->state_lock (taken killable)
 *     -> softhost_kvm_hosts_lock
 *     -> inside the engine only: KVM's slots_lock and SRCU, mmap_lock
 *       -> host->publish (seqlock, leaf)
 *
 * state_lock covers everything that changes objects, registers or the map.
 * Readers (REG_READ, TRANSLATE, MAP_GET, DELTAS) take none of these: they look
 * objects up under RCU and copy registers and segments in a read section of
 * publish, whose write sections only copy memory. Arguments are copied in before
 * state_lock is taken and results out after it is dropped. .mmap, .close of
 * the argument page and .release never take it.
 */
#ifndef _SOFTHOST_H
#define _SOFTHOST_H

#include <linux/fs.h>
#include <linux/kcsan-checks.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/seqlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <linux/cxl_softhost.h>

#include "compat.h"
#include "core/core.h"

#define SOFTHOST_MAX_WINDOWS		64
#define SOFTHOST_MAX_NODES		1024
#define SOFTHOST_MAX_BACKENDS		1024
#define SOFTHOST_DEFAULT_WINDOWS	16
#define SOFTHOST_DEFAULT_NODES		256
#define SOFTHOST_DEFAULT_BACKENDS	256
/* Keeps what one host can make the kernel allocate within a few MiB */
#define SOFTHOST_MAX_SEGMENTS		65536

enum softhost_object_type {
	SOFTHOST_OBJECT_WINDOW,
	SOFTHOST_OBJECT_NODE,
	SOFTHOST_OBJECT_BACKEND,
	SOFTHOST_OBJECT_TYPES,
};

/**
 * struct softhost_object - what every object begins with
 * @type: which one
 * @id: its ID in the host
 * @users: objects that refer to this one; under state_lock
 * @bytes: memory it takes
 * @rcu: readers may still look at it after DESTROY
 */
struct softhost_object {
	enum softhost_object_type type;
	u32 id;
	u32 users;
	size_t bytes;
	struct rcu_head rcu;
};

/**
 * struct softhost_window_object - a window
 * @obj: its ID and users
 * @core: what it is to the map
 * @logs: DIRTY_LOG: whether its slots are logged; under state_lock
 */
struct softhost_window_object {
	struct softhost_object obj;
	struct softhost_window core;
	bool logs;
};

struct softhost_backend_object {
	struct softhost_object obj;
	struct softhost_backend core;
};

/**
 * struct softhost_node_object - a node, followed in the same allocation by both of
 *	its register sets
 * @obj: its ID and users
 * @core: what it is to the map
 * @hdm_bytes: of a register set
 * @restored: STATE_SET: what of it records were about so far: decoders by number,
 *	SOFTHOST_RESTORED_NODE; under state_lock
 */
struct softhost_node_object {
	struct softhost_object obj;
	struct softhost_node core;
	size_t hdm_bytes;
	u64 restored;
};

#define SOFTHOST_RESTORED_NODE BIT_ULL(SOFTHOST_MAX_DECODERS)

#define to_softhost_window(object) container_of(object, struct softhost_window_object, obj)
#define to_softhost_backend(object) container_of(object, struct softhost_backend_object, obj)
#define to_softhost_node(object) container_of(object, struct softhost_node_object, obj)

/* Objects are freed by their first member */
static_assert(!offsetof(struct softhost_window_object, obj));
static_assert(!offsetof(struct softhost_backend_object, obj));
static_assert(!offsetof(struct softhost_node_object, obj));

struct cred;
struct softhost_host;

/**
 * struct softhost_engine_ops - who installs extents
 * @add: install @segment in slot @slot, logged if @logs; 0 or a negative errno
 * @log: set whether @slot, which holds @segment, is logged; 0 or an errno of
 *	DIRTY_LOG. NULL if that isn't the engine's business
 * @remove: take it out; 0 also when it is already gone or the VM is dead
 * @detach: free the engine; its slots are gone, or the host is revoked or goes
 *	itself: then they stay in the VM. Never calls KVM
 *
 * Called with state_lock; @detach also when nobody is left who could take it. The
 * caller is in any process: KVM has to be called in the owner's name.
 */
struct softhost_engine_ops {
	int (*add)(struct softhost_host *host, u32 slot, const struct softhost_segment *segment,
		   bool logs);
	int (*log)(struct softhost_host *host, u32 slot, const struct softhost_segment *segment,
		   bool logs);
	int (*remove)(struct softhost_host *host, u32 slot);
	void (*detach)(struct softhost_host *host);
};

/**
 * struct softhost_engine - an attached engine
 * @ops: how to reach it
 * @kind: enum cxl_softhost_engine
 * @first_slot: first donated slot number
 * @slot_count: how many
 * @slots: bitmap of those in use, condemned ones included
 * @bytes: memory it takes
 * @detaching: DETACH couldn't remove everything: nothing is added any more
 */
struct softhost_engine {
	const struct softhost_engine_ops *ops;
	u32 kind;
	u32 first_slot;
	u32 slot_count;
	unsigned long *slots;
	size_t bytes;
	bool detaching;
};

/**
 * struct softhost_numbers - what numbers STATE_SET gave the slots of extents
 * @claimed: ATTACH: those of them that extents will have, by index into the donated
 * @count: how many
 * @slots: by ascending HPA
 */
struct softhost_numbers {
	unsigned long *claimed;
	u32 count;
	struct {
		u64 hpa;
		u32 slot;
	} slots[];
};

enum softhost_change_kind {
	SOFTHOST_CHANGE_WRITE,
	SOFTHOST_CHANGE_SET,
	SOFTHOST_CHANGE_RESET,
	SOFTHOST_CHANGE_DESTROY,
};

/**
 * struct softhost_change - a command that changes registers
 * @kind: which one
 * @node_id: of what; RESET: 0 for every node
 * @offset: WRITE: in the component register block, bytes
 * @width: WRITE: bytes
 * @value: WRITE: little endian
 * @mask: SET: CXL_SOFTHOST_SET_*
 * @mem_enable: SET
 * @media: SET
 *
 * All of it, so that it can be judged, and judged again when APPLY comes.
 */
struct softhost_change {
	enum softhost_change_kind kind;
	u32 node_id;
	u32 offset;
	u32 width;
	u64 value;
	u32 mask;
	u32 mem_enable;
	u32 media;
};

enum softhost_phase {
	SOFTHOST_PHASE_BEGIN,
	SOFTHOST_PHASE_APPLY,
	SOFTHOST_PHASE_ABORT,
};

/**
 * struct softhost_pending - a change that waits for APPLY
 * @token: names it; 0 if none is pending
 * @last: the newest token there was; the first is random
 * @change: what it is
 */
struct softhost_pending {
	u64 token;
	u64 last;
	struct softhost_change change;
};

/**
 * struct softhost_fd - what a file of ours stands for
 * @host: the host
 * @rights: CXL_SOFTHOST_RIGHT_*
 * @delegated: made by FD_CREATE: any process may use it
 */
struct softhost_fd {
	struct softhost_host *host;
	u32 rights;
	bool delegated;
};

/**
 * struct softhost_host - one open of the device: one VM's CXL hierarchy
 * @state_lock: serialises everything that changes something
 * @mm: of the process that opened, the owner. Held with mmgrab(): the struct
 *	stays, the address space may go
 * @notifier: tells when @mm dies
 * @fds: files that stand for the host
 * @owners: those of them that can set it up
 * @revoked: @mm or the last of @owners is gone: every command is ENODEV
 * @revoke: lets go of the VM then
 * @closing: the last file is closed, so @mm's death doesn't matter any more
 * @objects: IDs to objects; looked up under RCU or state_lock
 * @next_id: where to look for a free ID
 * @counts: objects by type
 * @limits: most objects by type
 * @started: an object was created: HOST_SET comes too late
 * @two_phase: memory comes and goes in two phases
 * @topology: windows by HPA; nodes hang off them
 * @publish: readers of @map, @deltas and of every node's @hdm retry against it
 * @map: the map in force
 * @next: buffer for the one being built
 * @plan: steps between the two
 * @pending: the change that waits for APPLY
 * @deltas: on a two-phase host: what it adds or removes. Its generation is the
 *	token, or 0
 * @bound: worst case of the present set-up
 * @bytes: kernel memory taken, without buffers and engine
 * @engine: attached engine, NULL for none
 * @numbers: what STATE_SET gave slots, until ATTACH has made them; NULL for none
 */
struct softhost_host {
	struct mutex state_lock;	/* see the lock order above */
	struct mm_struct *mm;
	struct mmu_notifier notifier;
	refcount_t fds;
	refcount_t owners;
	bool revoked;
	struct work_struct revoke;
	bool closing;

	struct xarray objects;
	u32 next_id;
	u32 counts[SOFTHOST_OBJECT_TYPES];
	u32 limits[SOFTHOST_OBJECT_TYPES];
	bool started;
	bool two_phase;
	struct softhost_topology topology;

	seqlock_t publish;
	struct softhost_map __rcu *map;
	struct softhost_map *next;
	struct softhost_plan plan;
	struct softhost_pending pending;
	struct softhost_map __rcu *deltas;
	struct softhost_bound bound;
	size_t bytes;

	struct softhost_engine *engine;
	struct softhost_numbers *numbers;
};

/**
 * struct softhost_ucmd - a command being executed
 * @host: the host
 * @cmd: argument structure, zero-extended to the kernel's size; copied back
 *	to the caller, up to the size it gave, when the handler succeeds
 * @rights: of the descriptor, CXL_SOFTHOST_RIGHT_*
 * @file: NULL, or a file that the caller gets once all else succeeded
 * @fd: the number that is reserved for it
 * @answers: @cmd tells something even if the command fails
 */
struct softhost_ucmd {
	struct softhost_host *host;
	void *cmd;
	u32 rights;
	struct file *file;
	int fd;
	bool answers;
};

/* main.c */
extern const struct file_operations softhost_fops;
struct softhost_host *softhost_host_alloc(void);
void softhost_host_free(struct softhost_host *host);
DEFINE_FREE(softhost_host, struct softhost_host *, if (!IS_ERR_OR_NULL(_T)) softhost_host_free(_T))

/* fd.c */
int softhost_fd_check(const struct softhost_fd *fd, u32 rights, bool owner);
int softhost_fd_open(struct inode *inode, struct file *file);
int softhost_fd_release(struct inode *inode, struct file *file);
int softhost_fd_create_ioctl(struct softhost_ucmd *ucmd);

/* owner.c */
int softhost_owner_init(void);
void softhost_owner_exit(void);
void softhost_owner_queue(struct work_struct *work);
int __softhost_owner_call(struct softhost_host *host, const struct cred *cred,
			  int (*call)(struct softhost_host *host, void *arg), void *arg);

/* object.c */
int __softhost_object_reserve(struct softhost_host *host, struct softhost_object *object,
			      enum softhost_object_type type);
void __softhost_object_publish(struct softhost_host *host, struct softhost_object *object);
void __softhost_object_abort(struct softhost_host *host, struct softhost_object *object);
void __softhost_object_free(struct softhost_host *host, struct softhost_object *object);
struct softhost_object *softhost_object_find(struct softhost_host *host, u32 id);
struct softhost_object *softhost_object_get(struct softhost_host *host, u32 id,
					    enum softhost_object_type type);
int softhost_destroy_ioctl(struct softhost_ucmd *ucmd);

/* window.c, backend.c, node.c */
int softhost_window_create_ioctl(struct softhost_ucmd *ucmd);
int __softhost_window_destroy(struct softhost_host *host, struct softhost_window_object *window,
			      struct cxl_softhost_result *result);
int softhost_backend_create_ioctl(struct softhost_ucmd *ucmd);
const struct softhost_backend *__softhost_backend_find(struct softhost_host *host, u32 id,
						       u64 offset, u64 length);
void __softhost_backend_use(const struct softhost_backend *backend, int by);
int __softhost_backend_destroy(struct softhost_host *host,
			       struct softhost_backend_object *backend);
int softhost_node_create_ioctl(struct softhost_ucmd *ucmd);
void __softhost_node_gone(struct softhost_host *host, struct softhost_node_object *node);

/* register.c */
int softhost_reg_read_ioctl(struct softhost_ucmd *ucmd);
int softhost_reg_write_ioctl(struct softhost_ucmd *ucmd);
int softhost_node_set_ioctl(struct softhost_ucmd *ucmd);
int softhost_reset_ioctl(struct softhost_ucmd *ucmd);

/* change.c */
void __softhost_unstage(struct softhost_host *host, struct softhost_node_object *node);
int __softhost_change(struct softhost_host *host, const struct softhost_change *change,
		      enum softhost_phase phase, struct cxl_softhost_result *result);

/* pending.c */
void __softhost_pending_begin(struct softhost_host *host, const struct softhost_change *change);
bool __softhost_pending_stands(struct softhost_host *host);
void __softhost_pending_end(struct softhost_host *host);
u64 __softhost_pending_token(struct softhost_host *host, const struct cxl_softhost_result *result);
int softhost_apply_ioctl(struct softhost_ucmd *ucmd);

/* buffers.c */
struct softhost_map *__softhost_map(struct softhost_host *host);
struct softhost_map *__softhost_deltas(struct softhost_host *host);
size_t __softhost_buffers_bytes(struct softhost_host *host);
int __softhost_buffers_grow(struct softhost_host *host);
void softhost_buffers_free(struct softhost_host *host);

/* apply.c */
bool __softhost_apply(struct softhost_host *host, struct softhost_node_object *changed,
		      struct cxl_softhost_result *result);
bool __softhost_prepare(struct softhost_host *host, struct cxl_softhost_result *result);
bool __softhost_slots_suffice(struct softhost_host *host, struct cxl_softhost_result *result);
bool __softhost_carry_out(struct softhost_host *host, struct softhost_node_object *changed,
			  struct cxl_softhost_result *result);
bool __softhost_remove_all(struct softhost_host *host);
void __softhost_retry_condemned(struct softhost_host *host);
void __softhost_condemn_slot(struct softhost_host *host, const struct softhost_segment *segment);

/* slots.c */
struct softhost_numbers *softhost_numbers_alloc(u32 count);
void softhost_numbers_free(struct softhost_numbers *numbers);
void __softhost_numbers_set(struct softhost_host *host, struct softhost_numbers *numbers);
int __softhost_numbers_claim(struct softhost_host *host);
void __softhost_numbers_unclaim(struct softhost_host *host);
u32 __softhost_number(struct softhost_host *host, u64 hpa);
u32 __softhost_slot_choose(struct softhost_host *host, const struct softhost_segment *segment,
			   u32 from);

/* publish.c */
bool softhost_refuse(struct cxl_softhost_result *result, u32 reason, u64 expected, u64 found);
void __softhost_result_finish(struct softhost_host *host, struct cxl_softhost_result *result);
void __softhost_publish(struct softhost_host *host, struct softhost_node_object *changed);
void __softhost_publish_node(struct softhost_host *host, struct softhost_node_object *node);
void __softhost_publish_map(struct softhost_host *host);

/* translate.c */
int softhost_translate_ioctl(struct softhost_ucmd *ucmd);

/* entries.c */
bool softhost_entry_size_ok(u32 entry_size, u32 least);
int softhost_entry_put(u64 entries, u32 i, u32 entry_size, const void *entry, u32 bytes);

/* snapshot.c */
int softhost_map_get_ioctl(struct softhost_ucmd *ucmd);
int softhost_deltas_ioctl(struct softhost_ucmd *ucmd);

/* state.c */
int softhost_state_get_ioctl(struct softhost_ucmd *ucmd);
int softhost_state_set_ioctl(struct softhost_ucmd *ucmd);

/* dirty-log.c */
bool __softhost_logs(struct softhost_host *host, u32 window_id);
int softhost_dirty_log_ioctl(struct softhost_ucmd *ucmd);

/* engine.c */
int softhost_attach_ioctl(struct softhost_ucmd *ucmd);
int softhost_detach_ioctl(struct softhost_ucmd *ucmd);
void softhost_engine_detach(struct softhost_host *host);

/* engine-advisory.c */
int __softhost_advisory_attach(struct softhost_host *host, const struct cxl_softhost_attach *cmd);

/* engine-kvm.c */
#if IS_ENABLED(CONFIG_CXL_SOFTHOST_KVM)
int __softhost_kvm_attach(struct softhost_host *host, const struct cxl_softhost_attach *cmd);
#else
static inline int __softhost_kvm_attach(struct softhost_host *host,
					const struct cxl_softhost_attach *cmd)
{
	return -EOPNOTSUPP;
}
#endif

/*
 * A read section of host->publish: first without the lock, and if a writer got
 * in between, once more with it. So a guest that writes registers without end
 * can't keep a reader going round. Use as a loop condition:
 *
 *	int seq = 0;
 *
 *	softhost_read_begin(host, &seq);
 *	do {
 *		...
 *	} while (softhost_read_again(host, &seq));
 */
static inline void softhost_read_begin(struct softhost_host *host, int *seq)
{
	/*
	 * The section itself tells KCSAN about a number of accesses only, and those
	 * of the scheduler count, when a reader is preempted in here.
	 */
	kcsan_nestable_atomic_begin();
	read_seqbegin_or_lock(&host->publish, seq);
}

static inline bool softhost_read_again(struct softhost_host *host, int *seq)
{
	if (need_seqretry(&host->publish, *seq)) {
		*seq = 1;
		read_seqbegin_or_lock(&host->publish, seq);
		return true;
	}
	done_seqretry(&host->publish, *seq);
	kcsan_nestable_atomic_end();
	return false;
}

/*
 * Around writes to host->next. A reader that began before the last change may
 * still be in that buffer: it was the map in force. What it makes of it doesn't
 * matter, since it finds that publish has moved on and goes round again. So to
 * KCSAN these writes are what those of a write section are, without the rest of
 * it: KVM is called in between. Single words are written with WRITE_ONCE().
 */
static inline void softhost_build_begin(void)
{
	kcsan_nestable_atomic_begin();
}

static inline void softhost_build_end(void)
{
	kcsan_nestable_atomic_end();
}

#endif /* _SOFTHOST_H */
