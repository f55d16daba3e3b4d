"""One attention head with a causal mask."""

import numpy as np

from backprop_explorer.programs.program import ReadyProgram, size


def attention(x, Wq, Wk, Wv, target):
    Q = x @ Wq
    K = x @ Wk
    V = x @ Wv
    S = Q @ K.T / np.sqrt(Q.shape[1])
    later = np.triu(np.ones(S.shape), k=1) == 1
    S = np.where(later, -1e9, S)
    E = np.exp(S - S.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    y = P @ V
    C = ((y - target) ** 2).mean()
    return C


def data(rng, T, d):
    return {
        "x": rng.normal(size=(T, d)).round(1),
        "Wq": rng.normal(scale=0.8, size=(d, d)).round(1),
        "Wk": rng.normal(scale=0.8, size=(d, d)).round(1),
        "Wv": rng.normal(scale=0.8, size=(d, d)).round(1),
        "target": rng.normal(size=(T, d)).round(1),
    }


PROGRAM = ReadyProgram(
    name="attention",
    title="attention head",
    topic="sequences",
    tag="softmax",
    place=55,
    description="Each score moves all weights of its row; masked ones get nothing.",
    text="A row of P sums to 1, so ∂C/∂S compares ∂C/∂P with its own weighted mean in that row. As"
    " query, key and value, x is read three times: three parts add up to ∂C/∂x.",
    shapes="{T} positions, {d} wide, masked",
    picture=(("Q", "K"), ("P",), ("y",)),
    function=attention,
    data=data,
    wrt=("x", "Wq", "Wk", "Wv"),
    axes={"x": ("position", "feature"), "target": ("position", "unit")},
    sizes=(size("T", "positions", 4, 1, 8), size("d", "width", 3, 1, 6)),
)
