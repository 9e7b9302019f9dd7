# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-only
#
# Sourced by "selftest": what a scene with a disk leaves behind when all goes well,
# and each way in which it is wrong.

# disk_phase NAME SLOTS EXITS FAILED READ WRITTEN FOLLOWED WAITS: the records of one
# moment, in MiB
disk_phase()
{
	phase "$1" kvm "$2" "$3" | sed "/^record=cxl/s/\$/ phases=2 followed=$7 waits=$8/"
	echo "record=disk phase=$1 requests=9 failed=$4 read=1 written=1" \
		"cxl_read=$(($5 << 20)) cxl_written=$(($6 << 20))"
}

disk_good()
{
	cat >"$work/good/disk.console" <<-END
	STEP found ok 32768 sectors, cxlvm
	STEP plain-read ok 1048576 bytes read
	STEP interleaved ok dax0.0
	STEP refuse-read ok read at 0xe00000: Input/output error
	STEP refuse-write ok write at 0xe00000: Input/output error
	STEP linear ok dax0.0
	STEP withdraw ok 20 times, 90 reads done, 70 failed
	STEP to-ram ok
	STEP create ok $region committed
	STEP online ok $online
	STEP cxl-read ok 4194304 bytes read, buffer at HPA 0x400000000
	STEP cxl-write ok 4194304 bytes written, buffer at HPA 0x41f000000
	STEP destroy ok gone
	STEP again-read ok 1048576 bytes read
	STEP again-write ok 1048576 bytes written
	STEP end ok
	END
	{
		disk_phase plain 0 0 0 0 0 0 0
		disk_phase refused 0 900 2 0 0 0 0
		disk_phase linear 1 900 2 0 0 1 0
		disk_phase withdrawn 1 900 22 0 0 41 1
		disk_phase online 1 900 22 0 0 43 1
		disk_phase cxl-read 1 900 22 4 0 43 1
		disk_phase cxl-write 1 900 22 4 4 43 1
		disk_phase destroyed 0 900 22 4 4 44 1
		disk_phase again 0 900 22 4 4 44 1
		echo 'record=exit status=0 seconds=1.000 text="the guest powered off"'
	} >"$work/good/disk.report"
	echo 0 >"$work/good/disk.status"
	# Seeds, and which MiB hold their patterns
	printf '%s\n' '1 0 8' '2 8 4' '3 12 1' '1 13 3' >"$work/good/disk.file"
	cat >"$work/bin/cxl-disk" <<-'FAKE'
	#!/bin/sh
	[ "$1" = read ] || exit 0
	if grep -qx "$5 $(($7 >> 20)) $(($9 >> 20))" "$PLAYED/disk.file"; then
		echo "$9 bytes read"
	else
		echo "1 of 9 words are wrong"
		exit 1
	fi
	FAKE
	chmod 755 "$work/bin/cxl-disk"
}

disk_refuses()
{
	accepts disk "a disk that worked"
	refuses 'disk: the disk followed' disk.report '/=cxl phase=online /s/followed=43/followed=0/'
	refuses 'disk: the disk followed' disk.report '/=cxl phase=online /s/phases=2/phases=1/'
	refuses 'disk: and the disk followed' disk.report \
		'/=cxl phase=destroyed /s/followed=44/followed=43/'
	refuses 'disk: finds the disk' disk.console 's/^STEP found ok/STEP found fail/'
	refuses 'disk: of that size' disk.console 's/32768 sectors/32767 sectors/'
	refuses 'disk: it booted with: what the file' disk.console '/^STEP plain-read/d'
	refuses 'disk: went elsewhere' disk.report '/=disk phase=plain /s/cxl_read=0/cxl_read=4096/'
	refuses 'disk: of two ways' disk.console '/^STEP interleaved/d'
	refuses 'disk: read into it' disk.console 's/^STEP refuse-read ok/STEP refuse-read fail/'
	refuses 'disk: written from it' disk.console '/^STEP refuse-write/d'
	refuses 'disk: two requests failed' disk.report '/=disk phase=refused /s/failed=2/failed=1/'
	refuses 'disk: two requests failed' disk.report '/=disk phase=refused /s/cxl_read=0/cxl_read=4096/'
	refuses 'disk: a region of one way' disk.console '/^STEP linear/d'
	refuses 'disk: it goes while' disk.console 's/^STEP withdraw ok/STEP withdraw fail/'
	refuses 'disk: that was away failed' disk.report '/=disk phase=withdrawn /s/failed=22/failed=21/'
	refuses 'disk: followed each time' disk.report '/=cxl phase=withdrawn /s/followed=41/followed=40/'
	refuses 'disk: a removal waited' disk.report '/=cxl phase=withdrawn /s/waits=1/waits=0/'
	refuses 'disk: one KVM slot' disk.report '/=cxl phase=online /s/slots=1/slots=2/'
	refuses 'disk: system RAM' disk.console '/^STEP online/s/bytes=536870912/bytes=268435456/'
	refuses 'disk: read into CXL memory' disk.console '/^STEP cxl-read/s/HPA 0x4/HPA 0x1/'
	refuses 'disk: read into CXL memory' disk.console 's/^STEP cxl-read ok/STEP cxl-read fail/'
	refuses 'disk: went into CXL memory' disk.report '/=disk phase=cxl-read /s/cxl_read=4194304/cxl_read=4190208/'
	refuses 'disk: went into CXL memory' disk.report '/=disk phase=online /d'
	refuses 'disk: written from CXL memory' disk.console '/^STEP cxl-write/s/, buffer.*//'
	refuses 'disk: came from CXL memory' disk.report '/=disk phase=cxl-write /s/written=4194304/written=0/'
	refuses 'disk: no exit' disk.report '/=cxl phase=cxl-write /s/window=900/window=901/'
	refuses 'disk: memory offline' disk.console '/^STEP destroy/s/ok gone/fail busy/'
	refuses 'disk: the slot is gone' disk.report '/=cxl phase=destroyed /s/slots=0/slots=1/'
	refuses 'disk: what it wrote' disk.console '/^STEP again-read/d'
	refuses 'disk: written from there' disk.console '/^STEP again-write/d'
	refuses 'disk: no other request failed' disk.report '/=disk phase=again /s/failed=22/failed=23/'
	refuses 'disk: came to its end' disk.status 's/0/124/'
	refuses 'disk: nothing was written' disk.file '/^1 0 8/d'
	refuses 'disk: came from CXL memory' disk.file 's/^2 8 4/3 8 4/'
	refuses 'disk: from RAM afterwards' disk.file '/^3/d'
	refuses 'disk: what was refused' disk.file '/^1 13/d'
}
