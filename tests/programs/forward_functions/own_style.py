"""Ways to write NumPy that no course asks for and students use."""

from __future__ import annotations

import math
from functools import reduce
from itertools import pairwise

import numpy as np
from numpy import exp, log
from numpy.lib.stride_tricks import sliding_window_view

from tests.programs.forward_functions.case import Case


def names_imported_from_numpy(x, w):
    return log(1 + exp(x @ w)).sum()


def out_arguments(x, w):
    z = np.empty((len(x), w.shape[1]))
    np.dot(x, w, out=z)
    np.add(z, 1.0, out=z)
    np.tanh(z, out=z)
    return z


def in_place_arithmetic(x):
    y = x * 1.0
    y += x**2
    y *= 0.5
    y -= y.mean()
    y /= np.sqrt((y**2).sum())
    return y


def adds_at_indices(values, index):
    total = np.zeros(4)
    np.add.at(total, index, values)
    return np.tanh(total)


def sliding_windows(x, kernel):
    windows = sliding_window_view(x, kernel.shape)
    return np.einsum("ijkl,kl->ij", windows, kernel)


def einsum_attention(Q, K, V):
    S = np.einsum("bhqd,bhkd->bhqk", Q, K) / math.sqrt(Q.shape[-1])
    P = np.exp(S) / np.exp(S).sum(-1, keepdims=True)
    return np.einsum("bhqk,bhkd->bhqd", P, V)


def tensordot_of_axes(a, b):
    return np.tensordot(a, b, axes=([0, 2], [1, 0]))


def masks_and_where(x):
    positive = x > 0
    y = np.where(positive, np.sqrt(np.abs(x)), -x)
    y[~positive] = x[~positive] ** 3
    return y


def collected_in_lists(x, W):
    rows = []
    h = np.zeros(W.shape[0])
    for row in x:
        h = np.tanh(row + W @ h)
        rows.append(h)
    return np.array(rows)


def recursion(x, depth=3):
    if depth == 0:
        return x
    return np.sin(recursion(x * 1.1, depth - 1)) + x


def closures(x, W):
    def layer(f):
        return lambda a: f(a @ W)

    return reduce(lambda a, f: f(a), [layer(np.tanh), layer(np.sin)], x)


def python_arithmetic(x):
    total = 0
    for k in range(len(x)):
        total += x[k] ** 2 / (k + 1)
    return total / len(x)


def float_of_an_entry(x):
    return float(x[0]) * x.sum() + math.exp(x[1])


def sums_that_run(x):
    return np.cumsum(x, axis=0) * np.cumprod(x + 2, axis=1)


def sorted_entries(x):
    return np.sort(x, axis=1)[:, ::-1] * np.arange(x.shape[1])


def chosen_by_argsort(x):
    order = np.argsort(x)
    return x[order][:2] @ x[order][-2:]


def joined_and_split(a, b):
    both = np.concatenate([a, b], axis=1)
    left, right = np.hsplit(both, 2)
    return np.vstack([left, right]) * np.hstack([a, b])[:1, :1]


def tiled_and_repeated(x):
    return np.tile(x, (2, 1)) * np.repeat(x, 2, axis=0)


def rolled(x):
    return np.roll(x, 1, axis=0) * x + np.diff(x, axis=0).sum()


def norms(x):
    return np.linalg.norm(x, axis=1) + np.linalg.norm(x)


def outer_and_inner(a, b):
    return np.outer(a, b) @ np.inner(a[:, None], b[:, None])


def moved_axes(x):
    return np.moveaxis(x, 0, -1) + np.rollaxis(x, 2).transpose(1, 2, 0).swapaxes(0, 1)[:1]


def meshed(x, y):
    X, Y = np.meshgrid(x, y)
    return np.hypot(X, Y) * np.arctan2(Y, X)


def clipped(x):
    return np.clip(x, -0.5, 0.8) + np.minimum(x, 0.3) * np.sign(x)


def upper_triangle(x):
    return np.triu(x) @ np.tril(x).T + np.diag(np.diag(x)) * np.trace(x)


def huber(error):
    small = np.abs(error) <= 1
    return np.sum(small * 0.5 * error**2 + ~small * (np.abs(error) - 0.5))


def log_of_sums(x):
    return np.logaddexp(x[0], x[1]) + np.logaddexp(x, 0.5).sum() + np.log1p(x[2] ** 2)


def index_lists(x, weights):
    rows, cols = [0, 1, 1], [2, 0, 0]
    y = np.zeros_like(x)
    y[rows, cols] = weights
    return y * x + x[np.ix_([0, 1], [2, 1, 0])]


def takes_and_puts(x, index):
    picked = np.take(x, index, axis=1)
    along = np.take_along_axis(x, np.argsort(x, axis=1), axis=1)
    return picked.sum() * along[:, -1]


def written_through_views(x):
    y = np.zeros((3, 4))
    top = y[:2]
    top[:, 1:3] = x
    flat = y.ravel()
    flat[0] = x[0, 0] * x[1, 1]
    y.T[3] += 2.0
    return y**2


def window_sums(x):
    padded = np.pad(x, 1, mode="edge")
    total = np.zeros_like(x)
    for i in range(3):
        for j in range(3):
            total += padded[i : i + x.shape[0], j : j + x.shape[1]]
    return total / 9 * x


def chain_of_layers(sizes, parameters, x):
    for k, _ in enumerate(pairwise(sizes)):
        x = np.maximum(x @ parameters[k]["W"] + parameters[k]["b"], 0.01 * x.sum())
    return x


def swapped_in_tuples(a, b):
    a, b = b, a * b
    a, b = b - a, a
    return a @ b.T


def variance_with_ddof(x):
    return x.var(axis=0, ddof=1) + x.std(1).mean() + np.mean(x, dtype=float)


def complement_of_softmax(x):
    s = np.exp(x - x.max(-1)[..., None])
    s = s / s.sum(-1)[..., None]
    return np.prod(1 - s, axis=-1)


CASES = [
    Case(names_imported_from_numpy, lambda r: (r.normal(size=(3, 2)), r.normal(size=2))),
    Case(out_arguments, lambda r: (r.normal(size=(3, 2)), r.normal(size=(2, 4)))),
    Case(in_place_arithmetic, lambda r: (r.normal(size=(3, 2)),)),
    Case(adds_at_indices, lambda r: (r.normal(size=6), np.array([0, 2, 2, 1, 0, 2]))),
    Case(sliding_windows, lambda r: (r.normal(size=(4, 5)), r.normal(size=(2, 3)))),
    Case(
        einsum_attention,
        lambda r: (
            *(
                r.normal(size=(2, 2, 3, 4)),
                r.normal(size=(2, 2, 4, 4)),
                r.normal(size=(2, 2, 4, 2)),
            ),
        ),
    ),
    Case(tensordot_of_axes, lambda r: (r.normal(size=(2, 3, 4)), r.normal(size=(4, 2, 3)))),
    Case(masks_and_where, lambda r: (r.normal(size=(3, 4)),)),
    Case(collected_in_lists, lambda r: (r.normal(size=(4, 3)), r.normal(size=(3, 3)))),
    Case(recursion, lambda r: (r.normal(size=3),)),
    Case(closures, lambda r: (r.normal(size=(2, 3)), r.normal(size=(3, 3)))),
    Case(python_arithmetic, lambda r: (r.normal(size=4),)),
    Case(float_of_an_entry, lambda r: (r.normal(size=4),)),
    Case(sums_that_run, lambda r: (r.normal(size=(3, 4)),)),
    Case(sorted_entries, lambda r: (r.normal(size=(3, 4)),)),
    Case(chosen_by_argsort, lambda r: (r.normal(size=5),)),
    Case(joined_and_split, lambda r: (r.normal(size=(3, 2)), r.normal(size=(3, 2)))),
    Case(tiled_and_repeated, lambda r: (r.normal(size=(2, 3)),)),
    Case(rolled, lambda r: (r.normal(size=(3, 2)),)),
    Case(norms, lambda r: (r.normal(size=(3, 2)),)),
    Case(outer_and_inner, lambda r: (r.normal(size=3), r.normal(size=3))),
    Case(moved_axes, lambda r: (r.normal(size=(2, 2, 2)),)),
    Case(meshed, lambda r: (r.normal(size=3), r.normal(size=2))),
    Case(clipped, lambda r: (r.normal(size=(3, 4)),)),
    Case(upper_triangle, lambda r: (r.normal(size=(3, 3)),)),
    Case(huber, lambda r: (r.normal(scale=2, size=(3, 4)),)),
    Case(log_of_sums, lambda r: (r.normal(size=(3, 4)),)),
    Case(index_lists, lambda r: (r.normal(size=(2, 3)), r.normal(size=3))),
    Case(takes_and_puts, lambda r: (r.normal(size=(2, 4)), np.array([3, 0, 3]))),
    Case(written_through_views, lambda r: (r.normal(size=(2, 2)),)),
    Case(window_sums, lambda r: (r.normal(size=(3, 4)),)),
    Case(
        chain_of_layers,
        lambda r: (
            [2, 2, 2],
            [{"W": r.normal(size=(2, 2)), "b": r.normal(size=2)} for _ in range(2)],
            r.normal(size=(3, 2)),
        ),
    ),
    Case(swapped_in_tuples, lambda r: (r.normal(size=(3, 2)), r.normal(size=(3, 2)))),
    Case(variance_with_ddof, lambda r: (r.normal(size=(4, 3)),)),
    Case(complement_of_softmax, lambda r: (r.normal(size=(3, 4)),)),
]
