# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Pieces of which an initramfs is put together in a staging folder: programs
# with their libraries, kernel modules with what they depend on, and the
# archive itself. All of them need common.sh and sets.sh.

busybox()
{
	"$(set_root tools)/usr/bin/busybox" "$@"
}

# stage_base DIR: the folders, and busybox under all of its names.
stage_base()
{
	local dir=$1 applet

	mkdir -p "$dir"/{dev,proc,sys,run,tmp,root,etc,out,modules} \
		"$dir"/usr/{bin,sbin,lib/x86_64-linux-gnu,lib64}
	for applet in bin sbin lib lib64; do
		ln -sfn "usr/$applet" "$dir/$applet"
	done
	cp -- "$(set_root tools)/usr/bin/busybox" "$dir/usr/bin/busybox"
	for applet in $(busybox --list); do
		[[ $applet == busybox ]] || ln -sfn busybox "$dir/usr/bin/$applet"
	done
	printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$dir/etc/passwd"
	printf 'root:x:0:\nnogroup:x:65534:\n' >"$dir/etc/group"
}

# Modules in the order they have to be loaded in, dependencies first.

module_file()
{
	find "$1" -name "${2//[-_]/[-_]}.ko*" -print -quit
}

# stage_modules DIR KERNEL LIST NAME...: copy modules and all they need to
# DIR/modules, decompressed, and append their names to DIR/etc/LIST. ?NAME is
# one that may be missing.
stage_modules()
{
	local dir=$1 tree list=$1/etc/$3 name

	tree=$(kernel_modules "$2")
	shift 3
	touch "$list"
	for name; do
		stage_module "$dir" "$tree" "$list" "$name"
	done
}

stage_module()
{
	local dir=$1 tree=$2 list=$3 name=${4//-/_} file depends dep optional=

	[[ $name != \?* ]] || optional=yes
	name=${name#\?}
	! grep -qx -- "$name" "$list" || return 0
	file=$(module_file "$tree" "$name")
	if [[ ! $file ]]; then
		# What is built in needs no file.
		! grep -q "/${name//_/[-_]}[.]ko$" "$tree/modules.builtin" || return 0
		[[ ! $optional ]] || return 0
		die "no kernel module $name in $tree"
	fi
	case $file in
	*.xz) busybox xzcat "$file" >"$dir/modules/$name.ko" ;;
	*) cp -- "$file" "$dir/modules/$name.ko" ;;
	esac
	depends=$(tr '\0' '\n' <"$dir/modules/$name.ko" | sed -n 's/^depends=//p')
	for dep in ${depends//,/ }; do
		stage_module "$dir" "$tree" "$list" "$dep"
	done
	printf '%s\n' "$name" >>"$list"
}

# stage_libraries DIR FILE [ROOT]: the libraries of a dynamic program, from ROOT
# when it belongs to a fetched set, else from this machine.
stage_libraries()
{
	local dir=$1 file=$2 root=${3:-} lib path
	local -a list

	if [[ $root ]]; then
		list=("$root/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" --library-path
			"$root/usr/lib/x86_64-linux-gnu" --list "$file")
	else
		list=(ldd "$file")
	fi
	# A static program, or no program at all, has none.
	path=$("${list[@]}" 2>/dev/null) || return 0
	while read -r lib; do
		# The loader is named by the program, not found where the libraries are.
		[[ ! $root || $lib != */ld-linux-x86-64.so.2 ]] || lib=${list[0]}
		[[ -e $dir/usr/lib/x86_64-linux-gnu/${lib##*/} ]] ||
			cp -L -- "$lib" "$dir/usr/lib/x86_64-linux-gnu/"
		[[ $lib != */ld-linux-x86-64.so.2 ]] ||
			ln -sfn ../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 "$dir/usr/lib64/"
	done < <(grep -oE '/[^ ]+[.]so[^ ]*' <<<"$path" | sort -u)
}

# stage_add DIR SOURCE:DESTINATION: a file or folder of the caller's.
stage_add()
{
	local dir=$1 source=${2%:*} dest=${2##*:} file

	[[ $2 == *:/* ]] || die "--add wants SOURCE:/DESTINATION, not '$2'"
	[[ -e $source ]] || die "--add: $source is not there"
	[[ $dest != */ ]] || dest+=${source##*/}
	mkdir -p "$dir/${dest%/*}"
	if [[ -d $source ]]; then
		mkdir -p "$dir/$dest"
		cp -RL -- "$source/." "$dir/$dest"
	else
		cp -L -- "$source" "$dir/$dest"
	fi
	while IFS= read -r -d '' file; do
		stage_libraries "$dir" "$file"
	done < <(find "$dir/$dest" -type f -perm -u+x -print0)
}

# pack DIR FILE: an uncompressed cpio archive; boot loaders and the kernel take
# several of them one after the other.
pack()
{
	(cd -- "$1" && find . -mindepth 1 -printf '%P\n' | LC_ALL=C sort |
		busybox cpio -o -H newc -R 0:0 2>/dev/null) >"$2.$$"
	mv -- "$2.$$" "$2"
}
