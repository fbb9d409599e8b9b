#!/bin/sh
# Installs the module and the schemas: util/install.sh MODULE MODULES CONF
# [DESTDIR].  A schema file that an operator has changed stays as it is; ours
# goes beside it.

set -e

module=$1
modules=$4$2
conf=$4$3
from=$(dirname "$0")/../conf

install -d "$modules" "$conf"
install -m 644 "$module" "$modules/"
echo "installed $modules/${module##*/}"

for file in $(cd "$from" && find profile -type f -name '*.conf'); do
    to=$conf/$file

    install -d "$(dirname "$to")"

    if [ -f "$to" ] && ! cmp -s "$from/$file" "$to"; then
        to=$to.new
        echo "$conf/$file differs: ours is $to"
    fi

    install -m 644 "$from/$file" "$to"
done

echo "installed $conf/profile"
echo "add to nginx.conf: load_module $2/${module##*/};"
