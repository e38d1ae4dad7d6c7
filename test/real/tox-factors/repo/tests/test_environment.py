import os
from importlib.metadata import version
from pathlib import Path

import attrs
import pytest

import shelfmark


def test_attrs_of_the_factor():
    assert version("attrs").split(".")[0] == os.environ["EXPECTED_ATTRS"]
    assert os.environ["EXPECTED_ATTRS"] in os.environ["SHELFMARK_ENV"]


def test_the_wheel_is_tested_and_not_the_tree():
    assert "site-packages" in Path(shelfmark.__file__).parts
    assert version("shelfmark") == "1.8.0"


def test_the_plugin_is_found(mark):
    assert mark("QA76").number == 76


def test_the_callers_variable():
    assert os.environ["LIBRARY"] == "town hall"
    assert "NOT_PASSED" not in os.environ


@pytest.mark.skipif(version("attrs") < "24", reason="validators.or_ is newer")
def test_newer_attrs():
    assert attrs.validators.or_(attrs.validators.ge(1), attrs.validators.le(-1))
