import sys
from importlib import metadata

import packaging.version
import pytest

from vintage import is_release, newest

old = hasattr(packaging.version, "LegacyVersion")


def test_the_newest_is_a_release():
    assert newest(["1.2", "1.10", "2.0rc1"]) == "1.10"


def test_nothing_is_newest_of_nothing():
    assert newest([]) is None


def test_a_label_is_no_release():
    assert not is_release("barrel 7")


@pytest.mark.skipif(not old, reason="labels of any kind were versions before packaging 22")
def test_an_old_label_is_a_version():
    assert not isinstance(packaging.version.parse("barrel 7"), packaging.version.Version)


@pytest.mark.skipif(old, reason="packaging 22 and newer refuse it")
def test_a_label_is_refused():
    with pytest.raises(packaging.version.InvalidVersion):
        packaging.version.parse("barrel 7")


@pytest.mark.skipif(old, reason="the oldest packages come without a linter for them")
def test_what_editors_use_is_beside_the_tests():
    assert metadata.version("ruff") == "0.4.10"
    assert sys.version_info[:2] == (3, 11)
