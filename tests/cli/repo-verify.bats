#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# pve-repo verify and key on trees with really signed repositories, by gpgv and by sqv.

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a process of its own; the variables of repo-tree.sh

load ../repo-tree.sh

# verdict PART STATE STATUS: what verify says of it.
verdict() {
	run "$repo" --root "$root" verify -H -o part,state,message
	grep -q "^$1	$2	" <<< "$output" || { echo "$output"; false; }
	[ "$status" = "$3" ] || { echo "exit $status"; echo "$output"; false; }
}

# beside FUNCTION: with gpgv, and with sqv where it can be had.
beside() {
	"$1"
	if ! scripts/fetch-peer sqv build/peers/sqv > "$BATS_TEST_TMPDIR/fetch" 2>&1 ||
		! PATH=$PWD/build/peers/sqv/usr/bin:$PATH sqv --version > /dev/null 2>&1; then
		echo "# but not with sqv, which cannot be had here" >&3
		return 0
	fi
	echo "# and with sqv" >&3
	PATH=$PWD/build/peers/sqv/usr/bin:$PATH
	"$1"
}

@test "verify: a good repository" {
	good_one
	both() {
		verdict signature good 0
		verdict main/binary-amd64/Packages good 0
		[ "$("$repo" --root "$root" verify -H -o signer | head -n 1)" = "$(fpr good)" ]
	}
	beside both
}

@test "verify: Release with Release.gpg, trusted.gpg.d, armored keys, embedded keys" {
	good_one
	rm "$lists/h.example_r_dists_s_InRelease"
	cp "$site/dists/s/Release" "$lists/h.example_r_dists_s_Release"
	verdict signature unsigned 2
	cp "$site/dists/s/Release.gpg" "$lists/h.example_r_dists_s_Release.gpg"
	verdict signature good 0
	echo 'deb http://h.example/r s main' > "$root/etc/apt/sources.list"
	verdict signature no-keyring 2
	export_key good "$root/etc/apt/trusted.gpg.d/k.asc"
	verdict signature good 0
	rm "$root/etc/apt/trusted.gpg.d/k.asc" "$root/etc/apt/sources.list"
	{
		printf 'Types: deb\nURIs: http://h.example/r\nSuites: s\nComponents: main\nSigned-By:\n'
		gpg_quiet --armor --export good | sed 's/^$/./; s/^/ /'
	} > "$root/etc/apt/sources.list.d/e.sources"
	verdict signature good 0
	run "$repo" --root "$root" key list -H -o file,key,role
	[ "$output" = "/etc/apt/sources.list.d/e.sources:1	$(fpr good)	embedded" ]
}

@test "verify: altered text, wrong key, missing, unreadable and damaged keyrings" {
	good_one
	wrong() {
		fetch
		export_key good "$key"
		sed -i 's/^Origin: A/Origin: B/' "$lists/h.example_r_dists_s_InRelease"
		verdict signature wrong 2
		fetch
		export_key other "$key"
		verdict signature no-key 2
		rm "$key"
		verdict signature no-keyring 2
		export_key good "$key"
		chmod 600 "$key"
		verdict signature unreadable 2
		[[ $output == *'_apt cannot read it'* ]]
		chmod 644 "$key"
		head -c 40 "$key" > "$key.new"
		mv "$key.new" "$key"
		verdict signature unreadable 2
	}
	beside wrong
}

@test "verify: an expired key, SHA-1, none at all" {
	make_dist "$site" s Origin=A
	GPG_TIME=20200601T000000 sign "$site" s old --faked-system-time 20200601T000000
	fetch
	export_key old "$key"
	# sqv asks whether the key was good when it signed; gpgv, whether it is now
	expired() {
		if [ "$(command -v sqv)" ]; then
			verdict signature good 0
		else
			verdict signature expired 2
		fi
		run "$repo" --root "$root" check -H -o code,severity
		[[ $output == *$'REPO-KEY-EXPIRED\tcritical'* ]]
	}
	beside expired
	sign "$site" s good --digest-algo SHA1 --allow-weak-digest-algos
	fetch
	export_key good "$key"
	weak() { verdict signature weak 2; }
	beside weak
	sed '/^-----BEGIN PGP SIGNATURE/,$d; 1,/^$/d' "$site/dists/s/InRelease" > "$lists/h.example_r_dists_s_InRelease"
	verdict signature unsigned 2
	rm "$lists/h.example_r_dists_s_InRelease"
	verdict signature absent 1
}

@test "verify: Signed-By as fingerprints" {
	good_one
	export_key good "$root/etc/apt/trusted.gpg.d/good.gpg"
	export_key other "$root/etc/apt/trusted.gpg.d/other.gpg"
	echo "deb [signed-by=$(fpr other)] http://h.example/r s main" > "$root/etc/apt/sources.list"
	fingerprints() { verdict signature no-key 2; }
	beside fingerprints
	echo "deb [signed-by=$(fpr other),$(fpr good)!] http://h.example/r s main" > "$root/etc/apt/sources.list"
	either() { verdict signature good 0; }
	beside either
}

@test "verify: lists that are not what the Release says" {
	good_one
	list=$lists/h.example_r_dists_s_main_binary-amd64_Packages
	echo >> "$list"
	verdict main/binary-amd64/Packages wrong 2
	[[ $output == *'bytes, and its Release says'* ]]
	tr x y < "$packages" > "$list"
	verdict main/binary-amd64/Packages wrong 2
	[[ $output == *'is not what its Release says'* ]]
	rm "$list"
	for ext in gz xz bz2 lz4 zst; do
		case $ext in
		gz) gzip -c ;;
		xz) xz -c ;;
		bz2) bzip2 -c ;;
		lz4) lz4 -cq ;;
		zst) zstd -cq ;;
		esac < "$packages" > "$list.$ext"
		verdict main/binary-amd64/Packages good 0
		tr x y < "$packages" | gzip -c > "$list.gz.new"
		mv "$list.gz.new" "$list.$ext"
		verdict main/binary-amd64/Packages wrong 2
		rm "$list.$ext"
	done
}

@test "verify: dates and suites" {
	good_one Valid-Until='Sat, 09 May 2020 10:27:00 UTC'
	verdict date expired 2
	good_one Date='Sat, 09 May 2099 10:27:00 UTC'
	verdict date future 2
	good_one Suite=t Codename=u
	verdict suite other 1
	[[ $output == *'suite t, codename u'* ]]
	good_one Label=A-Security Date='Sat, 09 May 2020 10:27:00 UTC'
	verdict date old 1
	make_dist "$site" s
	sed -i '/^SHA/,$d' "$site/dists/s/Release"
	sign "$site" s good
	fetch
	verdict digests weak 2
}

@test "verify: beside apt's own verdict on each" {
	apt_says() { # the exit code of apt reading exactly this as a repository
		rm -rf "$BATS_TEST_TMPDIR/apt"
		mkdir -p "$BATS_TEST_TMPDIR/apt"/{lists/partial,cache/archives/partial,etc/parts}
		cat > "$BATS_TEST_TMPDIR/apt/conf" <<- EOF
			Dir::Etc::parts "/nowhere";
			Dir::State::lists "$BATS_TEST_TMPDIR/apt/lists";
			Dir::Cache "$BATS_TEST_TMPDIR/apt/cache";
			Dir::Etc::sourcelist "$BATS_TEST_TMPDIR/apt/sources.list";
			Dir::Etc::sourceparts "/nowhere";
			Dir::Etc::trustedparts "/nowhere";
			Dir::Etc::trusted "/nowhere";
			APT::Sandbox::User "root";
			APT::Architecture "amd64";
			APT::Architectures { "amd64"; };
		EOF
		echo "deb [signed-by=$key] copy:$site s main" > "$BATS_TEST_TMPDIR/apt/sources.list"
		APT_CONFIG=$BATS_TEST_TMPDIR/apt/conf apt-get update -q > "$BATS_TEST_TMPDIR/apt/log" 2>&1
	}
	apt_refuses() {
		if apt_says; then return 1; fi
	}
	good_one
	apt_says || { cat "$BATS_TEST_TMPDIR/apt/log"; false; }
	verdict signature good 0
	sed -i 's/^Origin: A/Origin: B/' "$site/dists/s/InRelease"
	fetch
	apt_refuses
	verdict signature wrong 2
	sign "$site" s other
	fetch
	apt_refuses
	verdict signature no-key 2
	sign "$site" s good --digest-algo SHA1 --allow-weak-digest-algos
	fetch
	apt_refuses
	verdict signature weak 2
	good_one Valid-Until='Sat, 09 May 2020 10:27:00 UTC'
	apt_refuses
	verdict date expired 2
}

# --- keys ------------------------------------------------------------------------------------------

@test "key list: fingerprint, algorithm and times as gpg has them" {
	shown=0
	for file in /usr/share/keyrings/*.gpg; do
		[ -r "$file" ] || continue
		shown=$((shown + 1))
		gpg --batch --with-colons --show-keys "$file" 2> /dev/null | awk -F : '
			$1 == "pub" { created = $6; bits = $3; algo = $4; want = 1; nokeys = 0 }
			$1 == "fpr" && want { print $10, created, (algo == 1 ? "rsa" bits : algo == 17 ? "dsa" bits : "other"); want = 0 }' |
			sort > "$BATS_TEST_TMPDIR/gpg"
		"$repo" key verify -H -o key,created,algorithm "$file" | while read -r k created algo; do
			case $algo in rsa* | dsa*) ;; *) algo=other ;; esac
			echo "$k $(date -d "$created" +%s) $algo"
		done | sort | diff "$BATS_TEST_TMPDIR/gpg" -
	done
	[ $shown -gt 0 ] || skip 'no keyrings here'
}

@test "key list: when keys expire, as gpg has it" {
	export_key soon "$root/etc/apt/trusted.gpg.d/soon.asc"
	export_key old "$root/etc/apt/trusted.gpg.d/old.gpg"
	run "$repo" --root "$root" key -H -o key,expires
	for k in soon old; do
		at=$(gpg_quiet --with-colons --list-keys $k | awk -F : '$1 == "pub" { print $7 }')
		[[ $output == *"$(fpr $k)	$(date -u -d "@$at" +%FT%TZ)"* ]]
	done
}

@test "key verify: states, readability, names that apt passes over" {
	export_key soon "$root/etc/apt/trusted.gpg.d/soon.asc"
	export_key old "$root/etc/apt/trusted.gpg.d/old.gpg"
	export_key short "$root/etc/apt/trusted.gpg.d/short.gpg"
	export_key good "$root/etc/apt/trusted.gpg.d/armored.asc"
	mv "$root/etc/apt/trusted.gpg.d/armored.asc" "$root/etc/apt/trusted.gpg.d/armored.gpg"
	export_key good "$root/etc/apt/keyrings/spare.gpg"
	chmod 600 "$root/etc/apt/trusted.gpg.d/short.gpg"
	echo junk > "$root/etc/apt/trusted.gpg.d/junk.gpg"
	good_one
	run "$repo" --root "$root" key verify -H -o file,state,readable,signs,message,role
	[ "$status" = 2 ]
	[[ $output == *'soon.asc	expiring	1		expires within 90 days'* ]]
	[[ $output == *'old.gpg	expired	1		nothing signed by it'* ]]
	[[ $output == *'short.gpg	weak	0		apt'* ]]
	[[ $output == *'armored.gpg	good	1		is armored, and its name'* ]]
	[[ $output == *'junk.gpg	unusable	1		'*'is no keyring'* ]]
	[[ $output == *'spare.gpg	good	1			spare'* ]]
	[[ $output == *'/usr/share/keyrings/k.gpg	good	1	http://h.example/r/ s		signed-by'* ]]
}

@test "key add: the guide's key for Proxmox VE 6, and those that came after it" {
	for pair in proxmox-ve-release-6.x.gpg:353479F83781D7F8ED5F5AC57BF2812E8A6E88E0 \
		proxmox-release-bullseye.gpg:28139A2F830BD68478A1A01FDD4BA3917E23BF59 \
		proxmox-release-bookworm.gpg:F4E136C67CDCE41AE6DE6FC81140AF8F639E0C39; do
		published "${pair%:*}" "${pair#*:}"
		run "$repo" --root "$root" -n key add "$file"
		[ "$status" = 0 ]
		[[ $output == "create /etc/apt/trusted.gpg.d/${pair%:*}: the key of Proxmox VE "* ]]
		[ ! -e "$root/etc/apt/trusted.gpg.d/${pair%:*}" ]
		run "$repo" --root "$root" key add "$file"
		[ "$status" = 0 ]
		[ -z "$output" ]
		cmp "$file" "$root/etc/apt/trusted.gpg.d/${pair%:*}"
		[ "$(stat -c %a "$root/etc/apt/trusted.gpg.d/${pair%:*}")" = 644 ]
		run "$repo" --root "$root" key verify -H -o key,state,published "/etc/apt/trusted.gpg.d/${pair%:*}"
		[ "$status" = 0 ]
		[ "$output" = "${pair#*:}	good	${pair%:*}" ]
	done
	key=$root/etc/apt/trusted.gpg.d/proxmox-ve-release-6.x.gpg
	[ "$(sha512sum < "$key")" = 'acca6f416917e8e11490a08a1e2842d500b3a5d9f322c6319db0927b2901c3eae23cfb5cd5df6facf2b57399d3cfa52ad7769ebdd75d9b204549ca147da52626  -' ]
	[ "$(md5sum < "$key")" = 'f3f6c5a3a67baf38ad178e5ff1ee270c  -' ]
}

@test "key add: a file that is called like a published one but is not it is refused" {
	export_key good "$BATS_TEST_TMPDIR/proxmox-ve-release-6.x.gpg"
	run "$repo" --root "$root" key add "$BATS_TEST_TMPDIR/proxmox-ve-release-6.x.gpg"
	[ "$status" = 65 ]
	[[ $output == *'its sha512 is '*', and should be acca6f416917'* ]]
	[ ! -e "$root/etc/apt/trusted.gpg.d/proxmox-ve-release-6.x.gpg" ]
	cp "$BATS_TEST_TMPDIR/proxmox-ve-release-6.x.gpg" "$root/etc/apt/trusted.gpg.d/"
	run "$repo" --root "$root" key verify -H -o message /etc/apt/trusted.gpg.d/proxmox-ve-release-6.x.gpg
	[ "$status" = 2 ]
	[ "$output" = 'is called like a key of Proxmox, and is another' ]
}

@test "key add: others go to /etc/apt/keyrings, named by what they are; no junk" {
	export_key good "$BATS_TEST_TMPDIR/vendor.asc"
	mv "$BATS_TEST_TMPDIR/vendor.asc" "$BATS_TEST_TMPDIR/vendor.gpg"
	rmdir "$root/etc/apt/keyrings"
	run "$repo" --root "$root" key add "$BATS_TEST_TMPDIR/vendor.gpg"
	[ "$status" = 0 ]
	[[ $output == *"compare the fingerprint $(fpr good)"* ]]
	cmp "$BATS_TEST_TMPDIR/vendor.gpg" "$root/etc/apt/keyrings/vendor.asc"
	run "$repo" --root "$root" key add --to /etc/apt/trusted.gpg.d "$BATS_TEST_TMPDIR/vendor.gpg"
	[ "$status" = 0 ]
	[ -e "$root/etc/apt/trusted.gpg.d/vendor.asc" ]
	echo junk > "$BATS_TEST_TMPDIR/junk.gpg"
	run "$repo" --root "$root" key add "$BATS_TEST_TMPDIR/junk.gpg"
	[ "$status" = 65 ]
	run "$repo" --root "$root" key add "$BATS_TEST_TMPDIR/none"
	[ "$status" = 1 ]
	run "$repo" --root "$root" key forget x
	[ "$status" = 64 ]
}
