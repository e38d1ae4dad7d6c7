import subprocess
from importlib.metadata import requires, version
from importlib.util import find_spec

import pytest

import glyphboard


def test_version_is_that_of_the_about_file():
    assert version("glyphboard") == glyphboard.__version__ == "0.4.2"


def test_command_has_colours():
    said = subprocess.run(
        ["glyphboard", "i"], capture_output=True, text=True, check=True
    ).stdout
    assert said == "\x1b[32m█\n█\n█\x1b[39m\n"


def test_extras():
    assert any("colorama" in line for line in requires("glyphboard"))


@pytest.mark.skipif(
    find_spec("black") is not None, reason="the lint environment's tools are here"
)
def test_no_tool_of_another_environment():
    assert find_spec("ruff") is None
