"""Reads request bodies: the right shape, or `Invalid` with the reason."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeVar

from starlette.requests import Request

from core.errors import Invalid

T = TypeVar("T", str, int)


async def read_body(request: Request) -> Mapping[str, object]:
    """The body's JSON object."""
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise Invalid("the body is not JSON") from None
    if not isinstance(body, dict):
        raise Invalid("the body is not a JSON object")
    return body


def required(body: Mapping[str, object], name: str, kind: type[T]) -> T:
    """A field that must be there."""
    value = optional(body, name, kind)
    if value is None:
        raise Invalid(f"{name} is missing")
    return value


def optional(body: Mapping[str, object], name: str, kind: type[T]) -> T | None:
    """A field that may be left out, or be null."""
    value = body.get(name)
    if value is None:
        return None
    # In Python, True is an int; in JSON it is not.
    if isinstance(value, bool) or not isinstance(value, kind):
        raise Invalid(f"{name} must be of type {kind.__name__}")
    return value


def quantities(body: Mapping[str, object]) -> dict[str, int]:
    """An order's lines, as {"SKU": quantity}."""
    value = body.get("quantities")
    if not isinstance(value, dict):
        raise Invalid('quantities must be an object such as {"MUG-1": 2}')
    return {str(sku): required(value, sku, int) for sku in value}
