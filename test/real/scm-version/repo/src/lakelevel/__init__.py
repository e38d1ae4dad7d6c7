"""Water levels of lakes."""

from ._version import __version__
from .gauges import Reading, lakes, last_reading

__all__ = ["Reading", "__version__", "lakes", "last_reading"]
