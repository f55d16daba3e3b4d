"""A program that uses the Python API with types; mypy checks it in ``make check``."""

from __future__ import annotations

from typing import Any, assert_type

import numpy as np
import plotly.graph_objects as go

import backprop_explorer as bx


def gradient_norms(working: bx.Working) -> list[float]:
    """The norm of ∂C/∂W of each layer."""
    return [float(np.linalg.norm(dC_dW)) for dC_dW, _ in working.gradients]


def example() -> bx.Working:
    """A working; its results have the types that an editor shows."""
    layers, x, target = [([[1.0]], [0.0])], [1.0], [0.0]
    working = bx.trace(layers, x, target, activations=["identity"])
    assert_type(working, bx.Working)
    assert_type(working.ids, list[str])
    assert_type(working.cost, float)
    figure: go.Figure = working.figure("network")
    assert figure.data
    checked = bx.check({"z1": [1.0]}, layers, x, target, activations="identity")
    assert_type(checked, bx.Checked)
    assert_type(checked.first_wrong, str | None)
    code = bx.check_code(_forward, layers=layers, x=x, target=target, activations="identity")
    assert_type(code, bx.CodeCheck)
    assert_type(code.first_wrong, int | None)
    run = bx.experiment()
    assert_type(run, bx.Experiment)
    assert_type(run.frame(0), dict[str, Any])
    return working


def _forward(layers: Any, x: Any) -> Any:
    [(W, b)] = layers
    return np.array(W) @ np.array(x) + np.array(b)
