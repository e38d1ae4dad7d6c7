"""Quantiles of streams."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from more_itertools import always_iterable

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

__all__ = ["Stream", "Window"]


class Stream:
    def __init__(self) -> None:
        self._values: list[float] = []

    def add(self, values: float | Iterable[float]) -> None:
        self._values.extend(always_iterable(values))
        self._values.sort()

    def quantile(self, part: float) -> float:
        if not 0 <= part <= 1:
            raise ValueError(f"{part} is no part of 1")
        if not self._values:
            raise LookupError("nothing was added")
        return self._values[min(int(part * len(self._values)), len(self._values) - 1)]

    def __len__(self) -> int:
        return len(self._values)


class Window(Stream):
    def __init__(self, size: int) -> None:
        super().__init__()
        self._size = size
        self._order: list[float] = []

    @override
    def add(self, values: float | Iterable[float]) -> None:
        self._order.extend(always_iterable(values))
        del self._order[: -self._size]
        self._values = sorted(self._order)
