/* SPDX-License-Identifier: GPL-2.0-only */
/* The steps of the sequence, for sequence*.c alone. */
#ifndef CXL_SOFTHOST_TEST_SEQUENCE_STEPS_H
#define CXL_SOFTHOST_TEST_SEQUENCE_STEPS_H

#include "phases.h"
#include "sequence.h"

#define FIRST_SLOT 1000
#define SLOTS 6
/* Of the first device, in two windows: two slots. Of the second: one. */
#define BASE(endpoint) (WINDOW_HPA + 4 * UNIT * (endpoint))
#define SIZE(endpoint) ((endpoint) ? UNIT : 2 * UNIT)

#define RUN(name)								\
	int run_##name(struct sequence *seq, unsigned int arg,			\
		       struct cxl_softhost_result *result)
#define DONE(name) void done_##name(struct sequence *seq, unsigned int arg)

/* What a guest makes of a device's decoder */
struct decoder endpoint_decoder(unsigned int arg);

RUN(open);
RUN(close);
RUN(info);
RUN(host_set);
RUN(host_set_phases);
RUN(fd_create);
RUN(backend_create);
RUN(bridge_create);
RUN(window_create);
RUN(endpoint_create);
RUN(attach);
RUN(detach);
RUN(destroy_endpoint);
RUN(destroy_window);
RUN(destroy_bridge);
RUN(destroy_backend);
RUN(deltas);
RUN(apply_commit);
RUN(apply_uncommit);
RUN(state_get);
RUN(state_set);
RUN(dirty_log);

DONE(close);
DONE(window_create);
DONE(endpoint_create);
DONE(attach);
DONE(detach);
DONE(destroy_endpoint);
DONE(destroy_window);
DONE(destroy_bridge);

#undef RUN
#undef DONE

#endif
