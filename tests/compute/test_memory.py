"""Free memory is returned to the system."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from backprop_explorer.api.metrics import resident_bytes
from backprop_explorer.compute import memory
from backprop_explorer.compute.memory import give_back

# Below the size from which glibc maps memory of its own, which goes back anyway.
PIECE = 100_000


@pytest.mark.skipif(
    memory._MALLOC_TRIM is None or not Path("/proc/self/statm").exists(), reason="glibc on Linux"
)
def test_free_memory_between_used_blocks_is_returned() -> None:
    pieces = [np.ones(PIECE, np.uint8) for _ in range(1000)]
    kept = pieces[::2]
    del pieces
    before = resident_bytes([os.getpid()])
    give_back()
    after = resident_bytes([os.getpid()])
    assert before is not None
    assert after is not None
    assert before - after > 0.8 * PIECE * len(kept)


def test_without_malloc_trim_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_arguments: object) -> None:
        raise OSError

    monkeypatch.setattr(memory.ctypes, "CDLL", missing)
    assert memory._trim() is None
    monkeypatch.setattr(memory, "_MALLOC_TRIM", None)
    give_back()
