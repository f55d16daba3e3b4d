"""Maps computed on a real Dask cluster have the bits of those computed here."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from backprop_explorer.datasets import Rows
from backprop_explorer.experiments.store import Store, open_store
from backprop_explorer.experiments.sweeps import Sweep, remote, tiles
from backprop_explorer.experiments.sweeps import cluster as cluster_module
from backprop_explorer.experiments.sweeps.cluster import DaskCluster, open_cluster
from backprop_explorer.experiments.sweeps.sweeps import Sweeps
from backprop_explorer.limits import Limits
from backprop_explorer.settings import ConfigurationError, Settings
from tests.experiments.sweeps.test_bits import Array, swept
from tests.helpers.api import API, read
from tests.helpers.dask_cluster import DaskProcesses
from tests.helpers.servers import start_server, stop_server

LIMITS = Limits(frame_budget_seconds=0.05)
SIDE = 16
# With so many steps a map has seven tiles and takes a second: it can be stopped in the middle.
LONG = 1000


def wanted(step: int, **more: Any) -> Sweep:
    axes = [
        {"field": "penalty.l2", "scale": "linear", "from": 0, "to": 0.01, "count": SIDE},
        {"field": "optimizer.learning_rate", "scale": "log", "from": 0.01, "to": 1e3, "count": 8},
    ]
    return Sweep.model_validate({"axes": axes, "step": step, **more})


@cache
def swept_here(step: int) -> tuple[Array, Array]:
    """(values, diverged) of ``wanted``, each (rows, columns), computed in this process."""
    values, diverged = swept(wanted(step))
    assert np.isfinite(values).any()
    return values, diverged


@pytest.fixture(autouse=True)
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "TILE_SECONDS", 0.05)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskProcesses]:
    """A scheduler, without workers until the first test that takes ``shared``.

    Each process of a cluster takes a second to start: all tests of the file have this one. The
    tests stand in the order in which it loses its parts.
    """
    started = DaskProcesses(tmp_path_factory.mktemp("dask"), workers=0)
    yield started
    started.close()


@pytest.fixture(scope="module")
def shared(scheduler: DaskProcesses) -> DaskProcesses:
    """The cluster with two workers."""
    scheduler.start_workers(2)
    return scheduler


@pytest.fixture
def store() -> Iterator[Store]:
    opened = open_store(":memory:")
    yield opened
    opened.close()


@pytest.fixture
def nothing_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiles cannot be computed in this process."""

    def refuse(*arguments: Any) -> None:
        raise AssertionError("a tile is computed here")

    monkeypatch.setattr(Sweeps, "_compute_here", refuse)


def finish(sweeps: Sweeps, name: str) -> Any:
    deadline = time.monotonic() + 60
    while not sweeps.advance(name):
        assert time.monotonic() < deadline
    return sweeps.map(name)


def assert_same(found: Any, step: int) -> None:
    values, diverged = swept_here(step)
    assert found.values.tobytes() == values.tobytes()
    assert found.diverged.tobytes() == diverged.tobytes()


def test_a_scheduler_without_workers(scheduler: DaskProcesses, store: Store) -> None:
    assert not scheduler.workers
    cluster = DaskCluster(scheduler.url)
    sweeps = Sweeps(store, LIMITS, cluster)
    assert_same(finish(sweeps, sweeps.create(wanted(20))), 20)
    assert not cluster.usable


@pytest.mark.usefixtures("nothing_here")
def test_a_worker_is_killed_in_mid_sweep(shared: DaskProcesses, store: Store) -> None:
    sweeps = Sweeps(store, LIMITS, open_cluster(shared.url))
    sweep = wanted(LONG)
    name = sweeps.create(sweep)
    while not sweeps.map(name).reached:
        assert not sweeps.advance(name)
    shared.kill(shared.workers[0])
    assert sweeps.map(name).reached < sweep.cells
    assert_same(finish(sweeps, name), LONG)
    sweeps.close()


@pytest.mark.usefixtures("nothing_here")
def test_two_processes_of_a_server_share_the_tiles(shared: DaskProcesses, store: Store) -> None:
    both = [Sweeps(store, LIMITS, open_cluster(shared.url)) for _ in range(2)]
    sweep = wanted(200, repeats=2)
    name = both[0].create(sweep)
    while not all(each.advance(name, share, 2) for share, each in enumerate(both)):
        pass
    found = [each.map(name) for each in both]
    assert found[0].values.tobytes() == found[1].values.tobytes()
    assert np.isfinite(found[0].spread).any()
    for each in both:
        each.close()


@pytest.mark.usefixtures("nothing_here")
def test_uploaded_rows_go_with_the_tiles(shared: DaskProcesses, store: Store) -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((40, 2))
    rows = Rows(x.tolist(), (x[:, 0] > 0).astype(float).tolist(), ["a", "b"], ["n", "y"], "t")
    recipe = {"dataset": {"name": "uploaded", "id": store.put_rows(rows)}}
    sweeps = Sweeps(store, LIMITS, open_cluster(shared.url))
    name = sweeps.create(wanted(50, recipe=recipe))
    assert np.isfinite(finish(sweeps, name).values[:, 0]).all()
    sweeps.close()


def test_a_server_gives_its_tiles_to_the_cluster(shared: DaskProcesses, tmp_path: Path) -> None:
    running = start_server(tmp_path, EXPLORER_DASK=shared.url)
    sweep = wanted(20)
    try:
        before = shared.transitions()
        with httpx.Client(base_url=running.url, timeout=30) as client:
            name = read(client.post(f"{API}/sweeps", json=sweep.model_dump(mode="json")), 201)["id"]
            response = client.get(f"{API}/sweeps/{name}")
            while response.status_code == 202:
                response = client.get(f"{API}/sweeps/{name}")
            found = np.array(read(response)["values"], dtype=np.float64)
        assert shared.transitions() > before
    finally:
        stop_server(running.process)
    np.testing.assert_array_equal(found, swept_here(20)[0])


def test_without_its_scheduler_the_map_is_computed_here(
    shared: DaskProcesses, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    sweeps = Sweeps(store, LIMITS, open_cluster(shared.url))
    sweep = wanted(LONG)
    name = sweeps.create(sweep)
    while not sweeps.map(name).reached:
        sweeps.advance(name)
    assert "computing here" not in caplog.text
    shared.close()
    assert sweeps.map(name).reached < sweep.cells
    assert_same(finish(sweeps, name), LONG)
    assert "computing here" in caplog.text
    sweeps.close()


def test_a_process_with_other_bits_refuses() -> None:
    sweep = wanted(5)
    given = (sweep.canonical(), (0, 1), LIMITS.model_dump_json(), {})
    values, _ = swept(sweep)
    result = remote.compute_tile(*given, remote.fingerprint())
    assert result[0].tobytes() == values.reshape(-1)[:2].tobytes()
    with pytest.raises(remote.OtherNumbersError, match="the same versions"):
        remote.compute_tile(*given, "1.0 0123456789ab")


def test_a_cluster_that_failed_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = DaskCluster("tcp://127.0.0.1:1")
    monkeypatch.setattr(cluster_module, "CONNECT_SECONDS", 0.2)
    with pytest.raises(cluster_module.ClusterError):
        cluster.compute(wanted(1), iter([(0, (0,))]), LIMITS, {}, math.inf)
    assert not cluster.usable
    monkeypatch.setattr(cluster_module, "RETRY_SECONDS", 0.0)
    assert cluster.usable


def test_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_cluster(Settings().dask) is None
    with pytest.raises(ValueError, match="tcp://host:8786"):
        Settings(dask="host:8786")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match=r"backprop-explorer\[dask\]"):
        open_cluster("tcp://127.0.0.1:8786")
