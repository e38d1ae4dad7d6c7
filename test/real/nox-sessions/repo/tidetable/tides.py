"""When the water is high."""

from __future__ import annotations

from dataclasses import dataclass

PERIOD = 12 * 60 + 25


@dataclass(frozen=True)
class Tide:
    minute: int

    @property
    def clock(self) -> str:
        return f"{self.minute // 60:02}:{self.minute % 60:02}"


def tides(first: int, until: int = 24 * 60) -> list[Tide]:
    return [Tide(minute) for minute in range(first, until, PERIOD)]
