"""A convolution over the places of its kernel, CTC in logarithms, and layers with generators."""

from __future__ import annotations

import numpy as np

from tests.programs.forward_functions.case import Case


def manual_conv(inputs, kernel, bias, stride):
    K = kernel.shape[0]
    height = (inputs.shape[1] - K) // stride + 1
    width = (inputs.shape[2] - K) // stride + 1
    output = np.zeros((inputs.shape[0], height, width, kernel.shape[3]))
    for i in range(K):
        for j in range(K):
            part = inputs[
                :,
                i : i + (height - 1) * stride + 1 : stride,
                j : j + (width - 1) * stride + 1 : stride,
            ]
            output += np.einsum("nhwc,cf->nhwf", part, kernel[i, j])
    return np.maximum(output + bias, 0)


def log_add(a, b):
    top = np.maximum(a, b)
    return top + np.log(np.exp(a - top) + np.exp(b - top))


def ctc(logits, labels):
    """Minus the logarithm of the probability of ``labels``; 0 is the blank."""
    log_probs = logits - np.log(np.sum(np.exp(logits), axis=1, keepdims=True))
    extended = [0]
    for label in labels:
        extended += [label, 0]
    alpha = np.full(len(extended), -1e3)
    alpha[0] = log_probs[0, 0]
    alpha[1] = log_probs[0, extended[1]]
    for t in range(1, len(log_probs)):
        following = np.full(len(extended), -1e3)
        for s, symbol in enumerate(extended):
            total = alpha[s]
            if s > 0:
                total = log_add(total, alpha[s - 1])
            if s > 1 and symbol != 0 and symbol != extended[s - 2]:
                total = log_add(total, alpha[s - 2])
            following[s] = total + log_probs[t, symbol]
        alpha = following
    return -log_add(alpha[-1], alpha[-2])


def layers(weights):
    for k, (W, b) in enumerate(weights):
        yield W, b, k == len(weights) - 1


def generated_layers(weights, x):
    for W, b, last in layers(weights):
        x = x @ W + b
        if not last:
            x = np.tanh(x)
    return x


def bilinear_tree(leaves, W):
    """Combine neighbours until one vector is left."""

    def combine(left, right):
        return np.tanh(np.concatenate([left, right]) @ W)

    level = list(leaves)
    while len(level) > 1:
        level = [combine(a, b) for a, b in zip(level[::2], level[1::2], strict=True)]
    return level[0]


CASES = [
    Case(
        manual_conv,
        lambda r: (r.normal(size=(2, 5, 6, 2)), r.normal(size=(3, 3, 2, 2)), r.normal(size=2), 2),
    ),
    Case(ctc, lambda r: (r.normal(size=(5, 4)), [1, 3, 3][:2])),
    Case(
        generated_layers,
        lambda r: (
            [(r.normal(size=(3, 4)), r.normal(size=4)), (r.normal(size=(4, 2)), r.normal(size=2))],
            r.normal(size=(3, 3)),
        ),
    ),
    Case(bilinear_tree, lambda r: (r.normal(size=(4, 3)), r.normal(size=(6, 3)))),
]
