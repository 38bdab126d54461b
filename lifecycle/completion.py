"""Completion of `lifecycle admin …`: the shell's question is passed on to the part it is about."""

import os
from collections.abc import Collection
from typing import Final

ASKED: Final = "_LIFECYCLE_COMPLETE"


def pass_on(parts: Collection[str]) -> str | None:
    """The part the shell wants completions of, if any; its name is taken out of the question.

    Bash asks by COMP_WORDS and COMP_CWORD, the other shells by _TYPER_COMPLETE_ARGS.
    """
    if ASKED not in os.environ:
        return None
    variable = "COMP_WORDS" if "COMP_WORDS" in os.environ else "_TYPER_COMPLETE_ARGS"
    line = os.environ.get(variable, "")
    words = line.split(maxsplit=2)
    # While the part's own name is still being typed there is nothing behind it.
    name_is_done = len(words) > 2 or line != line.rstrip()
    if len(words) < 2 or words[1] not in parts or not name_is_done:
        return None
    os.environ[variable] = f"{words[0]} {words[2] if len(words) > 2 else ''}"
    if variable == "COMP_WORDS":
        os.environ["COMP_CWORD"] = str(int(os.environ["COMP_CWORD"]) - 1)
    return words[1]
