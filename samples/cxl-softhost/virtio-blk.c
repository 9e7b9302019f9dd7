// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/virtio_ids.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "report.h"
#include "virtio-blk.h"

static void notify(void *opaque)
{
	struct virtio_blk *blk = opaque;

	blk->kicked = true;
	pthread_cond_signal(&blk->kick);
}

static void quiesce(void *opaque)
{
	struct virtio_blk *blk = opaque;

	while (blk->busy)
		pthread_cond_wait(&blk->idle, &blk->mmio.lock);
}

bool virtio_blk_init(struct virtio_blk *blk, struct guest_memory *memory, const char *file)
{
	off_t size;

	memset(blk, 0, sizeof(*blk));
	blk->disk.memory = memory;
	blk->disk.fd = open(file, O_RDWR | O_CLOEXEC);
	if (blk->disk.fd < 0) {
		log_error("can't open %s: %s", file, strerror(errno));
		return false;
	}
	size = lseek(blk->disk.fd, 0, SEEK_END);
	if (size < VIRTIO_BLK_SECTOR) {
		log_error("%s has no sector of %d bytes", file, VIRTIO_BLK_SECTOR);
		return false;
	}
	blk->disk.sectors = size / VIRTIO_BLK_SECTOR;
	blk->config.capacity = blk->disk.sectors;
	/* Header and status take one each. */
	blk->config.seg_max = VIRTQUEUE_MAX - 2;

	pthread_cond_init(&blk->kick, NULL);
	pthread_cond_init(&blk->idle, NULL);
	blk->mmio.device_id = VIRTIO_ID_BLOCK;
	blk->mmio.features = 1ULL << VIRTIO_BLK_F_SEG_MAX | 1ULL << VIRTIO_BLK_F_FLUSH;
	blk->mmio.config = &blk->config;
	blk->mmio.config_size = sizeof(blk->config);
	blk->mmio.queue.memory = memory;
	blk->mmio.notify = notify;
	blk->mmio.quiesce = quiesce;
	blk->mmio.opaque = blk;
	virtio_mmio_init(&blk->mmio);
	return true;
}

static void count(struct virtio_blk_counts *counts, const struct virtio_blk_done *done)
{
	counts->requests++;
	counts->failed += done->status != VIRTIO_BLK_S_OK;
	if (done->type == VIRTIO_BLK_T_IN) {
		counts->read_bytes += done->bytes;
		counts->cxl_read_bytes += done->cxl_bytes;
	} else {
		counts->written_bytes += done->bytes;
		counts->cxl_written_bytes += done->cxl_bytes;
	}
}

/* With the lock held, but not while the request is executed. */
static void serve(struct virtio_blk *blk, const struct virtqueue_chain *chain)
{
	struct virtio_blk_done done;
	bool interrupt = false, ok;

	blk->busy = true;
	pthread_mutex_unlock(&blk->mmio.lock);
	ok = virtio_blk_execute(&blk->disk, chain, &done);
	pthread_mutex_lock(&blk->mmio.lock);
	blk->busy = false;
	pthread_cond_broadcast(&blk->idle);
	if (ok)
		count(&blk->counts, &done);
	/* The driver may have stopped the queue meanwhile; it waits for us. */
	if (!virtio_mmio_is_live(&blk->mmio))
		return;
	if (!ok || !virtqueue_push(&blk->mmio.queue, chain->head, done.written, &interrupt))
		virtio_mmio_fail(&blk->mmio);
	else if (interrupt)
		virtio_mmio_interrupt(&blk->mmio);
}

static void *blk_thread(void *opaque)
{
	struct virtio_blk *blk = opaque;
	struct virtqueue_chain chain;

	pthread_mutex_lock(&blk->mmio.lock);
	for (;;) {
		if (!blk->kicked || !virtio_mmio_is_live(&blk->mmio)) {
			pthread_cond_wait(&blk->kick, &blk->mmio.lock);
			continue;
		}
		switch (virtqueue_pop(&blk->mmio.queue, &chain)) {
		case VIRTQUEUE_CHAIN:
			serve(blk, &chain);
			break;
		case VIRTQUEUE_EMPTY:
			blk->kicked = false;
			break;
		case VIRTQUEUE_BROKEN:
			virtio_mmio_fail(&blk->mmio);
			break;
		}
	}
	return NULL;
}

bool virtio_blk_start(struct virtio_blk *blk)
{
	int error = pthread_create(&blk->thread, NULL, blk_thread, blk);

	if (error)
		log_error("disk: no thread: %s", strerror(error));
	return !error;
}

void virtio_blk_report(struct virtio_blk *blk, const char *phase)
{
	struct virtio_blk_counts counts;

	pthread_mutex_lock(&blk->mmio.lock);
	counts = blk->counts;
	pthread_mutex_unlock(&blk->mmio.lock);
	report_line("record=disk phase=%s requests=%" PRIu64 " failed=%" PRIu64 " read=%" PRIu64
		    " written=%" PRIu64 " cxl_read=%" PRIu64 " cxl_written=%" PRIu64, phase,
		    counts.requests, counts.failed, counts.read_bytes, counts.written_bytes,
		    counts.cxl_read_bytes, counts.cxl_written_bytes);
}
