#!/usr/bin/env bash
# Measures `deprompt check` on a tree against `rg -l` over the same files, alternately, so that both
# see the same load. Prints medians, their ratios, and the peak memory. Asserts nothing.
#
# usage: scripts/bench-tree.sh TREE [RUNS]
#   DEPROMPT  the binary [default: target/release/deprompt beside this script]
#
# `rg` looks for a short list of SDK names as fixed strings, and for the expressions that deprompt's
# own prefilter looks for (`deprompt calls --show-markers LANGUAGE`, one search for each language).
set -euo pipefail

tree=${1:?usage: scripts/bench-tree.sh TREE [RUNS]}
runs=${2:-5}
here=$(cd "$(dirname "$0")/.." && pwd)
deprompt=$(realpath "${DEPROMPT:-$here/target/release/deprompt}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The extensions of each language, as deprompt takes them.
python=(-g '*.py' -g '*.pyi' -g '*.pyw' -g '*.ipynb')
typescript=(-g '*.ts' -g '*.mts' -g '*.cts' -g '*.tsx' -g '*.jsx' -g '*.js' -g '*.mjs' -g '*.cjs')
rust=(-g '*.rs')

printf '%s\n' openai anthropic langchain litellm ollama genai mistralai cohere >"$work/short"
for language in python typescript rust; do
    "$deprompt" calls --show-markers "$language" >"$work/$language"
done

short() {
    rg -l -F -f "$work/short" "${python[@]}" "${typescript[@]}" "${rust[@]}" .
}
markers() {
    local common=(-l --no-unicode --dfa-size-limit 64M --regex-size-limit 64M)
    rg "${common[@]}" -f "$work/python" "${python[@]}" . || true
    rg "${common[@]}" -f "$work/typescript" "${typescript[@]}" . || true
    rg "${common[@]}" -f "$work/rust" "${rust[@]}" .
}
check() {
    "$deprompt" check --no-config --exit-zero .
}

# Seconds that a command takes, appended to a file.
clock() {
    local start end
    start=$(date +%s.%N)
    "$1" >/dev/null 2>&1 || true
    end=$(date +%s.%N)
    awk -v a="$start" -v b="$end" 'BEGIN { printf "%.4f\n", b - a }' >>"$work/$1.times"
}
median() {
    sort -n "$work/$1.times" | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

cd "$tree"
# Once unmeasured, so that the files are in the page cache for all.
short >/dev/null || true
check >/dev/null 2>&1
for _ in $(seq "$runs"); do
    clock short
    clock markers
    clock check
done

files=$("$deprompt" check --no-config --show-files . | wc -l)
memory=$(/usr/bin/time -v "$deprompt" check --no-config --exit-zero . 2>&1 >/dev/null |
    awk -F': ' '/Maximum resident set size/ { print $2 }')

awk -v files="$files" -v runs="$runs" -v s="$(median short)" -v m="$(median markers)" \
    -v c="$(median check)" -v kb="$memory" 'BEGIN {
    printf "%d source files, median of %d runs\n", files, runs
    printf "rg -l, short list       %.3f s\n", s
    printf "rg -l, all markers      %.3f s\n", m
    printf "deprompt check          %.3f s  %.1f x the short list, %.1f x all markers\n", c, c / s, c / m
    printf "peak memory             %.0f MB\n", kb / 1024
}'
