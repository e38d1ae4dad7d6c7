import os

import nox

nox.options.sessions = ["lint", "tests"]
nox.options.reuse_existing_virtualenvs = True

SOURCES = ["tidetable", "tests", "noxfile.py"]


@nox.session(python="3.11")
@nox.parametrize("markupsafe", ["2.1.5", "3.0.2"])
def tests(session: nox.Session, markupsafe: str) -> None:
    session.install("-e", ".[test]", f"markupsafe=={markupsafe}")
    session.run("pytest", *session.posargs, env={"MARKUPSAFE": markupsafe})


@nox.session
def lint(session: nox.Session) -> None:
    session.install("black==25.9.0")
    arguments = [] if os.environ.get("FIX") else ["--check"]
    session.run("black", *arguments, *SOURCES)
