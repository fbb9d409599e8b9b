#!/bin/sh
# Sums up what the counters in the DIRs say of src/, as a table and as pages in
# OUT: util/coverage.sh OUT DIR...  Fails where less is reached than is asked.

set -e

lines=95
branches=85

out=$1
shift

tmp=$out.tmp
src=$(cd "$(dirname "$0")/../src" && pwd)

rm -rf "$out" "$tmp"
mkdir -p "$tmp"

branch="--rc lcov_branch_coverage=1"
lcov="lcov --quiet $branch"
files=

# Debian's geninfo warns of itself.

capture() {
    geninfo --quiet $branch "$@" > "$tmp/log" 2>&1 \
        || { cat "$tmp/log" >&2; exit 1; }
}

# A file that nothing has called counts, too.

for dir in "$@"; do
    name=$tmp/$(echo "$dir" | tr / _)

    capture --initial --output-filename "$name.none" "$dir"
    capture --output-filename "$name.some" "$dir"

    files="$files --add-tracefile $name.none --add-tracefile $name.some"
done

$lcov $files --output-file "$tmp/all"
$lcov --extract "$tmp/all" "$src/*" --output-file "$tmp/src"

mkdir "$out"
mv "$tmp/src" "$out/coverage.info"
rm -r "$tmp"

genhtml --quiet --branch-coverage --prefix "$src" --legend \
    --title ngx_http_profile_module --output-directory "$out" \
    "$out/coverage.info"

# The sums are lines of the file: found and hit, of lines and of branches.

awk -F '[:/]' -v lines="$lines" -v branches="$branches" '
    function percent(hit, found)
    {
        return found ? 100 * hit / found : 100
    }

    function row(name, lf, lh, bf, bh)
    {
        printf "%-36s%6d%8.1f%%%8d%8.1f%%\n", name, lf, percent(lh, lf), bf,
               percent(bh, bf)
    }

    BEGIN           { printf "%-36s%15s%17s\n", "", "lines", "branches" }
    $1 == "SF"      { name = $NF; lf = lh = bf = bh = 0 }
    $1 == "LF"      { lf = $2; LF += $2 }
    $1 == "LH"      { lh = $2; LH += $2 }
    $1 == "BRF"     { bf = $2; BF += $2 }
    $1 == "BRH"     { bh = $2; BH += $2 }

    /^end_of_record/ { row(name, lf, lh, bf, bh) }

    END {
        row("total", LF, LH, BF, BH)

        if (!LF || percent(LH, LF) < lines || percent(BH, BF) < branches) {
            printf "less than %d%% of lines or %d%% of branches\n", lines,
                   branches
            exit 1
        }
    }' "$out/coverage.info"
