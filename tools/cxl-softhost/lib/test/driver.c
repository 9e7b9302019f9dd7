// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include <stdlib.h>

#include "driver.h"
#include "fake.h"

#define CAPABILITY_MAILBOX 2

static struct fake fake;

struct cxlsh_type3 *dev;
uint8_t *lsa;
uint64_t mailbox;
uint64_t clock_now;

void driver_init(void)
{
	dev = malloc(sizeof(*dev));
	lsa = malloc(LSA_BYTES);
	if (!dev || !lsa)
		abort();
}

void driver_exit(void)
{
	free(dev);
	free(lsa);
}

static uint64_t now(void *ctx)
{
	return *(uint64_t *)ctx;
}

static uint64_t find_mailbox(void)
{
	uint64_t count = get(0, 8) >> 32 & 0xffff;

	for (uint64_t i = 1; i <= count; i++)
		if (get(0x10 * i, 2) == CAPABILITY_MAILBOX)
			return get(0x10 * i + 4, 4);
	abort();
}

void start(uint64_t volatile_size, uint64_t persistent_size, uint32_t lsa_size)
{
	struct cxlsh_type3_setup setup = {
		.host = &fake.host,
		.node_id = 1,
		.id = { .vendor = 0x1234 },
		.volatile_size = volatile_size,
		.persistent_size = persistent_size,
		.fw_revision = "a revision much too long",
		.lsa = lsa_size ? lsa : NULL,
		.lsa_size = lsa_size,
		.now = now,
		.now_ctx = &clock_now,
	};

	fake_init(&fake);
	if (cxlsh_type3_init(dev, &setup))
		abort();
	mailbox = find_mailbox();
}

uint64_t get(uint64_t offset, size_t len)
{
	uint8_t data[8] = { 0 };
	uint64_t value = 0;

	if (cxlsh_type3_mmio_read(dev, DEVICE + offset, data, len))
		abort();
	while (len--)
		value = value << 8 | data[len];
	return value;
}

void put(uint64_t offset, size_t len, uint64_t value)
{
	uint8_t data[8];

	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)(value >> (8 * i));
	if (cxlsh_type3_mmio_write(dev, DEVICE + offset, data, len))
		abort();
}

unsigned int command(uint16_t opcode, const void *in, size_t in_len, void *out,
		     size_t *out_len)
{
	size_t room = out_len ? *out_len : 0;
	uint64_t status;

	if (get(mailbox + 4, 4) & 1)
		abort();
	for (size_t i = 0; i < in_len; i++)
		put(mailbox + 0x20 + i, 1, ((const uint8_t *)in)[i]);
	put(mailbox + 8, 8, opcode | (uint64_t)in_len << 16);
	put(mailbox + 4, 4, 1);
	if (get(mailbox + 4, 4) & 1)
		abort();
	status = get(mailbox + 0x10, 8);
	if (out_len) {
		*out_len = (size_t)(get(mailbox + 8, 8) >> 16 & 0x1fffff);
		for (size_t i = 0; i < *out_len && i < room; i++)
			((uint8_t *)out)[i] = (uint8_t)get(mailbox + 0x20 + i, 1);
	}
	return (unsigned int)(status >> 32 & 0xffff);
}
