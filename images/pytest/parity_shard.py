"""Runs one machine's part of a test suite: `PARITY_SHARD=2/3 pytest -p parity_shard`.

Each machine collects everything and keeps the tests of its own files, so that what a module sets up is set up on one machine
only. Which files are whose follows from the collected tests alone: all machines come to the same division, and every file is
one machine's.
"""

from __future__ import annotations

import os
from typing import Any, Dict, List, Optional, Tuple

import pytest

from parity_unseen import leave_no_trace, starts_workers, unmeasured

NO_TESTS_COLLECTED = 5


def shard_of(text: str) -> Optional[Tuple[int, int]]:
    """`2/3` as two numbers; nothing for what is empty."""
    index, slash, of = text.partition("/")
    return (int(index), int(of)) if slash else None


# Workers of pytest-xdist are started with the same variables.
shard = shard_of(os.environ.get("PARITY_SHARD", ""))
# How many tests this session, or one of its workers, left to the other shards.
left_out = 0


def files_of(counts: Dict[str, int], index: int, of: int) -> List[str]:
    """The files of a shard: the biggest first, each to the shard that has the fewest tests so far."""
    loads = [0] * of
    mine = []
    for path in sorted(counts, key=lambda path: (-counts[path], path)):
        lightest = loads.index(min(loads))
        loads[lightest] += counts[path]
        if lightest == index - 1:
            mine.append(path)
    return mine


def file_of(item: Any) -> str:
    """The file of a test, relative to the root folder, with `/` between its parts."""
    return str(item.nodeid).split("::", 1)[0]


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: Any) -> None:
    """Hides the shard from what the tests start (another pytest, for instance); a process that starts workers runs none."""
    if not starts_workers(config.option):
        leave_no_trace(__name__, "PARITY_SHARD")


def pytest_report_header() -> Optional[str]:
    """Says that this is a part."""
    return None if shard is None else "parity: shard %d/%d, by file" % shard


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: Any, items: List[Any]) -> None:
    """Leaves the other shards' tests out, after all other choices (-k, -m, --deselect) are made."""
    global left_out
    if shard is None:
        return
    counts: Dict[str, int] = {}
    for item in items:
        counts[file_of(item)] = counts.get(file_of(item), 0) + 1
    mine = set(files_of(counts, *shard))
    others = [item for item in items if file_of(item) not in mine]
    left_out = len(others)
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if file_of(item) in mine]


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: Any, exitstatus: int) -> None:
    """No tests is an error; no tests in this shard, while others have some, is none."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["parity_left_out"] = left_out
    elif int(exitstatus) == NO_TESTS_COLLECTED and left_out > 0:
        session.exitstatus = 0


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker tells what it left out: the process that started it collects nothing itself."""
    global left_out
    left_out = max(left_out, getattr(node, "workeroutput", {}).get("parity_left_out", 0))


unmeasured(__name__)
