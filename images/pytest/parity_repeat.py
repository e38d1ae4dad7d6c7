"""Runs the tests in another order each time: `PARITY_REPEAT_SEED=7 pytest -p parity_repeat`, and says which fixtures failing tests use.

Modules, the classes in them and the tests in those are shuffled, each level by itself, so that what a module or a class sets up is set up
once. A plugin that shuffles already (pytest-randomly, pytest-random-order) does it by this seed instead.
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
# What pytest-randomly makes its random data by where the tests run in their own order: some number, but always the same.
FIRST_SEED = "0"
seed = os.environ.get("PARITY_REPEAT_SEED", "")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: Any) -> None:
    """Hides the order from what the tests start (another pytest, for instance); workers of pytest-xdist are told by the same variables."""
    if not starts_workers(config.option):
        leave_no_trace(__name__, "PARITY_REPEAT_SEED")
    lead(config)


def lead(config: Any) -> None:
    """Gives this run's seed to plugins that shuffle, and has them leave the order alone in a run without: once is enough."""
    option = config.option
    if has_randomly(config):
        # A number is what the command says, or in a worker what was said here before.
        if not isinstance(getattr(option, "randomly_seed", 0), int):
            option.randomly_seed = int(seed or FIRST_SEED)
        option.randomly_reorganize = str(getattr(option, "randomly_seed", "")) == seed
    if has_random_order(config):
        if seed == "" or has_randomly(config):
            option.random_order_enabled = False
            option.random_order_bucket, option.random_order_seed = "default:module", "default:0"
        else:
            option.random_order_seed = seed


def shuffles_already(config: Any) -> bool:
    """Whether another plugin decides the order, by this run's seed."""
    return has_randomly(config) and bool(config.option.randomly_reorganize) or has_random_order(config)


def has_randomly(config: Any) -> bool:
    """Whether pytest-randomly is there; it shuffles unless told otherwise."""
    return bool(config.pluginmanager.hasplugin("randomly"))


def has_random_order(config: Any) -> bool:
    """Whether pytest-random-order is there and told to shuffle: one of its options is not the default."""
    option = config.option
    given = [str(getattr(option, name, "default:")) for name in ("random_order_bucket", "random_order_seed")]
    return bool(getattr(option, "random_order_enabled", False)) or any(not value.startswith("default:") for value in given)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: Any, items: List[Any]) -> Generator[None, None, None]:
    """Shuffles, before plugins that put some tests first (pytest-django, pytest-order); with no seed the order stays as it is."""
    if seed != "" and not shuffles_already(config):
        items[:] = shuffled(items, random.Random(seed))
    yield


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
