"""What it costs to send a parcel."""

from importlib.metadata import version

__version__ = version("parcel-rates")
