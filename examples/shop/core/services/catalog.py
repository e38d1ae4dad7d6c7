"""The catalogue: what there is to buy, and how much of it."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Conflict, Invalid, NotFound
from core.models import Product


async def add_product(
    session: AsyncSession, *, sku: str, name: str, price_cents: int, stock: int = 0
) -> Product:
    """Puts a new product on sale."""
    if not sku.strip() or not name.strip():
        raise Invalid("a product needs a SKU and a name")
    if price_cents < 0 or stock < 0:
        raise Invalid("price and stock can't be negative")
    if await session.get(Product, sku) is not None:
        raise Conflict(f"there is a product {sku} already")
    product = Product(sku=sku, name=name, price_cents=price_cents, stock=stock)
    session.add(product)
    await session.flush()
    return product


async def get_product(session: AsyncSession, sku: str) -> Product:
    """The product of that SKU, retired or not."""
    product = await session.get(Product, sku)
    if product is None:
        raise NotFound(f"no product {sku}")
    return product


async def list_products(
    session: AsyncSession, *, search: str | None = None
) -> list[Product]:
    """What is on sale, by name; with `search`, only names that contain it."""
    query = select(Product).where(Product.retired.is_(False)).order_by(Product.name)
    if search:
        query = query.where(Product.name.icontains(search, autoescape=True))
    return list(await session.scalars(query))


async def restock(session: AsyncSession, sku: str, quantity: int) -> Product:
    """Adds to the stock."""
    if quantity < 1:
        raise Invalid(f"can't restock by {quantity}")
    product = await get_product(session, sku)
    product.stock += quantity
    await session.flush()
    return product


async def take_from_stock(session: AsyncSession, sku: str, quantity: int) -> None:
    """Takes so many out of the stock, or refuses.

    One UPDATE decides, so two orders can't both get the last one.
    """
    taken = await session.execute(
        update(Product)
        .where(Product.sku == sku, Product.stock >= quantity)
        .values(stock=Product.stock - quantity)
        .returning(Product.sku)
    )
    if taken.first() is None:
        raise Conflict(f"not enough {sku} in stock")


async def retire(session: AsyncSession, sku: str) -> None:
    """Takes a product off sale; orders that have it keep it."""
    product = await get_product(session, sku)
    product.retired = True
    await session.flush()
