/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * libcxlsofthost: what a guest has programmed, saved and restored.
 *
 * The module's part of a VM's state is an array of records. Save it with
 * cxlsh_state_save() while the vCPUs stand still. Where it goes, make the same
 * hierarchy again, give the records the IDs that the nodes have there
 * (cxlsh_state_rename()), and put them in force with cxlsh_state_restore(), before
 * ATTACH. What memory holds, and what the other pieces of this library keep
 * (configuration space, mailbox, labels), is saved by whoever placed it.
 */
#ifndef CXLSOFTHOST_STATE_H
#define CXLSOFTHOST_STATE_H

#include <stdint.h>

#include <linux/cxl_softhost.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct cxlsh_state_id - a node's ID in two hosts
 * @from: in the host that was saved
 * @to: in the host that gets the state
 */
struct cxlsh_state_id {
	uint32_t from;
	uint32_t to;
};

/**
 * cxlsh_state_save() - what a guest has programmed, as records
 * @fd: the host; a descriptor with the right READ is enough
 * @records: set to an array of malloc()'s, the caller's to free(); NULL if there is
 *	no record
 * @count: set to how many there are
 *
 * STATE_GET, repeated with more room for as long as it says EMSGSIZE.
 *
 * Return: 0; -errno with both left alone: -EBUSY while a change is pending, or
 * -ENOMEM.
 */
int cxlsh_state_save(int fd, struct cxl_softhost_record **records, uint32_t *count);

/**
 * cxlsh_state_rename() - put new node IDs in for old ones
 * @records: the records
 * @count: how many
 * @ids: pairs of IDs, in any order; of two with the same @from the first counts
 * @id_count: how many
 *
 * Each record is looked up once, by the ID that it came with. So an ID may be the
 * new one of a node and the old one of another.
 *
 * Return: 0; -ENOENT if a record's node is in no pair, -EINVAL if a record is of a
 * kind that isn't known: then no record has changed.
 */
int cxlsh_state_rename(struct cxl_softhost_record *records, uint32_t count,
		       const struct cxlsh_state_id *ids, uint32_t id_count);

/**
 * cxlsh_state_restore() - put a host into a state
 * @fd: the host, without an engine
 * @records: the records, of the host's nodes; NULL if there are none
 * @count: how many
 * @result: DONE; or REFUSED, with the reason, and nothing has changed
 * @record: set to the index of the record that is to blame, for a refusal as for an
 *	error; CXL_SOFTHOST_NONE if none is alone, or if nothing is wrong; may be NULL
 *
 * STATE_SET. After an error @result says nothing.
 *
 * Return: 0 or -errno: -EINVAL, -EEXIST or -ENOENT of records that no host can have.
 */
int cxlsh_state_restore(int fd, const struct cxl_softhost_record *records, uint32_t count,
			struct cxl_softhost_result *result, uint32_t *record);

#ifdef __cplusplus
}
#endif

#endif /* CXLSOFTHOST_STATE_H */
