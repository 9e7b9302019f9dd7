// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * libcxlsofthost: mailbox commands of a Type-3 device.
 */
#include <string.h>

#include "internal.h"
#include "mailbox.h"

/* Return codes. Some guests index a table of 0x17 entries with them */
enum cxlsh_code {
	CXLSH_SUCCESS = 0x0,
	CXLSH_INVALID_INPUT = 0x2,
	CXLSH_UNSUPPORTED = 0x3,
	CXLSH_INVALID_PAYLOAD_LENGTH = 0x16,
};

/* Get Log with a UUID that isn't there is 0x17, which 6.1 guests can't look up */
#define CXLSH_INVALID_LOG CXLSH_INVALID_INPUT

#define CXLSH_OP_GET_TIMESTAMP 0x0300
#define CXLSH_OP_SET_TIMESTAMP 0x0301
#define CXLSH_OP_GET_SUPPORTED_LOGS 0x0400
#define CXLSH_OP_GET_LOG 0x0401
#define CXLSH_OP_IDENTIFY 0x4000
#define CXLSH_OP_GET_PARTITION_INFO 0x4100
#define CXLSH_OP_GET_LSA 0x4102
#define CXLSH_OP_SET_LSA 0x4103
#define CXLSH_OP_GET_HEALTH_INFO 0x4200
#define CXLSH_OP_GET_SHUTDOWN_STATE 0x4203
#define CXLSH_OP_SET_SHUTDOWN_STATE 0x4204

/* Command Effects Log */
#define CXLSH_EFFECT_CONFIG_NOW (1U << 1)
#define CXLSH_EFFECT_DATA_NOW (1U << 2)
#define CXLSH_EFFECT_POLICY_NOW (1U << 3)

#define CXLSH_CEL_ENTRY 4

/* Shutdown State; the rest of the byte is reserved */
#define CXLSH_SHUTDOWN_DIRTY (1U << 0)

static const uint8_t cel_uuid[16] = {
	0x0d, 0xa9, 0xc0, 0xb5, 0xbf, 0x41, 0x4b, 0x78,
	0x8f, 0x79, 0x96, 0xb1, 0x62, 0x3b, 0x3f, 0x17,
};

/*
 * Handlers find @len bytes of input in @payload and put the output there; they
 * take what they need from the input first. *len is 0 on the way in to output.
 */
struct cxlsh_command {
	uint16_t opcode;
	uint16_t effect;
	/* Length of the input; with @longer, the least */
	uint32_t input;
	bool longer;
	bool (*present)(const struct cxlsh_type3 *dev);
	enum cxlsh_code (*run)(struct cxlsh_type3 *dev, uint8_t *payload,
			       uint32_t input, uint32_t *output);
};

static size_t cxlsh_cel(const struct cxlsh_type3 *dev, uint8_t *entries);

static bool cxlsh_has_clock(const struct cxlsh_type3 *dev)
{
	return dev->setup.now;
}

static bool cxlsh_has_lsa(const struct cxlsh_type3 *dev)
{
	return dev->setup.lsa_size;
}

static bool cxlsh_has_persistent(const struct cxlsh_type3 *dev)
{
	return dev->setup.persistent_size;
}

static uint64_t cxlsh_clock(const struct cxlsh_type3 *dev)
{
	return dev->setup.now ? dev->setup.now(dev->setup.now_ctx) : 0;
}

static enum cxlsh_code cxlsh_get_timestamp(struct cxlsh_type3 *dev, uint8_t *payload,
					   uint32_t input, uint32_t *output)
{
	const struct cxlsh_mailbox *mailbox = &dev->mailbox;
	uint64_t now = 0;

	(void)input;
	if (mailbox->timestamp)
		now = mailbox->timestamp + cxlsh_clock(dev) - mailbox->timestamp_set_at;
	cxlsh_put_le(payload, now, 8);
	*output = 8;
	return CXLSH_SUCCESS;
}

static enum cxlsh_code cxlsh_set_timestamp(struct cxlsh_type3 *dev, uint8_t *payload,
					   uint32_t input, uint32_t *output)
{
	(void)input;
	(void)output;
	dev->mailbox.timestamp = cxlsh_get_le(payload, 8);
	dev->mailbox.timestamp_set_at = cxlsh_clock(dev);
	return CXLSH_SUCCESS;
}

static enum cxlsh_code cxlsh_get_supported_logs(struct cxlsh_type3 *dev,
						uint8_t *payload, uint32_t input,
						uint32_t *output)
{
	(void)input;
	memset(payload, 0, 8);
	cxlsh_put_le(payload, 1, 2);
	memcpy(payload + 8, cel_uuid, sizeof(cel_uuid));
	cxlsh_put_le(payload + 24, cxlsh_cel(dev, NULL), 4);
	*output = 28;
	return CXLSH_SUCCESS;
}

static enum cxlsh_code cxlsh_get_log(struct cxlsh_type3 *dev, uint8_t *payload,
				     uint32_t input, uint32_t *output)
{
	uint32_t offset = (uint32_t)cxlsh_get_le(payload + 16, 4);
	uint32_t length = (uint32_t)cxlsh_get_le(payload + 20, 4);
	size_t size = cxlsh_cel(dev, NULL);

	(void)input;
	if (memcmp(payload, cel_uuid, sizeof(cel_uuid)))
		return CXLSH_INVALID_LOG;
	if (offset > size || length > size - offset)
		return CXLSH_INVALID_INPUT;
	/* The whole log fits into the payload; what was asked for moves down */
	cxlsh_cel(dev, payload);
	memmove(payload, payload + offset, length);
	*output = length;
	return CXLSH_SUCCESS;
}

static enum cxlsh_code cxlsh_identify(struct cxlsh_type3 *dev, uint8_t *payload,
				      uint32_t input, uint32_t *output)
{
	const struct cxlsh_type3_setup *setup = &dev->setup;
	const uint64_t unit = CXL_SOFTHOST_UNIT;

	(void)input;
	memset(payload, 0, 0x43);
	for (size_t i = 0; setup->fw_revision && i < 16 && setup->fw_revision[i]; i++)
		payload[i] = (uint8_t)setup->fw_revision[i];
	cxlsh_put_le(payload + 0x10,
		     setup->volatile_size / unit + setup->persistent_size / unit, 8);
	cxlsh_put_le(payload + 0x18, setup->volatile_size / unit, 8);
	cxlsh_put_le(payload + 0x20, setup->persistent_size / unit, 8);
	/* Partition alignment 0: the partitions are fixed. No event logs, no poison */
	cxlsh_put_le(payload + 0x38, setup->lsa_size, 4);
	*output = 0x43;
	return CXLSH_SUCCESS;
}

static enum cxlsh_code cxlsh_get_partition_info(struct cxlsh_type3 *dev,
						uint8_t *payload, uint32_t input,
						uint32_t *output)
{
	(void)input;
	/* Active volatile and persistent; then those after a reset: 0 = no change */
	memset(payload, 0, 32);
	cxlsh_put_le(payload, dev->setup.volatile_size / CXL_SOFTHOST_UNIT, 8);
	cxlsh_put_le(payload + 8, dev->setup.persistent_size / CXL_SOFTHOST_UNIT, 8);
	*output = 32;
	return CXLSH_SUCCESS;
}

static enum cxlsh_code cxlsh_get_health_info(struct cxlsh_type3 *dev, uint8_t *payload,
					     uint32_t input, uint32_t *output)
{
	(void)dev;
	(void)input;
	memset(payload, 0, 18);
	/* Healthy; life used and temperature aren't measured */
	payload[3] = 0xff;
	cxlsh_put_le(payload + 4, 0x7fff, 2);
	*output = 18;
	return CXLSH_SUCCESS;
}

/*
 * Guests set the state to dirty while they use the memory, for the device to clear
 * when it has saved everything before the power goes. Nothing of ours is ever on the
 * way to the memory, so no shutdown counts as dirty (Get Health Info), and a new
 * device is clean.
 */
static enum cxlsh_code cxlsh_get_shutdown_state(struct cxlsh_type3 *dev,
						uint8_t *payload, uint32_t input,
						uint32_t *output)
{
	(void)input;
	payload[0] = dev->shutdown_dirty ? CXLSH_SHUTDOWN_DIRTY : 0;
	*output = 1;
	return CXLSH_SUCCESS;
}

static enum cxlsh_code cxlsh_set_shutdown_state(struct cxlsh_type3 *dev,
						uint8_t *payload, uint32_t input,
						uint32_t *output)
{
	(void)input;
	(void)output;
	dev->shutdown_dirty = payload[0] & CXLSH_SHUTDOWN_DIRTY;
	return CXLSH_SUCCESS;
}

static enum cxlsh_code cxlsh_get_lsa(struct cxlsh_type3 *dev, uint8_t *payload,
				     uint32_t input, uint32_t *output)
{
	uint32_t offset = (uint32_t)cxlsh_get_le(payload, 4);
	uint32_t length = (uint32_t)cxlsh_get_le(payload + 4, 4);

	(void)input;
	if (offset > dev->setup.lsa_size || length > dev->setup.lsa_size - offset ||
	    length > CXLSH_MAILBOX_PAYLOAD)
		return CXLSH_INVALID_INPUT;
	memcpy(payload, dev->setup.lsa + offset, length);
	*output = length;
	return CXLSH_SUCCESS;
}

static enum cxlsh_code cxlsh_set_lsa(struct cxlsh_type3 *dev, uint8_t *payload,
				     uint32_t input, uint32_t *output)
{
	uint32_t offset = (uint32_t)cxlsh_get_le(payload, 4);
	uint32_t length = input - 8;

	(void)output;
	if (offset > dev->setup.lsa_size || length > dev->setup.lsa_size - offset)
		return CXLSH_INVALID_INPUT;
	memcpy(dev->setup.lsa + offset, payload + 8, length);
	return CXLSH_SUCCESS;
}

static const struct cxlsh_command commands[] = {
	{ .opcode = CXLSH_OP_GET_TIMESTAMP, .run = cxlsh_get_timestamp,
	  .present = cxlsh_has_clock },
	{ .opcode = CXLSH_OP_SET_TIMESTAMP, .run = cxlsh_set_timestamp,
	  .input = 8, .effect = CXLSH_EFFECT_POLICY_NOW },
	{ .opcode = CXLSH_OP_GET_SUPPORTED_LOGS, .run = cxlsh_get_supported_logs },
	{ .opcode = CXLSH_OP_GET_LOG, .run = cxlsh_get_log, .input = 24 },
	{ .opcode = CXLSH_OP_IDENTIFY, .run = cxlsh_identify },
	{ .opcode = CXLSH_OP_GET_PARTITION_INFO, .run = cxlsh_get_partition_info },
	{ .opcode = CXLSH_OP_GET_LSA, .run = cxlsh_get_lsa, .input = 8,
	  .present = cxlsh_has_lsa },
	{ .opcode = CXLSH_OP_SET_LSA, .run = cxlsh_set_lsa, .input = 8,
	  .longer = true, .present = cxlsh_has_lsa,
	  .effect = CXLSH_EFFECT_CONFIG_NOW | CXLSH_EFFECT_DATA_NOW },
	{ .opcode = CXLSH_OP_GET_HEALTH_INFO, .run = cxlsh_get_health_info },
	{ .opcode = CXLSH_OP_GET_SHUTDOWN_STATE, .run = cxlsh_get_shutdown_state,
	  .present = cxlsh_has_persistent },
	{ .opcode = CXLSH_OP_SET_SHUTDOWN_STATE, .run = cxlsh_set_shutdown_state,
	  .input = 1, .effect = CXLSH_EFFECT_POLICY_NOW,
	  .present = cxlsh_has_persistent },
};

_Static_assert(sizeof(commands) / sizeof(commands[0]) * CXLSH_CEL_ENTRY <=
	       CXLSH_MAILBOX_PAYLOAD, "the log fits into the payload");

/* Return: length of the Command Effects Log, which goes to @entries if not NULL */
static size_t cxlsh_cel(const struct cxlsh_type3 *dev, uint8_t *entries)
{
	size_t len = 0;

	for (size_t i = 0; i < CXLSH_ARRAY_SIZE(commands); i++) {
		if (commands[i].present && !commands[i].present(dev))
			continue;
		if (entries) {
			cxlsh_put_le(entries + len, commands[i].opcode, 2);
			cxlsh_put_le(entries + len + 2, commands[i].effect, 2);
		}
		len += CXLSH_CEL_ENTRY;
	}
	return len;
}

static enum cxlsh_code cxlsh_run(struct cxlsh_type3 *dev, uint16_t opcode,
				 uint32_t input, uint32_t *output)
{
	for (size_t i = 0; i < CXLSH_ARRAY_SIZE(commands); i++) {
		const struct cxlsh_command *command = &commands[i];

		if (command->opcode != opcode)
			continue;
		if (command->present && !command->present(dev))
			break;
		if (input > CXLSH_MAILBOX_PAYLOAD || input < command->input ||
		    (input > command->input && !command->longer))
			return CXLSH_INVALID_PAYLOAD_LENGTH;
		return command->run(dev, dev->mailbox.payload, input, output);
	}
	return CXLSH_UNSUPPORTED;
}

void cxlsh_mailbox_execute(struct cxlsh_type3 *dev)
{
	struct cxlsh_mailbox *mailbox = &dev->mailbox;
	uint16_t opcode = (uint16_t)(mailbox->command & CXLSH_COMMAND_OPCODE);
	uint32_t input = (uint32_t)(mailbox->command >> CXLSH_COMMAND_LENGTH_SHIFT &
				    CXLSH_COMMAND_LENGTH);
	uint32_t output = 0;
	enum cxlsh_code code = cxlsh_run(dev, opcode, input, &output);

	mailbox->command = opcode | (uint64_t)output << CXLSH_COMMAND_LENGTH_SHIFT;
	mailbox->status = (uint64_t)code << CXLSH_STATUS_CODE_SHIFT;
	mailbox->commands++;
}

void cxlsh_mailbox_reset(struct cxlsh_mailbox *mailbox)
{
	uint64_t commands_run = mailbox->commands;

	memset(mailbox, 0, sizeof(*mailbox));
	mailbox->commands = commands_run;
}
