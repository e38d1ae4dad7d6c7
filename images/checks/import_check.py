"""Imports each module of the repository by itself and says what happens then: `uses: parity/import-check` in parity.yaml.

Every module gets a process of its own, a copy of this one, which has imported nothing but a few parts of the standard library. What is
found is printed once, at the statement that does it, however many modules import that one. Exit code 1 for what fails an import or reaches
out of it, 0 for warnings; `# import-check: ok` on a statement says that it is meant.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from typing import Any, Dict, List, Optional, Sequence, Tuple

from parity_codes import CODES
from parity_effects import LIMIT_SECONDS, import_watched
from parity_modules import Found, Module, find_modules, roots_of
from parity_problems import Problem, Statements, Told, problems_of

SLOW_SECONDS = 1.0
SHOWN_FILES = 3


def main() -> int:
    # A name that is no text is still printed.
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
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
    told = import_all(found.modules, roots, paths, top)
    seconds = time.monotonic() - begun
    told = measured_again(found.modules, told, roots, paths, top)
    problems = problems_of(found.modules, told)
    print_problems(problems)
    print_summary(found, problems, seconds)
    return 1 if any(CODES[problem.code].fails for problem in problems) else 0


def repository_top(folder: str) -> str:
    """The repository's folder: the one above that holds .git, else this one."""
    at = folder
    while not os.path.exists(os.path.join(at, ".git")):
        if at == os.path.dirname(at):
            return folder
        at = os.path.dirname(at)
    return at


def import_all(modules: Sequence[Module], roots: Sequence[str], paths: Sequence[str], top: str, jobs: Optional[int] = None) -> List[Told]:
    """Imports each module in a process of its own, as many at once as there are processors; what each tells, in their order."""
    most = jobs or min(8, len(os.sched_getaffinity(0)))
    told: List[Told] = [{} for _ in modules]
    running: Dict[int, Tuple[int, Any]] = {}
    for index, module in enumerate(modules):
        if len(running) >= most:
            collect(running, told)
        file = tempfile.TemporaryFile()
        pid = os.fork()
        if pid == 0:
            others = [root for root in roots if root != module.root]
            import_watched(module.name, [module.root, *others, *paths], top, LIMIT_SECONDS, file.fileno())
        running[pid] = (index, file)
    while running:
        collect(running, told)
    return told


def collect(running: Dict[int, Tuple[int, Any]], told: List[Told]) -> None:
    """Waits for one of the processes and reads what it told."""
    pid, status = os.wait()
    index, file = running.pop(pid)
    file.seek(0)
    data = file.read()
    file.close()
    try:
        told[index] = json.loads(data)
    except ValueError:
        ended = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        how = "signal %d" % ended if ended is not None else "exit code %d" % os.WEXITSTATUS(status)
        told[index] = {"seconds": 0.0, "effects": [], "ended": how}


def measured_again(modules: Sequence[Module], told: List[Told], roots: Sequence[str], paths: Sequence[str], top: str) -> List[Told]:
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
        times = [told[index], *(import_all([modules[index]], roots, paths, top, jobs=1)[0] for _ in range(2))]
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
