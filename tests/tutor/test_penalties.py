"""Penalties as programs define them: λ Σ W², divided by N, on biases too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backprop_explorer.compute.check_requests import CheckRequest
from backprop_explorer.compute.trace_requests import TraceRequest
from backprop_explorer.exports import EXPORTS
from backprop_explorer.exports.subject import ExportedWorking, Subject
from backprop_explorer.limits import Limits
from backprop_explorer.notebook.checked import check
from backprop_explorer.tutor.checker import CheckResult

RNG = np.random.default_rng(41)
N, L1, L2 = 6, 0.03, 0.2
W1, b1 = RNG.normal(size=(3, 4)), RNG.normal(size=4)
W2, b2 = RNG.normal(size=(4, 4)), RNG.normal(size=4)
X, Y = RNG.normal(size=(N, 3)), RNG.normal(size=(N, 4))


def worked(l1: float, l2: float, of_biases: float, of_weights: float = 1.0) -> dict[str, Any]:
    """The working with λ₁ Σ|p| + λ₂/2 Σ p², times a factor for W and one for b."""
    z1 = X @ W1 + b1
    a1 = np.tanh(z1)
    a2 = a1 @ W2 + b2
    d2 = 2.0 * (a2 - Y) / Y.size
    d1 = d2 @ W2.T * (1 - a1**2)

    def size(p: Any) -> Any:
        return l1 * np.abs(p).sum() + l2 / 2 * np.square(p).sum()

    def slope(p: Any) -> Any:
        return l1 * np.sign(p) + l2 * p

    weights, biases = size(W1) + size(W2), size(b1) + size(b2)
    return {
        "C": np.mean((a2 - Y) ** 2) + of_weights * weights + of_biases * biases,
        "dC_dW2": a1.T @ d2 + of_weights * slope(W2),
        "dC_db2": d2.sum(axis=0) + of_biases * slope(b2),
        "dC_dW1": X.T @ d1 + of_weights * slope(W1),
        "dC_db1": d1.sum(axis=0) + of_biases * slope(b1),
    }


def checked(submitted: dict[str, Any], **penalty: Any) -> CheckResult:
    request = {
        "layers": [
            {"W": W1.tolist(), "b": b1.tolist(), "activation": "tanh"},
            {"W": W2.tolist(), "b": b2.tolist(), "activation": "identity"},
        ],
        "x": X.tolist(),
        "target": Y.tolist(),
        "convention": "row",
        "penalty": {"l1": L1, "l2": L2, **penalty},
        "submitted": {k: np.asarray(v).tolist() for k, v in submitted.items()},
    }
    return CheckRequest.model_validate(request).result(Limits())


def names(result: CheckResult) -> list[str]:
    return [each.misconception for each in result.diagnoses]


@pytest.mark.parametrize(("penalty", "factor"), [({}, 1.0), ({"divided_by": "samples"}, 1 / N)])
def test_a_penalty_on_biases_is_right_if_it_is_said(penalty: dict[str, str], factor: float) -> None:
    lines = worked(L1, L2, factor, factor)
    assert checked(lines, on="weights_and_biases", **penalty).verdict == "correct"
    assert names(checked(lines, **penalty))[0] in ("penalty_on_bias", "penalty_scale_in_cost")


def test_the_whole_square_on_biases() -> None:
    lines = worked(0.0, 2 * L2, 1.0)
    assert checked(lines, l1=0.0, square="whole", on="weights_and_biases").verdict == "correct"


def test_a_penalty_that_is_missing_in_the_gradient_of_biases() -> None:
    lines = worked(L1, L2, 0.0)
    result = checked({k: v for k, v in lines.items() if k != "C"}, on="weights_and_biases")
    assert result.first_wrong == "dC_db2"
    assert names(result) == ["penalty_gradient_missing"]


def test_a_cost_without_the_biases_of_its_penalty() -> None:
    lines = {**worked(L1, L2, 1.0), "C": worked(L1, L2, 0.0)["C"]}
    result = checked(lines, on="weights_and_biases")
    assert (result.first_wrong, names(result)) == ("C", ["penalty_scale_in_cost"])
    assert "without the biases" in result.diagnoses[0].message


def test_a_bias_gradient_that_is_averaged_keeps_its_penalty() -> None:
    right, plain = worked(L1, L2, 1.0), worked(L1, L2, 0.0)
    pull = right["dC_db2"] - plain["dC_db2"]
    lines = {**right, "dC_db2": plain["dC_db2"] / N + pull}
    result = checked(lines, on="weights_and_biases")
    assert (result.first_wrong, names(result)[0]) == ("dC_db2", "bias_gradient_not_summed")


def test_a_penalty_that_should_be_divided_by_the_samples() -> None:
    result = checked(worked(L1, L2, 0.0), divided_by="samples")
    assert names(result)[0] == "penalty_scale_in_cost"
    gradients = {k: v for k, v in worked(L1, L2, 0.0).items() if k != "C"}
    result = checked(gradients, divided_by="samples")
    assert names(result) == ["penalty_gradient_scale"]
    assert "multiplied by the number of samples" in result.diagnoses[0].message


def test_the_python_function_takes_penalties_on_biases() -> None:
    result = check(
        worked(L1, L2, 1.0), [(W1, b1), (W2, b2)], X, Y, activations=["tanh", "linear"],
        convention="row", l1=L1, l2=L2, penalty_on_biases=True,
    )  # fmt: skip
    assert result.verdict == "correct"


@pytest.mark.parametrize("of", ["weights", "weights_and_biases"])
def test_an_exported_program_takes_the_same_penalty(of: str) -> None:
    """The program compares its gradients with autograd."""
    request = TraceRequest.model_validate(
        {
            "layers": [{"W": W1.tolist(), "b": b1.tolist(), "activation": "tanh"}],
            "x": X.tolist(),
            "target": Y.tolist(),
            "convention": "row",
            "penalty": {"l1": L1, "l2": L2, "on": of},
        }
    )
    problem = request.problem(Limits())
    made = problem.trace
    working = ExportedWorking(made, problem.notation, None, dict)
    names: dict[str, Any] = {}
    exec(EXPORTS["script"].make(Subject("a test", working)).decode(), names)
    np.testing.assert_allclose(names["dC_db1"], made["dC_db1"], rtol=1e-12)
    np.testing.assert_allclose(names["C"], made.cost, rtol=1e-12)
    torch = EXPORTS["pytorch"].make(Subject("a test", working)).decode()
    assert ("for p in model.parameters():" in torch) == (of == "weights_and_biases")
