#!/bin/sh
# Sees to it that Debian packages are installed: util/need.sh PACKAGE...
# Says nothing when all are; says what it installs when some are not.

set -e

if ! command -v dpkg-query >/dev/null; then
    echo "no Debian system: not checked whether there is what these Debian" \
         "packages hold: $*" >&2
    exit 0
fi

have=" $(dpkg-query -W -f '${db:Status-Status}:${Package} ' "$@" 2>/dev/null \
         || true)"
missing=

for package in "$@"; do
    case $have in
        *" installed:$package "*) ;;
        *) missing="$missing $package" ;;
    esac
done

if [ -z "$missing" ]; then
    exit 0
fi

if [ "$(id -u)" = 0 ]; then
    root=

elif command -v sudo >/dev/null; then
    root=sudo

else
    echo "missing Debian packages:$missing" >&2
    echo "install them as root: apt-get install$missing" >&2
    exit 1
fi

echo "installing Debian packages:$missing"

# RUNLEVEL=1 keeps a package such as nginx from starting its service where
# there is no systemd.

apt="$root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -q
     -o DPkg::Lock::Timeout=300"

$apt update </dev/null
$apt install -y --no-install-recommends $missing </dev/null
