from __future__ import annotations

import pytest

from core.database import Database
from core.errors import Conflict, Invalid, NotFound
from core.models import OrderStatus
from core.services import catalog, orders

pytestmark = pytest.mark.asyncio


async def place(database: Database, code: str | None = None, **quantities: int) -> int:
    async with database.transaction() as session:
        order = await orders.place_order(
            session,
            customer="ada@example.org",
            quantities={sku.replace("_", "-"): n for sku, n in quantities.items()},
            discount_code=code,
        )
    return order.id


async def stock_of(database: Database, sku: str) -> int:
    async with database.transaction() as session:
        return (await catalog.get_product(session, sku)).stock


async def test_an_order_adds_up(stocked: Database) -> None:
    order_id = await place(stocked, MUG_1=2, TEE_1=1)
    async with stocked.transaction() as session:
        order = await orders.get_order(session, order_id)
    assert order.total_cents == 45_00
    assert [(line.sku, line.quantity) for line in order.lines] == [
        ("MUG-1", 2),
        ("TEE-1", 1),
    ]


async def test_an_order_takes_from_stock(stocked: Database) -> None:
    await place(stocked, MUG_1=2)
    assert await stock_of(stocked, "MUG-1") == 8


async def test_a_discount_counts(stocked: Database) -> None:
    order_id = await place(stocked, code="welcome", TEE_1=1)
    async with stocked.transaction() as session:
        order = await orders.get_order(session, order_id)
    assert (order.total_cents, order.discount_code) == (18_00, "WELCOME")


async def test_all_or_nothing(stocked: Database) -> None:
    with pytest.raises(Conflict, match="not enough TEE-1"):
        await place(stocked, MUG_1=1, TEE_1=6)
    assert await stock_of(stocked, "MUG-1") == 10


async def test_the_price_of_the_day_is_kept(stocked: Database) -> None:
    order_id = await place(stocked, MUG_1=1)
    async with stocked.transaction() as session:
        (await catalog.get_product(session, "MUG-1")).price_cents = 99_00
    async with stocked.transaction() as session:
        order = await orders.get_order(session, order_id)
    assert order.lines[0].unit_price_cents == 12_50


async def test_the_last_one_is_sold_once(stocked: Database) -> None:
    await place(stocked, BAG_1=1)
    with pytest.raises(Conflict):
        await place(stocked, BAG_1=1)


async def test_a_retired_product_is_not_sold(stocked: Database) -> None:
    async with stocked.transaction() as session:
        await catalog.retire(session, "MUG-1")
    with pytest.raises(Conflict, match="no longer on sale"):
        await place(stocked, MUG_1=1)


async def test_an_order_needs_lines(stocked: Database) -> None:
    with pytest.raises(Invalid, match="at least one line"):
        await place(stocked)


async def test_an_order_needs_a_customer(stocked: Database) -> None:
    with pytest.raises(Invalid, match="not an e-mail address: nobody"):
        async with stocked.transaction() as session:
            await orders.place_order(
                session, customer="nobody", quantities={"MUG-1": 1}
            )


async def test_an_unknown_order(stocked: Database) -> None:
    with pytest.raises(NotFound, match="no order 404"):
        async with stocked.transaction() as session:
            await orders.get_order(session, 404)


@pytest.mark.parametrize(
    "path",
    [
        [OrderStatus.PAID],
        [OrderStatus.PAID, OrderStatus.SHIPPED],
        [OrderStatus.CANCELLED],
        [OrderStatus.PAID, OrderStatus.CANCELLED],
    ],
)
async def test_an_order_moves_on(stocked: Database, path: list[OrderStatus]) -> None:
    order_id = await place(stocked, MUG_1=1)
    for status in path:
        async with stocked.transaction() as session:
            order = await orders.move_order(session, order_id, status)
    assert order.status is path[-1]


@pytest.mark.parametrize(
    ("path", "then"),
    [
        ([], OrderStatus.SHIPPED),
        ([OrderStatus.PAID], OrderStatus.PAID),
        ([OrderStatus.CANCELLED], OrderStatus.PAID),
        ([OrderStatus.PAID, OrderStatus.SHIPPED], OrderStatus.CANCELLED),
    ],
)
async def test_an_order_does_not_jump(
    stocked: Database, path: list[OrderStatus], then: OrderStatus
) -> None:
    order_id = await place(stocked, MUG_1=1)
    for status in path:
        async with stocked.transaction() as session:
            await orders.move_order(session, order_id, status)
    with pytest.raises(Conflict, match=f"can't become {then}"):
        async with stocked.transaction() as session:
            await orders.move_order(session, order_id, then)


async def test_cancelling_gives_the_goods_back(stocked: Database) -> None:
    order_id = await place(stocked, MUG_1=3)
    async with stocked.transaction() as session:
        await orders.move_order(session, order_id, OrderStatus.CANCELLED)
    assert await stock_of(stocked, "MUG-1") == 10


async def test_the_newest_order_comes_first(stocked: Database) -> None:
    first, second = await place(stocked, MUG_1=1), await place(stocked, MUG_1=1)
    async with stocked.transaction() as session:
        found = await orders.list_orders(session)
    assert [order.id for order in found] == [second, first]


async def test_orders_by_status(stocked: Database) -> None:
    await place(stocked, MUG_1=1)
    paid = await place(stocked, MUG_1=1)
    async with stocked.transaction() as session:
        await orders.move_order(session, paid, OrderStatus.PAID)
        found = await orders.list_orders(session, status=OrderStatus.PAID)
    assert [order.id for order in found] == [paid]
