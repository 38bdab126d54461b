"""A scene over the shipped definitions, a real database and a real mail server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lifecycle.publishing import publish_first, read_definitions
from lifecycle.settings import Settings, Smtp
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database
from tests.activities.scene import Scene
from tests.awake import keep_awake
from tests.smtp import SmtpServer


@pytest.fixture
async def scene(tmp_path: Path, smtp_server: SmtpServer) -> AsyncIterator[Scene]:
    """Mail goes to `smtp_server`."""
    smtp = Smtp(host=smtp_server.host, port=smtp_server.port, tls="none")
    settings = Settings(
        state_dir=tmp_path, mail="smtp", smtp=smtp, base_url="https://cs.example.com"
    )
    await migrate_database(settings.database)
    store = Store(make_engine(settings.database))
    await publish_first(store, settings)
    await keep_awake(store)
    book = read_definitions(settings).book
    assert book is not None
    yield Scene(store, settings, book)
    await store.close()
