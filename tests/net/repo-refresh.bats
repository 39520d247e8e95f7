#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# pve-repo refresh, notify, changelog and upgrade against real repositories, signed by gpg and served
# by nginx on loopback, one of which is good and each other bad in its own way.  The host is one of
# its own: /etc/apt, /var/lib and /run are other directories, in a mount namespace.

# shellcheck disable=SC2030,SC2031,SC2012,SC2016 # each test is a process of its own; names are plain;
# other shells expand

load ../repo-signed.sh

setup_file() {
	new_key good
	new_key other
	GPG_TIME=20200101T000000 new_key old ed25519 2020-12-31
	end_gpg
}

teardown_file() {
	end_gpg
}

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	repo=$PWD/build/bin/pve-repo
	www=$BATS_TEST_TMPDIR/www
	host=$BATS_TEST_TMPDIR/host
	arch=$(dpkg --print-architecture)
	chmod 755 "$BATS_TEST_TMPDIR"
	mkdir -p "$host"/apt/{apt.conf.d,preferences.d,sources.list.d,trusted.gpg.d,auth.conf.d} "$host"/run/lock \
		"$host"/lib/apt/lists/partial "$host"/lib/dpkg/{info,updates,triggers} "$host"/cache/archives/partial \
		"$host/pve" "$host/bin"
	printf 'APT::Sandbox::User "root";\nAcquire::http::Proxy "DIRECT";\nAcquire::http::Timeout "5";\n' \
		> "$host/apt/apt.conf.d/10test"
	printf '127.0.0.1 localhost good.example enterprise.proxmox.com\n127.0.0.1 node1.h.example node1\n' > "$host/hosts"
	echo node1 > "$host/hostname"
	echo 'nameserver 127.0.0.1' > "$host/resolv.conf" # where nobody answers, at once
	echo 'user:root@pam:1:0:::admin@h.example:::' > "$host/pve/user.cfg"
	printf 'keyboard: de\nnotify: fencing=never,package-updates=always\n' > "$host/pve/datacenter.cfg"
	export_key good "$host/apt/trusted.gpg.d/good.gpg"
	export_key old "$host/apt/trusted.gpg.d/old.gpg"
	printf 'Package: x\nStatus: install ok installed\nVersion: 1\nArchitecture: %s\nMaintainer: m\nDescription: d\n\n' \
		"$arch" > "$host/lib/dpkg/status"
	# keeps each mail that it is given
	printf '#!/bin/sh\nn=$(ls "%s/mail" | wc -l)\ncat > "%s/mail/$n"\necho "$*" > "%s/mail.args"\n' "$host" "$host" \
		"$host" > "$host/bin/sendmail"
	chmod 755 "$host/bin/sendmail"
	mkdir "$host/mail"
	nginx=
	https=
}

teardown() {
	if [ "$nginx" ]; then
		kill "$nginx" || :
		wait "$nginx" || :
	fi
}

# site NAME KEY FIELD... [-- GPG OPTION...]: a repository at http://good.example/NAME with x 2.
site() {
	packages=$www/$1/dists/s/main/binary-$arch/Packages
	mkdir -p "${packages%/*}"
	printf 'Package: x\nVersion: 2\nArchitecture: %s\nSize: 5\nFilename: x.deb\nSHA256: %064d\nDescription: d\n\n' \
		"$arch" 0 > "$packages"
	name=$1 key=$2
	shift 2
	fields=()
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		fields+=("$1")
		shift
	done
	[ $# = 0 ] || shift
	make_dist "$www/$name" s "Origin=O-$name" "${fields[@]}"
	sign "$www/$name" s "$key" "$@"
	echo "deb http://good.example/$name s main" >> "$host/apt/sources.list"
}

serve() {
	peer=$PWD/build/peers/nginx
	scripts/fetch-peer nginx "$peer" > "$BATS_TEST_TMPDIR/fetch" 2>&1 || skip 'nginx could not be had'
	if ldd "$peer/usr/sbin/nginx" | grep -q 'not found'; then
		skip "nginx's libraries are missing"
	fi
	mkdir -p "$BATS_TEST_TMPDIR/nginx"
	chmod -R a+rX "$www"
	cat > "$BATS_TEST_TMPDIR/nginx/conf" <<- EOF
		daemon off;
		master_process off;
		pid $BATS_TEST_TMPDIR/nginx/pid;
		error_log stderr;
		events { }
		http {
			access_log off;
			client_body_temp_path $BATS_TEST_TMPDIR/nginx/1;
			proxy_temp_path $BATS_TEST_TMPDIR/nginx/2;
			fastcgi_temp_path $BATS_TEST_TMPDIR/nginx/3;
			uwsgi_temp_path $BATS_TEST_TMPDIR/nginx/4;
			scgi_temp_path $BATS_TEST_TMPDIR/nginx/5;
			server {
				listen 127.0.0.1:80;
				server_name good.example;
				root $www;
			}
			server {
				listen 127.0.0.1:80;
				server_name enterprise.proxmox.com;
				location / { return 401; }
			}
			$https
		}
	EOF
	"$peer/usr/sbin/nginx" -p "$BATS_TEST_TMPDIR/nginx" -c "$BATS_TEST_TMPDIR/nginx/conf" \
		> "$BATS_TEST_TMPDIR/nginx/log" 2>&1 3>&- &
	nginx=$!
	for _ in $(seq 50); do
		! ss -Hltn 'src 127.0.0.1:80' | grep -q . || return 0
		sleep 0.1
	done
	cat "$BATS_TEST_TMPDIR/nginx/log"
	false
}

# again: fetches all anew, also what was changed within the second.
again() {
	rm -f "$host"/lib/apt/lists/*_*
	on_host "$repo" refresh -q
}

# on_host COMMAND...: with an /etc of its own, in which a bare machine may lack most of these files.
on_host() {
	unshare --mount sh -c '
		{ [ -d "$0/etc" ] || cp -a /etc "$0/etc"; } &&
		for file in hosts hostname resolv.conf; do cp --remove-destination "$0/$file" "$0/etc/$file"; done &&
		mount --bind "$0/etc" /etc && mount --bind "$0/apt" /etc/apt && mount --bind "$0/cache" /var/cache/apt &&
		mount --bind "$0/lib" /var/lib && mount --bind "$0/run" /run &&
		mkdir -p /run/lock /etc/pve && mount --bind "$0/pve" /etc/pve &&
		PATH=$0/bin:$PATH exec "$@"' "$host" "$@"
}

@test "refresh: one bad repository does not hide the others, and each says why it failed" {
	site good good
	site stale good 'Valid-Until=Sat, 09 May 2020 10:27:00 UTC'
	site tampered good
	sed -i 's/^Origin: .*/Origin: evil/' "$www/tampered/dists/s/InRelease"
	site wrong other
	site expired old -- --faked-system-time 20200601T000000
	site list good
	echo >> "$www/list/dists/s/main/binary-$arch/Packages"
	gzip -nkf "$www/list/dists/s/main/binary-$arch/Packages"
	site nolist good
	rm "$www/nolist/dists/s/main/binary-$arch/"*
	printf 'deb http://good.example/moved s main\ndeb http://enterprise.proxmox.com/debian/pve s pve-enterprise
deb http://nohost.invalid/r s main\ndeb http://127.0.0.1:9/r s main\n' >> "$host/apt/sources.list"
	serve
	run on_host "$repo" refresh -H -o repository,state,http,reason,fix
	[ "$status" = 1 ] || { echo "$output"; false; }
	while IFS='|' read -r want; do
		grep -qF "$(tr '|' '\t' <<< "$want")" <<< "$output" || { echo "not there: $want"; echo "$output"; false; }
	done << 'EOF'
http://good.example/good/ s	new			
http://good.example/stale/ s	failed		it is older than it may be
http://good.example/tampered/ s	failed		its signature is wrong
http://good.example/wrong/ s	failed		the key that signed it is not in the keyring
http://good.example/expired/ s	failed		the key that signed it has expired
http://good.example/list/ s	failed		a list is not what the Release says
http://good.example/nolist/ s	failed	404	a list that its Release names is not there
http://good.example/moved/ s	failed	404	there is no such suite
http://enterprise.proxmox.com/debian/pve/ s	failed	401	no valid subscription
http://nohost.invalid/r/ s	failed		the name of the server cannot be resolved
http://127.0.0.1:9/r/ s	failed		nobody listens at the server
EOF
	[[ $output == *$'\tpve-repo add --only no-subscription'* ]]
	# the good one was fetched, and counts
	run on_host "$repo" updates -H -o package,candidate,origin
	[ "$output" = $'x\t2\tO-good' ]
	run on_host "$repo" refresh -H -o repository,state
	[[ $output == *$'http://good.example/good/ s\tsame'* ]]
	# what failed is in the mail, once
	on_host "$repo" notify
	[ "$(ls "$host/mail" | wc -l)" = 2 ]
	grep -qx 'Subject: New software packages available (node1.h.example)' "$host/mail/0"
	grep -q 'no valid subscription' "$host/mail/1"
	[ "$(cat "$host/mail.args")" = '-t -i' ]
	on_host "$repo" notify
	[ "$(ls "$host/mail" | wc -l)" = 2 ]
}

@test "refresh: all good; -n and --root change nothing" {
	site good good
	serve
	run on_host "$repo" refresh -n
	[ "$status" = 0 ]
	[[ $output == *'apt-get update of 1 repositories'* ]]
	[ "$(ls "$host/lib/apt/lists")" = partial ]
	run on_host "$repo" refresh -H -o state
	[ "$status" = 0 ]
	[ "$output" = new ]
	run "$repo" --root "$host" refresh
	[ "$status" = 77 ]
	run on_host "$repo" verify -H -o state
	[ "$output" = $'good\ngood' ]
}

@test "notify: each version once; a new one, and one that came back, again" {
	site good good
	serve
	again
	run on_host "$repo" notify --print
	[ "$status" = 0 ]
	[[ $output == *$'\nThe following updates are available:\n\nPackage Name    Installed Version    Available Version\nx               1                    2'* ]]
	[ ! "$(ls "$host/mail")" ]
	on_host "$repo" notify
	on_host "$repo" notify
	[ "$(ls "$host/mail" | wc -l)" = 1 ]
	sed -i 's/^Version: 2/Version: 3/' "$packages"
	make_dist "$www/good" s Origin=O-good
	sign "$www/good" s good
	again
	on_host "$repo" notify
	[ "$(ls "$host/mail" | wc -l)" = 2 ]
	grep -q '^x  *1  *3$' "$host/mail/1"
	sed -i 's/^Status: install/Status: hold/' "$host/lib/dpkg/status"
	on_host "$repo" notify
	[ "$(ls "$host/mail" | wc -l)" = 2 ]
	# a mail that cannot be sent is not taken for told
	sed -i 's/^Status: hold/Status: install/' "$host/lib/dpkg/status"
	printf '#!/bin/sh\nexit 75\n' > "$host/bin/sendmail"
	run on_host "$repo" notify
	[ "$status" = 1 ]
	run on_host "$repo" notify --print
	[[ $output == *'x               1                    3'* ]]
}

# part TYPE < MAIL: what this part of a multipart mail holds; its boundary is the one of the header.
part() {
	awk -v type="Content-Type: text/$1; charset=UTF-8" '
		/^Content-Type: multipart\/alternative; boundary="/ { split($0, a, "\""); boundary = "--" a[2] }
		boundary && $0 == boundary "--" { end = 1 }
		boundary && index($0, boundary) == 1 { mine = body = 0; next }
		mine && body { print }
		mine && $0 == "" { body = 1 }
		boundary && $0 == type { mine = 1 }
		END { exit !end }'
}

@test "notify: text and HTML, with headers that fit" {
	site good good
	sed -i "s/^Version: 2/Version: 2+a\&b/" "$packages"
	make_dist "$www/good" s Origin=O-good
	sign "$www/good" s good
	echo 'email_from: pve@h.example' >> "$host/pve/datacenter.cfg"
	serve
	again
	on_host "$repo" notify
	for header in 'From: Proxmox VE <pve@h.example>' 'To: admin@h.example' 'MIME-Version: 1.0' \
		'Subject: New software packages available (node1.h.example)' 'Auto-Submitted: auto-generated'; do
		sed '/^$/q' "$host/mail/0" | grep -qxF "$header"
	done
	[ "$(part plain < "$host/mail/0")" = 'The following updates are available:

Package Name    Installed Version    Available Version
x               1                    2+a&b' ]
	part html < "$host/mail/0" > "$host/html"
	[ "$(sed 's/<[^>]*>/ /g' "$host/html" | tr -s ' \n' ' ')" = ' The following updates are available: Package Name Installed Version Available Version x 1 2+a&amp;b ' ]
	[ "$(grep -c '<tr>.*</tr>' "$host/html")" = 2 ]
}

@test "notify: datacenter.cfg and the subscription say whether" {
	# shellcheck source=tests/cli/repo-subscription.sh
	. tests/cli/repo-subscription.sh
	site good good
	echo 'deb http://good.example/moved s main' >> "$host/apt/sources.list"
	serve
	run again
	# told LINE [NUMBER]: with this datacenter.cfg so many mails, of which one is about what failed
	told() {
		rm -f "$host/mail/"* "$host/lib/pve-tools/pve-repo.notified"
		echo "$1" > "$host/pve/datacenter.cfg"
		run on_host "$repo" notify
		echo "$1: $output"
		[ "$status" = 0 ]
		grep -lq 'could not be refreshed' "$host/mail/"*
		[ "$(ls "$host/mail" | wc -l)" = "$2" ]
	}
	told 'notify: package-updates=always' 2
	told 'notify: package-updates=never' 1
	[[ $output == *'no mail about 1 updates: datacenter.cfg has package-updates=never'* ]]
	told 'keyboard: de' 1
	[[ $output == *'no active subscription'* ]]
	told 'notify: package-updates=auto' 1
	# what was not sent is sent once it may be; and what is printed is all of it
	run on_host "$repo" notify --print
	[[ $output == *'x               1                    2'* ]]
	on_host "$repo" notify --always
	[ "$(ls "$host/mail" | wc -l)" = 2 ]
	on_host "$repo" notify --always
	[ "$(ls "$host/mail" | wc -l)" = 2 ]
	subscription active "$(date +%s)" > "$host/etc/subscription"
	told 'notify: package-updates=auto' 2
	told '' 2
	told 'notify: package-updates=never' 1
}

@test "changelog: only what is newer than the installed version" {
	site good good 'Changelogs=http://good.example/changes/@CHANGEPATH@'
	mkdir -p "$www/changes/main/x/x"
	for v in 3 2 1.5 1 0.9; do
		printf 'x (%s) s; urgency=medium\n\n  * Change \033[1m%s\033[0m.\n\n -- M <m@h.example>  Mon, 01 Jan 2024 00:00:00 +0000\n\n' \
			$v $v
	done > "$www/changes/main/x/x/x_2"
	sed -i 2d "$www/changes/main/x/x/x_2"
	serve
	again
	run on_host "$repo" changelog x
	[ "$status" = 0 ]
	[[ $output == *'x (2) s;'*'x (1.5) s;'* ]]
	[[ $output != *'x (1) s;'* ]]
	[[ $output == *'Change \x1b[1m1.5\x1b[0m.'* ]]
	rm "$www/changes/main/x/x/x_2"
	run on_host "$repo" changelog x
	[ "$status" = 69 ]
	[[ $output == *'x_2: 404 Not Found'* ]]
	run on_host "$repo" changelog y
	[ "$status" = 65 ]
	make_dist "$www/good" s Origin=O-good
	sign "$www/good" s good
	again
	run on_host "$repo" changelog x
	[ "$status" = 69 ]
	[[ $output == *'O-good has no changelogs'* ]]
}

@test "changelog: behind a login, which stands in no message" {
	site good good 'Changelogs=https://good.example/changes/@CHANGEPATH@'
	mkdir -p "$www/changes/main/x/x"
	printf 'x (2) s; urgency=low\n\n  * New.\n\n -- M <m@h.example>  Mon, 01 Jan 2024 00:00:00 +0000\n' \
		> "$www/changes/main/x/x/x_2"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=good.example \
		-addext subjectAltName=DNS:good.example -keyout "$host/apt/tls.key" -out "$host/apt/tls.crt"
	echo 'me:{PLAIN}sesame' > "$host/apt/users"
	chmod 644 "$host/apt/users"
	https="server {
		listen 127.0.0.1:443 ssl;
		server_name good.example;
		ssl_certificate $host/apt/tls.crt;
		ssl_certificate_key $host/apt/tls.key;
		root $www;
		auth_basic it;
		auth_basic_user_file $host/apt/users;
	}"
	serve
	again
	run on_host "$repo" changelog x
	echo "$output"
	[ "$status" = 77 ]
	[[ $output == *certificate* ]]
	echo 'Acquire::https::CaInfo "/etc/apt/tls.crt";' > "$host/apt/apt.conf.d/20tls"
	# the login of another host that only begins like it, and of another path
	printf 'machine good.exam login no password sesame\nmachine good.example/other login no password sesame\n' \
		> "$host/apt/auth.conf"
	run on_host "$repo" changelog x
	echo "$output"
	[ "$status" = 69 ]
	[[ $output == *'x_2: 401 '* ]]
	echo 'machine good.example/changes login me password wrong-sesame' > "$host/apt/auth.conf.d/x.conf"
	run on_host "$repo" -v changelog x
	[ "$status" = 69 ]
	[[ $output != *sesame* ]]
	echo 'machine good.example/changes login me password sesame' > "$host/apt/auth.conf.d/x.conf"
	run on_host "$repo" -v changelog x
	[ "$status" = 0 ]
	[[ $output == 'x (2) s;'* ]]
	[[ $output != *sesame* ]]
}

# stanza NAME VERSION [FIELD...]
stanza() {
	printf 'Package: %s\nVersion: %s\nArchitecture: %s\nMaintainer: m\nDescription: d\n' "$1" "$2" "$arch"
	[ $# = 2 ] || printf '%s\n' "${@:3}"
}

@test "upgrade: never takes proxmox-ve or the running kernel away" {
	kernel=proxmox-kernel-$(uname -r)
	{
		stanza proxmox-ve 8 'Status: install ok installed'
		echo
		stanza "$kernel" 1 'Status: install ok installed'
		echo
	} >> "$host/lib/dpkg/status"
	site good good
	{ stanza x 2 'Conflicts: proxmox-ve' 'Size: 5' 'Filename: x.deb' 'Priority: required' 'Essential: yes'; echo; } > "$packages"
	make_dist "$www/good" s Origin=O-good
	sign "$www/good" s good
	serve
	again
	run on_host "$repo" upgrade -y
	[ "$status" = 77 ] || { echo "$output"; false; }
	[[ $output == *'refused: this would remove proxmox-ve'* ]]
	sed -i "s/^Conflicts: .*/Conflicts: $kernel/" "$packages"
	make_dist "$www/good" s Origin=O-good
	sign "$www/good" s good
	again
	run on_host "$repo" upgrade -y
	[ "$status" = 77 ]
	[[ $output == *"refused: this would remove $kernel, the kernel that runs now"* ]]
	sed -i '/^Conflicts/d' "$packages"
	make_dist "$www/good" s Origin=O-good
	sign "$www/good" s good
	again
	run on_host "$repo" upgrade -n -H -o package,action,installed,candidate
	[ "$status" = 0 ]
	[ "$output" = $'x\tupgrade\t1\t2' ]
	run on_host "$repo" upgrade
	[ "$status" = 77 ]
	[[ $output == *'--yes'* ]]
	# agreed: apt-get is really run, and what stops it (there is no such .deb) is told
	run on_host "$repo" upgrade -y
	[ "$status" = 1 ]
	[[ $output == *'x.deb'* ]]
}
