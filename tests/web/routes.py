"""Every route of an app, with the right it asks for: what the table in docs/security.md is made from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from lifecycle.web.who import RIGHTS, Right, Role

OPEN: Final = {
    "/healthz": "says only whether the door works",
    "/static": "the same for everybody",
    "/sign-in": "where strangers begin",
    "/sign-in/{token}": "the link is the proof",
    "/sign-in/oidc": "leads to the provider",
    "/sign-in/oidc/back": "what the provider signed is the proof",
    "/sign-out": "ends the session that asks",
    "/unsubscribe/{token}": "the link is the proof",
    "/unsubscribe/{token}/undo": "the link is the proof",
    "/hooks/{name}": "the signature, or the secret in the address, is the proof",
    "/hooks/{name}/{token}": "the signature, or the secret in the address, is the proof",
}
"""Routes for strangers, each with the reason. Whoever adds one says why."""


@dataclass(frozen=True)
class Way:
    """One method of one route. `rights` is empty where it is open."""

    method: str
    path: str
    rights: tuple[Right, ...]
    dependant: Any

    @property
    def address(self) -> str:
        """The path with something in place of each name."""
        return re.sub(r"{[^}]+}", "x", re.sub(r"{[^}]+:int}", "1", self.path))

    def lets_in(self, role: Role | None) -> bool:
        if role is None:
            return not self.rights
        return all(right in RIGHTS[role] for right in self.rights)


def ways(app: FastAPI) -> Iterator[Way]:
    for route in iter_route_contexts(app.routes):
        dependant = getattr(route, "dependant", None)
        if isinstance(route.original_route, Mount):
            yield Way("GET", str(route.path), (), None)
            continue
        for method in sorted(route.methods or ()):
            if method != "HEAD":
                yield Way(method, str(route.path), tuple(rights_of(dependant)), dependant)


def rights_of(dependant: Dependant | None) -> Iterator[Right]:
    """Those of all dependencies, however deep."""
    for child in dependant.dependencies if dependant else ():
        if isinstance(right := getattr(child.call, "right", None), Right):
            yield right
        yield from rights_of(child)


def table(app: FastAPI) -> str:
    """As Markdown: one line for each, those that go together side by side."""
    lines = ["| | right | service | viewer | csm | admin |", "|---|---|---|---|---|---|"]
    for way in sorted(ways(app), key=lambda one: (one.path, one.method)):
        marks = " | ".join("yes" if way.lets_in(role) else "–" for role in Role)
        right = ", ".join(dict.fromkeys(way.rights)) or "open"
        lines.append(f"| `{way.method} {way.path}` | {right} | {marks} |")
    return "\n".join(lines)
