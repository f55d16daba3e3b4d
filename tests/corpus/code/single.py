"""Programs for one sample."""

from __future__ import annotations

from tests.corpus.code.program import Program, renamed
from tests.corpus.problems import Problem

TWO_LAYERS = Program(
    "two layers written out",
    """\
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def sigmoid_der(z):
    s = sigmoid(z)
    return s * (1 - s)

def mse_der(predict, target):
    return 2 / len(predict) * (predict - target)

def backprop(W1, b1, W2, b2, x, target):
    z1 = W1 @ x + b1
    a1 = sigmoid(z1)
    z2 = W2 @ a1 + b2
    a2 = sigmoid(z2)
    dC_da2 = mse_der(a2, target)
    dC_dz2 = dC_da2 * sigmoid_der(z2)
    dC_dW2 = np.outer(dC_dz2, a1)
    dC_db2 = dC_dz2
    dC_da1 = W2.T @ dC_dz2
    dC_dz1 = dC_da1 * sigmoid_der(z1)
    dC_dW1 = np.outer(dC_dz1, x)
    dC_db1 = dC_dz1
    return dC_dW1, dC_db1, dC_dW2, dC_db2
""",
    "backprop",
    Problem("code two layers", (2, 3, 3), ("sigmoid", "sigmoid")),
    lambda p, _: (p.W[0], p.b[0], p.W[1], p.b[1], p.x, p.y),
    (
        ("missing_bias", "z1 = W1 @ x + b1", "z1 = W1 @ x"),
        ("missing_bias", "z2 = W2 @ a1 + b2", "z2 = W2 @ a1"),
        ("bias_subtracted", "z2 = W2 @ a1 + b2", "z2 = W2 @ a1 - b2"),
        ("transposed_weights", "z2 = W2 @ a1 + b2", "z2 = a1 @ W2 + b2"),
        ("z_passed_on|missing_activation", "z2 = W2 @ a1 + b2", "z2 = W2 @ z1 + b2"),
        ("missing_activation", "a2 = sigmoid(z2)", "a2 = z2"),
        ("activation_sign", "return 1 / (1 + np.exp(-z))", "return 1 / (1 + np.exp(z))"),
        ("wrong_activation", "a1 = sigmoid(z1)", "a1 = np.tanh(z1)"),
        ("cost_gradient_sign", "(predict - target)", "(target - predict)"),
        ("cost_gradient_sign", "mse_der(a2, target)", "mse_der(target, a2)"),
        (
            "cost_gradient_scale",
            "return 2 / len(predict) * (predict - target)",
            "return 2 * (predict - target)",
        ),
        (
            "cost_gradient_scale",
            "return 2 / len(predict) * (predict - target)",
            "return predict - target",
        ),
        ("missing_activation_derivative", "dC_dz2 = dC_da2 * sigmoid_der(z2)", "dC_dz2 = dC_da2"),
        (
            "activation_instead_of_derivative",
            "dC_dz2 = dC_da2 * sigmoid_der(z2)",
            "dC_dz2 = dC_da2 * sigmoid(z2)",
        ),
        (
            "derivative_at_activation",
            "dC_dz1 = dC_da1 * sigmoid_der(z1)",
            "dC_dz1 = dC_da1 * sigmoid_der(a1)",
        ),
        (
            "derivative_of_wrong_layer",
            "dC_dz1 = dC_da1 * sigmoid_der(z1)",
            "dC_dz1 = dC_da1 * sigmoid_der(z2)",
        ),
        ("wrong_activation_derivative", "return s * (1 - s)", "return s * (1 + s)"),
        ("wrong_activation_derivative", "return s * (1 - s)", "return 1 - s"),
        (
            "activation_derivative_twice",
            "dC_dz2 = dC_da2 * sigmoid_der(z2)",
            "dC_dz2 = dC_da2 * sigmoid_der(z2) * sigmoid_der(z2)",
        ),
        ("weights_transposed_backward", "dC_da1 = W2.T @ dC_dz2", "dC_da1 = W2 @ dC_dz2"),
        ("missing_weights_backward", "dC_da1 = W2.T @ dC_dz2", "dC_da1 = dC_dz2"),
        ("dC_da_passed_back", "dC_da1 = W2.T @ dC_dz2", "dC_da1 = W2.T @ dC_da2"),
        ("activation_instead_of_weights", "dC_da1 = W2.T @ dC_dz2", "dC_da1 = a1 * dC_dz2"),
        ("sign_lost_backward", "dC_da1 = W2.T @ dC_dz2", "dC_da1 = -W2.T @ dC_dz2"),
        ("activation_of_wrong_layer", "np.outer(dC_dz2, a1)", "np.outer(dC_dz2, a2)"),
        ("z_instead_of_activation", "np.outer(dC_dz2, a1)", "np.outer(dC_dz2, z1)"),
        ("dC_da_instead_of_dC_dz", "np.outer(dC_dz1, x)", "np.outer(dC_da1, x)"),
        ("gradient_transposed", "np.outer(dC_dz2, a1)", "np.outer(a1, dC_dz2)"),
        ("dC_da_instead_of_dC_dz", "dC_db2 = dC_dz2", "dC_db2 = dC_da2"),
    ),
)

# The same with names that say nothing.
RANDOM_NAMES = renamed(
    TWO_LAYERS,
    "random names",
    {
        "z1": "foo",
        "a1": "h",
        "z2": "bar",
        "a2": "o",
        "x": "v",
        "target": "w",
        "dC_da2": "g",
        "dC_dz2": "k",
        "dC_dW2": "p",
        "dC_db2": "q",
        "dC_da1": "m",
        "dC_dz1": "n",
        "dC_dW1": "r",
        "dC_db1": "t",
        "W1": "A",
        "b1": "B",
        "W2": "D",
        "b2": "E",
        "sigmoid": "f",
        "sigmoid_der": "f2",
        "mse_der": "c",
        "backprop": "run",
    },
)

NOTEBOOK = Program(
    "notebook with Jacobians",
    """\
import autograd.numpy as np

def ReLU(z):
    return np.where(z > 0, z, 0)

def ReLU_der(z):
    return np.diag(np.where(z > 0, 1, 0))

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def sigmoid_der(z):
    return np.diag(np.exp(-z) / (1 + np.exp(-z))**2)

def mse_der(predict, target):
    return 2/len(predict) * (predict - target).T

def feed_forward_saver(input, layers, activation_funcs):
    layer_inputs = []
    zs = []
    a = input
    for (W, b), activation_func in zip(layers, activation_funcs):
        layer_inputs.append(a)
        z = W @ a + b
        a = activation_func(z)

        zs.append(z)

    return layer_inputs, zs, a

def backpropagation(
    input, layers, activation_funcs, target, activation_ders, cost_der=mse_der
):
    layer_inputs, zs, predict = feed_forward_saver(input, layers, activation_funcs)

    layer_grads = [() for layer in layers]

    # We loop over the layers, from the last to the first
    for i in reversed(range(len(layers))):
        layer_input, z, activation_der = layer_inputs[i], zs[i], activation_ders[i]

        if i == len(layers) - 1:
            dC_da = cost_der(predict, target)
        else:
            (W, b) = layers[i + 1]
            dC_da = dC_dz @ W

        dC_dz = dC_da @ activation_der(z)
        dC_dW = dC_dz @ np.tensordot(np.eye(len(z)), layer_input, axes=0)
        dC_db = dC_dz # deriv wrt b is 1

        layer_grads[i] = (dC_dW, dC_db)

    return layer_grads
""",
    "backpropagation",
    Problem("code notebook", (2, 3, 4), ("sigmoid", "relu")),
    lambda p, names: (
        p.x,
        list(zip(p.W, p.b, strict=True)),
        [names["sigmoid"], names["ReLU"]],
        p.y,
        [names["sigmoid_der"], names["ReLU_der"]],
    ),
    (
        ("wrong_activation_derivative", "(1 + np.exp(-z))**2)", "(1 + np.exp(-z))*2)"),
        ("wrong_activation_derivative", "np.where(z > 0, 1, 0)", "np.where(z < 0, 1, 0)"),
        ("missing_bias", "z = W @ a + b", "z = W @ a"),
        ("bias_subtracted", "z = W @ a + b", "z = W @ a - b"),
        ("activation_sign", "return 1 / (1 + np.exp(-z))", "return 1 / (1 + np.exp(z))"),
        ("cost_gradient_sign", "(predict - target).T", "(target - predict).T"),
        ("cost_gradient_scale", "2/len(predict) * (predict", "1/len(predict) * (predict"),
        (
            "derivative_at_activation",
            "dC_dz = dC_da @ activation_der(z)",
            "dC_dz = dC_da @ activation_der(predict if i else layer_inputs[1])",
        ),
        ("missing_activation_derivative", "dC_dz = dC_da @ activation_der(z)", "dC_dz = dC_da"),
        ("dC_da_instead_of_dC_dz", "dC_dW = dC_dz @", "dC_dW = dC_da @"),
        ("dC_da_instead_of_dC_dz", "dC_db = dC_dz #", "dC_db = dC_da #"),
        ("z_passed_on|missing_activation", "a = activation_func(z)\n", "a = z\n"),
        ("sign_lost_backward", "dC_da = dC_dz @ W\n", "dC_da = -dC_dz @ W\n"),
    ),
)

LECTURE = Program(
    "lecture notes",
    """\
import numpy as np

def act(x):
    return np.tanh(x)

def act_prime(x):
    return 1 - np.tanh(x) ** 2

def gradients(weights, biases, x, y):
    # forward
    activations = [x]
    zs = []
    for w, b in zip(weights, biases):
        z = w.T @ activations[-1] + b
        zs.append(z)
        activations.append(act(z))
    # backward
    nabla_w = [None] * len(weights)
    nabla_b = [None] * len(biases)
    delta = (activations[-1] - y) * act_prime(zs[-1])
    nabla_b[-1] = delta
    nabla_w[-1] = np.outer(activations[-2], delta)
    for l in range(2, len(weights) + 1):
        z = zs[-l]
        delta = (weights[-l + 1] @ delta) * act_prime(z)
        nabla_b[-l] = delta
        nabla_w[-l] = np.outer(activations[-l - 1], delta)
    return nabla_w, nabla_b
""",
    "gradients",
    Problem(
        "code lecture",
        (3, 3, 3, 3),
        ("tanh", "tanh", "tanh"),
        convention="lecture",
        reduction="half_sum",
    ),
    lambda p, _: (p.W, p.b, p.x, p.y),
    (
        ("transposed_weights", "z = w.T @ activations[-1] + b", "z = w @ activations[-1] + b"),
        ("missing_bias", "z = w.T @ activations[-1] + b", "z = w.T @ activations[-1]"),
        ("wrong_activation_derivative", "return 1 - np.tanh(x) ** 2", "return 1 - np.tanh(x)"),
        ("wrong_activation_derivative", "return 1 - np.tanh(x) ** 2", "return 1 - x ** 2"),
        ("cost_gradient_sign", "delta = (activations[-1] - y)", "delta = (y - activations[-1])"),
        (
            "cost_gradient_scale",
            "delta = (activations[-1] - y)",
            "delta = 2 * (activations[-1] - y)",
        ),
        (
            "missing_activation_derivative|wrong_cost",
            "delta = (activations[-1] - y) * act_prime(zs[-1])",
            "delta = activations[-1] - y",
        ),
        ("derivative_at_activation", "act_prime(zs[-1])", "act_prime(activations[-1])"),
        ("weights_transposed_backward", "(weights[-l + 1] @ delta)", "(weights[-l + 1].T @ delta)"),
        ("weights_of_wrong_layer", "(weights[-l + 1] @ delta)", "(weights[-l] @ delta)"),
        (
            "missing_activation_derivative",
            "delta = (weights[-l + 1] @ delta) * act_prime(z)",
            "delta = weights[-l + 1] @ delta",
        ),
        ("derivative_of_wrong_layer", "z = zs[-l]\n", "z = zs[-l + 1]\n"),
        (
            "gradient_transposed",
            "nabla_w[-l] = np.outer(activations[-l - 1], delta)",
            "nabla_w[-l] = np.outer(delta, activations[-l - 1])",
        ),
        (
            "activation_of_wrong_layer",
            "nabla_w[-l] = np.outer(activations[-l - 1], delta)",
            "nabla_w[-l] = np.outer(activations[-l], delta)",
        ),
        ("activation_instead_of_derivative", "* act_prime(z)\n", "* act(z)\n"),
        ("missing_weights_backward", "(weights[-l + 1] @ delta)", "delta"),
        (
            "activation_of_wrong_layer",
            "nabla_w[-1] = np.outer(activations[-2], delta)",
            "nabla_w[-1] = np.outer(activations[-1], delta)",
        ),
    ),
)

PROGRAMS = (TWO_LAYERS, RANDOM_NAMES, NOTEBOOK, LECTURE)
