"""Settings: environment variables LIFECYCLE_… and lifecycle.toml, read once into a frozen object.

Every setting is described in docs/settings.md; a test holds the two together.
"""

import os
import tomllib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveInt,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import SettingsError as UnreadableVariable

from lifecycle.codec_keys import Ring, read_ring
from lifecycle.contract import TASK_QUEUE
from lifecycle.core.durations import read_duration
from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.failure import Failure
from lifecycle.places import Place, find
from lifecycle.roles import Role

PREFIX: Final = "LIFECYCLE_"
FILE: Final = Path("lifecycle.toml")
SECRET_LENGTH: Final = 32
HOOK_SECRET_LENGTH: Final = 24
SHORTEST: Final = timedelta(hours=1)
"""The shortest time between two verifications."""
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""The names by which a machine reaches itself, as a web address has them."""
# Words for the tests (skip nothing, re-record golden files); they set nothing in the engine.
NOT_SETTINGS: Final = frozenset({"LIFECYCLE_CI", "LIFECYCLE_RECORD"})
DRIVERS: Final = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
}
# Pydantic's problem types in words for people; the rest carry our own words already.
WORDS: Final = {
    "missing": "is missing; set it",
    "literal_error": "must be one of {expected}",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_type": "must be a text",
    "tuple_type": "must be a list of texts",
    "model_type": "is a table; set the entries in it",
    "dict_type": "is a table; set the entries in it",
    "url_parsing": "must be a web address such as https://crm.example.com",
    "url_scheme": "must be a web address that starts with http:// or https://",
}


class SettingsError(Failure):
    """Settings that cannot be used; names every problem with its place."""


def _with_driver(url: SecretStr) -> SecretStr:
    """Accept the usual spellings; refuse databases the engine cannot use."""
    scheme, found, rest = url.get_secret_value().partition("://")
    scheme = DRIVERS.get(scheme, scheme)
    if not found or scheme not in DRIVERS.values():
        raise ValueError(
            "write it like postgresql://user:password@host/name or sqlite:////folder/file.db"
        )
    return SecretStr(f"{scheme}://{rest}")


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("write a time zone like Europe/Berlin") from None
    return name


def _long_enough(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < SECRET_LENGTH:
        raise ValueError(
            f"must have at least {SECRET_LENGTH} characters; `openssl rand -hex 32` makes one"
        )
    return secret


def _listed(value: object) -> object:
    """Several in one variable, with commas between them."""
    return [one.strip() for one in value.split(",")] if isinstance(value, str) else value


def _usable(keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    read_ring(key.get_secret_value() for key in keys)
    return keys


def _unguessable(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < HOOK_SECRET_LENGTH:
        raise ValueError(
            f"must have at least {HOOK_SECRET_LENGTH} characters; `openssl rand -hex 32` makes one"
        )
    return secret


def _fixed_time(text: str) -> str:
    try:
        length = read_duration(text).elapsed
    except (Refusal, ValueError):
        raise ValueError("write it like 1 day or 12 hours") from None
    if length < SHORTEST:
        raise ValueError("must be an hour or more")
    return text


Interval = Annotated[str, AfterValidator(_fixed_time)]
Zone = Annotated[str, AfterValidator(_known_zone)]
Folder = Annotated[Path, AfterValidator(lambda path: path.expanduser().resolve())]
Secret = Annotated[SecretStr, AfterValidator(_long_enough)]
HookSecret = Annotated[SecretStr, AfterValidator(_unguessable)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_with_driver)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
CodecKeys = Annotated[
    tuple[SecretStr, ...], NoDecode, BeforeValidator(_listed), AfterValidator(_usable)
]


class Group(BaseModel):
    """A table of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Smtp(Group):
    """The mail server, used with `mail = "smtp"`."""

    host: str = "localhost"
    port: int = Field(default=587, ge=1, le=65535)
    tls: Literal["none", "starttls", "tls"] = "starttls"
    user: str | None = None
    password: SecretStr | None = None
    sender: str = "Customer Success <customer-success@example.com>"
    timeout_seconds: PositiveInt = 30

    @model_validator(mode="after")
    def _login_is_whole(self) -> "Smtp":
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password go together: set both or neither")
        return self


class Target(Group):
    """A webhook target named in directory.yaml: where it is, and the secret that signs for it."""

    url: AnyHttpUrl
    secret: SecretStr


class Web(Group):
    """The web door: whom it lets in, and how much of what it takes."""

    auth: Literal["on", "off"] = "on"
    hosts: Names = ()
    trusted_proxies: Names = ()
    session_hours: PositiveInt = 12
    session_days: PositiveInt = 7
    body_kb: PositiveInt = 1_024
    upload_mb: PositiveInt = 100
    requests_per_minute: PositiveInt = 1_200
    events_per_minute: PositiveInt = 120_000
    hooks_per_minute: PositiveInt = 6_000
    attempts_per_minute: PositiveInt = 20


class Oidc(Group):
    """Sign-in by an OpenID Connect provider: on where `issuer` is set."""

    issuer: AnyHttpUrl | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    label: str = "single sign-on"
    scopes: Names = ("openid", "email", "profile")
    name_claim: str = "email"
    role_claim: str = "roles"
    roles: dict[Role, tuple[str, ...]] = {}
    default_role: Role | None = None
    domains: Names = ()

    @model_validator(mode="after")
    def _client_is_whole(self) -> "Oidc":
        if self.issuer is None:
            return self
        if not (self.client_id and self.client_secret):
            raise ValueError("issuer, client_id and client_secret go together: set all three")
        if self.issuer.scheme != "https" and self.issuer.host not in LOOPBACK:
            raise ValueError("issuer must begin with https://: what it says lets people in")
        if Role.SERVICE in (*self.roles, self.default_role):
            raise ValueError("the role service is for programs: they have keys")
        if not (self.roles or self.default_role):
            raise ValueError("nobody would be let in: set roles, or default_role")
        return self


class Hook(Group):
    """A source of webhooks: the secret it signs with. Old secrets count too, while one is replaced.

    `organization` is asked of Salesforce's outbound messages only.
    """

    secret: HookSecret
    old_secrets: Annotated[tuple[HookSecret, ...], NoDecode, BeforeValidator(_listed)] = ()
    organization: str = ""

    @property
    def secrets(self) -> tuple[str, ...]:
        """All of them, as they are (never log one)."""
        return tuple(one.get_secret_value() for one in (self.secret, *self.old_secrets))


class Worker(Group):
    """How a worker runs."""

    max_cached_workflows: PositiveInt = 1000
    graceful_shutdown_seconds: PositiveInt = 30
    versioning: bool = False
    deployment: str = "lifecycle"
    build_id: str | None = None

    @model_validator(mode="after")
    def _build_is_named(self) -> "Worker":
        if self.versioning and not self.build_id:
            raise ValueError("versioning needs build_id: the release this worker runs")
        return self


class CatchUp(Group):
    """What is done about deadlines that were missed while no worker ran (N8)."""

    after_minutes: PositiveInt = 15
    spread_minutes: NonNegativeInt = 30
    per_minute: PositiveInt = 600
    approve_above: NonNegativeInt | None = None


class Verify(Group):
    """Verification by schedule: how often, and how fast."""

    every: Interval | None = None
    per_minute: PositiveInt = 600
    workflows: bool = False

    @property
    def interval(self) -> timedelta:
        """How often, as elapsed time."""
        return read_duration(self.every or "").elapsed


class Settings(BaseSettings):
    """All settings. The environment wins over the file."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        toml_file=FILE,
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
    )

    state_dir: Folder = Field(default=Path(".lifecycle"), validate_default=True)
    database_url: DatabaseUrl | None = None
    definitions_dir: Folder | None = None
    templates_dir: Folder | None = None
    hooks_dir: Folder | None = None
    task_queue: str = TASK_QUEUE
    base_url: AnyHttpUrl | None = None
    public_url: AnyHttpUrl | None = None
    temporal_ui: AnyHttpUrl | None = None
    secret: Secret | None = None
    codec_keys: CodecKeys = ()
    demo: bool = True
    zone: Zone | None = None
    actor: str | None = None
    mail: Literal["outbox", "smtp"] = "outbox"
    smtp: Smtp = Smtp()
    targets: dict[str, Target] = {}
    hooks: dict[str, Hook] = {}
    web: Web = Web()
    oidc: Oidc = Oidc()
    worker: Worker = Worker()
    catch_up: CatchUp = CatchUp()
    verify: Verify = Verify()

    @property
    def database(self) -> str:
        """The database's SQLAlchemy URL (may hold a password: never log it)."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite+aiosqlite:///{self.state_dir / 'lifecycle.db'}"

    @property
    def ring(self) -> Ring:
        """The keys of the payload codec."""
        return read_ring(key.get_secret_value() for key in self.codec_keys)

    @property
    def definitions(self) -> Place:
        """The folder the definitions are read from."""
        return find("definitions", self.definitions_dir)

    @property
    def templates(self) -> Place:
        """The folder the templates are read from."""
        return find("templates", self.templates_dir)

    @property
    def hooks_folder(self) -> Place:
        """The folder the mappings of webhooks are read from."""
        return find("hooks", self.hooks_dir)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What a caller passes wins over the environment, and that over the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load() -> Settings:
    """Read the settings. Raises `SettingsError` naming every problem at once."""
    try:
        settings = Settings()
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{FILE.resolve()} is not TOML: {error}") from None
    except UnreadableVariable as error:
        raise SettingsError(f"The environment holds no JSON where it should: {error}") from None
    except ValidationError as error:
        problems = [_explain(problem) for problem in error.errors()]
        raise _refused([*problems, *_unknown_variables(os.environ)]) from None
    if unknown := list(_unknown_variables(os.environ)):
        raise _refused(unknown)
    return settings


def _refused(problems: list[str]) -> SettingsError:
    lines = "\n".join(f"  {problem}" for problem in problems)
    return SettingsError(f"The settings cannot be used:\n{lines}\nAll settings: docs/settings.md")


def _explain(problem: Mapping[str, Any]) -> str:
    """One problem in words, with the place a person would look for it."""
    path = [str(part) for part in problem["loc"]]
    place = _place(path)
    if problem["type"] == "extra_forbidden":
        remedy = did_you_mean(path[-1], names(path[:-1]))
        return f"{place.partition(' (or')[0]}: there is no such setting. {remedy}"
    words = WORDS.get(problem["type"], "{message}")
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"{place}: {words.format(message=message, **problem.get('ctx', {}))}"


def _place(path: list[str]) -> str:
    name = variable(path)
    if name in {key.upper() for key in os.environ}:
        return f"{name} in the environment"
    return f"{'.'.join(path)} in {FILE.resolve()} (or {name} in the environment)"


def variable(path: list[str]) -> str:
    """The environment variable of a setting: `["smtp", "host"]` is LIFECYCLE_SMTP__HOST."""
    return PREFIX + "__".join(path).upper()


NAMED: Final[dict[str, type[Group]]] = {"targets": Target, "hooks": Hook}
"""Tables whose entries have names of the user's own."""


def names(path: list[str]) -> list[str]:
    """The settings that exist below a table of the file; `[]` is the file itself."""
    model: Any = Settings
    for part in path:
        if model is Settings and part in NAMED:
            return list(NAMED[part].model_fields)
        model = model.model_fields[part].annotation
    return list(model.model_fields)


def _unknown_variables(environment: Mapping[str, str]) -> Iterator[str]:
    """A misspelt variable would otherwise be ignored without a word."""
    for name in sorted(set(environment) - NOT_SETTINGS):
        path = name.removeprefix(PREFIX).lower().split("__")
        if name.startswith(PREFIX) and path[0] not in names([]):
            known = [variable([setting]) for setting in names([])]
            remedy = did_you_mean(name, known)
            yield f"{name} in the environment: there is no such setting. {remedy}"
