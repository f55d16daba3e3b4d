"""Memory that is free, given back to the system.

glibc keeps what was freed below anything that is still in use, in an arena for each thread: after
large answers a process would hold a multiple of what it needs, for good.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable


def _trim() -> Callable[[int], int] | None:
    try:
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # another C library, another system
        return None
    return found


_MALLOC_TRIM = _trim()


def give_back() -> None:
    """Give free pages back, where the C library can: less than a millisecond where few are."""
    if _MALLOC_TRIM is not None:
        _MALLOC_TRIM(0)
