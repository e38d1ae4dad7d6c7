"""Fonts, one file each in the package."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.resources import files

from wcwidth import wcswidth


@dataclass(frozen=True)
class Font:
    name: str
    glyphs: dict[str, list[str]]

    def render(self, text: str) -> str:
        rows = zip(*(self.glyphs[letter] for letter in text.upper()))
        return "\n".join(" ".join(row) for row in rows)

    def width(self, text: str) -> int:
        return max(wcswidth(row) for row in self.render(text).splitlines())


def load_font(name: str | None = None) -> Font:
    name = name or os.environ["GLYPHBOARD_FONT"]
    text = files("glyphboard").joinpath(f"fonts/{name}.txt").read_text(encoding="utf-8")
    glyphs = {}
    for part in text.strip().split("\n\n"):
        letter, *rows = part.split("\n")
        glyphs[letter] = rows
    return Font(name, glyphs)
