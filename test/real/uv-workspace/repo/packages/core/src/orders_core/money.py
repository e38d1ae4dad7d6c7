"""Amounts of money."""

import json
from dataclasses import dataclass
from importlib.resources import files

_form = json.loads(files("orders_core").joinpath("form.json").read_text(encoding="utf-8"))


@dataclass(frozen=True, order=True)
class Money:
    cents: int

    def __str__(self) -> str:
        return f"{self.cents // 100}{_form['point']}{self.cents % 100:02} {_form['sign']}"

    def __add__(self, other: "Money") -> "Money":
        return Money(self.cents + other.cents)
