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

# new_server NAME SAN [DAYS]: certificate and key of a server, by the authority ca, which is made if need be.
new_server() {
	[ -f "$pb/ca.pem" ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
		-subj /CN=test-ca -keyout "$pb/ca.key" -out "$pb/ca.pem" 2> /dev/null
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$pb/$1.key" \
		-out "$pb/$1.csr" 2> /dev/null
	openssl x509 -req -in "$pb/$1.csr" -CA "$pb/ca.pem" -CAkey "$pb/ca.key" -CAcreateserial -days "${3-30}" \
		-extfile <(printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\n' "$2") -out "$pb/$1.pem" 2> /dev/null
}

# start_pebble NAME CERT [JSON MEMBERS]: sets $url to the directory; NAME.pid is its process.  http-01 is
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
