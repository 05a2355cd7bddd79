#!/usr/bin/env bash
# `./dev run` leaves standard output to the program: `./dev run manifest > manifest.json` holds the manifest alone. The
# tools that build are stand-ins. $1 is the source folder.
set -euo pipefail
desk=$(mktemp -d)
trap 'rm -rf "$desk"' EXIT
mkdir -p "$desk/tools" "$desk/build/dev/bot"
cp "$1/dev" "$desk"
stand_in() { printf '#!/bin/sh\n%s\n' "$2" >"$desk/$1"; chmod +x "$desk/$1"; }
stand_in tools/cmake 'echo "[1/2] Building"'
stand_in tools/dpkg-query 'case "$*" in *Version*) echo 3.7 ;; *) echo "install ok installed" ;; esac'
stand_in build/dev/bot/slipway 'echo "{\"manifest\": true}"'
printed=$(cd / && PATH="$desk/tools:$PATH" "$desk/dev" run manifest 2>"$desk/chatter")
[ "$printed" = '{"manifest": true}' ] || { printf 'standard output holds more:\n%s\n' "$printed" >&2; exit 1; }
grep -q 'Building' "$desk/chatter" || { echo 'the build says nothing' >&2; exit 1; }
stand_in tools/cmake 'exit 3'
! PATH="$desk/tools:$PATH" "$desk/dev" run manifest >"$desk/printed" 2>/dev/null || { echo 'runs what was not built' >&2; exit 1; }
[ ! -s "$desk/printed" ] || { echo 'runs what was not built' >&2; exit 1; }
