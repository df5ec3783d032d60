#!/bin/sh
# Runs all scenarios, each half on a lab of its own: a lab mostly waits.
# Argument: the test program of this package.
set -eu
cd "$(dirname "$0")"
program=$1
tests=$("$program" -test.list '^Test')
half() {
  HWDEPLOY_E2E_LAB=e2e$1 "$program" -test.timeout 60m -test.run "^($(echo "$tests" | awk -v n="$1" 'NR % 2 == n' | paste -sd '|' -))\$"
}
out=$(mktemp)
trap 'rm -f "$out"' EXIT
half 0 >"$out" 2>&1 &
first=$!
result=0
half 1 || result=1
wait "$first" || result=1
cat "$out"
exit $result
