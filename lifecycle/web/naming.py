"""Names and addresses by which a door is reached."""

from __future__ import annotations

from ipaddress import ip_address

from starlette.requests import HTTPConnection

from lifecycle.settings import Settings


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address to listen at, or the one a request came to."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def has_https(settings: Settings) -> bool:
    """Whether people reach this door by https, through a proxy before it."""
    return settings.base_url is not None and settings.base_url.scheme == "https"


def host_of(request: HTTPConnection) -> str:
    """The name in the Host header, in small letters and without its port."""
    name = request.headers.get("host", "").lower()
    if name.startswith("["):
        return name.partition("]")[0] + "]"
    return name.partition(":")[0]
