// SPDX-License-Identifier: GPL-2.0-only
/*
 * ATTACH and DETACH: giving the map to an engine and taking it back.
 */
#include <linux/err.h>

#include "softhost.h"

/* What couldn't be deleted keeps the engine, for DETACH to try again */
static void __softhost_engine_drop(struct softhost_host *host)
{
	lockdep_assert_held(&host->state_lock);

	__softhost_numbers_unclaim(host);
	if (__softhost_map(host)->condemned)
		host->engine->detaching = true;
	else
		softhost_engine_detach(host);
}

/* Which of them it is, and whether it takes what it is asked */
static int __softhost_engine_attach(struct softhost_host *host,
				    const struct cxl_softhost_attach *cmd)
{
	if (cmd->engine == CXL_SOFTHOST_ENGINE_ADVISORY)
		return __softhost_advisory_attach(host, cmd);
	return __softhost_kvm_attach(host, cmd);
}

int softhost_attach_ioctl(struct softhost_ucmd *ucmd)
{
	struct cxl_softhost_attach *cmd = ucmd->cmd;
	struct softhost_host *host = ucmd->host;
	struct cxl_softhost_result *result = &cmd->out_result;
	int ret;

	if (cmd->flags & ~CXL_SOFTHOST_ATTACH_TAKEOVER)
		return -EOPNOTSUPP;
	if (cmd->engine != CXL_SOFTHOST_ENGINE_KVM && cmd->engine != CXL_SOFTHOST_ENGINE_ADVISORY)
		return -EINVAL;

	CLASS(softhost_state, state)(&host->state_lock);
	if (!softhost_state_locked(&state))
		return -EINTR;
	if (host->engine)
		return -EBUSY;
	if (!host->topology.window_count)
		return -ENOENT;

	ret = __softhost_engine_attach(host, cmd);
	if (ret) {
		if (host->engine)
			__softhost_engine_drop(host);
		return ret;
	}

	softhost_result_init(result);
	if (!__softhost_apply(host, NULL, result)) {
		__softhost_engine_drop(host);
		return result->reason == CXL_SOFTHOST_REASON_NO_SLOTS ? -ENOSPC : -EREMOTEIO;
	}
	__softhost_numbers_set(host, NULL);
	cmd->out_first_slot = host->engine->first_slot;
	cmd->out_slot_count = host->engine->slot_count;
	__softhost_result_finish(host, result);
	return 0;
}

int softhost_detach_ioctl(struct softhost_ucmd *ucmd)
{
	struct cxl_softhost_detach *cmd = ucmd->cmd;
	struct softhost_host *host = ucmd->host;

	if (cmd->flags)
		return -EOPNOTSUPP;

	CLASS(softhost_state, state)(&host->state_lock);
	if (!softhost_state_locked(&state))
		return -EINTR;
	if (!host->engine)
		return -ENOTCONN;

	softhost_result_init(&cmd->out_result);
	__softhost_pending_end(host);
	__softhost_remove_all(host);
	__softhost_engine_drop(host);
	__softhost_result_finish(host, &cmd->out_result);
	return 0;
}

/**
 * softhost_engine_detach() - let go of the engine
 * @host: the host, its slots gone, or revoked, or gone itself: then they stay in
 *	the VM
 */
void softhost_engine_detach(struct softhost_host *host)
{
	if (host->engine)
		host->engine->ops->detach(host);
}
