from datetime import date, datetime, timezone

import pytest

from almanach import day_in, moon

evening = datetime(2024, 5, 1, 23, 30, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("zone", "day"),
    [("UTC", 1), ("Europe/Berlin", 2), ("America/Lima", 1), ("Pacific/Auckland", 2)],
)
def test_day(zone, day):
    assert day_in(zone, evening).day == day


def test_moons(subtests):
    for day, name in [(6, "new"), (15, "waxing"), (22, "full")]:
        with subtests.test(day=day):
            assert moon(date(2000, 1, day)) == name


@pytest.mark.xfail(strict=True, reason="nobody has told the moon of the Gregorian reform")
def test_long_ago():
    assert moon(date(1500, 1, 1)) == "none"
