from __future__ import annotations

import pytest

from core.database import Database
from core.errors import Conflict, Invalid, NotFound
from core.services import catalog

pytestmark = pytest.mark.asyncio


async def test_a_new_shop_is_empty(database: Database) -> None:
    async with database.transaction() as session:
        assert await catalog.list_products(session) == []


async def test_a_product_is_kept(database: Database) -> None:
    async with database.transaction() as session:
        await catalog.add_product(session, sku="A", name="Apple", price_cents=50)
    async with database.transaction() as session:
        product = await catalog.get_product(session, "A")
    assert (product.name, product.price_cents, product.stock) == ("Apple", 50, 0)


async def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError):
        async with database.transaction() as session:
            await catalog.add_product(session, sku="A", name="Apple", price_cents=50)
            raise RuntimeError("the power went out")
    async with database.transaction() as session:
        assert await catalog.list_products(session) == []


async def test_a_sku_is_taken_once(stocked: Database) -> None:
    with pytest.raises(Conflict, match="MUG-1 already"):
        async with stocked.transaction() as session:
            await catalog.add_product(session, sku="MUG-1", name="Mug", price_cents=1)


@pytest.mark.parametrize(
    ("sku", "name", "price_cents", "stock"),
    [
        ("", "Apple", 1, 0),
        ("A", " ", 1, 0),
        ("A", "Apple", -1, 0),
        ("A", "Apple", 1, -1),
    ],
)
async def test_nonsense_is_refused(
    database: Database, sku: str, name: str, price_cents: int, stock: int
) -> None:
    with pytest.raises(Invalid):
        async with database.transaction() as session:
            await catalog.add_product(
                session, sku=sku, name=name, price_cents=price_cents, stock=stock
            )


async def test_an_unknown_product(stocked: Database) -> None:
    with pytest.raises(NotFound, match="no product NOPE"):
        async with stocked.transaction() as session:
            await catalog.get_product(session, "NOPE")


async def test_the_list_is_by_name(stocked: Database) -> None:
    async with stocked.transaction() as session:
        products = await catalog.list_products(session)
    assert [product.sku for product in products] == ["BAG-1", "MUG-1", "TEE-1"]


@pytest.mark.parametrize(
    ("search", "expected"), [("MUG", ["MUG-1"]), ("100%", ["BAG-1"]), ("%", ["BAG-1"])]
)
async def test_search(stocked: Database, search: str, expected: list[str]) -> None:
    async with stocked.transaction() as session:
        products = await catalog.list_products(session, search=search)
    assert [product.sku for product in products] == expected


async def test_restock(stocked: Database) -> None:
    async with stocked.transaction() as session:
        product = await catalog.restock(session, "MUG-1", 5)
    assert product.stock == 15


async def test_restock_by_nothing(stocked: Database) -> None:
    with pytest.raises(Invalid, match="can't restock by 0"):
        async with stocked.transaction() as session:
            await catalog.restock(session, "MUG-1", 0)


async def test_stock_never_goes_below_zero(stocked: Database) -> None:
    with pytest.raises(Conflict, match="not enough BAG-1"):
        async with stocked.transaction() as session:
            await catalog.take_from_stock(session, "BAG-1", 2)
    async with stocked.transaction() as session:
        assert (await catalog.get_product(session, "BAG-1")).stock == 1


async def test_a_retired_product_is_not_listed(stocked: Database) -> None:
    async with stocked.transaction() as session:
        await catalog.retire(session, "MUG-1")
        products = await catalog.list_products(session, search="mug")
        assert products == []
        assert (await catalog.get_product(session, "MUG-1")).retired
