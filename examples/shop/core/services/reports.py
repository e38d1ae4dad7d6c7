"""What the owner wants to know."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.models import Order, OrderLine, OrderStatus, Product

SOLD = (OrderStatus.PAID, OrderStatus.SHIPPED)


@dataclass(frozen=True)
class Sales:
    """Paid orders: how many, and what they brought in."""

    orders: int
    revenue_cents: int


@dataclass(frozen=True)
class BestSeller:
    """A product and how many of it were sold."""

    sku: str
    name: str
    sold: int


async def sales(session: AsyncSession) -> Sales:
    """The sum of all the orders that were paid and not cancelled."""
    query = select(
        func.count(Order.id), func.coalesce(func.sum(Order.total_cents), 0)
    ).where(Order.status.in_(SOLD))
    orders, revenue = (await session.execute(query)).one()
    return Sales(orders=orders, revenue_cents=revenue)


async def best_sellers(session: AsyncSession, *, limit: int = 3) -> list[BestSeller]:
    """What sells best, most first; ties by SKU."""
    sold = func.sum(OrderLine.quantity)
    query = (
        select(Product.sku, Product.name, sold)
        .join(OrderLine, OrderLine.sku == Product.sku)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.status.in_(SOLD))
        .group_by(Product.sku, Product.name)
        .order_by(sold.desc(), Product.sku)
        .limit(limit)
    )
    return [
        BestSeller(sku=sku, name=name, sold=count)
        for sku, name, count in await session.execute(query)
    ]
