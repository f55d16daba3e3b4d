"""Functions and numbers of the solution notebook."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.trace import Trace
from tests.helpers.oracles import check_autograd, check_finite_differences

Array = NDArray[np.float64]
MSE = Objective("mse", "mean")
PRINTED = 1e-7  # The notebook printed eight decimals; recovered values contain their rounding.


def assert_printed(value: Array, printed: object) -> None:
    np.testing.assert_allclose(value, printed, rtol=0, atol=PRINTED)
    assert np.shape(value) == np.shape(printed)


def assert_proved(worked: Trace) -> None:
    assert check_autograd(worked).passed
    assert check_finite_differences(worked).passed


# -------------------------------------------------------------------------- the notebook's formulas


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def relu(z: Array) -> Array:
    return np.where(z > 0, z, 0)


def mse_der(predict: Array, target: Array) -> Array:
    return 2 / len(predict) * (predict - target).T


def sigmoid_der(z: Array) -> Array:
    return np.diag(np.exp(-z) / (1 + np.exp(-z)) ** 2)


def relu_der(z: Array) -> Array:
    return np.diag(np.where(z > 0, 1, 0))


def notebook_backpropagation(
    x: Array, layers: list[tuple[Array, Array]], names: list[str], target: Array
) -> list[tuple[Array, Array]]:
    """The loop of exercise 5a as in the notebook, for one sample."""
    functions = {"sigmoid": (sigmoid, sigmoid_der), "relu": (relu, relu_der)}
    layer_inputs, zs, a = [], [], x
    for (W, b), name in zip(layers, names, strict=True):
        layer_inputs.append(a)
        zs.append(W @ a + b)
        a = functions[name][0](zs[-1])
    gradients: list[tuple[Array, Array]] = []
    dC_dz = np.zeros(0)
    for i in reversed(range(len(layers))):
        dC_da = mse_der(a, target) if i == len(layers) - 1 else dC_dz @ layers[i + 1][0]
        dC_dz = dC_da @ functions[names[i]][1](zs[i])
        dC_dW = dC_dz @ np.tensordot(np.eye(len(zs[i])), layer_inputs[i], axes=0)
        gradients.insert(0, (dC_dW, dC_dz))
    return gradients
