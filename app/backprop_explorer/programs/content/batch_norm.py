"""Batch norm: three paths from x to the cost."""

import numpy as np

from backprop_explorer.programs.program import ReadyProgram, size


def batchnorm(x, gamma, beta, target):
    eps = 1e-5
    mu = x.mean(axis=0)
    var = ((x - mu) ** 2).mean(axis=0)
    xhat = (x - mu) / np.sqrt(var + eps)
    y = gamma * xhat + beta
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
    name="batch_norm",
    title="batch norm",
    topic="layers",
    tag="fan-out",
    place=30,
    description="x is read three times: three paths come back and add up.",
    text="The mean and the variance of a column depend on every sample in it, so each entry of x"
    " changes all rows. Each column of ∂C/∂x therefore sums to 0: adding the same number to all"
    " samples changes nothing.",
    shapes="{N}×{D}",
    picture=(("x",), ("mu", "var"), ("xhat",), ("y",)),
    function=batchnorm,
    data=data,
    wrt=("x", "gamma", "beta"),
    axes={"x": ("sample", "feature")},
    sizes=(size("N", "samples", 4, 2, 8), size("D", "features", 3, 1, 6)),
)
