"""Frames, traces and histories of experiments, field by field as in docs/wire.md."""

from __future__ import annotations

from typing import Any

import httpx
import numpy as np
import orjson
import pytest

from backprop_explorer.limits import Limits
from backprop_explorer.main import create_app
from backprop_explorer.settings import Settings
from tests.compute.test_encoding import decoded
from tests.helpers.api import API, keep, read
from tests.helpers.clients import Client, MakeClient
from tests.helpers.experiments import SMALL


@pytest.fixture
def path(shared_client: Client) -> str:
    return keep(shared_client, **SMALL)


def lines(response: httpx.Response) -> list[dict[str, Any]]:
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/x-ndjson"
    return [orjson.loads(line) for line in response.content.splitlines()]


def test_frames_and_requests_for_parts_of_them(shared_client: Client, path: str) -> None:
    few = read(shared_client.get(f"{path}/frames/20?include=curves&since=17"))
    assert few["curves"]["step"] == [18, 19, 20]
    assert "W" not in few["layers"][0]
    none = read(shared_client.get(f"{path}/frames/20?include="))
    assert "curves" not in none
    one = read(shared_client.get(f"{path}/frames/20?sample=3&include=neurons"))
    assert one["output"] == one["layers"][-1]["neurons"]["a"]
    small = read(shared_client.get(f"{path}/frames/20?grid=2&include=boundary"))
    assert np.shape(small["boundary"]["z"]) == (2, 2)
    later = read(shared_client.get(f"{path}/frames/20?since=999&include=curves"))
    assert later["curves"]["step"] == []


@pytest.mark.parametrize("arrays", ["lists", "base64"])
def test_a_frame_in_the_convention_of_columns(
    shared_client: Client, path: str, arrays: str
) -> None:
    def layers(query: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = read(shared_client.get(f"{path}/frames/3?{query}"))["layers"]
        return found

    def array(value: Any) -> np.ndarray:
        return decoded(value) if isinstance(value, dict) else np.array(value)

    rows, columns = layers("convention=row"), layers(f"convention=column&arrays={arrays}")
    assert rows == layers("") == layers("convention=lecture")
    for row, column in zip(rows, columns, strict=True):
        for name in ("W", "dC_dW"):
            assert np.array_equal(array(column[name]), np.array(row[name]).T)
        assert np.array_equal(array(column["b"]), row["b"])


def test_a_far_frame_is_202_until_it_is_computed(
    settings: Settings, make_client: MakeClient
) -> None:
    hasty = Limits(frame_budget_seconds=1e-9)
    app = create_app(settings.model_copy(update={"limits": hasty}))
    client = make_client(app)
    path = keep(client, **SMALL)
    reached = []
    for _ in range(29):
        progress = read(client.get(f"{path}/frames/30"), 202)
        assert set(progress) == {"reached", "target"}
        assert progress["target"] == 30
        reached.append(progress["reached"])
    assert reached == list(range(1, 30))
    assert read(client.get(f"{path}/frames/30"))["step"] == 30
    # The trace answers 202 in the same way; history waits for its points.
    assert client.get(f"{path}/frames/60/trace").status_code == 202
    assert [point["step"] for point in lines(client.get(f"{path}/history?every=40&until=80"))] == [
        *(0, 40, 80)
    ]


def test_the_trace_of_a_frame_is_that_of_the_same_numbers(shared_client: Client, path: str) -> None:
    """POST /trace computes the same lines from the givens as GET shows for a sample."""
    shown = read(shared_client.get(f"{path}/frames/9/trace?sample=5"))
    assert (shown["step"], shown["rows"], shown["batch"]) == (9, [5], None)
    given = {each["id"]: each["value"] for each in shown["givens"]}
    again = read(
        shared_client.post(
            f"{API}/trace",
            json={
                "layers": [
                    {
                        "W": given[f"W{k}"],
                        "b": given[f"b{k}"],
                        "activation": shown["activations"][k - 1],
                    }
                    for k in (1, 2, 3)
                ],
                "x": given["x"],
                "target": given["target"],
                "cost": "binary_cross_entropy",
                "reduction": shown["reduction"],
                "optimizer": {"name": "sgd", "learning_rate": given["learning_rate"]},
            },
        )
    )
    assert again["lines"] == shown["lines"]
    assert again["verification"] == shown["verification"]
    assert shown["verification"]["autograd"]["passed"]


def test_queries_of_the_trace(shared_client: Client, path: str) -> None:
    lecture = read(
        shared_client.get(f"{path}/frames/3/trace?convention=lecture&sample=0&verify=false")
    )
    assert (lecture["convention"], lecture["verification"]) == ("lecture", None)
    batch = read(
        shared_client.get(f"{path}/frames/3/trace?reduction=sum&fused=false&jacobians=true")
    )
    assert (batch["batch"], batch["reduction"], batch["fused"]) == (4, "sum", False)
    assert {"dC_da3", "da3_dz3"} <= {line["id"] for line in batch["lines"]}
    typed = read(shared_client.get(f"{path}/frames/3/trace?arrays=base64&sample=0"))
    assert decoded(typed["givens"][0]["value"]).shape == (2,)


def test_history(shared_client: Client, path: str) -> None:
    found = lines(shared_client.get(f"{path}/history?every=7&until=21"))
    assert [point["step"] for point in found] == [0, 7, 14, 21]
    assert set(found[0]) == {
        *("step", "epoch", "learning_rate", "cost_train", "cost_test", "score_train"),
        *("score_test", "W_norm", "z_norm"),
    }
    assert [
        point["step"] for point in lines(shared_client.get(f"{path}/history?every=5&until=4"))
    ] == [0]


DIVERGING: dict[str, Any] = {
    **SMALL,
    "network": {
        "layers": [{"units": 6, "activation": "relu"}, {"units": 1, "activation": "identity"}]
    },
    "cost": {"name": "mse"},
    "optimizer": {"learning_rate": 30},
}


def test_a_run_that_diverges(shared_client: Client) -> None:
    path = keep(shared_client, **DIVERGING)
    frame = read(shared_client.get(f"{path}/frames/400"))
    last = frame["step"]
    assert last < 400
    assert set(frame["diverged"]) == {"step", "text", "suggestion", "change"}
    assert frame["diverged"]["suggestion"] == {"set": "learning_rate", "to": 0.1}
    assert frame["diverged"]["change"] == {"path": "optimizer.learning_rate", "value": 0.1}
    assert read(shared_client.get(f"{path}/frames/{last}"))["diverged"] is None
    assert read(shared_client.get(f"{path}/frames/400/trace"))["step"] == last
    found = lines(shared_client.get(f"{path}/history?every=1&until=400"))
    assert found[-1] == {"diverged": frame["diverged"]}
    assert found[-2]["step"] == last


def test_several_steps_are_the_frames_and_workings_of_each(
    shared_client: Client, path: str
) -> None:
    every = "parameters,neurons"
    asked = f"sample=3&include={every}&formulas=latex"
    found = read(shared_client.get(f"{path}/steps?first=4&every=3&count=3&once=maps&{asked}"))
    assert [each["frame"]["step"] for each in found["steps"]] == [4, 7, 10]
    for each, parts in zip(found["steps"], ("parameters,neurons,maps", *2 * [every]), strict=True):
        at = f"{path}/frames/{each['frame']['step']}"
        assert each["frame"] == read(shared_client.get(f"{at}?sample=3&include={parts}"))
        working = f"{at}/trace?sample=3&formulas=latex&verify=false"
        assert each["trace"] == read(shared_client.get(working))
    typed = read(shared_client.get(f"{path}/steps?first=4&arrays=base64&{asked}"))["steps"]
    assert (
        decoded(typed[0]["frame"]["layers"][0]["W"]).tolist()
        == (found["steps"][0]["frame"]["layers"][0]["W"])
    )
    assert typed[0]["trace"] == found["steps"][0]["trace"]


def test_several_steps_end_where_training_diverges(shared_client: Client) -> None:
    path = keep(shared_client, **DIVERGING)
    found = read(shared_client.get(f"{path}/steps?first=0&every=4&count=32"))["steps"]
    last = found[-1]["frame"]
    assert last["diverged"]["step"] == last["step"] == found[-1]["trace"]["step"]
    assert [each["frame"]["diverged"] for each in found[:-1]] == [None] * (len(found) - 1)


def test_several_steps_end_with_the_last_allowed_one(
    settings: Settings, make_client: MakeClient
) -> None:
    few = settings.model_copy(update={"limits": Limits(max_steps=5, frame_budget_seconds=60.0)})
    client = make_client(create_app(few))
    found = read(client.get(f"{keep(client, **SMALL)}/steps?first=4&count=9"))["steps"]
    assert [each["frame"]["step"] for each in found] == [4, 5]


def test_several_steps_take_one_slice_of_time(settings: Settings, make_client: MakeClient) -> None:
    short = settings.model_copy(update={"limits": Limits(frame_budget_seconds=1e-9)})
    client = make_client(create_app(short))
    path = keep(client, **SMALL)
    assert len(read(client.get(f"{path}/steps?first=0&count=9"))["steps"]) == 1
