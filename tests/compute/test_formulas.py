"""The notations of formulas in answers."""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest
from latex2mathml.converter import convert

from backprop_explorer.compute.formulas import Formulas, formula, mathml, with_formulas
from backprop_explorer.compute.trace_requests import TRACE_EXAMPLE
from tests.helpers.api import API, keep, read
from tests.helpers.clients import Client

CONTENT = {"name": "relu", "formula": formula("z^2"), "rows": [{"symbol": formula("z")}, 3]}


def test_a_formula_in_one_notation() -> None:
    assert with_formulas(CONTENT, "both") is CONTENT
    assert with_formulas(CONTENT, "latex") == {
        "name": "relu",
        "formula": {"latex": "z^2"},
        "rows": [{"symbol": {"latex": "z"}}, 3],
    }
    assert with_formulas(CONTENT, "none") == {"name": "relu", "rows": [{}, 3]}


@pytest.fixture(scope="module")
def experiment(shared_client: Client) -> str:
    return keep(shared_client)


@pytest.mark.parametrize("route", ["catalog", "lessons/one-layer-by-hand", "trace", "frame trace"])
def test_every_answer_with_formulas(shared_client: Client, experiment: str, route: str) -> None:
    def answer(formulas: str) -> Any:
        query = "" if formulas == "default" else f"?formulas={formulas}"
        if route == "trace":
            return read(shared_client.post(f"{API}/trace{query}", json=TRACE_EXAMPLE))
        path = f"{experiment}/frames/2/trace" if route == "frame trace" else f"{API}/{route}"
        return read(shared_client.get(f"{path}{query}"))

    default = answer("default")
    for formulas in get_args(Formulas):
        expected = with_formulas(default, formulas)
        if "lines" in expected and formulas == "none":
            for line in (*expected["givens"], *expected["lines"]):
                for description in ("label", "spoken", "about", "axes", "quantity", "of"):
                    line.pop(description, None)
        assert answer(formulas) == expected
    assert "<math" in repr(default)
    assert "<math" not in repr(answer("latex"))
    assert "mathml" not in repr(answer("none"))


@pytest.mark.parametrize(
    "latex",
    [
        r"\mathrm{h12} = {x}\left[1:4, 0:3\right] + z_{10}^2",
        r"x^12 \cdot \frac12 \cdot 3.25 - 1e5",
        r"\sqrt[3]{27} \hspace{2em} \binom{10}{2}",
        r"\underset{i=0}{\overset{9}{\sum}} 7",
    ],
)
def test_formulas_that_differ_in_digits_alone_are_converted_once(latex: str) -> None:
    """With each digit at each place, they are what the converter makes of them."""
    for k in range(10):
        digits = iter(f"{19 * k}{7 * k + 3}" * 20)
        other = re.sub(r"\d", lambda _, given=digits: next(given), latex)
        assert mathml(other) == convert(other)
