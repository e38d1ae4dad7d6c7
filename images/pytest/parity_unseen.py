"""How parity's plugins for pytest keep out of sight: what the tests start finds the environment as it was without them, and coverage, to
which a file outside of the project is as good as any other, does not see their code.
"""

from __future__ import annotations

import os
import sys
from typing import Any

FOLDER = os.path.dirname(os.path.abspath(__file__))


def starts_workers(options: Any) -> bool:
    """Whether this process of pytest-xdist runs no tests, but starts others that are to find the plugins."""
    return bool(getattr(options, "dist", "no") != "no" and getattr(options, "tx", None))


def leave_no_trace(module: str, *names: str) -> None:
    """Takes a plugin out of the environment, with the variables that tell it what to do; this process has loaded it already."""
    for name in names:
        os.environ.pop(name, None)
    words = os.environ.get("PYTEST_ADDOPTS", "").replace("-p %s" % module, "").strip()
    put_back("PYTEST_ADDOPTS", words)
    if "-p parity_" not in words:
        folders = [one for one in os.environ.get("PYTHONPATH", "").split(os.pathsep) if one != FOLDER]
        put_back("PYTHONPATH", os.pathsep.join(folders))


def put_back(name: str, value: str) -> None:
    """What is empty was not there."""
    if value:
        os.environ[name] = value
    else:
        os.environ.pop(name, None)


def unmeasured(module: str) -> None:
    """Makes a module's code that of no file, which is what tools that measure files look at; called at its end."""
    for value in list(vars(sys.modules[module]).values()):
        if getattr(value, "__module__", None) == module:
            for part in list(vars(value).values()) if isinstance(value, type) else [value]:
                function = getattr(part, "__func__", None) or getattr(part, "fget", None) or part
                code = getattr(function, "__code__", None)
                if hasattr(code, "replace"):  # Python 3.8 and newer
                    function.__code__ = renamed(code, "<%s>" % module)


def renamed(code: Any, name: str) -> Any:
    inner = tuple(renamed(one, name) if hasattr(one, "co_code") else one for one in code.co_consts)
    return code.replace(co_filename=name, co_consts=inner)


unmeasured(__name__)
