import pytest

from tidetable import tides


@pytest.mark.parametrize("first, clocks", [(75, ["01:15", "13:40"]), (740, ["12:20"])])
def test_clocks(first, clocks):
    assert [tide.clock for tide in tides(first)] == clocks


@pytest.mark.xfail
def test_spring_tide():
    assert tides(75)[0].metres > 3
