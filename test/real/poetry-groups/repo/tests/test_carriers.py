import pytest
from freezegun import freeze_time

from parcel_rates.carriers import Post, carriers


def test_carriers_are_installed():
    assert list(carriers()) == ["bike", "post"]


@pytest.mark.parametrize(
    ("day", "cents"),
    [("2024-03-31", 310), ("2024-04-02", 260)],
    ids=["easter", "weekday"],
)
def test_post(day, cents):
    with freeze_time(day):
        assert Post().cents(100) == cents


@pytest.mark.network
@pytest.mark.skip(reason="the carriers' test servers are gone")
def test_prices_of_today():
    raise NotImplementedError


@pytest.mark.xfail(strict=True, reason="nobody takes more than 30 kg")
def test_too_heavy():
    with pytest.raises(ValueError):
        Post().cents(30_001)
