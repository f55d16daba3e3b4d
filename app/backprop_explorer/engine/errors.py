"""The exceptions of this project.

    ExplorerError
    ├── InvalidInput        an input value is invalid; names the field and what to change
    │   ├── UnknownName     no such activation, cost, optimizer, …; lists the known names
    │   └── LimitExceeded   valid, but larger than this server accepts
    ├── NotFound            no such experiment, line or page
    ├── Unauthorized        a key is needed and missing
    ├── Forbidden           the server's settings, or the key given, do not allow it
    ├── Conflict            not possible in the present state, such as answering a closed question
    ├── TooManyRequests     more than a rate limit allows; wait and send it again
    ├── Unavailable         temporarily not possible; the same request can be sent again
    │   └── DamagedStore    what was kept cannot be read; the operator has to act
    └── NotReached          training needs more time than one request has; ask again to continue

All packages raise them. The API turns them into problem documents. This module does not depend on
HTTP.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

from backprop_explorer.texts import engine as texts


class ExplorerError(Exception):
    """Base class. ``str(error)`` is one sentence for the user that says what to change."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by attributes: the default would call the class with only the message."""
        return _restored, (type(self), self.args, self.__dict__)


class InvalidInput(ExplorerError):
    """An input value is invalid. ``field`` is its path in the input, such as ``layers.0.W``.

    ``more``: what the problem document has beside it.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message
        self.more: dict[str, Any] = {}

    def __str__(self) -> str:
        """Return the message with the field, as in a traceback of a notebook."""
        return f"{self.field}: {self.message}"


class UnknownName(InvalidInput):
    """A name is not in a registry. The message suggests the nearest name and lists all."""

    def __init__(self, field: str, kind: str, known: Iterable[str], given: str = "") -> None:
        names = list(known)
        near = difflib.get_close_matches(given, names, n=1)
        hint = texts.did_you_mean(near[0]) if near else ""
        super().__init__(field, texts.unknown_name(kind, hint, ", ".join(names)))


class LimitExceeded(InvalidInput):
    """A size exceeds a limit of the settings (``GET /api/v1/catalog`` lists the limits)."""

    def __init__(self, field: str, what: str, limit: int, given: int | None = None) -> None:
        got = texts.given(given) if given is not None else ""
        super().__init__(field, texts.at_most(limit, what, got))
        self.limit = limit


class NotFound(ExplorerError):
    """No object with this name or id exists."""


class Unauthorized(ExplorerError):
    """The request needs a key and has none."""


class Forbidden(ExplorerError):
    """The server's settings, or the key of the request, do not allow it."""


class Conflict(ExplorerError):
    """The request is not possible in the present state of what it changes."""


class TooManyRequests(ExplorerError):
    """More requests than a rate limit allows. ``seconds``: how long to wait."""

    def __init__(self, message: str, seconds: float = 1.0) -> None:
        super().__init__(message)
        self.seconds = seconds


class Unavailable(ExplorerError):
    """A needed resource is temporarily unavailable. The same request may succeed soon."""


class DamagedStore(Unavailable):
    """The file or an entry of a store is damaged."""


class NotReached(ExplorerError):
    """Training did not come to the step ``target`` within one request's budget.

    What was trained, up to ``reached``, is kept: the same request continues.
    """

    def __init__(self, reached: int, target: int) -> None:
        super().__init__()
        self.reached = reached
        self.target = target


def _restored(cls: type[ExplorerError], args: tuple[Any, ...], state: dict[str, Any]) -> Any:
    """Recreate an error of ``cls`` without calling its ``__init__``."""
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error
