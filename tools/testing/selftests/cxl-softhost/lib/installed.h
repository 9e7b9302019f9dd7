/* SPDX-License-Identifier: GPL-2.0-only */
/* What a real KVM VM has in its memory slots, against what the model says. */
#ifndef CXL_SOFTHOST_TEST_INSTALLED_H
#define CXL_SOFTHOST_TEST_INSTALLED_H

#include "model.h"
#include "vm.h"

/*
 * KVM itself is asked: a slot covers every 256 MiB unit of the windows in which
 * something answers, or for which MAP_GET lists a condemned slot, and none
 * reaches into the others. And each slot that MAP_GET lists has the size and the
 * host address that it lists. MAP_GET is held against the model by check_model().
 */
bool check_installed(const char *file, int line, const struct model *model, const struct vm *vm);
#define EXPECT_INSTALLED(model, vm) check_installed(__FILE__, __LINE__, model, vm)

#endif
