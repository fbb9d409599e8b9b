#!/bin/bash
# The demo with a Prometheus of its own that watches it, until Ctrl-C.  Usage:
# demo/monitor.sh [PORT [PROMETHEUS-PORT]]

set -u

port=${1:-8080}
prometheus_port=${2:-9090}
top=$(cd "$(dirname "$0")/.." && pwd)

fail() {
    echo "make monitor: $*" >&2
    exit 1
}

case $port$prometheus_port in
    *[!0-9]*) fail "$port or $prometheus_port is no port" ;;
esac

dir=$(mktemp -d "${TMPDIR:-/tmp}/profile-monitor.XXXXXX") || exit 1
demo=
prometheus=

finish() {
    trap - EXIT INT TERM HUP

    for pid in $prometheus $demo; do
        kill -TERM "$pid" 2>/dev/null
    done

    wait
    rm -rf "$dir"
    exit "$1"
}

trap 'finish $?' EXIT
trap 'finish 0' INT TERM HUP

"$top/demo/demo.sh" "$port" &
demo=$!

# What is shipped, but for the demo's address and its short life.

cp "$top/conf/prometheus/rules.yml" "$dir"

sed -e "s/127\.0\.0\.1:8080/127.0.0.1:$port/" \
    -e 's/_interval: 15s/_interval: 5s/' \
    "$top/conf/prometheus/prometheus.yml" > "$dir/prometheus.yml"

prometheus --config.file="$dir/prometheus.yml" \
    --storage.tsdb.path="$dir/data" --log.level=warn \
    --web.listen-address="127.0.0.1:$prometheus_port" &
prometheus=$!

ready() {
    perl -MHTTP::Tiny -e 'exit !HTTP::Tiny->new->get(shift)->{success}' "$1"
}

for (( i = 0; i < 300; i++ )); do
    kill -0 "$prometheus" 2>/dev/null || fail 'Prometheus did not start'
    kill -0 "$demo" 2>/dev/null || fail 'the demo did not start'
    ready "http://127.0.0.1:$prometheus_port/-/ready" \
        && ready "http://127.0.0.1:$port/metrics" && break
    sleep 0.1
done

# The first of the queries that the documentation recommends.

query=$(perl -lne 'next unless /^sum by/;
    print s/([^\w.-])/sprintf "%%%02X", ord $1/ger; exit' \
    "$top/docs/metrics.md")

cat << END

What the gateway counts, for people, programs and Prometheus:

    http://127.0.0.1:$port/metrics?format=html
    curl -s 'http://127.0.0.1:$port/metrics?format=json'
    curl -s http://127.0.0.1:$port/metrics

Prometheus, with a query to begin with, and its alerts:

    http://127.0.0.1:$prometheus_port/graph?g0.expr=$query&g0.tab=0
    http://127.0.0.1:$prometheus_port/alerts

Ctrl-C stops all of it.

END

# Either of them ending is the end.

wait -n "$demo" "$prometheus"
finish 1
