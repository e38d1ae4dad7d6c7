"""From what imports did to what to say of which statement: each once, however many modules import it."""

from __future__ import annotations

import ast
import os
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Set, Tuple

from parity_codes import ALLOWED
from parity_effects import THREAD_SECONDS
from parity_modules import Module

SHOWN_IMPORTERS = 3
# Modules of Windows alone: a module that wants one is for another machine.
OTHER_PLATFORMS = {"winreg", "_winreg", "msvcrt", "_winapi", "nt", "winsound", "win32api", "pywintypes"}

Told = Dict[str, Any]  # what import_watched wrote


class Problem(NamedTuple):
    """Something to say of a statement."""

    code: str
    path: str
    line: int
    message: str


def problems_of(modules: Sequence[Module], told: Sequence[Told], limit: float) -> List[Problem]:
    """All there is to say, each once a statement, in the order of files and lines; without what is said to be meant. `limit` in seconds."""
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
                    said = "reads %s when it is imported" % effect["detail"]
                    add("reads-secret-at-import", at, module, said + through(effect, at), effect["detail"])
                continue
            doing = "connects to" if kind == "connects" else "starts"
            if effect["library"] or effect["statement"] is None:
                add("library-%s-at-import" % kind, at, module, "imports a library that %s %s" % (doing, effect["detail"]))
            else:
                said = "%s %s when it is imported" % (doing, effect["detail"])
                add("%s-at-import" % kind, at, module, said + through(effect, at))
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
                add("hangs-at-import", at, module, "is not imported after %g s" % limit + through(one["hang"], at))
        if "lingers" in one:
            at = one["lingers"]["statement"] or here
            add("hangs-at-import", at, module, thread_words(one["lingers"], min(THREAD_SECONDS, limit)) + through(one["lingers"], at))
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
        said = "can't be imported without the variable %s (`env` of this step): %s"
        return "fails-at-import", said % (failure["variable"], failure["words"])
    if failure["django"] and failure["settings"] is not None:
        said = "can't be imported because django.setup() fails with DJANGO_SETTINGS_MODULE=%s: %s"
        return "fails-at-import", said % (failure["settings"], failure["words"])
    if failure["django"]:
        how = "`env: { DJANGO_SETTINGS_MODULE: … }` of this step"
        return "fails-at-import", "can't be imported before Django is set up (%s): %s" % (how, failure["words"])
    return "fails-at-import", "can't be imported: %s" % failure["words"]


def thread_words(told: Told, seconds: float) -> str:
    """A thread for which every program waits that imports the module."""
    what = "imports a library that starts" if told["library"] else "starts"
    said = "%s a thread (%s) that still runs %g s after the import and that no program ends without"
    return said % (what, told["thread"], seconds)


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
