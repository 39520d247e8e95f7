# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# nginx in the place of pveproxy, and a systemctl that reloads it.

# new_pveproxy DIR: DIR/bin/systemctl, and DIR/bin/conf, which makes DIR/nginx.conf from what is below
# /etc/pve.  What systemctl is asked for stands in DIR/log/systemctl; it fails when DIR/broken is there, and
# does nothing when DIR/deaf is.
new_pveproxy() {
	mkdir -p "$1/bin" "$1/log"
	# As pveproxy does: the pair, when both are there, else the cluster's own certificate.
	cat > "$1/bin/conf" << END
#!/bin/sh
pair=pve-ssl
[ ! -f /etc/pve/local/pveproxy-ssl.pem ] || [ ! -f /etc/pve/local/pveproxy-ssl.key ] || pair=pveproxy-ssl
cat > $1/nginx.conf << CONF
pid $1/nginx.pid;
error_log $1/log/error.log;
events {}
http {
	access_log off;
	client_body_temp_path $1/log/body; proxy_temp_path $1/log/proxy; fastcgi_temp_path $1/log/f;
	uwsgi_temp_path $1/log/u; scgi_temp_path $1/log/s;
	server { listen \${ADDRESS-127.0.0.1}:8006 ssl; ssl_certificate /etc/pve/local/\$pair.pem;
		ssl_certificate_key /etc/pve/local/\$pair.key; }
}
CONF
END
	cat > "$1/bin/systemctl" << END
#!/bin/sh
echo "\$*" >> $1/log/systemctl
[ ! -e $1/broken ] || exit 1
[ ! -e $1/deaf ] || exit 0
conf && exec nginx -c $1/nginx.conf -s reload
END
	chmod 755 "$1"/bin/*
}
