"""Operations: each against a plain loop over indices, with and without ``out``."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from backprop_explorer.engine.ops import OPS, linear, penalty

RNG = np.random.default_rng(0)
A, W, B = RNG.normal(size=(3, 2)), RNG.normal(size=(2, 4)), RNG.normal(size=4)
DZ = RNG.normal(size=(3, 4))
SAMPLES, BELOW, HERE = range(3), range(2), range(4)


def test_affine() -> None:
    expected = [[sum(A[n, i] * W[i, j] for i in BELOW) + B[j] for j in HERE] for n in SAMPLES]
    np.testing.assert_allclose(linear.affine(A, W, B), expected, rtol=1e-14)


def test_weight_gradient() -> None:
    expected = [[sum(A[n, i] * DZ[n, j] for n in SAMPLES) for j in HERE] for i in BELOW]
    np.testing.assert_allclose(linear.weight_gradient(A, DZ), expected, rtol=1e-13)


def test_bias_gradient() -> None:
    expected = [sum(DZ[n, j] for n in SAMPLES) for j in HERE]
    np.testing.assert_allclose(linear.bias_gradient(DZ), expected, rtol=1e-13)


def test_input_gradient() -> None:
    expected = [[sum(DZ[n, j] * W[i, j] for j in HERE) for i in BELOW] for n in SAMPLES]
    np.testing.assert_allclose(linear.input_gradient(DZ, W), expected, rtol=1e-13)


@pytest.mark.parametrize(("l1", "l2"), [(0.0, 0.0), (0.3, 0.0), (0.0, 0.7), (0.3, 0.7)])
def test_penalty_and_its_gradient(l1: float, l2: float) -> None:
    expected = sum(l1 * abs(w) + l2 / 2 * w * w for w in W.ravel())
    assert penalty.penalty(W, l1, l2) == pytest.approx(expected, rel=1e-14)
    gradient = penalty.penalized_weight_gradient(A, DZ, W, l1, l2)
    pull = gradient - linear.weight_gradient(A, DZ)
    np.testing.assert_allclose(pull, l1 * np.sign(W) + l2 * W, atol=1e-14)


def test_the_penalty_gradient_of_a_zero_weight_is_zero() -> None:
    zero = np.zeros((2, 4))
    gradient = penalty.penalized_weight_gradient(A, DZ, zero, 0.5, 0.5)
    np.testing.assert_array_equal(gradient, linear.weight_gradient(A, DZ))


def test_total_cost() -> None:
    assert penalty.total_cost(1.0, 0.25, 0.5) == 1.75
    assert penalty.total_cost(2.0) == 2.0


def test_jacobians() -> None:
    jacobian = linear.weight_jacobian(A, B)
    assert jacobian.shape == (3, 4, 2, 4)
    for n, j, i, k in np.ndindex(*jacobian.shape):
        assert jacobian[n, j, i, k] == (A[n, i] if j == k else 0.0)
    np.testing.assert_array_equal(linear.bias_jacobian(B), np.eye(4))
    np.testing.assert_array_equal(linear.input_jacobian(W), W.T)


def test_the_weight_jacobian_is_the_notebooks_tensor() -> None:
    x = A[0]
    np.testing.assert_array_equal(
        linear.weight_jacobian(x[None], B)[0].swapaxes(-1, -2), np.tensordot(np.eye(4), x, axes=0)
    )


def arguments(name: str) -> list[object]:
    """Random inputs for operation ``name``, with shapes from its signature."""
    shapes = {"": (), "ni": (3, 2), "nj": (3, 4), "ij": (2, 4), "j": (4,)}
    rng = np.random.default_rng(1)
    axes = OPS[name].signature.replace("…", "").split("->")[0].split(",")
    if OPS[name].family == "sum":
        return {"one": [], "same": [A], "chain": [0.5, DZ]}.get(name, [A, A, A])
    if OPS[name].family == "update":
        given = list(inspect.signature(OPS[name].compute).parameters.values())[:-1]
        axes = ["" if each.annotation == "float" else "ij" for each in given]
    # Between 0.1 and 0.9: a probability, a rate, a variance, a weight.
    return [rng.uniform(0.1, 0.9, shapes[each])[()] for each in axes]


# Operations of dense networks, which training uses.
DENSE = [name for name, op in OPS.items() if op.written is None]


@pytest.mark.parametrize(
    "name", [n for n in DENSE if "out" in inspect.signature(OPS[n].compute).parameters]
)
def test_writing_into_a_buffer_gives_the_same_bits(name: str) -> None:
    """Training writes into used buffers, a trace into new arrays: the bits must be equal."""
    given = arguments(name)
    expected = OPS[name].compute(*given)
    out = np.full(np.shape(expected), np.nan)
    assert OPS[name].compute(*given, out=out) is out
    assert out.tobytes() == np.asarray(expected).tobytes()
    for before, after in zip(given, arguments(name), strict=True):
        np.testing.assert_array_equal(before, after, err_msg="an input was changed")


def test_every_line_that_training_runs_can_write_into_a_buffer() -> None:
    alone = {n for n in DENSE if "out" not in inspect.signature(OPS[n].compute).parameters}
    families = {OPS[name].family for name in alone}
    assert families == {"jacobian", "schedule"}


@pytest.mark.parametrize("name", OPS)
def test_entries_of_the_table(name: str) -> None:
    operation = OPS[name]
    assert operation.title
    assert operation.text.endswith(".")
    inputs, _, output = operation.signature.partition("->")
    assert set(inputs) <= set("nijk*,…")
    assert set(output) <= set("nijk*")
    assert all(rule.op in OPS for rule in (*operation.backward, *operation.jacobians))
    assert operation.entry.count("[") == operation.entry.count("]")
    assert operation.entry.count("(") == operation.entry.count(")")
