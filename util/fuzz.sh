#!/bin/bash

# Fuzzes the core: util/fuzz.sh SECONDS TARGET...
#
# Each target runs that long, one after another; 0 only replays what is known.
# In build/fuzz/ are then, of each target, its corpus TARGET/, which grows from
# run to run, what libFuzzer said in TARGET.log, and the reproducers of what
# was found, TARGET-crash-* and the like.  Exits with 1 if anything was.

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

rc=0

for name in "$@"; do
    program=build/core-fuzz/fuzz_$name
    corpus=build/fuzz/$name
    log=$corpus.log

    mkdir -p "$corpus"

    if ! "$program" "${options[@]}" -dict="t/fuzz/$name.dict" \
        -artifact_prefix="$corpus-" "$corpus" "t/fuzz/corpus/$name" \
        >"$log" 2>&1
    then
        rc=1
        verdict=FAILED

    else
        verdict=passed
    fi

    echo "$name $verdict: $(last number_of_executed_units) executions," \
         "cov: $(last ' cov')"

    if [ $verdict = FAILED ]; then
        grep -E '^finding|^SUMMARY|runtime error|Test unit written' "$log"
        echo "to see it again: $program REPRODUCER; all that was said: $log"
    fi
done

exit $rc
