"""Knows which day it is elsewhere."""

from .days import day_in, moon

__version__ = "1.2.0"
__all__ = ["__version__", "day_in", "moon"]
