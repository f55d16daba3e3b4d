"""A letter is predicted from two others: the chain that makemore differentiates by hand."""

import numpy as np

from backprop_explorer.programs.program import ReadyProgram, size


def next_letter(table, W1, b1, gain, shift, W2, b2, letters, answer):
    eps, N = 1e-5, len(letters)
    emb = table[letters].reshape(N, -1)
    pre = emb @ W1 + b1
    mean = pre.sum(axis=0) / N
    diff = pre - mean
    var = (diff**2).sum(axis=0) / (N - 1)
    inv = (var + eps) ** -0.5
    raw = diff * inv
    h = np.tanh(gain * raw + shift)
    logits = h @ W2 + b2
    top = logits.max(axis=1, keepdims=True)
    counts = np.exp(logits - top)
    total = counts.sum(axis=1, keepdims=True)
    probs = counts * total**-1
    logp = np.log(probs)
    C = -logp[np.arange(N), answer].mean()
    return C


def data(rng, N, units):
    return {
        "table": rng.normal(size=(5, 2)).round(1),
        "W1": rng.normal(scale=0.8, size=(4, units)).round(1),
        "b1": rng.normal(scale=0.2, size=units).round(1),
        "gain": rng.normal(1, 0.3, units).round(1),
        "shift": rng.normal(0, 0.2, units).round(1),
        "W2": rng.normal(scale=0.8, size=(units, 5)).round(1),
        "b2": rng.normal(scale=0.2, size=5).round(1),
        "letters": rng.integers(5, size=(N, 2)),
        "answer": rng.integers(5, size=N),
    }


PROGRAM = ReadyProgram(
    name="next_letter",
    title="embedding, softmax by hand",
    topic="sequences",
    tag="chain",
    place=70,
    description="The chain of makemore: embedding, batch norm, tanh and cross-entropy, step by"
    " step.",
    text="No step is skipped, so the short formulas for batch norm and softmax appear as what their"
    " steps add up to. The bias b1 is subtracted again with the mean, so its gradient is 0.",
    shapes="{N} words of 2 letters, {units} units",
    picture=(("table",), ("emb",), ("h",), ("probs",)),
    function=next_letter,
    data=data,
    wrt=("table", "W1", "b1", "gain", "shift", "W2", "b2"),
    axes={
        "table": ("letter", "number"),
        "letters": ("word", "place"),
        "W1": ("number of word", "unit"),
        "W2": ("unit", "letter"),
        "answer": ("word",),
    },
    sizes=(size("N", "words", 4, 2, 8), size("units", "units", 3, 1, 6)),
)
