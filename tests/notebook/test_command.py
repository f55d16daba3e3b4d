"""``backprop-explorer check``: exit status, JSON, JUnit XML and errors."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from backprop_explorer.cli import main
from tests.corpus.code.single import NOTEBOOK, TWO_LAYERS
from tests.helpers.environment import environment

PROBLEM = TWO_LAYERS.problem.draw(4)


def given(tmp_path: Path, problem: Any = PROBLEM, **changes: Any) -> Path:
    request = problem.request()
    kept = {key: request[key] for key in ("layers", "x", "target", "cost", "convention")}
    path = tmp_path / "given.json"
    path.write_text(json.dumps({**kept, **changes}))
    return path


def student(tmp_path: Path, source: str) -> Path:
    path = tmp_path / "exercise.py"
    path.write_text(source)
    return path


def test_a_right_function_exits_with_0(tmp_path: Path) -> None:
    """In a process of its own, as a grader calls it."""
    file = student(tmp_path, TWO_LAYERS.source)
    done = subprocess.run(
        [sys.executable, "-m", "backprop_explorer", "check", f"{file}::backprop",
         "--given", str(given(tmp_path))],
        env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("correct")


def test_a_wrong_function_exits_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    version = next(v for v in TWO_LAYERS.versions() if v.made == ("missing_weights_backward",))
    file = student(tmp_path, version.source)
    report = tmp_path / "report.xml"
    arguments = ["check", f"{file}::backprop", "--given", str(given(tmp_path))]
    assert main([*arguments, "--json", "--junit", str(report)]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["verdict"] == "wrong"
    assert answer["first_wrong"] == version.line
    assert answer["diagnoses"][0]["misconception"] == "missing_weights_backward"
    suite = ET.parse(report).getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("1", "1", "0")
    [case] = suite
    assert (case.get("name"), case.get("line")) == ("backprop", str(version.line))
    assert case[0].get("type") == "missing_weights_backward"


def test_a_folder_of_programs_gets_a_row_each(tmp_path: Path) -> None:
    folder = tmp_path / "handed in"
    folder.mkdir()
    version = next(v for v in TWO_LAYERS.versions() if v.made == ("missing_weights_backward",))
    for name, source in (
        *(("s1", TWO_LAYERS.source), ("s2", version.source)),
        ("s3", "import os\nos._exit(0)\ndef backprop(): ..."),
    ):
        (folder / f"{name}.py").write_text(source)
    marks = tmp_path / "marks.csv"
    arguments = ["check", f"{folder}::backprop", "--given", str(given(tmp_path))]
    assert main([*arguments, "--marks", str(marks)]) == 2
    one, two, three = csv.DictReader(marks.read_text().splitlines())
    assert (one["student"], one["points"], one["verdict"]) == ("s1", "1", "correct")
    assert (two["points"], two["line"]) == ("0", str(version.line))
    assert two["mistake"] == "missing_weights_backward"
    assert three["points"] == "0"
    assert three["verdict"] != "correct"


def test_arguments_are_names_of_givens_and_of_the_file(tmp_path: Path) -> None:
    problem = NOTEBOOK.problem.draw(1)
    path = given(
        tmp_path,
        problem,
        arguments=["x", "layers", ["sigmoid", "ReLU"], "target", ["sigmoid_der", "ReLU_der"]],
    )
    file = student(tmp_path, NOTEBOOK.source)
    assert main(["check", f"{file}::backpropagation", "--given", str(path)]) == 0


def test_a_pair_has_an_upstream_gradient_for_each_output(tmp_path: Path) -> None:
    file = student(
        tmp_path,
        "import numpy as np\n"
        "def forward(x, W):\n"
        "    return x @ W, x.sum(0), (x, W)\n"
        "def backward(cache):\n"
        "    x, W = cache\n"
        "    return np.ones((2, 3)) @ W.T + 2.0, x.T @ np.ones((2, 3))\n",
    )
    problem = {
        "forward": "forward",
        "args_of_forward": [[[0.5, -1.0], [2.0, 0.25]], [[1.0, 2.0, -1.0], [0.5, -0.5, 3.0]]],
        "upstream": [[[1.0] * 3] * 2, [2.0, 2.0]],
    }
    path = tmp_path / "pair.json"
    path.write_text(json.dumps(problem), encoding="utf-8")
    assert main(["check", f"{file}::backward", "--given", str(path)]) == 0
    path.write_text(json.dumps(problem | {"upstream": [[[1.0] * 3] * 2, [2.0, 3.0]]}))
    assert main(["check", f"{file}::backward", "--given", str(path)]) == 1


def test_a_part_of_the_gradients_exits_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Givens are arrays: a list of JSON has no shape, and cannot be multiplied by a number."""
    file = student(
        tmp_path, "def forward(layers, x):\n    (W, b), = layers\n    return 1.0 * x @ W.T + b\n"
    )
    layers = [{"W": [[1.0, 2.0]], "b": [0.5], "activation": "identity"}]
    path, report = tmp_path / "given.json", tmp_path / "report.xml"
    path.write_text(json.dumps({"layers": layers, "x": [3, 4], "target": [1]}))
    arguments = ["check", f"{file}::forward", "--given", str(path)]
    assert main([*arguments, "--json", "--junit", str(report)]) == 2
    answer = json.loads(capsys.readouterr().out)
    assert (answer["verdict"], answer["not_checked"]) == ("incomplete", ["dC_dW1", "dC_db1"])
    suite = ET.parse(report).getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("1", "0", "1")
    assert suite[0].find("error").get("type") == "incomplete"
    [part] = suite[0].iterfind("properties/property")
    assert (part.get("name"), part.get("value")) == ("not_checked", "dC_dW1 dC_db1")


@pytest.mark.parametrize(
    ("source", "function", "changes", "message"),
    [
        (TWO_LAYERS.source, "nothing", {}, "no function 'nothing'; functions: sigmoid"),
        ("import missing_module", "f", {}, "ModuleNotFoundError, line 1"),
        ("def f(:", "f", {}, "SyntaxError, line 1"),
        (TWO_LAYERS.source, "backprop", {"size": 1}, "size: unknown field"),
        (TWO_LAYERS.source, "backprop", {"layers": [1]}, "layers.0"),
        (TWO_LAYERS.source, "backprop", {"arguments": ["nope"]}, "'nope' is no given"),
        (TWO_LAYERS.source, "backprop", {"arguments": "x"}, "must be a list"),
        (TWO_LAYERS.source, "backprop", {"x": [1.0]}, "layers.0.W"),
        (TWO_LAYERS.source, "backprop", {"x": [[1.0], 2.0]}, "x: must be"),
    ],
)
def test_what_cannot_be_checked_exits_with_2(
    tmp_path: Path, source: str, function: str, changes: dict[str, Any], message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """The reports say why."""
    file = student(tmp_path, source)
    path, report = given(tmp_path, **changes), tmp_path / "report.xml"
    arguments = [f"{file}::{function}", "--given", str(path), "--junit", str(report), "--json"]
    assert main(["check", *arguments]) == 2
    said = capsys.readouterr()
    answer = json.loads(said.out)
    assert answer["verdict"] is None
    suite = ET.parse(report).getroot()
    assert (suite.get("failures"), suite.get("errors")) == ("0", "1")
    assert suite[0][0].get("type") == "no verdict"
    for where in (said.err, answer["summary"], suite[0][0].text or ""):
        assert message in where


def test_a_report_that_cannot_be_written_is_no_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = student(tmp_path, TWO_LAYERS.source)
    report = tmp_path / "none" / "report.xml"
    arguments = [f"{file}::backprop", "--given", str(given(tmp_path)), "--junit", str(report)]
    assert main(["check", *arguments]) == 2
    assert "report.xml: No such file" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--time-limit", "--memory-limit"])
@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "a day"])
def test_limits_are_positive_numbers(option: str, value: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["check", "a.py::f", "--given", "a.json", option, value])
    assert ended.value.code == 2


def test_missing_files_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = student(tmp_path, TWO_LAYERS.source)
    assert main(["check", f"{file}::backprop", "--given", str(tmp_path / "no.json")]) == 2
    assert "no.json: No such file" in capsys.readouterr().err
    (tmp_path / "bad.json").write_text("{")
    assert main(["check", f"{file}::backprop", "--given", str(tmp_path / "bad.json")]) == 2
    assert "is not JSON" in capsys.readouterr().err
