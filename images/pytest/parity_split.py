"""Divides a pytest run over several processes: `PARITY_SPLIT=2 pytest -p parity_split`.

The process becomes several before it has imported anything of the project's: the first part is the run that everybody sees, the
others run their files and write down what happened, and in the end the first one tells that as its own. So there is one report, one
summary, one junit file, one coverage total and one exit code, and every plugin that listens to reports hears of every test. Parts
share nothing but the project's files; as with pytest-xdist, what else the tests share is told apart by PYTEST_XDIST_WORKER.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import threading
from typing import Any, Generator, Optional

import pytest

from parity_division import Division, read_records, worth_while
from parity_parts import FirstPart, OtherPart
from parity_unseen import leave_no_trace, unmeasured


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: Any) -> Generator[None, None, None]:
    """Before conftest files and coverage: from here on there may be several processes."""
    setting = os.environ.pop("PARITY_SPLIT", "")
    folder = os.environ.pop("PARITY_SPLIT_RECORDS", "")
    # What the tests start (another pytest, for instance) is not divided.
    leave_no_trace(__name__)
    if setting != "" and not asks_only(early_config.known_args_namespace):
        reason = why_not(early_config.known_args_namespace)
        if reason is None:
            divide(early_config, setting, folder)
        else:
            sys.stderr.write("parity: not split: %s\n" % reason)
            sys.stderr.flush()
    yield


def asks_only(options: Any) -> bool:
    """Whether no test is to run: --help, --collect-only and their like."""
    names = ("help", "version", "collectonly", "markers", "showfixtures", "show_fixtures_per_test", "cacheshow", "setupplan")
    return any(getattr(options, name, None) for name in names)


def why_not(options: Any) -> Optional[str]:
    """What keeps this run in one process, if anything does."""
    if getattr(options, "numprocesses", None) or getattr(options, "tx", None) or getattr(options, "dist", "no") != "no":
        return "pytest-xdist divides the tests already"
    if getattr(options, "usepdb", False) or getattr(options, "trace", False):
        return "a debugger needs all tests in one process"
    if getattr(options, "stepwise", False) or getattr(options, "stepwise_skip", False):
        return "--stepwise needs all tests in one process"
    program = sys.argv[0].replace(os.sep, "/")
    if program.rpartition("/")[2] not in ("pytest", "py.test") and not program.endswith("pytest/__main__.py"):
        return "pytest was not started by itself but by %s" % program
    coverage = sys.modules.get("coverage")
    if coverage is not None and getattr(coverage, "Coverage", None) and coverage.Coverage.current() is not None:
        return "`coverage run` measures one process: use pytest --cov (pytest-cov)"
    if threading.active_count() > 1:
        return "a plugin has started threads: %s" % ", ".join(sorted(thread.name for thread in threading.enumerate()))
    return None


def divide(config: Any, setting: str, records_folder: str) -> None:
    """Makes the parts: `setting` is how many, or `auto 4` for four at most. Returns in each of them."""
    options = config.known_args_namespace
    root = str(config.rootpath)
    call = "\0".join([os.getcwd(), *map(str, config.invocation_params.args)])
    records_file = os.path.join(records_folder, hashlib.sha256(call.encode("utf-8", "replace")).hexdigest()[:16] + ".json")
    records = read_records(records_file)
    most = int(setting.rpartition(" ")[2])
    parts = worth_while(records, most) if setting.startswith("auto") else most
    division = Division(records, parts, root, getattr(options, "importmode", "prepend") != "importlib")
    folder = tempfile.mkdtemp(prefix="parity-")
    first = FirstPart(config, division, folder, records_file, records)
    for index in range(2, parts + 1):
        sys.stdout.flush()
        sys.stderr.flush()
        own = os.path.join(folder, str(index))
        os.mkdir(own)
        listen, tell = os.pipe()
        pid = os.fork()
        if pid == 0:
            first.forget_others()
            os.close(listen)
            become(own, index, parts)
            config.pluginmanager.register(OtherPart(config, division, folder, index, tell), "parity_part")
            return
        os.close(tell)
        first.add(index, pid, listen)
    first.lead()
    config.pluginmanager.register(first, "parity_part")


def become(folder: str, index: int, parts: int) -> None:
    """Gives the process what belongs to a part alone: its output, its temporary files, its coverage, its name."""
    output = os.open(os.path.join(folder, "output"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    own = os.path.join(folder, "tmp")
    os.mkdir(own)
    os.environ["TMPDIR"] = own
    tempfile.tempdir = None
    os.environ["COVERAGE_FILE"] = os.path.join(folder, "coverage")
    os.environ["PYTEST_XDIST_WORKER"] = "gw%d" % (index - 1)
    os.environ["PYTEST_XDIST_WORKER_COUNT"] = str(parts)


unmeasured(__name__)
