"""Everything that an administrator can set, by environment variables that start with EXPLORER_.

``EXPLORER_PORT=9000`` sets ``port``; a limit is set as ``EXPLORER_LIMITS__MAX_UNITS=64``.
"""

from __future__ import annotations

import difflib
import importlib.util
import os
import re
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from backprop_explorer.host_names import bracketed, default_hosts, is_unspecified, without_port
from backprop_explorer.limits import MEBIBYTE, Limits

PREFIX = "EXPLORER_"
# Variables of the tests and scripts; a developer's environment may have them.
TOOL_VARIABLES = frozenset({f"{PREFIX}CHROMIUM"})
ROOT_PATH = re.compile(r"(/[A-Za-z0-9._~@%+-]+)*")
# A root path that begins like a path of the program's own could not be told from it.
OWN_PATHS = (
    *("address", "api", "check", "docs", "graphs", "healthz", "join", "lessons", "metrics"),
    *("programs", "static", "teach"),
)

LogLevel = Literal["critical", "error", "warning", "info", "debug"]
SolutionPolicy = Literal["after_try", "always", "never"]


class ConfigurationError(Exception):
    """A setting that cannot be used. ``str(error)`` is one line that names the variable."""


def _separated_by(mark: str) -> BeforeValidator:
    """Read ``a, b`` as an environment variable has it; a JSON list would need quoting."""

    def split(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in value.split(mark) if part.strip())

    return BeforeValidator(split)


# Folders are separated as in PATH.
Folders = Annotated[tuple[str, ...], NoDecode, _separated_by(os.pathsep)]
Names = Annotated[tuple[str, ...], NoDecode, _separated_by(",")]


class LessonSettings(BaseModel):
    """How lessons are given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    solutions: SolutionPolicy = Field(
        "after_try",
        description=(
            "Who sees the answer to a question: students who tried (after_try), all students "
            "(always; all cards are open, too), or none, so that lessons can be graded (never)"
        ),
    )
    folders: Folders = Field(
        (),
        description=(
            "Folders with lessons of one's own, written in EXPLORER_LESSONS and separated as in "
            "PATH: docs/lessons.md"
        ),
    )
    reload: bool = Field(
        False, description="Read a lesson again when its file has changed, for its author"
    )


class _ExplorerVariables(EnvSettingsSource):
    """The environment; EXPLORER_LESSONS has folders, not the JSON of ``LessonSettings``."""

    def prepare_field_value(
        self, field_name: str, field: FieldInfo, value: Any, value_is_complex: bool
    ) -> Any:
        if field_name != "lessons":
            return super().prepare_field_value(field_name, field, value, value_is_complex)
        nested = self.explode_env_vars(field_name, field, self.env_vars)
        return {**nested, "folders": value} if value else nested or None


class ClassroomSettings(BaseModel):
    """Live classes: how many, how large, how fast."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_rooms: int = Field(
        1000, ge=0, description="Rooms at a time, of all servers with one store; 0: no live classes"
    )
    max_students: int = Field(1000, ge=1, le=10_000, description="Students in a room")
    max_streams: int = Field(
        600, ge=1, le=800, description="Event streams of one server, of all rooms together"
    )
    max_questions: int = Field(100, ge=1, le=1000, description="Questions in a room")
    messages_per_second: float = Field(
        2.0, gt=0, le=1000, description="Messages of one student, on average; ten at once"
    )
    max_room_bytes: int = Field(
        64 * MEBIBYTE, ge=MEBIBYTE, description="Bytes of the questions and answers of one room"
    )
    hours: float = Field(
        24.0,
        gt=0,
        le=24 * 31,
        description="Hours after its lecturer's last request that end a room",
    )


class Settings(BaseSettings):
    """The server's settings. Immutable; ``create_app`` is given one."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", frozen=True, extra="forbid"
    )

    host: str = Field("127.0.0.1", min_length=1, description="The address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="The port to listen on; 0 takes a free one")
    allowed_hosts: Names = Field(
        (),
        description=(
            "Names under which browsers may reach the server, separated by commas. By default "
            "those of this machine, and the address to listen on. * turns the check off, and with "
            "it the protection against DNS rebinding"
        ),
    )
    proxies: Annotated[tuple[IPvAnyNetwork, ...], NoDecode, _separated_by(",")] = Field(
        (),
        description=(
            "Addresses or networks of the reverse proxies before this server, separated by commas. "
            "Only theirs is the X-Forwarded-For that says where a client is"
        ),
    )
    root_path: str = Field(
        "",
        description=(
            "The path prefix that a reverse proxy leaves in the requests it passes on, such as "
            "/user/name/proxy/8000. A proxy that removes the prefix needs no setting"
        ),
    )
    token: Annotated[str, Field(pattern=r"^([A-Za-z0-9_-]{16,128})?$")] = Field(
        "",
        description=(
            "A secret first part of every path, 16 or more of A-Z a-z 0-9 _ -; requests without it "
            "get 404. bx.explore starts its server with one"
        ),
    )
    frame_ancestors: Names = Field(
        (),
        description=(
            "Origins whose pages may show this program in a frame, such as "
            "https://hub.example.org, separated by commas; none by default, * for all"
        ),
    )
    store: str = Field(
        "",
        description=(
            "Where experiments are kept: the path of an SQLite file or redis://…; by default a "
            "file in the user's data folder"
        ),
    )
    workers: int | None = Field(
        None,
        ge=0,
        le=256,
        description=(
            "Processes that compute; by default one for each processor that the server may use. "
            "0 computes in the process of the server"
        ),
    )
    dask: str = Field(
        "",
        description=(
            "The scheduler of a Dask cluster that computes maps of runs, tcp://host:8786; by "
            "default the server's own processes compute them"
        ),
    )
    log_level: LogLevel = Field("warning", description="The least severe message to log")
    limits: Limits = Field(default_factory=Limits, description="What one request may ask for")
    lessons: LessonSettings = Field(
        default_factory=LessonSettings, description="How lessons are given"
    )
    datasets: Folders = Field(
        (),
        description=(
            "Folders with a class's own data, CSV files, separated as in PATH: docs/lecturers.md"
        ),
    )
    lessons_python: bool = Field(
        False,
        description=(
            "Run the Python files beside the lessons of EXPLORER_LESSONS. They run on the server "
            "with all its rights"
        ),
    )
    classroom: ClassroomSettings = Field(
        default_factory=ClassroomSettings, description="Limits of live classes"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read EXPLORER_LESSONS, the folders, beside EXPLORER_LESSONS__SOLUTIONS."""
        del env_settings, dotenv_settings, file_secret_settings
        return init_settings, _ExplorerVariables(settings_cls)

    @field_validator("frame_ancestors")
    @classmethod
    def _check_ancestors(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not re.fullmatch(r"\*|'self'|https?://[A-Za-z0-9.*\[\]:_-]+", origin):
                raise ValueError(f"{origin!r} must be an origin such as https://hub.example.org")
        return origins

    @field_validator("allowed_hosts")
    @classmethod
    def _check_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if any(character in host for character in "/ @"):
                raise ValueError(f"{host!r} must be a name or an address alone, without http://")
            wildcard = host == "*" or (host.startswith("*.") and "*" not in host[1:])
            if "*" in host and not wildcard:
                raise ValueError(f"{host!r} must be like *.example.org, or * for any")
        return tuple(bracketed(without_port(host)) for host in hosts)

    @field_validator("dask")
    @classmethod
    def _check_dask(cls, address: str) -> str:
        if not re.fullmatch(r"((tcp|tls|ws|wss)://[^\s/]+/?)?", address):
            raise ValueError("must be the address of a scheduler such as tcp://host:8786")
        return address

    @field_validator("root_path")
    @classmethod
    def _check_root_path(cls, path: str) -> str:
        path = path.rstrip("/")
        segments = path.split("/")[1:]
        if not ROOT_PATH.fullmatch(path) or {".", ".."}.intersection(segments):
            raise ValueError("must be a path such as /user/name/proxy/8000")
        if segments and segments[0] in OWN_PATHS:
            raise ValueError(f"must not begin with /{segments[0]}, a path of the program's own")
        return path

    @model_validator(mode="before")
    @classmethod
    def _default_hosts(cls, data: dict[str, Any]) -> dict[str, Any]:
        if data.get("allowed_hosts"):
            return data
        return {**data, "allowed_hosts": default_hosts(str(data.get("host", "127.0.0.1")))}

    @property
    def prefix(self) -> str:
        """The path below which all pages are: ``root_path``, then the token."""
        return f"{self.root_path}/{self.token}" if self.token else self.root_path

    @property
    def answers_own_addresses(self) -> bool:
        """Whether requests to any address of this machine are answered.

        They are if the server listens on all of them and EXPLORER_ALLOWED_HOSTS is not set.
        """
        return is_unspecified(self.host) and self.allowed_hosts == default_hosts(self.host)


def load_settings(**overrides: Any) -> Settings:
    """Read the environment; ``overrides`` (from the command line) win over it.

    Raises ConfigurationError with one line that names the variable and what it must be.
    """
    unknown = [_unknown(name) for name in sorted(os.environ) if not _is_known(name)]
    if unknown:
        raise ConfigurationError("; ".join(unknown))
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise ConfigurationError("; ".join(map(_describe, error.errors()))) from None
    except SettingsError as error:
        field = str(error).partition('field "')[2].partition('"')[0]
        raise ConfigurationError(f"{PREFIX}{field.upper()}: must be JSON") from None


def variables() -> Iterable[str]:
    """Yield the name of every environment variable that sets something."""
    for name in Settings.model_fields:
        yield f"{PREFIX}{name.upper()}"
    for name in Limits.model_fields:
        yield f"{PREFIX}LIMITS__{name.upper()}"
    for name in ("solutions", "reload"):
        yield f"{PREFIX}LESSONS__{name.upper()}"
    for name in ClassroomSettings.model_fields:
        yield f"{PREFIX}CLASSROOM__{name.upper()}"


def _is_known(name: str) -> bool:
    name = name.upper()
    return not name.startswith(PREFIX) or name in TOOL_VARIABLES or name in variables()


def _unknown(name: str) -> str:
    # The prefix that all have would make everything similar.
    known = [each.removeprefix(PREFIX) for each in variables()]
    nearest = difflib.get_close_matches(name.upper().removeprefix(PREFIX), known, n=1)
    hint = (
        f"did you mean {PREFIX}{nearest[0]}?"
        if nearest
        else "the README lists the variables there are"
    )
    return f"{name}: unknown setting; {hint}"


def _describe(problem: Any) -> str:
    name = "__".join(part for part in problem["loc"] if isinstance(part, str)).upper()
    if problem["type"] == "extra_forbidden":
        return _unknown(f"{PREFIX}{name}")
    message = problem["msg"].removeprefix("Value error, ")
    return f"{PREFIX}{name}: {message[:1].lower()}{message[1:]} (it is {problem['input']!r:.60})"


def check_dask(address: str) -> None:
    """Raise ConfigurationError if there is an address and Dask is not installed."""
    if address and importlib.util.find_spec("distributed") is None:
        raise ConfigurationError("EXPLORER_DASK: needs Dask: pip install 'backprop-explorer[dask]'")
