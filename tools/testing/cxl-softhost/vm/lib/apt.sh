# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A private apt: its own sources, lists, package status and archive folder
# below the cache. The machine's apt is asked for three things only: where its
# Debian mirror is, how it reaches the network, and how it checks dates.

# Filled by apt_init, and by apt_update with what went wrong.
APT_KEYRING=
# shellcheck disable=SC2034	# read by fetch
APT_ERROR=

apt_keyring()
{
	local file

	for file in /usr/share/keyrings/debian-archive-keyring.{gpg,pgp}; do
		if [[ -r $file ]]; then
			printf '%s\n' "$file"
			return 0
		fi
	done
	return 1
}

# The machine's mirror, whether it is written in one line or in deb822 form.
apt_mirror()
{
	local uri release component best=

	if [[ ${CXL_SOFTHOST_MIRROR:-} ]]; then
		printf '%s\n' "${CXL_SOFTHOST_MIRROR%/}"
		return 0
	fi
	# $(REPO_URI) and the like are apt's own placeholders.
	# shellcheck disable=SC2016
	while read -r uri release component; do
		[[ $component == main && $uri != *security* ]] || continue
		case $release in
		bookworm|trixie|forky|sid|oldstable|stable|testing|unstable) ;;
		*) continue ;;
		esac
		if [[ $uri == */debian || $uri == */debian/ ]]; then
			best=$uri
			break
		fi
		best=${best:-$uri}
	done < <(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' 2>/dev/null)
	[[ $best ]] || return 1
	printf '%s\n' "${best%/}"
}

# How this machine's apt reaches the network, and how it checks dates.
apt_network_options()
{
	apt-config dump | grep -E '^Acquire::((http|https)(::| )|Check-(Valid-Until|Date) )' || true
}

# apt_init: write the private configuration, one folder a suite. A suite is
# kept apart so that a dependency is never met from another one.
apt_init()
{
	local suite mirror dir

	APT_KEYRING=$(apt_keyring) ||
		die "the Debian archive keyring is missing: install debian-archive-keyring"
	mirror=$(apt_mirror) ||
		die "no Debian mirror in this machine's apt sources: set CXL_SOFTHOST_MIRROR to one"

	for suite in bookworm trixie; do
		dir=$CACHE/apt/$suite
		mkdir -p "$dir"/{etc/preferences.d,state/lists/partial,archives/partial,none/partial}
		: >"$dir/state/status"
		printf 'deb [arch=amd64 signed-by=%s] %s %s main\n' \
			"$APT_KEYRING" "$mirror" "$suite" \
			"$APT_KEYRING" "$mirror" "$suite-backports" \
			>"$dir/etc/sources.list"
		{
			apt_network_options
			cat <<-EOF
			Dir "$dir";
			Dir::State "$dir/state";
			Dir::State::status "$dir/state/status";
			Dir::Cache "$dir";
			Dir::Cache::archives "$dir/archives";
			Dir::Etc "$dir/etc";
			Dir::Etc::parts "$dir/etc/preferences.d";
			Dir::Etc::main "$dir/etc/none";
			Dir::Etc::sourceparts "$dir/etc/preferences.d";
			Dir::Etc::trusted "$dir/etc/none";
			Dir::Etc::trustedparts "$dir/etc/preferences.d";
			Dir::Log "$dir";
			APT::Architecture "amd64";
			APT::Architectures { "amd64"; };
			APT::Sandbox::User "root";
			APT::Install-Recommends "false";
			APT::Get::AllowUnauthenticated "false";
			Acquire::AllowInsecureRepositories "false";
			Acquire::Languages "none";
			Acquire::Retries "2";
			Acquire::GzipIndexes "true";
			Acquire::ForceHash "SHA256";
			Dir::Cache::pkgcache "";
			Dir::Cache::srcpkgcache "";
			pkgCacheGen::Essential "none";
			EOF
		} >"$dir/apt.conf"
	done
}

# apt_private SUITE apt-get|apt-cache ARGS...
apt_private()
{
	local suite=$1

	shift
	APT_CONFIG=$CACHE/apt/$suite/apt.conf "$@"
}

apt_update()
{
	local log=$CACHE/apt/$1/update.log

	# apt-get answers 0 when lists could not be had but old ones exist.
	if ! apt_private "$1" apt-get -q --error-on=any update >"$log" 2>&1; then
		# shellcheck disable=SC2034	# read by fetch
		APT_ERROR=$(grep -E '^(E|W):' "$log" | head -n 1 || true)
		return 1
	fi
}

# Both of these either resolve, and print name, size and checksum of each
# archive wanted, or download into the suite's folder.

# apt_closure resolve|download SUITE TARGET PACKAGE...: with all dependencies.
apt_closure()
{
	local what=$1 suite=$2 target=$3

	shift 3
	apt_fetch "$what" "$suite" apt-get -qq -y -t "$target" install --download-only "$@"
}

# apt_only resolve|download SUITE TARGET PACKAGE...: the packages alone.
apt_only()
{
	local what=$1 suite=$2 target=$3

	shift 3
	apt_fetch "$what" "$suite" apt-get -qq -t "$target" download "$@"
}

apt_fetch()
{
	local what=$1 suite=$2 dir=$CACHE/apt/$2 log=$CACHE/apt/$2/download.log

	shift 2
	if [[ $what == resolve ]]; then
		# An empty folder, so that archives already there are listed too.
		apt_private "$suite" "$@" --print-uris \
			-o Dir::Cache::archives="$dir/none" 2>"$log" |
			sed -n "s/^'[^']*' //p" | sort
	else
		(cd -- "$dir/archives" && apt_private "$suite" "$@" >"$log" 2>&1)
	fi
}
