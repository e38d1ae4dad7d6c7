"""The command line."""

from __future__ import annotations

import argparse
import sys

from . import __version__
from .gauges import last_reading


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="lakelevel")
    parser.add_argument("--version", action="version", version=f"lakelevel {__version__}")
    parser.add_argument("lake")
    wanted = parser.parse_args(argv)
    try:
        reading = last_reading(wanted.lake)
    except LookupError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{reading.lake}: {reading.metres:.2f} m on {reading.day}")
    return 0
