"""``%%check`` in IPython: cells with functions, cells with statements, options and errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from backprop_explorer import explain
from backprop_explorer.engine.errors import InvalidInput
from tests.corpus.code.single import TWO_LAYERS

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

PROBLEM = TWO_LAYERS.problem.draw(3)
STATEMENTS = """\
z1 = layers[0][0] @ x + layers[0][1]
a1 = 1 / (1 + np.exp(-z1))
z2 = layers[1][0] @ a1 + layers[1][1]
a2 = 1 / (1 + np.exp(-z2))
dC_dz2 = 2 / 3 * (a2 - target) * a2 * (1 - a2)
dC_dW2, dC_db2 = np.outer(dC_dz2, a1), dC_dz2
dC_dz1 = layers[1][0].T @ dC_dz2 * a1 * (1 - a1)
dC_dW1, dC_db1 = np.outer(dC_dz1, x), dC_dz1
"""


@pytest.fixture
def shell() -> InteractiveShell:
    from IPython.core.interactiveshell import InteractiveShell  # here: it takes half a second
    from traitlets.config import Config

    # A history would keep its database open.
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    shell.run_line_magic("load_ext", "backprop_explorer")
    shell.user_ns |= {
        "np": np,
        "layers": list(zip(PROBLEM.W, PROBLEM.b, strict=True)),
        "x": PROBLEM.x,
        "target": PROBLEM.y,
        "activations": ["sigmoid", "sigmoid"],
    }
    return shell


GIVENS = "layers=layers, x=x, target=target, activations=activations"


def check(shell: InteractiveShell, line: str, cell: str) -> Any:
    return shell.run_cell_magic("check", line, cell)


def test_the_last_function_of_a_cell_is_checked(shell: InteractiveShell) -> None:
    found = check(shell, GIVENS, TWO_LAYERS.source)
    assert found.verdict == "correct"
    assert callable(shell.user_ns["backprop"])


def test_the_line_is_that_of_the_cell_with_its_magic(shell: InteractiveShell) -> None:
    version = next(v for v in TWO_LAYERS.versions() if v.made == ("missing_bias",))
    found = check(shell, GIVENS, version.source)
    assert (found.verdict, found.first_wrong) == ("wrong", version.line + 1)
    assert found.diagnoses[0].misconception == "missing_bias"


def test_a_helper_of_another_cell_is_named(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    shell.run_cell("def affine(W, a, b):\n    return W @ a\n", store_history=True)
    found = check(shell, GIVENS, TWO_LAYERS.source.replace("W1 @ x + b1", "affine(W1, x, b1)"))
    assert found.summary.startswith("Line 2 of In[1]: ")
    assert "\n  In[1]\n" in repr(found)
    shell.run_cell("import numpy as np\ndef f(x):\n    return np.linalg.svd(x)", store_history=True)
    with pytest.raises(InvalidInput, match=r"\(line 3 of In\[2\]\)"):
        explain(shell.user_ns["f"], np.ones((2, 2)))


def test_arguments_and_options_stand_on_the_line(shell: InteractiveShell) -> None:
    del shell.user_ns["activations"]
    line = (
        (
            "*[layers[0][0], layers[0][1], layers[1][0], layers[1][1], x, target], "
            "function='backprop', activations=['sigmoid'] * 2, cost='mse', "
            "layers=layers, x=x, target=target"
        )
        .replace("*[", "")
        .replace("target], ", "target, ")
    )
    assert (
        check(shell, line, TWO_LAYERS.source + "\n\ndef other():\n    pass\n").verdict == "correct"
    )


def test_statements_of_a_cell_are_checked(shell: InteractiveShell) -> None:
    found = check(shell, "", STATEMENTS + "C = np.mean((a2 - target) ** 2)\n")
    assert (found.verdict, found.assumed) == ("correct", ())
    assert "∂C/∂layers[0][0]" in repr(found)
    wrong = STATEMENTS.replace("layers[1][0].T @ dC_dz2", "layers[1][0] @ dC_dz2")
    found = check(shell, "", wrong)
    assert (found.verdict, found.first_wrong) == ("wrong", 8)
    assert found.diagnoses[0].misconception == "operand_transposed"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("cost='mze'", "did you mean 'mse'"),
        ("size=3", "size: unknown option"),
        ("function='nothing'", "nothing is not defined"),
        ("x=missing", "name 'missing' is not defined"),
        ("x=", "write it as arguments"),
    ],
)
def test_bad_options_are_explained(
    shell: InteractiveShell, line: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(shell, line, TWO_LAYERS.source) is None
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("import os\nclass Net:\n    pass", "nothing in this cell computes"),
        ("def f(x, V):\n    return x @ V", "no variable of this name: make one, or write"),
        ("%xmode Minimal\ndef f(x, V):\n    return x @ V", "f has a parameter 'V'"),
    ],
)
def test_what_a_cell_lacks_is_said(
    shell: InteractiveShell, cell: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(shell, "", cell) is None
    assert message in capsys.readouterr().err


def test_missing_givens_are_named(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(shell, "x=x, target=target", TWO_LAYERS.source) is None
    assert "layers=" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("while True: pass", "the cell was stopped after 0.2 seconds"),
        ("import time\ntime.sleep(1000)", "the cell was stopped after 0.2 seconds"),
        ("def backprop(x):\n    return sum(0 for _ in iter(int, 1))", None),
    ],
)
def test_a_cell_that_does_not_end_is_stopped(
    shell: InteractiveShell, cell: str, message: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if message is None:
        found = check(shell, "time_limit=2", cell)
        assert found.verdict == "unclear"
        assert "stopped after 2 seconds" in repr(found)
    else:
        assert check(shell, "time_limit=0.2", cell) is None
        assert message in capsys.readouterr().err


def test_a_cell_that_exits_is_not_checked(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(shell, "", "import sys\ndef backprop(x):\n    sys.exit(0)") is None
    assert "the check was not finished" in capsys.readouterr().err


def test_a_cell_with_a_syntax_error_is_not_checked(shell: InteractiveShell) -> None:
    assert check(shell, "", "def f(:\n    pass") is None
