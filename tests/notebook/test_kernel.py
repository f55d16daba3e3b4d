"""A notebook as a student writes it, executed in a real kernel."""

from __future__ import annotations

import os

import pytest

from tests.corpus.code.single import TWO_LAYERS
from tests.helpers.environment import environment

CELLS = (
    """\
import numpy as np
import backprop_explorer as bx
%load_ext backprop_explorer
rng = np.random.default_rng(0)
layers = [(rng.normal(size=(3, n)), rng.normal(size=3)) for n in (2, 3)]
x, target, activations = rng.random(2), rng.random(3), ["sigmoid", "sigmoid"]""",
    "bx.trace(layers, x, target, activations=activations)",
    "bx.check({'z1': [0, 0, 0]}, layers, x, target, activations=activations)",
    "%%check layers=layers, x=x, target=target, activations=activations\n"
    + TWO_LAYERS.source.replace("W2.T @ dC_dz2", "W2.T @ dC_da2"),
    "bx.experiment().figure()",
    """\
def recurrent(x, W, U, target):
    h = np.zeros(len(U))
    for t in range(len(x)):
        h = np.tanh(x[t] @ W + h @ U)
    C = ((h - target) ** 2).mean()
    return C

given = [rng.normal(size=shape) for shape in [(4, 3), (3, 2), (2, 2), 2]]
bx.explain(recurrent, *given, wrt=["W", "U"])""",
)


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """The data of the last output of each cell."""
    import nbformat  # here, because both take a second
    from nbclient import NotebookClient

    folder = tmp_path_factory.mktemp("kernel")
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS], metadata={"kernelspec": kernel}
    )
    client = NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(folder)}})
    own = {**os.environ, **environment(), "IPYTHONDIR": str(folder)}
    client.execute(env=own)
    return [dict(cell.outputs[-1].data) if cell.outputs else {} for cell in notebook.cells]


def test_every_result_shows_itself(outputs: list[dict[str, str]]) -> None:
    assert "✓ checked" in outputs[1]["text/html"]
    assert "bx-wrong" in outputs[2]["text/html"]
    assert "text/plain" in outputs[1]


def test_the_magic_annotates_the_cell(outputs: list[dict[str, str]]) -> None:
    # The magic is line 1, as the editor counts.
    line = TWO_LAYERS.source[: TWO_LAYERS.source.index("W2.T @")].count("\n") + 2
    assert f"{line:4} ✗" in outputs[3]["text/plain"]
    assert 'class="bx-bad"' in outputs[3]["text/html"]


def test_a_program_of_a_cell_is_shown_line_by_line(outputs: list[dict[str, str]]) -> None:
    html, text = outputs[5]["text/html"], outputs[5]["text/plain"]
    assert "h = np.tanh(x[t] @ W + h @ U)" in html
    assert "    4    h = np.tanh(x[t] @ W + h @ U)" in text
    assert "4 runs" in html
    assert "every gradient agrees" in text


def test_a_figure_is_sent_to_plotly(outputs: list[dict[str, str]]) -> None:
    assert {"application/vnd.plotly.v1+json", "text/html"} & set(outputs[4])
