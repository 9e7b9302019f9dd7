/* SPDX-License-Identifier: GPL-2.0-only */
/* What disks hold: a pattern worked out from a seed and where on the disk it is. */
#ifndef SCENE_DISK_PATTERN_H
#define SCENE_DISK_PATTERN_H

#include <stdint.h>

uint64_t disk_pattern(uint64_t offset, uint64_t seed);
/* 0 if that is what @words hold; else says where they first don't */
int disk_compare(const uint64_t *words, uint64_t offset, uint64_t bytes, uint64_t seed);

#endif
