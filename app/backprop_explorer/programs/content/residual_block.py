"""A residual block: a ReLU layer beside a skip."""

import numpy as np

from backprop_explorer.programs.program import ReadyProgram, size


def residual(x, W1, b1, W2, b2, target):
    h = np.maximum(x @ W1 + b1, 0)
    f = h @ W2 + b2
    y = x + f
    C = ((y - target) ** 2).mean()
    return C


def data(rng, N, D, units):
    return {
        "x": rng.normal(size=(N, D)).round(1),
        "W1": rng.normal(scale=0.8, size=(D, units)).round(1),
        "b1": rng.normal(scale=0.3, size=units).round(2),
        "W2": rng.normal(scale=0.6, size=(units, D)).round(1),
        "b2": np.zeros(D),
        "target": rng.normal(size=(N, D)).round(1),
    }


PROGRAM = ReadyProgram(
    name="residual_block",
    title="residual block",
    topic="layers",
    tag="skip",
    place=80,
    description="The skip passes the gradient on unchanged, whatever the layer does.",
    text="x is read by the layer and by the sum, so ∂C/∂x has two parts. The part of the skip is"
    " ∂C/∂y itself; the part of the layer goes through both weight matrices and is 0 where all"
    " units are off.",
    shapes="{N}×{D}, {units} units",
    picture=(("x",), ("h",), ("f",), ("y",)),
    function=residual,
    data=data,
    wrt=("x", "W1", "b1", "W2", "b2"),
    axes={"x": ("sample", "feature"), "b1": ("unit",)},
    sizes=(
        size("N", "samples", 4, 1, 8),
        size("D", "features", 3, 1, 6),
        size("units", "units", 5, 1, 8),
    ),
)
