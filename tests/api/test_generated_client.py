"""A client generated from the OpenAPI document works with a real server, with typed answers."""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from backprop_explorer.compute.trace_requests import TRACE_EXAMPLE
from tests.helpers.openapi import document, operations

PACKAGE = "explorer_client"
# The generator has no types for these media types; the rest of their routes is generated.
UNTYPED = ["WARNING parsing GET /api/v1/experiments/{id}/history within frames.",
           "WARNING parsing GET /api/v1/experiments/{id}/picture within exports.",
           "WARNING parsing POST /api/v1/datasets within datasets."]  # fmt: skip


class Generated:
    """The generated package, connected to a server."""

    def __init__(self, package: ModuleType, server: str) -> None:
        self.models: Any = importlib.import_module(f"{PACKAGE}.models")
        self.client: Any = package.Client(base_url=server, timeout=30)
        self.calls: dict[str, Any] = {}
        api = importlib.import_module(f"{PACKAGE}.api")
        for module in pkgutil.walk_packages(api.__path__, f"{PACKAGE}.api."):
            name = module.name.rpartition(".")[2]
            self.calls[name] = importlib.import_module(module.name)

    def __call__(self, operation: str, *arguments: Any, **more: Any) -> Any:
        """The answer to an operation, by its id."""
        return self.calls[operation].sync(*arguments, client=self.client, **more)


@pytest.fixture(scope="module")
def generated(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generated]:
    folder = tmp_path_factory.mktemp("generated")
    described = folder / "openapi.json"
    described.write_text(json.dumps(document()), encoding="utf-8")
    config = folder / "config.yml"
    config.write_text("post_hooks: []\n", encoding="utf-8")
    command = [
        str(Path(sys.executable).with_name("openapi-python-client")), "generate",
        "--path", str(described), "--config", str(config), "--meta", "none",
        "--output-path", str(folder / PACKAGE),
    ]  # fmt: skip
    found = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    said = found.stdout + found.stderr
    assert found.returncode == 0, said
    warnings = [line for line in said.splitlines() if line.startswith("WARNING")]
    assert sorted(warnings) == UNTYPED
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        made = Generated(importlib.import_module(PACKAGE), server)
        with made.client:
            yield made


def test_every_operation_and_schema_is_generated(generated: Generated) -> None:
    names = {operation["operationId"] for *_, operation in operations()}
    assert names <= set(generated.calls)
    for schema in (
        "TraceAnswer",
        "FrameAnswer",
        "CheckAnswer",
        "Recipe",
        "ProblemDetails",
        "PlaneSlice",
    ):
        assert hasattr(generated.models, schema)


def test_a_working_has_typed_lines(generated: Generated) -> None:
    body = generated.models.TraceRequest.from_dict(TRACE_EXAMPLE)
    found = generated("make_trace", body=body)
    assert isinstance(found, generated.models.TraceAnswer)
    assert found.lines[0].id == "z1"
    assert found.lines[0].shape == [2]
    assert found.lines[0].value == pytest.approx([0.76, 0.14])
    assert found.gradients[0].d_c_d_w
    assert found.verification.autograd.passed
    assert found.verification.autograd.by_line["dC_dW1"] < 1e-9


def test_an_experiment_and_its_frame(generated: Generated) -> None:
    kept = generated("keep_experiment", body=generated.models.Recipe())
    assert isinstance(kept, generated.models.ExperimentAnswer)
    assert kept.experiment.network.layers[0].units == 4
    assert generated("read_experiment", kept.id) == kept
    frame = generated("read_frame", kept.id, 20)
    assert isinstance(frame, generated.models.FrameAnswer)
    assert (frame.step, frame.layers[0].activation) == (20, "tanh")
    assert len(frame.layers[0].w) == 2
    assert frame.layers[0].gradient.update_ratio > 0
    assert frame.diverged is None
    assert frame.boundary.kind == "binary"
    working = generated("read_frame_trace", kept.id, 20)
    assert working.rows == frame.batch.rows
    plane = generated(
        "read_slice", kept.id, 20, kind=generated.models.ReadSliceKind.PLANE, points=3
    )
    assert isinstance(plane, generated.models.PlaneSlice)
    assert plane.here.cost == frame.cost.train


def test_submitted_numbers_are_marked(generated: Generated) -> None:
    submitted = {"z1": [0.76, 0.14], "a1": [0.5, 0.5]}
    body = generated.models.CheckRequest.from_dict({**TRACE_EXAMPLE, "submitted": submitted})
    found = generated("check_working", body=body)
    assert isinstance(found, generated.models.CheckAnswer)
    assert found.first_wrong == "a1"
    assert found.lines["z1"].verdict == "correct"
    assert found.lines["a1"].entries == [False, False]


def test_a_refusal_names_the_field(generated: Generated) -> None:
    body = generated.models.TraceRequest.from_dict({**TRACE_EXAMPLE, "cost": "mze"})
    found = generated("make_trace", body=body)
    assert isinstance(found, generated.models.ProblemDetails)
    assert (found.status, found.errors[0].field) == (422, "cost")


def test_more_than_one_request_can_do_is_progress(generated: Generated) -> None:
    kept = generated("keep_experiment", body=generated.models.Recipe())
    found = generated("read_frame", kept.id, 9_000_000)
    assert isinstance(found, generated.models.TrainingProgress)
    assert found.target == 9_000_000
