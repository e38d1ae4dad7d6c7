"""Days and moons."""

from __future__ import annotations

import json
from datetime import date, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo


def day_in(zone: str, moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


def moon(day: date) -> str:
    names: list[str] = json.loads(files("almanach").joinpath("moons.json").read_text("utf-8"))
    age = (day - date(2000, 1, 6)).days % 29.530588
    return names[int(age / 29.530588 * len(names))]
