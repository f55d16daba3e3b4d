"""PyTorch code with the same weights: the gradients and one step of the optimizer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.engine.activation_parameters import split_name
from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.network import Network
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.trace import Trace
from backprop_explorer.engine.updates import Update
from backprop_explorer.exports.literals import array, number, table, unpacking
from backprop_explorer.exports.subject import ExportedWorking, Subject

MODULES: dict[str, str] = {
    "identity": "torch.nn.Identity()",
    "sigmoid": "torch.nn.Sigmoid()",
    "tanh": "torch.nn.Tanh()",
    "relu": "torch.nn.ReLU()",
    "leaky_relu": "torch.nn.LeakyReLU(0.01)",
    "elu": "torch.nn.ELU()",
    # By default PyTorch returns z for softplus beyond 20.
    "softplus": "torch.nn.Softplus(threshold=700)",
    "gelu": 'torch.nn.GELU(approximate="tanh")',
    "silu": "torch.nn.SiLU()",
    "softmax": "torch.nn.Softmax(dim=-1)",
}

LOSSES: dict[str, str] = {
    "mse": 'F.mse_loss(output, target, reduction="sum")',
    "mae": 'F.l1_loss(output, target, reduction="sum")',
    "huber": 'F.huber_loss(output, target, reduction="sum")',
    "binary_cross_entropy": (
        "-(target * output.clamp(min=1e-300).log()"
        " + (1 - target) * (1 - output).clamp(min=1e-300).log()).sum()"
    ),
    "cross_entropy": "-(target * output.clamp(min=1e-300).log()).sum()",
    "sigmoid_binary_cross_entropy": (
        'F.binary_cross_entropy_with_logits(output, target, reduction="sum")'
    ),
    "softmax_cross_entropy": "-(target * F.log_softmax(output, dim=-1)).sum()",
}

# (class, its arguments after the learning rate, its state under our names)
OPTIMIZERS: dict[str, tuple[str, str, dict[str, str]]] = {
    "sgd": ("SGD", "", {}),
    "momentum": ("SGD", ", momentum={momentum}", {"velocity": "momentum_buffer"}),
    "nesterov": ("SGD", ", momentum={momentum}, nesterov=True", {"velocity": "momentum_buffer"}),
    "adagrad": ("Adagrad", ", eps={epsilon}", {"sum": "sum"}),
    "rmsprop": ("RMSprop", ", alpha={rho}, eps={epsilon}", {"square": "square_avg"}),
    "adam": (
        "Adam",
        ", betas=({beta1}, {beta2}), eps={epsilon}",
        {"m": "exp_avg", "v": "exp_avg_sq"},
    ),
}


def make_pytorch(subject: Subject) -> bytes:
    """Return the code as UTF-8."""
    if subject.working is None:
        raise ValueError("PyTorch code needs a working")
    return pytorch_source(subject.source, subject.working).encode()


def pytorch_source(source: str, working: ExportedWorking) -> str:
    """Return a program for one working, without data and training."""
    trace = working.trace
    x, target = trace["x"], trace["target"]
    parameters = {str(name): trace[name].T for name in trace.graph.parameters}
    parts = [
        _HEAD.format(source),
        "import numpy as np\nimport torch\nimport torch.nn.functional as F\n",
    ]
    parts += [
        *filter(None, [unpacking(x, target, *parameters.values())]),
        "torch.set_default_dtype(torch.float64)",
        f"x = torch.from_numpy({array(x)})\ntarget = torch.from_numpy({array(target)})",
        _model(trace.network, trace.objective),
        f"weights = {table(parameters)}\n" + _LOADING,
        _loss(trace.objective, trace),
    ]
    parts.append(_CHECK)
    parts.append(_expectation(trace, "expected", names.gradient, ".grad"))
    if working.update is not None:
        parts.append(_step(trace, working.update))
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def _module(name: str) -> str:
    """Return the module of an activation, which may have a parameter."""
    parts = split_name(name)
    if parts is None:
        return MODULES[name]
    base, value = parts
    return f"torch.nn.{'LeakyReLU' if base == 'leaky_relu' else 'ELU'}({value!r})"


def _model(network: Network, objective: Objective) -> str:
    lines = []
    for index, (layer, (n_in, n_out)) in enumerate(
        zip(network.layers, network.shapes, strict=True), start=1
    ):
        lines.append(f"    torch.nn.Linear({n_in}, {n_out}),")
        if index == network.depth and objective.fuses(network):
            title = ACTIVATIONS[layer.activation].title
            lines.append(f"    # {title} is computed together with the cost")
        else:
            lines.append(f"    {_module(layer.activation)},")
    return "model = torch.nn.Sequential(\n" + "\n".join(lines) + "\n)"


_HEAD = """\
# PyTorch: the same weights, the same gradients.
# {}
# W is (n_out, n_in), as torch.nn.Linear keeps it; a sample is a row."""

_LOADING = """\
parameters = dict(zip(weights, model.parameters()))
with torch.no_grad():
    for name, p in parameters.items():
        p.copy_(torch.from_numpy(weights[name]))
"""

_CHECK = '''\
def check(name, ours, theirs):
    """Stop unless two arrays agree within 1e-9."""
    error = np.linalg.norm(ours.detach().numpy() - theirs)
    assert error <= 1e-9 * max(1.0, np.linalg.norm(theirs)), f"{name} differs by {error}"
'''


def _loss(objective: Objective, trace: Trace) -> str:
    loss = LOSSES[trace.graph.of_role("cost")[0].op]
    lines = ["output = model(x)", f"cost = {number(trace['cost_factor'])} * {loss}"]
    if objective.penalized:
        weights = "[p for p in model.parameters() if p.ndim == 2]"
        penalized = "model.parameters()" if objective.biases else weights
        lines += [
            f"for p in {penalized}:",
            f"    cost = cost + {number(objective.l1)} * p.abs().sum()",
            f"    cost = cost + {number(objective.l2 / 2)} * p.square().sum()",
        ]
    return "\n".join(
        [
            *lines,
            "cost.backward()",
            'print("C =", cost.item())',
            *(_printed(names.gradient(p), f'parameters["{p}"]') for p in trace.graph.parameters),
        ]
    )


def _printed(line: Name, parameter: str) -> str:
    return f'print("{line}", tuple({parameter}.shape), {parameter}.grad, sep="\\n")'


def _expectation(trace: Trace, name: str, of: Callable[[Name], Name], what: str) -> str:
    """Return source that compares the line ``of`` each parameter p with ``what`` of it in torch."""
    lines = {of(p): p for p in trace.graph.parameters if np.isfinite(trace[of(p)]).all()}
    finite = {str(line): trace[line].T for line in lines}
    checks = [
        f'check("{line}", parameters["{p}"]{what}, {name}["{line}"])' for line, p in lines.items()
    ]
    return "\n".join(
        (
            f"{unpacking(*finite.values())}{name} = {table(finite)}",
            *checks,
            f'print(f"{{len({name})}} arrays agree with the explorer within 1e-9")',
        )
    )


def _step(trace: Trace, update: Update) -> str:
    """Return source of the optimizer with its earlier state, and of one step."""
    values = trace.values()
    rate = float(values["learning_rate"])
    name, arguments, states = OPTIMIZERS[update.name]
    if update.name in ("momentum", "nesterov") and update.parameters["momentum"] == 0:
        arguments, states = "", {}
    given = {key: number(value) for key, value in update.parameters.items()}
    settings = f"lr={number(rate)}{arguments.format(**given)}"
    groups = "parameters.values()"
    rates = dict.fromkeys(trace.graph.parameters, rate)
    if update.layer_factors:
        rates = {p: float(values[names.indexed("learning_rate", p.layer or 0)]) for p in rates}
        listed = ", ".join(
            f'{{"params": parameters["{p}"], "lr": {number(each)}}}' for p, each in rates.items()
        )
        groups = f"[{listed}]"
    lines = [f"optimizer = torch.optim.{name}({groups}, {settings})"]
    if update.name == "adam" or (states and all(rates.values())):
        lines += _state(trace, update, states, rates)
    following = _expectation(trace, "following", names.updated, "")
    return "\n".join([*lines, "optimizer.step()", following])


def _state(
    trace: Trace, update: Update, states: dict[str, str], rates: dict[Name, float]
) -> list[str]:
    count = int(trace.values().get(names.UPDATE_COUNT, 1)) - 1
    lines = []
    if update.name in ("momentum", "nesterov"):
        lines.append("# PyTorch keeps the learning rate out of its buffer.")
    lines.append("for name, p in parameters.items():")
    lines.append(f'    optimizer.state[p]["step"] = torch.tensor({float(count)})')
    for ours, theirs in states.items():
        kept = {p: trace[names.state(ours, p)].T for p in trace.graph.parameters}
        if theirs == "momentum_buffer":
            kept = {p: value / rates[p] for p, value in kept.items()}
        lines.insert(0, f"{ours} = {table({str(p): value for p, value in kept.items()})}")
        lines.append(f'    optimizer.state[p]["{theirs}"] = torch.from_numpy({ours}[name])')
    return lines
