"""/sweeps: answers, refusals, progress, and what a killed server leaves."""

from __future__ import annotations

import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.compute.test_encoding import decoded
from tests.helpers.api import API, keep, read, refused
from tests.helpers.cases import exhaustive
from tests.helpers.clients import Client, MakeClient
from tests.helpers.processes import alive, wait_until, workers
from tests.helpers.servers import start_server, stop_server

RATE = {"field": "optimizer.learning_rate", "values": [0.01, 0.3, 1e60]}
L2 = {"field": "penalty.l2", "values": [0.0, 0.1]}


def post(client: Any, **body: Any) -> Any:
    made = client.post(f"{API}/sweeps", json={"axes": [L2, RATE], "step": 30, **body})
    return read(made, 201)


def whole(client: Any, name: str, query: str = "") -> Any:
    """The map, asked for until it is there."""
    while True:
        response = client.get(f"{API}/sweeps/{name}{query}")
        if response.status_code != 202:
            return read(response)


def test_cells_have_the_costs_of_their_frames(shared_client: Client) -> None:
    made = post(shared_client)
    assert made["shape"] == [2, 3]
    assert made["better"] == "lower"
    assert [axis["values"] for axis in made["sweep"]["axes"]] == [L2["values"], RATE["values"]]
    found = whole(shared_client, made["id"])
    assert {name: found[name] for name in made} == made
    assert (found["reached"], found["target"], found["spread"]) == (6, 6, None)
    for row in range(2):
        for column in range(3):
            place = f"{API}/sweeps/{made['id']}/cells/{row}/{column}"
            cell = read(shared_client.get(place))
            path = keep(shared_client, **cell["experiment"])
            assert path.endswith(cell["id"])
            frame = read(shared_client.get(f"{path}/frames/30?include="))
            at = found["diverged"][row][column]
            assert at == (frame["diverged"] and frame["diverged"]["step"])
            expected = frame["cost"]["test"] if at is None else None
            assert found["values"][row][column] == expected
    assert found["values"][0][2] is None


def test_packed_arrays_and_repeats(shared_client: Client) -> None:
    name = post(shared_client, repeats=3, axes=[RATE])["id"]
    found, packed = whole(shared_client, name), whole(shared_client, name, "?arrays=base64")
    for field in ("values", "spread", "diverged"):
        plain = np.array(found[field], dtype=np.float64)
        np.testing.assert_array_equal(plain, decoded(packed[field]))
        assert plain.shape == (3, 1)
    assert all(row[0] > 0 for row in found["spread"][:2])
    first = read(shared_client.get(f"{API}/sweeps/{name}/cells/1/0"))["experiment"]
    last = read(shared_client.get(f"{API}/sweeps/{name}/cells/1/0?repeat=2"))["experiment"]
    assert last["network"]["seed"] == first["network"]["seed"] + 2


def test_the_same_sweep_has_the_same_id(shared_client: Client) -> None:
    first = post(shared_client)
    axis = {"field": RATE["field"], "values": [0.01, 3e-1, 1e60]}
    assert post(shared_client, axes=[L2, axis], recipe={})["id"] == first["id"]
    assert post(shared_client, step=31)["id"] != first["id"]


def axis(*values: Any, field: str = "optimizer.learning_rate", **more: Any) -> dict[str, Any]:
    return {"axes": [{"field": field, "values": list(values), **more}]}


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({"axes": []}, "axes", "at least 1 item"),
        ({"axes": [L2, RATE, L2]}, "axes", "at most 2 items"),
        ({"axes": [RATE, RATE]}, "axes.1.field", "must not be that of the first axis"),
        ({"axes": [{"field": "penalty.l2"}]}, "axes.0", "needs values"),
        ({"step": -1}, "step", "at least 0"),
        ({"step": 10**8}, "step", "at most 10,000,000 steps"),
        ({"step": 10**7, "repeats": 20}, "step", "at most 200,000,000 updates in a sweep"),
        ({"repeats": 0}, "repeats", "at least 1"),
        ({"measure": "cost"}, "measure", "did you mean 'cost.test'"),
        ({"measure": "steps_to_cost.test"}, "goal", "a cost is needed"),
        ({"goal": 0.5}, "goal", "a cost is needed"),
        ({"recipe": {"dataset": {"test_fraction": 0}}}, "measure", "no test part"),
        ({"recipe": {"cost": {"name": "x"}}}, "axes", "unknown cost"),
        ({"nothing": 1}, "nothing", "not a known field"),
        (axis(0.1, -1.0), "axes.0.values.1", "greater than or equal to 0"),
        (axis(0.1, "a"), "axes.0.values.1", "must be a valid number"),
        (axis(0.1, field="optimizer"), "axes.0.values.0", "must be a valid dictionary"),
        (axis(0.1, field="network.weights"), "axes.0.values.0", "must be a valid tuple"),
        (axis(1, field="edits"), "axes.0.values.0", "must be a valid tuple"),
        (axis(5, 9999, field="network.units"), "axes.0.values.1", "at most 512 units"),
        (axis(9, 200, field="network.depth"), "axes.0.values.1", "at most 24 layers"),
        (axis(1.5, field="W1[5,0]"), "axes.0.field", "entries are counted from 0"),
        (axis("moon", field="dataset.name"), "axes.0.values.0", "did you mean 'moons'"),
        (axis(-7, field="dataset.samples"), "axes.0.values.0", "must be"),
        (axis(*[0.1] * 1025), "axes.0.values", "at most 1024 items"),
        (axis(0.1, field="x" * 65), "axes.0.field", "at most 64 characters"),
        (axis(0.1, field=""), "axes.0.field", "must not be empty"),
        (axis(0.1, field="a..b"), "axes.0.field", "not a setting"),
    ],
)
def test_refusals_name_the_field(
    shared_client: Client, body: dict[str, Any], field: str, message: str
) -> None:
    response = shared_client.post(f"{API}/sweeps", json={"axes": [L2, RATE], "step": 30, **body})
    errors = refused(response)
    assert field in errors, errors
    assert message in errors[field]


def test_bounds_of_cells(make_client: MakeClient) -> None:
    from backprop_explorer.limits import Limits
    from backprop_explorer.main import create_app
    from backprop_explorer.settings import Settings

    limits = Limits(max_sweep_cells=5)
    client = make_client(create_app(Settings(store=":memory:", limits=limits)))
    response = client.post(f"{API}/sweeps", json={"axes": [L2, RATE], "step": 1})
    assert refused(response) == {"axes": "at most 5 cells in a sweep, 6 given"}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"sweeps/{'0' * 20}", 404),
        ("sweeps/x", 422),
        (f"sweeps/{'0' * 20}/cells/0/0", 404),
        ("{id}/cells/2/0", 422),
        ("{id}/cells/0/3", 422),
        ("{id}/cells/0/0?repeat=1", 422),
        ("{id}/cells/-1/0", 422),
        ("{id}?arrays=x", 422),
    ],
)
def test_places_that_there_are_not(shared_client: Client, path: str, status: int) -> None:
    name = post(shared_client)["id"]
    refused(shared_client.get(f"{API}/{path.format(id=f'sweeps/{name}')}"), status)


def test_cells_that_cannot_be_made_have_no_value(shared_client: Client) -> None:
    """Values are checked alone; two of them together may not fit."""
    axes = [
        {"field": "network.units", "values": [1, 512]},
        {"field": "network.depth", "values": [1, 5]},
    ]
    found = whole(shared_client, post(shared_client, axes=axes, step=1)["id"])
    assert found["values"][1][1] is None
    assert found["diverged"] == [[None, None], [None, None]]
    assert None not in (found["values"][0][0], found["values"][0][1], found["values"][1][0])


SIDE = 24


class Asking:
    """A client of a real server that asks for one sweep of ``side`` x ``side`` cells."""

    def __init__(self, url: str, side: int = SIDE) -> None:
        self.client = httpx.Client(base_url=url, timeout=30)
        self.other = httpx.Client(base_url=url, timeout=30)
        axes = [
            {**L2, "values": [k / 1000 for k in range(side)]},
            {"field": RATE["field"], "scale": "log", "from": 0.001, "to": 10, "count": side},
        ]
        self.name = post(self.client, axes=axes, step=3000)["id"]

    def close(self) -> None:
        self.client.close()
        self.other.close()

    def ask(self) -> Any:
        response = self.client.get(f"{API}/sweeps/{self.name}")
        assert response.status_code in (200, 202), response.text[:300]
        return response.json()


@pytest.mark.parametrize("store_address", ["sqlite", exhaustive("redis")], indirect=True)
def test_a_sweep_goes_on_after_kill_9(store_address: str, tmp_path: Path) -> None:
    more = {"EXPLORER_STORE": store_address}
    running = start_server(tmp_path, **more)
    # Tiles of 25, 37, 37 and 1 cells, one after the other.
    side = 10
    asking = Asking(running.url, side)
    found = asking.ask()
    while not found["reached"]:
        assert found["target"] == side**2
        found = asking.ask()
    asking.close()
    assert found["reached"] < found["target"]
    pids = workers(running.process.pid)
    running.process.send_signal(signal.SIGKILL)
    running.process.wait()
    if running.process.stdout is not None:
        running.process.stdout.close()
    wait_until(lambda: not any(alive(pid) for pid in pids))

    again = start_server(tmp_path, **more)
    try:
        known = np.array(found["values"], dtype=np.float64)
        with httpx.Client(base_url=again.url, timeout=30) as client:
            after = client.get(f"{API}/sweeps/{asking.name}").json()
            assert after["reached"] >= found["reached"]
            while after["reached"] <= found["reached"]:
                after = client.get(f"{API}/sweeps/{asking.name}").json()
            values = np.array(after["values"], dtype=np.float64)
        there = np.isfinite(known)
        assert there.sum() >= 10
        np.testing.assert_array_equal(values[there], known[there])
    finally:
        stop_server(again.process)


def test_nobody_waits_for_a_sweep(server: str) -> None:
    """Another experiment's frames come after a slice or two while a sweep is computed."""
    stop = threading.Event()
    asking = Asking(server)

    def keep_asking() -> Any:
        found = asking.ask()
        while not stop.is_set() and found["reached"] < found["target"]:
            found = asking.ask()
        return found

    try:
        frames = asking.other
        path = f"{API}/experiments/{read(frames.post(f'{API}/experiments', json={}), 201)['id']}"
        read(frames.get(f"{path}/frames/1"))
        waits = []
        with ThreadPoolExecutor(1) as thread:
            last = thread.submit(keep_asking)
            for step in range(9):
                started = time.perf_counter()
                read(frames.get(f"{path}/frames/{step}"))
                waits.append(time.perf_counter() - started)
            assert not last.done()
            stop.set()
            found = last.result()
        assert found["reached"] < SIDE**2
        while not found["reached"]:
            found = asking.ask()
        # Without slices each frame would wait for a tile or for the whole request.
        assert sorted(waits)[len(waits) // 2] < 0.2
    finally:
        stop.set()
        asking.close()
