"""Failures of the surroundings: settings, servers, files. The entry points print them and end."""


class Failure(Exception):
    """What is wrong, where, and what to do, in words for the person at the terminal.

    The entry points print the message without a traceback and exit with `exit_code`.
    """

    exit_code = 1


class NoServer(Failure):
    """No Temporal server answers, or not for this namespace."""

    exit_code = 3
