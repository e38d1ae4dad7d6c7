"""The command line."""

from __future__ import annotations

import sys

from .font import load_font


def main() -> int:
    text = load_font().render(" ".join(sys.argv[1:]) or "hi")
    try:
        from colorama import Fore
    except ImportError:
        print(text)
    else:
        print(f"{Fore.GREEN}{text}{Fore.RESET}")
    return 0
