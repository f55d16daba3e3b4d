"""Two attention heads, whose outputs are joined."""

import numpy as np

from backprop_explorer.programs.program import ReadyProgram, size


def head(Q, K, V):
    S = Q @ K.T / np.sqrt(Q.shape[1])
    E = np.exp(S - S.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return P @ V


def two_heads(x, Wq, Wk, Wv, Wo, target):
    Q, K, V = x @ Wq, x @ Wk, x @ Wv
    d = Q.shape[1] // 2
    first = head(Q[:, :d], K[:, :d], V[:, :d])
    second = head(Q[:, d:], K[:, d:], V[:, d:])
    joined = np.concatenate([first, second], axis=1)
    y = joined @ Wo
    C = ((y - target) ** 2).mean()
    return C


def data(rng, T):
    return {
        "x": rng.normal(size=(T, 4)).round(1),
        "Wq": rng.normal(scale=0.8, size=(4, 4)).round(1),
        "Wk": rng.normal(scale=0.8, size=(4, 4)).round(1),
        "Wv": rng.normal(scale=0.8, size=(4, 4)).round(1),
        "Wo": rng.normal(scale=0.8, size=(4, 3)).round(1),
        "target": rng.normal(size=(T, 3)).round(1),
    }


PROGRAM = ReadyProgram(
    name="two_heads",
    title="two heads",
    topic="sequences",
    tag="slices",
    place=57,
    description="Each head reads half of the columns; its gradient goes back into that half.",
    text="The gradient of the joined outputs is cut where they were joined. A slice writes its"
    " gradient into its own columns and zeros into the others, so the two parts of ∂C/∂Q do not"
    " overlap.",
    shapes="{T} positions, 2 heads of 2",
    picture=(("Q", "K", "V"), ("first", "second"), ("joined",), ("y",)),
    function=two_heads,
    data=data,
    wrt=("x", "Wq", "Wk", "Wv", "Wo"),
    axes={"x": ("position", "feature"), "target": ("position", "feature")},
    sizes=(size("T", "positions", 3, 1, 6),),
)
