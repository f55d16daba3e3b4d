"""What requests for frames, traces and histories are refused for."""

from __future__ import annotations

import numpy as np
import pytest

from backprop_explorer.exports import EXPORTS
from backprop_explorer.limits import Limits
from backprop_explorer.main import create_app
from backprop_explorer.settings import Settings
from tests.helpers.api import keep, read, refused
from tests.helpers.clients import Client, MakeClient
from tests.helpers.experiments import SMALL


@pytest.fixture
def path(shared_client: Client) -> str:
    return keep(shared_client, **SMALL)


BAD: list[tuple[str, str, str]] = [
    ("frames/1/trace?lines=z1,W9", "lines", "unknown line 'W9'"),
    ("frames/1/trace?entries=0", "entries", "at least 1"),
    ("frames/-1", "step", "at least 0"),
    ("frames/one", "step", "whole number"),
    ("frames/1.5", "step", "whole number"),
    ("frames/" + "9" * 30, "step", ""),
    ("frames/" + "9" * 5000, "step", ""),
    ("frames/10000001", "step", "at most 10,000,000 steps"),
    ("frames/0?since=-2", "since", "at least -1"),
    ("frames/0?since=x", "since", "whole number"),
    ("frames/0?grid=1", "grid", "at least 2"),
    ("frames/0?grid=97", "grid", "at most 96"),
    ("frames/0?grid=" + "9" * 40, "grid", ""),
    ("frames/0?axes=0", "axes", "two different features"),
    ("frames/0?axes=0,0", "axes", "two different features"),
    ("frames/0?axes=0,2", "axes", "from 0 to 1"),
    ("frames/0?axes=0,1,1", "axes", "such as 0,1"),
    ("frames/0?axes=-1,0", "axes", "such as 0,1"),
    ("frames/0?axes=x", "axes", "such as 0,1"),
    ("frames/0?axes=٠,١", "axes", "such as 0,1"),
    ("frames/0?axes=", "axes", "such as 0,1"),
    ("frames/0?axes=" + "1" * 33, "axes", "at most 32"),
    ("frames/0?sample=28", "sample", "from 0 to 27"),
    ("frames/0?sample=-1", "sample", "number of a training sample"),
    ("frames/0?sample=all", "sample", "number of a training sample"),
    ("frames/0?sample=٣", "sample", "number of a training sample"),
    ("frames/0?sample=999999999", "sample", "from 0 to 27"),
    ("frames/0?sample=9999999999999999", "sample", "from 0 to 27"),
    ("frames/0/trace?sample=9999999999999999", "sample", "from 0 to 27"),
    ("export/script?sample=9999999999999999", "sample", "from 0 to 27"),
    ("frames/0?axes=x", "axes", "or 0 for one feature"),
    ("frames/0?include=everything", "include", "known: parameters"),
    ("frames/0?arrays=hex", "arrays", "'lists' or 'base64'"),
    ("frames/-1/trace", "step", "at least 0"),
    ("frames/10000001/trace", "step", "at most 10,000,000 steps"),
    ("frames/0/trace?sample=28", "sample", "from 0 to 27"),
    ("frames/0/trace?sample=", "sample", "number of a training sample"),
    ("frames/0/trace?convention=columns", "convention", "'column'"),
    ("frames/0?convention=columns", "convention", "'column'"),
    ("frames/0/trace?reduction=average", "reduction", "known: mean"),
    ("frames/0/trace?fused=perhaps", "fused", "true or false"),
    ("frames/0/trace?jacobians=2", "jacobians", "true or false"),
    ("history?every=0", "every", "at least 1"),
    ("history?every=x", "every", "whole number"),
    ("history?every=1&until=100000", "every", "at most 10,000 points"),
    ("history?every=1001&until=10000001", "until", "at most 10,000,000 steps"),
    ("history?until=-1", "until", "at least 0"),
    ("steps", "first", "required"),
    ("steps?first=-1", "first", "at least 0"),
    ("steps?first=0&every=0", "every", "at least 1"),
    ("steps?first=0&count=33", "count", "at most 32"),
    ("steps?first=0&once=everything", "once", "known: parameters"),
    ("steps?first=0&sample=28", "sample", "from 0 to 27"),
    ("steps?first=0&lines=z1,W9", "lines", "unknown line 'W9'"),
]


@pytest.mark.parametrize(("request_", "field", "words"), BAD)
def test_what_is_wrong_is_named(
    shared_client: Client, path: str, request_: str, field: str, words: str
) -> None:
    found = refused(shared_client.get(f"{path}/{request_}"))
    assert list(found) == [field]
    assert words in found[field]


@pytest.mark.parametrize(
    "step", [10_000_001, 99_999_999_999, 10**400], ids=lambda n: f"{len(str(n))} digits"
)
@pytest.mark.parametrize(
    ("asked", "field"),
    [
        *((f"frames/{{step}}{more}", "step") for more in ("", "/trace", "/slice", "/shares")),
        *((f"export/{kind}?step={{step}}", "step") for kind in EXPORTS),
        ("history?until={step}", "until"),
        ("steps?first={step}", "first"),
    ],
)
def test_the_limit_of_steps_is_reported_for_any_step(
    shared_client: Client, path: str, asked: str, field: str, step: int
) -> None:
    found = refused(shared_client.get(f"{path}/{asked.format(step=step)}"))
    assert found == {field: "at most 10,000,000 steps, counted from 0"}


def test_limits_let_through_what_they_say(settings: Settings, make_client: MakeClient) -> None:
    # With the default budget the last step would be computed for long.
    quick = Limits(frame_budget_seconds=0.1)
    app = create_app(settings.model_copy(update={"limits": quick}))
    client = make_client(app)
    path = keep(client, **SMALL)
    assert client.get(f"{path}/frames/10000000?include=").status_code in (200, 202)
    assert read(client.get(f"{path}/frames/0?grid=96"))["step"] == 0
    assert read(client.get(f"{path}/frames/0?sample=27"))["step"] == 0


def test_large_values_are_left_out_and_come_line_by_line(shared_client: Client, path: str) -> None:
    where = f"{path}/frames/5/trace?sample=3"
    whole = read(shared_client.get(where))
    few = read(shared_client.get(f"{where}&entries=10"))
    assert [line["id"] for line in few["lines"]] == [line["id"] for line in whole["lines"]]
    sizes = set()
    for kind in ("givens", "lines"):
        for light, full in zip(few[kind], whole[kind], strict=True):
            size = np.size(full["value"])
            sizes.add(size > 10)
            if size > 10:
                assert light == {**full, "value": None, "left_out": True}
            else:
                assert light == full
    assert sizes == {True, False}
    assert few["gradients"][1] == {**whole["gradients"][1], "dC_dW": None}
    one = read(shared_client.get(f"{where}&verify=false&lines=dC_dW2,a1"))
    assert one["lines"] == [each for each in whole["lines"] if each["id"] in ("dC_dW2", "a1")]
    assert one["givens"] == one["gradients"] == []
    given = read(shared_client.get(f"{where}&verify=false&lines=W2&entries=3"))
    assert [each["left_out"] for each in given["givens"]] == [True]


def test_unknown_methods_are_refused(shared_client: Client, path: str) -> None:
    for method in ("PUT", "DELETE", "PATCH"):
        response = shared_client.request(method, path, headers={"Content-Type": "application/json"})
        refused(response, 405)
