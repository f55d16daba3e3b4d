"""A queue in which keys take turns.

A worker's tasks wait in it with their experiment's id as key. In a plain queue, many requests for
one large experiment would delay all other experiments of the same worker.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class FairQueue(Generic[T]):
    """Takes one item of each key in turn; the items of one key keep their order."""

    def __init__(self) -> None:
        self._queues: OrderedDict[str, deque[T]] = OrderedDict()

    def __len__(self) -> int:
        return sum(map(len, self._queues.values()))

    def __iter__(self) -> Iterator[T]:
        return (item for queue in self._queues.values() for item in queue)

    def add(self, key: str, item: T) -> None:
        """Append ``item`` to the items of its key."""
        self._queues.setdefault(key, deque()).append(item)

    def add_first(self, key: str, item: T) -> None:
        """Put ``item`` before all others."""
        self._queues.setdefault(key, deque()).appendleft(item)
        self._queues.move_to_end(key, last=False)

    def take(self) -> T:
        """Remove and return the next item. Raises StopIteration if the queue is empty."""
        key, queue = next(iter(self._queues.items()))
        item = queue.popleft()
        if queue:
            self._queues.move_to_end(key)
        else:
            del self._queues[key]
        return item

    def discard(self, key: str, item: T) -> None:
        """Remove ``item`` if it is in the queue."""
        queue = self._queues.get(key)
        if queue is not None and item in queue:
            queue.remove(item)
            if not queue:
                del self._queues[key]
