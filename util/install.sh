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

# The module has to be loaded last, and once: what earlier instructions told to
# write is moved, unless somebody has changed it.

enabled=$conf/modules-enabled
old=$enabled/50-mod-http-profile.conf
new=$enabled/99-mod-http-profile.conf
line="load_module modules/${module##*/};"

if [ -f "$old" ]; then

    if [ "$(cat "$old")" = "$line" ] \
        || [ "$(cat "$old")" = "load_module $2/${module##*/};" ]
    then
        if [ -f "$new" ]; then
            rm "$old"
        else
            mv "$old" "$new"
        fi

        echo "moved $3/modules-enabled/${old##*/} to ${new##*/}"

    else
        echo "$3/modules-enabled/${old##*/} has been changed: rename it to" \
             "${new##*/} yourself, the module has to be loaded last, and once"
    fi
fi

if [ -d "$enabled" ] && [ ! -f "$old" ] && [ ! -f "$new" ]; then
    echo "load the module last: echo 'load_module $2/${module##*/};'" \
         "> $3/modules-enabled/${new##*/}"

elif [ ! -f "$old" ] && [ ! -f "$new" ]; then
    echo "load the module last: add \"load_module $2/${module##*/};\" to" \
         "nginx.conf behind all other load_module"
fi
