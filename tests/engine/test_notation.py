"""Conventions, symbols and formulas: the displayed working equals the computed one."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from latex2mathml.converter import convert

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import COSTS, REDUCTIONS
from backprop_explorer.engine.errors import UnknownName
from backprop_explorer.engine.initializers import INITIALIZERS
from backprop_explorer.engine.notation import CONVENTIONS, Notation
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.optimizers import OPTIMIZERS
from backprop_explorer.engine.schedules import SCHEDULES
from backprop_explorer.engine.trace import Trace, present
from backprop_explorer.engine.updates import Update
from tests.helpers.entries import evaluate
from tests.helpers.networks import OUTPUT, build, traced

N_OUT = r"n_{\mathrm{out}}"

CONVENTION_NAMES = tuple(CONVENTIONS)


def assert_good_latex(latex: str) -> None:
    """Assert that the LaTeX converts to MathML and has no formatting mistakes."""
    assert "  " not in latex
    assert not re.search(r"=\s*(\\,|\+)", latex), f"starts with a space or a plus: {latex}"
    assert not latex.startswith(("\\,", " "))
    assert latex.count("{") == latex.count("}")
    assert len(re.findall(r"\\left\b", latex)) == len(re.findall(r"\\right\b", latex))
    assert not re.search(r"\^\{[^{}]*\}\s*\^", latex), f"two superscripts: {latex}"
    assert not re.search(r"\+\s*-|-\s*-|·\s*-", latex), f"two signs: {latex}"
    mathml = convert(latex)
    assert "\\" not in mathml, f"left over in {mathml}"
    ET.fromstring(mathml)


def shown(trace: Trace, convention: str) -> tuple[list[dict], list[dict]]:
    notation = Notation.of(
        convention, single=trace.samples == 1, reduction=trace.objective.reduction
    )
    return present(trace, notation)


def every_line() -> list[Trace]:
    """Traces that together use every operation, for one sample and for a batch."""
    rng = np.random.default_rng(1)
    traces = []
    for samples in (1, 3):
        for activation in ACTIVATIONS:
            network = build(2, (3, activation), (4, activation))
            traces.append(traced(rng, network, samples=samples, jacobians=True))
        for cost in COSTS:
            network = build(2, (3, "tanh"), (4, OUTPUT.get(cost, "sigmoid")))
            for reduction in REDUCTIONS:
                for fused in (True, False):
                    objective = Objective(
                        cost, reduction, l1=0.01, l2=0.1, fused=fused, biases=fused
                    )
                    traces.append(traced(rng, network, objective, samples=samples))
        for optimizer in OPTIMIZERS:
            for schedule in SCHEDULES:
                update = Update(optimizer, schedule=schedule)
                network = build(2, (3, "tanh"), (4, "sigmoid"))
                traces.append(
                    traced(rng, network, samples=samples, update=update, step=700, count=3)
                )
        by_layer = Update(layer_factors=(1.0, 0.5))
        network = build(2, (3, "tanh"), (4, "sigmoid"))
        traces.append(traced(rng, network, samples=samples, update=by_layer, step=700, count=3))
    return traces


EVERY_LINE = every_line()


def test_the_traces_use_every_operation() -> None:
    from backprop_explorer.engine.ops import OPS

    used = {line.node.op for trace in EVERY_LINE for line in trace.lines}
    # A constant schedule has no line: the learning rate is given. Only other graphs add shares.
    other_graphs = {"one", "same", "add_shares", "chain"}
    dense = {name for name, operation in OPS.items() if operation.written is None}
    assert dense - used == {"constant_schedule", *other_graphs}


@pytest.mark.parametrize("convention", CONVENTION_NAMES)
def test_displayed_inputs_reproduce_the_displayed_value(convention: str) -> None:
    """Signature, entry and displayed inputs reproduce every displayed value."""
    seen = set()
    for trace in EVERY_LINE:
        givens, lines = shown(trace, convention)
        values = {each["id"]: each["value"] for each in (*givens, *lines)}
        for line in lines:
            key = (line["op"], line["signature"], line["entry"], trace.samples)
            if key in seen:
                continue
            seen.add(key)
            inputs = [values[name] for name in line["inputs"]]
            again = evaluate(line["signature"], line["entry"], inputs)
            np.testing.assert_allclose(
                again, line["value"], rtol=1e-10, atol=1e-14, err_msg=f"{convention} {line['id']}"
            )
            assert np.shape(again) == np.shape(line["value"])


@pytest.mark.parametrize("convention", CONVENTION_NAMES)
@pytest.mark.parametrize("samples", [1, 4])
def test_signatures_are_einsums_of_the_displayed_arrays(convention: str, samples: int) -> None:
    """Each linear line is one ``numpy.einsum`` of the displayed arrays, in every convention."""
    rng = np.random.default_rng(2)
    trace = traced(rng, build(2, (3, "sigmoid"), (4, "relu"), (2, "tanh")), samples=samples)
    givens, lines = shown(trace, convention)
    values = {each["id"]: each["value"] for each in (*givens, *lines)}
    checked = 0
    for line in lines:
        if line["op"] not in ("affine", "weight_gradient", "bias_gradient", "input_gradient"):
            continue
        left, output = line["signature"].split("->")
        arrays = [values[name] for name in line["inputs"]]
        letters = left.split(",")
        if line["op"] == "affine":
            again = np.einsum(f"{letters[0]},{letters[1]}->{output}", *arrays[:2]) + arrays[2]
        else:
            again = np.einsum(line["signature"], *arrays)
        np.testing.assert_allclose(again, line["value"], rtol=1e-12, atol=1e-15)
        checked += 1
    assert checked == 3 + 3 + 3 + 2


@pytest.mark.parametrize(
    ("convention", "samples", "shapes"),
    [
        ("column", 1, {"x": (2,), "W1": (3, 2), "b1": (3,), "z1": (3,), "dC_dW1": (3, 2)}),
        ("row", 1, {"x": (2,), "W1": (2, 3), "b1": (3,), "z1": (3,), "dC_dW1": (2, 3)}),
        ("lecture", 1, {"x": (2,), "W1": (2, 3), "b1": (3,), "z1": (3,), "dC_dW1": (2, 3)}),
        ("column", 5, {"x": (5, 2), "W1": (3, 2), "z1": (5, 3), "dC_dz1": (5, 3), "dC_db1": (3,)}),
        ("row", 5, {"x": (5, 2), "W1": (2, 3), "z1": (5, 3), "dC_da1": (5, 3), "target": (5, 3)}),
        ("lecture", 5, {"x": (5, 2), "W1": (2, 3), "z1": (5, 3), "W1_next": (2, 3), "C": ()}),
    ],
)
def test_displayed_shapes(
    convention: str, samples: int, shapes: dict[str, tuple[int, ...]]
) -> None:
    rng = np.random.default_rng(3)
    trace = traced(rng, build(2, (3, "sigmoid")), samples=samples, update=Update("momentum"))
    givens, lines = shown(trace, convention)
    found = {each["id"]: np.shape(each["value"]) for each in (*givens, *lines)}
    assert {name: found[name] for name in shapes} == shapes
    # The state of a parameter has the parameter's shape.
    assert found["velocity_W1"] == found["velocity_W1_next"] == found["W1"]


@pytest.mark.parametrize(
    ("convention", "samples", "z", "dW", "da"),
    [
        ("column", 1, r"W^{(2)}\,a^{(1)} + b^{(2)}", r"D\,{a^{(1)}}^T", r"{W^{(2)}}^T\,D"),
        ("column", 2, r"a^{(1)}\,{W^{(2)}}^T + b^{(2)}", r"(D)^T\,a^{(1)}", r"D\,W^{(2)}"),
        ("row", 1, r"a^{(1)}\,W^{(2)} + b^{(2)}", r"{a^{(1)}}^T\,D", r"D\,{W^{(2)}}^T"),
        ("row", 2, r"a^{(1)}\,W^{(2)} + b^{(2)}", r"{a^{(1)}}^T\,D", r"D\,{W^{(2)}}^T"),
        ("lecture", 1, r"{W^{(2)}}^T\,a^{(1)} + b^{(2)}", r"a^{(1)}\,(D)^T", r"W^{(2)}\,D"),
        ("lecture", 2, r"a^{(1)}\,W^{(2)} + b^{(2)}", r"{a^{(1)}}^T\,D", r"D\,{W^{(2)}}^T"),
    ],
)
def test_formulas(convention: str, samples: int, z: str, dW: str, da: str) -> None:
    rng = np.random.default_rng(4)
    trace = traced(rng, build(2, (3, "sigmoid"), (4, "relu")), samples=samples)
    right = {line["id"]: line["formula"].split(" = ", 1)[1] for line in shown(trace, convention)[1]}
    dz = r"\frac{\partial C}{\partial z^{(2)}}"
    assert right["z2"] == z
    assert right["dC_dW2"] == dW.replace("(D)", rf"\left({dz}\right)").replace("D", dz)
    assert right["dC_da1"] == da.replace("D", dz)
    assert right["dC_dz2"] == (
        r"\frac{\partial C}{\partial a^{(2)}} \odot \mathrm{ReLU}'\left(z^{(2)}\right)"
    )
    assert right["dC_db2"] == (dz if samples == 1 else rf"\sum_n \left({dz}\right)_n")


@pytest.mark.parametrize(
    ("convention", "samples", "formula"),
    [
        ("column", 1, r"I \otimes a^{(1)}"),
        ("row", 1, r"\delta_{jk}\,{a^{(1)}}_{i}"),
        ("lecture", 2, r"\delta_{jk}\,{a^{(1)}}_{ni}"),
    ],
)
def test_the_formula_of_the_weight_jacobian_matches_the_displayed_axes(
    convention: str, samples: int, formula: str
) -> None:
    network = build(2, (3, "sigmoid"), (4, "relu"))
    trace = traced(np.random.default_rng(4), network, samples=samples, jacobians=True)
    line = next(one for one in shown(trace, convention)[1] if one["id"] == "dz2_dW2")
    assert line["formula"].split(" = ", 1)[1] == formula


@pytest.mark.parametrize(
    ("cost", "reduction", "samples", "front", "term", "gradient"),
    [
        ("mse", "mean", 1, rf"\frac{{1}}{{{N_OUT}}}", "square", rf"\frac{{2}}{{{N_OUT}}}\,(a - y)"),
        ("mse", "half_sum", 1, r"\tfrac12", "square", "a - y"),
        ("mse", "sum", 2, "", "square", r"2\,(a - y)"),
        (
            "mse",
            "mean",
            2,
            rf"\frac{{1}}{{N\,{N_OUT}}}",
            "square",
            rf"\frac{{2}}{{N\,{N_OUT}}}\,(a - y)",
        ),
        ("cross_entropy", "batch_mean", 1, "-", "log", r"-\frac{y}{a}"),
        ("cross_entropy", "batch_mean", 2, r"-\frac{1}{N}", "log", r"-\frac{1}{N}\,\frac{y}{a}"),
    ],
)
def test_cost_formulas(
    cost: str, reduction: str, samples: int, front: str, term: str, gradient: str
) -> None:
    rng = np.random.default_rng(5)
    objective = Objective(cost, reduction, fused=False)
    network = build(2, (3, OUTPUT.get(cost, "sigmoid")))
    lines = shown(traced(rng, network, objective, samples=samples), "row")[1]
    right = {
        line["id"]: line["formula"].split(" = ", 1)[1].replace("a^{(1)}", "a") for line in lines
    }
    index = "j" if samples == 1 else "{nj}"
    total = rf"\sum_{'j' if samples == 1 else '{n,j}'} "
    summand = {
        "square": rf"\left(a_{index} - y_{index}\right)^2",
        "log": rf"y_{index} \log a_{index}",
    }[term]
    assert right["C"] == front + total + summand
    assert right["dC_da1"] == gradient.replace("(a - y)", r"\left(a - y\right)")


def test_every_formula_and_symbol_converts() -> None:
    formulas = {
        each[key]
        for trace in EVERY_LINE
        for convention in CONVENTION_NAMES
        for part in shown(trace, convention)
        for each in part
        for key in ("symbol", "formula")
        if key in each
    }
    assert len(formulas) > 150
    for latex in formulas:
        assert_good_latex(latex)


def test_every_formula_of_the_registries_converts() -> None:
    formulas = [f for a in ACTIVATIONS.values() for f in (a.formula, a.derivative_formula)]
    formulas += [f for c in COSTS.values() for f in (c.term, c.gradient)]
    formulas += [
        f
        for c in COSTS.values()
        for fused in c.fused.values()
        for f in (fused.formula, fused.derivative_formula)
    ]
    for registry in (REDUCTIONS, OPTIMIZERS, SCHEDULES, INITIALIZERS):
        formulas += [entry.formula for entry in registry.values()]
    for latex in formulas:
        assert_good_latex(latex)


def test_every_line_has_a_sentence() -> None:
    for trace in EVERY_LINE:
        for line in trace.lines:
            text = line.text()
            assert text.endswith(".")
            assert "{" not in text


@pytest.mark.parametrize("convention", CONVENTION_NAMES)
def test_reading_weights_inverts_showing_them(convention: str) -> None:
    notation = Notation.of(convention, single=True, reduction="mean")
    W = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(notation.reorient(notation.show(W, "ij"), "ij"), W)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(UnknownName) as error:
        Notation.of("columns", single=True, reduction="mean")
    assert error.value.field == "convention"
    assert "'column'" in error.value.message
    with pytest.raises(UnknownName) as error:
        Notation.of("column", single=True, reduction="average")
    assert error.value.field == "reduction"
