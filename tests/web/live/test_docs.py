"""docs/live.md says what is: its Python hears a change, its table names the streams there are."""

import asyncio
import re
from pathlib import Path
from typing import Any

from fastapi.routing import APIRoute

from lifecycle.web.live.routes import routes
from tests.web.live.listening import JOURNEY, House

TEXT = (Path(__file__).parents[3] / "docs" / "live.md").read_text()


async def test_the_python_example_hears_a_change(house: House, key: str) -> None:
    life = await house.enter()
    [example] = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    example = example.replace("https://lifecycle.example.com", house.address)
    names: dict[str, Any] = {"KEY": key}
    exec(example[: example.index("\nfor event")], names)
    life.move(2, JOURNEY, "launched")
    await house.record(life)
    event, number, data = await asyncio.to_thread(next, names["listen"]("acme", key, "2"))
    assert (event, number) == ("changed", "3")
    assert data["entries"][0]["said"]["headline"].startswith("ann sets")


def test_every_stream_is_named(house: House) -> None:
    streams = {route.path for route in routes(house.door).routes if isinstance(route, APIRoute)}
    assert len(streams) == 4
    for path in streams:
        assert re.sub(r"\{account:path\}", "{id}", path) in TEXT
