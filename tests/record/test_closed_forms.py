"""Short formulas: what they say gives the gradient; and the places of the folded graph."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backprop_explorer.programs import PROGRAMS
from backprop_explorer.record import ProgramRecording, record
from backprop_explorer.record.closed_forms import closed_forms
from backprop_explorer.record.folding import fold
from backprop_explorer.record.layout import layout
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


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_folded_graph_is_drawn_from_left_to_right(name: str) -> None:
    recording = ready(name)
    folding = fold(recording)
    found = layout(recording, folding)
    nodes = found["nodes"]
    assert {end for edge in found["edges"] for end in edge} == set(nodes)
    for read, reader in found["edges"]:
        left, _, width, _ = nodes[read]
        assert left + width < nodes[reader][0], (read, reader)
    places = [(x, y) for x, y, _, _ in nodes.values()]
    assert len(set(places)) == len(places)
    assert min(x for x, _ in places) == min(y for _, y in places) == 0
    # Each forward line is drawn once: by itself, or in exactly one folded group.
    groups = {group.id: group for group in folding.groups}
    drawn = [
        line for each in nodes for line in (groups[each].members if each in groups else [each])
    ]
    forward = {node.id for node in recording.graph.of_role("forward", "cost")}
    assert sorted(each for each in drawn if each in forward) == sorted(forward)
    assert set(nodes) >= set(recording.wrt)
