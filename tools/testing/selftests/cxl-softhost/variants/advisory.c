// SPDX-License-Identifier: GPL-2.0-only
#include "phases.h"

const enum test_variant test_variant = VARIANT_ADVISORY;
