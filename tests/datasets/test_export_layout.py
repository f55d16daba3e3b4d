"""Exported data can be uploaded unchanged and gives the same data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_explorer.datasets import DATASETS, Table, own_dataset
from backprop_explorer.datasets.column_selection import select_columns
from backprop_explorer.datasets.csv_table import CsvLimits, escaped, read_csv, unescaped
from backprop_explorer.datasets.export_layout import header, layout_of
from backprop_explorer.experiments.explorer import Explorer
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.exports import EXPORTS
from backprop_explorer.exports.subject import Subject
from backprop_explorer.limits import Limits
from backprop_explorer.settings import Settings
from tests.helpers.api import API, keep, read
from tests.helpers.clients import Client

LIMITS = Limits()
MOST = CsvLimits(LIMITS.max_samples, LIMITS.max_columns, LIMITS.max_cells)
CSV = {"Content-Type": "text/csv"}
X = [[0.1, 0.9], [0.8, -0.2], [1e-7, 0.7], [4.0, 1e20]]

OWN: dict[str, dict[str, Any]] = {
    "classes -1 and +1": {"target": [0, 1, 0, 1], "classes": ["-1", "+1"]},
    "classes +1 and -1": {"target": [0, 1, 0, 1], "classes": ["+1", "-1"]},
    "formulas": {"target": [0, 1, 2, 3], "classes": ["=1+1", "+", "@SUM(A1)", "-"]},
    "full width": {"target": [0, 1, 2, 3], "classes": ["＝1", "＋1", "－", "＠a"]},
    "apostrophes": {"target": [0, 1, 2, 3], "classes": ["'-1", "''=", "'a", "it's"]},
    "fractions as classes": {"target": [0, 1, 2, 1], "classes": ["1.0", "0.5", "2.0"]},
    "not by the alphabet": {"target": [0, 1, 2, 1], "classes": ["b", "c", "a"]},
    "other delimiters": {
        "target": [0, 1, 0, 1],
        "classes": ["a;b", 'c;"d"'],
        "features": ["length; cm", "width, m"],
    },
    "names of columns": {
        "target": [0, 1, 0, 1],
        "classes": ["1", "2"],
        "features": ["=x", "class"],
    },
    "columns that are numbers": {
        "target": [0, 1, 0, 1],
        "classes": ["a", "b"],
        "features": ["2020", "-1"],
    },
    "columns as an export has them": {
        "target": [0.5, 1.5, 2.5, 0.25],
        "features": ["part", "edited"],
    },
    "longest names": {"target": [0, 1, 0, 1], "classes": ["x" * 60, "y" * 60]},
    "a regression": {"target": [0.5, -1.5, 2.25, 1e-9]},
    "a regression of few whole numbers": {"target": [0.0, 1.0, 1.0, 0.0]},
    "two targets": {"target": [[0.5, 1], [1.5, 2], [2.5, 3], [-1, 4]]},
    "two targets called as an input": {
        "target": [[0.5, 1], [1.5, 2], [2.5, 3], [-1, 4]],
        "features": ["y (1 of 2)", "y"],
    },
}


@pytest.fixture
def explorer(settings: Settings) -> Iterator[Explorer]:
    explorer = Explorer(settings)
    yield explorer
    explorer.close()


def exported(explorer: Explorer, dataset: dict[str, Any], **recipe: Any) -> tuple[Table, str]:
    """Return the table of a recipe, and its export."""
    initial_state = explorer.create(Recipe.model_validate({"dataset": dataset, **recipe}))
    at = explorer.snapshot(initial_state.recipe.id, 0)
    return initial_state.table, EXPORTS["data"].make(Subject("a test", at=at)).decode()


def uploaded(text: str) -> Table:
    """Return the table of an upload with default choices."""
    own = select_columns(read_csv(text, MOST)).rows
    return own_dataset("uploaded", own).make(seed=0)


def assert_same(found: Table, table: Table) -> None:
    assert found.features.tobytes() == table.features.tobytes()
    assert found.class_names == table.class_names
    np.testing.assert_array_equal(found.target, table.target)
    assert found.target.dtype == table.target.dtype
    assert found.target_name == table.target_name
    assert found.image_shape == table.image_shape


@pytest.mark.parametrize("name", DATASETS)
def test_every_data_set_comes_back(name: str, explorer: Explorer) -> None:
    table, text = exported(explorer, {"name": name}, **network(DATASETS[name].classes))
    found = uploaded(text)
    assert_same(found, table)
    assert found.feature_names == table.feature_names


def network(classes: int) -> dict[str, Any]:
    """Return a network and a cost that suit so many classes."""
    if classes > 2:
        last, cost = {"units": classes, "activation": "softmax"}, "cross_entropy"
    elif classes:
        last, cost = {"units": 1, "activation": "sigmoid"}, "binary_cross_entropy"
    else:
        last, cost = {"units": 1, "activation": "identity"}, "mse"
    return {"network": {"layers": [last]}, "cost": {"name": cost}}


@pytest.mark.parametrize("name", OWN)
def test_own_points_come_back(name: str, explorer: Explorer) -> None:
    own = {"name": "points", "x": X, "standardize": False, **OWN[name]}
    fitted = network(len(own.get("classes", [])))
    outputs = own["target"][0]
    if isinstance(outputs, list):
        fitted["network"]["layers"][0]["units"] = len(outputs)
    table, text = exported(explorer, own, **fitted)
    found = uploaded(text)
    assert_same(found, table)
    # Column names are made unique.
    assert list(found.feature_names)[:1] == list(table.feature_names)[:1]


@pytest.mark.parametrize("target", ["kind", "width"])
def test_an_uploaded_table_comes_back_under_its_id(shared_client: Client, target: str) -> None:
    text = "width,kind,length,word\n" + "".join(
        f"{k / 7},{'+-'[k % 2]}1,{-k},=w{k}\n" for k in range(30)
    )
    first = read(
        shared_client.post(f"{API}/datasets?target={target}", content=text, headers=CSV), 201
    )
    fitted = network(len(first["classes"]))
    experiment = keep(shared_client, dataset=first["dataset"], **fitted)
    file = shared_client.get(f"{experiment}/export/data").text
    again = read(shared_client.post(f"{API}/datasets", content=file.encode(), headers=CSV), 201)
    assert again["id"] == first["id"]
    roles = {each["name"]: each["role"] for each in again["columns"]}
    assert roles["part"] == "left out"
    assert roles[target] == "target"


def test_an_edited_file_comes_back(shared_client: Client) -> None:
    edits = [{"step": 0, "set": "x[3,1]", "to": 5.5}, {"step": 0, "set": "target[3]", "to": 1}]
    experiment = keep(shared_client, edits=edits)
    file = shared_client.get(f"{experiment}/export/data?step=1").text
    found = read(shared_client.post(f"{API}/datasets", content=file.encode(), headers=CSV), 201)
    assert [each["role"] for each in found["columns"]] == [
        *("feature", "feature", "target"),
        *("left out", "left out", "left out"),
    ]
    assert found["classes"] == ["upper moon", "lower moon"]
    assert found["rows"] == 300


def test_choices_are_free_in_an_exported_file() -> None:
    """With another target, the columns added by the export are still not features."""
    text = "a,b,kind,kind index,part\n" + "".join(
        f"{k}.5,{k},{'xy'[k % 2]},{1 - k % 2},{'train' if k else 'test'}\n" for k in range(12)
    )
    assert uploaded(text).class_names == ("y", "x")
    other = select_columns(read_csv(text, MOST), target="a").rows
    assert other.features == ["b"]
    assert other.classes == []
    named = select_columns(read_csv(text, MOST), features=["b", "kind index"]).rows
    assert named.features == ["b", "kind index"]
    # An index that contradicts the names does not define their order.
    broken = text.replace("0.5,0,x,1", "0.5,0,x,0")
    assert uploaded(broken).class_names == ("x", "y")
    # Files exported before there was an index column.
    old = text.replace(",kind index", "").replace("x,1,", "x,").replace("y,0,", "y,")
    assert uploaded(old).class_names == ("x", "y")


@pytest.mark.parametrize(
    ("names", "cells"),
    [
        (["a", "part"], ["1", "train"]),
        (["a", "b", "part"], ["1", "2", "engine"]),
        (["part", "a", "b"], ["train", "1", "2"]),
        (["a", "b", "part", "rest"], ["1", "2", "train", "3"]),
    ],
)
def test_other_files_are_not_taken_for_exported_ones(names: list[str], cells: list[str]) -> None:
    assert layout_of(names, [[cell] for cell in cells]) is None


@given(st.text(max_size=8, alphabet="=+-@'1.e\t＝＋－＠ab"))
def test_escaped_text_reads_back(text: str) -> None:
    assert unescaped(escaped(text)) == text
    assert escaped(text).lstrip("'")[:1] == text.lstrip("'")[:1]


def test_the_names_of_columns() -> None:
    assert header(["x"], "y", 2, classes=False, edited=True) == [
        *("x", "y (1 of 2)", "y (2 of 2)"),
        *("part", "edited"),
    ]
