#!/usr/bin/env bash
# Runs a command in a fresh clone of what is committed here, in a bare Debian that is gone afterwards:
#     tests/debian_root.sh trixie ./dev demo --once
# Needs root, for debootstrap and chroot. Mounts and processes have namespaces of their own: none outlives this script.
# Packages and compiled objects are kept in ~/.cache/slipway-ci, which may be removed at any time.
set -euo pipefail
[ $# -ge 2 ] || { printf 'usage: tests/debian_root.sh SUITE COMMAND [ARGUMENTS]\n' >&2; exit 2; }
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[ "$(id -u)" -eq 0 ] || { printf '[root] skipped: only root can make a bare Debian\n'; exit 0; }

suite=$1
shift
say() { printf '[root] %3d s  %s\n' "$SECONDS" "$*"; }

if [ -z "${SLIPWAY_ROOT:-}" ]; then
    SLIPWAY_ROOT=$(mktemp -d /var/tmp/slipway-root.XXXXXX)
    chmod 755 "$SLIPWAY_ROOT"
    export SLIPWAY_ROOT
    trap 'rm -rf --one-file-system "$SLIPWAY_ROOT"' EXIT
    limit=${SLIPWAY_ROOT_LIMIT:-40m}
    timeout --kill-after=5 "$limit" unshare --mount --pid --fork --kill-child --mount-proc "$0" "$suite" "$@" &
    trap 'kill "$!"; wait "$!" || true; exit 143' INT TERM
    status=0
    wait "$!" || status=$?
    [ "$status" -ne 124 ] || printf '[root] stopped: not done within %s\n' "$limit"
    exit "$status"
fi

cache=$HOME/.cache/slipway-ci
mkdir -p "$cache/ccache" "$cache/$suite"
command -v debootstrap >/dev/null || {
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends debootstrap >/dev/null
}
mirror=$(apt-get indextargets --format '$(SITE) $(LABEL)' 'Created-By: Packages' | awk '$2 == "Debian" { print $1; exit }')
[ -n "$mirror" ] || { printf '[root] apt has no source of Debian here\n' >&2; exit 1; }

say "a bare Debian ($suite)"
debootstrap --variant=minbase --cache-dir="$cache/$suite" "$suite" "$SLIPWAY_ROOT" "$mirror" >"$cache/log" 2>&1 ||
    { tail -n 5 "$cache/log" >&2; exit 1; }
printf 'force-unsafe-io\n' >"$SLIPWAY_ROOT/etc/dpkg/dpkg.cfg.d/unsafe-io"  # nobody needs this root after a power cut
cp /etc/resolv.conf "$SLIPWAY_ROOT/etc/"
git clone --quiet . "$SLIPWAY_ROOT/slipway"
mkdir -p "$SLIPWAY_ROOT/root/.cache/ccache"
mount --bind "$cache/$suite" "$SLIPWAY_ROOT/var/cache/apt/archives"
mount --bind "$cache/ccache" "$SLIPWAY_ROOT/root/.cache/ccache"
mount --rbind /dev "$SLIPWAY_ROOT/dev"
mount -t proc proc "$SLIPWAY_ROOT/proc"

say "$*"
chroot "$SLIPWAY_ROOT" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" \
    ${SLIPWAY_WERROR:+SLIPWAY_WERROR="$SLIPWAY_WERROR"} bash -c 'cd /slipway && exec "$@"' slipway "$@" </dev/null || {
    status=$?
    say "failed with $status: $*"
    exit "$status"
}
say "done: $*"
