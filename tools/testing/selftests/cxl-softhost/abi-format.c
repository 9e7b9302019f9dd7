// SPDX-License-Identifier: GPL-2.0-only
/*
 * What holds for the argument of every command alike: its size, its flags, its
 * reserved fields, its address.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "commands.h"

#define BUFFER (4 * PAGE)

/* Two pages that can be used, and one after them that can't. */
static uint8_t *guarded_buffer(void)
{
	uint8_t *buffer = mmap(NULL, BUFFER, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			       -1, 0);

	ASSERT_TRUE(buffer != MAP_FAILED);
	ASSERT_DONE(mprotect(buffer + BUFFER - PAGE, PAGE, PROT_NONE));
	return buffer;
}

/* Run a command on a fresh host with @size; its argument comes back in @buffer. */
static int run_sized(const struct command *command, uint8_t *buffer, uint32_t size, int tail)
{
	struct context *context = context_create(command);
	union argument argument = { .head = { 0 } };
	int ret;

	command->fill(context, &argument);
	memset(buffer, 0, BUFFER - PAGE);
	memcpy(buffer, &argument, command->size);
	memset(buffer + command->size, tail, BUFFER - PAGE - command->size);
	memcpy(buffer, &size, sizeof(size));
	ret = softhost_ioctl(context->host.fd, command->number, buffer);
	context_destroy(context);
	return ret;
}

TEST_TIMEOUT(size_one_too_small_is_EINVAL, 120)
{
	uint8_t *buffer = guarded_buffer();
	unsigned int i;

	for (i = 0; i < command_count; i++) {
		size_t least = commands[i].first_size ?: commands[i].size;

		test_context("%s", commands[i].name);
		EXPECT_RETURN(-EINVAL, run_sized(&commands[i], buffer, least - 1, 0));
		EXPECT_RETURN(-EINVAL, run_sized(&commands[i], buffer, least - 8, 0));
		/* What grew since takes any size in between. */
		EXPECT_RETURN(0, run_sized(&commands[i], buffer, least, 0));
		EXPECT_RETURN(-EINVAL, run_sized(&commands[i], buffer, 8, 0));
		EXPECT_RETURN(-EINVAL, run_sized(&commands[i], buffer, 4, 0));
		EXPECT_RETURN(-EINVAL, run_sized(&commands[i], buffer, 0, 0));
	}
}

TEST_TIMEOUT(size_larger_with_zeros_is_as_exact, 120)
{
	static const uint32_t more[] = { 1, 4, 8, 256, 1024 };
	const size_t token = offsetof(struct cxl_softhost_apply, token);
	uint8_t *exact = guarded_buffer(), *larger = guarded_buffer();
	unsigned int i, j;

	for (i = 0; i < command_count; i++) {
		const struct command *command = &commands[i];

		test_context("%s", command->name);
		EXPECT_RETURN(0, run_sized(command, exact, command->size, 0));
		for (j = 0; j < ARRAY_SIZE(more); j++) {
			uint8_t *end = larger + command->size;

			test_context("%s, %u more", command->name, more[j]);
			EXPECT_RETURN(0, run_sized(command, larger, command->size + more[j], 0));
			/* No two hosts have the same tokens. */
			if (command->number == CXL_SOFTHOST_APPLY)
				memcpy(larger + token, exact + token, sizeof(uint64_t));
			/* Addresses and descriptors of the two hosts may differ. */
			if (command->number != CXL_SOFTHOST_BACKEND_CREATE &&
			    command->number != CXL_SOFTHOST_WINDOW_CREATE &&
			    command->number != CXL_SOFTHOST_FD_CREATE &&
			    command->number != CXL_SOFTHOST_MAP_GET &&
			    command->number != CXL_SOFTHOST_DELTAS &&
			    command->number != CXL_SOFTHOST_STATE_GET &&
			    command->number != CXL_SOFTHOST_STATE_SET)
				EXPECT_EQ(0, memcmp(exact + 4, larger + 4, command->size - 4));
			EXPECT_EQ(0, *end);
			EXPECT_EQ(0, memcmp(end, end + 1, more[j] - 1));
		}
		test_context("%s, a page", command->name);
		EXPECT_RETURN(0, run_sized(command, larger, PAGE, 0));
	}
}

TEST_TIMEOUT(size_larger_with_garbage_is_E2BIG, 120)
{
	uint8_t *buffer = guarded_buffer();
	unsigned int i;

	for (i = 0; i < command_count; i++) {
		const struct command *command = &commands[i];

		test_context("%s", command->name);
		EXPECT_RETURN(-E2BIG, run_sized(command, buffer, command->size + 1, 0x80));
		EXPECT_RETURN(-E2BIG, run_sized(command, buffer, command->size + 8, 1));
		EXPECT_RETURN(-E2BIG, run_sized(command, buffer, PAGE, 1));
		/* What lies after the structure is nobody's business. */
		EXPECT_RETURN(0, run_sized(command, buffer, command->size, 0xff));
	}
}

TEST(size_larger_than_a_page_is_E2BIG)
{
	static const uint32_t sizes[] = { PAGE + 1, 2 * PAGE, BUFFER, UINT32_MAX };
	uint8_t *buffer = guarded_buffer();
	unsigned int i, j;

	for (i = 0; i < command_count; i++) {
		for (j = 0; j < ARRAY_SIZE(sizes); j++) {
			test_context("%s, %u", commands[i].name, sizes[j]);
			EXPECT_RETURN(-E2BIG, run_sized(&commands[i], buffer, sizes[j], 0));
		}
	}
}

TEST_TIMEOUT(unknown_flag_is_EOPNOTSUPP, 120)
{
	unsigned int i, bit;

	for (i = 0; i < command_count; i++) {
		const struct command *command = &commands[i];
		struct context *context = context_create(command);
		union argument argument = { .head = { 0 } };

		for (bit = 0; bit < 32; bit++) {
			if (command->known_flags >> bit & 1)
				continue;
			test_context("%s, bit %u", command->name, bit);
			command->fill(context, &argument);
			argument.head[1] |= 1U << bit;
			EXPECT_RETURN(-EOPNOTSUPP, softhost_ioctl(context->host.fd,
								  command->number, &argument));
		}
		/* None of them did anything. */
		test_context("%s", command->name);
		argument = (union argument){ .head = { 0 } };
		command->fill(context, &argument);
		EXPECT_RETURN(0, softhost_ioctl(context->host.fd, command->number, &argument));
		context_destroy(context);
	}
}

TEST(unknown_mask_bit_is_EOPNOTSUPP)
{
	struct host host;
	unsigned int bit;

	host_create(&host, NULL);
	for (bit = 2; bit < 32; bit++) {
		test_context("bit %u", bit);
		EXPECT_RETURN(-EOPNOTSUPP,
			      __node_set(host.fd, host.endpoints[0].id,
					 1U << bit | CXL_SOFTHOST_SET_MEDIA, 0, 0, NULL));
	}
}

TEST_TIMEOUT(reserved_field_not_zero_is_EOPNOTSUPP, 120)
{
	unsigned int i, j, bit;

	for (i = 0; i < command_count; i++) {
		const struct command *command = &commands[i];
		struct context *context = context_create(command);
		union argument argument = { .head = { 0 } };

		for (j = 0; j < ARRAY_SIZE(command->reserved) && command->reserved[j].used; j++) {
			for (bit = 0; bit < 32; bit += 31) {
				uint32_t value = 1U << bit;

				test_context("%s, offset %zu", command->name,
					     command->reserved[j].offset);
				command->fill(context, &argument);
				memcpy(argument.bytes + command->reserved[j].offset, &value, 4);
				EXPECT_RETURN(-EOPNOTSUPP,
					      softhost_ioctl(context->host.fd, command->number,
							     &argument));
			}
		}
		context_destroy(context);
	}
}

TEST(argument_that_cannot_be_read_is_EFAULT)
{
	uint8_t *buffer = guarded_buffer(), *end = buffer + BUFFER - PAGE;
	unsigned int i;

	for (i = 0; i < command_count; i++) {
		const struct command *command = &commands[i];
		struct context *context = context_create(command);
		union argument argument = { .head = { 0 } };
		int fd = context->host.fd;

		test_context("%s", command->name);
		command->fill(context, &argument);
		EXPECT_RETURN(-EFAULT, softhost_ioctl(fd, command->number, NULL));
		EXPECT_RETURN(-EFAULT, softhost_ioctl(fd, command->number, end));
		EXPECT_RETURN(-EFAULT, softhost_ioctl(fd, command->number, (void *)-PAGE));
		/* Its size can be read, and all but its last byte. */
		memcpy(end - 4, &argument, 4);
		EXPECT_RETURN(-EFAULT, softhost_ioctl(fd, command->number, end - 4));
		/* It is all there, what it says to follow isn't. */
		memcpy(end - command->size, &argument, command->size);
		*(uint32_t *)(end - command->size) = command->size + 1;
		EXPECT_RETURN(-EFAULT, softhost_ioctl(fd, command->number, end - command->size));
		memcpy(end - command->size + 1, &argument, command->size - 1);
		EXPECT_RETURN(-EFAULT, softhost_ioctl(fd, command->number,
						      end - command->size + 1));
		context_destroy(context);
	}
}

TEST(results_that_cannot_be_written_are_EFAULT_and_the_effect_stands)
{
	struct context *context = context_create(command_find("NODE_CREATE"));
	uint8_t *buffer = guarded_buffer();
	union argument argument = { .head = { 0 } };
	int fd = context->host.fd;

	command_find("NODE_CREATE")->fill(context, &argument);
	memcpy(buffer, &argument, sizeof(argument.node_create));
	ASSERT_DONE(mprotect(buffer, PAGE, PROT_READ));
	EXPECT_RETURN(-EFAULT, softhost_ioctl(fd, CXL_SOFTHOST_NODE_CREATE, buffer));
	EXPECT_RETURN(-EEXIST, softhost_ioctl(fd, CXL_SOFTHOST_NODE_CREATE, &argument));

	argument = (union argument){ .head = { 0 } };
	command_find("REG_WRITE")->fill(context, &argument);
	ASSERT_DONE(mprotect(buffer, PAGE, PROT_READ | PROT_WRITE));
	memcpy(buffer, &argument, sizeof(argument.reg_write));
	ASSERT_DONE(mprotect(buffer, PAGE, PROT_READ));
	EXPECT_RETURN(-EFAULT, softhost_ioctl(fd, CXL_SOFTHOST_REG_WRITE, buffer));
	EXPECT_EQ(argument.reg_write.value,
		  reg_read(fd, argument.reg_write.node_id, argument.reg_write.offset, 4));
}

/* Outputs are outputs: what they hold on entry doesn't matter. */
TEST_TIMEOUT(garbage_in_output_fields_does_not_matter, 120)
{
	static const struct {
		const char *command;
		size_t offset, end;
	} outputs[] = {
#define OUTPUTS(name, type, first)						\
	{ name, offsetof(struct cxl_softhost_##type, first), sizeof(struct cxl_softhost_##type) }
		OUTPUTS("INFO", info, out_abi),
		{ "BACKEND_CREATE", offsetof(struct cxl_softhost_backend_create, out_id),
		  offsetof(struct cxl_softhost_backend_create, __reserved) },
		{ "WINDOW_CREATE", offsetof(struct cxl_softhost_window_create, out_id),
		  offsetof(struct cxl_softhost_window_create, __reserved2) },
		{ "NODE_CREATE", offsetof(struct cxl_softhost_node_create, out_id),
		  offsetof(struct cxl_softhost_node_create, __reserved) },
		OUTPUTS("DESTROY", destroy, out_result),
		OUTPUTS("ATTACH", attach, out_first_slot),
		OUTPUTS("DETACH", detach, out_result),
		{ "FD_CREATE", offsetof(struct cxl_softhost_fd_create, out_fd),
		  offsetof(struct cxl_softhost_fd_create, __reserved) },
		OUTPUTS("REG_READ", reg_read, out_outcome),
		OUTPUTS("REG_WRITE", reg_write, out_result),
		OUTPUTS("NODE_SET", node_set, out_result),
		OUTPUTS("RESET", reset, out_result),
		OUTPUTS("TRANSLATE", translate, out_reason),
		OUTPUTS("MAP_GET", map_get, out_generation),
		OUTPUTS("APPLY", apply, out_result),
		OUTPUTS("STATE_GET", state_get, out_generation),
		{ "STATE_SET", offsetof(struct cxl_softhost_state_set, out_result),
		  offsetof(struct cxl_softhost_state_set, __reserved) },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(outputs); i++) {
		const struct command *command = command_find(outputs[i].command);
		union argument argument = { .head = { 0 } };
		struct context *context = context_create(command);

		test_context("%s", command->name);
		command->fill(context, &argument);
		memset(argument.bytes + outputs[i].offset, 0xff,
		       outputs[i].end - outputs[i].offset);
		EXPECT_RETURN(0, softhost_ioctl(context->host.fd, command->number, &argument));
		EXPECT_TRUE(argument.bytes[outputs[i].offset] != 0xff);
		context_destroy(context);
	}
}

TEST(other_command_numbers_are_ENOTTY)
{
	struct context *context = context_create(command_find("REG_READ"));
	union argument argument = { .head = { 0 } };
	int fd = context->host.fd;
	unsigned int number;

	command_find("REG_READ")->fill(context, &argument);
	for (number = 0; number < 256; number++) {
		test_context("number %#x", number);
		if (!is_command(number))
			EXPECT_RETURN(-ENOTTY, softhost_ioctl(fd, _IO(CXL_SOFTHOST_TYPE, number),
							      &argument));
		/* The number alone is the command: no direction, no size, our type. */
		EXPECT_RETURN(-ENOTTY, softhost_ioctl(fd, _IOWR(CXL_SOFTHOST_TYPE, number,
								struct cxl_softhost_reg_read),
						      &argument));
		EXPECT_RETURN(-ENOTTY, softhost_ioctl(fd, _IO(CXL_SOFTHOST_TYPE - 1, number),
						      &argument));
	}
}
