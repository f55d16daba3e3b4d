"""The display of ``bx.explain``: rows, folds, numbers, proof; as text, as HTML, as a figure."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pytest

import backprop_explorer as bx
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.notebook.heat import heat
from backprop_explorer.notebook.program_rows import Fold, Row, rows_of
from backprop_explorer.programs import PROGRAMS
from tests.browser import MINUS

X = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]])


def shown(name: str, seed: int = 4) -> bx.ProgramWorking:
    program = PROGRAMS[name]
    arguments = program.arguments(seed).values()
    return bx.explain(program.function, *arguments, wrt=program.wrt)


def tree(html: str) -> ET.Element:
    """The display as XML: every element is closed."""
    body = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    body = body.replace("<details open>", "<details>").replace("<br>", "<br/>")
    return ET.fromstring(re.sub(r"(<img [^>]*)>", r"\1/>", body))


def texts_of(element: ET.Element, kind: str) -> list[str]:
    return ["".join(each.itertext()) for each in element.iter() if each.get("class") == kind]


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_display_is_whole_and_has_no_script(name: str) -> None:
    working = shown(name)
    html = working._repr_html_()
    assert "<script" not in html
    assert len(html) < 500_000
    sources = texts_of(tree(html), "bx-src")
    text = repr(working)
    # Every statement with an operation is a row in both.
    lines = {line.line for line in working.lines if line.phase == "forward" and line.line}
    numbers = set(map(int, filter(None, texts_of(tree(html), "bx-num"))))
    assert lines <= numbers
    assert all(sources)
    assert "every gradient agrees" in text


def test_a_row_has_value_gradient_and_proof_of_its_line() -> None:
    working = shown("batch_norm")
    rows = rows_of(working.recording)
    assert [row.names[0] for row in rows if isinstance(row, Row)] == [
        *("x", "gamma", "beta", "target", "mu", "var", "xhat", "y", "C")
    ]
    html = working._repr_html_()
    largest = f"{working['dC_dvar'][0]:.3g}".replace("-", MINUS)
    assert f">{largest}</td>" in html
    text = next(line for line in repr(working).splitlines() if "var = " in line)
    assert largest in text
    assert "✓" in text
    assert next(line for line in repr(working).splitlines() if "target" in line).count("✓") == 0


def test_the_parts_of_a_gradient_stand_in_the_opened_row() -> None:
    html = shown("batch_norm")._repr_html_()
    first = html[: html.index("γ  3, given")]
    for part in ("from xhat: x - mu", "from var: x - mu", "from mu: x.mean(axis=0)"):
        assert part in first


def test_a_loop_is_one_row_that_opens_to_its_runs() -> None:
    [loop] = [each for each in rows_of(shown("rnn").recording) if isinstance(each, Fold)]
    assert loop.count == 4
    assert [label for label, _ in filter(None, loop.runs)] == ["t = 0", "t = 1", "t = 2", "t = 3"]
    for _, rows in filter(None, loop.runs):
        assert [row.number for row in rows if isinstance(row, Row)] == [12, 13, 14]
    html = shown("rnn")._repr_html_()
    assert ">4 runs<" in html
    assert "recurrent step" in html


def test_of_a_long_loop_the_ends_are_shown() -> None:
    def long(x: Any) -> Any:
        h = x
        for t in range(9):
            h = np.sin(h + t)
        return h.sum()

    working = bx.explain(long, X)
    [loop] = [each for each in rows_of(working.recording) if isinstance(each, Fold)]
    assert loop.left_out == 5
    labels = [None if run is None else run[0] for run in loop.runs]
    assert labels == ["t = 0", "t = 1", None, "t = 7", "t = 8"]
    assert "… 5 more runs" in working._repr_html_()


def test_a_call_is_one_row_that_opens_to_the_lines_of_the_function() -> None:
    rows = rows_of(shown("two_heads").recording)
    calls = [each for each in rows if isinstance(each, Fold)]
    assert [call.head.source[:5] for call in calls] == ["first", "secon"]
    inside = [row for _, rows in filter(None, calls[0].runs) for row in rows]
    assert any(isinstance(row, Row) and row.source == "return P @ V" for row in inside)


def test_a_program_without_source_shows_its_expressions() -> None:
    scope: dict[str, Any] = {"np": np}
    exec("def f(x):\n    y = np.exp(x)\n    return (y * y).sum()", scope)
    text = repr(bx.explain(scope["f"], X))
    assert "Working of f: C = " in text


def test_a_tie_is_said() -> None:
    def peak(x: Any) -> Any:
        return np.max(x) ** 2

    assert "tie" in repr(bx.explain(peak, np.array([1.0, 1.0, 0.5])))


def test_notes_are_shown() -> None:
    def several(x: Any) -> Any:
        return np.sin(x)

    for text in (repr(bx.explain(several, X)), bx.explain(several, X)._repr_html_()):
        assert "sum of its entries" in text


@pytest.mark.parametrize("key", ["W{1}", "a%b", "x^2", "a\\b", "x$y", "<b>", "a&b", "{", "_", "#"])
def test_a_parameter_may_have_any_key(key: str) -> None:
    def keyed(params: Any) -> Any:
        return (np.tanh(params[key]) ** 2).sum()

    html = bx.explain(keyed, {key: X})._repr_html_()
    assert tree(html) is not None
    assert "<b>" not in html


def test_texts_of_a_program_are_escaped() -> None:
    def named(x: Any) -> Any:
        y = np.where(x < 2, x, "<b>" != "</b>")
        return y.sum()

    html = bx.explain(named, X)._repr_html_()
    assert "<b>&quot;" not in html
    assert "&lt;b&gt;" in html


@pytest.mark.parametrize(
    ("value", "there", "absent"),
    [
        (np.zeros((2, 2)), "<td", "img"),
        (np.float64(3.25), ">3.25<", "img"),
        (np.array([0.0, -0.5, 1e-9]), f"{MINUS}0.500", "img"),
        (np.arange(10.0), "<td", "img"),
        (np.arange(11.0), "<img", "<td"),
        (np.ones((5, 5)), "<img", "<td"),
        (np.ones((2, 3, 2, 2)), "… 3 more", "img"),
        (np.ones((100, 3)), "100 × 3, means of 4 × 1", "<td"),
        (np.ones((100, 40)), "100 × 40, means of 4 × 2", "<td"),
        (np.array([[np.nan, np.inf]]), "nan", "img"),
        (np.full((9, 9), np.nan), "<img", "<td"),
        (np.array([[1e9, -1e-9]]), "1.00e+09", "img"),
        (np.zeros((0, 3)), "empty", "<td"),
        (np.array([True, False]), ">1.00<", "img"),
    ],
)
def test_an_array_is_numbers_or_a_picture(value: Any, there: str, absent: str) -> None:
    html = heat(value, "val")
    assert there in html
    assert absent not in html


def test_all_slices_have_one_scale() -> None:
    html = heat(np.array([[[1.0, 1.0]], [[4.0, 4.0]]]), "grad")
    opacities = re.findall(r"/(0\.\d+)\)", html)
    assert opacities == ["0.14", "0.14", "0.55", "0.55"]


def test_the_figure_has_a_box_for_each_source_line() -> None:
    figure = shown("two_heads").figure("graph").to_dict()
    names = {text for trace in figure["data"] for text in trace["text"]}
    given = {"x", "Wq", "Wk", "Wv", "Wo", "target"}
    assert names == given | {"Q, K, V", "first", "second", "joined", "y", "C"}
    # x → Q; Q → first, second; first, second → joined; …
    assert len(figure["layout"]["annotations"]) == 4 + 2 + 2 + 2 + 2
    with pytest.raises(InvalidInput, match="graph"):
        shown("hinge").figure("network")


def test_nothing_is_said_to_agree_with_a_cost_that_is_not_a_number() -> None:
    with np.errstate(invalid="ignore"):
        working = bx.explain(lambda x: np.log(x).sum(), X)
    for shown_as in (repr(working), working._repr_html_()):
        assert "the cost is no finite number, so no gradient can be checked" in shown_as
        assert "agrees" not in shown_as


def test_the_text_opens_only_the_outermost_of_loops_in_each_other() -> None:
    def sums(x: Any) -> Any:
        total = x[0, 0]
        for i in range(2):
            for j in range(3):
                for k in range(3):
                    total = total + x[i, j] * x[i, k]
        return total

    text = repr(bx.explain(sums, X))
    assert (text.count("i = "), text.count("for j in"), text.count("for k in")) == (2, 2, 0)
