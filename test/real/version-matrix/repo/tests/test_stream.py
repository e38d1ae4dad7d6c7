import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantille import Stream, Window


@given(st.lists(st.integers(), min_size=1))
def test_the_largest(values):
    stream = Stream()
    stream.add(values)
    assert stream.quantile(1) == max(values)


@pytest.mark.parametrize("part", [0, 0.25, 0.5, 1])
def test_one_value(part):
    stream = Stream()
    stream.add(7)
    assert stream.quantile(part) == 7


@pytest.mark.parametrize("part", [-1, 1.5])
def test_no_part(part):
    with pytest.raises(ValueError):
        Stream().quantile(part)


def test_window_forgets():
    window = Window(2)
    window.add([9, 1, 2])
    assert window.quantile(1) == 2


def test_empty():
    with pytest.raises(LookupError):
        Stream().quantile(0.5)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="typing has it")
def test_backport():
    import typing_extensions

    assert typing_extensions.override


@pytest.mark.skipif(sys.version_info < (3, 12), reason="typing does not have it")
def test_typing():
    from typing import override

    assert override
