// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include <errno.h>
#include <linux/virtio_blk.h>
#include <string.h>
#include <unistd.h>

#include "virtio-blk-request.h"

/* Buffers that lie in several ranges have a pin for each. */
#define PINS (2 * VIRTQUEUE_MAX)

/* A run of bytes over several pins, which are in one direction. */
struct stream {
	struct guest_pin *pins;
	uint32_t count;
	uint64_t left;
	uint32_t at;		/* pin */
	uint64_t used;		/* of that one */
};

struct request {
	const struct virtio_blk_disk *disk;
	struct guest_pin pins[PINS];
	uint32_t pin_count;
	struct stream out, in;	/* what the device reads, and what it writes */
};

static bool pin_buffer(struct request *request, const struct virtqueue_buffer *buffer,
		       struct stream *stream)
{
	uint64_t hpa = buffer->hpa, left = buffer->length;

	while (left) {
		uint64_t found;

		if (request->pin_count == PINS)
			return false;
		found = guest_memory_get(request->disk->memory, hpa, left,
					 &request->pins[request->pin_count]);
		if (!found)
			return false;
		request->pin_count++;
		stream->count++;
		hpa += found;
		left -= found;
	}
	stream->left += buffer->length;
	return true;
}

/* Readable buffers come first, so each stream has its pins side by side. */
static bool pin_all(struct request *request, const struct virtqueue_chain *chain)
{
	request->out.pins = request->pins;
	for (uint32_t i = 0; i < chain->count; i++) {
		const struct virtqueue_buffer *buffer = &chain->buffers[i];
		struct stream *stream = buffer->write ? &request->in : &request->out;

		if (buffer->write && !stream->pins)
			stream->pins = &request->pins[request->pin_count];
		if (!pin_buffer(request, buffer, stream))
			return false;
	}
	return true;
}

/* The next piece of at most @most bytes, and how long it is; NULL at the end. */
static uint8_t *next_piece(struct stream *stream, uint64_t most, uint64_t *length, bool *in_cxl)
{
	struct guest_pin *pin;
	uint8_t *piece;

	*length = 0;
	*in_cxl = false;
	if (most > stream->left)
		most = stream->left;
	if (!most)
		return NULL;
	if (stream->used == stream->pins[stream->at].length) {
		stream->at++;
		stream->used = 0;
	}
	pin = &stream->pins[stream->at];
	piece = pin->host + stream->used;
	*length = most < pin->length - stream->used ? most : pin->length - stream->used;
	*in_cxl = pin->removable;
	stream->used += *length;
	stream->left -= *length;
	return piece;
}

/* Copies between @data and the start of @stream; false if that is too short. */
static bool copy(struct stream *stream, void *data, uint64_t size, bool from_guest)
{
	uint8_t *at = data;

	if (stream->left < size)
		return false;
	while (size) {
		uint64_t length = 0;
		bool in_cxl;
		uint8_t *piece = next_piece(stream, size, &length, &in_cxl);

		if (from_guest)
			memcpy(at, piece, length);
		else
			memcpy(piece, at, length);
		at += length;
		size -= length;
	}
	return true;
}

static bool move(int fd, uint8_t *piece, uint64_t length, uint64_t offset, bool to_file)
{
	while (length) {
		ssize_t done = to_file ? pwrite(fd, piece, length, offset) :
					 pread(fd, piece, length, offset);

		if (done < 0 && errno == EINTR)
			continue;
		/* 0: the file has become shorter */
		if (done <= 0)
			return false;
		piece += done;
		length -= done;
		offset += done;
	}
	return true;
}

/* All that is left of @stream, from @sector on. */
static uint8_t transfer(const struct virtio_blk_disk *disk, struct stream *stream,
			uint64_t sector, bool to_file, struct virtio_blk_done *done)
{
	uint64_t sectors = stream->left / VIRTIO_BLK_SECTOR, length;
	uint64_t offset = sector * VIRTIO_BLK_SECTOR;
	uint8_t *piece;
	bool in_cxl;

	if (stream->left % VIRTIO_BLK_SECTOR || sector > disk->sectors ||
	    sectors > disk->sectors - sector)
		return VIRTIO_BLK_S_IOERR;
	while ((piece = next_piece(stream, UINT64_MAX, &length, &in_cxl))) {
		if (!move(disk->fd, piece, length, offset, to_file))
			return VIRTIO_BLK_S_IOERR;
		offset += length;
		done->bytes += length;
		done->cxl_bytes += in_cxl ? length : 0;
	}
	return VIRTIO_BLK_S_OK;
}

/* The status byte isn't in @in any more. */
static uint8_t serve(struct request *request, struct virtio_blk_done *done)
{
	const struct virtio_blk_disk *disk = request->disk;
	struct stream *out = &request->out, *in = &request->in;
	char id[VIRTIO_BLK_ID_BYTES] = "cxlvm";
	struct virtio_blk_outhdr header;

	if (!copy(out, &header, sizeof(header), true))
		return VIRTIO_BLK_S_IOERR;
	done->type = header.type;
	/* Data in the direction that the request hasn't: the driver mixed them up. */
	switch (header.type) {
	case VIRTIO_BLK_T_IN:
		return out->left ? VIRTIO_BLK_S_IOERR :
				   transfer(disk, in, header.sector, false, done);
	case VIRTIO_BLK_T_OUT:
		return in->left ? VIRTIO_BLK_S_IOERR :
				  transfer(disk, out, header.sector, true, done);
	case VIRTIO_BLK_T_FLUSH:
		return fdatasync(disk->fd) ? VIRTIO_BLK_S_IOERR : VIRTIO_BLK_S_OK;
	case VIRTIO_BLK_T_GET_ID:
		return copy(in, id, sizeof(id), false) ? VIRTIO_BLK_S_OK : VIRTIO_BLK_S_IOERR;
	}
	return VIRTIO_BLK_S_UNSUPP;
}

/* The status is the last byte that the device may write. */
static bool pin_status(const struct virtio_blk_disk *disk, const struct virtqueue_chain *chain,
		       struct guest_pin *pin)
{
	for (uint32_t i = chain->count; i-- && chain->buffers[i].write;) {
		const struct virtqueue_buffer *buffer = &chain->buffers[i];

		if (buffer->length)
			return guest_memory_get(disk->memory, buffer->hpa + buffer->length - 1, 1,
						pin);
	}
	return false;
}

bool virtio_blk_execute(const struct virtio_blk_disk *disk, const struct virtqueue_chain *chain,
			struct virtio_blk_done *done)
{
	struct request request = { .disk = disk };
	struct guest_pin status;
	uint64_t writable = 0;

	*done = (struct virtio_blk_done){ .type = UINT32_MAX, .status = VIRTIO_BLK_S_IOERR };
	if (!pin_status(disk, chain, &status))
		return false;
	if (pin_all(&request, chain)) {
		writable = request.in.left--;
		done->status = serve(&request, done);
	}
	*status.host = done->status;
	/* What lies before the status counts only if all of it was written. */
	if (!request.in.left)
		done->written = writable < UINT32_MAX ? writable : UINT32_MAX;
	while (request.pin_count)
		guest_memory_put(disk->memory, &request.pins[--request.pin_count]);
	guest_memory_put(disk->memory, &status);
	return true;
}
