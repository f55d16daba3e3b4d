"""Return free memory to the system, and keep the garbage collector from permanent objects.

glibc has an arena per thread, and keeps freed memory that lies below memory in use. After large
answers a process would keep a multiple of the memory that it needs.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def _trim() -> Callable[[int], int] | None:
    try:
        function: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # another C library, another system
        return None
    return function


_MALLOC_TRIM = _trim()


def give_back() -> None:
    """Call malloc_trim if the C library has it. Takes less than 1 ms if few pages are free."""
    if _MALLOC_TRIM is not None:
        _MALLOC_TRIM(0)


@contextmanager
def permanent() -> Iterator[None]:
    """Exempt what the block allocates from garbage collection, for a start.

    Imports allocate much and free little: collecting meanwhile takes a tenth of their time. The
    collector also writes to every object that it looks at, and a written page is no longer shared
    between processes.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
