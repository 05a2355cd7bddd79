#!/usr/bin/env bash
# `./dev fuzz` runs every target that was built, fails when one crashes and says how to see it again, and fails for a target
# without a corpus. The tools that build are stand-ins. $1 is the source folder.
set -euo pipefail
desk=$(mktemp -d)
trap 'rm -rf "$desk"' EXIT
mkdir -p "$desk/tools" "$desk/build/fuzz/tests/fuzz" "$desk/tests/fuzz/corpus/first" "$desk/tests/fuzz/corpus/second"
cp "$1/dev" "$desk"
stand_in() { printf '#!/bin/sh\n%s\n' "$2" >"$desk/$1"; chmod +x "$desk/$1"; }
stand_in tools/cmake 'exit 0'
stand_in tools/dpkg-query 'case "$*" in *Version*) echo 3.7 ;; *) echo "install ok installed" ;; esac'
stand_in build/fuzz/tests/fuzz/fuzz_first 'exit 0'
stand_in build/fuzz/tests/fuzz/fuzz_second 'echo second ran'
fuzz() { PATH="$desk/tools:$PATH" "$desk/dev" fuzz 1 >"$desk/said" 2>&1; }
wrong() { printf '%s:\n' "$1" >&2; cat "$desk/said" >&2; exit 1; }
fuzz || wrong 'fails although nothing crashed'
stand_in build/fuzz/tests/fuzz/fuzz_first 'exit 77'
! fuzz || wrong 'a crash is not noticed'
grep -q 'found something in first; to see it again: build/fuzz/tests/fuzz/fuzz_first' "$desk/said" || wrong 'the crash is not named'
grep -q 'second ran' "$desk/said" || wrong 'the targets after the crash did not run'
stand_in build/fuzz/tests/fuzz/fuzz_first 'exit 0'
rmdir "$desk/tests/fuzz/corpus/second"
! fuzz || wrong 'a target without a corpus is left out'
