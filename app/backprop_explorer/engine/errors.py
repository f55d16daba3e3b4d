"""Every error that this project raises on purpose.

    ExplorerError
    ├── InvalidInput        what was given cannot be used; names the field and what to change
    │   ├── UnknownName     no such activation, cost, optimizer, …; lists the ones there are
    │   └── LimitExceeded   well-formed, but larger than this server accepts
    ├── NotFound            no such experiment, line or page
    ├── Forbidden           the server's settings do not allow it
    └── Unavailable         nothing is wrong with the request; it can be sent again soon

The core raises them, the web layer turns them into problem documents. Nothing here knows of HTTP.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any


class ExplorerError(Exception):
    """Base class. ``str(error)`` is one sentence for a person, saying what to change."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by attributes: ``Exception`` would call the class with the message alone."""
        return _restored, (type(self), self.args, self.__dict__)


class InvalidInput(ExplorerError):
    """A value that cannot be used. ``field`` is its path in the input, such as ``layers.0.W``."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


class UnknownName(InvalidInput):
    """A name that is not in a registry. The message offers the nearest name and lists all."""

    def __init__(self, field: str, kind: str, known: Iterable[str], given: str = "") -> None:
        names = list(known)
        near = difflib.get_close_matches(given, names, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        super().__init__(field, f"unknown {kind}; {hint}known: {', '.join(names)}")


class LimitExceeded(InvalidInput):
    """Larger than the limits in the settings allow (``GET /api/v1/catalog`` lists them)."""

    def __init__(self, field: str, what: str, limit: int, given: int | None = None) -> None:
        got = f", {given:,} given" if given is not None else ""
        super().__init__(field, f"at most {limit:,} {what}{got}")
        self.limit = limit


class NotFound(ExplorerError):
    """Nothing is stored under that name."""


class Forbidden(ExplorerError):
    """The server's settings do not allow it, whatever the request holds."""


class Unavailable(ExplorerError):
    """What is needed cannot be reached at the moment. Sending the same again soon will do."""


def _restored(cls: type[ExplorerError], args: tuple[Any, ...], state: dict[str, Any]) -> Any:
    """An error of ``cls``, made without its ``__init__``."""
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error
