"""GET /catalog: complete registries, with formulas in MathML."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from backprop_explorer.datasets import DATASETS
from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import COSTS, REDUCTIONS
from backprop_explorer.engine.initializers import INITIALIZERS
from backprop_explorer.engine.notation import CONVENTIONS
from backprop_explorer.engine.ops import OPS
from backprop_explorer.engine.optimizers import OPTIMIZERS
from backprop_explorer.engine.schedules import SCHEDULES
from backprop_explorer.experiments.sweeps import MEASURES
from backprop_explorer.main import create_app
from backprop_explorer.settings import Settings
from tests.helpers.api import API, read
from tests.helpers.clients import Client, MakeClient

REGISTRIES: Mapping[str, Mapping[str, Any]] = {
    "datasets": DATASETS,
    "activations": ACTIVATIONS,
    "costs": COSTS,
    "reductions": REDUCTIONS,
    "optimizers": OPTIMIZERS,
    "schedules": SCHEDULES,
    "initializers": INITIALIZERS,
    "conventions": CONVENTIONS,
    "operations": OPS,
    "measures": MEASURES,
}
FORMULAS = {
    "activations": {"formula", "derivative"},
    "costs": {"formula", "derivative"},
    "reductions": {"formula"},
    "optimizers": {"formula"},
    "schedules": {"formula"},
    "initializers": {"formula"},
}
ADJUSTABLE = ("datasets", "optimizers", "schedules", "initializers")


@pytest.fixture
def catalog(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = read(client.get(f"{API}/catalog"))
    return found


def formulas(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "mathml" in value:
            yield value
        for each in value.values():
            yield from formulas(each)
    elif isinstance(value, list):
        for each in value:
            yield from formulas(each)


def test_the_catalog_has_every_entry_of_every_registry(catalog: dict[str, Any]) -> None:
    assert set(catalog) == {*REGISTRIES, "misconceptions", "provided_datasets", "limits"}
    for kind, registry in REGISTRIES.items():
        assert [entry["name"] for entry in catalog[kind]] == list(registry)
        for entry in catalog[kind]:
            assert entry["title"]
            assert entry["description"]
            assert FORMULAS.get(kind, set()) <= set(entry)


def test_parameters_have_bounds_that_hold_their_default(catalog: dict[str, Any]) -> None:
    for kind in ADJUSTABLE:
        for entry in catalog[kind]:
            for parameter in entry["parameters"]:
                assert set(parameter) == {"name", "title", "default", "min", "max", "integer"}
                assert parameter["min"] <= parameter["default"] <= parameter["max"]


def test_formulas_are_latex_and_well_formed_mathml(catalog: dict[str, Any]) -> None:
    found = list(formulas(catalog))
    assert len(found) > 50
    for each in found:
        assert set(each) == {"latex", "mathml"}
        root = ET.fromstring(each["mathml"])
        assert root.tag.endswith("math")
        assert "\\" not in "".join(root.itertext())


def test_entries_refer_to_known_names(catalog: dict[str, Any]) -> None:
    names = {entry["name"] for entry in catalog["activations"]}
    for cost in catalog["costs"]:
        assert set(cost["suits"]) <= names
        assert set(cost["tasks"]) <= {"classification", "regression"}
        assert cost["default_reduction"] in REDUCTIONS
    for dataset in catalog["datasets"]:
        assert (dataset["classes"] == 0) == (dataset["task"] == "regression")
    for activation in catalog["activations"]:
        low, high = activation["range"]
        assert low is None or high is None or low < high


def test_limits_are_the_servers_own(settings: Settings, make_client: MakeClient) -> None:
    changed = Settings(store=settings.store, limits={"max_units": 77})  # type: ignore[arg-type]
    app = create_app(changed)
    limits = read(make_client(app).get(f"{API}/catalog"))["limits"]
    assert limits["max_units"] == 77
    assert set(limits) == set(type(changed.limits).model_fields)
