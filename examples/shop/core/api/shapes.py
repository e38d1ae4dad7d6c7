"""What goes over the wire. The UI's types are written from these: see typescript.py."""

from __future__ import annotations

from dataclasses import dataclass

from core.models import Order, Product


@dataclass(frozen=True)
class ProductShape:
    """A product, as the API shows it."""

    sku: str
    name: str
    price_cents: int
    stock: int
    retired: bool

    @classmethod
    def of(cls, product: Product) -> ProductShape:
        """The shape of a row."""
        return cls(
            sku=product.sku,
            name=product.name,
            price_cents=product.price_cents,
            stock=product.stock,
            retired=product.retired,
        )


@dataclass(frozen=True)
class LineShape:
    """A line of an order."""

    sku: str
    quantity: int
    unit_price_cents: int


@dataclass(frozen=True)
class OrderShape:
    """An order, as the API shows it."""

    id: int
    customer: str
    status: str
    discount_code: str | None
    total_cents: int
    lines: list[LineShape]

    @classmethod
    def of(cls, order: Order) -> OrderShape:
        """The shape of a row and its lines."""
        return cls(
            id=order.id,
            customer=order.customer,
            status=order.status.value,
            discount_code=order.discount_code,
            total_cents=order.total_cents,
            lines=[
                LineShape(line.sku, line.quantity, line.unit_price_cents)
                for line in order.lines
            ],
        )


@dataclass(frozen=True)
class BestSellerShape:
    """A product and how many of it were sold."""

    sku: str
    name: str
    sold: int


@dataclass(frozen=True)
class ReportShape:
    """The owner's report."""

    orders: int
    revenue_cents: int
    best_sellers: list[BestSellerShape]
