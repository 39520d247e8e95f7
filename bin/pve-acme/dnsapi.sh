# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2119,SC2120
#
# The shell in which a script dns_API.sh of acme.sh's kind runs: bash -c THIS pve-acme add|rm SCRIPT
# API NAME.  Standard input: the text of the record, then lines KEY=VALUE, which become variables
# as they are.  The functions below are what such scripts call; nothing of acme.sh is needed, and
# nothing that a script wants to keep is kept.

action=$1 script=$2 api=$3 name=$4
IFS= read -r text
while IFS= read -r line; do
    case $line in
        [A-Za-z_]*=*) export "${line%%=*}=${line#*=}" ;;
    esac
done

# --- talk ---
_info() { printf '%s\n' "$*"; }
_err() { printf '%s\n' "$*" >&2; return 1; }
_debug() { :; }
_debug2() { :; }
_debug3() { :; }
_secure_debug() { :; }
_secure_debug2() { :; }
_secure_debug3() { :; }
_green() { printf '%s' "$1"; }
_red() { printf '%s' "$1"; }
__green() { printf '%s' "$1"; }
__red() { printf '%s' "$1"; }

# --- what was configured ---
_readaccountconf() { printf '%s' "${!1-}"; }
_readaccountconf_mutable() {
    local saved="SAVED_$1"
    printf '%s' "${!1-${!saved-}}"
}
_readdomainconf() { printf '%s' "${!1-}"; }
_getdeployconf() { :; }
_saveaccountconf() { :; }
_saveaccountconf_mutable() { :; }
_savedomainconf() { :; }
_clearaccountconf() { :; }
_clearaccountconf_mutable() { :; }
_cleardomainconf() { :; }

# --- texts ---
_startswith() { [[ $1 == "$2"* ]]; }
_endswith() { [[ $1 == *"$2" ]]; }
_contains() { [[ $1 == *"$2"* ]]; }
_lower_case() { tr '[:upper:]' '[:lower:]'; }
_upper_case() { tr '[:lower:]' '[:upper:]'; }
_head_n() { head -n "$1"; }
_tail_n() { tail -n "$1"; }
_egrep_o() { grep -E -o -- "$1"; }
_getfield() { printf '%s\n' "$1" | cut -d "${3:-,}" -f "$2"; }
_exists() { command -v "$1" >/dev/null 2>&1; }
_math() { printf '%s' "$(($*))"; }
_h_char_2_dec() { printf '%d' "0x$1"; }
_hasfield() {
    local IFS=${3:-,} field
    for field in $1; do [[ $field == "$2" ]] && return 0; done
    return 1
}
_normalizeJson() { sed 's/" *: *\(["{\[]\)/":\1/g; s/^ *\([^ ]\)/\1/' | tr -d '\r\n'; }
_json_encode() {
    local all
    all=$(cat)
    all=${all//\\/\\\\} all=${all//\"/\\\"} all=${all//$'\n'/\\n} all=${all//$'\r'/\\r}
    printf '%s' "${all//$'\t'/\\t}"
}
_json_decode() {
    local all
    all=$(cat)
    all=${all//\\\//\/} all=${all//\\\"/\"} all=${all//\\n/$'\n'} all=${all//\\r/$'\r'}
    all=${all//\\t/$'\t'}
    printf '%s' "${all//\\\\/\\}"
}
_idn() {
    if [[ $1 == *[![:ascii:]]* ]] && _exists idn; then idn --quiet "$1"; else printf '%s' "$1"; fi
}
_url_replace() { tr '/+' '_-' | tr -d '= '; }
_url_encode() {
    local all i c upper=${1-}
    all=$(cat)
    LC_ALL=C
    for ((i = 0; i < ${#all}; i++)); do
        c=${all:i:1}
        case $c in
            [A-Za-z0-9._~-]) printf '%s' "$c" ;;
            *)
                if [[ $upper == upper-hex ]]; then printf '%%%02X' "'$c"; else printf '%%%02x' "'$c"; fi
                ;;
        esac
    done
}

# --- numbers, digests, keys ---
_hex_dump() { od -A n -v -t x1 | tr -d '\n'; }
_h2b() {
    local hex
    hex=$(tr -d ' \n')
    # shellcheck disable=SC2059 # the format is what is printed
    printf "$(printf '%s' "$hex" | sed 's/\(..\)/\\x\1/g')"
}
_ascii_hex() { _hex_dump; }
_base64() { if [[ ${1-} ]]; then openssl base64 -e; else openssl base64 -e -A; fi; }
_dbase64() { if [[ ${1-} ]]; then openssl base64 -d; else openssl base64 -d -A; fi; }
_digest() {
    if [[ ${2-} ]]; then
        openssl dgst "-$1" -hex | sed 's/^.*= *//' | tr -d ' \n'
    else
        openssl dgst "-$1" -binary | _base64
    fi
}
_hmac() {
    if [[ ${3-} ]]; then
        openssl dgst "-$1" -mac HMAC -macopt "hexkey:$2" | sed 's/^.*= *//' | tr -d ' \n'
    else
        openssl dgst "-$1" -mac HMAC -macopt "hexkey:$2" -binary | _base64
    fi
}
_sign() { openssl dgst "-$2" -sign "$1" -binary | _base64; }
_mktemp() { mktemp; }
_time() { date -u +%s; }
_utc_date() { date -u '+%Y-%m-%d %H:%M:%S'; }
_date2time() { date -u -d "$1" +%s; }
_sleep() { sleep "$1"; }
_ns_lookup() { getent ahosts "$1" >/dev/null; }

# --- HTTP ---
HTTP_HEADER=$(mktemp)
CURL_ERR=$(mktemp)
trap 'rm -f "$HTTP_HEADER" "$CURL_ERR"' EXIT
export HTTP_HEADER
_resethttp() { :; }
_inithttp() { :; }
_http() { # arguments of curl
    local headers=() h
    for h in "${_H1-}" "${_H2-}" "${_H3-}" "${_H4-}" "${_H5-}"; do
        [[ $h ]] && headers+=(-H "$h")
    done
    [[ ${HTTPS_INSECURE-} ]] && headers+=(--insecure)
    curl --silent --show-error --location --max-time 120 --dump-header "$HTTP_HEADER" \
        --user-agent pve-acme "${headers[@]}" "$@" 2>"$CURL_ERR" || {
        local status=$?
        cat "$CURL_ERR" >&2
        return "$status"
    }
}
_get() { # url [only headers] [time-out]
    if [[ ${2-} ]]; then
        _http --head ${3:+--max-time "$3"} "$1"
    else
        _http ${3:+--max-time "$3"} "$1"
    fi
}
_post() { # body url [base64 the answer] [method] [type of the body]
    local method=${4:-POST}
    if [[ $method == HEAD ]]; then
        _http --head ${5:+-H "Content-Type: $5"} --data "$1" "$2"
    elif [[ ${3-} ]]; then
        _http -X "$method" ${5:+-H "Content-Type: $5"} --data "$1" "$2" | _base64
    else
        _http -X "$method" ${5:+-H "Content-Type: $5"} --data "$1" "$2"
    fi
}
_hcode() { sed -n 's|^HTTP/[0-9.]* *\([0-9]*\).*|\1|p' "$HTTP_HEADER" | tail -n 1; }

# shellcheck source=/dev/null
. "$script" || exit
"dns_${api}_$action" "$name" "$text"
