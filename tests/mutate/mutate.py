#!/usr/bin/env python3
"""Plants one-line mistakes in the product, one at a time, and names those that no test of their room notices.

usage: mutate.py [N] [--seed S] [--room ROOM]...   (20 mistakes, a seed from the clock, every room)

The checkout is copied to build/mutate and built there; nothing is changed in the checkout. What survives is either a gap
in the tests or a change that nobody could see: a person has to judge which.
"""
import argparse
import collections
import difflib
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
COPY = ROOT / "build/mutate"
BUILD = COPY / "build/dev"
LONGEST_RUN = 120  # seconds; a mistake that makes a program hang has been noticed

# Sources of a room -> the programs that prove it, the quickest first. What only end-to-end tests reach (the wiring, the
# command line) is left out: they take minutes for each mistake.
ROOMS = {
    "commands": (["commands/**/*.cpp"], ["commands/commands_tests", "commands/commands_property_tests"]),
    "storage": (["storage/*.cpp"], ["storage/storage_tests"]),
    "templates": (["templates/*.cpp"], ["templates/templates_tests"]),
    "bot": (
        ["bot/judge.cpp"] + [f"bot/{room}/*.cpp" for room in (
            "chores", "config", "github", "inbox", "linear", "outbox", "runtime", "slack")],
        ["bot/bot_tests", "storage/storage_tests", "storms/slipway-simulate"],  # the second has the storage thread
    ),
}
ARGUMENTS = collections.defaultdict(lambda: ["--abort"], {"storms/slipway-simulate": ["--seeds", "6"]})
PROPERTIES = "seed=1 max_success=20"  # few sequences, always the same: a law never fails by chance

Mistake = collections.namedtuple("Mistake", "room path kind begin end text")


def blanked(source):
    """`source` with comments, literals and preprocessor lines as spaces: the same length and lines."""
    pattern = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"(?P<mark>[^(]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"'
        r"|(?<![0-9])'(?:\\.|[^'\\\n])+'|^[ \t]*#[^\n]*", re.S | re.M)
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), source)


def closing(code, opening):
    """Where the bracket that opens at `opening` is closed."""
    depth = 0
    for at in range(opening, len(code)):
        depth += (code[at] in "([{") - (code[at] in ")]}")
        if depth == 0:
            return at
    return -1


def operators(code, source, pairs):
    for found in re.finditer(r" (==|!=|<=|>=|<|>|&&|\|\|) ", code):
        if found[1] in pairs:
            yield found.start(1), found.end(1), pairs[found[1]]


def constants(code, source):
    for found in re.finditer(r"(?<![\w.'])(\d[\d']*)(?=(h|min|s|ms|u|l|z|U|L)?\b)(?![.'])|\b(true|false)\b", code):
        if found[3]:
            yield found.start(), found.end(), {"true": "false", "false": "true"}[found[3]]
        else:
            value = int(found[1].replace("'", ""))
            yield found.start(1), found.end(1), str(value * 2 if value > 3 else value + 1)


def negations(code, source):
    for found in re.finditer(r"\bif (constexpr )?\(", code):
        opening = found.end() - 1
        end = closing(code, opening)
        inner = code[opening + 1:end]
        declares = re.search(r"\w+[&*]? \w+ = ", inner)
        if found[1] is None and end > 0 and not declares:
            yield opening + 1, end, f"!({source[opening + 1:end]})"


def dropped_statements(code, source):
    """Calls and assignments that stand as a statement of their own; declarations and what returns stay."""
    for found in re.finditer(r"(?<=\n) *(?P<what>(?!return\b|co_return\b|throw\b|if\b|for\b|while\b|switch\b)"
                             r"(?:co_await )?[A-Za-z_(+-][\w.>:*()+-]*(?:\[[^\]]*\])?(?:\.\w+)?(?:\(| [+|-]?= ))", code):
        begin, at = found.start("what"), found.start("what")
        while at < len(code) and code[at] != ";":
            at = closing(code, at) + 1 if code[at] in "([{" else at + 1
            if at == 0 or at > begin + 1500:
                break
        before = code[:begin].rstrip()[-1:]
        if before in ";{}" and 0 < at < len(code) and code[at] == ";":
            if not re.match(r"(spdlog|log|static_assert)\b|\w+(\.|->)reserve\b", source[begin:at]):
                yield begin, at + 1, ";"


def empty_returns(code, source):
    nothing = r"(?:[\w:]*\{\}|false|nullptr|std::nullopt|0|\"\");"
    for found in re.finditer(rf"\b((?:co_)?return) (?!{nothing})", code):
        at = found.end()
        while at < len(code) and code[at] != ";":
            at = closing(code, at) + 1 if code[at] in "([{" else at + 1
            if at == 0:
                break
        if at > 0:
            yield found.start(), at, found[1] + " {}"


KINDS = {
    "comparison flipped": lambda *file: operators(
        *file, {"==": "!=", "!=": "==", "<": ">", ">": "<", "<=": ">=", ">=": "<="}),
    "boundary moved": lambda *file: operators(*file, {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}),
    "and for or": lambda *file: operators(*file, {"&&": "||", "||": "&&"}),
    "constant changed": constants,
    "condition negated": negations,
    "statement dropped": dropped_statements,
    "nothing returned": empty_returns,
}


def all_mistakes(rooms):
    found = []
    for room in rooms:
        for pattern in ROOMS[room][0]:
            for path in sorted(ROOT.glob(pattern)):
                source = path.read_text()
                code = blanked(source)
                for kind, places in KINDS.items():
                    found += [Mistake(room, path.relative_to(ROOT), kind, *place) for place in places(code, source)]
    return found


def drawn(mistakes, seed):
    """All of them in an order drawn from `seed`: rooms by their size, kinds alike, and no line twice."""
    chance = random.Random(seed)
    by_kind = collections.defaultdict(list)
    for mistake in mistakes:
        by_kind[mistake.kind].append(mistake)
    for kind in by_kind.values():
        chance.shuffle(kind)
    seen = set()
    while any(by_kind.values()):
        kind = by_kind[chance.choice([kind for kind, left in by_kind.items() if left])]
        mistake = kind.pop()
        line = (mistake.path, line_of(mistake))
        if line not in seen:
            seen.add(line)
            yield mistake


def line_of(mistake):
    return (ROOT / mistake.path).read_text().count("\n", 0, mistake.begin) + 1


def with_mistake(mistake):
    source = (ROOT / mistake.path).read_text()
    return source[:mistake.begin] + mistake.text + source[mistake.end:]


def diff_of(mistake):
    lines = difflib.unified_diff((ROOT / mistake.path).read_text().splitlines(), with_mistake(mistake).splitlines(), n=0,
                                 lineterm="")
    return "\n".join("    " + line for line in lines if not line.startswith(("---", "+++", "@@")))


def copy_checkout():
    """The files git knows, with what is not committed yet; unchanged ones keep their time, for the next build."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True,
                            capture_output=True, text=True).stdout.split("\0")
    files = {pathlib.Path(name) for name in listed if name and (ROOT / name).is_file()}
    for path in files:
        here, there = ROOT / path, COPY / path
        if not there.exists() or there.read_bytes() != here.read_bytes():
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(here, there)
    for path in COPY.rglob("*"):
        relative = path.relative_to(COPY)
        if path.is_file() and relative.parts[0] not in ("build", ".git") and relative not in files:
            path.unlink()


def built(programs):
    environment = dict(os.environ, CCACHE_BASEDIR=str(COPY))
    launcher = ["-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []
    if not (BUILD / "build.ninja").exists():
        subprocess.run(["cmake", "--preset", "dev", "-DCMAKE_COMPILE_WARNING_AS_ERROR=OFF", *launcher], cwd=COPY, check=True,
                       env=environment, stdout=subprocess.DEVNULL)
    targets = [program.split("/")[1] for program in programs]
    done = subprocess.run(["cmake", "--build", "build/dev", "--target", *targets], cwd=COPY, env=environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode == 0, done.stdout


def noticed_by(programs):
    """The first of `programs` that fails, crashes or hangs; none where all of them pass."""
    environment = dict(os.environ, RC_PARAMS=PROPERTIES)
    for program in programs:
        try:
            run = subprocess.run([BUILD / "tests" / program, *ARGUMENTS[program]], cwd=COPY, env=environment, timeout=LONGEST_RUN,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return program
        if run.returncode != 0:
            return program
    return None


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("count", nargs="?", type=int, default=20, metavar="N")
    options.add_argument("--seed", type=int, default=int(time.time()))
    options.add_argument("--room", action="append", choices=ROOMS)
    asked = options.parse_args()
    rooms = asked.room or list(ROOMS)
    copy_checkout()
    print(f"seed {asked.seed}; building in {COPY.relative_to(ROOT)}", flush=True)
    programs = [program for room in rooms for program in ROOMS[room][1]]
    ready, log = built(programs)
    if not ready:
        sys.exit(log[-3000:] + "\nthe checkout does not build")
    if failing := noticed_by(programs):
        sys.exit(f"{failing} fails before any mistake was planted")

    planted, noticed, survivors, judged = collections.Counter(), collections.Counter(), [], 0
    for mistake in drawn(all_mistakes(rooms), asked.seed):
        if judged == asked.count:
            break
        there = COPY / mistake.path
        there.write_text(with_mistake(mistake))
        try:
            compiles, _ = built(ROOMS[mistake.room][1])
            caught = compiles and noticed_by(ROOMS[mistake.room][1])
        finally:
            there.write_text((ROOT / mistake.path).read_text())
        if not compiles:
            continue
        judged += 1
        planted[mistake.room] += 1
        noticed[mistake.room] += bool(caught)
        verdict = f"noticed by {caught.split('/')[1]}" if caught else "SURVIVED"
        print(f"{judged:4} {mistake.path}:{line_of(mistake)} {mistake.kind}: {verdict}", flush=True)
        if not caught:
            survivors.append(mistake)
            print(diff_of(mistake), flush=True)

    print(f"\nsurvivors of {judged} (seed {asked.seed}):")
    for mistake in survivors:
        print(f"{mistake.path}:{line_of(mistake)} {mistake.kind}\n{diff_of(mistake)}")
    for room in rooms:
        if planted[room]:
            print(f"{room}: {noticed[room]} of {planted[room]} noticed ({100 * noticed[room] // planted[room]} %)")


if __name__ == "__main__":
    main()
