/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * libcxlsofthost: where a device's memory lies in the VMM.
 *
 * KVM uses a huge page where guest physical and host address agree modulo its size.
 * mmap() by itself agrees modulo 4 KiB.
 */
#ifndef CXLSOFTHOST_MEMORY_H
#define CXLSOFTHOST_MEMORY_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** CXLSH_MEMORY_ALIGN - the largest page that KVM uses on x86: 1 GiB */
#define CXLSH_MEMORY_ALIGN 0x40000000ULL

/**
 * cxlsh_memory_map() - map memory of a device so that huge pages can be used
 * @fd: a file, memfd or device. For 2 MiB pages of shared memory (THP), @offset and
 *	@hpa have to agree modulo 2 MiB; a file on hugetlbfs asks for whole pages
 * @offset: into @fd, bytes
 * @length: bytes, more than 0; rounded up to whole pages, which are large ones on
 *	hugetlbfs
 * @hpa: where the guest will put the first byte, a multiple of the page's size; only
 *	what it is modulo 1 GiB counts.
 *	Not known before the guest programs its decoders: the base of the window, or 0,
 *	is right for a device that has its window, or a multiple of 1 GiB of it, to
 *	itself. Decoders begin at multiples of 256 MiB, so 2 MiB pages can be used
 *	wherever it goes
 *
 * Mapped shared, readable and writable, with no swap space reserved: the address agrees
 * with @hpa modulo 1 GiB. For BACKEND_CREATE, whose @addr it is. Give it back by
 * munmap(), of as many whole pages, after DESTROY.
 *
 * Return: the address, or NULL with errno as mmap() set it; EINVAL if @length is 0 or
 * as large as address space, or @hpa or @offset is inside of a page.
 */
void *cxlsh_memory_map(int fd, uint64_t offset, uint64_t length, uint64_t hpa);

#ifdef __cplusplus
}
#endif

#endif /* CXLSOFTHOST_MEMORY_H */
