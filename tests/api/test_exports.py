"""…/export/{kind}: files, their names, and refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backprop_explorer.compute.trace_requests import TRACE_EXAMPLE
from backprop_explorer.exports import EXPORTS
from backprop_explorer.limits import Limits
from backprop_explorer.main import create_app
from backprop_explorer.settings import Settings
from tests.helpers.api import API, keep, read, refused
from tests.helpers.clients import Client, MakeClient
from tests.helpers.experiments import SMALL
from tests.helpers.programs import run


@pytest.mark.parametrize("name", EXPORTS)
def test_a_file_is_sent_with_its_name(shared_client: Client, name: str) -> None:
    export, experiment = EXPORTS[name], keep(shared_client, **SMALL)
    response = shared_client.get(f"{experiment}/export/{name}", params={"step": 5, "sample": 2})
    assert response.status_code == 200
    assert response.headers["content-type"] == export.media_type
    stem = f"backprop-moons-{experiment.rsplit('/', 1)[1][:8]}-step-5"
    if export.of_working:
        stem += "-sample-2"
    assert response.headers["content-disposition"] == (
        f'attachment; filename="{stem}{export.suffix}"'
    )
    assert response.content
    again = shared_client.get(f"{experiment}/export/{name}", params={"step": 5, "sample": 2})
    assert again.content == response.content


def test_the_trace_is_what_the_trace_route_answers(shared_client: Client) -> None:
    experiment = keep(shared_client, **SMALL)
    exported = read(shared_client.get(f"{experiment}/export/trace?step=7&sample=1&convention=row"))
    shown = read(shared_client.get(f"{experiment}/frames/7/trace?sample=1&convention=row"))
    assert exported.pop("source").endswith("training sample 1 at step 7.")
    assert exported == shown


def test_the_programs_that_are_sent_run(shared_client: Client, tmp_path: Path) -> None:
    experiment = keep(shared_client, **SMALL)
    programs = {
        "of experiment.py": shared_client.get(f"{experiment}/export/script?step=9").content,
        "of experiment.ipynb": shared_client.get(f"{experiment}/export/notebook?step=9").content,
    }
    for kind, changes in GIVENS.items():
        response = shared_client.post(
            f"{API}/trace/export/script", json={**TRACE_EXAMPLE, **changes}
        )
        assert response.status_code == 200, response.text
        programs[f"{kind}.py"] = response.content
    for name, result in run(tmp_path, programs).items():
        assert result["error"] is None, (name, result["error"])
        assert "agree with the explorer within 1e-9" in result["said"]
        assert "autograd finds the same gradients" in result["said"]


_SOFTMAX = {
    "layers": [
        {"W": [[0.5, -0.3, 0.1], [0.8, 0.2, -0.4]], "b": [0.1, -0.1, 0.0], "activation": "softmax"}
    ],
    "convention": "row",
    "x": [[0.6, -1.2], [0.1, 2.0]],
    "target": [[0.2, 0.3, 0.1], [0, 0, 2]],
    "cost": "cross_entropy",
}
GIVENS: dict[str, dict[str, Any]] = {
    "one sample": {"jacobians": True},
    "a batch": {"x": [TRACE_EXAMPLE["x"]] * 3, "target": [[1.0], [0.0], [0.5]]},
    "targets that do not sum to one": _SOFTMAX,
    "softmax apart from its cost": {**_SOFTMAX, "fused": False},
    "adam and a penalty": {
        "optimizer": {"name": "adam", "schedule": {"name": "cosine"}},
        "penalty": {"l1": 0.1, "l2": 0.2},
    },
    "no optimizer": {"optimizer": None},
    "saturated": {"x": [900.0, -800.0]},
}


@pytest.mark.parametrize("kind", GIVENS)
def test_pytorch_of_givens(shared_client: Client, kind: str) -> None:
    response = shared_client.post(
        f"{API}/trace/export/pytorch", json={**TRACE_EXAMPLE, **GIVENS[kind]}
    )
    assert response.status_code == 200
    compile(response.text, kind, "exec")
    assert "backprop-working-pytorch.py" in response.headers["content-disposition"]


def test_givens_have_no_history(shared_client: Client) -> None:
    for name in set(EXPORTS) - {"notebook", "script", "pytorch"}:
        response = shared_client.post(f"{API}/trace/export/{name}", json=TRACE_EXAMPLE)
        assert set(refused(response)) == {"kind"}


def test_givens_that_do_not_fit_name_the_field(shared_client: Client) -> None:
    wrong = {**TRACE_EXAMPLE, "x": [1.0]}
    assert set(refused(shared_client.post(f"{API}/trace/export/script", json=wrong))) == {
        "layers.0.W"
    }


def test_unknown_kinds_and_experiments(shared_client: Client) -> None:
    refused(shared_client.get(f"{keep(shared_client, **SMALL)}/export/pickle"), 404)
    refused(shared_client.get(f"{API}/experiments/{20 * '0'}/export/script"), 404)


def test_a_batch_too_large_to_show_is_refused_but_its_weights_are_not(
    settings: Settings, make_client: MakeClient
) -> None:
    limits = Limits(max_trace_batch=4)
    app = create_app(settings.model_copy(update={"limits": limits}))
    client = make_client(app)
    experiment = keep(client, **SMALL)
    assert set(refused(client.get(f"{experiment}/export/script"))) == {"sample"}
    assert client.get(f"{experiment}/export/weights").status_code == 200
    assert client.get(f"{experiment}/export/script?sample=0").status_code == 200
