#!/bin/sh
# Prints PgBouncer's version and the default column of SHOW CONFIG. usage: pgbouncer.sh SETTING...
set -eu
folder=$(mktemp -d /tmp/poolops-pgbouncer-XXXXXX)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null; rm -rf "$folder"' EXIT
printf '[databases]\n[pgbouncer]\nauth_type = any\nlisten_port = 6432\nunix_socket_dir = %s\n' "$folder" >"$folder/pgbouncer.ini"
chmod 755 "$folder"
as_user=
if [ "$(id -u)" -eq 0 ]; then # It refuses to run as root.
  chown 65534 "$folder"
  as_user="setpriv --reuid=65534 --regid=65534 --clear-groups"
fi
program=$(command -v pgbouncer || echo /usr/sbin/pgbouncer)
"$program" --version | sed -n 's/^PgBouncer \([0-9.]*\).*/version \1 -/p'
$as_user "$program" -q "$folder/pgbouncer.ini" >"$folder/log" 2>&1 &
pid=$!
ask() { psql -X -h "$folder" -p 6432 -U pgbouncer -A -t -F ' ' -c 'SHOW CONFIG' pgbouncer 2>>"$folder/errors"; }
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  if ask >"$folder/config"; then break; fi
  sleep 0.1
done
if [ ! -s "$folder/config" ]; then cat "$folder/log" "$folder/errors" >&2; exit 1; fi
# key value default changeable; the value may be empty.
for setting; do
  awk -v key="$setting" '$1 == key { print "default", key, $(NF - 1); found = 1 } END { if (!found) print "lacks", key, "-" }' "$folder/config"
done
