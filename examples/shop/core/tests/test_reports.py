from __future__ import annotations

import pytest

from core.database import Database
from core.models import OrderStatus
from core.services import orders, reports
from core.services.reports import BestSeller, Sales

pytestmark = pytest.mark.asyncio


async def sell(database: Database, status: OrderStatus, **quantities: int) -> None:
    async with database.transaction() as session:
        order = await orders.place_order(
            session,
            customer="ada@example.org",
            quantities={sku.replace("_", "-"): n for sku, n in quantities.items()},
        )
        if status is not OrderStatus.NEW:
            await orders.move_order(session, order.id, status)


async def test_a_shop_that_sold_nothing(stocked: Database) -> None:
    async with stocked.transaction() as session:
        assert await reports.sales(session) == Sales(orders=0, revenue_cents=0)
        assert await reports.best_sellers(session) == []


async def test_only_paid_orders_count(stocked: Database) -> None:
    await sell(stocked, OrderStatus.PAID, MUG_1=2)
    await sell(stocked, OrderStatus.NEW, MUG_1=1)
    await sell(stocked, OrderStatus.CANCELLED, TEE_1=1)
    async with stocked.transaction() as session:
        assert await reports.sales(session) == Sales(orders=1, revenue_cents=25_00)


async def test_best_sellers_come_first(stocked: Database) -> None:
    await sell(stocked, OrderStatus.PAID, MUG_1=1, TEE_1=2)
    await sell(stocked, OrderStatus.PAID, BAG_1=1)
    async with stocked.transaction() as session:
        assert await reports.best_sellers(session, limit=2) == [
            BestSeller("TEE-1", "T-shirt", 2),
            BestSeller("BAG-1", "Canvas bag 100% cotton", 1),
        ]
