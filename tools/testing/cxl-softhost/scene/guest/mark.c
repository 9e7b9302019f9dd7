// SPDX-License-Identifier: GPL-2.0-only
/*
 * cxl-mark NAME: has cxlvm write its counters under this name, and returns only
 * when the console has taken the line: what comes later counts as later.
 */
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc != 2) {
		fputs("usage: cxl-mark NAME\n", stderr);
		return 2;
	}
	printf("CXLVM-MARK %s\n", argv[1]);
	fflush(stdout);
	if (isatty(STDOUT_FILENO) && tcdrain(STDOUT_FILENO)) {
		perror("cxl-mark");
		return 1;
	}
	return 0;
}
