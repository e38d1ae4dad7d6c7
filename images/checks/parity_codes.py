"""What the check of imports may say: the codes, whether they fail it, and what to do. The order is that of the summary."""

from __future__ import annotations

from typing import Dict, NamedTuple

ALLOWED = "# import-check: ok"


class Code(NamedTuple):
    """What is the matter with an import."""

    fails: bool
    remedy: str


LIBRARY = "the library does it when it is imported: import it in the function that needs it, or look for its setting."

CODES: Dict[str, Code] = {
    "connects-at-import": Code(
        True,
        "connect where it is used first: in a function behind functools.lru_cache, in the application's start-up (FastAPI: lifespan), "
        "in tests in a fixture. SQLAlchemy's create_engine() alone connects to nothing; create_all() and connect() do.",
    ),
    "spawns-at-import": Code(
        True,
        "start the program in a function that is called when its result is needed; for a version, read importlib.metadata.version().",
    ),
    "needs-secret-at-import": Code(
        True,
        "read it in a function (or a settings object made by one, behind functools.lru_cache), so that tests can set it in a fixture "
        "(monkeypatch.setenv) before it is read; or give this step a value for tests: `env: { NAME: … }`.",
    ),
    "fails-at-import": Code(
        True,
        "mend the import, or add what is missing to the requirements; a module that is meant for other machines says "
        "`%s` there." % ALLOWED,
    ),
    "hangs-at-import": Code(
        True,
        'what runs must not start by an import: put it under `if __name__ == "__main__":` or in a function. '
        "A thread that is meant to run beside a program says `daemon=True`.",
    ),
    "reads-secret-at-import": Code(
        False,
        "read it in a function: what is read at import is fixed before a fixture can set it, and may be printed with the module.",
    ),
    "slow-at-import": Code(
        False,
        "import or compute it in the function that needs it: every test run, command and worker pays for it.",
    ),
    "library-connects-at-import": Code(False, LIBRARY),
    "library-spawns-at-import": Code(False, LIBRARY),
}
