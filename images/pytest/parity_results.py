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

from parity_unseen import leave_no_trace, starts_workers, unmeasured

ATTRIBUTE = "parity_failure"  # of a report, on its way
MOST_FAILURES = 5000
LONGEST_MESSAGE = 8000
MOST_FRAMES = 60

target = os.environ.pop("PARITY_RESULTS", "")
# Parts of a split run are forked off later: the first one writes for all.
writer = os.getpid()
written = 0


root = ""
relative: Callable[[str], str] = str


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: Any) -> None:
    global root, relative
    root = str(getattr(config, "rootpath", None) or config.rootdir)
    relative = config.cwd_relative_nodeid
    if not starts_workers(config.option):
        leave_no_trace(__name__)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: Any, call: Any) -> Generator[None, Any, None]:
    outcome = yield
    find_out(outcome, call.excinfo)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_make_collect_report(collector: Any) -> Generator[None, Any, None]:
    outcome = yield
    find_out(outcome, None)


def find_out(outcome: Any, excinfo: Any) -> None:
    """Puts what a failure is about into its report, which takes it to wherever all reports meet."""
    if outcome.excinfo is not None:
        return
    report = outcome.get_result()
    if excinfo is None:
        excinfo = getattr(getattr(report, "call", None), "excinfo", None)
    if excinfo is None or not report.failed:
        return
    try:
        # As text: whatever takes reports from process to process can take that.
        setattr(report, ATTRIBUTE, json.dumps(about(excinfo, report.longrepr)))
    except Exception:  # An exception of the project's may be as odd as it likes.
        pass


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report: Any) -> None:
    note(report, str(report.when))


@pytest.hookimpl(tryfirst=True)
def pytest_collectreport(report: Any) -> None:
    note(report, "collect")


def note(report: Any, phase: str) -> None:
    """Writes a failure down where all reports meet, before anybody else sees the report."""
    global written
    # In a worker of pytest-xdist there is no target: what it found out goes on with the report.
    if target == "" or os.getpid() != writer:
        return
    found: Optional[str] = report.__dict__.pop(ATTRIBUTE, None)
    if not report.failed or written >= MOST_FAILURES:
        return
    written += 1
    try:
        record = record_of(report, phase, by_words(report.longrepr) if found is None else json.loads(found))
        with open(target, "ab", 0) as file:
            file.write(json.dumps(record).encode("ascii") + b"\n")
    except Exception:  # What can't be written is missed by nobody: the output says it as well.
        pass


def record_of(report: Any, phase: str, known: Dict[str, Any]) -> Dict[str, Any]:
    path, line = (getattr(report, "location", None) or (report.nodeid.split("::", 1)[0], None))[:2]
    return {
        "test": relative(report.nodeid),
        "phase": phase if phase in ("collect", "setup", "teardown") else "call",
        "exception": known["exception"],
        "message": known["message"],
        "frames": known["frames"],
        # The line on which the test begins, from 1.
        "own": [os.path.join(root, str(path)), None if line is None else line + 1],
        "seconds": round(float(getattr(report, "duration", 0.0)), 6),
    }


def about(excinfo: Any, words: Any) -> Dict[str, Any]:
    """What a failure is about: the exception's class, its words, its places from the deepest up."""
    value = excinfo.value
    crash = getattr(words, "reprcrash", None)
    cause = value.__cause__
    if isinstance(value, pytest.Collector.CollectError) and cause is not None:
        value, crash = cause, None
        excinfo = pytest.ExceptionInfo.from_exc_info((type(cause), cause, cause.__traceback__))
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
        frames = [(str(place.path), place.lineno) for place, _ in blocks if place is not None]
    elif getattr(words, "errorstring", None):
        # A fixture that is not there: the function that asks for it is the place.
        message = str(words.errorstring).strip().split("\n", 1)[0]
        frames = [(str(words.filename), words.firstlineno + 1)]
    elif isinstance(words, str):
        message = words
    else:
        # pytest has asked the exception for its words already.
        message = str(crash.message) if crash is not None else excinfo.exconly(tryshort=True)
    return {
        "exception": type(value).__name__,
        "message": cut(message),
        "frames": frames,
    }


def cut(message: str) -> str:
    """A message of bearable length that ends between words: half a secret is none that is known as one."""
    message = message.strip()
    return message if len(message) <= LONGEST_MESSAGE else message[:LONGEST_MESSAGE].rsplit(None, 1)[0]


def frames_of(excinfo: Any) -> List[Tuple[str, Optional[int]]]:
    """Files and lines from the deepest up, without the frames that ask not to be shown."""
    frames: List[Tuple[str, Optional[int]]] = []
    here = excinfo.value.__traceback__
    while here is not None:
        frame = here.tb_frame
        hidden = frame.f_locals.get("__tracebackhide__", frame.f_globals.get("__tracebackhide__", False))
        if not (hidden(excinfo) if callable(hidden) else hidden):
            frames.append((frame.f_code.co_filename, here.tb_lineno))
        here = here.tb_next
    return frames[::-1][:MOST_FRAMES]


def by_words(words: Any) -> Dict[str, Any]:
    """Of a report that another plugin made: a worker that crashed, for instance."""
    crash = getattr(words, "reprcrash", None)
    message = str(getattr(crash, "message", None) or words)
    frames = [] if crash is None else [(str(crash.path), crash.lineno)]
    return {
        "exception": None,
        "message": cut(message),
        "frames": frames,
    }


unmeasured(__name__)
