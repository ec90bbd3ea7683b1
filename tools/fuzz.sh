#!/usr/bin/env bash
# usage: tools/fuzz.sh TIME PACKAGES...
#
# Runs every fuzz target of the packages in turn, each for TIME ("10s", or
# "100000x" for a number of executions). Goes on behind a failure and names the
# failed targets at the end.
set -euo pipefail
cd "$(dirname "$0")/.."

time=$1
shift

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# attempt runs one target; what it printed stays in $log.
attempt() {
	go test -run '^$' -fuzz "^$2\$" -fuzztime "$time" "$1" >"$log" 2>&1
}

# deadline tells the end of the time from a finding: up to Go 1.26 the end may
# be reported as a failure (go.dev/issue/75804). A finding writes its input.
deadline() {
	grep -q '^ *context deadline exceeded$' "$log" && ! grep -q 'Failing input written' "$log"
}

count=0
failed=()
dirs=$(go list "$@")
for dir in $dirs; do
	targets=$(go test -list '^Fuzz' "$dir") || { echo "$targets"; failed+=("$dir"); continue; }
	for target in $(grep '^Fuzz' <<<"$targets" || true); do
		count=$((count + 1))
		if attempt "$dir" "$target" || { deadline && attempt "$dir" "$target"; } || deadline; then
			echo "$dir $target: $(grep -o 'execs: [0-9]*' "$log" | tail -1)"
		else
			cat "$log"
			failed+=("$dir $target")
		fi
	done
done

echo "$count fuzz targets, ${#failed[@]} failed"
if [ ${#failed[@]} -gt 0 ]; then
	printf 'failed: %s\n' "${failed[@]}"
	exit 1
fi
