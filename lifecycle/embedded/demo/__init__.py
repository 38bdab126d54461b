"""The demo book: about forty invented accounts with eighteen months of history up to the day it is loaded."""

from .book import journeys
from .stories import Journey

__all__ = ["Journey", "journeys"]
