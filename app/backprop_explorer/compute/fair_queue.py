"""A queue that serves first the key whose tasks have used the least time.

A worker's tasks wait in it by client, then by function, then by experiment. In a plain queue, many
requests of one client would delay all others; and where many share one address, as a class does,
many maps would delay a trace.

Start-time fair queueing: Goyal, Vin and Cheng, IEEE/ACM Transactions on Networking 5 (1997) 690.
Its virtual time, the start of the item in service, stands still while new keys come as fast as they
are served, so that a key with some use would wait for all of them. Virtual time therefore advances
at least as in weighted fair queueing: Demers, Keshav and Shenker, ACM SIGCOMM 19 (1989) 1.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from typing import Generic, TypeVar

T = TypeVar("T")

# Idle keys above this number are forgotten once the others have caught up with them.
MOST_IDLE_KEYS = 1000
# The address of the client that a request's tasks are computed for; "" for the server's own.
CLIENT: ContextVar[str] = ContextVar("client", default="")


class FairQueue(Generic[T]):
    """Takes the next item of the key that has used the least time; keys with equal use take turns.

    An item has a path of keys. Each level shares its time among its keys, and the time of a key
    among the keys below it. The items of one path keep their order. A key that was idle starts at
    the use of the key that is served now, or at what it would have used by now, had it waited since
    the queue was last empty, whichever is more. So it can neither save up time nor be served before
    all others for long.
    """

    def __init__(self) -> None:
        self._count = 0
        # Items whose path ends here.
        self._items: deque[T] = deque()
        self._below: dict[str, FairQueue[T]] = {}
        # The keys that have items, in the order of their turns.
        self._waiting: dict[str, None] = {}
        # Seconds that each key has used; at least the seconds of its start.
        self._used: dict[str, float] = {}
        self._now = 0.0
        # Seconds that a key would have used that always has items waiting.
        self._turns = 0.0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[T]:
        yield from self._items
        for key in self._waiting:
            yield from self._below[key]

    @property
    def _start(self) -> float:
        """The least use of a key that begins to wait now."""
        return max(self._now, self._turns)

    def add(self, path: Sequence[str], item: T, *, first: bool = False) -> None:
        """Append ``item`` to the items of its path, or put it before all others."""
        self._count += 1
        if not path:
            (self._items.appendleft if first else self._items.append)(item)
            return
        key, *rest = path
        if key not in self._below:
            self._below[key] = FairQueue()
        if first:
            # No waiting key has used less than ``_now``, and of equal ones the first is taken.
            self._waiting = {key: None, **self._waiting}
            self._used[key] = self._now
        elif key not in self._waiting:
            self._waiting[key] = None
            self._used[key] = max(self._used.get(key, 0.0), self._start)
        self._below[key].add(rest, item, first=first)

    def take(self) -> T:
        """Remove and return the next item. Raises ValueError if the queue is empty."""
        if self._items:
            self._count -= 1
            return self._items.popleft()
        key = min(self._waiting, key=self._used.__getitem__)
        self._count -= 1
        self._now = self._used[key]
        item = self._below[key].take()
        del self._waiting[key]
        if self._below[key]:
            self._waiting[key] = None
        self._tidy(key)
        return item

    def _tidy(self, key: str) -> None:
        """Drop the queue of ``key`` if it has neither items nor uses to remember."""
        below = self._below[key]
        if not below and not below._used:
            del self._below[key]

    def charge(self, path: Sequence[str], seconds: float) -> None:
        """Add the time that an item of ``path`` has taken."""
        if not path:
            return
        key, *rest = path
        self._used[key] = max(self._used.get(key, 0.0), self._now) + seconds
        active = len(self._waiting) + (key not in self._waiting)
        self._turns += seconds / (active + 1)
        if not self._waiting:
            self._turns = self._start
        if key in self._below:
            self._below[key].charge(rest, seconds)
        if len(self._used) > len(self._waiting) + MOST_IDLE_KEYS:
            for name, used in list(self._used.items()):
                if name not in self._waiting and used <= self._start:
                    del self._used[name]
                    self._below.pop(name, None)

    def discard(self, path: Sequence[str], item: T) -> bool:
        """Remove ``item`` if it is in the queue; tell whether it was."""
        if not path:
            was_there = item in self._items
            if was_there:
                self._items.remove(item)
        else:
            key, *rest = path
            was_there = key in self._waiting and self._below[key].discard(rest, item)
            if was_there and not self._below[key]:
                del self._waiting[key]
                self._tidy(key)
        self._count -= was_there
        return was_there
