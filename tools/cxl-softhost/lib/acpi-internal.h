/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * libcxlsofthost: what the ACPI files share.
 */
#ifndef CXLSOFTHOST_ACPI_INTERNAL_H
#define CXLSOFTHOST_ACPI_INTERNAL_H

#include <cxlsofthost/acpi.h>

/* acpi.c: a value has no encoding: -EINVAL sticks */
void cxlsh_buf_fail(struct cxlsh_buf *buf);
/* acpi.c: put bytes in front of what begins at @at */
void cxlsh_buf_insert(struct cxlsh_buf *buf, size_t at, const void *bytes, size_t len);

/* AML opcodes */
#define AML_ZERO 0x00
#define AML_ONE 0x01
#define AML_NAME 0x08
#define AML_BYTE 0x0a
#define AML_WORD 0x0b
#define AML_DWORD 0x0c
#define AML_STRING 0x0d
#define AML_QWORD 0x0e
#define AML_SCOPE 0x10
#define AML_BUFFER 0x11
#define AML_PACKAGE 0x12
#define AML_METHOD 0x14
#define AML_DUAL_NAME 0x2e
#define AML_MULTI_NAME 0x2f
#define AML_EXT 0x5b
#define AML_EXT_DEVICE 0x82
#define AML_LOCAL0 0x60
#define AML_ARG0 0x68
#define AML_ARG1 0x69
#define AML_ARG2 0x6a
#define AML_ARG3 0x6b
#define AML_STORE 0x70
#define AML_AND 0x7b
#define AML_OR 0x7d
#define AML_CREATE_DWORD_FIELD 0x8a
#define AML_LOR 0x91
#define AML_LNOT 0x92
#define AML_LEQUAL 0x93
#define AML_LLESS 0x95
#define AML_IF 0xa0
#define AML_ELSE 0xa1
#define AML_RETURN 0xa4

/* aml.c: a term with nothing but an opcode and a length: If, Else */
size_t cxlsh_aml_block(struct cxlsh_buf *buf, uint8_t opcode);
/* aml.c: a path as AML has it */
void cxlsh_aml_path(struct cxlsh_buf *buf, const char *path);

#endif /* CXLSOFTHOST_ACPI_INTERNAL_H */
