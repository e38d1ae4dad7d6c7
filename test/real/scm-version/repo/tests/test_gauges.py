import pytest

from lakelevel import lakes, last_reading


@pytest.mark.parametrize(
    ("lake", "metres"),
    [("Wannsee", 3.09), ("Müggelsee", 2.84)],
)
def test_last_reading(lake, metres):
    assert last_reading(lake).metres == metres


def test_lakes_are_sorted():
    assert lakes() == ["Müggelsee", "Wannsee"]


def test_unknown_lake():
    with pytest.raises(LookupError, match="no gauge in Bodensee"):
        last_reading("Bodensee")


@pytest.mark.xfail(reason="levels above sea are not in the table")
def test_above_sea():
    assert last_reading("Wannsee").above_sea > 0
