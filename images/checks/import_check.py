"""Imports each module of the repository by itself and says what happens then: `uses: parity/import-check` in parity.yaml.

Every module gets a process of its own, a copy of this one, which has imported nothing but a few parts of the standard library. What is
found is printed once, at the statement that does it, however many modules import that one. Exit code 1 for what fails an import or reaches
out of it, 0 for warnings; `# import-check: ok` on a statement says that it is meant.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import threading
import time
from typing import IO, Dict, FrozenSet, List, NamedTuple, Optional, Sequence, Set, Tuple

from parity_codes import CODES
from parity_effects import LATE_SECONDS, Place, blame_of_dump, import_watched
from parity_modules import Found, Module, find_modules, roots_of
from parity_problems import Problem, Statements, Told, problems_of

SLOW_SECONDS = 1.0
SHOWN_FILES = 3
LIMIT = "PARITY_IMPORT_SECONDS"
LIMIT_SECONDS = 30.0


class Running(NamedTuple):
    """A module's process, the files that it writes, and until when it may go on."""

    module: int
    told: IO[bytes]
    dump: IO[bytes]
    until: float


def main() -> int:
    # A name that is no text is still printed.
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    limit = limit_of(os.environ.pop(LIMIT, ""))
    if limit is None:
        print("%s is to be a number of seconds above 0, as in `env: { %s: 60 }`" % (LIMIT, LIMIT))
        return 2
    folder = os.getcwd()
    top = repository_top(folder)
    own = os.path.dirname(os.path.abspath(__file__))
    paths = [os.path.abspath(path or ".") for path in sys.path if os.path.abspath(path or ".") != own]
    inside = [path for path in paths if path == top or path.startswith(top + os.sep)]
    found = find_modules(folder, top, inside)
    if not found.modules:
        print("there is no module to import below %s" % folder)
        print_summary(found, [], 0.0)
        return 1
    begun = time.monotonic()
    roots = roots_of(found.modules, folder)
    told = import_all(found.modules, roots, paths, top, limit)
    seconds = time.monotonic() - begun
    told = measured_again(found.modules, told, roots, paths, top, limit)
    problems = problems_of(found.modules, told, limit)
    print_problems(problems)
    print_summary(found, problems, seconds)
    return 1 if any(CODES[problem.code].fails for problem in problems) else 0


def limit_of(text: str) -> Optional[float]:
    """How long an import may take; nothing for what is no such number."""
    try:
        limit = float(text or LIMIT_SECONDS)
    except ValueError:
        return None
    return limit if 0 < limit <= 86_400 else None


def repository_top(folder: str) -> str:
    """The repository's folder: the one above that holds .git, else this one."""
    at = folder
    while not os.path.exists(os.path.join(at, ".git")):
        if at == os.path.dirname(at):
            return folder
        at = os.path.dirname(at)
    return at


def import_all(
    modules: Sequence[Module], roots: Sequence[str], paths: Sequence[str], top: str, limit: float, jobs: Optional[int] = None
) -> List[Told]:
    """Imports each module in a process of its own, as many at once as there are processors; what each tells, in their order."""
    most = jobs or min(8, len(os.sched_getaffinity(0)))
    told: List[Told] = [{} for _ in modules]
    running: Dict[int, Running] = {}
    hung: Set[Place] = set()
    for index, module in enumerate(modules):
        if len(running) >= most:
            collect(running, told, hung, top)
        file, dump = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        pid = os.fork()
        if pid == 0:
            others = [root for root in roots if root != module.root]
            known: FrozenSet[Place] = frozenset(hung)
            import_watched(module.name, [module.root, *others, *paths], top, limit, known, file.fileno(), dump.fileno())
        running[pid] = Running(index, file, dump, time.monotonic() + limit + LATE_SECONDS)
    while running:
        collect(running, told, hung, top)
    return told


def collect(running: Dict[int, Running], told: List[Told], hung: Set[Place], top: str) -> None:
    """Waits for one of the processes and reads what it told; one that took its own watch out of force is ended."""

    def end_late(*_: object) -> None:
        for pid, one in running.items():
            if time.monotonic() >= one.until:
                os.kill(pid, signal.SIGKILL)

    signal.signal(signal.SIGALRM, end_late)
    signal.setitimer(signal.ITIMER_REAL, max(0.1, min(one.until for one in running.values()) - time.monotonic()), 1.0)
    pid, status = os.wait()
    signal.setitimer(signal.ITIMER_REAL, 0)
    one = running.pop(pid, None)
    if one is None:  # a process that somebody left to this one
        return
    texts = []
    for file in (one.told, one.dump):
        file.seek(0)
        texts.append(file.read().decode("utf-8", "replace"))
        file.close()
    try:
        told[one.module] = json.loads(texts[0])
    except ValueError:
        told[one.module] = without_words(status, time.monotonic() >= one.until, texts[1], top)
    hang = told[one.module].get("hang")
    if hang is not None and hang["statement"] is not None:
        hung.add((hang["statement"][0], hang["statement"][1]))


def without_words(status: int, late: bool, dump: str, top: str) -> Told:
    """What is known of a process that told nothing."""
    told: Told = {"seconds": 0.0, "effects": []}
    killed = late and os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    if killed or dump.startswith("Timeout ("):
        return {**told, "hang": blame_of_dump(dump, top, threading.get_ident())._asdict()}
    how = "signal %d" % os.WTERMSIG(status) if os.WIFSIGNALED(status) else "exit code %d" % os.WEXITSTATUS(status)
    return {**told, "ended": how}


def measured_again(
    modules: Sequence[Module], told: List[Told], roots: Sequence[str], paths: Sequence[str], top: str, limit: float
) -> List[Told]:
    """Measures slow imports twice more, alone: what was slow because the machine was busy, or for the first time, is not slow."""
    slowest: Dict[Tuple[str, int], int] = {}
    for index, one in enumerate(told):
        # How long an import took that failed says nothing.
        if one["seconds"] >= SLOW_SECONDS and one.get("slowest") and "failure" not in one and "hang" not in one:
            place = tuple(one["slowest"]["statement"])
            if place not in slowest or told[slowest[place]]["seconds"] < one["seconds"]:
                slowest[place] = index
    kept = list(told)
    for one in kept:
        one["slow"] = None
    for place, index in list(slowest.items())[:20]:
        times = [told[index], *(import_all([modules[index]], roots, paths, top, limit, jobs=1)[0] for _ in range(2))]
        best = min(times, key=lambda one: float(one["seconds"]))
        if best["seconds"] >= SLOW_SECONDS and best.get("slowest"):
            kept[index]["slow"] = {"statement": place, "seconds": best["seconds"], "here": best["slowest"]["seconds"]}
    return kept


def print_problems(problems: Sequence[Problem]) -> None:
    """One line each as compilers have it, with the statement below; then what to do, once a code."""
    statements = Statements()
    for problem in problems:
        print("%s:%d:1: %s: %s" % (os.path.relpath(problem.path), problem.line, problem.code, problem.message))
        text = statements.text(problem.path, problem.line)
        if text:
            print("    %s" % text)
    codes = {problem.code for problem in problems}
    if codes:
        print()
    for code in CODES:
        if code in codes:
            print("%s: %s" % (code, CODES[code].remedy))
    if codes:
        print()


def print_summary(found: Found, problems: Sequence[Problem], seconds: float) -> None:
    """What was imported and what was not."""
    fails = sum(1 for problem in problems if CODES[problem.code].fails)
    warns = len(problems) - fails
    result = ", ".join(counted(count, word) for count, word in ((fails, "error"), (warns, "warning")) if count) or "nothing to say"
    print("%s imported in %.1f s: %s" % (counted(len(found.modules), "module"), seconds, result))
    left = [
        "%s%s" % (counted(len(files), kind), listed(files) if kind == "script" else "") for kind, files in sorted(found.left_out.items())
    ]
    if left:
        print("not imported: %s" % ", ".join(left))


def counted(count: int, word: str) -> str:
    return "%d %s%s" % (count, word, "" if count == 1 else "s")


def listed(files: Sequence[str]) -> str:
    more = len(files) - SHOWN_FILES
    return " (%s%s)" % (", ".join(files[:SHOWN_FILES]), " and %d more" % more if more > 0 else "")


if __name__ == "__main__":
    sys.exit(main())
