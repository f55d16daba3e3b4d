"""A recurrent network over a few steps."""

import numpy as np

from backprop_explorer.programs.program import ReadyProgram, size


def rnn(x, Wx, Wh, b, Wy, target):
    h = np.zeros(len(b))
    C = 0
    for t in range(len(x)):
        h = np.tanh(x[t] @ Wx + h @ Wh + b)
        y = h @ Wy
        C = C + ((y - target[t]) ** 2).sum()
    return C


def data(rng, T, units):
    return {
        "x": rng.normal(size=(T, 2)).round(1),
        "Wx": rng.normal(scale=0.7, size=(2, units)).round(1),
        "Wh": rng.normal(scale=0.6, size=(units, units)).round(1),
        "b": rng.normal(scale=0.2, size=units).round(1),
        "Wy": rng.normal(scale=0.7, size=(units, 2)).round(1),
        "target": rng.normal(size=(T, 2)).round(1),
    }


PROGRAM = ReadyProgram(
    name="rnn",
    title="recurrent net",
    topic="sequences",
    tag="loop",
    place=60,
    description="One matrix in four steps: its gradient is a sum over time.",
    text="Each state is read twice, by its own output and by the next state, so two gradients meet"
    " there. A gradient that goes back over a step is multiplied with Wh and the slope of tanh;"
    " over many steps it can shrink or grow.",
    shapes="{T} steps, {units} units",
    picture=(("x",), ("h[t=0]", "h[t=1]", "h[t=2]", "h[t=3]"), ("y[t=3]",)),
    function=rnn,
    data=data,
    wrt=("x", "Wx", "Wh", "b", "Wy"),
    axes={"x": ("step", "feature"), "Wh": ("unit", "unit"), "target": ("step", "output")},
    sizes=(size("T", "steps", 4, 1, 8), size("units", "units", 3, 1, 6)),
)
