"""What all parts of the shop share."""

from .money import Money

__all__ = ["Money"]
