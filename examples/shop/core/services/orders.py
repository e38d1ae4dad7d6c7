"""Orders: placed, paid, shipped, or cancelled."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Conflict, Invalid, NotFound
from core.models import Order, OrderLine, OrderStatus, Product
from core.services import catalog
from core.services.pricing import Basket, find_discount, total_cents

NEXT: Mapping[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.NEW: frozenset({OrderStatus.PAID, OrderStatus.CANCELLED}),
    OrderStatus.PAID: frozenset({OrderStatus.SHIPPED, OrderStatus.CANCELLED}),
    OrderStatus.SHIPPED: frozenset(),
    OrderStatus.CANCELLED: frozenset(),
}


async def place_order(
    session: AsyncSession,
    *,
    customer: str,
    quantities: Mapping[str, int],
    discount_code: str | None = None,
) -> Order:
    """Takes the goods from stock and writes the order at today's prices."""
    if "@" not in customer:
        raise Invalid(f"not an e-mail address: {customer}")
    if not quantities:
        raise Invalid("an order needs at least one line")
    discount = find_discount(discount_code)
    basket = Basket()
    lines = []
    for sku, quantity in sorted(quantities.items()):
        product = await catalog.get_product(session, sku)
        if product.retired:
            raise Conflict(f"{sku} is no longer on sale")
        basket.add(product.price_cents, quantity)
        await catalog.take_from_stock(session, sku, quantity)
        lines.append(
            OrderLine(sku=sku, quantity=quantity, unit_price_cents=product.price_cents)
        )
    order = Order(
        customer=customer,
        status=OrderStatus.NEW,
        discount_code=discount.code if discount else None,
        total_cents=total_cents(basket, discount),
        lines=lines,
    )
    session.add(order)
    await session.flush()
    return order


async def get_order(session: AsyncSession, order_id: int) -> Order:
    """The order of that number."""
    order = await session.get(Order, order_id)
    if order is None:
        raise NotFound(f"no order {order_id}")
    return order


async def list_orders(
    session: AsyncSession, *, status: OrderStatus | None = None
) -> list[Order]:
    """Orders, the newest first."""
    query = select(Order).order_by(Order.id.desc())
    if status is not None:
        query = query.where(Order.status == status)
    return list(await session.scalars(query))


async def move_order(
    session: AsyncSession, order_id: int, status: OrderStatus
) -> Order:
    """Moves an order on; a cancelled order's goods go back into stock."""
    order = await get_order(session, order_id)
    if status not in NEXT[order.status]:
        raise Conflict(f"order {order_id} is {order.status}: it can't become {status}")
    if status is OrderStatus.CANCELLED:
        for line in order.lines:
            product = await session.get_one(Product, line.sku)
            product.stock += line.quantity
    order.status = status
    await session.flush()
    return order
