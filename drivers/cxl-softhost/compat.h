/* SPDX-License-Identifier: GPL-2.0-only */
/* Every difference between kernel versions, and nothing else. */
#ifndef _SOFTHOST_COMPAT_H
#define _SOFTHOST_COMPAT_H

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/version.h>

/*
 * A killable mutex guard: ACQUIRE() and mutex_kill are newer than what is
 * supported here. softhost_state_locked() says whether it was taken.
 */
typedef struct {
	struct mutex *lock;	/* NULL if it wasn't taken */
} softhost_state_guard_t;

static inline softhost_state_guard_t softhost_state_guard_lock(struct mutex *lock)
{
	softhost_state_guard_t guard = { .lock = lock };

	if (mutex_lock_killable(lock))
		guard.lock = NULL;
	return guard;
}

DEFINE_CLASS(softhost_state, softhost_state_guard_t,
	     if (_T.lock) mutex_unlock(_T.lock),
	     softhost_state_guard_lock(lock), struct mutex *lock)

static inline bool softhost_state_locked(const softhost_state_guard_t *guard)
{
	return guard->lock;
}

/* New in 6.4 */
#ifndef struct_size_t
#define struct_size_t(type, member, count) struct_size((type *)NULL, member, count)
#endif

/* <linux/file.h> has __free(fput) since 6.8 only, and no way to ask for it */
DEFINE_FREE(softhost_fput, struct file *, if (!IS_ERR_OR_NULL(_T)) fput(_T))

/* vm_flags became read-only, with accessors, in 6.3 */
static inline void softhost_vm_flags_set(struct vm_area_struct *vma, unsigned long flags)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_set(vma, flags);
#else
	vma->vm_flags |= flags;
#endif
}

/* End of what KVM can give a VM as physical addresses, as far as known here */
static inline u64 softhost_phys_end(void)
{
#ifdef CONFIG_X86
	return 1ULL << boot_cpu_data.x86_phys_bits;
#else
	return 1ULL << 52;
#endif
}

#endif /* _SOFTHOST_COMPAT_H */
