"""Hashes of words, in C where that can be built."""

from .pure import fnv1a as pure_fnv1a
from .table import Table

try:
    from ._speedups import fnv1a
except ImportError:  # no compiler when it was installed
    fnv1a = pure_fnv1a

__all__ = ["Table", "fnv1a", "pure_fnv1a"]
