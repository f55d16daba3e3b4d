"""Word vectors: losses of one word and sums over a window (CS224n)."""

from __future__ import annotations

import numpy as np

from tests.programs.forward_functions.case import Case


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    shape = x.shape
    if len(shape) > 1:
        x = x - np.max(x, axis=1).reshape((shape[0], 1))
        e = np.exp(x)
        return e / np.sum(e, axis=1).reshape((shape[0], 1))
    e = np.exp(x - np.max(x))
    return e / np.sum(e)


def normalize_rows(x):
    lengths = np.sqrt(np.sum(x**2, axis=1)).reshape((x.shape[0], 1)) + 1e-30
    return x / lengths


def naive_softmax_loss(center, outside_index, outside):
    y_hat = softmax(np.dot(outside, center))
    return -np.log(y_hat[outside_index])


def negative_sampling_loss(center, outside_index, outside, negatives):
    indices = [outside_index, *negatives]
    vectors = outside[indices]
    loss = -np.log(sigmoid(np.dot(vectors[0], center)))
    loss -= np.sum(np.log(sigmoid(-vectors[1:] @ center)))
    return loss


def skipgram(vectors, outside, word, context, index):
    loss = 0.0
    center = vectors[index[word]]
    for each in context:
        loss += naive_softmax_loss(center, index[each], outside)
    return loss


def continuous_bag(vectors, outside, context, target):
    v = np.zeros(vectors.shape[1])
    for word in context:
        v += vectors[word]
    v /= len(context)
    scores = outside @ v
    return np.log(np.exp(scores).sum()) - scores[target]


CASES = [
    Case(sigmoid, lambda r: (r.normal(size=4),)),
    Case(softmax, lambda r: (r.normal(size=(3, 4)),)),
    Case(normalize_rows, lambda r: (r.normal(size=(3, 4)),)),
    Case(naive_softmax_loss, lambda r: (r.normal(size=3), 2, r.normal(size=(5, 3)))),
    Case(
        negative_sampling_loss, lambda r: (r.normal(size=3), 2, r.normal(size=(5, 3)), [4, 0, 4, 1])
    ),
    Case(
        skipgram,
        lambda r: (
            *(r.normal(size=(5, 3)), r.normal(size=(5, 3)), "c", ["a", "b", "e", "d", "a"]),
            {word: k for k, word in enumerate("abcde")},
        ),
    ),
    Case(continuous_bag, lambda r: (r.normal(size=(5, 3)), r.normal(size=(5, 3)), [0, 4, 0, 2], 1)),
]
