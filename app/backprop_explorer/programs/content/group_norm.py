"""Group norm: a reshape between the axes of the image and those of the groups."""

import numpy as np

from backprop_explorer.programs.program import ReadyProgram, size


def groupnorm(x, gamma, beta, target):
    eps, groups = 1e-5, 2
    N, C, H, W = x.shape
    g = x.reshape(N, groups, -1)
    mu = g.mean(axis=2, keepdims=True)
    var = g.var(axis=2, keepdims=True)
    ghat = (g - mu) / np.sqrt(var + eps)
    xhat = ghat.reshape(N, C, H, W)
    y = gamma * xhat + beta
    cost = ((y - target) ** 2).mean()
    return cost


def data(rng, N, H):
    return {
        "x": rng.normal(scale=1.5, size=(N, 4, H, H)).round(1),
        "gamma": rng.normal(1, 0.5, (4, 1, 1)).round(1),
        "beta": rng.normal(0, 0.2, (4, 1, 1)).round(1),
        "target": rng.normal(size=(N, 4, H, H)).round(1),
    }


PROGRAM = ReadyProgram(
    name="group_norm",
    title="group norm",
    topic="layers",
    tag="reshape",
    place=50,
    description="Two channels of an image share a mean and a variance.",
    text="A reshape lays the numbers of a group in one row; backwards the gradients are laid back"
    " in the same order. γ and β belong to channels, so their gradients are sums over samples and"
    " pixels.",
    shapes="{N} images of {H}×{H}, 4 channels",
    picture=(("x",), ("mu", "var"), ("xhat",), ("y",)),
    function=groupnorm,
    data=data,
    wrt=("x", "gamma", "beta"),
    axes={
        "x": ("sample", "channel", "row", "column"),
        "g": ("sample", "group", "entry"),
        "gamma": ("channel", "row", "column"),
        "beta": ("channel", "row", "column"),
    },
    sizes=(size("N", "images", 2, 1, 3), size("H", "rows and columns", 2, 1, 4)),
)
