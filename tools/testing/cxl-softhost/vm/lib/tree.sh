# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The build tree: a small Debian 13 with the compilers and checkers that newer
# kernels want, the same on every machine. Made once by mmdebstrap, below the
# cache; nothing in it runs but what in-tree starts. Needs common.sh and apt.sh.

TREE_SUITE=trixie
# Compilers and what kernel builds call; checkers; documentation
TREE_PACKAGES=(
	gcc g++ libc6-dev clang llvm lld make bc bison flex libelf-dev libssl-dev pahole
	perl python3 cpio rsync xz-utils kmod git ccache patch
	sparse coccinelle libpython3-dev codespell shellcheck clang-format python3-yaml
	python3-sphinx python3-sphinx-rtd-theme
)

tree_key()
{
	{ echo "$TREE_SUITE" "${TREE_PACKAGES[@]}"; declare -f tree_bootstrap; } | hash_of
}

tree_root()
{
	printf '%s/tree/%s\n' "$CACHE" "$(tree_key)"
}

# tree_bootstrap DIR: files belong to who runs this, so that the tree can be
# used, and deleted, without being root.
tree_bootstrap()
{
	mmdebstrap --quiet --variant=minbase --skip=output/dev \
		--include="$(IFS=,; echo "${TREE_PACKAGES[*]}")" \
		--keyring="$APT_KEYRING" \
		--aptopt='APT::Install-Recommends "false"' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		"${TREE_APT_OPTIONS[@]}" \
		"$TREE_SUITE" - "$(apt_mirror)" | tar -C "$1" --no-same-owner -xf -
}

# need_tree: make it when it is not there yet.
need_tree()
{
	local root tmp log=$CACHE/tree/mmdebstrap.log line tree_lock

	root=$(tree_root)
	[[ ! -e $root/done ]] || return 0
	mkdir -p "$CACHE/tree"
	exec {tree_lock}>"$CACHE/tree/lock"
	flock "$tree_lock"
	if [[ ! -e $root/done ]]; then
		command -v mmdebstrap >/dev/null || die "mmdebstrap is missing (is scripts/setup content?)"
		APT_KEYRING=$(apt_keyring) ||
			die "the Debian archive keyring is missing: install debian-archive-keyring"
		TREE_APT_OPTIONS=()
		while IFS= read -r line; do
			TREE_APT_OPTIONS+=(--aptopt="$line")
		done < <(apt_network_options)
		begin_step tree "making the build tree, a Debian 13 with compilers; log: $log"
		# A killed one's; files of the tree may be read-only to their owner
		find "$CACHE/tree" -mindepth 1 -maxdepth 1 -name 'new.*' -exec rm -rf -- {} +
		tmp=$(mktemp -d "$CACHE/tree/new.XXXXXX")
		chmod 755 "$tmp"
		if ! tree_bootstrap "$tmp" 2>"$log"; then
			tail -n 15 "$log" >&2
			die "the build tree could not be made; log: $log"
		fi
		touch "$tmp/done"
		mv -T -- "$tmp" "$root"
		# Not at once: something may be running in the one before
		find "$CACHE/tree" -mindepth 1 -maxdepth 1 -type d ! -path "$root" -mmin +720 \
			-exec rm -rf -- {} +
		end_step
	fi
	exec {tree_lock}>&-
}
