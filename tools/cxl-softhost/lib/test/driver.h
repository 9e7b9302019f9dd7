/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A device, and its mailbox as a driver uses it.
 */
#ifndef CXLSOFTHOST_TEST_DRIVER_H
#define CXLSOFTHOST_TEST_DRIVER_H

#include <cxlsofthost/type3.h>

#define DEVICE 0x10000ULL
#define GIB 0x40000000ULL

/* Of @lsa */
#define LSA_BYTES 4096

/* On the heap and alone: ASan sees a step beside it */
extern struct cxlsh_type3 *dev;
extern uint8_t *lsa;
/* Where the mailbox is in the device registers, and the device's clock */
extern uint64_t mailbox;
extern uint64_t clock_now;

void driver_init(void);
void driver_exit(void);

/* Another device; without @lsa_size it has no label area */
void start(uint64_t volatile_size, uint64_t persistent_size, uint32_t lsa_size);

/* Device registers */
uint64_t get(uint64_t offset, size_t len);
void put(uint64_t offset, size_t len, uint64_t value);

/*
 * One command; gives the return code. *out_len is the room in @out, then the
 * length of the output.
 */
unsigned int command(uint16_t opcode, const void *in, size_t in_len, void *out,
		     size_t *out_len);

#endif /* CXLSOFTHOST_TEST_DRIVER_H */
