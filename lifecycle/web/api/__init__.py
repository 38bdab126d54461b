"""The API for services and programs, under `/v1`: the same data as `admin --json`, the same words when refused.

What is read comes from the database, what is ordered goes to Temporal. 202 means Temporal has it, 200 that it is done.
"""

from .routes import routes as routes
