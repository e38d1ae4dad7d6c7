"""Prices: pure functions, no database."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.errors import Invalid


@dataclass(frozen=True)
class Discount:
    """A percentage off baskets that cost enough."""

    code: str
    percent: int
    minimum_cents: int = 0


@dataclass
class Basket:
    """(unit price in cents, quantity) pairs; each basket has a list of its own."""

    items: list[tuple[int, int]] = field(default_factory=list)

    def add(self, unit_price_cents: int, quantity: int) -> None:
        """Puts so many of something into the basket."""
        if quantity < 1:
            raise Invalid(f"quantity must be at least 1, not {quantity}")
        self.items.append((unit_price_cents, quantity))

    @property
    def subtotal_cents(self) -> int:
        """The sum before any discount."""
        return sum(price * quantity for price, quantity in self.items)


DISCOUNTS = {
    discount.code: discount
    for discount in (
        Discount("WELCOME", percent=10),
        Discount("BULK", percent=20, minimum_cents=100_00),
    )
}


def find_discount(code: str | None) -> Discount | None:
    """The discount of that code; no code, no discount."""
    if code is None:
        return None
    try:
        return DISCOUNTS[code.strip().upper()]
    except KeyError:
        raise Invalid(f"unknown discount code: {code}") from None


def total_cents(basket: Basket, discount: Discount | None = None) -> int:
    """What the basket costs; a discount is rounded down to whole cents."""
    subtotal = basket.subtotal_cents
    if discount is None or subtotal < discount.minimum_cents:
        return subtotal
    return subtotal - subtotal * discount.percent // 100


def format_cents(cents: int) -> str:
    """As people read it: 123456 is 1,234.56."""
    sign = "-" if cents < 0 else ""
    whole, rest = divmod(abs(cents), 100)
    return f"{sign}{whole:,}.{rest:02}"
