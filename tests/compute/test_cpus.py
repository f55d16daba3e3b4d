"""The default number of workers."""

from __future__ import annotations

import pytest

from backprop_explorer.compute import fork_server
from backprop_explorer.compute.fork_server import worker_count
from backprop_explorer.settings import Settings


def test_the_number_of_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fork_server, "usable_processors", lambda: 5)
    assert worker_count(Settings()) == 5
    assert worker_count(Settings(workers=3)) == 3
    assert worker_count(Settings(workers=0)) == 0
    # A store in memory is known to one process alone.
    assert worker_count(Settings(store=":memory:", workers=3)) == 0
