"""An LSTM over a few steps; the four gates share one matrix."""

import numpy as np

from backprop_explorer.programs.program import ReadyProgram, size


def lstm(x, Wx, Wh, b, target):
    D = len(Wh)
    h = np.zeros(D)
    c = np.zeros(D)
    for t in range(len(x)):
        z = x[t] @ Wx + h @ Wh + b
        i = 1 / (1 + np.exp(-z[:D]))
        f = 1 / (1 + np.exp(-z[D : 2 * D]))
        o = 1 / (1 + np.exp(-z[2 * D : 3 * D]))
        g = np.tanh(z[3 * D :])
        c = f * c + i * g
        h = o * np.tanh(c)
    C = ((h - target) ** 2).sum()
    return C


def data(rng, T, D):
    return {
        "x": rng.normal(size=(T, 2)).round(1),
        "Wx": rng.normal(scale=0.7, size=(2, 4 * D)).round(1),
        "Wh": rng.normal(scale=0.6, size=(D, 4 * D)).round(1),
        "b": rng.normal(scale=0.3, size=4 * D).round(1),
        "target": rng.uniform(-1, 1, D).round(1),
    }


PROGRAM = ReadyProgram(
    name="lstm",
    title="LSTM",
    topic="sequences",
    tag="gates",
    place=65,
    description="The cell is only scaled and added to, so its gradient goes back almost unchanged.",
    text="From one step to the one before, ∂C/∂c is multiplied with the forget gate alone. The cell"
    " also gets a gradient from its own output h, which is easily forgotten.",
    shapes="{T} steps, {D} units",
    picture=(("x",), ("c[t=0]", "c[t=1]", "c[t=2]"), ("h[t=2]",)),
    function=lstm,
    data=data,
    wrt=("x", "Wx", "Wh", "b"),
    axes={
        "x": ("step", "feature"),
        "Wx": ("feature", "gate unit"),
        "Wh": ("unit", "gate unit"),
        "target": ("unit",),
    },
    sizes=(size("T", "steps", 3, 1, 6), size("D", "units", 2, 1, 4)),
)
