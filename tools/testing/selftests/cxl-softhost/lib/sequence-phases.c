// SPDX-License-Identifier: GPL-2.0-only
/* Steps of the sequence on a two-phase host. */
#include <errno.h>
#include <unistd.h>

#include "sequence-steps.h"

/* One prototype for all steps, whether or not they need all of it */
#pragma GCC diagnostic ignored "-Wunused-parameter"

/* The guest's commit or uncommit, which is pending then */
static int begin(struct sequence *seq, unsigned int arg, bool commit, uint64_t *token)
{
	struct decoder decoder = endpoint_decoder(arg);
	struct cxl_softhost_reg_write args = {
		.size = sizeof(args),
		.node_id = seq->host.endpoints[arg].id,
		.offset = HDM_DECODER(0) + HDM_CONTROL,
		.width = 4,
		.value = commit ? decoder_commit_value(&decoder) : 0,
	};
	int ret = softhost_ioctl(seq->host.fd, CXL_SOFTHOST_REG_WRITE, &args);

	*token = args.out_token;
	if (!ret)
		EXPECT_EQ(CXL_SOFTHOST_OUTCOME_PENDING, args.out_result.outcome);
	return ret;
}

int run_deltas(struct sequence *seq, unsigned int arg, struct cxl_softhost_result *result)
{
	static struct cxl_softhost_delta deltas[4];
	uint32_t count = ARRAY_SIZE(deltas);
	uint64_t token;
	int ret = begin(seq, arg, true, &token);

	ret = ret ?: __deltas(seq->host.fd, token, sizeof(deltas[0]), &count, deltas);
	/* Of the other device, which has nothing to lose: it cancels the commit */
	ASSERT_RETURN(0, __reset(seq->host.fd, seq->host.endpoints[!arg].id, NULL));
	return ret;
}

/* Not kept: what the sequence does next is the owner's */
int run_fd_create(struct sequence *seq, unsigned int arg, struct cxl_softhost_result *result)
{
	struct cxl_softhost_fd_create args = {
		.size = sizeof(args), .rights = CXL_SOFTHOST_RIGHT_READ,
	};
	int ret = softhost_ioctl(seq->host.fd, CXL_SOFTHOST_FD_CREATE, &args);

	return ret ?: close(args.out_fd) ? -errno : 0;
}

int run_apply_commit(struct sequence *seq, unsigned int arg,
		     struct cxl_softhost_result *result)
{
	uint64_t token;

	return begin(seq, arg, true, &token) ?: __apply(seq->host.fd, token, 0, result);
}

int run_apply_uncommit(struct sequence *seq, unsigned int arg,
		       struct cxl_softhost_result *result)
{
	uint64_t token;

	return begin(seq, arg, false, &token) ?: __apply(seq->host.fd, token, 0, result);
}
