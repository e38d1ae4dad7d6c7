import os
import subprocess
import sys
from importlib.metadata import distribution, version
from pathlib import Path

import pytest

import almanach


def test_summary_and_version_come_from_the_module():
    metadata = distribution("almanach").metadata
    assert metadata["Summary"] == "Knows which day it is elsewhere."
    assert version("almanach") == almanach.__version__ == "1.2.0"


def test_installed_and_not_in_the_tree():
    assert Path(__file__).parents[1] not in Path(almanach.__file__).parents
    assert Path(almanach.__file__).parent.joinpath("py.typed").is_file()


@pytest.mark.parametrize("command", [["almanach"], [sys.executable, "-m", "almanach"]])
def test_command(command):
    said = subprocess.run([*command, "Asia/Tokyo"], capture_output=True, text=True, check=True)
    assert said.stdout.endswith(" moon\n")


@pytest.mark.skipif("CI" in os.environ, reason="the machines of CI keep UTC")
def test_local_zone():
    assert Path("/etc/localtime").exists()
