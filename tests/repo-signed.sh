# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154
# For tests of pve-repo: real signed repositories, made by gpg and apt-ftparchive.  Sourced by bats
# files; $BATS_FILE_TMPDIR/gnupg keeps the keys of a whole file.

export GNUPGHOME=${BATS_FILE_TMPDIR-}/gnupg

gpg_quiet() {
	gpg --batch --quiet --no-tty --yes --pinentry-mode loopback --passphrase '' "$@"
}

# new_key NAME [ALGORITHM [EXPIRY]]: for gpg's --quick-generate-key; with GPG_TIME it is made then.
new_key() {
	mkdir -p "$GNUPGHOME" && chmod 700 "$GNUPGHOME"
	gpg_quiet ${GPG_TIME:+--faked-system-time "$GPG_TIME"} \
		--quick-generate-key "$1 <$1@h.example>" "${2:-ed25519}" sign "${3:-never}"
}

# fpr NAME
fpr() {
	gpg_quiet --with-colons --list-keys "$1" | awk -F : '$1 == "fpr" { print $10; exit }'
}

# export_key NAME FILE: armored when the name of the file ends in .asc.
export_key() {
	mkdir -p "$(dirname "$2")"
	case $2 in
	*.asc) gpg_quiet --armor --export "$1" > "$2" ;;
	*) gpg_quiet --export "$1" > "$2" ;;
	esac
	chmod 644 "$2"
}

# make_dist DIR SUITE NAME=VALUE...: a Release with these fields and apt-ftparchive's digests of the
# Packages of the component main, as they lie there.
make_dist() {
	dir=$1/dists/$2
	rm -f "$dir"/{Release,InRelease,Release.gpg}
	gzip -nkf "$dir"/main/binary-*/Packages
	(cd "$dir" && apt-ftparchive release .) > "$1/Release.new"
	{
		fields="Suite Codename Components Date"
		for field in "${@:3}"; do
			printf '%s: %s\n' "${field%%=*}" "${field#*=}"
			fields=" $fields " && fields=${fields/ ${field%%=*} / }
		done
		for field in $fields; do
			case $field in
			Components) echo "Components: main" ;;
			Date) grep ^Date: "$1/Release.new" ;;
			*) echo "$field: $2" ;;
			esac
		done
		sed -n '/^MD5Sum:/,$p' "$1/Release.new"
	} > "$dir/Release"
	rm "$1/Release.new"
}

# sign DIR SUITE KEY [GPG OPTION...]
sign() {
	gpg_quiet --local-user "$3" "${@:4}" --clearsign \
		--output "$1/dists/$2/InRelease" "$1/dists/$2/Release"
	gpg_quiet --local-user "$3" "${@:4}" --armor --detach-sign \
		--output "$1/dists/$2/Release.gpg" "$1/dists/$2/Release"
}

# end_gpg: ends the agent that gpg has started for these keys.
end_gpg() {
	gpgconf --kill gpg-agent 2> /dev/null || :
}

# The keys of Proxmox VE 6 to 8 come as one armored bundle in a package of Debian; the binary form of
# each is the published file, byte for byte.  published NAME FINGERPRINT: that one, in $file.
published() {
	scripts/fetch-peer extrepo-offline-data build/peers/extrepo-offline-data > "$BATS_TEST_TMPDIR/fetch" 2>&1 ||
		skip 'extrepo-offline-data could not be had'
	mkdir -p "$BATS_TEST_TMPDIR/ring"
	chmod 700 "$BATS_TEST_TMPDIR/ring"
	for bundle in build/peers/extrepo-offline-data/usr/share/extrepo/offline-data/debian/*/proxmox-pve.asc; do
		gpg --homedir "$BATS_TEST_TMPDIR/ring" --batch --quiet --import "$bundle"
	done
	file=$BATS_TEST_TMPDIR/$1
	gpg --homedir "$BATS_TEST_TMPDIR/ring" --batch --quiet --export "$2" > "$file"
	gpgconf --homedir "$BATS_TEST_TMPDIR/ring" --kill all || :
}
