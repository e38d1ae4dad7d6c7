"""Keeps pytest's cache out of the project: `PARITY_PYTEST_CACHE=FOLDER pytest -p parity_cache`.

`-o cache_dir=FOLDER` would do as much, but where the cache is switched off (`-p no:cacheprovider`) pytest takes that for a mistake: a
warning, or with -W error or --strict-config the end of the run. It also makes pytest print the folder. A folder that the project sets
itself is left to it.
"""

from __future__ import annotations

import os
from typing import Any, Dict, Generator

import pytest

from parity_unseen import leave_no_trace, starts_workers, unmeasured

SETTING = "cache_dir"
DEFAULT = ".pytest_cache"
folder = os.environ.get("PARITY_PYTEST_CACHE", "")


def settings_of(config: Any) -> Dict[str, Any]:
    """The settings that pytest has looked up: it looks up none twice. Of a pytest that keeps them elsewhere, some that nobody reads."""
    found = getattr(config, "_inicache", None)
    return found if isinstance(found, dict) else {}


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: Any) -> None:
    """Before the cache is made; of those that want to be first, the last to be loaded is."""
    if folder and config.pluginmanager.hasplugin("cacheprovider") and config.getini(SETTING) == DEFAULT:
        settings_of(config)[SETTING] = folder
    if not starts_workers(config.option):
        leave_no_trace(__name__, "PARITY_PYTEST_CACHE")


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_sessionstart(session: Any) -> Generator[None, None, None]:
    """The cache is made: whoever asks for the setting (the report's header does) gets the project's own."""
    settings = settings_of(session.config)
    if folder and settings.get(SETTING) == folder:
        settings[SETTING] = DEFAULT
    yield


unmeasured(__name__)
