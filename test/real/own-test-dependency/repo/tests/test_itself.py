import sys
from importlib.metadata import files, version
from pathlib import Path

import iniconfig

root = Path(__file__).parent.parent


def test_this_one_is_tested():
    assert version("iniconfig") == "40.1.0"
    assert Path(iniconfig.__file__).is_relative_to(root / "src")


def test_pytest_uses_it(pytestconfig):
    assert pytestconfig.inipath == root / "pytest.ini"
    assert sys.modules["iniconfig"].IniConfig(pytestconfig.inipath)["pytest"].lineof("addopts") == 2


def test_it_is_installed_once():
    assert not any(str(path) == "iniconfig/__init__.py" for path in files("iniconfig") or [])
