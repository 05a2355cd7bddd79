#!/usr/bin/env bash
# `./dev run` leaves standard output to the program: `./dev run manifest > manifest.json` holds the manifest alone. A
# warning is shown, an error too, with the place of the whole log, and then nothing runs. The tools that build are
# stand-ins. $1 is the source folder.
set -euo pipefail
desk=$(mktemp -d)
trap 'rm -rf "$desk"' EXIT
mkdir -p "$desk/tools" "$desk/build/release/bot"
cp "$1/dev" "$desk"
stand_in() { printf '#!/bin/sh\n%s\n' "$2" >"$desk/$1"; chmod +x "$desk/$1"; }
stand_in tools/dpkg-query 'case "$*" in *Version*) echo 3.7 ;; *) echo "install ok installed" ;; esac'
stand_in build/release/bot/slipway 'echo "{\"manifest\": true}"'
run() { (cd / && PATH="$desk/tools:$PATH" "$desk/dev" run manifest >"$desk/printed" 2>"$desk/chatter"); }
wrong() { printf '%s:\n' "$1" >&2; cat "$desk/printed" "$desk/chatter" >&2; exit 1; }

stand_in tools/cmake 'echo "[1/2] Building"; echo "a.cpp:1:2: warning: odd"'
run || wrong 'fails although it is built'
[ "$(cat "$desk/printed")" = '{"manifest": true}' ] || wrong 'standard output holds more'
grep -q 'warning: odd' "$desk/chatter" || wrong 'the warning is not shown'

stand_in tools/cmake 'case "$*" in *--build*) echo "a.cpp:1:2: error: wrong"; exit 3 ;; esac'
! run || wrong 'does not fail with the build'
[ ! -s "$desk/printed" ] || wrong 'runs what was not built'
grep -q 'error: wrong' "$desk/chatter" || wrong 'the error is not shown'
grep -q 'build/release/build.log' "$desk/chatter" || wrong 'the log is not named'
grep -q 'error: wrong' "$desk/build/release/build.log" || wrong 'the log does not hold the error'
