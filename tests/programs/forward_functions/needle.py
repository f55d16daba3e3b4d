"""Operations as classes with ``compute``, and modules that are built of them."""

from __future__ import annotations

import numpy as array_api  # noqa: ICN001
import numpy as np

from tests.programs.forward_functions.case import Case


class Op:
    def __call__(self, *arrays):
        return self.compute(*arrays)


class LogSumExp(Op):
    def __init__(self, axes=None):
        self.axes = axes

    def compute(self, Z):
        kept = array_api.max(Z, axis=self.axes, keepdims=True)
        top = array_api.max(Z, axis=self.axes)
        return array_api.log(array_api.sum(array_api.exp(Z - kept), axis=self.axes)) + top


class BroadcastTo(Op):
    def __init__(self, shape):
        self.shape = shape

    def compute(self, a):
        return array_api.broadcast_to(a, self.shape)


class Summation(Op):
    def __init__(self, axes=None):
        self.axes = axes

    def compute(self, a):
        return array_api.sum(a, self.axes)


class Transpose(Op):
    def __init__(self, axes=None):
        self.axes = axes

    def compute(self, a):
        first, second = self.axes or (a.ndim - 2, a.ndim - 1)
        return array_api.swapaxes(a, first, second)


class MatMul(Op):
    def compute(self, a, b):
        return array_api.matmul(a, b)


class PowerScalar(Op):
    def __init__(self, scalar):
        self.scalar = scalar

    def compute(self, a):
        return array_api.power(a, self.scalar)


class Divide(Op):
    def compute(self, a, b):
        return array_api.true_divide(a, b)


class Flip(Op):
    def __init__(self, axes):
        self.axes = axes

    def compute(self, a):
        return array_api.flip(a, self.axes)


class Dilate(Op):
    def __init__(self, axes, dilation):
        self.axes, self.dilation = axes, dilation

    def compute(self, a):
        shape = list(a.shape)
        slices = [slice(None)] * a.ndim
        for axis in self.axes:
            shape[axis] *= self.dilation + 1
            slices[axis] = slice(0, None, self.dilation + 1)
        out = array_api.zeros(shape)
        out[tuple(slices)] = a
        return out


class Stack(Op):
    def __init__(self, axis):
        self.axis = axis

    def compute(self, arrays):
        return array_api.stack(arrays, self.axis)


class Conv(Op):
    """(N, H, W, C) with a kernel (K, K, C, out)."""

    def __init__(self, stride=1, padding=0):
        self.stride, self.padding = stride, padding

    def compute(self, A, B):
        p = self.padding
        A = array_api.pad(A, ((0, 0), (p, p), (p, p), (0, 0)))
        N, H, W, C_in = A.shape
        K, _, _, C_out = B.shape
        Ns, Hs, Ws, Cs = A.strides
        rows = (H - K) // self.stride + 1
        cols = (W - K) // self.stride + 1
        inner = K * K * C_in
        patches = np.lib.stride_tricks.as_strided(
            A,
            shape=(N, rows, cols, K, K, C_in),
            strides=(Ns, Hs * self.stride, Ws * self.stride, Hs, Ws, Cs),
        )
        out = patches.reshape(-1, inner) @ B.reshape(-1, C_out)
        return out.reshape(N, rows, cols, C_out)


def logsumexp(Z):
    return LogSumExp(axes=(1,))(Z)


def softmax_loss(logits, y):
    one_hot = np.eye(logits.shape[1])[y]
    rest = Summation(1)(logits * one_hot)
    return Summation()(LogSumExp(1)(logits) - rest) / logits.shape[0]


def broadcast_and_sum(a, b):
    wide = BroadcastTo((4, 3, 2))(a)
    return Summation((0, 2))(wide * b)


def batched_matmul(a, b):
    return MatMul()(Transpose()(a), b)


def layer_norm(x, weight, bias):
    batch, features = x.shape
    mean = BroadcastTo(x.shape)((Summation(1)(x) / features).reshape((batch, 1)))
    centred = x - mean
    var = (Summation(1)(PowerScalar(2)(centred)) / features).reshape((batch, 1))
    std = PowerScalar(0.5)(BroadcastTo(x.shape)(var) + 1e-5)
    return BroadcastTo(x.shape)(weight) * Divide()(centred, std) + BroadcastTo(x.shape)(bias)


def flip_and_dilate(a):
    return Flip((0, 1))(Dilate((0, 1), 1)(a)) * np.arange(24).reshape(6, 4)


def conv(A, B):
    return Conv(stride=2, padding=1)(A, B)


def stack_and_split(a, b):
    both = Stack(1)([a, b, a * b])
    first, *rest = (np.squeeze(part, 1) for part in np.split(both, 3, axis=1))
    return first * rest[1] + rest[0]


def tanh_and_logsoftmax(Z):
    h = array_api.tanh(array_api.negative(Z))
    return h - LogSumExp(1)(h).reshape(-1, 1)


CASES = [
    Case(logsumexp, lambda r: (r.normal(size=(3, 4)),)),
    Case(softmax_loss, lambda r: (r.normal(size=(3, 4)), np.array([1, 3, 0]))),
    Case(broadcast_and_sum, lambda r: (r.normal(size=(3, 1)), r.normal(size=(4, 3, 2)))),
    Case(batched_matmul, lambda r: (r.normal(size=(2, 3, 4)), r.normal(size=(1, 3, 2)))),
    Case(layer_norm, lambda r: (r.normal(size=(3, 4)), r.normal(size=4), r.normal(size=4))),
    Case(flip_and_dilate, lambda r: (r.normal(size=(3, 2)),)),
    Case(conv, lambda r: (r.normal(size=(2, 5, 4, 2)), r.normal(size=(3, 3, 2, 3)))),
    Case(stack_and_split, lambda r: (r.normal(size=(3, 2)), r.normal(size=(3, 2)))),
    Case(tanh_and_logsoftmax, lambda r: (r.normal(size=(3, 4)),)),
]
