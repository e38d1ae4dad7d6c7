from __future__ import annotations

import httpx
import pytest

from core.api import typescript

pytestmark = pytest.mark.asyncio


async def place(client: httpx.AsyncClient, **quantities: int) -> int:
    response = await client.post(
        "/orders",
        json={
            "customer": "ada@example.org",
            "quantities": {sku.replace("_", "-"): n for sku, n in quantities.items()},
        },
    )
    assert response.status_code == 201, response.text
    return int(response.json()["id"])


async def test_products(client: httpx.AsyncClient) -> None:
    response = await client.get("/products", params={"search": "mug"})
    assert response.status_code == 200
    assert response.json() == [
        {
            "sku": "MUG-1",
            "name": "Enamel mug",
            "price_cents": 12_50,
            "stock": 10,
            "retired": False,
        }
    ]


async def test_add_a_product(client: httpx.AsyncClient) -> None:
    product = {"sku": "CAP-1", "name": "Cap", "price_cents": 9_00}
    assert (await client.post("/products", json=product)).status_code == 201
    assert (await client.get("/products/CAP-1")).json()["stock"] == 0


async def test_add_a_product_twice(client: httpx.AsyncClient) -> None:
    product = {"sku": "MUG-1", "name": "Mug", "price_cents": 1}
    response = await client.post("/products", json=product)
    assert response.status_code == 409
    assert response.json() == {"error": "there is a product MUG-1 already"}


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{", "the body is not JSON"),
        (b"[]", "the body is not a JSON object"),
        (b'{"name": "Cap", "price_cents": 1}', "sku is missing"),
        (b'{"sku": 7, "name": "Cap"}', "sku must be of type str"),
        (
            b'{"sku": "C", "name": "Cap", "price_cents": true}',
            "price_cents must be of type int",
        ),
    ],
)
async def test_a_bad_body_is_explained(
    client: httpx.AsyncClient, body: bytes, error: str
) -> None:
    response = await client.post("/products", content=body)
    assert (response.status_code, response.json()) == (400, {"error": error})


async def test_restock_and_retire(client: httpx.AsyncClient) -> None:
    response = await client.post("/products/MUG-1/stock", json={"quantity": 2})
    assert response.json()["stock"] == 12
    assert (await client.delete("/products/MUG-1")).status_code == 204
    assert (await client.get("/products/MUG-1")).json()["retired"] is True


async def test_an_unknown_product(client: httpx.AsyncClient) -> None:
    assert (await client.get("/products/NOPE")).status_code == 404


async def test_an_order_from_first_to_last(client: httpx.AsyncClient) -> None:
    order_id = await place(client, MUG_1=2)
    for status in ("paid", "shipped"):
        response = await client.post(
            f"/orders/{order_id}/status", json={"status": status}
        )
        assert response.json()["status"] == status
    assert (await client.get(f"/orders/{order_id}")).json()["total_cents"] == 25_00
    shipped = await client.get("/orders", params={"status": "shipped"})
    assert [order["id"] for order in shipped.json()] == [order_id]


async def test_an_order_without_quantities(client: httpx.AsyncClient) -> None:
    response = await client.post("/orders", json={"customer": "ada@example.org"})
    assert response.status_code == 400
    assert response.json()["error"].startswith("quantities must be an object")


async def test_an_unknown_status(client: httpx.AsyncClient) -> None:
    response = await client.get("/orders", params={"status": "lost"})
    assert (response.status_code, response.json()) == (
        400,
        {"error": "unknown status: lost"},
    )


async def test_the_report(client: httpx.AsyncClient) -> None:
    order_id = await place(client, MUG_1=2)
    await client.post(f"/orders/{order_id}/status", json={"status": "paid"})
    assert (await client.get("/report")).json() == {
        "orders": 1,
        "revenue_cents": 25_00,
        "best_sellers": [{"sku": "MUG-1", "name": "Enamel mug", "sold": 2}],
    }


async def test_the_ui_knows_the_same_shapes() -> None:
    written = typescript.TARGET.read_text(encoding="utf-8")
    assert written == typescript.render(), "Run: python -m core.api.typescript"
