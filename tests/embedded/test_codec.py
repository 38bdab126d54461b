"""The embedded server tells its UI where payloads are decoded."""

from pathlib import Path

import httpx2

from lifecycle.embedded.server import embedded_server


async def test_its_ui_knows_the_codec_endpoint(tmp_path: Path) -> None:
    endpoint = "http://127.0.0.1:8400/codec"
    async with (
        embedded_server(tmp_path, endpoint) as server,
        httpx2.AsyncClient(timeout=20) as browser,
    ):
        settings = (await browser.get(f"{server.ui}/api/v1/settings")).json()
    assert settings["Codec"]["Endpoint"] == endpoint
