"""Writes down what fails in a pytest run: `PARITY_RESULTS=FILE pytest -p parity_results`.

A line of JSON for each test, set-up, tear-down or collection that failed, as it happens; FILE is made by the first. The run stays what
it was: nothing is printed, no report, option or exit code is touched, coverage does not see this file, and neither does what the tests
start. With pytest-xdist and parity_split what a failure is about is found out where it happens, and written where all reports meet.
"""

from __future__ import annotations

import json
import os
from typing import Any, Callable, Dict, Generator, List, Optional, Tuple

import pytest

OWN_OPTION = "-p parity_results"
OWN_FOLDER = "/parity/pytest"
ATTRIBUTE = "parity_failure"  # of a report, on its way
MOST_FAILURES = 5000
LONGEST_MESSAGE = 8000
MOST_FRAMES = 60

target = os.environ.pop("PARITY_RESULTS", "")
# Parts of a split run are forked off later: the first one writes for all.
writer = os.getpid()
written = 0


def leave_no_trace() -> None:
    """The environment as it was without this plugin, for what the tests start."""
    options = os.environ.get("PYTEST_ADDOPTS", "").replace(OWN_OPTION, "").strip()
    # This process has the folder in sys.path already.
    folders = [
        one
        for one in os.environ.get("PYTHONPATH", "").split(os.pathsep)
        if one != OWN_FOLDER
    ]
    for name, value in (
        ("PYTEST_ADDOPTS", options),
        ("PYTHONPATH", os.pathsep.join(folders)),
    ):
        if value:
            os.environ[name] = value
        else:
            os.environ.pop(name, None)


def renamed(code: Any) -> Any:
    inner = tuple(
        renamed(one) if hasattr(one, "co_code") else one for one in code.co_consts
    )
    return code.replace(co_filename="<parity>", co_consts=inner)


def unmeasured(function: Callable[..., Any]) -> Callable[..., Any]:
    """Coverage measures files; code of no file is none of the project's."""
    if hasattr(function.__code__, "replace"):  # Python 3.8 and newer
        function.__code__ = renamed(function.__code__)
    return function


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
@unmeasured
def pytest_runtest_makereport(item: Any, call: Any) -> Generator[None, Any, None]:
    outcome = yield
    if outcome.excinfo is None and call.excinfo is not None:
        report = outcome.get_result()
        if report.failed:
            setattr(report, ATTRIBUTE, about(call.excinfo, report.longrepr))


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
@unmeasured
def pytest_make_collect_report(collector: Any) -> Generator[None, Any, None]:
    outcome = yield
    if outcome.excinfo is None:
        report = outcome.get_result()
        call = getattr(report, "call", None)
        if report.failed and getattr(call, "excinfo", None) is not None:
            setattr(report, ATTRIBUTE, about(call.excinfo, report.longrepr))


@pytest.hookimpl(tryfirst=True)
@unmeasured
def pytest_runtest_logreport(report: Any) -> None:
    if report.failed and is_writer():
        write(report, str(report.when))


@pytest.hookimpl(tryfirst=True)
@unmeasured
def pytest_collectreport(report: Any) -> None:
    if report.failed and is_writer():
        write(report, "collect")


@pytest.hookimpl(tryfirst=True)
@unmeasured
def pytest_configure(config: Any) -> None:
    global root, relative
    root = str(getattr(config, "rootpath", None) or config.rootdir)
    relative = config.cwd_relative_nodeid
    # A process that starts workers runs no tests, and they are to find the plugin.
    if getattr(config.option, "dist", "no") == "no":
        leave_no_trace()


root = ""
relative: Callable[[str], str] = str


@unmeasured
def is_writer() -> bool:
    # In a worker of pytest-xdist there is no target: what it found out goes on with the report.
    return target != "" and os.getpid() == writer


@unmeasured
def write(report: Any, phase: str) -> None:
    """Writes a failure; what can't be written is missed by nobody, the output says it as well."""
    global written
    found: Optional[Dict[str, Any]] = report.__dict__.pop(ATTRIBUTE, None)
    written += 1
    if written > MOST_FAILURES:
        return
    known = found or by_words(report.longrepr)
    place = getattr(report, "location", None) or (
        report.nodeid.split("::", 1)[0],
        None,
        "",
    )
    record = {
        "test": relative(report.nodeid),
        "phase": phase if phase in ("collect", "setup", "teardown") else "call",
        "exception": known["exception"],
        "message": known["message"],
        "frames": known["frames"],
        # The line on which the test begins, from 1.
        "own": [
            os.path.join(root, str(place[0])),
            None if place[1] is None else place[1] + 1,
        ],
        "seconds": round(float(getattr(report, "duration", 0.0)), 6),
    }
    try:
        with open(target, "ab", 0) as file:
            file.write(json.dumps(record).encode("ascii") + b"\n")
    except (OSError, TypeError, ValueError):
        pass


@unmeasured
def about(excinfo: Any, words: Any) -> Dict[str, Any]:
    """What a failure is about, in values that any report can carry: the exception's class, its words, its places from the deepest up."""
    value = excinfo.value
    cause = value.__cause__
    if isinstance(value, pytest.Collector.CollectError) and cause is not None:
        value = cause
        excinfo = pytest.ExceptionInfo.from_exc_info(
            (type(cause), cause, cause.__traceback__)
        )
    frames = frames_of(excinfo)
    blocks = getattr(words, "reprlocation_lines", None)
    if isinstance(value, SyntaxError) and value.filename:
        frames.insert(0, (str(value.filename), value.lineno))
        message = "%s: %s\n    %s" % (
            type(value).__name__,
            value.msg,
            (value.text or "").strip(),
        )
    elif blocks:
        # A doctest's: its exception has no words.
        message = "\n".join(str(line) for _, lines in blocks for line in lines)
        frames = [
            (str(place.path), place.lineno) for place, _ in blocks if place is not None
        ]
    elif getattr(words, "errorstring", None):
        # A fixture that is not there: the function that asks for it is the place.
        message = str(words.errorstring).strip().split("\n", 1)[0]
        frames = [(str(words.filename), words.firstlineno + 1)]
    elif isinstance(words, str):
        message = words
    else:
        message = excinfo.exconly(tryshort=True)
    return {
        "exception": type(value).__name__,
        "message": message.strip()[:LONGEST_MESSAGE],
        "frames": frames,
    }


@unmeasured
def frames_of(excinfo: Any) -> List[Tuple[str, Optional[int]]]:
    """Files and lines from the deepest up, without the frames that ask not to be shown."""
    frames: List[Tuple[str, Optional[int]]] = []
    here = excinfo.value.__traceback__
    while here is not None:
        frame = here.tb_frame
        hidden = frame.f_locals.get(
            "__tracebackhide__", frame.f_globals.get("__tracebackhide__", False)
        )
        if not (hidden(excinfo) if callable(hidden) else hidden):
            frames.append((frame.f_code.co_filename, here.tb_lineno))
        here = here.tb_next
    return frames[::-1][:MOST_FRAMES]


@unmeasured
def by_words(words: Any) -> Dict[str, Any]:
    """Of a report that another plugin made: a worker that crashed, for instance."""
    crash = getattr(words, "reprcrash", None)
    message = str(getattr(crash, "message", None) or words)
    frames = [] if crash is None else [(str(crash.path), crash.lineno)]
    return {
        "exception": None,
        "message": message.strip()[:LONGEST_MESSAGE],
        "frames": frames,
    }
