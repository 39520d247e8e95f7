# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Certificates for the tests of pve-acme, made with openssl in the folder $certs.
: "${certs=}"

# new_ca NAME [SUBJECT OF ITS ISSUER]: NAME.pem and NAME.key, an authority, its own or issued by another.
new_ca() {
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$certs/$1.key" 2> /dev/null
	if [ $# = 1 ]; then
		openssl req -x509 -new -key "$certs/$1.key" -days 300 -subj "/CN=$1" -out "$certs/$1.pem"
	else
		openssl req -new -key "$certs/$1.key" -subj "/CN=$1" -out "$certs/$1.csr"
		openssl x509 -req -in "$certs/$1.csr" -CA "$certs/$2.pem" -CAkey "$certs/$2.key" -days 300 \
			-extfile <(echo basicConstraints=critical,CA:TRUE) -out "$certs/$1.pem" 2> /dev/null
	fi
}

# new_cert NAME CA SAN [DAYS [START]]: NAME.pem and NAME.key, a server's.
new_cert() {
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$certs/$1.key" 2> /dev/null
	openssl req -new -key "$certs/$1.key" -subj "/CN=$1" -out "$certs/$1.csr"
	openssl x509 -req -in "$certs/$1.csr" -CA "$certs/$2.pem" -CAkey "$certs/$2.key" -days "${4-30}" \
		-extfile <(echo "subjectAltName=$3") -out "$certs/$1.pem" 2> /dev/null
}

# fingerprint FILE
fingerprint() {
	openssl x509 -in "$1" -noout -fingerprint -sha256 | cut -d = -f 2
}
