"""`python -m almanach`, or `almanach`."""

from __future__ import annotations

import sys
from datetime import datetime, timezone

from . import day_in, moon


def main() -> int:
    zone = sys.argv[1] if len(sys.argv) > 1 else "UTC"
    day = day_in(zone, datetime.now(timezone.utc))
    print(f"{day.isoformat()} {moon(day)} moon")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
