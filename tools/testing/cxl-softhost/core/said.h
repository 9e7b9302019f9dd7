/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the module has to say where the model says something. Not the model's own:
 * that knows nothing of the module, and this is for whoever compares the two.
 */
#ifndef _SOFTHOST_TEST_SAID_H
#define _SOFTHOST_TEST_SAID_H

#include <linux/cxl_softhost.h>

#include "model.h"

static inline uint32_t said_outcome(enum model_verdict verdict)
{
	static const uint32_t outcomes[] = {
		[MODEL_STORED] = CXL_SOFTHOST_OUTCOME_DONE,
		[MODEL_COMMITTED] = CXL_SOFTHOST_OUTCOME_COMMITTED,
		[MODEL_UNCOMMITTED] = CXL_SOFTHOST_OUTCOME_UNCOMMITTED,
		[MODEL_REFUSED] = CXL_SOFTHOST_OUTCOME_REFUSED,
		[MODEL_IGNORED] = CXL_SOFTHOST_OUTCOME_IGNORED,
		[MODEL_FOREIGN] = CXL_SOFTHOST_OUTCOME_NOT_MINE,
	};

	return outcomes[verdict];
}

/* Inside a window: is @reason one of enum model_silence? */
static inline bool said_silence(uint32_t reason, unsigned int silence)
{
	switch (reason) {
	case CXL_SOFTHOST_REASON_NO_DECODER:
		return silence & MODEL_NO_DECODER;
	case CXL_SOFTHOST_REASON_NO_TARGET:
		return silence & MODEL_NO_TARGET;
	case CXL_SOFTHOST_REASON_NO_ENDPOINT_DECODER:
		return silence & MODEL_NO_DEVICE_DECODER;
	case CXL_SOFTHOST_REASON_HDM_DISABLED:
		return silence & MODEL_HDM_OFF;
	case CXL_SOFTHOST_REASON_MEM_DISABLED:
		return silence & MODEL_MEM_OFF;
	case CXL_SOFTHOST_REASON_MEDIA_DISABLED:
		return silence & MODEL_MEDIA_OFF;
	}
	return false;
}

#endif /* _SOFTHOST_TEST_SAID_H */
