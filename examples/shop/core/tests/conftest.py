"""What the tests share. Each test has a database of its own, in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from core.api.app import create_app
from core.database import Database
from core.services import catalog


@pytest_asyncio.fixture
async def database() -> AsyncIterator[Database]:
    """An empty shop."""
    db = Database("sqlite+aiosqlite:///:memory:")
    await db.create_tables()
    yield db
    await db.close()


@pytest_asyncio.fixture
async def stocked(database: Database) -> Database:
    """A shop with three products."""
    async with database.transaction() as session:
        for sku, name, price_cents, stock in (
            ("MUG-1", "Enamel mug", 12_50, 10),
            ("TEE-1", "T-shirt", 20_00, 5),
            ("BAG-1", "Canvas bag 100% cotton", 15_00, 1),
        ):
            await catalog.add_product(
                session, sku=sku, name=name, price_cents=price_cents, stock=stock
            )
    return database


@pytest_asyncio.fixture
async def client(stocked: Database) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks HTTP with the stocked shop; no socket is opened."""
    transport = httpx.ASGITransport(app=create_app(stocked))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as http:
        yield http
