"""A call number, and how to read one."""

import re

import attrs


@attrs.frozen(order=True)
class Mark:
    group: str
    number: int = attrs.field(validator=attrs.validators.ge(1))
    cutter: str = ""

    def __str__(self) -> str:
        return f"{self.group} {self.number} {self.cutter}".strip()


def parse(text: str) -> Mark:
    found = re.fullmatch(r"([A-Z]{1,3}) ?(\d+)(?: ?([A-Z]\d+))?", text.strip())
    if found is None:
        raise ValueError(f"no call number: {text}")
    group, number, cutter = found.groups()
    return Mark(group, int(number), cutter or "")
