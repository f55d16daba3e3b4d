"""Programs for one sample, written after the check and not used to build it."""

from __future__ import annotations

from tests.corpus.code.program import Program
from tests.corpus.problems import Problem

NORWEGIAN = Program(
    "one function per layer, Norwegian",
    """\
import numpy as np

def sigmoide(u):
    return 1 / (1 + np.exp(-u))

def sigmoide_derivert(u):
    s = sigmoide(u)
    return s - s * s

def tanh_derivert(u):
    return 1 / np.cosh(u) ** 2

def lag1_fremover(vekter, skjevhet, inndata):
    sum1 = vekter @ inndata + skjevhet
    ut1 = np.tanh(sum1)
    return sum1, ut1

def lag2_fremover(vekter, skjevhet, inndata):
    sum2 = vekter @ inndata + skjevhet
    ut2 = sigmoide(sum2)
    return sum2, ut2

def kostnad_derivert(svar, fasit):
    antall = fasit.shape[0]
    avvik = svar - fasit
    return 2 * avvik / antall

def lag2_bakover(dut, sum2, inn):
    dsum = dut * sigmoide_derivert(sum2)
    dvekter = dsum[:, np.newaxis] * inn[np.newaxis, :]
    return dsum, dvekter, dsum.copy()

def lag1_bakover(dut, sum1, inn):
    dsum = dut * tanh_derivert(sum1)
    dvekter = dsum[:, np.newaxis] * inn[np.newaxis, :]
    return dsum, dvekter, dsum.copy()

def tilbakepropagering(v1, s1, v2, s2, inndata, fasit):
    sum1, ut1 = lag1_fremover(v1, s1, inndata)
    sum2, ut2 = lag2_fremover(v2, s2, ut1)
    dut2 = kostnad_derivert(ut2, fasit)
    dsum2, dv2, ds2 = lag2_bakover(dut2, sum2, ut1)
    dut1 = dsum2 @ v2
    dsum1, dv1, ds1 = lag1_bakover(dut1, sum1, inndata)
    return [(dv1, ds1), (dv2, ds2)]
""",
    "tilbakepropagering",
    Problem("fresh norwegian", (3, 4, 4), ("tanh", "sigmoid")),
    lambda p, _: (p.W[0], p.b[0], p.W[1], p.b[1], p.x, p.y),
    (
        ("missing_bias", "sum1 = vekter @ inndata + skjevhet", "sum1 = vekter @ inndata"),
        (
            "bias_subtracted",
            "sum2 = vekter @ inndata + skjevhet",
            "sum2 = vekter @ inndata - skjevhet",
        ),
        (
            "transposed_weights",
            "sum2 = vekter @ inndata + skjevhet",
            "sum2 = inndata @ vekter + skjevhet",
        ),
        ("missing_activation", "ut2 = sigmoide(sum2)", "ut2 = sum2"),
        ("missing_activation|z_passed_on", "ut1 = np.tanh(sum1)", "ut1 = sum1"),
        ("wrong_activation", "ut1 = np.tanh(sum1)", "ut1 = sigmoide(sum1)"),
        ("activation_sign", "return 1 / (1 + np.exp(-u))", "return 1 / (1 + np.exp(u))"),
        ("cost_gradient_sign", "avvik = svar - fasit", "avvik = fasit - svar"),
        ("cost_gradient_scale", "return 2 * avvik / antall", "return avvik / antall"),
        ("cost_gradient_scale", "return 2 * avvik / antall", "return 2 * avvik"),
        ("wrong_activation_derivative", "return s - s * s", "return s + s * s"),
        ("wrong_activation_derivative", "return 1 / np.cosh(u) ** 2", "return 1 / np.cosh(u)"),
        ("missing_activation_derivative", "dsum = dut * tanh_derivert(sum1)", "dsum = dut"),
        (
            "activation_instead_of_derivative",
            "dut * sigmoide_derivert(sum2)",
            "dut * sigmoide(sum2)",
        ),
        (
            "derivative_at_activation",
            "lag2_bakover(dut2, sum2, ut1)",
            "lag2_bakover(dut2, ut2, ut1)",
        ),
        ("weights_transposed_backward", "dut1 = dsum2 @ v2", "dut1 = v2 @ dsum2"),
        ("missing_weights_backward", "dut1 = dsum2 @ v2", "dut1 = dsum2"),
        ("dC_da_passed_back", "dut1 = dsum2 @ v2", "dut1 = dut2 @ v2"),
        (
            "z_instead_of_activation",
            "lag2_bakover(dut2, sum2, ut1)",
            "lag2_bakover(dut2, sum2, sum1)",
        ),
        (
            "activation_of_wrong_layer",
            "lag2_bakover(dut2, sum2, ut1)",
            "lag2_bakover(dut2, sum2, ut2)",
        ),
    ),
)

GLOBALS = Program(
    "global variables",
    """\
import numpy as np

A = []
Z = []
DW = {}
DB = {}

def f(v):
    return np.where(v > 0, v, 0.0)

def forward():
    global A, Z
    A = [X]
    Z = []
    for k in range(3):
        Z.append(np.dot(W[k], A[k]) + B[k])
        if k < 2:
            A.append(f(Z[k]))
        else:
            A.append(Z[k])

def backward():
    global D
    D = (A[3] - T)
    for k in [2, 1, 0]:
        if k < 2:
            D = np.dot(W[k + 1].T, D)
            D = D * np.heaviside(Z[k], 0)
        DW[k] = np.outer(D, A[k])
        DB[k] = D

def main(weights, biases, sample, wanted):
    global W, B, X, T
    W = weights
    B = biases
    X = sample
    T = wanted
    forward()
    backward()
    return [DW[0], DW[1], DW[2], DB[0], DB[1], DB[2]]
""",
    "main",
    Problem("fresh globals", (3, 5, 5, 2), ("relu", "relu", "identity"), reduction="half_sum"),
    lambda p, _: (p.W, p.b, p.x, p.y),
    (
        ("missing_bias", "np.dot(W[k], A[k]) + B[k]", "np.dot(W[k], A[k])"),
        ("bias_subtracted", "np.dot(W[k], A[k]) + B[k]", "np.dot(W[k], A[k]) - B[k]"),
        ("missing_activation|z_passed_on", "A.append(f(Z[k]))", "A.append(Z[k] * 1)"),
        (
            "slope_below_zero|wrong_activation",
            "np.where(v > 0, v, 0.0)",
            "np.where(v > 0, v, 0.1 * v)",
        ),
        ("cost_gradient_sign", "D = (A[3] - T)", "D = (T - A[3])"),
        ("cost_gradient_scale", "D = (A[3] - T)", "D = 2 * (A[3] - T) / 2 * 2"),
        ("missing_activation_derivative", "D = D * np.heaviside(Z[k], 0)", "pass"),
        ("wrong_activation_derivative", "np.heaviside(Z[k], 0)", "np.heaviside(-Z[k], 0)"),
        ("activation_instead_of_derivative", "np.heaviside(Z[k], 0)", "f(Z[k])"),
        ("sign_lost_backward", "D = np.dot(W[k + 1].T, D)", "D = -np.dot(W[k + 1].T, D)"),
        (
            "activation_of_wrong_layer",
            "np.outer(D, A[k])",
            "np.outer(D, A[k + 1] if k == 1 else A[k])",
        ),
        ("z_instead_of_activation", "np.outer(D, A[k])", "np.outer(D, Z[k - 1] if k else X)"),
    ),
)

SOFTMAX_JACOBIAN = Program(
    "softmax with its Jacobian",
    """\
import numpy as np

def softmax(s):
    e = np.exp(s - s.max())
    return e / e.sum()

def jac_softmax(s):
    p = softmax(s)
    return np.diag(p) - np.outer(p, p)

def logistic(s):
    return 1.0 / (1.0 + np.exp(-s))

def cross_entropy_grad(p, onehot):
    return -onehot / p

class Nett:
    def __init__(self, par):
        self.par = par

    def framover(self, inn):
        self.h0 = inn
        self.s1 = self.par["W1"].dot(inn) + self.par["b1"]
        self.h1 = logistic(self.s1)
        self.s2 = self.par["W2"].dot(self.h1) + self.par["b2"]
        self.h2 = softmax(self.s2)
        return self.h2

    def bakover(self, onehot):
        g = {}
        dh2 = cross_entropy_grad(self.h2, onehot)
        ds2 = jac_softmax(self.s2).T @ dh2
        g["W2"] = np.multiply.outer(ds2, self.h1)
        g["b2"] = ds2
        dh1 = self.par["W2"].T.dot(ds2)
        ds1 = np.multiply(dh1, self.h1 * (1 - self.h1))
        g["W1"] = np.multiply.outer(ds1, self.h0)
        g["b1"] = ds1
        return g

def gradienter(W1, b1, W2, b2, inn, onehot):
    nett = Nett({"W1": W1, "b1": b1, "W2": W2, "b2": b2})
    nett.framover(inn)
    return nett.bakover(onehot)
""",
    "gradienter",
    Problem(
        "fresh softmax",
        (4, 3, 3),
        ("sigmoid", "softmax"),
        None,
        "cross_entropy",
        "sum",
        "column",
        "class",
    ),
    lambda p, _: (p.W[0], p.b[0], p.W[1], p.b[1], p.x, p.y),
    (
        ("missing_bias", 'self.par["W1"].dot(inn) + self.par["b1"]', 'self.par["W1"].dot(inn)'),
        ("transposed_weights", 'self.par["W2"].dot(self.h1)', 'self.par["W2"].T.dot(self.h1)'),
        (
            "z_passed_on|missing_activation",
            'self.par["W2"].dot(self.h1)',
            'self.par["W2"].dot(self.s1)',
        ),
        ("softmax_not_normalised", "return e / e.sum()", "return e"),
        ("cost_gradient_sign", "return -onehot / p", "return onehot / p"),
        (
            "softmax_derivative_elementwise",
            "return np.diag(p) - np.outer(p, p)",
            "return np.diag(p * (1 - p))",
        ),
        ("missing_activation_derivative", "ds2 = jac_softmax(self.s2).T @ dh2", "ds2 = dh2"),
        (
            "wrong_activation_derivative",
            "np.multiply(dh1, self.h1 * (1 - self.h1))",
            "np.multiply(dh1, 1 - self.h1)",
        ),
        (
            "activation_instead_of_derivative",
            "np.multiply(dh1, self.h1 * (1 - self.h1))",
            "np.multiply(dh1, self.h1)",
        ),
        ("missing_activation_derivative", "np.multiply(dh1, self.h1 * (1 - self.h1))", "dh1"),
        ("weights_transposed_backward", 'self.par["W2"].T.dot(ds2)', 'self.par["W2"].dot(ds2)'),
        ("dC_da_passed_back", 'self.par["W2"].T.dot(ds2)', 'self.par["W2"].T.dot(dh2)'),
        (
            "gradient_transposed",
            "np.multiply.outer(ds2, self.h1)",
            "np.multiply.outer(self.h1, ds2)",
        ),
        (
            "z_instead_of_activation",
            "np.multiply.outer(ds2, self.h1)",
            "np.multiply.outer(ds2, self.s1)",
        ),
        (
            "activation_of_wrong_layer",
            "np.multiply.outer(ds2, self.h1)",
            "np.multiply.outer(ds2, self.h2)",
        ),
        ("dC_da_instead_of_dC_dz", 'g["b1"] = ds1', 'g["b1"] = dh1'),
    ),
)

PROGRAMS = (NORWEGIAN, GLOBALS, SOFTMAX_JACOBIAN)
