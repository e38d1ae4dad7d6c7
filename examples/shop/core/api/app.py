"""The routes. Run it: uvicorn --factory core.api.app:create_app"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.api.requests import optional, quantities, read_body, required
from core.api.shapes import BestSellerShape, OrderShape, ProductShape, ReportShape
from core.database import Database
from core.errors import Conflict, Invalid, NotFound
from core.models import OrderStatus
from core.services import catalog, orders, reports


def create_app(database: Database | None = None) -> Starlette:
    """The app; without a database it opens the one that SHOP_DATABASE names."""
    db = database or Database(
        os.environ.get("SHOP_DATABASE", "sqlite+aiosqlite:///shop.db")
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await db.create_tables()
        yield
        await db.close()

    async def list_products(request: Request) -> Response:
        async with db.transaction() as session:
            found = await catalog.list_products(
                session, search=request.query_params.get("search")
            )
        return show([ProductShape.of(product) for product in found])

    async def add_product(request: Request) -> Response:
        body = await read_body(request)
        async with db.transaction() as session:
            product = await catalog.add_product(
                session,
                sku=required(body, "sku", str),
                name=required(body, "name", str),
                price_cents=required(body, "price_cents", int),
                stock=optional(body, "stock", int) or 0,
            )
        return show(ProductShape.of(product), status_code=201)

    async def get_product(request: Request) -> Response:
        async with db.transaction() as session:
            product = await catalog.get_product(session, request.path_params["sku"])
        return show(ProductShape.of(product))

    async def restock(request: Request) -> Response:
        body = await read_body(request)
        async with db.transaction() as session:
            product = await catalog.restock(
                session, request.path_params["sku"], required(body, "quantity", int)
            )
        return show(ProductShape.of(product))

    async def retire(request: Request) -> Response:
        async with db.transaction() as session:
            await catalog.retire(session, request.path_params["sku"])
        return Response(status_code=204)

    async def list_orders(request: Request) -> Response:
        status = request.query_params.get("status")
        async with db.transaction() as session:
            found = await orders.list_orders(
                session, status=None if status is None else read_status(status)
            )
        return show([OrderShape.of(order) for order in found])

    async def place_order(request: Request) -> Response:
        body = await read_body(request)
        async with db.transaction() as session:
            order = await orders.place_order(
                session,
                customer=required(body, "customer", str),
                quantities=quantities(body),
                discount_code=optional(body, "discount_code", str),
            )
        return show(OrderShape.of(order), status_code=201)

    async def get_order(request: Request) -> Response:
        async with db.transaction() as session:
            order = await orders.get_order(session, request.path_params["id"])
        return show(OrderShape.of(order))

    async def move_order(request: Request) -> Response:
        body = await read_body(request)
        status = read_status(required(body, "status", str))
        async with db.transaction() as session:
            order = await orders.move_order(session, request.path_params["id"], status)
        return show(OrderShape.of(order))

    async def report(_: Request) -> Response:
        async with db.transaction() as session:
            sold = await reports.sales(session)
            best = await reports.best_sellers(session)
        return show(
            ReportShape(
                orders=sold.orders,
                revenue_cents=sold.revenue_cents,
                best_sellers=[
                    BestSellerShape(item.sku, item.name, item.sold) for item in best
                ],
            )
        )

    return Starlette(
        lifespan=lifespan,
        routes=[
            Route("/products", list_products, methods=["GET"]),
            Route("/products", add_product, methods=["POST"]),
            Route("/products/{sku}", get_product, methods=["GET"]),
            Route("/products/{sku}", retire, methods=["DELETE"]),
            Route("/products/{sku}/stock", restock, methods=["POST"]),
            Route("/orders", list_orders, methods=["GET"]),
            Route("/orders", place_order, methods=["POST"]),
            Route("/orders/{id:int}", get_order, methods=["GET"]),
            Route("/orders/{id:int}/status", move_order, methods=["POST"]),
            Route("/report", report, methods=["GET"]),
        ],
        exception_handlers={
            Invalid: lambda _, error: problem(400, error),
            NotFound: lambda _, error: problem(404, error),
            Conflict: lambda _, error: problem(409, error),
        },
    )


def read_status(text: str) -> OrderStatus:
    """An order status by its name."""
    try:
        return OrderStatus(text)
    except ValueError:
        raise Invalid(f"unknown status: {text}") from None


def show(shape: object, status_code: int = 200) -> Response:
    """A shape, or a list of shapes, as JSON."""
    if isinstance(shape, list):
        return JSONResponse([dataclasses.asdict(item) for item in shape], status_code)
    assert dataclasses.is_dataclass(shape) and not isinstance(shape, type)
    return JSONResponse(dataclasses.asdict(shape), status_code)


def problem(status_code: int, error: Exception) -> Response:
    """Why a request was refused."""
    return JSONResponse({"error": str(error)}, status_code)
