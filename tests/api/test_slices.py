"""…/slice and …/shares: answers and refusals."""

from __future__ import annotations

import numpy as np
import pytest

from backprop_explorer.limits import Limits
from backprop_explorer.main import create_app
from backprop_explorer.settings import Settings
from tests.compute.test_encoding import decoded
from tests.helpers.api import API, keep, read, refused
from tests.helpers.clients import Client, MakeClient
from tests.helpers.experiments import SMALL


def test_a_line_of_costs(shared_client: Client) -> None:
    found = read(shared_client.get(f"{keep(shared_client, **SMALL)}/frames/9/slice?points=6"))
    assert (found["kind"], found["step"], found["learning_rate"]) == ("gradient", 9, 0.1)
    assert [direction["of"] for direction in found["directions"]] == ["train", "batch"]
    for direction in found["directions"]:
        assert len(direction["t"]) == len(direction["cost_batch"]) == 6


@pytest.mark.parametrize(
    "query", ["kind=plane", "kind=plane&second=start&seed=5", "kind=weights&a=W1[0,2]&b=b2[1]"]
)
def test_a_plane_of_costs(shared_client: Client, query: str) -> None:
    url = f"{keep(shared_client, **SMALL)}/frames/9/slice?points=5&{query}"
    found = read(shared_client.get(url))
    assert np.shape(found["cost"]) == (5, 5)
    assert found["path"]["step"] == list(range(10))
    assert shared_client.get(url).content == shared_client.get(url).content
    packed = read(shared_client.get(f"{url}&arrays=base64"))
    assert decoded(packed["cost"]).tolist() == found["cost"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("kind=cube", "kind"),
        ("points=2", "points"),
        ("points=402", "points"),
        ("kind=plane&points=97", "points"),
        ("points=x", "points"),
        ("span=0", "span"),
        ("span=nan", "span"),
        ("span=1e999", "span"),
        ("seed=-1", "seed"),
        ("second=third", "second"),
        ("kind=weights", "a"),
        ("kind=weights&a=b1[0]", "b"),
        ("kind=weights&a=b1[0]&b=b1[0]", "b"),
        ("kind=weights&a=W9[0,0]&b=b1[0]", "a"),
        ("kind=weights&a=%00&b=b1[0]", "a"),
    ],
)
def test_refusals_of_slices(shared_client: Client, query: str, field: str) -> None:
    assert set(
        refused(shared_client.get(f"{keep(shared_client, **SMALL)}/frames/1/slice?{query}"))
    ) == {field}


@pytest.mark.parametrize("number", [99, 99_999_999_999, 10**400], ids=["99", "1e11", "1e400"])
@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("slice?kind=plane&points={}", "at most 96 points on a side, and at least 3"),
        ("shares?layer={}", "layers are numbered from 1 to 3"),
    ],
)
def test_the_limit_is_reported_for_any_number(
    shared_client: Client, query: str, message: str, number: int
) -> None:
    path = f"{keep(shared_client, **SMALL)}/frames/1"
    assert list(refused(shared_client.get(f"{path}/{query.format(number)}")).values()) == [message]


def test_shares_of_the_batch(shared_client: Client) -> None:
    path = f"{keep(shared_client, **SMALL)}/frames/9"
    found = read(shared_client.get(f"{path}/shares?layer=2&entry=W[1,0]&full=true"))
    frame = read(shared_client.get(f"{path}?include=gradients"))
    assert found["rows"] == frame["batch"]["rows"]
    W = np.sum(found["parts"]["dC_dW"], axis=0)
    np.testing.assert_allclose(W, frame["layers"][1]["dC_dW"], rtol=1e-12, atol=1e-15)
    assert np.sum(found["entry"]["parts"]) == pytest.approx(W[1, 0], rel=1e-12)
    packed = read(shared_client.get(f"{path}/shares?layer=2&arrays=base64"))
    assert decoded(packed["W_norm"]).tolist() == found["W_norm"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("layer=0", "layer"),
        ("layer=9", "layer"),
        ("entry=W1", "entry"),
        ("entry=W[9,9]", "entry"),
        ("full=maybe", "full"),
    ],
)
def test_refusals_of_shares(shared_client: Client, query: str, field: str) -> None:
    assert set(
        refused(shared_client.get(f"{keep(shared_client, **SMALL)}/frames/1/shares?{query}"))
    ) == {field}


@pytest.mark.parametrize("name", ["slice", "shares"])
def test_unknown_and_far(
    shared_client: Client, settings: Settings, make_client: MakeClient, name: str
) -> None:
    refused(shared_client.get(f"{API}/experiments/{20 * '0'}/frames/0/{name}"), 404)
    refused(shared_client.get(f"{keep(shared_client, **SMALL)}/frames/{10**8}/{name}"))
    app = create_app(settings.model_copy(update={"limits": Limits(frame_budget_seconds=1e-6)}))
    path = f"{keep(make_client(app), **SMALL)}/frames/3/{name}"
    assert read(make_client(app).get(path), 202)["target"] == 3
