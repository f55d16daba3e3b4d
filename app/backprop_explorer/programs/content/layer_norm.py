"""Layer norm: the paths of batch norm along the other axis."""

import numpy as np

from backprop_explorer.programs.program import ReadyProgram, size


def layernorm(x, gamma, beta, target):
    eps = 1e-5
    mu = x.mean(axis=1, keepdims=True)
    centred = x - mu
    var = (centred**2).mean(axis=1, keepdims=True)
    sigma = np.sqrt(var + eps)
    y = gamma * centred / sigma + beta
    C = ((y - target) ** 2).mean()
    return C


def data(rng, N, D):
    return {
        "x": rng.normal(scale=1.5, size=(N, D)).round(1),
        "gamma": rng.normal(1, 0.5, D).round(1),
        "beta": rng.normal(0, 0.2, D).round(1),
        "target": rng.normal(size=(N, D)).round(1),
    }


PROGRAM = ReadyProgram(
    name="layer_norm",
    title="layer norm",
    topic="layers",
    tag="axes",
    place=40,
    description="The same three paths as in batch norm, over a row instead of a column.",
    text="A sample is normalised by its own mean and variance, so no gradient goes from one row to"
    " another. γ and β belong to the columns: their gradients are sums over the rows.",
    shapes="{N}×{D}",
    picture=(("x",), ("mu", "sigma"), ("y",)),
    function=layernorm,
    data=data,
    wrt=("x", "gamma", "beta"),
    axes={"x": ("sample", "feature")},
    sizes=(size("N", "samples", 4, 1, 8), size("D", "features", 3, 2, 6)),
)
