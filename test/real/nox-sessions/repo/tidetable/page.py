"""Tides as a page."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader

from .tides import Tide, tides

environment = Environment(loader=PackageLoader("tidetable"), autoescape=True)


def page(harbour: str, times: list[Tide]) -> str:
    return environment.get_template("page.html.j2").render(harbour=harbour, tides=times)


def main() -> None:
    print(page("Husum", tides(75)))
