import re
import subprocess
from importlib.metadata import entry_points, version
from pathlib import Path

import pytest
from click.testing import CliRunner
from orders_api.cli import main
from orders_core import Money

root = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("name", "first"),
    [("csv", "tea,450"), ("text", "tea: 4.50 €")],
)
def test_formats(name, first):
    said = CliRunner().invoke(main, ["--format", name])
    assert said.output.splitlines()[0] == first


def test_exporters_are_entry_points():
    assert sorted(entry_points(group="orders.exporters").names) == ["csv", "text"]


def test_signed_with_the_jobs_key():
    said = CliRunner().invoke(main, ["--signed"])
    assert said.exit_code == 0, said.exception
    assert said.output.startswith("tea: 4.50 €\nbread: 3.20 €.")


def test_the_command_is_in_path():
    said = subprocess.run(["orders"], capture_output=True, text=True, check=True)
    assert said.stdout == "tea: 4.50 €\nbread: 3.20 €\n"


def test_versions_are_those_of_the_lock_file():
    lock = (root / "uv.lock").read_text(encoding="utf-8")
    locked = dict(re.findall(r'name = "(.+)"\nversion = "(.+)"', lock))
    names = ["click", "itsdangerous"]
    assert {name: version(name) for name in names} == {name: locked[name] for name in names}
    assert version("orders-api") == "0.7.0"


@pytest.mark.skipif(
    not (root / "frontend" / "dist").is_dir(), reason="the UI is not built in this job"
)
def test_serves_the_ui():
    assert "<title>" in (root / "frontend" / "dist" / "index.html").read_text()


@pytest.mark.xfail(raises=TypeError, reason="orders of several currencies")
def test_currencies():
    assert Money(1, "USD")
