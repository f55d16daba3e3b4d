"""Samples in columns, parameters by name, one function for each step."""

from __future__ import annotations

import numpy as np

from tests.programs.forward_functions.case import Case


def sigmoid(Z):
    A = 1 / (1 + np.exp(-Z))
    return A, Z


def relu(Z):
    A = np.maximum(0, Z)
    assert A.shape == Z.shape
    return A, Z


def linear_activation_forward(A_prev, W, b, activation):
    Z = np.dot(W, A_prev) + b
    if activation == "sigmoid":
        A, cache = sigmoid(Z)
    else:
        A, cache = relu(Z)
    return A, ((A_prev, W, b), cache)


def L_model_forward(X, parameters):  # noqa: N802
    caches = []
    A = X
    L = len(parameters) // 2
    for k in range(1, L):
        A, cache = linear_activation_forward(
            A, parameters["W" + str(k)], parameters["b" + str(k)], "relu"
        )
        caches.append(cache)
    AL, cache = linear_activation_forward(
        A, parameters["W" + str(L)], parameters["b" + str(L)], "sigmoid"
    )
    caches.append(cache)
    return AL, caches


def compute_cost(AL, Y):
    m = Y.shape[1]
    cost = -1 / m * (np.dot(Y, np.log(AL).T) + np.dot(1 - Y, np.log(1 - AL).T))
    return np.squeeze(cost)


def deep_network(parameters, X, Y):
    AL, _ = L_model_forward(X, parameters)
    return compute_cost(AL, Y)


def logistic_regression(w, b, X, Y):
    m = X.shape[1]
    A = 1 / (1 + np.exp(-(np.dot(w.T, X) + b)))
    return -1 / m * np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A))


def cost_with_regularization(A3, Y, parameters, lambd):
    m = Y.shape[1]
    W1, W2 = parameters["W1"], parameters["W2"]
    cross_entropy = np.nansum(-np.log(A3) * Y - np.log(1 - A3) * (1 - Y)) / m
    return cross_entropy + lambd / (2 * m) * (np.sum(np.square(W1)) + np.sum(np.square(W2)))


def zero_pad(X, pad):
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), "constant", constant_values=(0, 0))


def conv_single_step(a_slice, W, b):
    s = np.multiply(a_slice, W)
    return np.sum(s) + b[0, 0, 0]


def conv_forward(A_prev, W, b, hparameters):
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, H, width, _ = A_prev.shape
    f, _, _, n_C = W.shape
    rows = int((H - f + 2 * pad) / stride) + 1
    cols = int((width - f + 2 * pad) / stride) + 1
    Z = np.zeros((m, rows, cols, n_C))
    padded = zero_pad(A_prev, pad)
    for i in range(m):
        for h in range(rows):
            for w in range(cols):
                for c in range(n_C):
                    a_slice = padded[i, h * stride : h * stride + f, w * stride : w * stride + f, :]
                    Z[i, h, w, c] = conv_single_step(a_slice, W[..., c], b[..., c])
    return Z, (A_prev, W, b, hparameters)


def pool_forward(A_prev, hparameters, mode):
    f, stride = hparameters["f"], hparameters["stride"]
    m, H, W, C = A_prev.shape
    rows, cols = 1 + (H - f) // stride, 1 + (W - f) // stride
    A = np.zeros((m, rows, cols, C))
    for h in range(rows):
        for w in range(cols):
            part = A_prev[:, h * stride : h * stride + f, w * stride : w * stride + f]
            A[:, h, w] = part.max((1, 2)) if mode == "max" else np.average(part, axis=(1, 2))
    return A


def softmax(x):
    e_x = np.exp(x - np.max(x))
    return e_x / e_x.sum(axis=0)


def rnn_cell_forward(xt, a_prev, parameters):
    Wax, Waa, Wya = parameters["Wax"], parameters["Waa"], parameters["Wya"]
    ba, by = parameters["ba"], parameters["by"]
    a_next = np.tanh(np.dot(Waa, a_prev) + np.dot(Wax, xt) + ba)
    yt = softmax(np.dot(Wya, a_next) + by)
    return a_next, yt


def rnn_forward(x, a0, parameters):
    _, m, T_x = x.shape
    n_y, n_a = parameters["Wya"].shape
    a = np.zeros((n_a, m, T_x))
    y_pred = np.zeros((n_y, m, T_x))
    a_next = a0
    for t in range(T_x):
        a_next, yt = rnn_cell_forward(x[:, :, t], a_next, parameters)
        a[:, :, t] = a_next
        y_pred[:, :, t] = yt
    return y_pred


def lstm_cell_forward(xt, a_prev, c_prev, parameters):
    concat = np.concatenate((a_prev, xt), axis=0)
    ft = sigmoid(parameters["Wf"] @ concat + parameters["bf"])[0]
    it = sigmoid(parameters["Wi"] @ concat + parameters["bi"])[0]
    cct = np.tanh(parameters["Wc"] @ concat + parameters["bc"])
    c_next = ft * c_prev + it * cct
    ot = sigmoid(parameters["Wo"] @ concat + parameters["bo"])[0]
    return ot * np.tanh(c_next), c_next


def lstm_forward(x, a0, parameters):
    a, c = a0, np.zeros(a0.shape)
    outputs = []
    for t in range(x.shape[2]):
        a, c = lstm_cell_forward(x[:, :, t], a, c, parameters)
        outputs.append(a)
    return np.stack(outputs, axis=2)


def gram_style_cost(a_S, a_G):
    _, H, W, C = a_G.shape
    S = np.transpose(a_S.reshape(-1, C))
    G = np.transpose(a_G.reshape(-1, C))
    difference = S @ S.T - G @ G.T
    return np.sum(np.square(difference)) / (4 * C**2 * (H * W) ** 2)


def triplet_loss(anchor, positive, negative, alpha):
    near = np.sum(np.square(anchor - positive), axis=-1)
    far = np.sum(np.square(anchor - negative), axis=-1)
    return np.sum(np.maximum(near - far + alpha, 0.0))


def box_overlap(box1, box2):
    (x1, y1, x2, y2) = box1
    (u1, v1, u2, v2) = box2
    width = max(0, min(x2, u2) - max(x1, u1))
    height = max(0, min(y2, v2) - max(y1, v1))
    inter = width * height
    return inter / ((x2 - x1) * (y2 - y1) + (u2 - u1) * (v2 - v1) - inter)


def _recurrent(r):
    return {
        "Wax": r.normal(size=(4, 2)),
        "Waa": r.normal(size=(4, 4)),
        "Wya": r.normal(size=(3, 4)),
        "ba": r.normal(size=(4, 1)),
        "by": r.normal(size=(3, 1)),
    }


def _gates(r):
    params = {}
    for gate in "fico":
        params["W" + gate] = r.normal(size=(3, 5))
        params["b" + gate] = r.normal(size=(3, 1))
    return params


CASES = [
    Case(
        deep_network,
        lambda r: (
            {
                "W1": r.normal(size=(4, 3)),
                "b1": r.normal(size=(4, 1)),
                "W2": r.normal(size=(1, 4)),
                "b2": r.normal(size=(1, 1)),
            },
            r.normal(size=(3, 5)),
            np.array([[0, 1, 1, 0, 1]]),
        ),
    ),
    Case(
        logistic_regression,
        lambda r: (
            r.normal(size=(3, 1)),
            np.array(0.3),
            r.normal(size=(3, 5)),
            np.array([[0, 1, 1, 0, 1]]),
        ),
    ),
    Case(
        cost_with_regularization,
        lambda r: (
            r.uniform(0.1, 0.9, size=(1, 4)),
            np.array([[0, 1, 1, 0]]),
            {"W1": r.normal(size=(2, 3)), "W2": r.normal(size=(3, 2))},
            0.1,
        ),
    ),
    Case(
        conv_forward,
        lambda r: (
            *(
                r.normal(size=(2, 4, 3, 2)),
                r.normal(size=(2, 2, 2, 2)),
                r.normal(size=(1, 1, 1, 2)),
            ),
            {"stride": 2, "pad": 1},
        ),
    ),
    Case(pool_forward, lambda r: (r.normal(size=(2, 4, 3, 2)), {"f": 2, "stride": 1}, "max")),
    Case(pool_forward, lambda r: (r.normal(size=(2, 4, 3, 2)), {"f": 2, "stride": 1}, "average")),
    Case(softmax, lambda r: (r.normal(size=(4, 2)),)),
    Case(rnn_forward, lambda r: (r.normal(size=(2, 3, 3)), r.normal(size=(4, 3)), _recurrent(r))),
    Case(lstm_forward, lambda r: (r.normal(size=(2, 2, 3)), r.normal(size=(3, 2)), _gates(r))),
    Case(gram_style_cost, lambda r: (r.normal(size=(1, 2, 2, 3)), r.normal(size=(1, 2, 2, 3)))),
    Case(
        triplet_loss,
        lambda r: (r.normal(size=(3, 4)), r.normal(size=(3, 4)), r.normal(size=(3, 4)), 0.2),
    ),
    Case(box_overlap, lambda r: (np.array([2.0, 1.0, 4.0, 3.0]), np.array([1.0, 2.0, 3.5, 4.0]))),
]
