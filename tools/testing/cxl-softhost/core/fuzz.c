// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer's way into the property tests: its bytes are the decisions, of what
 * hierarchy is built and what is done to its registers, and everything is checked
 * as in test-property. Built without libFuzzer it tries the inputs in corpus/.
 */
#include <stdlib.h>
#include <string.h>

#include "property.h"
#include "tap.h"

/* However long an input is */
#define STEPS 200

/* Returns whether everything held */
static bool try_input(const u8 *input, size_t size)
{
	static struct census census;
	struct world *world = world_make_from(input, size, &census);
	bool good;
	u32 step;

	for (step = 0; step < STEPS && world->left && !world->broken; step++)
		world_step(world);
	good = !world->broken;
	if (!good) {
		world_print(world);
		printf("# step %u: %s\n", step, world->why);
	}
	world_free(world);
	return good;
}

#ifndef LIBFUZZER

#include <dirent.h>

static void replay(const char *path)
{
	static u8 input[65536];
	FILE *file = fopen(path, "rb");
	size_t size = file ? fread(input, 1, sizeof(input), file) : 0;

	tap_begin("corpus: %s", strrchr(path, '/') + 1);
	CHECK(size > 0);
	CHECK(try_input(input, size));
	tap_end();
	if (file)
		fclose(file);
}

int main(void)
{
	struct dirent **entries = NULL;
	int count = scandir(CORPUS, &entries, NULL, alphasort), i;
	char path[4096];

	for (i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", CORPUS, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.')
			replay(path);
		free(entries[i]);
	}
	free(entries);
	return tap_done();
}

#else

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!try_input(data, size))
		abort();
	return 0;
}

#endif
