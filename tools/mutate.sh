#!/usr/bin/env bash
# usage: tools/mutate.sh EFFICACY PACKAGES...
#
# Breaks each package by the hundred (gremlins) and lists what its tests did not
# notice. Fails when in one of them less than EFFICACY percent was noticed.
set -euo pipefail
cd "$(dirname "$0")/.."

efficacy=$1
shift

out=$(mktemp)
trap 'rm -f "$out"' EXIT

summary=()
status=0
module=$(go list -m)
dirs=$(go list -f '{{if .GoFiles}}{{.ImportPath}}{{end}}' "$@")
for dir in $dirs; do
	dir=.${dir#"$module"}
	echo "== $dir"
	# Every time limit is a multiple of what the tests take: generous, because
	# compiling counts too. Files in the packages below have their own turn.
	go tool -modfile=tools/go.mod gremlins unleash --workers 2 --timeout-coefficient 10 \
		--exclude-files / "$dir" >"$out" 2>&1 || { cat "$out"; summary+=("$dir: did not run"); status=1; continue; }
	grep -E 'LIVED|NOT COVERED|TIMED OUT' "$out" || true
	score=$(sed -n 's/^Test efficacy: \([0-9.]*\)%$/\1/p' "$out")
	summary+=("$dir: ${score:+$score%}, $(grep -E '^(Killed|Timed)' "$out" | paste -sd, | sed 's/,T/, t/' || true)")
	if [ -n "$score" ] && ! awk "BEGIN { exit !($score >= $efficacy) }"; then
		status=1
	fi
done

printf '%s\n' "${summary[@]}"
exit $status
