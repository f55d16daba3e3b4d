"""Memory that is free goes back to the system."""

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
def test_what_lies_between_what_is_still_used_goes_back() -> None:
    pieces = [np.ones(PIECE, np.uint8) for _ in range(1000)]
    kept = pieces[::2]
    del pieces
    before = resident_bytes([os.getpid()])
    give_back()
    after = resident_bytes([os.getpid()])
    assert before is not None
    assert after is not None
    assert before - after > 0.8 * PIECE * len(kept)


def test_another_c_library_keeps_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_arguments: object) -> None:
        raise OSError

    monkeypatch.setattr(memory.ctypes, "CDLL", missing)
    assert memory._trim() is None
    monkeypatch.setattr(memory, "_MALLOC_TRIM", None)
    give_back()
