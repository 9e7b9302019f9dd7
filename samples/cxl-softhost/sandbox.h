/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What a device process may still do. */
#ifndef CXLVM_SANDBOX_H
#define CXLVM_SANDBOX_H

#include <stdbool.h>

/*
 * From now on: run-time commands on @softhost_fd, messages on @socket, text on
 * standard error, memory of its own, the clock, and the end. All else kills it.
 */
bool sandbox_enter(int softhost_fd, int socket);

#endif
