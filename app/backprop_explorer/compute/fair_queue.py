"""A queue that serves first the key whose tasks have used the least time.

A worker's tasks wait in it with their experiment's id as key. In a plain queue, many requests for
one large experiment would delay all other experiments of the same worker.

Start-time fair queueing: Goyal, Vin and Cheng, IEEE/ACM Transactions on Networking 5 (1997) 690.
Its virtual time, the start of the item in service, stands still while new keys come as fast as they
are served, so that a key with some use would wait for all of them. Virtual time therefore advances
at least as in weighted fair queueing: Demers, Keshav and Shenker, ACM SIGCOMM 19 (1989) 1.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")

# Idle keys above this number are forgotten once the others have caught up with them.
MOST_IDLE_KEYS = 1000


class FairQueue(Generic[T]):
    """Takes the next item of the key that has used the least time; keys with equal use take turns.

    The items of one key keep their order. A key that was idle starts at the use of the key that is
    served now, or at what it would have used by now, had it waited since the queue was last empty,
    whichever is more. So it can neither save up time nor be served before all others for long.
    """

    def __init__(self) -> None:
        self._queues: dict[str, deque[T]] = {}
        # Seconds that each key has used; at least the seconds of its start.
        self._used: dict[str, float] = {}
        self._now = 0.0
        # Seconds that a key would have used that always has items waiting.
        self._turns = 0.0

    def __len__(self) -> int:
        return sum(map(len, self._queues.values()))

    def __iter__(self) -> Iterator[T]:
        return (item for queue in self._queues.values() for item in queue)

    @property
    def _start(self) -> float:
        """The least use of a key that begins to wait now."""
        return max(self._now, self._turns)

    def add(self, key: str, item: T) -> None:
        """Append ``item`` to the items of its key."""
        if key not in self._queues:
            self._queues[key] = deque()
            self._used[key] = max(self._used.get(key, 0.0), self._start)
        self._queues[key].append(item)

    def add_first(self, key: str, item: T) -> None:
        """Put ``item`` before all others."""
        queue = self._queues.pop(key, None) or deque()
        queue.appendleft(item)
        # No waiting key has used less than ``_now``, and of equal ones the first is taken.
        self._queues = {key: queue, **self._queues}
        self._used[key] = self._now

    def take(self) -> T:
        """Remove and return the next item. Raises ValueError if the queue is empty."""
        key = min(self._queues, key=self._used.__getitem__)
        self._now = self._used[key]
        queue = self._queues.pop(key)
        item = queue.popleft()
        if queue:
            self._queues[key] = queue
        return item

    def charge(self, key: str, seconds: float) -> None:
        """Add the time that an item of ``key`` has taken."""
        self._used[key] = max(self._used.get(key, 0.0), self._now) + seconds
        active = len(self._queues) + (key not in self._queues)
        self._turns += seconds / (active + 1)
        if not self._queues:
            self._turns = self._start
        if len(self._used) > len(self._queues) + MOST_IDLE_KEYS:
            self._used = {
                name: used
                for name, used in self._used.items()
                if name in self._queues or used > self._start
            }

    def discard(self, key: str, item: T) -> None:
        """Remove ``item`` if it is in the queue."""
        queue = self._queues.get(key)
        if queue is not None and item in queue:
            queue.remove(item)
            if not queue:
                del self._queues[key]
