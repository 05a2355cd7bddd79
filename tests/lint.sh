#!/usr/bin/env bash
# Format of every file, the arrows between the rooms, and clang-tidy on what changed since the merge base (or on the files given).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

printf '[lint] format\n'
git ls-files -z '*.cpp' '*.hpp' | xargs -0 clang-format --dry-run --Werror

printf '[lint] arrows\n'
cmake -D ROOT=. -P tests/architecture/CheckLayers.cmake

if [ $# -gt 0 ]; then
    files=("$@")
else
    base=$(git merge-base HEAD '@{upstream}' 2>/dev/null || git rev-parse --quiet --verify HEAD~1 || true)
    mapfile -t files < <(git diff --name-only --diff-filter=AM ${base:+"$base"} -- \
        'bot/*.cpp' 'commands/*.cpp' 'storage/*.cpp' 'templates/*.cpp')
fi
[ ${#files[@]} -gt 0 ] || { printf '[lint] clang-tidy: nothing changed\n'; exit 0; }
[ -f build/dev/compile_commands.json ] || cmake --preset dev >/dev/null
printf '[lint] clang-tidy on %d files\n' "${#files[@]}"
printf '%s\0' "${files[@]}" | xargs -0 -P "$(nproc)" -n 4 clang-tidy-19 --quiet -p build/dev
