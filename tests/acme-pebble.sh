# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Pebble, a real ACME server, on free ports of the loopback address; what it needs lies in $pb.

: "${pb=}"
export url

# free_port: one that nobody listens on.
free_port() {
	local port
	while :; do
		port=$((20000 + RANDOM % 20000))
		ss -Hltun "sport = :$port" | grep -q . || break
	done
	echo "$port"
}

# start_pebble NAME CERT [JSON MEMBERS]: with that certificate (acme-certs.sh); sets $url to the directory; NAME.pid is its process.  http-01 is
# asked for at port $http_port of the address that every name has.
start_pebble() {
	local port manage n=0
	port=$(free_port)
	manage=$(free_port)
	http_port=${http_port-$(free_port)}
	url=https://localhost:$port/dir
	cat > "$pb/$1.json" << END
{"pebble":{"listenAddress":"127.0.0.1:$port","managementListenAddress":"127.0.0.1:$manage",
"certificate":"$pb/$2.pem","privateKey":"$pb/$2.key","httpPort":$http_port,"tlsPort":$(free_port),
"certificateValidityPeriod":7776000${3+,$3}}}
END
	PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=${REJECT-0} PEBBLE_AUTHZREUSE=0 \
		pebble -config "$pb/$1.json" ${dns+-dnsserver "$dns"} -strict > "$pb/$1.log" 2>&1 3>&- &
	echo $! > "$pb/$1.pid"
	until curl -ks "https://127.0.0.1:$port/dir" > /dev/null; do
		n=$((n + 1))
		[ $n -lt 100 ] || { cat "$pb/$1.log" && return 1; }
		sleep 0.05
	done
}

stop_pebble() {
	local pid
	for pid in "$pb"/*.pid; do
		[ ! -f "$pid" ] || kill "$(cat "$pid")" 2> /dev/null || :
		rm -f "$pid"
	done
}
