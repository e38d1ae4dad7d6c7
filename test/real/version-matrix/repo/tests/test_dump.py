import os
from importlib.metadata import version
from importlib.util import find_spec

import pytest

from quantille import Stream, dump

has_extra = find_spec("simplejson") is not None


@pytest.fixture
def stream():
    stream = Stream()
    stream.add([1, 2, 3])
    return stream


def test_dump(stream):
    assert dump.dump(stream) == '{"count": 3, "median": 2}'


def test_the_leg_decides_the_extra():
    assert has_extra == (os.environ["EXTRAS"] == "json")


@pytest.mark.skipif(not has_extra, reason="without the extra")
def test_the_extra_is_used():
    assert dump.json.__name__ == "simplejson"


@pytest.mark.xfail
def test_infinite(stream):
    stream.add(float("inf"))
    assert "Infinity" not in dump.json.dumps(stream.quantile(1))


def test_version():
    assert version("quantille") == "5.0.1"
