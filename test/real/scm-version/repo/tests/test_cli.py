import shutil
import subprocess
import sys

import pytest

from lakelevel import __version__
from lakelevel.cli import main


def test_prints_the_level(capsys):
    assert main(["Wannsee"]) == 0
    assert capsys.readouterr().out == "Wannsee: 3.09 m on 2024-05-02\n"


def test_command_is_installed():
    command = shutil.which("lakelevel")
    assert command is not None
    said = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    assert said.stdout == f"lakelevel {__version__}\n"


@pytest.mark.skipif(sys.platform != "win32", reason="the registry is Windows'")
def test_registry():
    import winreg

    assert winreg
