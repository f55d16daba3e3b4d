"""The forward pass in single steps, as makemore's exercise takes it apart."""

from __future__ import annotations

import numpy as np

from tests.programs.forward_functions.case import Case


def cross_entropy_in_steps(logits, Yb):
    n = logits.shape[0]
    logit_maxes = logits.max(1, keepdims=True)
    norm_logits = logits - logit_maxes
    counts = np.exp(norm_logits)
    counts_sum = counts.sum(1, keepdims=True)
    counts_sum_inv = counts_sum**-1
    probs = counts * counts_sum_inv
    logprobs = np.log(probs)
    return -logprobs[range(n), Yb].mean()


def batch_norm_in_steps(hprebn, bngain, bnbias):
    n = len(hprebn)
    bnmeani = 1 / n * hprebn.sum(0, keepdims=True)
    bndiff = hprebn - bnmeani
    bndiff2 = bndiff**2
    bnvar = 1 / (n - 1) * bndiff2.sum(0, keepdims=True)
    bnvar_inv = (bnvar + 1e-5) ** -0.5
    bnraw = bndiff * bnvar_inv
    return bngain * bnraw + bnbias


def whole_chain(C, W1, b1, bngain, bnbias, W2, b2, Xb, Yb):
    emb = C[Xb]
    embcat = emb.reshape(emb.shape[0], -1)
    hprebn = embcat @ W1 + b1
    hpreact = batch_norm_in_steps(hprebn, bngain, bnbias)
    h = np.tanh(hpreact)
    logits = h @ W2 + b2
    return cross_entropy_in_steps(logits, Yb)


def bigram(W, letters):
    one_hot = np.zeros((len(letters) - 1, W.shape[0]))
    one_hot[np.arange(len(letters) - 1), letters[:-1]] = 1
    logits = one_hot @ W
    counts = np.exp(logits)
    P = counts / counts.sum(1, keepdims=True)
    return -np.log(P[np.arange(len(letters) - 1), letters[1:]]).mean() + 0.01 * (W**2).mean()


def pairs_of_letters(C, W, X):
    """Fuse neighbours in two levels, as a small WaveNet does."""
    e = C[X]
    B, T, D = e.shape
    first = np.tanh(e.reshape(B, T // 2, 2 * D) @ W[0])
    B, T, D = first.shape
    second = np.tanh(first.reshape(B, T // 2, 2 * D) @ W[1])
    return second.squeeze(1)


def _words(r):
    return r.integers(5, size=(6, 3))


CASES = [
    Case(cross_entropy_in_steps, lambda r: (r.normal(size=(5, 4)), r.integers(4, size=5))),
    Case(
        batch_norm_in_steps,
        lambda r: (r.normal(size=(5, 3)), r.normal(size=(1, 3)), r.normal(size=(1, 3))),
    ),
    Case(
        whole_chain,
        lambda r: (
            *(r.normal(size=(5, 2)), r.normal(size=(6, 4)), r.normal(size=4)),
            *(r.normal(size=(1, 4)), r.normal(size=(1, 4)), r.normal(size=(4, 5))),
            *(r.normal(size=5), _words(r), r.integers(5, size=6)),
        ),
        # b1 is subtracted again with the mean: its gradient is 0 up to rounding.
        wrt=("C", "W1", "bngain", "bnbias", "W2", "b2"),
    ),
    Case(bigram, lambda r: (r.normal(size=(5, 5)), r.integers(5, size=12))),
    Case(
        pairs_of_letters,
        lambda r: (
            r.normal(size=(5, 2)),
            [r.normal(size=(4, 3)), r.normal(size=(6, 2))],
            r.integers(5, size=(3, 4)),
        ),
    ),
]
