"""The recipes of docs/notebook.md for otter-grader and nbgrader, with the real packages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.environment import ROOT

# Both use what their own dependencies call old, already when they are imported.
pytestmark = pytest.mark.filterwarnings("ignore::Warning")

RIGHT = """\
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def backprop(layers, x, target):
    (W1, b1), (W2, b2) = layers
    a1 = sigmoid(W1 @ x + b1)
    a2 = sigmoid(W2 @ a1 + b2)
    dz2 = 2 / a2.size * (a2 - target) * a2 * (1 - a2)
    dz1 = W2.T @ dz2 * a1 * (1 - a1)
    return [(np.outer(dz1, x), dz1), (np.outer(dz2, a1), dz2)]
"""
WRONG = RIGHT.replace("(a2 - target)", "(target - a2)")


def recipe() -> str:
    """The test file of the recipe for otter-grader."""
    text = (ROOT / "docs" / "notebook.md").read_text(encoding="utf-8")
    [found] = re.findall(r"^```python\n(from otter.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return str(found)


def test_the_recipe_for_otter_grader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A right program gets all points, a wrong one none and the name of its mistake."""
    import otter

    folder = tmp_path
    monkeypatch.chdir(folder)  # it writes a log where it runs
    (folder / "tests").mkdir()
    (folder / "tests" / "backprop.py").write_text(recipe(), encoding="utf-8")
    for source, passed in ((RIGHT, True), (WRONG, False)):
        cell = folder / f"cell_{passed}.py"
        cell.write_text(source, encoding="utf-8")
        names: dict[str, Any] = {"__name__": "__main__"}
        exec(compile(source, str(cell), "exec"), names)
        result = otter.Notebook(tests_dir=str(folder / "tests")).check("backprop", global_env=names)
        assert result.passed_all_public == passed
        assert passed or "target minus prediction" in repr(result)


@pytest.mark.exhaustive
def test_the_recipe_for_nbgrader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same through ``nbgrader generate_assignment`` and ``nbgrader autograde``."""
    import nbformat
    from nbgrader.api import Gradebook

    # It calls the program alembic by its name.
    programs = Path(sys.executable).parent
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    folder = tmp_path
    check = (
        "import backprop_explorer as bx\n"
        "rng = np.random.default_rng(1)\n"
        "layers = [(rng.normal(size=(3, 2)), rng.normal(size=3)),"
        " (rng.normal(size=(2, 3)), rng.normal(size=2))]\n"
        "found = bx.check_code(backprop, layers=layers, x=rng.random(2), target=rng.random(2),"
        " activations='sigmoid')\n"
        "assert found, found"
    )
    v4 = nbformat.v4
    solution = v4.new_code_cell(f"### BEGIN SOLUTION\n{RIGHT}### END SOLUTION")
    solution.metadata["nbgrader"] = _cell("solution", solution=True)
    test = v4.new_code_cell(check)
    test.metadata["nbgrader"] = _cell("backprop", grade=True, points=5)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = v4.new_notebook(cells=[solution, test], metadata=kernel)
    source = folder / "source" / "week42"
    source.mkdir(parents=True)
    nbformat.write(notebook, source / "exercise.ipynb")
    _nbgrader(folder, "generate_assignment", "week42")
    for student, text in (("right", RIGHT), ("wrong", WRONG)):
        handed_in = folder / "submitted" / student / "week42"
        handed_in.mkdir(parents=True)
        released = nbformat.read(folder / "release" / "week42" / "exercise.ipynb", as_version=4)
        released.cells[0].source = text
        nbformat.write(released, handed_in / "exercise.ipynb")
    _nbgrader(folder, "autograde", "week42")
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        scores = {
            student: book.find_submission("week42", student).score for student in ("right", "wrong")
        }
    assert scores == {"right": 5.0, "wrong": 0.0}


def _cell(name: str, **values: Any) -> dict[str, Any]:
    marks = dict.fromkeys(("grade", "solution", "locked", "task"), False)
    return {"schema_version": 3, "cell_type": "code", "grade_id": name, **marks, **values}


def _nbgrader(folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "nbgrader", *arguments, f"--CourseDirectory.root={folder}"]
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"JUPYTER_PREFER_ENV_PATH": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
