"""Programs with loops over entries, lists and stacks, written after the check and not used to build it."""

from __future__ import annotations

from tests.corpus.code.program import Program
from tests.corpus.problems import Problem

LOOPS = Program(
    "loops over the entries",
    """\
import numpy as np
from math import exp

def act(t):
    return 1 / (1 + exp(-t))

def act_d(t):
    return act(t) * (1 - act(t))

def net(w, v, c, d, inp, out):
    nh, ni = w.shape
    no = v.shape[0]
    net_h = np.zeros(nh)
    hid = np.zeros(nh)
    for i in range(nh):
        for j in range(ni):
            net_h[i] += w[i, j] * inp[j]
        net_h[i] += c[i]
        hid[i] = act(net_h[i])
    net_o = np.zeros(no)
    res = np.zeros(no)
    for i in range(no):
        for j in range(nh):
            net_o[i] += v[i, j] * hid[j]
        net_o[i] += d[i]
        res[i] = act(net_o[i])
    delta_o = np.zeros(no)
    for i in range(no):
        delta_o[i] = 2 / no * (res[i] - out[i]) * act_d(net_o[i])
    delta_h = np.zeros(nh)
    for j in range(nh):
        back = 0.0
        for i in range(no):
            back += v[i, j] * delta_o[i]
        delta_h[j] = back * act_d(net_h[j])
    gv = np.zeros_like(v)
    for i in range(no):
        for j in range(nh):
            gv[i, j] = delta_o[i] * hid[j]
    gw = np.zeros_like(w)
    for i in range(nh):
        for j in range(ni):
            gw[i, j] = delta_h[i] * inp[j]
    return gw, delta_h, gv, delta_o
""",
    "net",
    Problem("fresh loops", (2, 3, 3), ("sigmoid", "sigmoid")),
    lambda p, _: (p.W[0], p.W[1], p.b[0], p.b[1], p.x, p.y),
    (
        ("bias_subtracted", "net_h[i] += c[i]", "net_h[i] -= c[i]"),
        ("missing_activation", "res[i] = act(net_o[i])", "res[i] = net_o[i]"),
        (
            "z_passed_on|missing_activation",
            "net_o[i] += v[i, j] * hid[j]",
            "net_o[i] += v[i, j] * net_h[j]",
        ),
        ("transposed_weights", "net_o[i] += v[i, j] * hid[j]", "net_o[i] += v[j, i] * hid[j]"),
        ("cost_gradient_sign", "(res[i] - out[i])", "(out[i] - res[i])"),
        ("cost_gradient_scale", "2 / no * (res[i] - out[i])", "2 * (res[i] - out[i])"),
        (
            "missing_activation_derivative",
            "delta_h[j] = back * act_d(net_h[j])",
            "delta_h[j] = back",
        ),
        (
            "derivative_at_activation",
            "delta_h[j] = back * act_d(net_h[j])",
            "delta_h[j] = back * act_d(hid[j])",
        ),
        (
            "activation_instead_of_derivative",
            "delta_h[j] = back * act_d(net_h[j])",
            "delta_h[j] = back * act(net_h[j])",
        ),
        (
            "weights_transposed_backward",
            "back += v[i, j] * delta_o[i]",
            "back += v[j, i] * delta_o[i]",
        ),
        (
            "z_instead_of_activation",
            "gv[i, j] = delta_o[i] * hid[j]",
            "gv[i, j] = delta_o[i] * net_h[j]",
        ),
        ("gradient_transposed", "gv[i, j] = delta_o[i] * hid[j]", "gv[i, j] = delta_o[j] * hid[i]"),
        ("wrong_activation_derivative", "return act(t) * (1 - act(t))", "return 1 - act(t)"),
    ),
)

LISTS = Program(
    "lists of lists, samples one by one",
    """\
import math

def matvec(M, v):
    return [sum(M[r][c] * v[c] for c in range(len(v))) for r in range(len(M))]

def add(u, v):
    return [p + q for p, q in zip(u, v)]

def tanh_vec(v):
    return [math.tanh(e) for e in v]

def learn(W, b, U, d, x, t):
    z = add(matvec(W, x), b)
    h = tanh_vec(z)
    y = add(matvec(U, h), d)
    gy = [(y[i] - t[i]) * 2 for i in range(len(t))]
    gU = [[gy[i] * h[j] for j in range(len(h))] for i in range(len(gy))]
    gd = list(gy)
    gh = []
    for j in range(len(h)):
        s = 0
        for i in range(len(gy)):
            s += gy[i] * U[i][j]
        gh.append(s)
    gz = []
    for j in range(len(h)):
        gz.append(gh[j] * (1 - h[j] ** 2))
    gW = []
    for j in range(len(gz)):
        row = []
        for i in range(len(x)):
            row.append(gz[j] * x[i])
        gW.append(row)
    gb = gz
    return {"W": [gW, gU], "b": [gb, gd]}
""",
    "learn",
    Problem("fresh lists", (2, 3, 3), ("tanh", "identity"), reduction="sum"),
    lambda p, _: (
        *(a.tolist() for pair in zip(p.W, p.b, strict=True) for a in pair),
        p.x.tolist(),
        p.y.tolist(),
    ),
    (
        ("missing_bias", "z = add(matvec(W, x), b)", "z = matvec(W, x)"),
        ("z_passed_on|missing_activation", "y = add(matvec(U, h), d)", "y = add(matvec(U, z), d)"),
        (
            "transposed_weights",
            "M[r][c] * v[c] for c in range(len(v))",
            "(M[c][r] if len(M) == len(v) else M[r][c]) * v[c] for c in range(len(v))",
        ),
        ("cost_gradient_sign", "(y[i] - t[i]) * 2", "(t[i] - y[i]) * 2"),
        ("cost_gradient_scale", "(y[i] - t[i]) * 2", "(y[i] - t[i])"),
        ("weights_transposed_backward", "s += gy[i] * U[i][j]", "s += gy[i] * U[j][i]"),
        ("wrong_activation_derivative", "(1 - h[j] ** 2)", "(1 - h[j])"),
        (
            "activation_instead_of_derivative",
            "gz.append(gh[j] * (1 - h[j] ** 2))",
            "gz.append(gh[j] * h[j])",
        ),
        ("missing_activation_derivative", "gz.append(gh[j] * (1 - h[j] ** 2))", "gz.append(gh[j])"),
        ("z_instead_of_activation", "[[gy[i] * h[j] for j", "[[gy[i] * z[j] for j"),
        ("dC_da_instead_of_dC_dz", "gb = gz", "gb = gh"),
    ),
)

STACK = Program(
    "a stack of caches",
    """\
import numpy as np
from collections import namedtuple

Step = namedtuple("Step", "w b a_prev z fn")

FUNCS = {
    "tanh": (np.tanh, lambda q: 1 - np.tanh(q) ** 2),
    "lin": (lambda q: q, lambda q: np.ones(q.shape)),
    "sp": (lambda q: np.log(1 + np.exp(q)), lambda q: 1 / (1 + np.exp(-q))),
}

def run(model, sample, truth):
    stack = []
    cur = sample
    for w, b, fn in model:
        pre = np.matmul(cur, w) + b
        stack.append(Step(w, b, cur, pre, fn))
        cur = FUNCS[fn][0](pre)
    grad = 2 * (cur - truth)
    answer = []
    while stack:
        step = stack.pop()
        grad = grad * FUNCS[step.fn][1](step.z)
        answer.append((np.einsum("i,j->ij", step.a_prev, grad), grad))
        grad = np.matmul(step.w, grad)
    answer.reverse()
    return answer
""",
    "run",
    Problem(
        "fresh stack",
        (3, 3, 3, 3),
        ("tanh", "softplus", "identity"),
        reduction="sum",
        convention="row",
    ),
    lambda p, _: (list(zip(p.W, p.b, ["tanh", "sp", "lin"], strict=True)), p.x, p.y),
    (
        ("missing_bias", "pre = np.matmul(cur, w) + b", "pre = np.matmul(cur, w)"),
        ("bias_subtracted", "pre = np.matmul(cur, w) + b", "pre = np.matmul(cur, w) - b"),
        ("transposed_weights", "pre = np.matmul(cur, w) + b", "pre = np.matmul(w, cur) + b"),
        ("missing_activation|z_passed_on", "cur = FUNCS[fn][0](pre)", "cur = pre"),
        (
            "activation_of_wrong_layer",
            "stack.append(Step(w, b, cur, pre, fn))",
            "stack.append(Step(w, b, FUNCS[fn][0](pre), pre, fn))",
        ),
        ("cost_gradient_sign", "grad = 2 * (cur - truth)", "grad = 2 * (truth - cur)"),
        ("cost_gradient_scale", "grad = 2 * (cur - truth)", "grad = cur - truth"),
        (
            "cost_gradient_scale",
            "grad = 2 * (cur - truth)",
            "grad = 2 * (cur - truth) / len(truth)",
        ),
        ("wrong_activation_derivative", "lambda q: 1 - np.tanh(q) ** 2", "lambda q: 1 - q ** 2"),
        (
            "activation_instead_of_derivative",
            "FUNCS[step.fn][1](step.z)",
            "FUNCS[step.fn][0](step.z)",
        ),
        (
            "missing_activation_derivative",
            "grad = grad * FUNCS[step.fn][1](step.z)",
            "grad = 1 * grad",
        ),
        ("gradient_transposed", '"i,j->ij", step.a_prev, grad', '"i,j->ji", step.a_prev, grad'),
        (
            "weights_transposed_backward",
            "grad = np.matmul(step.w, grad)",
            "grad = np.matmul(grad, step.w)",
        ),
    ),
)

PROGRAMS = (LOOPS, LISTS, STACK)
