"""Everything that an administrator can set, by environment variables that start with EXPLORER_.

``EXPLORER_PORT=9000`` sets ``port``; a limit is set as ``EXPLORER_LIMITS__MAX_UNITS=64``.
"""

from __future__ import annotations

import ipaddress
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

PREFIX = "EXPLORER_"
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
MEBIBYTE = 1024 * 1024

LogLevel = Literal["critical", "error", "warning", "info", "debug"]
SolutionPolicy = Literal["after_try", "always", "never"]


class ConfigurationError(Exception):
    """A setting that cannot be used. ``str(error)`` is one line that names the variable."""


class Limits(BaseModel):
    """What one request may ask for. The catalog publishes them; exceeding one is a 422."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_layers: int = Field(24, ge=1, description="Layers with weights in a network")
    max_units: int = Field(512, ge=1, description="Units in a layer, and features of a sample")
    max_parameters: int = Field(250_000, ge=1, description="Weights and biases in a network")
    max_samples: int = Field(10_000, ge=1, description="Samples in a data set")
    max_points: int = Field(1000, ge=1, description="Points in an experiment of its own data")
    max_columns: int = Field(100, ge=2, description="Columns in an uploaded table")
    max_cells: int = Field(200_000, ge=2, description="Cells in an uploaded table")
    max_trace_batch: int = Field(512, ge=1, description="Samples in a batch whose working is shown")
    max_steps: int = Field(
        10_000_000, ge=1, description="The last training step that can be asked for"
    )
    max_body_bytes: int = Field(4 * MEBIBYTE, ge=1024, description="Bytes in the body of a request")
    max_grid: int = Field(96, ge=2, description="Points on a side of the decision boundary's grid")
    max_edits: int = Field(200, ge=0, description="Edits in an experiment")
    frame_budget_seconds: float = Field(
        0.25, gt=0, le=60, description="Training time in one request before it answers 202"
    )
    cache_bytes: int = Field(
        256 * MEBIBYTE, ge=MEBIBYTE, description="Memory for checkpoints and frames"
    )


class LessonSettings(BaseModel):
    """How lessons are given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    solutions: SolutionPolicy = Field(
        "after_try",
        description=(
            "Who sees the answer to a question: whoever has tried one (after_try), everybody "
            "(always), or nobody, so that lessons can be graded (never)"
        ),
    )


class Settings(BaseSettings):
    """The server's settings. Immutable; ``create_app`` is given one."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", frozen=True, extra="forbid"
    )

    host: str = Field("127.0.0.1", min_length=1, description="The address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="The port to listen on; 0 takes a free one")
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description=(
            "Names under which browsers may reach the server, separated by commas. By default "
            "those of this machine, and the address to listen on. * turns the check off, and with "
            "it the protection against DNS rebinding"
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
    log_level: LogLevel = Field("warning", description="The least severe message to log")
    limits: Limits = Field(default_factory=Limits, description="What one request may ask for")
    lessons: LessonSettings = Field(
        default_factory=LessonSettings, description="How lessons are given"
    )

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _split_hosts(cls, value: Any) -> Any:
        """Read ``a, b`` as an environment variable has it; a JSON list would need quoting."""
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("allowed_hosts")
    @classmethod
    def _check_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if any(character in host for character in "/ @"):
                raise ValueError(f"{host!r} must be a name or an address alone, without http://")
            wildcard = host == "*" or (host.startswith("*.") and "*" not in host[1:])
            if "*" in host and not wildcard:
                raise ValueError(f"{host!r} must be like *.example.org, or * for any")
        return tuple(_bracketed(host) for host in hosts)

    @model_validator(mode="before")
    @classmethod
    def _default_hosts(cls, data: dict[str, Any]) -> dict[str, Any]:
        """Whoever listens on an address wants to be reached under it."""
        if data.get("allowed_hosts"):
            return data
        host = str(data.get("host", "127.0.0.1"))
        extra = () if is_unspecified(host) or _bracketed(host) in LOCAL_HOSTS else (host,)
        return {**data, "allowed_hosts": (*LOCAL_HOSTS, *extra)}


def is_unspecified(host: str) -> bool:
    """Tell whether ``host`` means every address of the machine, as 0.0.0.0 and :: do."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_unspecified
    except ValueError:
        return False


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach ``host``."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def load_settings(**overrides: Any) -> Settings:
    """Read the environment; ``overrides`` (from the command line) win over it.

    Raises ConfigurationError with one line that names the variable and what it must be.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise ConfigurationError("; ".join(map(_describe, error.errors()))) from None
    except SettingsError as error:
        field = str(error).partition('field "')[2].partition('"')[0]
        raise ConfigurationError(f"{PREFIX}{field.upper()}: must be JSON") from None


def _describe(problem: Any) -> str:
    name = "__".join(str(part) for part in problem["loc"]).upper()
    message = problem["msg"].removeprefix("Value error, ")
    return f"{PREFIX}{name}: {message[:1].lower()}{message[1:]} (it is {problem['input']!r:.60})"


def _bracketed(host: str) -> str:
    """Write an IPv6 address as the Host header does."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host.lower()
    return f"[{address}]" if address.version == 6 else str(address)
