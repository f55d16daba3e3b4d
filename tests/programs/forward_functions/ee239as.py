"""Layers with indices and masks, as UCLA's course writes them."""

from __future__ import annotations

import numpy as np

from tests.programs.forward_functions.case import Case


def knn_distances(X, D):
    """(test, train) squared distances without a loop."""
    return np.sum(X**2, axis=1)[:, None] + np.sum(D**2, axis=1) - 2 * X.dot(D.T)


def conv_with_views(x, w, b, pad, stride):
    padded = np.zeros((*x.shape[:2], x.shape[2] + 2 * pad, x.shape[3] + 2 * pad))
    padded[:, :, pad : padded.shape[2] - pad, pad : padded.shape[3] - pad] = x
    F, _, HH, WW = w.shape
    rows = (padded.shape[2] - HH) // stride + 1
    cols = (padded.shape[3] - WW) // stride + 1
    out = np.empty((x.shape[0], F, rows, cols))
    for i in range(rows):
        for j in range(cols):
            window = padded[:, :, i * stride : i * stride + HH, j * stride : j * stride + WW]
            for f in range(F):
                out[:, f, i, j] = np.sum(window * w[f, :, :, :], axis=(1, 2, 3))
    return out + b[None, :, None, None]


def average_pool(x):
    N, C, H, W = x.shape
    out = np.zeros((N, C, H // 2, W // 2))
    for n in range(N):
        for c in range(C):
            for i in range(H // 2):
                for j in range(W // 2):
                    out[n, c, i, j] = x[n, c, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2].mean()
    return out


def max_by_argmax(x):
    """Pool by the place of the largest entry."""
    rows = x.reshape(-1, 4)
    best = np.argmax(rows, axis=1)
    return rows[np.arange(len(rows)), best]


def relu_by_mask(x, w):
    h = x @ w
    h[h < 0] = 0
    return h * (h > 0.1)


def softmax_with_loss_by_row(W, X, y):
    a = W.dot(X.T)
    a -= a.max(axis=0)
    loss = 0
    for i in range(X.shape[0]):
        loss += -a[y[i], i] + np.log(np.sum(np.exp(a[:, i])))
    return loss / X.shape[0]


CASES = [
    Case(knn_distances, lambda r: (r.normal(size=(3, 2)), r.normal(size=(4, 2)))),
    Case(
        conv_with_views,
        lambda r: (
            r.normal(size=(2, 2, 4, 5)),
            r.normal(size=(2, 2, 2, 3)),
            r.normal(size=2),
            1,
            2,
        ),
    ),
    Case(average_pool, lambda r: (r.normal(size=(1, 2, 4, 4)),)),
    Case(max_by_argmax, lambda r: (r.normal(size=(3, 8)),)),
    Case(relu_by_mask, lambda r: (r.normal(size=(3, 4)), r.normal(size=(4, 5)))),
    Case(
        softmax_with_loss_by_row,
        lambda r: (r.normal(size=(3, 4)), r.normal(size=(5, 4)), np.array([0, 2, 1, 1, 0])),
    ),
]
