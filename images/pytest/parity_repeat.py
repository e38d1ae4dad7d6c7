"""Runs the tests in another order each time: `PARITY_REPEAT_SEED=7 pytest -p parity_repeat`, and says which fixtures failing tests use.

Modules, the classes in them and the tests in those are shuffled, each level by itself, so that what a module or a class sets up is set up
once. A plugin that shuffles already (pytest-randomly, pytest-random-order) is left to it.
"""

from __future__ import annotations

import os
import random
from typing import Any, Dict, Generator, List, Tuple

import pytest

from parity_unseen import leave_no_trace, starts_workers, unmeasured

# A line for parity in the output; nobody else reads it.
FIXTURES = "parity: fixtures of "
PLAIN = {"request", "pytestconfig"}
seed = os.environ.get("PARITY_REPEAT_SEED", "")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: Any) -> None:
    """Hides the order from what the tests start (another pytest, for instance); workers of pytest-xdist are told by the same variables."""
    if not starts_workers(config.option):
        leave_no_trace(__name__, "PARITY_REPEAT_SEED")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: Any, items: List[Any]) -> None:
    """Shuffles; with no seed the order stays as it is."""
    if seed == "" or shuffles_already(config):
        return
    items[:] = shuffled(items, random.Random(seed))


def shuffles_already(config: Any) -> bool:
    """Whether another plugin decides the order, by its own seed."""
    if config.pluginmanager.hasplugin("randomly"):
        return bool(getattr(config.option, "randomly_reorganize", True))
    return getattr(config.option, "random_order_bucket", None) is not None and bool(getattr(config.option, "random_order", False))


def shuffled(items: List[Any], chance: random.Random) -> List[Any]:
    """The items in another order: files, then classes, then tests."""
    files: Dict[str, Dict[Tuple[str, ...], List[Any]]] = {}
    for item in items:
        file, *rest = str(item.nodeid).split("[", 1)[0].split("::")
        files.setdefault(file, {}).setdefault(tuple(rest[:-1]), []).append(item)
    found: List[Any] = []
    for file in mixed(list(files), chance):
        for group in mixed(list(files[file]), chance):
            found.extend(mixed(files[file][group], chance))
    return found


def mixed(values: List[Any], chance: random.Random) -> List[Any]:
    chance.shuffle(values)
    return values


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: Any) -> Generator[None, Any, None]:
    """Puts the test's fixtures into what is told of it, which reaches the process that reports from a worker, too."""
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        report.parity_fixtures = [name for name in getattr(item, "fixturenames", []) if name not in PLAIN]


def pytest_unconfigure(config: Any) -> None:
    """Tells the fixtures of each test that failed, below all that pytest itself says."""
    terminalreporter = config.pluginmanager.get_plugin("terminalreporter")
    if terminalreporter is None:
        return
    told = set()
    for kind in ("failed", "error"):
        for report in terminalreporter.stats.get(kind, []):
            names = getattr(report, "parity_fixtures", None)
            if names and report.nodeid not in told:
                told.add(report.nodeid)
                terminalreporter.write_line("%s%s: %s" % (FIXTURES, report.nodeid, " ".join(sorted(names))))


unmeasured(__name__)
