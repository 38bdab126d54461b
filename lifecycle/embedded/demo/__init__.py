"""The demo book: about forty invented accounts with eighteen months of history up to the day it is loaded."""

from .book import journeys
from .loading import load_demo
from .stories import Journey
from .work import load_work

__all__ = ["Journey", "journeys", "load_demo", "load_work"]
