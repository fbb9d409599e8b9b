#!/bin/bash

# Fuzzes the core: util/fuzz.sh SECONDS TARGET...
#
# Each target runs that long, as many at a time as there are processors; 0 only
# replays what is known.  In build/fuzz/ are then, of each target, its corpus
# TARGET/, which grows from run to run, what libFuzzer said in TARGET.log, and
# the reproducers of what was found, TARGET-crash-* and the like.  Exits with 1
# if anything was.

set -u

seconds=$1
shift

options=(-timeout=25 -rss_limit_mb=2560 -print_final_stats=1)

if [ "$seconds" = 0 ]; then
    options+=(-runs=0)

else
    options+=(-max_total_time="$seconds" -max_len=4096)
fi

last() {
    sed -n "s/.*$1: *\([0-9]*\).*/\1/p" "$log" | tail -n 1
}

# What is said of a target comes in one piece.

fuzz() {
    local name=$1
    local program=build/core-fuzz/fuzz_$name
    local corpus=build/fuzz/$name
    local log=$corpus.log
    local rc=0 verdict=passed said

    mkdir -p "$corpus"

    "$program" "${options[@]}" -dict="t/fuzz/$name.dict" \
        -artifact_prefix="$corpus-" "$corpus" "t/fuzz/corpus/$name" \
        >"$log" 2>&1 || { rc=1; verdict=FAILED; }

    said="$name $verdict: $(last number_of_executed_units) executions,"
    said+=" cov: $(last ' cov')"

    if [ $rc = 1 ]; then
        said+=$'\n'$(grep -E \
            '^finding|^SUMMARY|runtime error|Test unit written' "$log")
        said+=$'\n'"to see it again: $program REPRODUCER; all that was said:"
        said+=" $log"
    fi

    echo "$said"

    return $rc
}

failed=build/fuzz/failed

mkdir -p build/fuzz
rm -f $failed

for name in "$@"; do

    while [ "$(jobs -r | wc -l)" -ge "$(nproc)" ]; do
        wait -n
    done

    { fuzz "$name" || : >$failed; } &
done

wait

[ ! -e $failed ]
