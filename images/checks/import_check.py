"""Imports each module of the repository by itself and says what happens then: `uses: parity/import-check` in parity.yaml.

Every module gets a process of its own, a copy of this one, which has imported nothing but a few parts of the standard library. What is
found is printed once, at the statement that does it, however many modules import that one. Exit code 1 for what fails an import or reaches
out of it, 0 for warnings; `# import-check: ok` on a statement says that it is meant.
"""

from __future__ import annotations

import ast
import json
import os
import sys
import tempfile
import time
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Set, Tuple

from parity_effects import import_watched
from parity_modules import Found, Module, find_modules, roots_of

LIMIT_SECONDS = 30.0
SLOW_SECONDS = 1.0
ALLOWED = "# import-check: ok"
SHOWN_IMPORTERS = 3
# Modules of Windows alone: a module that wants one is for another machine.
OTHER_PLATFORMS = {"winreg", "_winreg", "msvcrt", "_winapi", "nt", "winsound", "win32api", "pywintypes", "ctypes.wintypes"}

# What is the matter, whether it fails the check, and the remedy. The order is that of the summary.
CODES: Dict[str, Tuple[bool, str]] = {
    "connects-at-import": (
        True,
        "connect where it is used first: in a function behind functools.lru_cache, in the application's start-up (FastAPI: lifespan), "
        "in tests in a fixture. SQLAlchemy's create_engine() alone connects to nothing; create_all() and connect() do.",
    ),
    "spawns-at-import": (True, "start the program in a function that is called when its result is needed; for a version, read importlib.metadata.version()."),
    "needs-secret-at-import": (
        True,
        "read it in a function (or a settings object made by one, behind functools.lru_cache), so that tests can set it in a fixture "
        "(monkeypatch.setenv) before it is read; or give this step a value for tests: `env: { NAME: … }`.",
    ),
    "fails-at-import": (True, "mend the import, or add what is missing to the requirements; a module that is meant for other machines says `%s` there." % ALLOWED),
    "hangs-at-import": (True, 'what runs must not start by an import: put it under `if __name__ == "__main__":` or in a function.'),
    "reads-secret-at-import": (False, "read it in a function: what is read at import is fixed before a fixture can set it, and may be printed with the module."),
    "slow-at-import": (False, "import or compute it in the function that needs it: every test run, command and worker pays for it."),
    "library-connects-at-import": (False, "the library does it when it is imported: import it in the function that needs it, or look for its setting."),
    "library-spawns-at-import": (False, "the library does it when it is imported: import it in the function that needs it, or look for its setting."),
}


class Problem(NamedTuple):
    """Something to say of a statement."""

    code: str
    path: str
    line: int
    message: str


Told = Dict[str, Any]


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
    problems = problems_of(found.modules, told, top)
    print_problems(problems)
    print_summary(found, problems, seconds)
    return 1 if any(CODES[problem.code][0] for problem in problems) else 0


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
        if one["seconds"] >= SLOW_SECONDS and one.get("slowest"):
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


def problems_of(modules: Sequence[Module], told: Sequence[Told], top: str) -> List[Problem]:
    """All there is to say, each once a statement, in the order of files and lines; without what is said to be meant."""
    names = {module.path: module.name for module in modules}
    statements = Statements()
    found: Dict[Tuple[str, str, int, str], Tuple[str, Set[str]]] = {}

    def add(code: str, at: Sequence[Any], module: Module, message: str, about: str = "") -> None:
        path, line = str(at[0]), statements.start(str(at[0]), int(at[1]))
        if not statements.allowed(path, int(at[1])):
            said = "`%s` %s" % (names.get(path, os.path.relpath(path)), message)
            found.setdefault((code, path, line, about), (said, set()))[1].add(module.name)

    for module, one in zip(modules, told):
        here = (module.path, 1)
        blamed: Set[Tuple[str, int]] = set()
        failure = one.get("failure")
        for effect in one["effects"]:
            at = effect["statement"] or here
            kind = effect["kind"]
            if kind == "reads":
                needed = failure is not None and failure["variable"] == effect["detail"]
                if not needed:
                    add("reads-secret-at-import", at, module, "reads %s when it is imported" % effect["detail"] + through(effect, at), effect["detail"])
                continue
            doing = "connects to" if kind == "connects" else "starts"
            if effect["library"] or effect["statement"] is None:
                add("library-%s-at-import" % kind, at, module, "imports a library that %s %s" % (doing, effect["detail"]))
            else:
                add("%s-at-import" % kind, at, module, "%s %s when it is imported" % (doing, effect["detail"]) + through(effect, at))
            blamed.add((at[0], at[1]))
        if failure is not None:
            at = failure["statement"] or here
            # What it could not do is why it failed.
            if (at[0], at[1]) not in blamed and failure["module"] not in OTHER_PLATFORMS:
                code, words = failure_words(failure)
                add(code, at, module, words + through(failure, at))
        if "hang" in one:
            at = one["hang"]["statement"] or here
            if (at[0], at[1]) not in blamed:
                add("hangs-at-import", at, module, "is not imported after %d s" % LIMIT_SECONDS + through(one["hang"], at))
        if "ended" in one:
            add("fails-at-import", here, module, "ends the interpreter when it is imported (%s)" % one["ended"])
        if one.get("slow"):
            slow = one["slow"]
            add("slow-at-import", slow["statement"], module, slow_words(slow))
    problems = [
        Problem(code, path, line, message + importers(importing, names.get(path)))
        for (code, path, line, _), (message, importing) in found.items()
    ]
    return sorted(problems, key=lambda one: (os.path.relpath(one.path), one.line, one.code, one.message))


def failure_words(failure: Told) -> Tuple[str, str]:
    """The code of a failed import, and what to say of it."""
    if failure["connection"]:
        return "connects-at-import", "wants a connection when it is imported: %s" % failure["words"]
    if failure["secret"]:
        return "needs-secret-at-import", "can't be imported without %s: %s" % (failure["variable"], failure["words"])
    if failure["variable"] is not None:
        return "fails-at-import", "can't be imported without the variable %s (`env` of this step): %s" % (failure["variable"], failure["words"])
    if failure["django"]:
        return "fails-at-import", "can't be imported before Django is set up (`env: { DJANGO_SETTINGS_MODULE: … }` of this step): %s" % failure["words"]
    return "fails-at-import", "can't be imported: %s" % failure["words"]


def slow_words(slow: Told) -> str:
    """How long an import takes, and how much of that its slowest statement."""
    whole, here = "%.1f s" % slow["seconds"], "%.1f s" % slow["here"]
    mostly = slow["here"] > 0.8 * slow["seconds"]
    return "takes %s when it is imported%s" % (whole, "" if mostly else ", %s of it here" % here)


def through(told: Told, at: Sequence[Any]) -> str:
    """Where the statement's doing was really done."""
    if not told.get("through"):
        return ""
    path, line, function = told["through"]
    return "" if [path, line] == [at[0], at[1]] else " (%s:%d in %s)" % (os.path.relpath(path), line, function)


def importers(modules: Set[str], own: Optional[str]) -> str:
    """Which other modules it happens to."""
    others = sorted(modules - {own})
    if not others:
        return ""
    more = len(others) - SHOWN_IMPORTERS
    shown = others if more <= 1 else others[:SHOWN_IMPORTERS]
    return "; so does whatever imports it: %s%s" % (", ".join(shown), "" if more <= 1 else " and %d more" % more)


class Statements:
    """The statements of files: where they begin, and whether they say that what they do is meant."""

    def __init__(self) -> None:
        self.files: Dict[str, Tuple[List[str], List[Tuple[int, int]]]] = {}

    def start(self, path: str, line: int) -> int:
        return self.range(path, line)[0]

    def allowed(self, path: str, line: int) -> bool:
        first, last = self.range(path, line)
        return any(ALLOWED in text for text in self.read(path)[0][first - 1 : last])

    def range(self, path: str, line: int) -> Tuple[int, int]:
        """The first and last line of the smallest statement that a line is in."""
        around = [(first, last) for first, last in self.read(path)[1] if first <= line <= last]
        return min(around, key=lambda one: one[1] - one[0], default=(line, line))

    def read(self, path: str) -> Tuple[List[str], List[Tuple[int, int]]]:
        if path not in self.files:
            try:
                with open(path, "rb") as file:
                    data = file.read()
                lines = data.decode("utf-8", "replace").splitlines()
            except OSError:
                data, lines = b"", []
            try:
                tree = ast.parse(data)
                ranges = [(node.lineno, node.end_lineno or node.lineno) for node in ast.walk(tree) if isinstance(node, ast.stmt)]
            except (SyntaxError, ValueError, RecursionError):
                ranges = []
            self.files[path] = lines, ranges
        return self.files[path]

    def text(self, path: str, line: int) -> str:
        lines = self.read(path)[0]
        return lines[line - 1].strip()[:120] if 0 < line <= len(lines) else ""


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
            print("%s: %s" % (code, CODES[code][1]))
    if codes:
        print()


def print_summary(found: Found, problems: Sequence[Problem], seconds: float) -> None:
    """What was imported and what was not."""
    fails = sum(1 for problem in problems if CODES[problem.code][0])
    warns = len(problems) - fails
    result = ", ".join(counted(count, word) for count, word in ((fails, "error"), (warns, "warning")) if count) or "nothing to say"
    print("%s imported in %.1f s: %s" % (counted(len(found.modules), "module"), seconds, result))
    left = ["%s%s" % (counted(len(files), kind), listed(files) if kind == "script" else "") for kind, files in sorted(found.left_out.items())]
    if left:
        print("not imported: %s" % ", ".join(left))


def counted(count: int, word: str) -> str:
    return "%d %s%s" % (count, word, "" if count == 1 else "s")


def listed(files: Sequence[str]) -> str:
    more = len(files) - SHOWN_IMPORTERS
    return " (%s%s)" % (", ".join(files[:SHOWN_IMPORTERS]), " and %d more" % more if more > 0 else "")


if __name__ == "__main__":
    sys.exit(main())
