from __future__ import annotations

import pytest

from core.errors import Invalid
from core.services.pricing import (
    Basket,
    Discount,
    find_discount,
    format_cents,
    total_cents,
)


def basket_of(*items: tuple[int, int]) -> Basket:
    basket = Basket()
    for price, quantity in items:
        basket.add(price, quantity)
    return basket


def test_an_empty_basket_costs_nothing() -> None:
    assert total_cents(Basket()) == 0


def test_two_baskets_share_nothing() -> None:
    first, second = Basket(), Basket()
    first.add(1_00, 1)
    assert second.items == []


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([(10_00, 1)], 10_00),
        ([(10_00, 3)], 30_00),
        ([(10_00, 1), (2_50, 2)], 15_00),
        ([(0, 5)], 0),
    ],
)
def test_subtotal(items: list[tuple[int, int]], expected: int) -> None:
    assert basket_of(*items).subtotal_cents == expected


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_line_needs_a_quantity(quantity: int) -> None:
    with pytest.raises(Invalid, match="at least 1"):
        Basket().add(1_00, quantity)


@pytest.mark.parametrize(
    ("subtotal", "percent", "expected"),
    [(10_00, 10, 9_00), (9_99, 10, 9_00), (1, 50, 1), (10_00, 100, 0)],
)
def test_a_discount_is_rounded_down(subtotal: int, percent: int, expected: int) -> None:
    assert total_cents(basket_of((subtotal, 1)), Discount("X", percent)) == expected


@pytest.mark.parametrize(("subtotal", "expected"), [(99_99, 99_99), (100_00, 80_00)])
def test_a_minimum_must_be_reached(subtotal: int, expected: int) -> None:
    bulk = find_discount("BULK")
    assert total_cents(basket_of((subtotal, 1)), bulk) == expected


@pytest.mark.parametrize("code", ["WELCOME", "welcome", " Welcome "])
def test_codes_are_forgiving(code: str) -> None:
    discount = find_discount(code)
    assert discount is not None and discount.percent == 10


def test_no_code_no_discount() -> None:
    assert find_discount(None) is None


def test_an_unknown_code_is_refused() -> None:
    with pytest.raises(Invalid, match="unknown discount code: FREE"):
        find_discount("FREE")


@pytest.mark.parametrize(
    ("cents", "text"),
    [(0, "0.00"), (5, "0.05"), (123456, "1,234.56"), (-150, "-1.50")],
)
def test_format(cents: int, text: str) -> None:
    assert format_cents(cents) == text
