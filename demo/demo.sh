#!/bin/bash
# The demo: a legacy backend with users of its own, and the gateway of
# nginx.conf in front of it, until Ctrl-C.  Usage: demo/demo.sh [PORT [LEGACY]]
# where LEGACY is the backend: legacy, which is v1, accounts or directory.

set -u

port=${1:-8080}
legacy=${2:-legacy}
top=$(cd "$(dirname "$0")/.." && pwd)
nginx=${PROFILE_NGINX:-/usr/sbin/nginx}
module=${PROFILE_MODULE-$top/build/ngx_http_profile_module.so}

fail() {
    echo "make run: $*" >&2
    exit 1
}

case $port in
    '' | *[!0-9]*) fail "PORT=$port is no port" ;;
esac

# What to try: a user of the backend, and the path that it has there.

case $legacy in
    legacy)
        user=auth0%7C52e1b0a1c3d4e5f607182930
        v1=/api/users/$user
        ;;
    accounts)
        user=10002
        v1=/accounts/$user
        ;;
    directory)
        user=6c1f0a7b-e2d9-4c0f-8b7d-000000000002
        v1=/admin/users/$user
        ;;
    *) fail "LEGACY=$legacy is none of legacy, accounts, directory" ;;
esac

reason=$(perl -MIO::Socket::INET -e 'print $! unless IO::Socket::INET->new(
    LocalAddr => "127.0.0.1", LocalPort => shift, Listen => 1,
    ReuseAddr => 1)' "$port")

[ -z "$reason" ] \
    || fail "cannot listen on 127.0.0.1:$port ($reason);" \
            "another port: make run PORT=$((port + 10))"

dir=$(mktemp -d "${TMPDIR:-/tmp}/profile-demo.XXXXXX") || exit 1
backend=
gateway=

finish() {
    trap - EXIT INT TERM HUP

    for pid in $gateway $backend; do
        kill -TERM "$pid" 2>/dev/null
    done

    wait
    rm -rf "$dir"
    exit "$1"
}

trap 'finish $?' EXIT
trap 'finish 0' INT TERM HUP

# nginx's worker gives up root, and works in here.

chmod 755 "$dir"
mkdir "$dir/modules"
ln -s "$top/conf/profile" "$dir/profile"
ln -s "$top/html" "$dir/html"
ln -s "$top/demo/$legacy" "$dir/$legacy"

perl "$top/demo/$legacy/$legacy.pl" --port 0 --db "$dir/users.sqlite" \
    > "$dir/backend.log" 2>&1 &
backend=$!

for (( i = 0; i < 300; i++ )); do
    address=$(sed -n 's/^listening on //p' "$dir/backend.log")
    [ -z "$address" ] || break
    kill -0 "$backend" 2>/dev/null || break
    sleep 0.1
done

[ -n "$address" ] \
    || fail "the backend did not start: $(cat "$dir/backend.log")"

# Without a module to load it is part of nginx.  Another backend than v1 has a
# schema and a gateway of its own.

sed -e "s/127\.0\.0\.1:8080/127.0.0.1:$port/" \
    -e "s/127\.0\.0\.1:8081/$address/" \
    -e "$([ -n "$module" ] || echo '/^load_module /d')" \
    -e "$([ "$legacy" = legacy ] \
           || echo "s!profile/auth0\.conf!$legacy/schema.conf!
                    s!profile/gateway\.conf!$legacy/gateway.conf!")" \
    "$top/demo/nginx.conf" > "$dir/nginx.conf"

[ -z "$module" ] || ln -s "$module" "$dir/modules/"

"$nginx" -p "$dir" -e stderr -c "$dir/nginx.conf" -g 'daemon off;' &
gateway=$!

for (( i = 0; i < 300; i++ )); do
    [ ! -s "$dir/nginx.pid" ] || break
    kill -0 "$gateway" 2>/dev/null || fail 'nginx did not start'
    sleep 0.1
done

cat << END

A user as the legacy API (v1) shows it:

    curl -s http://127.0.0.1:$port$v1

The same user as v2, moved and cleaned on its way through nginx:

    curl -s http://127.0.0.1:$port/api/v2/users/$user

A list as v2:

    curl -s 'http://127.0.0.1:$port/api/v2/users?per_page=3'

The profile page, in a browser:

    http://127.0.0.1:$port/profile/

Ctrl-C stops nginx and the backend.

END

# Either of them ending is the end.

wait -n "$backend" "$gateway"
finish 1
