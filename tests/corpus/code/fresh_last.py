"""Programs written after the check was mended for the other new ones, and not used for that."""

from __future__ import annotations

from tests.corpus.code.program import Program
from tests.corpus.problems import Problem

ROW_VECTOR = Program(
    "row vectors of one sample",
    """\
import numpy as np

sigma = np.vectorize(lambda qq: 1 / (1 + np.exp(-qq)))

def elu(qq):
    return np.where(qq > 0, qq, np.exp(qq) - 1)

def elu_slope(qq):
    return np.where(qq > 0, 1, np.exp(qq))

def kette(frosk, elg, ulv, rev, bjorn, gaupe):
    hare = frosk.reshape(1, -1)
    mus = hare @ elg + ulv
    rotte = elu(mus)
    orm = rotte @ rev + bjorn
    ravn = sigma(orm)
    kaie = (ravn - gaupe.reshape(1, -1)) * 2 / gaupe.size
    spurv = kaie * sigma(orm) * (1 - sigma(orm))
    due = rotte.T @ spurv
    svane = spurv.flatten()
    and_ = spurv @ rev.T
    gaas = and_ * elu_slope(mus)
    hane = hare.T @ gaas
    kylling = gaas.flatten()
    return {"second": (due, svane), "first": (hane, kylling)}
""",
    "kette",
    Problem("last rows", (3, 4, 4), ("elu", "sigmoid"), convention="row"),
    lambda p, _: (p.x, p.W[0], p.b[0], p.W[1], p.b[1], p.y),
    (
        ("missing_bias", "mus = hare @ elg + ulv", "mus = hare @ elg"),
        ("bias_subtracted", "orm = rotte @ rev + bjorn", "orm = rotte @ rev - bjorn"),
        ("z_passed_on|missing_activation", "orm = rotte @ rev", "orm = mus @ rev"),
        ("transposed_weights", "orm = rotte @ rev", "orm = rotte @ rev.T"),
        ("missing_activation", "ravn = sigma(orm)", "ravn = orm"),
        ("cost_gradient_sign", "(ravn - gaupe.reshape(1, -1))", "(gaupe.reshape(1, -1) - ravn)"),
        ("cost_gradient_scale", "* 2 / gaupe.size", "/ gaupe.size"),
        ("missing_activation_derivative", "gaas = and_ * elu_slope(mus)", "gaas = and_"),
        ("derivative_at_activation", "elu_slope(mus)", "elu_slope(rotte)"),
        ("activation_instead_of_derivative", "and_ * elu_slope(mus)", "and_ * elu(mus)"),
        (
            "wrong_activation_derivative",
            "np.where(qq > 0, 1, np.exp(qq))",
            "np.where(qq > 0, 1, 0)",
        ),
        ("activation_instead_of_derivative", "sigma(orm) * (1 - sigma(orm))", "sigma(orm)"),
        ("weights_transposed_backward", "and_ = spurv @ rev.T", "and_ = spurv @ rev"),
        ("missing_weights_backward", "and_ = spurv @ rev.T", "and_ = spurv"),
        ("dC_da_passed_back", "and_ = spurv @ rev.T", "and_ = kaie @ rev.T"),
        ("gradient_transposed", "due = rotte.T @ spurv", "due = spurv.T @ rotte"),
        ("z_instead_of_activation", "due = rotte.T @ spurv", "due = mus.T @ spurv"),
        ("dC_da_instead_of_dC_dz", "hane = hare.T @ gaas", "hane = hare.T @ and_"),
        ("dC_da_instead_of_dC_dz", "svane = spurv.flatten()", "svane = kaie.flatten()"),
        ("activation_of_wrong_layer", "due = rotte.T @ spurv", "due = ravn.T @ spurv"),
    ),
)

TRAINER = Program(
    "a trainer with columns and two caches",
    """\
import numpy as np

class Trainer:
    def __init__(self, sizes, kinds):
        self.sizes = sizes
        self.kinds = kinds
        self.theta = {}
        self.grad = {}

    def load(self, Ws, bs):
        for k in range(len(Ws)):
            self.theta["W%d" % k] = Ws[k]
            self.theta["b%d" % k] = bs[k].reshape(len(bs[k]), 1)

    def phi(self, kind, S):
        if kind == "relu":
            return S.clip(min=0)
        elif kind == "tanh":
            return np.tanh(S)
        return S

    def dphi(self, kind, S):
        if kind == "relu":
            return np.sign(S.clip(min=0))
        elif kind == "tanh":
            return 1.0 - self.phi(kind, S) ** 2
        return np.ones_like(S)

    def propagate(self, H):
        self.pre, self.post = [], [H]
        for k, kind in enumerate(self.kinds):
            S = self.theta["W%d" % k].dot(self.post[k])
            S = S + self.theta["b%d" % k]
            self.pre.append(S)
            H = self.phi(kind, S)
            self.post.append(H)
        return H

    def criterion(self, H, T):
        m = T.shape[1]
        return np.sum((H - T) ** 2) / (2 * m), (H - T) / m

    def accumulate(self, H, T):
        out = self.propagate(H)
        loss, G = self.criterion(out, T)
        k = len(self.kinds)
        while k > 0:
            k -= 1
            G = G * self.dphi(self.kinds[k], self.pre[k])
            self.grad["W%d" % k] = G.dot(self.post[k].T)
            self.grad["b%d" % k] = G.sum(1, keepdims=True)
            G = self.theta["W%d" % k].T.dot(G)
        return loss

def run(Ws, bs, kinds, X, T):
    t = Trainer([w.shape for w in Ws], kinds)
    t.load(Ws, bs)
    loss = t.accumulate(X, T)
    return loss, t.grad
""",
    "run",
    Problem(
        "last trainer",
        (4, 4, 4, 4),
        ("tanh", "relu", "identity"),
        6,
        "mse",
        "half_batch_mean",
        "column",
    ),
    lambda p, _: (p.W, p.b, list(p.activations), p.x.T, p.y.T),
    (
        ("missing_bias", 'S = S + self.theta["b%d" % k]', "S = S + 0"),
        ("bias_subtracted", 'S = S + self.theta["b%d" % k]', 'S = S - self.theta["b%d" % k]'),
        (
            "transposed_weights",
            'self.theta["W%d" % k].dot(self.post[k])',
            'self.theta["W%d" % k].T.dot(self.post[k])',
        ),
        ("missing_activation|z_passed_on", "H = self.phi(kind, S)", "H = S"),
        ("missing_activation|z_passed_on", "self.post.append(H)", "self.post.append(S)"),
        ("cost_gradient_sign", "(2 * m), (H - T) / m", "(2 * m), (T - H) / m"),
        ("cost_gradient_scale", "(2 * m), (H - T) / m", "(2 * m), 2 * (H - T) / m"),
        ("cost_gradient_scale|batch_scale", "(2 * m), (H - T) / m", "(2 * m), (H - T)"),
        (
            "missing_activation_derivative",
            "G = G * self.dphi(self.kinds[k], self.pre[k])",
            "G = G * 1",
        ),
        (
            "derivative_at_activation",
            "self.dphi(self.kinds[k], self.pre[k])",
            "self.dphi(self.kinds[k], self.post[k + 1])",
        ),
        (
            "activation_instead_of_derivative",
            "G * self.dphi(self.kinds[k], self.pre[k])",
            "G * self.phi(self.kinds[k], self.pre[k])",
        ),
        ("wrong_activation_derivative", "1.0 - self.phi(kind, S) ** 2", "1.0 - self.phi(kind, S)"),
        ("wrong_activation_derivative", "np.sign(S.clip(min=0))", "np.sign(S)"),
        ("gradient_transposed", "G.dot(self.post[k].T)", "self.post[k].dot(G.T)"),
        ("activation_of_wrong_layer", "G.dot(self.post[k].T)", "G.dot(self.post[k + 1].T)"),
        ("bias_gradient_not_summed", "G.sum(1, keepdims=True)", "G.mean(1, keepdims=True)"),
        ("batch_scale", "G.dot(self.post[k].T)", "G.dot(self.post[k].T) / H.shape[1]"),
        (
            "weights_transposed_backward",
            'G = self.theta["W%d" % k].T.dot(G)',
            'G = self.theta["W%d" % k].dot(G)',
        ),
        ("missing_weights_backward", 'G = self.theta["W%d" % k].T.dot(G)', "G = G + 0"),
        (
            "sign_lost_backward",
            'G = self.theta["W%d" % k].T.dot(G)',
            'G = -self.theta["W%d" % k].T.dot(G)',
        ),
    ),
)

PIPELINE = Program(
    "one function per layer and phase",
    """\
import numpy as np

def hidden_forward(batch, w, b):
    lin = np.dot(batch, w) + b
    act = 1.0 / (1.0 + np.exp(-lin))
    return act, (batch, lin, act)

def output_forward(act, w, b):
    scores = np.dot(act, w) + b
    top = np.max(scores, axis=1)[:, None]
    ex = np.exp(scores - top)
    prob = ex / np.sum(ex, axis=1)[:, None]
    return prob, (act, scores, prob)

def loss_backward(prob, onehot):
    return (prob - onehot) / prob.shape[0]

def output_backward(dscores, w, memo):
    act, scores, prob = memo
    return np.dot(dscores, w.T), np.dot(act.T, dscores), np.sum(dscores, axis=0)

def hidden_backward(dact, w, memo):
    batch, lin, act = memo
    dlin = dact * act * (1.0 - act)
    return np.dot(batch.T, dlin), np.sum(dlin, axis=0)

def step(batch, onehot, w1, b1, w2, b2):
    act, memo1 = hidden_forward(batch, w1, b1)
    prob, memo2 = output_forward(act, w2, b2)
    dscores = loss_backward(prob, onehot)
    dact, gw2, gb2 = output_backward(dscores, w2, memo2)
    gw1, gb1 = hidden_backward(dact, w1, memo1)
    return [gw1, gw2], [gb1, gb2]
""",
    "step",
    Problem(
        "last pipeline",
        (4, 4, 3),
        ("sigmoid", "softmax"),
        8,
        "cross_entropy",
        "batch_mean",
        "row",
        "class",
    ),
    lambda p, _: (p.x, p.y, p.W[0], p.b[0], p.W[1], p.b[1]),
    (
        ("missing_bias", "lin = np.dot(batch, w) + b", "lin = np.dot(batch, w)"),
        ("bias_subtracted", "scores = np.dot(act, w) + b", "scores = np.dot(act, w) - b"),
        ("transposed_weights", "lin = np.dot(batch, w) + b", "lin = np.dot(batch, w.T) + b"),
        ("activation_sign", "np.exp(-lin)", "np.exp(lin)"),
        (
            "missing_activation|z_passed_on",
            "return act, (batch, lin, act)",
            "return lin, (batch, lin, act)",
        ),
        ("softmax_wrong_axis", "np.sum(ex, axis=1)[:, None]", "np.sum(ex, axis=0)[None, :]"),
        (
            "softmax_not_normalised",
            "prob = ex / np.sum(ex, axis=1)[:, None]",
            "prob = np.exp(scores)",
        ),
        ("cost_gradient_sign", "(prob - onehot)", "(onehot - prob)"),
        ("cost_gradient_scale|batch_scale", "(prob - onehot) / prob.shape[0]", "prob - onehot"),
        (
            "output_derivative_twice",
            "(prob - onehot) / prob.shape[0]",
            "(prob - onehot) * prob * (1 - prob) / prob.shape[0]",
        ),
        ("missing_activation_derivative", "dlin = dact * act * (1.0 - act)", "dlin = dact"),
        (
            "wrong_activation_derivative",
            "dlin = dact * act * (1.0 - act)",
            "dlin = dact * (1.0 - act)",
        ),
        (
            "activation_instead_of_derivative",
            "dlin = dact * act * (1.0 - act)",
            "dlin = dact * act",
        ),
        (
            "wrong_activation_derivative",
            "dlin = dact * act * (1.0 - act)",
            "dlin = dact * (1.0 - act ** 2)",
        ),
        ("sign_lost_backward", "return np.dot(dscores, w.T),", "return -np.dot(dscores, w.T),"),
        (
            "z_instead_of_activation",
            "prob, memo2 = output_forward(act, w2, b2)\n",
            "prob, memo2 = output_forward(act, w2, b2)\n    memo2 = (memo1[1],) + memo2[1:]\n",
        ),
        ("dC_da_instead_of_dC_dz", "return np.dot(batch.T, dlin)", "return np.dot(batch.T, dact)"),
        ("bias_gradient_not_summed", "np.sum(dlin, axis=0)", "np.mean(dlin, axis=0)"),
        ("bias_gradient_not_summed", "np.sum(dscores, axis=0)", "dscores[0]"),
        ("batch_scale", "np.dot(act.T, dscores)", "np.dot(act.T, dscores) / len(act)"),
        ("weight_gradient_not_summed", "np.dot(batch.T, dlin)", "np.outer(batch[0], dlin[0])"),
        ("gradient_transposed", "np.dot(batch.T, dlin)", "np.dot(dlin.T, batch)"),
    ),
)

PROGRAMS = (ROW_VECTOR, TRAINER, PIPELINE)
