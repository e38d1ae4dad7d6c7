import os
import subprocess

import pytest


def test_version_of_the_makefile_is_the_tag():
    assert os.environ["LEDGER_VERSION"].startswith("2024.2")


def test_files_have_the_modes_that_git_keeps():
    listed = subprocess.run(
        ["git", "ls-files", "--stage", "bin"], capture_output=True, text=True, check=True
    ).stdout
    assert [line.split()[0] for line in listed.splitlines()] == ["100755", "100755"]


@pytest.mark.skipif("GNUMAKEFLAGS" not in os.environ, reason="make was told nothing")
def test_make_flags():
    assert os.environ["MAKEFLAGS"]


@pytest.mark.skip(reason="the bank's test server is gone")
def test_bank():
    raise NotImplementedError
