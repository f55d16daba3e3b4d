"""Base class of the stores of rooms.

A room is a document with a version, and entries by kind and name: questions, students, answers,
offers and places. The document changes by compare-and-swap, an answer by its number of attempts, so
that a request that is sent twice, or to two servers, changes nothing twice.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple

from backprop_explorer.engine.errors import Conflict
from backprop_explorer.texts import classroom as texts

QUESTION = "question"
STUDENT = "student"
OFFER = "offer"
# Where a student is. Students report it again and again, so that it need not survive a restart.
PLACE = "place"


def answers_to(question: int) -> str:
    """The kind of the answers to a question; their names are students."""
    return f"answer:{question}"


class Document(NamedTuple):
    """A room's document, and its version, which grows by 1 with each change."""

    version: int
    content: bytes


class Kept(NamedTuple):
    """The answer that is kept, and whether it is the one that was sent.

    ``content`` is None if the question takes no answers and the student has none.
    """

    content: bytes | None
    fresh: bool


class RoomStore(ABC):
    """Rooms by code. Used by one thread.

    When a method returns, and with it the ``transaction`` around it, the change survives a kill.
    Methods raise Unavailable if the store cannot be reached. A room ends ``seconds`` after its last
    ``use``; it is then as if it had never been. ``put`` and ``answer`` raise Conflict if its
    entries would have more than ``most_bytes``; those of students and places are always kept.
    """

    def __init__(self, seconds: float, most_bytes: int) -> None:
        self.seconds = seconds
        self.most_bytes = most_bytes

    @abstractmethod
    def create(self, code: str, content: bytes, most: int) -> bool:
        """Create a room with version 1. Returns False if the code is taken.

        Raises TooManyRequests if there are ``most`` rooms.
        """

    @abstractmethod
    def read(self, code: str) -> Document | None:
        """Return the document, None if there is no such room."""

    @abstractmethod
    def replace(self, code: str, version: int, content: bytes, question: int | None) -> bool:
        """Replace the document of this version; ``question`` is the one that takes answers now.

        Returns False if the version is another one by now.
        """

    @abstractmethod
    def end(self, code: str) -> None:
        """Delete a room and all that belongs to it."""

    @abstractmethod
    def use(self, code: str) -> None:
        """Note that the lecturer uses the room."""

    @abstractmethod
    def put(self, code: str, kind: str, name: str, content: bytes, most: int) -> bool:
        """Write an entry. Returns False if it would be new and there are ``most`` already."""

    @abstractmethod
    def get(self, code: str, kind: str, name: str) -> bytes | None:
        """Return an entry, or None."""

    @abstractmethod
    def entries(self, code: str, kind: str) -> dict[str, bytes]:
        """Return all entries of a kind by name."""

    @abstractmethod
    def names(self, code: str, kind: str) -> set[str]:
        """Return the names of all entries of a kind."""

    @abstractmethod
    def drop(self, code: str, kind: str, names: Iterable[str]) -> None:
        """Delete entries."""

    @abstractmethod
    def answer(self, code: str, question: int, student: str, attempt: int, content: bytes) -> Kept:
        """Keep an answer if the question takes them and the attempt is later than the kept one.

        Otherwise nothing changes.
        """

    @abstractmethod
    def amend(self, code: str, question: int, student: str, attempt: int, content: bytes) -> None:
        """Replace an answer, also after the question is closed, if its attempt is still this.

        Not bounded: a diagnosis adds some kB.
        """

    def transaction(self) -> AbstractContextManager[None]:
        """Make all changes inside durable together, at the end."""
        return nullcontext()

    def part(self) -> AbstractContextManager[None]:
        """Undo the changes inside if an exception leaves it."""
        return nullcontext()

    def publish(self, code: str, what: str) -> None:
        """Tell all servers with this store that something of a room changed.

        A store of one server has no other to tell.
        """
        del code, what

    def subscribe(self, changed: Callable[[str, str], None]) -> None:
        """Call ``changed(code, what)`` in another thread for what any server publishes.

        ``code`` is "" if messages may have been lost.
        """
        del changed

    def bytes_for(self, kind: str) -> int:
        """How many bytes a room may have with another entry of this kind.

        Students join and say where they are also in a room that takes no answers: these are small.
        """
        return 2**53 if kind in (STUDENT, PLACE) else self.most_bytes

    def too_large(self) -> Conflict:
        """The exception of an entry for which the room has no place."""
        return Conflict(texts.room_bytes(self.most_bytes))

    @abstractmethod
    def close(self) -> None:
        """Release the file or the connections."""
