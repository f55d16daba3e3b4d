"""Classes that keep what they need in attributes, as a library of one's own does."""

from __future__ import annotations

import numpy as np

from tests.programs.forward_functions.case import Case


class Linear:
    def __init__(self, W, b):
        self.W = W
        self.b = b

    def forward(self, A):
        self.A = A
        self.N = A.shape[0]
        self.Ones = np.ones((self.N, 1))
        return A @ self.W.T + self.Ones @ self.b.T


class Sigmoid:
    def forward(self, Z):
        self.A = 1 / (1 + np.exp(-Z))
        return self.A


class Tanh:
    def forward(self, Z):
        plus, minus = np.exp(Z), np.exp(-Z)
        self.A = (plus - minus) / (plus + minus)
        return self.A


class ReLU:
    def forward(self, Z):
        self.A = np.where(Z > 0, Z, 0)
        return self.A


class Swish:
    def __init__(self, beta):
        self.beta = beta

    def forward(self, Z):
        self.Z = Z
        self.sig = 1 / (1 + np.exp(-self.beta * Z))
        return Z * self.sig


class GELU:
    """The approximation with tanh."""

    def forward(self, Z):
        return 0.5 * Z * (1 + np.tanh(np.sqrt(2 / np.pi) * (Z + 0.044715 * np.power(Z, 3))))


class MSELoss:
    def forward(self, A, Y):
        self.A, self.Y = A, Y
        self.N, self.C = A.shape
        se = (A - Y) * (A - Y)
        sse = np.ones((1, self.N)) @ se @ np.ones((self.C, 1))
        return sse / (2 * self.N * self.C)


class CrossEntropyLoss:
    def forward(self, A, Y):
        N, C = A.shape
        ones_c, ones_n = np.ones((C, 1)), np.ones((N, 1))
        e = np.exp(A)
        self.softmax = e / np.sum(e, axis=1, keepdims=True)
        crossentropy = (-Y * np.log(self.softmax)) @ ones_c
        return (ones_n.T @ crossentropy / N).item()


class BatchNorm1d:
    def __init__(self, BW, Bb, eps=1e-8):
        self.BW, self.Bb, self.eps = BW, Bb, eps

    def forward(self, Z):
        self.N = Z.shape[0]
        self.M = np.sum(Z, axis=0, keepdims=True) / self.N
        self.V = np.sum((Z - self.M) ** 2, axis=0, keepdims=True) / self.N
        self.NZ = (Z - self.M) / np.sqrt(self.V + self.eps)
        return self.NZ * self.BW + self.Bb


class MLP:
    def __init__(self, weights, biases):
        self.layers = []
        for k, (W, b) in enumerate(zip(weights, biases, strict=True)):
            self.layers.append(Linear(W, b))
            self.layers.append([Sigmoid(), Tanh(), ReLU()][k % 3])

    def forward(self, A):
        for layer in self.layers:
            A = layer.forward(A)
        return A


class Conv1dStride1:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, A):
        self.A = A
        N, _, width = A.shape
        K = self.W.shape[2]
        Z = np.zeros((N, self.W.shape[0], width - K + 1))
        for k in range(width - K + 1):
            Z[:, :, k] = np.tensordot(A[:, :, k : k + K], self.W, axes=([1, 2], [1, 2]))
        return Z + self.b.reshape(1, -1, 1)


class Downsample1d:
    def __init__(self, factor):
        self.factor = factor

    def forward(self, A):
        return A[:, :, :: self.factor]


class Upsample1d:
    def __init__(self, factor):
        self.factor = factor

    def forward(self, A):
        N, C, W = A.shape
        Z = np.zeros((N, C, self.factor * (W - 1) + 1))
        Z[:, :, :: self.factor] = A
        return Z


class MaxPool2dStride1:
    def __init__(self, kernel):
        self.kernel = kernel

    def forward(self, A):
        N, C, H, W = A.shape
        k = self.kernel
        Z = np.zeros((N, C, H - k + 1, W - k + 1))
        for n in range(N):
            for c in range(C):
                for i in range(H - k + 1):
                    for j in range(W - k + 1):
                        Z[n, c, i, j] = np.max(A[n, c, i : i + k, j : j + k])
        return Z


class RNNCell:
    def __init__(self, W_ih, W_hh, b_ih, b_hh):
        self.W_ih, self.W_hh, self.b_ih, self.b_hh = W_ih, W_hh, b_ih, b_hh

    def __call__(self, x, h):
        return np.tanh(
            self.W_ih @ x.T + self.b_ih[:, None] + self.W_hh @ h.T + self.b_hh[:, None]
        ).T


class GRUCell:
    def __init__(self, Wx, Wh, bx, bh):
        (self.Wrx, self.Wzx, self.Wnx) = Wx
        (self.Wrh, self.Wzh, self.Wnh) = Wh
        (self.brx, self.bzx, self.bnx) = bx
        (self.brh, self.bzh, self.bnh) = bh
        self.act = Sigmoid()

    def forward(self, x, h):
        r = self.act.forward(self.Wrx @ x + self.brx + self.Wrh @ h + self.brh)
        z = self.act.forward(self.Wzx @ x + self.bzx + self.Wzh @ h + self.bzh)
        n = np.tanh(self.Wnx @ x + self.bnx + r * (self.Wnh @ h + self.bnh))
        return (1 - z) * n + z * h


class ScaledDotProductAttention:
    def forward(self, Q, K, V, mask=None):
        scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
        if mask is not None:
            scores = scores + np.where(mask, -1e9, 0.0)
        e = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
        self.weights = e / np.sum(e, axis=-1, keepdims=True)
        return self.weights @ V


def linear_sigmoid(A, W, b):
    return Sigmoid().forward(Linear(W, b).forward(A))


def tanh_of_exponentials(Z):
    return Tanh().forward(Z)


def swish(Z, beta):
    return Swish(beta).forward(Z)


def gelu(Z):
    return GELU().forward(Z)


def mse_loss(A, Y):
    return MSELoss().forward(A, Y)


def cross_entropy_loss(A, Y):
    return CrossEntropyLoss().forward(A, Y)


def batch_norm(Z, BW, Bb):
    return BatchNorm1d(BW, Bb).forward(Z)


def mlp(weights, biases, A):
    return MLP(weights, biases).forward(A)


def conv1d(A, W, b):
    return Downsample1d(2).forward(Conv1dStride1(W, b).forward(A))


def upsample(A, W, b):
    return Conv1dStride1(W, b).forward(Upsample1d(2).forward(A))


def max_pool(A):
    return MaxPool2dStride1(2).forward(A)


def rnn_cell(x, h, W_ih, W_hh, b_ih, b_hh):
    cell = RNNCell(W_ih, W_hh, b_ih, b_hh)
    return cell(x, cell(x, h))


def gru_cell(x, h, Wx, Wh, bx, bh):
    return GRUCell(Wx, Wh, bx, bh).forward(x, h)


def attention(Q, K, V):
    mask = np.triu(np.ones((Q.shape[-2], K.shape[-2])), k=2).astype(bool)
    return ScaledDotProductAttention().forward(Q, K, V, mask)


CASES = [
    Case(
        linear_sigmoid,
        lambda r: (r.normal(size=(4, 3)), r.normal(size=(2, 3)), r.normal(size=(2, 1))),
    ),
    Case(tanh_of_exponentials, lambda r: (r.normal(size=(3, 4)),)),
    Case(swish, lambda r: (r.normal(size=(3, 4)), np.array(1.3))),
    Case(gelu, lambda r: (r.normal(size=(3, 4)),)),
    Case(mse_loss, lambda r: (r.normal(size=(3, 2)), r.normal(size=(3, 2)))),
    Case(cross_entropy_loss, lambda r: (r.normal(size=(3, 4)), np.eye(4)[[0, 2, 3]])),
    Case(
        batch_norm, lambda r: (r.normal(size=(5, 3)), r.normal(size=(1, 3)), r.normal(size=(1, 3)))
    ),
    Case(
        mlp,
        lambda r: (
            [r.normal(size=(4, 3)), r.normal(size=(3, 4)), r.normal(size=(2, 3))],
            [r.normal(size=(4, 1)), r.normal(size=(3, 1)), r.normal(size=(2, 1))],
            r.normal(size=(5, 3)),
        ),
    ),
    Case(conv1d, lambda r: (r.normal(size=(2, 2, 7)), r.normal(size=(3, 2, 3)), r.normal(size=3))),
    Case(
        upsample, lambda r: (r.normal(size=(2, 2, 4)), r.normal(size=(3, 2, 3)), r.normal(size=3))
    ),
    Case(max_pool, lambda r: (r.normal(size=(2, 2, 4, 3)),)),
    Case(
        rnn_cell,
        lambda r: (
            *(r.normal(size=(3, 2)), r.normal(size=(3, 4)), r.normal(size=(4, 2))),
            *(r.normal(size=(4, 4)), r.normal(size=4), r.normal(size=4)),
        ),
    ),
    Case(
        gru_cell,
        lambda r: (
            *(r.normal(size=2), r.normal(size=3)),
            *(r.normal(size=(3, 3, 2)), r.normal(size=(3, 3, 3))),
            *(r.normal(size=(3, 3)), r.normal(size=(3, 3))),
        ),
    ),
    Case(
        attention,
        lambda r: (
            r.normal(size=(2, 2, 3, 4)),
            r.normal(size=(2, 2, 5, 4)),
            r.normal(size=(2, 2, 5, 2)),
        ),
    ),
]
