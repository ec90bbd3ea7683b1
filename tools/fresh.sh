#!/usr/bin/env bash
# Runs the generators and fails when one of them wrote something new.
set -euo pipefail
cd "$(dirname "$0")/.."

generated() {
	git ls-files -co --exclude-standard -- '*.go' |
		xargs -r grep -lE '^// Code generated .* DO NOT EDIT\.$' | sort | xargs -r sha256sum
}

before=$(generated)
go generate ./...
after=$(generated)
if [ "$before" != "$after" ]; then
	echo "these were not what their generators write, and have been written anew:"
	diff <(echo "$before") <(echo "$after") | sed -n 's/^> [0-9a-f]*  /  /p'
	exit 1
fi
