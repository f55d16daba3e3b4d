"""Exported programs run and give the explorer's numbers; exported files contain them."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from backprop_explorer.datasets import DATASETS
from backprop_explorer.experiments.explorer import Explorer
from backprop_explorer.exports import EXPORTS
from backprop_explorer.exports.files import csv_file
from backprop_explorer.exports.pytorch import LOSSES, MODULES, OPTIMIZERS
from backprop_explorer.exports.subject import Subject
from tests.helpers.experiments import explorer, recipe
from tests.helpers.exports import Case, cases, subject
from tests.helpers.programs import run

CASES = cases()
# The notebook has the same code as the script; a few cases test the conversion.
CHANGED = {
    "training": ("return {", "dC_db1 = 1.001 * dC_db1\n    return {"),
    "forward": ("a1 = tanh(z1)\nshow", "a1 = tanh(z1) * 1.001\nshow"),
    "backward": ('show("dC_dW1"', 'dC_dW1 = dC_dW1 * (1 + 1e-8)\nshow("dC_dW1"'),
}
NOTEBOOKS = ["data moons", "data iris", "edits", "column 4", "cost cross_entropy of softmax"]


@pytest.fixture(scope="module")
def asked() -> Iterator[Explorer]:
    made = explorer()
    yield made
    made.close()


@pytest.fixture(scope="module")
def subjects(asked: Explorer) -> dict[str, Subject]:
    return {name: subject(asked, case) for name, case in CASES.items()}


def changed_programs(source: str) -> Iterator[tuple[str, bytes]]:
    """Programs that compute another number than the explorer did, by the place of the change."""
    for place, (old, new) in CHANGED.items():
        assert source.count(old) == 1, place
        yield f"changed {place}.py", source.replace(old, new).encode()


@pytest.fixture(scope="module")
def results(
    subjects: dict[str, Subject], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Any]]:
    """What all programs found, in one process: its start takes a second."""
    scripts = {f"{name}.py": EXPORTS["script"].make(each) for name, each in subjects.items()}
    books = {f"{name}.ipynb": EXPORTS["notebook"].make(subjects[name]) for name in NOTEBOOKS}
    changed = changed_programs(scripts["data moons.py"].decode())
    return run(tmp_path_factory.mktemp("exports"), {**scripts, **books, **dict(changed)})


def check(result: dict[str, Any], about: Subject) -> None:
    """Compare what a program computed with the explorer's lines, ignoring its own checks."""
    assert result["error"] is None, result["error"]
    assert about.at is not None
    assert about.working is not None
    values = result["values"]
    for name, expected in about.at.parameters.named().items():
        np.testing.assert_allclose(values["parameters"][name], expected, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(
        values["X"], about.at.initial_state.train_at(about.at.step)[0], rtol=0, atol=1e-12
    )
    np.testing.assert_array_equal(
        np.round(values["Y"], 12), np.round(about.at.initial_state.train_at(about.at.step)[1], 12)
    )
    lines = {line.node.id: line for line in about.working.trace.lines if line.node.id in values}
    depth = about.at.initial_state.network.depth
    assert {"C", *(f"dC_dW{k}" for k in range(1, depth + 1)), "z1", "b1_next"} <= set(lines)
    for name, line in lines.items():
        shown = about.working.notation.show(line.value, line.node.axes)
        np.testing.assert_allclose(values[name], shown, rtol=1e-9, atol=1e-9, err_msg=name)
    assert "agree with the explorer within 1e-9" in result["said"]
    assert "autograd finds the same gradients" in result["said"]


@pytest.mark.parametrize("name", CASES)
def test_a_script_finds_the_explorers_numbers(
    name: str, subjects: dict[str, Subject], results: dict[str, dict[str, Any]]
) -> None:
    check(results[f"{name}.py"], subjects[name])


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_finds_the_explorers_numbers(
    name: str, subjects: dict[str, Subject], results: dict[str, dict[str, Any]]
) -> None:
    check(results[f"{name}.ipynb"], subjects[name])


@pytest.mark.parametrize("place", CHANGED)
def test_a_program_detects_a_different_number(
    place: str, results: dict[str, dict[str, Any]]
) -> None:
    assert "AssertionError" in results[f"changed {place}.py"]["error"]


def test_a_notebook_is_valid_and_always_the_same(subjects: dict[str, Subject]) -> None:
    made = EXPORTS["notebook"].make(subjects["edits"])
    assert made == EXPORTS["notebook"].make(subjects["edits"])
    import nbformat  # here, because it takes a second

    book = nbformat.reads(made.decode(), as_version=4)
    nbformat.validate(book)
    formulas = [cell.source for cell in book.cells if "$$" in cell.source]
    assert len(formulas) == len(subjects["edits"].working.trace.lines)  # type: ignore[union-attr]
    assert any(r"\frac{\partial C}{\partial W^{(1)}}" in text for text in formulas)


def test_lines_are_named_in_the_requested_notation(subjects: dict[str, Subject]) -> None:
    written = {
        "column 4": ("z1 = W1 @ x + b1", "dC_dW2 = np.outer(dC_dz2, a1)", "W2.T @ dC_dz2"),
        "row 4": ("z1 = x @ W1 + b1", "dC_dW2 = np.outer(a1, dC_dz2)", "dC_dz2 @ W2.T"),
        "lecture 4": ("z1 = W1.T @ x + b1", "dC_dW2 = np.outer(a1, dC_dz2)", "W2 @ dC_dz2"),
        "column None": ("z1 = x @ W1.T + b1", "dC_dW2 = dC_dz2.T @ a1", "dC_dz2 @ W2"),
    }
    for name, lines in written.items():
        source = EXPORTS["script"].make(subjects[name]).decode()
        for line in lines:
            assert line in source, (name, line)


@pytest.mark.parametrize("name", CASES)
def test_pytorch_code_is_python(name: str, subjects: dict[str, Subject]) -> None:
    source = EXPORTS["pytorch"].make(subjects[name]).decode()
    tree = ast.parse(source)
    imported = {
        n.name for node in ast.walk(tree) if isinstance(node, ast.Import) for n in node.names
    }
    assert imported <= {"numpy", "torch", "torch.nn.functional", "base64"}
    assert "optimizer.step()" in source


def test_pytorch_supports_every_registry_entry() -> None:
    from backprop_explorer.engine import optimizers
    from backprop_explorer.engine.activations import ACTIVATIONS
    from backprop_explorer.engine.costs import COSTS

    assert set(MODULES) == set(ACTIVATIONS)
    assert set(LOSSES) == set(COSTS) | {
        f"{a}_{cost.name}" for cost in COSTS.values() for a in cost.fused
    }
    assert set(OPTIMIZERS) == set(optimizers.OPTIMIZERS)


def test_the_weights_are_those_of_the_step(subjects: dict[str, Subject]) -> None:
    about = subjects["edits"]
    made = EXPORTS["weights"].make(about)
    assert about.at is not None
    with np.load(io.BytesIO(made), allow_pickle=False) as found:
        assert set(found) == set(about.at.parameters.named())
        for name, value in about.at.parameters.named().items():
            assert found[name].tobytes() == value.tobytes()
    assert made == EXPORTS["weights"].make(about)


def rows(made: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(made.decode(), newline="")))


def test_the_history_holds_every_recorded_point(subjects: dict[str, Subject]) -> None:
    about = subjects["edits"]
    assert about.at is not None
    header, *found = rows(EXPORTS["history"].make(about))
    assert header[:6] == [
        *("step", "epoch", "cost_train", "cost_test", "accuracy_train", "accuracy_test")
    ]
    assert header[6:] == [f"norm_dC_d{letter}{k}" for letter in "Wz" for k in (1, 2, 3)]
    assert [int(row[0]) for row in found] == list(range(61))
    curves = about.at.curves
    for k, row in enumerate(found):
        assert float(row[2]) == curves["cost_train"][k]
        assert [float(cell) for cell in row[6:9]] == list(curves["W_norm"][k])


def test_a_history_without_a_test_part_has_empty_cells(subjects: dict[str, Subject]) -> None:
    _, first, *_ = rows(EXPORTS["history"].make(subjects["no test part, whole batches"]))
    assert first[3] == first[5] == ""


@pytest.mark.parametrize("name", DATASETS)
def test_the_data_is_that_of_the_table(name: str, subjects: dict[str, Subject]) -> None:
    about = subjects[f"data {name}"]
    assert about.at is not None
    table, split = about.at.initial_state.table, about.at.initial_state.split
    header, *found = rows(EXPORTS["data"].make(about))
    learned = [table.target_name, *([f"{table.target_name} index"] if table.class_names else [])]
    assert header == [*table.feature_names, *learned, "part"]
    features = np.array([[float(cell) for cell in row[: -1 - len(learned)]] for row in found])
    assert features.tobytes() == table.features.tobytes()
    assert [k for k, row in enumerate(found) if row[-1] == "test"] == sorted(split.test_rows)
    if table.class_names:
        assert [row[-3] for row in found] == [table.class_names[k] for k in table.target]
        assert [int(row[-2]) for row in found] == table.target.tolist()


@pytest.mark.parametrize("name", ["edits of data", "edits of classes", "edits of a regression"])
def test_the_data_has_the_edits_up_to_the_step(name: str, subjects: dict[str, Subject]) -> None:
    about = subjects[name]
    assert about.at is not None
    initial_state, split = about.at.initial_state, about.at.initial_state.split
    header, *found = rows(EXPORTS["data"].make(about))
    assert header[-2:] == ["part", "edited"]
    x, target = initial_state.raw_train_at(about.at.step)
    changed = {int(split.train_rows[3]): 3}
    width = initial_state.table.features.shape[1]
    if name == "edits of data":
        assert [row[-1] for row in found if row[-1]].count("x[3,0] target[3]") == 1
        changed[int(split.train_rows[20])] = 20
    for k, row in enumerate(found):
        if k not in changed:
            assert row[-1] == ""
            assert [float(cell) for cell in row[:width]] == initial_state.table.features[k].tolist()
            continue
        assert row[-1]
        raw = np.array([float(c) for c in row[:width]])
        raw = (raw - split.feature_mean) / split.feature_scale
        np.testing.assert_allclose(raw, x[changed[k]], rtol=1e-12)
        wanted = target[changed[k]]
        if initial_state.classes:
            assert row[width] == initial_state.table.class_names[wanted]
        else:
            found_target = (float(row[-3]) - split.target_mean) / split.target_scale
            assert found_target == pytest.approx(wanted, rel=1e-12)


STARTS = ["=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20"]


@pytest.mark.parametrize("start", STARTS)
def test_text_is_never_a_formula(start: str) -> None:
    [[cell, number]] = rows(csv_file([[f"{start}cmd|' /C calc'!A0", -1.5]]))
    assert cell == f"'{start}cmd|' /C calc'!A0"
    assert number == "-1.5"


@pytest.mark.parametrize("number", ["-1", "+1", "-0.5", "+.5e-3", "-1E5"])
def test_names_that_are_numbers_stay_numbers(number: str) -> None:
    assert rows(csv_file([[number]])) == [[number]]


def test_numbers_of_a_csv_are_exact_and_missing_ones_empty() -> None:
    assert csv_file([[0.1 + 0.2, None, float("nan"), 3, 1e-300]]) == (
        b"0.30000000000000004,,,3,1e-300\r\n"
    )


def test_the_trace_is_the_document_with_its_source(subjects: dict[str, Subject]) -> None:
    about = subjects["data moons"]
    assert about.working is not None
    document = {"lines": [{"value": np.array([0.1, np.nan])}], "cost": np.float64(0.5)}
    working = replace(about.working, document=lambda: document)
    found = json.loads(EXPORTS["trace"].make(replace(about, working=working)))
    assert found == {"source": "a test", "lines": [{"value": [0.1, None]}], "cost": 0.5}


def test_file_names_are_plain(subjects: dict[str, Subject]) -> None:
    for about in subjects.values():
        for export in EXPORTS.values():
            assert re.fullmatch(r"[a-z0-9_-]+(\.[a-z]+)+", about.stem + export.suffix)
    assert subjects["data moons"].stem.endswith("-step-12-sample-3")


def test_a_run_that_diverged_is_exported_at_its_last_good_step(
    subjects: dict[str, Subject],
) -> None:
    about = subjects["diverged"]
    assert about.at is not None
    assert about.at.step < 60
    assert f"step-{about.at.step}" in about.stem


def test_an_export_without_its_subject_raises() -> None:
    for export in EXPORTS.values():
        with pytest.raises(ValueError, match="needs"):
            export.make(Subject("nothing"))


def test_an_unused_edit_is_not_exported(asked: Explorer) -> None:
    later: Case = (recipe(edits=[{"step": 99, "set": "b1[0]", "to": 1.0}]), 5, None, "row")
    assert "Edit" not in EXPORTS["script"].make(subject(asked, later)).decode()
