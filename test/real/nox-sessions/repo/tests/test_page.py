import os
import subprocess
import sys
from importlib.metadata import version

import pytest

from tidetable import tides
from tidetable.page import page


def test_page():
    said = page("Nord & Süd", tides(740))
    assert said.split() == ["<h1>Nord", "&amp;", "Süd</h1>", "<p>12:20</p>"]


def test_markupsafe_of_the_session():
    assert version("markupsafe") == os.environ["MARKUPSAFE"]


def test_command_of_the_environment():
    said = subprocess.run(["tidetable"], capture_output=True, text=True, check=True)
    assert said.stdout.startswith("<h1>Husum</h1>")
    assert version("tidetable") == "3.1"
    assert sys.prefix != sys.base_prefix


@pytest.mark.skipif(version("markupsafe") < "3", reason="an older markupsafe")
def test_newer_markupsafe():
    from markupsafe import escape

    assert str(escape("'")) == "&#39;"
