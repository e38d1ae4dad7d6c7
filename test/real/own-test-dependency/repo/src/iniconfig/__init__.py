"""Reads INI files, with the line of each name."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from .lines import ParseError, sections_of

__all__ = ["IniConfig", "ParseError", "SectionWrapper"]


class SectionWrapper(Mapping[str, str]):
    def __init__(self, name: str, entries: dict[str, tuple[int, str]]) -> None:
        self.name = name
        self._entries = entries

    def __getitem__(self, key: str) -> str:
        return self._entries[key][1]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def lineof(self, key: str) -> int:
        return self._entries[key][0]


class IniConfig:
    def __init__(self, path: str | os.PathLike[str], data: str | None = None) -> None:
        self.path = os.fspath(path)
        text = Path(path).read_text(encoding="utf-8") if data is None else data
        self.sections: dict[str, dict[str, str]] = {}
        self._sections: dict[str, SectionWrapper] = {}
        for name, entries in sections_of(self.path, text).items():
            self._sections[name] = SectionWrapper(name, entries)
            self.sections[name] = dict(self._sections[name])

    def __contains__(self, name: str) -> bool:
        return name in self._sections

    def __getitem__(self, name: str) -> SectionWrapper:
        return self._sections[name]

    def __iter__(self) -> Iterator[SectionWrapper]:
        return iter(self._sections.values())

    def get(self, section: str, name: str, default: str | None = None) -> str | None:
        return self.sections.get(section, {}).get(name, default)
