"""The default number of workers."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from backprop_explorer.compute import cpus
from backprop_explorer.compute.cpus import usable_cpus, worker_count
from backprop_explorer.settings import Settings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("max 100000", 8),
        ("50000 100000", 1),
        ("150000 100000", 2),
        ("400000 100000", 4),
        ("1600000 100000", 8),
        ("0 0", 8),
        ("nonsense", 8),
    ],
)
def test_the_limit_of_a_container_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, expected: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(8)), raising=False)
    limit = tmp_path / "cpu.max"
    limit.write_text(f"{text}\n")
    assert usable_cpus(limit) == expected


def test_the_affinity_of_the_process_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {3, 5}, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    assert usable_cpus(tmp_path / "none") == 2


def test_without_limits_all_processors_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert usable_cpus(tmp_path / "none") == 6
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert usable_cpus(tmp_path / "none") == 1


def test_the_number_of_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpus, "usable_cpus", lambda: 5)
    assert worker_count(Settings()) == 5
    assert worker_count(Settings(workers=3)) == 3
    assert worker_count(Settings(workers=0)) == 0
    # A store in memory is known to one process alone.
    assert worker_count(Settings(store=":memory:", workers=3)) == 0
