"""The order in which a worker takes its tasks: experiments take turns.

Many requests for one large experiment would otherwise hold up everybody whose experiment happens to
be in the same worker.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class FairQueue(Generic[T]):
    """A queue for each key. The keys take turns; the items of one key keep their order."""

    def __init__(self) -> None:
        self._queues: OrderedDict[str, deque[T]] = OrderedDict()

    def __len__(self) -> int:
        return sum(map(len, self._queues.values()))

    def __iter__(self) -> Iterator[T]:
        return (item for queue in self._queues.values() for item in queue)

    def add(self, key: str, item: T) -> None:
        """Add ``item`` behind the others of its key."""
        self._queues.setdefault(key, deque()).append(item)

    def add_first(self, key: str, item: T) -> None:
        """Make ``item`` the next one."""
        self._queues.setdefault(key, deque()).appendleft(item)
        self._queues.move_to_end(key, last=False)

    def take(self) -> T:
        """The next item. Raises StopIteration where there is none."""
        key, queue = next(iter(self._queues.items()))
        item = queue.popleft()
        if queue:
            self._queues.move_to_end(key)
        else:
            del self._queues[key]
        return item

    def discard(self, key: str, item: T) -> None:
        """Drop ``item``, if it is there."""
        queue = self._queues.get(key)
        if queue is not None and item in queue:
            queue.remove(item)
            if not queue:
                del self._queues[key]
