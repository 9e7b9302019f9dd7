// SPDX-License-Identifier: GPL-2.0-only
/*
 * In the owner's name: KVM takes commands for a VM only from the address space
 * that made it. What another process's command asks of KVM runs on a worker that
 * has adopted the owner's, and is charged to the owner's memory cgroup.
 */
#include <linux/cred.h>
#include <linux/kthread.h>
#include <linux/memcontrol.h>
#include <linux/sched/mm.h>
#include <linux/workqueue.h>

#include "softhost.h"

/* As many as it takes: none of them may wait for another host's */
static struct workqueue_struct *softhost_owner_wq;

int softhost_owner_init(void)
{
	softhost_owner_wq = alloc_workqueue("cxl-softhost", WQ_UNBOUND, WQ_MAX_ACTIVE);
	return softhost_owner_wq ? 0 : -ENOMEM;
}

void softhost_owner_exit(void)
{
	destroy_workqueue(softhost_owner_wq);
}

/**
 * softhost_owner_queue() - let something run, soon, in nobody's name
 * @work: what
 */
void softhost_owner_queue(struct work_struct *work)
{
	queue_work(softhost_owner_wq, work);
}

struct softhost_owner_call {
	struct work_struct work;
	struct softhost_host *host;
	const struct cred *cred;
	int (*call)(struct softhost_host *host, void *arg);
	void *arg;
	int ret;
};

static void softhost_owner_work(struct work_struct *work)
{
	struct softhost_owner_call *call = container_of(work, struct softhost_owner_call, work);
	struct mm_struct *mm = call->host->mm;
	struct mem_cgroup *memcg, *old_memcg;
	const struct cred *old_cred;

	kthread_use_mm(mm);
	old_cred = override_creds(call->cred);
	memcg = get_mem_cgroup_from_mm(mm);
	old_memcg = set_active_memcg(memcg);
	call->ret = call->call(call->host, call->arg);
	set_active_memcg(old_memcg);
	mem_cgroup_put(memcg);
	revert_creds(old_cred);
	kthread_unuse_mm(mm);
}

/**
 * __softhost_owner_call() - call something in the owner's address space
 * @host: the host. If the caller is another process, it holds mm_users of it
 * @cred: of the owner
 * @call: must not ask lockdep who holds state_lock: it may run elsewhere
 * @arg: for @call
 *
 * Under state_lock, so there is one at a time for each host, which doesn't wait
 * for others'.
 *
 * Return: what @call returns.
 */
int __softhost_owner_call(struct softhost_host *host, const struct cred *cred,
			  int (*call)(struct softhost_host *host, void *arg), void *arg)
{
	struct softhost_owner_call work = {
		.host = host,
		.cred = cred,
		.call = call,
		.arg = arg,
	};

	lockdep_assert_held(&host->state_lock);

	if (current->mm == host->mm)
		return call(host, arg);
	INIT_WORK_ONSTACK(&work.work, softhost_owner_work);
	queue_work(softhost_owner_wq, &work.work);
	flush_work(&work.work);
	destroy_work_on_stack(&work.work);
	return work.ret;
}
