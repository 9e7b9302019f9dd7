# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Sets: groups of extracted packages. A set is built in a folder of its own,
# named after the packages and versions in it, and then made current, so a run
# that uses the old one is not disturbed and a half-built one is never seen.
#
#   sets/NAME/current -> KEY
#   sets/NAME/KEY/archives      what is in it: name, size and checksum of each
#   sets/NAME/KEY/packages      the same by package and version
#   sets/NAME/KEY/root/...      the extracted packages

# Debian's kernels: name, suite, target release, and what the image is called.
# shellcheck disable=SC2034	# read by name below
KERNELS='
6.1	bookworm	bookworm	^linux-image-6[.]1[.]0-[0-9]+-amd64(-unsigned)?$
6.12	bookworm	bookworm-backports	^linux-image-6[.]12[.][0-9]+[+]deb12([.][0-9]+)?-amd64(-unsigned)?$
7	trixie	trixie-backports	^linux-image-7[.][0-9]+[.][0-9]+[+]deb13([.][0-9]+)?-amd64(-unsigned)?$
'
# shellcheck disable=SC2034	# read by the scripts that source this file
DEFAULT_KERNEL=6.12
# Kernels that kernel/build makes of the newest source
BUILT_KERNELS=(debug kcsan)
SOURCE_PACKAGE='^linux-source-7[.][0-9]+$'

is_built_kernel()
{
	[[ " ${BUILT_KERNELS[*]} " == *" $1 "* ]]
}

kernel_names()
{
	cut -sf1 <<<"$KERNELS"
}

# kernel_field NAME COLUMN
kernel_field()
{
	local value

	value=$(awk -F '\t+' -v name="$1" -v col="$2" '$1 == name { print $col }' <<<"$KERNELS")
	[[ $value ]] || die "no kernel called $1 here; known: $(kernel_names | xargs)"
	printf '%s\n' "$value"
}

set_names()
{
	local name

	printf '%s\n' emulator tools source
	for name in $(kernel_names); do
		printf 'kernel-%s\n' "$name"
	done
}

# set_suite NAME: whose lists the set is resolved from.
set_suite()
{
	case $1 in
	emulator|tools|source) echo trixie ;;
	kernel-*) kernel_field "${1#kernel-}" 2 ;;
	*) die "no set called $1; known: $(set_names | xargs)" ;;
	esac
}

# set_root NAME: where a complete set is, or failure.
set_root()
{
	local dir=$CACHE/sets/$1/current

	[[ -e $dir/packages ]] || return 1
	printf '%s/root\n' "$(cd -- "$dir" && pwd -P)"
}

# set_there NAME: is it complete, and what this tree wants? An older one may have
# made do with another.
set_there()
{
	local root

	root=$(set_root "$1") && set_check "$1" "$root"
}

set_key()
{
	set_root "$1" | sed 's,/root$,,; s,.*/,,'
}

set_packages()
{
	cat "$CACHE/sets/$1/current/packages"
}

# need_sets NAME...: fetch, or build, what is not there yet.
need_sets()
{
	local name
	local -a missing=()

	for name; do
		if is_built_kernel "${name#kernel-}"; then
			"$VM_DIR/../kernel/build" "${name#kernel-}"
		elif ! set_there "$name"; then
			missing+=("$name")
		fi
	done
	((${#missing[@]} == 0)) || "$VM_DIR/fetch" "${missing[@]}"
}

# Kernel sets: the newest image of the table's pattern, and its headers.
kernel_image_package()
{
	local image

	image=$(apt_private "$(kernel_field "$1" 2)" apt-cache pkgnames linux-image- |
		grep -E "$(kernel_field "$1" 4)" | sort -V | tail -n 1)
	[[ $image ]] || return 1
	# Signed where there is one of the same version: sort puts it first.
	if [[ $image == *-unsigned ]] &&
	   apt_private "$(kernel_field "$1" 2)" apt-cache show "${image%-unsigned}" >/dev/null 2>&1; then
		image=${image%-unsigned}
	fi
	printf '%s\n' "$image"
}

kernel_debs()
{
	local what=$1 name=$2 suite image release kbuild
	local -a packages

	suite=$(kernel_field "$name" 2)
	image=$(kernel_image_package "$name") || return 1
	release=${image#linux-image-}
	release=${release%-unsigned}
	packages=("$image")
	# Newer ones are an empty package that depends on three others
	if apt_private "$suite" apt-cache show "linux-binary-$release" >/dev/null 2>&1; then
		packages=("linux-binary-$release" "linux-modules-$release" "linux-base-$release")
	fi
	# Of 6.1 all ABIs have one
	kbuild=${release%-amd64}
	kbuild=linux-kbuild-${kbuild/%.0-[0-9]*/}
	apt_only "$what" "$suite" "$(kernel_field "$name" 3)" "${packages[@]}" \
		"linux-headers-$release" "linux-headers-${release%-amd64}-common" "$kbuild"
}

# The newest source of the suite
source_debs()
{
	local source

	source=$(apt_private trixie apt-cache pkgnames linux-source- | grep -E "$SOURCE_PACKAGE" |
		sort -V | tail -n 1)
	[[ $source ]] || return 1
	apt_only "$1" trixie trixie-backports "$source"
}

# source_unpack ROOT: as ROOT/linux
source_unpack()
{
	mkdir -p "$1/linux"
	tar -C "$1/linux" --strip-components=1 --no-same-owner -xf "$1"/usr/src/linux-source-*.tar.xz || return
	rm -rf -- "${1:?}/usr"
}

# Debian's headers are meant to be used from /usr/src with one compiler; here
# they are used from the cache with the compiler of the machine. Without the
# BTF of vmlinux the build asks for no pahole either.
kernel_relocate()
{
	local root=$1 release headers

	# Newer ones have all of it below /usr
	[[ -e $root/lib/modules ]] || ln -sfn usr/lib "$root/lib"
	release=$(basename -- "$root"/lib/modules/*)
	mkdir -p "$root/boot"
	[[ ! -e $root/lib/modules/$release/vmlinuz ]] ||
		mv -- "$root/lib/modules/$release/vmlinuz" "$root/boot/vmlinuz-$release"
	headers=$root/usr/src/linux-headers-$release
	rm -f "$headers/vmlinux"
	sed -i "s,/usr/src/,$2/usr/src/,g" "$headers/Makefile"
	sed -i -e '/^CCACHE/d' -e 's/^CC = .*/CC = gcc/' \
		-e 's/^override CROSS_COMPILE = .*/override CROSS_COMPILE =/' \
		"$headers/.kernelvariables"
	ln -sfn "$release" "$root/release"
}

kernel_release()
{
	readlink "$(set_root "kernel-$1")/release"
}

kernel_vmlinuz()
{
	printf '%s/boot/vmlinuz-%s\n' "$(set_root "kernel-$1")" "$(kernel_release "$1")"
}

# Objects of a kernel built here; no headers package has as much.
kernel_objects()
{
	printf '%s/objects\n' "$(dirname -- "$(set_root "kernel-$1")")"
}

# kernel_wants_tree NAME: are its modules built in the build tree?
# Newer headers want a newer compiler and libc than old machines have.
kernel_wants_tree()
{
	is_built_kernel "$1" || [[ $(kernel_field "$1" 2) == trixie ]]
}

kernel_headers()
{
	printf '%s/usr/src/linux-headers-%s\n' "$(set_root "kernel-$1")" "$(kernel_release "$1")"
}

kernel_modules()
{
	printf '%s/lib/modules/%s\n' "$(set_root "kernel-$1")" "$(kernel_release "$1")"
}

# set_debs resolve|download NAME
set_debs()
{
	case $2 in
	# Under QEMU 10.0 a VM with two vCPUs running at a time now and then ended in a
	# triple fault, or the emulated kernel's memory was overwritten; see vm/README.md
	emulator) apt_closure "$1" trixie trixie-backports qemu-system-x86 ;;
	tools) apt_closure "$1" trixie trixie busybox-static cxl daxctl ndctl ;;
	source) source_debs "$1" ;;
	kernel-*) kernel_debs "$1" "${2#kernel-}" ;;
	esac
}

# set_check NAME ROOT: does what was extracted have what we came for?
set_check()
{
	local root=$2 release

	case $1 in
	emulator)
		[[ -x $root/usr/bin/qemu-system-x86_64 &&
		   -x $root/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 ]]
		;;
	tools)
		[[ -x $root/usr/bin/busybox && -x $root/usr/bin/cxl && -x $root/usr/bin/daxctl &&
		   -x $root/usr/bin/ndctl ]]
		;;
	source)
		[[ -f $root/linux/Kconfig ]]
		;;
	kernel-*)
		release=$(readlink "$root/release")
		[[ -f $root/boot/vmlinuz-$release &&
		   -f $root/usr/src/linux-headers-$release/Module.symvers ]]
		;;
	esac
}

# watch_download NAME FOLDER BYTES: how far a download is, until it is killed.
watch_download()
{
	local pause=10 size

	[[ ! -t 2 ]] || pause=1
	while sleep "$pause" && kill -0 "$$" 2>/dev/null; do
		size=$(find "$2" -type f -printf '%s\n' 2>/dev/null | awk '{ n += $1 } END { print n + 0 }')
		if [[ -t 2 ]]; then
			printf '\r%s: %d of %d MB ' "$1" "$((size / 1000000))" "$(($3 / 1000000))" >&2
		else
			say "$1: $((size / 1000000)) of $(($3 / 1000000)) MB"
		fi
	done
}

# set_extract NAME TMP KEY: download the archives in TMP/archives and extract them.
set_extract()
{
	local name=$1 tmp=$2 key=$3 file total n=0 archives watcher status=0

	archives=$CACHE/apt/$(set_suite "$name")/archives
	total=$(wc -l <"$tmp/archives")
	rm -f -- "$archives"/*.deb
	watch_download "$name" "$archives" "$(awk '{ n += $2 } END { print n }' "$tmp/archives")" \
		</dev/null >/dev/null &
	watcher=$!
	set_debs download "$name" || status=1
	kill "$watcher" 2>/dev/null || true
	wait "$watcher" 2>/dev/null || true
	[[ ! -t 2 ]] || printf '\r\033[K' >&2
	((status == 0)) || return 1
	while read -r file _; do
		((++n))
		[[ ! -t 2 ]] || printf '\r%s: extracting %d of %d ' "$name" "$n" "$total" >&2
		printf '%s\t%s\n' "$(dpkg-deb -f "$archives/$file" Package)" \
			"$(dpkg-deb -f "$archives/$file" Version)" >>"$tmp/packages"
		dpkg-deb -x "$archives/$file" "$tmp/root" || return 1
		rm -f -- "$archives/$file"
	done <"$tmp/archives"
	[[ ! -t 2 ]] || printf '\r\033[K' >&2
	[[ $name != kernel-* ]] || kernel_relocate "$tmp/root" "$CACHE/sets/$name/$key/root"
	[[ $name != source ]] || source_unpack "$tmp/root" || return 1
	if ! set_check "$name" "$tmp/root"; then
		say "$name: the packages do not hold what is expected of them"
		return 1
	fi
}

# set_build NAME: resolve, get what is new, make it current.
set_build()
{
	local name=$1 dir=$CACHE/sets/$1 key tmp log

	log=$CACHE/apt/$(set_suite "$name")/download.log
	tmp=$dir/new.$$
	rm -rf -- "$dir"/new.*
	mkdir -p "$tmp/root"
	set_debs resolve "$name" >"$tmp/archives" || true
	if [[ ! -s $tmp/archives ]]; then
		say "$name: $(grep -m 1 '^[EW]:' "$log" || echo 'no such package found')"
		rm -rf -- "$tmp"
		return 1
	fi
	# The way a set is prepared is part of its name.
	key=$({ cat "$tmp/archives"; declare -f kernel_relocate source_unpack; } | hash_of)
	if [[ -e $dir/$key/packages ]]; then
		rm -rf -- "$tmp"
	elif begin_step "fetch-$name" "$name: fetching $(awk '{ n += $2 } END { printf "%d", n / 1e6 }' \
		"$tmp/archives") MB and extracting" && set_extract "$name" "$tmp" "$key"; then
		end_step
		rm -rf -- "${dir:?}/$key"
		mv -T -- "$tmp" "$dir/$key"
	else
		say "$name: $(grep -m 1 '^[EW]:' "$log" || echo "see $log")"
		rm -rf -- "$tmp"
		return 1
	fi
	ln -sfn "$key" "$dir/new.link"
	mv -T -- "$dir/new.link" "$dir/current"
	touch "$dir/$key"
	# The one before stays for runs that are under way.
	find "$dir" -mindepth 1 -maxdepth 1 -type d -printf '%T@\t%p\n' | sort -rn |
		tail -n +3 | cut -f2- | xargs -r -d '\n' rm -rf --
}
