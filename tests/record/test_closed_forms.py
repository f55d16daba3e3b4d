"""Short formulas: what they say gives the gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backprop_explorer.programs import PROGRAMS
from backprop_explorer.record import ProgramRecording, record
from backprop_explorer.record.closed_forms import closed_forms
from tests.helpers.entries import evaluate

X = np.random.default_rng(3).normal(size=(4, 3))


def ready(name: str) -> ProgramRecording:
    program = PROGRAMS[name]
    return record(program.function, tuple(program.arguments(4).values()), wrt=program.wrt)


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("batch_norm", {"dC_dx"}),
        ("group_norm", {"dC_dg"}),
        ("next_letter", {"dC_dpre", "dC_dlogits", "dC_dcounts.1"}),
        ("attention", {"dC_dS@2", "dC_dE.2"}),
        ("conv_digit", {"dC_ds", "dC_de.2"}),
        ("lstm", set()),
    ],
)
def test_what_an_entry_says_is_the_gradient(name: str, lines: set[str]) -> None:
    recording = ready(name)
    found = closed_forms(recording)
    assert set(found) == lines
    for line, forms in found.items():
        for form in forms:
            inputs = [np.asarray(recording.values[each]) for each in form["inputs"]]
            shown = evaluate(form["signature"], form["entry"], inputs)
            np.testing.assert_allclose(shown, recording.values[line], rtol=1e-9, atol=1e-14)


def test_a_formula_with_other_numbers_is_left_out() -> None:
    """The input is read elsewhere as well, or what looks like a norm or a softmax is none."""

    def read_twice(x: Any) -> Any:
        p = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
        xhat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5)
        return ((p + xhat + x) ** 3).sum()

    def none(x: Any) -> Any:
        p = np.exp(x) / (np.exp(x).sum(axis=1, keepdims=True) + 1)
        return (((x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5) ** 3) ** 3).sum() + p.sum()

    def plain(x: Any) -> Any:
        e = np.exp(x)
        return ((e / e.sum(axis=1, keepdims=True)) ** 3).sum()

    assert not closed_forms(record(read_twice, (X,)))
    assert not closed_forms(record(none, (X,)))
    assert set(closed_forms(record(plain, (X,)))) == {"dC_dx"}
