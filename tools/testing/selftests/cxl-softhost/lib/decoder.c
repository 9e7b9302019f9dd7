// SPDX-License-Identifier: GPL-2.0-only
/* Programming HDM decoders the way guests do. */
#include "softhost.h"

static void write32(int fd, uint32_t node, uint32_t offset, uint32_t value)
{
	struct cxl_softhost_result result = reg_write(fd, node, offset, 4, value);

	/* Whether the host is DEGRADED is for the commit to tell. */
	result.flags = 0;
	EXPECT_RESULT(DONE, NONE, result);
}

void decoder_program(int fd, uint32_t node, unsigned int number, const struct decoder *decoder)
{
	uint32_t offset = HDM_DECODER(number);

	write32(fd, node, offset + HDM_BASE_HIGH, decoder->base >> 32);
	write32(fd, node, offset + HDM_BASE_LOW, decoder->base);
	write32(fd, node, offset + HDM_SIZE_HIGH, decoder->size >> 32);
	write32(fd, node, offset + HDM_SIZE_LOW, decoder->size);
	write32(fd, node, offset + HDM_EXTRA_HIGH, decoder->extra >> 32);
	write32(fd, node, offset + HDM_EXTRA_LOW, decoder->extra);
}

uint32_t decoder_commit_value(const struct decoder *decoder)
{
	return CONTROL_GRANULARITY(decoder->granularity_code) | CONTROL_WAYS(decoder->ways_code) |
	       (decoder->lock ? CONTROL_LOCK : 0) | CONTROL_HOST_ONLY | CONTROL_COMMIT;
}

struct cxl_softhost_result decoder_commit(int fd, uint32_t node, unsigned int number,
					  const struct decoder *decoder)
{
	decoder_program(fd, node, number, decoder);
	return reg_write(fd, node, HDM_DECODER(number) + HDM_CONTROL, 4,
			 decoder_commit_value(decoder));
}

struct cxl_softhost_result decoder_uncommit(int fd, uint32_t node, unsigned int number)
{
	return reg_write(fd, node, HDM_DECODER(number) + HDM_CONTROL, 4,
			 decoder_control(fd, node, number) & ~CONTROL_COMMIT);
}

uint32_t decoder_control(int fd, uint32_t node, unsigned int number)
{
	return reg_read(fd, node, HDM_DECODER(number) + HDM_CONTROL, 4);
}

bool decoder_is_committed(int fd, uint32_t node, unsigned int number)
{
	return decoder_control(fd, node, number) & CONTROL_COMMITTED;
}

bool decoder_read(int fd, uint32_t node, unsigned int number, struct decoder *values)
{
	uint32_t at = HDM_DECODER(number), control = decoder_control(fd, node, number);

	*values = (struct decoder){
		.base = reg_read(fd, node, at + HDM_BASE_LOW, 8),
		.size = reg_read(fd, node, at + HDM_SIZE_LOW, 8),
		.ways_code = control >> 4 & 0xf,
		.extra = reg_read(fd, node, at + HDM_EXTRA_LOW, 4),
	};
	return control & CONTROL_COMMITTED;
}
