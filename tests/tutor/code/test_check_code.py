"""``bx.check_code``: arguments, verdicts and displays."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

import backprop_explorer as bx
from backprop_explorer.engine.errors import InvalidInput
from tests.corpus.code.program import load
from tests.corpus.code.single import NOTEBOOK, TWO_LAYERS

PROBLEM = TWO_LAYERS.problem.draw(1)
GIVEN: dict[str, Any] = {
    "layers": list(zip(PROBLEM.W, PROBLEM.b, strict=True)),
    "x": PROBLEM.x,
    "target": PROBLEM.y,
    "activations": list(PROBLEM.activations),
}
NAMES = load(TWO_LAYERS.source, "<cell check code>")


def test_arguments_are_found_by_their_names() -> None:
    assert bx.check_code(NAMES["backprop"], **GIVEN).verdict == "correct"


def test_float32_in_a_returned_list_has_its_own_tolerance() -> None:
    layers = [(GIVEN["layers"][0][0].astype(np.float32), GIVEN["layers"][0][1].astype(np.float32))]
    x, target = GIVEN["x"].astype(np.float32), GIVEN["target"].astype(np.float32)
    source = (
        "import numpy as np\n"
        "def work(W, b, x, target):\n"
        "    a = np.tanh(W @ x + b)\n"
        "    delta = 2 / a.size * (a - target) * (1 - a ** 2)\n"
        "    return [(np.outer(delta, x), delta)]\n"
    )
    work = load(source, "<cell float32>")["work"]
    given = {"layers": layers, "x": x, "target": target, "activations": "tanh"}
    assert bx.check_code(work, **given).verdict == "correct"


def test_an_unknown_parameter_is_named() -> None:
    def work(x: Any, momentum: Any) -> Any:
        return x

    with pytest.raises(InvalidInput, match=r"^args: .*momentum"):
        bx.check_code(work, **GIVEN)
    with pytest.raises(InvalidInput, match="function"):
        bx.check_code("work", **GIVEN)
    with pytest.raises(InvalidInput, match=r"^args: work\(.*missing a required argument: 'mom"):
        bx.check_code(work, PROBLEM.x)
    with pytest.raises(InvalidInput, match=r"^args_of_forward: work\(.*momentum"):
        bx.check_code(work, PROBLEM.x, forward=work, args_of_forward=(PROBLEM.x,))
    with pytest.raises(InvalidInput, match=r"^args_of_forward: must be a tuple"):
        bx.check_code(work, PROBLEM.x, forward=work, args_of_forward=PROBLEM.x)


def test_results_without_a_name_are_named_by_what_they_are_the_gradient_of() -> None:
    def work(x: Any, W: Any, b: Any, y: Any) -> Any:
        a = np.tanh(x @ W + b)
        cost = ((a - y) ** 2).mean()
        dz = 2 / a.size * (a - y) * (1 - a**2)
        return cost, x.T @ dz, dz.sum(axis=0)

    rng = np.random.default_rng(1)
    x, W, b, y = (rng.normal(size=shape) for shape in ((4, 3), (3, 2), (2,), (4, 2)))
    assert bx.check_code(work, x, W, b, y).summary == "Correct: ∂C/∂W, ∂C/∂b."
    inside = bx.check_code(lambda x, y: work(x, np.ones((3, 2)), np.zeros(2), y), x, y)
    assert inside.summary.endswith("makes itself are not seen: pass them as arguments.")


def test_each_line_says_what_it_computes() -> None:
    found = bx.check_code(NAMES["backprop"], **GIVEN)
    by_number = {line.number: line for line in found.lines}
    assert by_number[18].status == "right"
    assert by_number[18].computes == ("dC_da2",)
    assert by_number[19].note == "∂C/∂z⁽²⁾"
    assert by_number[23].computes == ("dC_dz1",)
    assert found.diagnoses == ()


def test_the_displays_show_the_source_with_the_mistake() -> None:
    version = next(v for v in TWO_LAYERS.versions() if v.made == ("dC_da_passed_back",))
    found = version.check(1)
    html, text = found._repr_html_(), repr(found)
    assert html.count('class="bx-bad"') == 1
    assert "<script" not in html
    assert "W2.T @ dC_da2" in html
    assert f"{version.line:4} ✗" in text
    assert "↳" in text
    assert found.as_dict()["first_wrong"] == version.line
    assert not found


def test_source_text_is_escaped() -> None:
    names = load(
        "def f(x):\n    y = x + 0.0  # <script>alert(1)</script>\n    return y\n", "<cell esc>"
    )
    html = bx.check_code(names["f"], PROBLEM.x, **GIVEN)._repr_html_()
    assert "<script>" not in html


def test_what_the_function_prints_is_shown() -> None:
    source = TWO_LAYERS.source.replace("z1 = W1 @ x", "print('<b>', W1.shape)\n    z1 = W1 @ x")
    found = bx.check_code(load(source, "<cell prints>")["backprop"], **GIVEN)
    assert found.verdict == "correct"
    assert found.printed == "<b> (3, 2)\n"
    assert "printed:\n<b> (3, 2)\n" in repr(found)
    assert "&lt;b&gt; (3, 2)" in found._repr_html_()
    assert found.as_dict()["printed"] == found.printed


def test_lines_of_several_cells_have_the_name_of_their_cell() -> None:
    helper = load("def step(W, a, b):\n    return W @ a\n", "<cell helper>")["step"]
    names = load(TWO_LAYERS.source.replace("W1 @ x + b1", "step(W1, x, b1)"), "<cell main>")
    names["step"] = helper
    found = bx.check_code(names["backprop"], **GIVEN)
    assert (found.first_wrong, found.file) == (2, "<cell helper>")
    assert found.summary.startswith("Line 2 of <cell helper>: ")
    for text in (repr(found), found._repr_html_().replace("&lt;", "<").replace("&gt;", ">")):
        assert text.index("<cell main>") < text.index("z2 = ") < text.rindex("<cell helper>")


def test_what_is_no_line_of_the_working_is_unclear() -> None:
    names = load("def f(x):\n    y = 3.5 * x\n    return {'other': y}\n", "<cell unclear>")
    found = bx.check_code(names["f"], PROBLEM.x, **GIVEN)
    assert (found.verdict, found.first_wrong) == ("unclear", None)
    assert bx.check_code(np.tanh, PROBLEM.x, **GIVEN).verdict == "unclear"


def test_methods_partials_and_keywords_are_called() -> None:
    order = ["W1", "b1", "W2", "b2", "x", "target"]
    (W1, b1), (W2, b2) = GIVEN["layers"]
    values = dict(zip(order, (W1, b1, W2, b2, PROBLEM.x, PROBLEM.y), strict=True))
    found = bx.check_code(functools.partial(NAMES["backprop"], **values), **GIVEN)
    assert found.verdict == "correct"
    assert bx.check_code(NAMES["backprop"], keywords=values, **GIVEN).verdict == "correct"


def test_two_mistakes_are_both_named() -> None:
    source = TWO_LAYERS.source.replace("z2 = W2 @ a1 + b2", "z2 = W2 @ a1").replace(
        "dC_da1 = W2.T @ dC_dz2", "dC_da1 = W2.T @ dC_da2"
    )
    names = load(source, "<cell two mistakes>")
    found = bx.check_code(names["backprop"], **GIVEN)
    assert found.first_wrong == 16
    assert [d.misconception for d in found.diagnoses] == ["missing_bias", "dC_da_passed_back"]


def test_a_mistake_outside_the_catalog_has_its_line() -> None:
    source = TWO_LAYERS.source.replace("z1 = W1 @ x + b1", "z1 = W1 @ x + b1 ** 2 + 0.25")
    names = load(source, "<cell outside>")
    found = bx.check_code(names["backprop"], **GIVEN)
    assert (found.verdict, found.first_wrong) == ("wrong", 14)


def test_the_seed_functions_take_functions_as_activations() -> None:
    problem = NOTEBOOK.problem.draw(2)
    names = load(NOTEBOOK.source, "<cell functions>")
    found = bx.check_code(
        names["backpropagation"],
        *NOTEBOOK.arguments(problem, names),
        layers=list(zip(problem.W, problem.b, strict=True)),
        x=problem.x,
        target=problem.y,
        activations=[names["sigmoid"], names["ReLU"]],
    )
    assert found.verdict == "correct"
