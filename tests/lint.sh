#!/usr/bin/env bash
# Format of every file, the arrows between the rooms, and clang-tidy on what changed since the merge base (or on the files
# given). The tests are formatted but not tidied: a test case is one long function to clang-tidy, and the macros that make it
# trip its checks; the compiler's warnings and the sanitizers read them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

printf '[lint] format\n'
git ls-files -z '*.cpp' '*.hpp' | xargs -0 clang-format --dry-run --Werror

printf '[lint] arrows\n'
cmake -D ROOT=. -P tests/architecture/CheckLayers.cmake

rooms=(bot commands storage templates)

# Where this work began. On the main branch itself, as in CI, that is nowhere: then what the last commit changed.
base() {
    local merged
    merged=$(git merge-base HEAD '@{upstream}' 2>/dev/null || git merge-base HEAD origin/main 2>/dev/null || true)
    [ -n "$merged" ] && [ "$merged" != "$(git rev-parse HEAD)" ] || merged=$(git rev-parse --quiet --verify HEAD~1 || true)
    printf '%s' "${merged:-$(git hash-object -t tree /dev/null)}"
}

# The source through which clang-tidy sees a header: the one of its name, else those that include it.
sources_of() {
    if [ -f "${1%.hpp}.cpp" ]; then
        printf '%s\n' "${1%.hpp}.cpp"
    else
        git grep -l --fixed-strings "#include \"$1\"" -- "${rooms[@]/%//*.cpp}" || true
    fi
}

changed() {
    local file
    git diff --name-only --diff-filter=d "$(base)" -- "${rooms[@]/%//*.cpp}" "${rooms[@]/%//*.hpp}" | while read -r file; do
        case "$file" in
            *.hpp) sources_of "$file" ;;
            *) printf '%s\n' "$file" ;;
        esac
    done | sort -u
}

if [ $# -gt 0 ]; then
    files=("$@")
else
    mapfile -t files < <(changed)
fi
[ ${#files[@]} -gt 0 ] || { printf '[lint] clang-tidy: nothing changed\n'; exit 0; }
[ -f build/dev/compile_commands.json ] || cmake --preset dev >/dev/null
printf '[lint] clang-tidy on %d files\n' "${#files[@]}"
printf '%s\0' "${files[@]}" | xargs -0 -P "$(nproc)" -n 4 clang-tidy-19 --quiet -p build/dev
