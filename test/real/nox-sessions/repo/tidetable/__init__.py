"""Tables of tides."""

from .tides import Tide, tides

__all__ = ["Tide", "tides"]
