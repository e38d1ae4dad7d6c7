"""Lines of an INI file."""

from __future__ import annotations

Entries = dict[str, tuple[int, str]]


class ParseError(Exception):
    def __init__(self, path: str, lineno: int, msg: str) -> None:
        super().__init__(path, lineno, msg)
        self.path = path
        self.lineno = lineno
        self.msg = msg

    def __str__(self) -> str:
        return f"{self.path}:{self.lineno + 1}: {self.msg}"


def sections_of(path: str, text: str) -> dict[str, Entries]:
    found: dict[str, Entries] = {}
    section: Entries | None = None
    name: str | None = None
    for at, line in enumerate(text.splitlines()):
        stripped = line.strip()
        if not stripped or stripped[0] in "#;":
            continue
        if line[0].isspace() and section is not None and name is not None:
            first, value = section[name]
            section[name] = (first, f"{value}\n{stripped}" if value else stripped)
        elif stripped.startswith("[") and stripped.endswith("]"):
            title = stripped[1:-1].strip()
            if title in found:
                raise ParseError(path, at, f"duplicate section {title!r}")
            section, name = found.setdefault(title, {}), None
        else:
            name, value = _entry(path, at, stripped)
            if section is None:
                raise ParseError(path, at, "no section header defined")
            if name in section:
                raise ParseError(path, at, f"duplicate name {name!r}")
            section[name] = (at, value)
    return found


def _entry(path: str, at: int, line: str) -> tuple[str, str]:
    places = [place for place in (line.find("="), line.find(":")) if place > 0]
    if not places:
        raise ParseError(path, at, f"unexpected line: {line!r}")
    place = min(places)
    return line[:place].strip(), line[place + 1 :].strip()
