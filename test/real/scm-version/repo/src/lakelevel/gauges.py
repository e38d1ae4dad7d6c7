"""The gauges' table, which comes with the package."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True)
class Reading:
    lake: str
    day: str
    centimetres: int

    @property
    def metres(self) -> float:
        return self.centimetres / 100


def readings() -> list[Reading]:
    table = files("lakelevel").joinpath("data/gauges.csv").read_text(encoding="utf-8")
    return [
        Reading(row["lake"], row["day"], int(row["centimetres"]))
        for row in csv.DictReader(table.splitlines())
    ]


def lakes() -> list[str]:
    return sorted({reading.lake for reading in readings()})


def last_reading(lake: str) -> Reading:
    found = [reading for reading in readings() if reading.lake == lake]
    if not found:
        raise LookupError(f"no gauge in {lake}")
    return max(found, key=lambda reading: reading.day)
