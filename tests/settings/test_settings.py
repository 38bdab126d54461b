"""Settings: where they come from, what is said about bad ones, and that they are documented."""

import os
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from lifecycle.failure import Failure
from lifecycle.places import app_folder
from lifecycle.settings import NAMED, Settings, SettingsError, load, variable

DOCUMENT = Path(__file__).parents[2] / "docs" / "settings.md"


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder without lifecycle.toml and an environment without settings."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("LIFECYCLE_")]:
        monkeypatch.delenv(name)
    return tmp_path


def test_defaults_work(empty_folder: Path) -> None:
    settings = load()
    assert settings.database == f"sqlite+aiosqlite:///{empty_folder}/.lifecycle/lifecycle.db"
    assert settings.definitions.path == app_folder() / "definitions"


def test_the_environment_wins_over_the_file(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_folder / "lifecycle.toml").write_text(
        'task_queue = "file"\n[smtp]\nhost = "file"\nport = 25\n'
    )
    monkeypatch.setenv("LIFECYCLE_SMTP__HOST", "environment")
    settings = load()
    assert settings.task_queue == "file"
    assert (settings.smtp.host, settings.smtp.port) == ("environment", 25)


def test_a_target_of_the_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFECYCLE_TARGETS__PRODUCT_PLATFORM__URL", "https://example.com/hook")
    monkeypatch.setenv("LIFECYCLE_TARGETS__PRODUCT_PLATFORM__SECRET", "whsec_c2VjcmV0")
    target = load().targets["product_platform"]
    assert str(target.url) == "https://example.com/hook"
    assert "c2VjcmV0" not in repr(load())


def test_a_hook_has_a_secret_and_those_it_replaces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFECYCLE_HOOKS__STRIPE__SECRET", "whsec_" + "n" * 24)
    monkeypatch.setenv(
        "LIFECYCLE_HOOKS__STRIPE__OLD_SECRETS", f"whsec_{'o' * 24}, whsec_{'p' * 24}"
    )
    hook = load().hooks["stripe"]
    assert hook.secrets == tuple(f"whsec_{letter * 24}" for letter in "nop")
    assert "nnn" not in repr(load())


def test_a_hook_whose_secret_can_be_guessed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFECYCLE_HOOKS__SALESFORCE__SECRET", "hunter2")
    with pytest.raises(SettingsError, match="must have at least 24 characters") as raised:
        load()
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgresql://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("sqlite:////folder/file.db", "sqlite+aiosqlite:////folder/file.db"),
    ],
)
def test_database_urls_as_people_write_them(
    given: str, used: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIFECYCLE_DATABASE_URL", given)
    assert load().database == used
    assert "u:p" not in repr(load())


def test_every_problem_at_once(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = empty_folder / "lifecycle.toml"
    file.write_text(
        'databse_url = "x"\nmail = "pigeon"\n[smtp]\nhots = "a"\nport = 0\nuser = "u"\n'
        "[worker]\nversioning = true\n[targets.crm]\nurl = 'https://example.com'\n"
    )
    monkeypatch.setenv("LIFECYCLE_STATE_DRI", "x")
    monkeypatch.setenv("LIFECYCLE_DATABASE_URL", "mysql://u:hunter2@h/d")
    with pytest.raises(SettingsError) as raised:
        load()
    message = str(raised.value)
    for expected in (
        f"databse_url in {file}: there is no such setting. Did you mean database_url?",
        "must be one of 'outbox' or 'smtp'",
        f"smtp.hots in {file}: there is no such setting. Did you mean host?",
        "must be at least 1",
        "versioning needs build_id",
        "LIFECYCLE_TARGETS__CRM__SECRET in the environment): is missing; set it",
        "LIFECYCLE_STATE_DRI in the environment: there is no such setting.",
        "Did you mean LIFECYCLE_STATE_DIR?",
        "LIFECYCLE_DATABASE_URL in the environment: write it like postgresql://",
    ):
        assert expected in message
    assert "hunter2" not in message


def test_a_login_without_password_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFECYCLE_SMTP__USER", "u")
    with pytest.raises(SettingsError, match="user and password go together"):
        load()


def test_a_file_that_is_not_toml(empty_folder: Path) -> None:
    (empty_folder / "lifecycle.toml").write_text("mail = \n")
    with pytest.raises(SettingsError, match=r"lifecycle\.toml is not TOML: .*line 1"):
        load()


def test_a_variable_that_is_not_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFECYCLE_TARGETS", "{")
    with pytest.raises(SettingsError, match="targets"):
        load()


def test_own_definitions_are_found_in_the_working_folder(empty_folder: Path) -> None:
    (empty_folder / "definitions").mkdir()
    (empty_folder / "definitions" / "account.yaml").touch()
    assert load().definitions.path == empty_folder / "definitions"
    assert str(load().definitions).endswith("(the working folder)")


def test_a_definitions_setting_that_names_no_definitions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFECYCLE_DEFINITIONS_DIR", "elsewhere")
    settings = load()
    with pytest.raises(Failure, match=r"no account\.yaml in it"):
        _ = settings.definitions


def settings_of(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[list[str]]:
    """Every setting as its path in the file; the name of a target or a hook is `<name>`."""
    for name, field in model.model_fields.items():
        annotation: Any = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from settings_of(annotation, (*path, name))
        elif name in NAMED:
            yield from settings_of(get_args(annotation)[1], (*path, name, "<name>"))
        else:
            yield [*path, name]


@pytest.mark.parametrize("path", list(settings_of(Settings)), ids=".".join)
def test_every_setting_is_documented(path: list[str]) -> None:
    assert f"| `{'.'.join(path)}` | `{variable(path)}` |" in DOCUMENT.read_text()


KEY = b64encode(b"k" * 32).decode()


def test_codec_keys_in_one_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFECYCLE_CODEC_KEYS", f"2026-11:{KEY}, 2026-05:{KEY}")
    settings = load()
    assert settings.ring.first == "2026-11"
    assert list(settings.ring.keys) == ["2026-11", "2026-05"]
    assert KEY not in repr(settings) + repr(settings.ring)


def test_codec_keys_in_the_file(empty_folder: Path) -> None:
    (empty_folder / "lifecycle.toml").write_text(f'codec_keys = ["plain", "2026-11:{KEY}"]\n')
    ring = load().ring
    assert (ring.first, list(ring.keys)) == (None, ["2026-11"])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "key 1: write it like 2026-11:"),
        (KEY, "key 1: write it like 2026-11:"),
        (f"two words:{KEY}", "key 1: write it like 2026-11:"),
        (f"a:{KEY},a:{KEY}", "key 2: the id 'a' is taken"),
        (f"a:{KEY},b:{KEY[:20]}", "key 2 (b): that is not 32 bytes in base64; `openssl rand"),
        (f"a:{KEY}!", "key 1 (a): that is not 32 bytes in base64"),
        (f"a:{KEY},plain", "key 2: write it like 2026-11:"),
        (f"plain:{KEY}", "key 1: 'plain' is no id"),
    ],
)
def test_a_codec_key_that_cannot_be_used_is_named_and_not_shown(
    given: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty variable too: encryption must not be off because a secret was not found."""
    monkeypatch.setenv("LIFECYCLE_CODEC_KEYS", given)
    with pytest.raises(SettingsError) as raised:
        load()
    assert f"LIFECYCLE_CODEC_KEYS in the environment: {said}" in str(raised.value)
    assert KEY[:20] not in str(raised.value)
