"""Writes the API's shapes as TypeScript: `python -m core.api.typescript`.

The result is committed, as core/admin_ui/src/api/shapes.ts, and a test compares the
two: who changes a shape and forgets the UI learns it before the push.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from pathlib import Path

from core.api import shapes

TARGET = Path(__file__).parent.parent / "admin_ui" / "src" / "api" / "shapes.ts"
SHAPES = (
    shapes.ProductShape,
    shapes.LineShape,
    shapes.OrderShape,
    shapes.BestSellerShape,
    shapes.ReportShape,
)
PLAIN = {str: "string", int: "number", bool: "boolean", type(None): "null"}


def type_name(hint: object) -> str:
    """A Python type in TypeScript's words."""
    if isinstance(hint, type) and hint in PLAIN:
        return PLAIN[hint]
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return hint.__name__.removesuffix("Shape")
    if typing.get_origin(hint) is list:
        return f"readonly {type_name(typing.get_args(hint)[0])}[]"
    if isinstance(hint, types.UnionType):
        return " | ".join(type_name(part) for part in typing.get_args(hint))
    raise TypeError(f"no TypeScript for {hint!r}")


def render() -> str:
    """The whole file."""
    parts = ["// Written by `python -m core.api.typescript`; don't edit."]
    for shape in SHAPES:
        hints = typing.get_type_hints(shape)
        fields = [
            f"  readonly {field.name}: {type_name(hints[field.name])};"
            for field in dataclasses.fields(shape)
        ]
        parts.append(
            "\n".join([f"export interface {type_name(shape)} {{", *fields, "}"])
        )
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    TARGET.write_text(render(), encoding="utf-8", newline="\n")
