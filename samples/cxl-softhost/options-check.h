/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the words of the command line mean together. */
#ifndef CXLVM_OPTIONS_CHECK_H
#define CXLVM_OPTIONS_CHECK_H

#include "options.h"

/* The bridge, switch, window or device that was added last. */
bool options_check_branch(const struct options *o, char *error, size_t error_size);
bool options_check_window(const struct options *o, char *error, size_t error_size);
bool options_check_device(const struct options *o, char *error, size_t error_size);

/* The whole; gives windows without a base their place. */
bool options_check(struct options *o, char *error, size_t error_size);

#endif
