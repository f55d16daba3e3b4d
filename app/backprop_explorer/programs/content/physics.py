"""A network that is to solve u' = −u, with its derivative by the input written out."""

import numpy as np

from backprop_explorer.programs.program import ReadyProgram, size


def physics(t, w, b, v):
    h = np.tanh(np.outer(t, w) + b)
    u = h @ v
    du = ((1 - h**2) * w) @ v
    residual = du + u
    start = np.tanh(b) @ v - 1
    C = (residual**2).mean() + start**2
    return C


def data(rng, points, units):
    return {
        "t": np.linspace(0, 2, points).round(2),
        "w": rng.normal(size=units).round(1),
        "b": rng.normal(scale=0.5, size=units).round(1),
        "v": rng.normal(scale=0.8, size=units).round(1),
    }


PROGRAM = ReadyProgram(
    name="physics",
    title="equation as a cost",
    topic="costs",
    tag="derivative",
    place=95,
    description="The derivative of the network by its input is a part of the cost.",
    text="The network u(t) is to satisfy u' + u = 0 and u(0) = 1, as physics-informed networks do."
    " The weights w are read as factors of t and as factors of u', and b by the network and by the"
    " start: their gradients have a part from each.",
    shapes="{points} points, {units} units",
    picture=(("h",), ("u", "du"), ("residual",)),
    function=physics,
    data=data,
    wrt=("w", "b", "v"),
    axes={"t": ("point",), "w": ("unit",)},
    sizes=(size("points", "points", 5, 2, 8), size("units", "units", 3, 1, 6)),
)
