"""Layers that return (out, cache), and classes that hold their parameters in a dict."""

from __future__ import annotations

import numpy as np

from tests.programs.forward_functions.case import Case


def affine_forward(x, w, b):
    rows = x.reshape(x.shape[0], -1)
    out = rows.dot(w) + b
    cache = (x, w, b)
    return out, cache


def relu_forward(x):
    out = np.maximum(0, x)
    return out, x


def leaky_relu_forward(x):
    out = x.copy()
    out[x < 0] *= 0.1
    return out, x


def batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param["mode"]
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    _, D = x.shape
    running_mean = bn_param.get("running_mean", np.zeros(D, dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(D, dtype=x.dtype))
    if mode == "train":
        mean = np.mean(x, axis=0)
        var = np.var(x, axis=0)
        std = np.sqrt(var + eps)
        normed = (x - mean) / std
        out = normed * gamma + beta
        running_mean = momentum * running_mean + (1 - momentum) * mean
        running_var = momentum * running_var + (1 - momentum) * var
        cache = (normed, std, gamma)
    else:
        out = gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta
        cache = None
    bn_param["running_mean"] = running_mean
    bn_param["running_var"] = running_var
    return out, cache


def batchnorm_in_steps(x, gamma, beta, eps):
    N = x.shape[0]
    step1 = 1.0 / N * np.sum(x, axis=0)
    step2 = x - step1
    step3 = step2**2
    step4 = 1.0 / N * np.sum(step3, axis=0)
    step5 = np.sqrt(step4 + eps)
    step6 = 1.0 / step5
    step7 = step2 * step6
    step8 = gamma * step7
    return step8 + beta


def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    turned = x.T
    mean = turned.mean(axis=0)
    var = turned.var(axis=0)
    normed = ((turned - mean) / np.sqrt(var + eps)).T
    return gamma * normed + beta, (normed, var)


def dropout_forward(x, dropout_param):
    p = dropout_param["p"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])  # noqa: NPY002
    mask = (np.random.rand(*x.shape) < p) / p  # noqa: NPY002
    out = x * mask
    out = out.astype(x.dtype, copy=False)
    return out, (dropout_param, mask)


def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, _, H, W = x.shape
    F, _, HH, WW = w.shape
    rows = 1 + (H + 2 * pad - HH) // stride
    cols = 1 + (W + 2 * pad - WW) // stride
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")
    out = np.zeros((N, F, rows, cols))
    for n in range(N):
        for f in range(F):
            for i in range(rows):
                for j in range(cols):
                    top, left = i * stride, j * stride
                    patch = padded[n, :, top : top + HH, left : left + WW]
                    out[n, f, i, j] = np.sum(patch * w[f]) + b[f]
    return out, (x, w, b, conv_param)


def max_pool_forward_naive(x, pool_param):
    height, width = pool_param["pool_height"], pool_param["pool_width"]
    stride = pool_param["stride"]
    N, C, H, W = x.shape
    rows = 1 + (H - height) // stride
    cols = 1 + (W - width) // stride
    out = np.zeros((N, C, rows, cols))
    for i in range(rows):
        for j in range(cols):
            window = x[:, :, i * stride : i * stride + height, j * stride : j * stride + width]
            out[:, :, i, j] = np.max(window, axis=(2, 3))
    return out, (x, pool_param)


def patch_indices(shape, height, width, pad, stride):
    _, C, H, W = shape
    rows = (H + 2 * pad - height) // stride + 1
    cols = (W + 2 * pad - width) // stride + 1
    i0 = np.tile(np.repeat(np.arange(height), width), C)
    j0 = np.tile(np.arange(width), height * C)
    i1 = stride * np.repeat(np.arange(rows), cols)
    j1 = stride * np.tile(np.arange(cols), rows)
    i = i0.reshape(-1, 1) + i1.reshape(1, -1)
    j = j0.reshape(-1, 1) + j1.reshape(1, -1)
    k = np.repeat(np.arange(C), height * width).reshape(-1, 1)
    return k, i, j, rows, cols


def conv_by_columns(x, w, b, stride, pad):
    F, C, HH, WW = w.shape
    k, i, j, rows, cols = patch_indices(x.shape, HH, WW, pad, stride)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")
    columns = padded[:, k, i, j].transpose(1, 2, 0).reshape(C * HH * WW, -1)
    res = w.reshape(F, -1).dot(columns) + b.reshape(-1, 1)
    return res.reshape(F, rows, cols, x.shape[0]).transpose(3, 0, 1, 2)


def conv_by_strides(x, w, b, stride):
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    rows, cols = (H - HH) // stride + 1, (W - WW) // stride + 1
    shape = (C, HH, WW, N, rows, cols)
    strides = (H * W, W, 1, C * H * W, stride * W, stride)
    strides = x.itemsize * np.array(strides)
    windows = np.lib.stride_tricks.as_strided(x, shape=shape, strides=strides)
    columns = np.ascontiguousarray(windows)
    columns.shape = (C * HH * WW, N * rows * cols)
    res = w.reshape(F, -1) @ columns + b.reshape(-1, 1)
    res.shape = (F, N, rows, cols)
    return res.transpose(1, 0, 2, 3)


def max_pool_by_reshape(x, size):
    N, C, H, W = x.shape
    split = x.reshape(N, C, H // size, size, W // size, size)
    return split.max(axis=3).max(axis=4)


def spatial_batchnorm_forward(x, gamma, beta):
    N, C, H, W = x.shape
    flat = x.transpose(0, 2, 3, 1).reshape((N * H * W, C))
    out, _ = batchnorm_forward(flat, gamma, beta, {"mode": "train"})
    return out.reshape(N, H, W, C).transpose(0, 3, 1, 2)


def spatial_groupnorm_forward(x, gamma, beta, G):
    N, C, H, W = x.shape
    grouped = x.reshape(N * G, C // G * H * W).T
    mean = grouped.mean(axis=0)
    var = grouped.var(axis=0) + 1e-5
    normed = ((grouped - mean) / np.sqrt(var)).T.reshape(N, C, H, W)
    return normed * gamma + beta


def svm_loss(x, y):
    N = x.shape[0]
    correct = x[np.arange(N), y]
    margins = np.maximum(0, x - correct[:, np.newaxis] + 1.0)
    margins[np.arange(N), y] = 0
    return np.sum(margins) / N


def svm_loss_with_loops(W, X, y, reg):
    loss = 0.0
    for i in range(X.shape[0]):
        scores = X[i].dot(W)
        correct = scores[y[i]]
        for j in range(W.shape[1]):
            if j == y[i]:
                continue
            margin = scores[j] - correct + 1
            if margin > 0:
                loss += margin
    loss /= X.shape[0]
    loss += reg * np.sum(W * W)
    return loss


def softmax_loss(x, y):
    probs = np.exp(x - np.max(x, axis=1, keepdims=True))
    probs /= np.sum(probs, axis=1, keepdims=True)
    N = x.shape[0]
    return -np.sum(np.log(probs[np.arange(N), y])) / N


def softmax_loss_shifted(x, y):
    shifted = x - np.max(x, axis=1, keepdims=True)
    Z = np.sum(np.exp(shifted), axis=1, keepdims=True)
    log_probs = shifted - np.log(Z)
    return -np.sum(log_probs[range(len(y)), y]) / len(y)


def softmax_loss_with_loops(W, X, y, reg):
    loss = 0.0
    for i in range(len(X)):
        f = X[i].dot(W)
        f -= np.max(f)
        p = np.exp(f) / np.sum(np.exp(f))
        loss += -np.log(p[y[i]])
    return loss / len(X) + reg * np.sum(W**2)


class TwoLayerNet:
    def __init__(self, W1, b1, W2, b2, reg=0.0):
        self.params = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
        self.reg = reg

    def loss(self, X, y):
        W1, b1 = self.params["W1"], self.params["b1"]
        W2, b2 = self.params["W2"], self.params["b2"]
        hidden, _ = affine_forward(X, W1, b1)
        hidden, _ = relu_forward(hidden)
        scores, _ = affine_forward(hidden, W2, b2)
        loss = softmax_loss(scores, y)
        loss += 0.5 * self.reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
        return loss


def two_layer_net(W1, b1, W2, b2, X, y):
    return TwoLayerNet(W1, b1, W2, b2, reg=0.1).loss(X, y)


class FullyConnectedNet:
    def __init__(self, params, layers):
        self.params = params
        self.layers = layers

    def loss(self, X, y):
        caches = {}
        out = X
        for k in range(1, self.layers):
            W, b = self.params[f"W{k}"], self.params[f"b{k}"]
            out, caches[k] = affine_forward(out, W, b)
            gamma, beta = self.params[f"gamma{k}"], self.params[f"beta{k}"]
            out, caches[f"bn{k}"] = batchnorm_forward(out, gamma, beta, {"mode": "train"})
            out, caches[f"relu{k}"] = relu_forward(out)
        scores = out @ self.params[f"W{self.layers}"] + self.params[f"b{self.layers}"]
        return softmax_loss(scores, y)


def fully_connected_net(params, X, y):
    return FullyConnectedNet(params, 3).loss(X, y)


def rnn_step_forward(x, prev_h, Wx, Wh, b):
    next_h = np.tanh(x.dot(Wx) + prev_h.dot(Wh) + b)
    return next_h, (x, prev_h, Wx, Wh, b, next_h)


def rnn_forward(x, h0, Wx, Wh, b):
    N, T, _ = x.shape
    h = np.zeros((N, T, h0.shape[1]))
    previous = h0
    cache = []
    for t in range(T):
        h[:, t, :], step = rnn_step_forward(x[:, t, :], previous, Wx, Wh, b)
        previous = h[:, t, :]
        cache.append(step)
    return h, cache


def sigmoid(x):
    pos_mask = x >= 0
    neg_mask = x < 0
    z = np.zeros_like(x)
    z[pos_mask] = np.exp(-x[pos_mask])
    z[neg_mask] = np.exp(x[neg_mask])
    top = np.ones_like(x)
    top[neg_mask] = z[neg_mask]
    return top / (1 + z)


def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    H = prev_h.shape[1]
    a = x @ Wx + prev_h @ Wh + b
    i, f = sigmoid(a[:, :H]), sigmoid(a[:, H : 2 * H])
    o, g = sigmoid(a[:, 2 * H : 3 * H]), np.tanh(a[:, 3 * H :])
    next_c = f * prev_c + i * g
    next_h = o * np.tanh(next_c)
    return next_h, next_c


def lstm_forward(x, h0, Wx, Wh, b):
    N, T, _ = x.shape
    h, c = h0, np.zeros_like(h0)
    states = np.empty((N, T, h0.shape[1]))
    for t in range(T):
        h, c = lstm_step_forward(x[:, t], h, c, Wx, Wh, b)
        states[:, t] = h
    return states


def word_embedding_forward(x, W):
    out = W[x, :]
    return out, (x, W)


def temporal_affine_forward(x, w, b):
    N, T, D = x.shape
    out = x.reshape(N * T, D).dot(w).reshape(N, T, b.shape[0]) + b
    return out, (x, w, b, out)


def temporal_softmax_loss(x, y, mask):
    N, T, V = x.shape
    flat = x.reshape(N * T, V)
    y_flat, mask_flat = y.reshape(N * T), mask.reshape(N * T)
    probs = np.exp(flat - np.max(flat, axis=1, keepdims=True))
    probs /= np.sum(probs, axis=1, keepdims=True)
    return -np.sum(mask_flat * np.log(probs[np.arange(N * T), y_flat])) / N


def _labels(count, classes):
    return np.arange(count) * 2 % classes


def _deep_params(rng):
    params = {}
    sizes = [4, 5, 3, 3]
    for k in range(1, 4):
        params[f"W{k}"] = rng.normal(size=(sizes[k - 1], sizes[k]))
        params[f"b{k}"] = rng.normal(size=sizes[k])
        if k < 3:
            params[f"gamma{k}"] = rng.normal(1, 0.3, sizes[k])
            params[f"beta{k}"] = rng.normal(size=sizes[k])
    return params


CASES = [
    Case(
        affine_forward,
        lambda r: (r.normal(size=(2, 3, 2)), r.normal(size=(6, 4)), r.normal(size=4)),
    ),
    Case(relu_forward, lambda r: (r.normal(size=(3, 4)),)),
    Case(leaky_relu_forward, lambda r: (r.normal(size=(3, 4)),)),
    Case(
        batchnorm_forward,
        lambda r: (r.normal(size=(5, 3)), r.normal(size=3), r.normal(size=3), {"mode": "train"}),
    ),
    Case(
        batchnorm_in_steps,
        lambda r: (r.normal(size=(5, 3)), r.normal(size=3), r.normal(size=3), 1e-5),
    ),
    Case(
        layernorm_forward, lambda r: (r.normal(size=(4, 5)), r.normal(size=5), r.normal(size=5), {})
    ),
    Case(dropout_forward, lambda r: (r.normal(size=(4, 5)), {"p": 0.6, "seed": 3})),
    Case(
        conv_forward_naive,
        lambda r: (
            *(r.normal(size=(2, 2, 5, 4)), r.normal(size=(2, 2, 3, 2)), r.normal(size=2)),
            {"stride": 2, "pad": 1},
        ),
    ),
    Case(
        max_pool_forward_naive,
        lambda r: (r.normal(size=(2, 2, 5, 4)), {"pool_height": 3, "pool_width": 2, "stride": 1}),
    ),
    Case(
        conv_by_columns,
        lambda r: (
            r.normal(size=(2, 2, 5, 4)),
            r.normal(size=(3, 2, 3, 2)),
            r.normal(size=3),
            1,
            1,
        ),
    ),
    Case(
        conv_by_strides,
        lambda r: (r.normal(size=(2, 2, 5, 4)), r.normal(size=(3, 2, 3, 2)), r.normal(size=3), 1),
    ),
    Case(max_pool_by_reshape, lambda r: (r.normal(size=(2, 2, 4, 6)), 2)),
    Case(
        spatial_batchnorm_forward,
        lambda r: (r.normal(size=(2, 3, 2, 3)), r.normal(size=3), r.normal(size=3)),
    ),
    Case(
        spatial_groupnorm_forward,
        lambda r: (
            *(
                r.normal(size=(2, 4, 2, 3)),
                r.normal(size=(1, 4, 1, 1)),
                r.normal(size=(1, 4, 1, 1)),
            ),
            2,
        ),
    ),
    Case(svm_loss, lambda r: (r.normal(size=(5, 3)), _labels(5, 3))),
    Case(
        svm_loss_with_loops,
        lambda r: (r.normal(size=(4, 3)), r.normal(size=(5, 4)), _labels(5, 3), 0.1),
    ),
    Case(softmax_loss, lambda r: (r.normal(size=(5, 3)), _labels(5, 3))),
    Case(softmax_loss_shifted, lambda r: (r.normal(size=(5, 3)), _labels(5, 3))),
    Case(
        softmax_loss_with_loops,
        lambda r: (r.normal(size=(4, 3)), r.normal(size=(5, 4)), _labels(5, 3), 0.1),
    ),
    Case(
        two_layer_net,
        lambda r: (
            *(r.normal(size=(4, 5)), r.normal(size=5), r.normal(size=(5, 3)), r.normal(size=3)),
            *(r.normal(size=(6, 4)), _labels(6, 3)),
        ),
    ),
    Case(fully_connected_net, lambda r: (_deep_params(r), r.normal(size=(6, 4)), _labels(6, 3))),
    Case(
        rnn_step_forward,
        lambda r: (
            *(r.normal(size=(3, 2)), r.normal(size=(3, 4)), r.normal(size=(2, 4))),
            *(r.normal(size=(4, 4)), r.normal(size=4)),
        ),
    ),
    Case(
        rnn_forward,
        lambda r: (
            *(r.normal(size=(2, 3, 2)), r.normal(size=(2, 4)), r.normal(size=(2, 4))),
            *(r.normal(size=(4, 4)), r.normal(size=4)),
        ),
    ),
    Case(sigmoid, lambda r: (r.normal(size=(4, 3)),)),
    Case(
        lstm_step_forward,
        lambda r: (
            *(r.normal(size=(2, 3)), r.normal(size=(2, 2)), r.normal(size=(2, 2))),
            *(r.normal(size=(3, 8)), r.normal(size=(2, 8)), r.normal(size=8)),
        ),
    ),
    Case(
        lstm_forward,
        lambda r: (
            *(r.normal(size=(2, 3, 3)), r.normal(size=(2, 2))),
            *(r.normal(size=(3, 8)), r.normal(size=(2, 8)), r.normal(size=8)),
        ),
    ),
    Case(
        word_embedding_forward,
        lambda r: (np.array([[0, 3, 1, 2], [2, 1, 0, 3], [3, 3, 2, 0]]), r.normal(size=(5, 2))),
    ),
    Case(
        temporal_affine_forward,
        lambda r: (r.normal(size=(2, 3, 4)), r.normal(size=(4, 2)), r.normal(size=2)),
    ),
    Case(
        temporal_softmax_loss,
        lambda r: (
            *(r.normal(size=(2, 3, 4)), _labels(6, 4).reshape(2, 3)),
            np.array([[True, True, False], [True, False, False]]),
        ),
    ),
]
