#!/bin/sh
# Unpacks the source of Debian's nginx, as its authors released it, into DIR:
# util/nginx-source.sh DIR.  The package lists and their signatures are the
# system's; where the system lists no source packages, its own lists are read
# as such, in a place of their own.

set -e

case $1 in
    /*) dir=$1 ;;
    *)  dir=$PWD/$1 ;;
esac

if [ -f "$dir/src/core/nginx.h" ]; then
    exit 0
fi

if ! command -v apt-get >/dev/null; then
    echo "$0: no apt-get to fetch nginx's source with: set NGINX_SRC" >&2
    exit 1
fi

tmp=$dir.tmp

rm -rf "$tmp"
mkdir -p "$tmp/apt/lists/partial" "$tmp/apt/parts" "$tmp/tree"

for list in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
    [ -f "$list" ] || continue

    case $list in
        *.list)    sed -n 's/^deb /deb-src /p' ;;
        *.sources) sed 's/^Types:.*/Types: deb-src/' ;;
        *)         continue ;;
    esac < "$list" > "$tmp/apt/parts/${list##*/}"
done

apt="apt-get -q
     -o Dir::Etc::sourcelist=/dev/null
     -o Dir::Etc::sourceparts=$tmp/apt/parts
     -o Dir::State::lists=$tmp/apt/lists
     -o APT::Sandbox::User="

echo "fetching the source of nginx"

(
    cd "$tmp"
    $apt update
    $apt source --download-only --tar-only nginx
) > "$tmp/log" 2>&1 </dev/null || { cat "$tmp/log" >&2; exit 1; }

tar -xf "$tmp"/nginx_*.orig.tar.* -C "$tmp/tree" --strip-components=1
rm -rf "$dir"
mv "$tmp/tree" "$dir"
rm -rf "$tmp"
