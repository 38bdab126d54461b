"""The scripts of pages are fetched through whatever authorities the machine trusts: a company's proxy has its own."""

import http.server
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import trustme

from assets.build import TRUST, deno, fetch, reason

ASKED: list[str] = []


def has_deno() -> bool:
    """Whether there is anything to fetch with."""
    with suppress(OSError):
        return bool(deno())
    return False


class Empty(http.server.BaseHTTPRequestHandler):
    """Has nothing, and remembers what it was asked for."""

    def do_GET(self) -> None:
        ASKED.append(self.path)
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def house_of(authority: trustme.CA) -> Iterator[str]:
    """An HTTPS server on loopback that this authority vouches for."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Empty)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    thread.join()
    server.server_close()


def refused(folder: Path) -> str:
    with pytest.raises(subprocess.CalledProcessError) as error:
        fetch(folder)
    return reason(error.value)


@pytest.mark.skipif(not has_deno(), reason="deno is not installed: the scripts are there already")
def test_the_machines_own_authorities_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with house_of(authority) as address:
        monkeypatch.setenv("NPM_CONFIG_REGISTRY", address)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        monkeypatch.delenv("DENO_TLS_CA_STORE", raising=False)
        monkeypatch.delenv("DENO_CERT", raising=False)
        for name in ("trusted", "not"):
            (tmp_path / name).mkdir()
        assert "UnknownIssuer" not in refused(tmp_path / "trusted")
        assert ASKED
        monkeypatch.setenv("DENO_TLS_CA_STORE", "mozilla")
        assert TRUST["DENO_TLS_CA_STORE"] != "mozilla"
        assert "UnknownIssuer" in refused(tmp_path / "not")
