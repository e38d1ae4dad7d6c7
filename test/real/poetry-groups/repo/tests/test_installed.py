import importlib.util
import re
import subprocess
from importlib.metadata import metadata, version
from pathlib import Path

import parcel_rates

lock = Path(__file__).parent.parent / "poetry.lock"


def test_version_of_the_project():
    assert parcel_rates.__version__ == "2.3.0"
    assert metadata("parcel-rates")["Summary"] == "What it costs to send a parcel"


def test_versions_are_those_of_the_lock_file():
    locked = dict(re.findall(r'name = "(.+)"\nversion = "(.+)"', lock.read_text(encoding="utf-8")))
    names = ["click", "freezegun", "pytest", "python-dateutil"]
    assert {name: version(name) for name in names} == {name: locked[name] for name in names}


def test_the_optional_group_is_not_installed():
    assert importlib.util.find_spec("markdown") is None


def test_the_extra_is_installed():
    said = subprocess.run(
        ["parcel-rates", "100", "--format", "yaml"], capture_output=True, text=True, check=True
    )
    assert said.stdout.startswith("bike: 500\npost: ")
