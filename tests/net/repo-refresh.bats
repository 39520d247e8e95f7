#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# pve-repo refresh, notify and changelog against real repositories, one of which is good and each other
# bad in its own way.

# shellcheck disable=SC2030,SC2031,SC2012,SC2034,SC2154 # each test is a process of its own; names are plain; the
# variables of repo-host.sh

load ../repo-host.sh

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
	# a repository that fails now, and one that fails for another reason, are news; the others are not
	sed -i 's/^Origin: .*/Origin: evil/' "$www/good/dists/s/InRelease"
	sign "$www/tampered" s other
	chmod -R a+rX "$www"
	run on_host "$repo" refresh
	[ "$status" = 1 ]
	on_host "$repo" notify
	[ "$(ls "$host/mail" | wc -l)" = 3 ]
	[ "$(grep '^http' "$host/mail/2")" = $'http://good.example/good/ s\nhttp://good.example/tampered/ s' ] || { cat "$host/mail/2"; false; }
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

@test "refresh: no route to the server" {
	echo 'deb http://192.0.2.1/r s main' > "$host/apt/sources.list"
	run on_host unshare --net "$repo" refresh -H -o repository,state,reason
	[ "$status" = 1 ]
	[[ $output == *$'http://192.0.2.1/r/ s\tfailed\tthere is no route to the server'* ]] || { echo "$output"; false; }
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
	# cron's PATH has no directory with a sendmail in it
	sed -i 's/^Status: hold/Status: install/' "$host/lib/dpkg/status"
	mkdir "$host/sbin"
	mv "$host/bin/sendmail" "$host/sbin/"
	# shellcheck disable=SC2016 # for the inner shell
	on_host sh -c 'mount --bind "$1" /usr/sbin && PATH=/usr/bin:/bin exec "$2" notify' sh "$host/sbin" "$repo"
	[ "$(ls "$host/mail" | wc -l)" = 3 ]
	mv "$host/sbin/sendmail" "$host/bin/"
	sed -i 's/^Status: install/Status: hold/' "$host/lib/dpkg/status"
	on_host "$repo" notify
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
	printf 'email_from: pve@h.example\n# a comment\n' >> "$host/pve/datacenter.cfg"
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

@test "changelog: through the proxy of apt.conf, but for hosts that it excepts" {
	site good good 'Changelogs=http://good.example/changes/@CHANGEPATH@'
	for by in "$www" "$host/proxied"; do
		mkdir -p "$by/changes/main/x/x"
		printf 'x (2) s; urgency=low\n\n  * By %s.\n\n -- M <m@h.example>  Mon, 01 Jan 2024 00:00:00 +0000\n' \
			"${by##*/}" > "$by/changes/main/x/x/x_2"
	done
	chmod -R a+rX "$host/proxied"
	https="server {
		listen 127.0.0.1:3128;
		root $host/proxied;
	}"
	serve
	again
	for setting in 'Acquire::http::Proxy "http://127.0.0.1:3128/";|proxied' \
		'Acquire::http::Proxy::good.example "http://127.0.0.1:3128/";|proxied' \
		'Acquire::http::Proxy "http://127.0.0.1:3128/"; Acquire::http::Proxy::good.example "DIRECT";|www'; do
		echo "${setting%|*}" > "$host/apt/apt.conf.d/99proxy"
		run on_host "$repo" changelog x
		[ "$status" = 0 ]
		[[ $output == *"* By ${setting#*|}."* ]] || { echo "$setting: $output"; false; }
	done
	echo 'Acquire::http::Proxy "http://127.0.0.1:9/";' > "$host/apt/apt.conf.d/99proxy"
	run on_host "$repo" changelog x
	[ "$status" = 69 ]
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
