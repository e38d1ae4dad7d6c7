"""Accounts, from YAML."""

from __future__ import annotations

from pathlib import Path

import yaml

BOOKS = Path(__file__).parent.parent / "books"


def load(month: str) -> dict[str, int]:
    text = (BOOKS / f"{month}.yaml").read_text(encoding="utf-8")
    accounts: dict[str, int] = yaml.safe_load(text)
    return accounts


def months() -> list[str]:
    return sorted(path.stem for path in BOOKS.glob("*.yaml"))
