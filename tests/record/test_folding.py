"""Folding: which groups are found, that they hold each node once, and what is left open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backprop_explorer.programs import PROGRAMS, ReadyProgram
from backprop_explorer.record import record
from backprop_explorer.record.folding import Folding, Group, fold

RNG = np.random.default_rng(4)


def normal(*shape: int) -> Any:
    return RNG.normal(size=shape)


def softmax(x: Any) -> Any:
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_read_inside(x: Any) -> Any:
    e = np.exp(x)
    p = e / e.sum(axis=-1, keepdims=True)
    return np.sum(p**2) + e.sum()


def log_sum_exp(x: Any) -> Any:
    return np.log(np.sum(np.exp(x), axis=1)) ** 2


def log_softmax(x: Any) -> Any:
    shifted = x - x.max(axis=1, keepdims=True)
    return (shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))) ** 2


def batch_norm(x: Any, gamma: Any, beta: Any) -> Any:
    mu = x.mean(axis=0)
    centred = x - mu
    var = np.mean(centred**2, axis=0)
    return gamma * (centred / np.sqrt(var + 1e-5)) + beta


def layer_norm(x: Any) -> Any:
    mean, var = x.mean(axis=-1, keepdims=True), x.var(axis=-1, keepdims=True)
    return (x - mean) / np.sqrt(var + 1e-5)


def group_norm(x: Any) -> Any:
    n, c, h, w = x.shape
    parts = x.reshape(n, 2, c // 2, h, w)
    mean = parts.mean(axis=(2, 3, 4), keepdims=True)
    var = parts.var(axis=(2, 3, 4), keepdims=True)
    return ((parts - mean) / np.sqrt(var + 1e-5)).reshape(x.shape)


def spatial_batch_norm(x: Any) -> Any:
    rows = x.transpose(0, 2, 3, 1).reshape(-1, x.shape[1])
    return (rows - rows.mean(axis=0)) / np.sqrt(rows.var(axis=0) + 1e-5)


def convolution(x: Any, w: Any, b: Any) -> Any:
    out = np.zeros((2, 3, 3))
    for f in range(2):
        for i in range(3):
            for j in range(3):
                out[f, i, j] = np.sum(x[i : i + 2, j : j + 2] * w[f]) + b[f]
    return out


def convolution_of_windows(x: Any, w: Any) -> Any:
    windows = np.lib.stride_tricks.sliding_window_view(x, (2, 2))
    return np.einsum("ijmn,fmn->fij", windows, w)


def max_pooling(x: Any) -> Any:
    out = np.zeros((2, 2))
    for i in range(2):
        for j in range(2):
            out[i, j] = x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max()
    return out


def average_pooling(x: Any) -> Any:
    out = np.zeros((2, 2))
    for i in range(2):
        for j in range(2):
            out[i, j] = np.mean(x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2])
    return out


def scaled_norm(x: Any, gamma: Any, beta: Any) -> Any:
    mean = x.sum(axis=1, keepdims=True) / x.shape[1]
    inverse = (((x - mean) ** 2).mean(axis=1, keepdims=True) + 1e-5) ** -0.5
    return gamma * (x - mean) * inverse + beta


def norm_with_cache(x: Any) -> Any:
    mean, std = x.mean(axis=0), x.std(axis=0) + 1e-6
    running = 0.9 * mean  # nothing that the cost depends on
    return (x - mean) / std, running


def softmax_by_product(x: Any) -> Any:
    counts = np.exp(x)
    return (counts * counts.sum(axis=1, keepdims=True) ** -1) ** 2


def shifted_log_sum_exp(x: Any) -> Any:
    top = x.max(axis=1)
    return np.log(np.exp(x - top[:, None]).sum(axis=1)) + top


def columns_of_image(x: Any, w: Any) -> Any:
    i, j = np.mgrid[:3, :3]
    m, n = np.mgrid[:2, :2]
    columns = x[i.reshape(-1, 1) + m.ravel(), j.reshape(-1, 1) + n.ravel()]
    return (columns @ w.reshape(2, -1).T).T.reshape(2, 3, 3)


def stacked_windows(x: Any, w: Any) -> Any:
    windows = np.array([x[i : i + 2, j : j + 2].ravel() for i in range(3) for j in range(3)])
    return windows @ w.reshape(2, -1).T


def shifted_images(x: Any, w: Any) -> Any:
    out = np.zeros((3, 3))
    for m in range(2):
        for n in range(2):
            out += w[0, m, n] * x[m : m + 3, n : n + 3]
    return out


def tiles(x: Any) -> Any:
    return x.reshape(2, 2, 2, 2).max(axis=3).max(axis=1)


def joined_recurrent(x: Any, h: Any, W: Any) -> Any:
    for t in range(3):
        h = np.tanh(np.concatenate([x[t], h]) @ W)
    return h


def recurrent(x: Any, h: Any, Wx: Any, Wh: Any, b: Any) -> Any:
    for t in range(3):
        h = np.tanh(x[t] @ Wx + h @ Wh + b)
    return h


def attention(q: Any, k: Any, v: Any) -> Any:
    scores = q @ k.T / np.sqrt(3)
    return softmax(np.where(np.tri(4) > 0, scores, -1e9)) @ v


PATTERNS = [
    (lambda x: np.sum(softmax(x) ** 2), (normal(3, 4),), "softmax"),
    (log_sum_exp, (normal(3, 4),), "log-sum-exp"),
    (log_softmax, (normal(3, 4),), "log-softmax"),
    (batch_norm, (normal(5, 3), normal(3), normal(3)), "batch norm"),
    (spatial_batch_norm, (normal(2, 3, 2, 2),), "batch norm"),
    (layer_norm, (normal(3, 6),), "layer norm"),
    (group_norm, (normal(2, 4, 2, 2),), "group norm"),
    (convolution, (normal(4, 4), normal(2, 2, 2), normal(2)), "convolution"),
    (convolution_of_windows, (normal(4, 4), normal(2, 2, 2)), "convolution"),
    (max_pooling, (normal(4, 4),), "max pooling"),
    (average_pooling, (normal(4, 4),), "average pooling"),
    (recurrent, (normal(3, 2), normal(4), normal(2, 4), normal(4, 4), normal(4)), "recurrent step"),
    (attention, (normal(4, 3), normal(4, 3), normal(4, 3)), "attention"),
    (scaled_norm, (normal(3, 5), normal(5), normal(5)), "layer norm"),
    (norm_with_cache, (normal(5, 3),), "batch norm"),
    (softmax_by_product, (normal(3, 4),), "softmax"),
    (shifted_log_sum_exp, (normal(3, 4),), "log-sum-exp"),
    (columns_of_image, (normal(4, 4), normal(2, 2, 2)), "convolution"),
    (stacked_windows, (normal(4, 4), normal(2, 2, 2)), "convolution"),
    (shifted_images, (normal(4, 4), normal(1, 2, 2)), "convolution"),
    (tiles, (normal(4, 4),), "max pooling"),
    (joined_recurrent, (normal(3, 2), normal(4), normal(6, 4)), "recurrent step"),
]
NOT_PATTERNS = [
    (lambda x: x / np.sqrt((x**2).sum(axis=1, keepdims=True)), (normal(3, 4),)),
    (lambda x: (x - x.mean(axis=0)) / 3.0, (normal(3, 4),)),
    (lambda x: (x - x.mean(axis=0)) / np.sqrt(x.var(axis=1).mean() + 1e-5), (normal(3, 4),)),
    (lambda x: np.exp(x) / np.exp(2 * x).sum(axis=1, keepdims=True), (normal(3, 4),)),
    (lambda x, y, W: np.tanh(x @ W + y @ W), (normal(3, 4), normal(3, 4), normal(4, 2))),
    (lambda x: x.reshape(3, 2, 2).max(axis=0), (normal(3, 4),)),
]
READY = {
    "conv_digit": {"convolution", "max pooling", "softmax"},
    "max_pool": {"max pooling"},
    "batch_norm": {"batch norm"},
    "layer_norm": {"layer norm"},
    "group_norm": {"group norm"},
    "attention": {"attention"},
    "two_heads": {"attention"},
    "rnn": {"recurrent step"},
    "next_letter": {"batch norm", "softmax"},
}


def folded(f: Callable[..., Any], *args: Any) -> Folding:
    found = record(f, args)
    folding = fold(found)
    nodes = {node.id for node in found.graph.of_role("forward", "cost")}
    ids = {group.id: group for group in folding.groups}
    for group in folding.groups:
        assert nodes.issuperset(group.members)
        assert group.output in group.members
        assert not set(group.inputs) & set(group.members)
        if group.within is not None:
            assert set(group.members) <= set(ids[group.within].members)
    for name, group_id in folding.of.items():
        assert name in ids[group_id].members
    return folding


def labelled(folding: Folding, label: str) -> list[Group]:
    return [group for group in folding.groups if group.label == label and group.formula]


@pytest.mark.parametrize(("f", "args", "label"), PATTERNS)
def test_patterns_are_found(f: Callable[..., Any], args: Any, label: str) -> None:
    folding = folded(f, *args)
    found = labelled(folding, label)
    assert found
    assert all(group.folded for group in found)
    assert {group.label for group in folding.groups if group.formula} == {label}


def test_a_pattern_that_is_read_inside_is_left_open() -> None:
    folding = folded(softmax_read_inside, normal(3, 4))
    assert labelled(folding, "softmax") == []


@pytest.mark.parametrize(("f", "args"), NOT_PATTERNS)
def test_what_only_looks_like_a_pattern_has_no_name(f: Callable[..., Any], args: Any) -> None:
    assert not [group for group in folded(f, *args).groups if group.formula]


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=lambda each: each.name)
def test_ready_programs_have_their_patterns(program: ReadyProgram) -> None:
    found = record(program.function, tuple(program.arguments(2).values()), wrt=program.wrt)
    assert {g.label for g in fold(found).groups if g.formula} == READY.get(program.name, set())


def test_loops_have_an_axis_and_runs() -> None:
    f, args, _ = PATTERNS[11]
    folding = folded(f, *args)
    (loop,) = [group for group in folding.groups if group.kind == "loop"]
    assert (loop.axis, loop.count) == ("t", 3)
    assert loop.inputs == ("x", "Wx", "h", "Wh", "b")
    steps = labelled(folding, "recurrent step")
    assert [step.within for step in steps] == [loop.id] * 3
    assert {tuple(runs.items()) for runs in folding.runs.values()} == {
        (("t", 0),),
        (("t", 1),),
        (("t", 2),),
    }


def test_loops_inside_loops_and_loops_over_arrays() -> None:
    folding = folded(convolution, *PATTERNS[7][1])
    loops = [group for group in folding.groups if group.kind == "loop"]
    assert [loop.axis for loop in loops[:3]] == ["f", "i", "i"]
    assert loops[0].count == 2

    def layers(x: Any, weights: Any) -> Any:
        for W in weights:
            x = np.tanh(x @ W)
        return x

    (loop,) = [
        g for g in folded(layers, normal(2, 3), [normal(3, 3) for _ in range(4)]).groups if g.axis
    ]
    assert (loop.axis, loop.count) == ("W", 4)


def helper(x: Any) -> Any:
    y = np.exp(x)
    return y * 2


def test_a_function_that_is_called_twice_is_folded() -> None:
    once = folded(lambda x: np.sum(helper(x)), normal(3))
    twice = folded(lambda x: np.sum(helper(x) + helper(x * 2)), normal(3))
    assert [group.folded for group in once.groups if group.kind == "call"] == [False]
    assert [group.folded for group in twice.groups if group.kind == "call"] == [True, True]
    assert {group.label for group in twice.groups if group.kind == "call"} == {"helper"}


def test_a_line_of_several_operations_is_one_node() -> None:
    def f(x: Any) -> Any:
        y = np.exp(x) * 2 + x
        return np.sum(y)

    (line,) = [group for group in folded(f, normal(3)).groups if group.kind == "line"]
    assert line.label == "y"
    assert line.output == "y"
    assert line.inputs == ("x", "2")
