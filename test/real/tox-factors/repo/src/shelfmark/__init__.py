"""Call numbers of libraries."""

from .mark import Mark, parse

__all__ = ["Mark", "parse"]
