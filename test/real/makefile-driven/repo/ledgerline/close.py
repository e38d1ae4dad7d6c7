"""Closing the books."""

from __future__ import annotations

import os
import sys
from decimal import Decimal

from babel.numbers import format_currency

from .accounts import load


def total(month: str) -> str:
    cents = sum(load(month).values())
    amount = Decimal(cents) / 100
    return str(format_currency(amount, os.environ["LEDGER_CURRENCY"], locale="de_DE"))


def main() -> int:
    print(total(sys.argv[1]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
