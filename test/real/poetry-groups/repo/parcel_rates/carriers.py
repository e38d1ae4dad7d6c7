"""Carriers, which are found by their entry points."""

from __future__ import annotations

import datetime
from importlib.metadata import entry_points
from typing import Protocol

from dateutil.easter import easter


class Carrier(Protocol):
    def cents(self, grams: int) -> int: ...


class Bike:
    def cents(self, grams: int) -> int:
        return 500 if grams <= 5000 else 900


class Post:
    def cents(self, grams: int) -> int:
        today = datetime.date.today()
        return (300 if today == easter(today.year) else 250) + grams // 10


def carriers() -> dict[str, Carrier]:
    found = entry_points(group="parcel_rates.carriers")
    return {entry.name: entry.load()() for entry in sorted(found, key=lambda entry: entry.name)}
