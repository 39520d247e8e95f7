# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2034,SC2016,SC2012 # used by those that load it; other shells expand
# For tests of pve-repo: a host of its own, with repositories that are signed by gpg and served by nginx
# on loopback.  /etc, /opt, /run, /var/lib, /var/log and apt's cache are other directories, in a mount
# namespace.  Loaded by bats files.

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
	mkdir -p "$host"/{opt,log/apt} "$host"/apt/{apt.conf.d,preferences.d,sources.list.d,trusted.gpg.d,auth.conf.d} "$host"/run/lock \
		"$host"/lib/apt/lists/partial "$host"/lib/dpkg/{info,updates,triggers} "$host"/cache/archives/partial \
		"$host/pve" "$host/bin"
	printf 'APT::Sandbox::User "root";\nAcquire::http::Proxy "DIRECT";\nAcquire::http::Timeout "5";\n' \
		> "$host/apt/apt.conf.d/10test"
	printf '127.0.0.1 localhost good.example enterprise.proxmox.com download.proxmox.com\n127.0.0.1 node1.h.example node1\n' > "$host/hosts"
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
				server_name good.example download.proxmox.com;
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
		mount --bind "$0/opt" /opt && mount --bind "$0/log" /var/log &&
		mkdir -p /run/lock /etc/pve && mount --bind "$0/pve" /etc/pve &&
		PATH=$0/bin:$PATH exec "$@"' "$host" "$@"
}
