"""What charts show: plain data out of a report's rows, drawn in the browser by static/charts.js.

A chart never says more than the report's table: it is made of the same rows.
"""

from .drawn import charts_of

__all__ = ["charts_of"]
