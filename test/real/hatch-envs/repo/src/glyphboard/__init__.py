"""Large letters for small screens."""

from .__about__ import __version__
from .font import Font, load_font

__all__ = ["Font", "__version__", "load_font"]
