#!/usr/bin/env bash
# The first hour as `./dev demo --without-bot` prints it: each line pasted, the doctor finds all well and the bot comes
# up. $1 is the built slipway-demo.
set -euo pipefail
desk=$(mktemp -d)
program=$(realpath "$1")
"$program" --without-bot --port 0 >"$desk/said" 2>&1 &
demo=$!
bot=
trap 'kill $demo $bot 2>/dev/null || true; wait; rm -rf "$desk"' EXIT
patiently() { for _ in $(seq 600); do ! "$@" || return 0; sleep 0.1; done; printf 'in vain: %s\n' "$*" >&2; return 1; }
patiently grep -q '^Open http' "$desk/said" || { cat "$desk/said" >&2; exit 1; }
sed -n 's/^    //p' "$desk/said" >"$desk/lines"
[ "$(wc -l <"$desk/lines")" -eq 4 ] || { cat "$desk/said" >&2; exit 1; }
eval "$(sed -n 1p "$desk/lines")"
[ "$(command -v slipway)" = "$(cd "$(dirname "$program")/../../bot" && pwd)/slipway" ] || { echo 'slipway is another program' >&2; exit 1; }
eval "$(sed -n 2p "$desk/lines")"
sed -i 's/^# port = 8787 .*/port = 0/' slipway.toml  # this machine may have a bot of its own
eval "$(sed -n 3p "$desk/lines")" >"$desk/doctor" || { cat "$desk/doctor" >&2; exit 1; }
grep -qx 'all is well' "$desk/doctor" || { cat "$desk/doctor" >&2; exit 1; }
eval "exec $(sed -n 4p "$desk/lines")" >"$desk/log" 2>&1 &  # exec: to kill the bot, not a shell before it
bot=$!
is_ready() {
    local port
    port=$(sed -n 's/.*http on 127.0.0.1://p' "$desk/log")
    [ -n "$port" ] && curl -sf --noproxy '*' "http://127.0.0.1:$port/readyz" >/dev/null
}
patiently is_ready || { cat "$desk/log" >&2; exit 1; }
