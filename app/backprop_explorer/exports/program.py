"""The NumPy program of a subject as cells: data, training, working and comparison."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from backprop_explorer.datasets.splitting import is_stratified
from backprop_explorer.engine import names
from backprop_explorer.engine.dense import dense_graph
from backprop_explorer.engine.names import Name, gradient
from backprop_explorer.engine.network import Network
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.trace import Trace, present, present_line
from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.snapshot import Snapshot
from backprop_explorer.exports.cells import Cell
from backprop_explorer.exports.functions import sources
from backprop_explorer.exports.lines import cost_factor, expression, functions_of, statement
from backprop_explorer.exports.literals import MAX_WRITTEN, assignments, number, table, unpacking
from backprop_explorer.exports.subject import ExportedWorking, Subject
from backprop_explorer.exports.training import training_cells
from backprop_explorer.proof import check_autograd
from backprop_explorer.proof.autograd_functions import HELPERS, source_of

_START = '''\
import numpy as np

np.set_printoptions(precision=6, threshold=100)


def check(name, ours, theirs, scale=0.0):
    """Stop unless two arrays agree within 1e-9 of their size (or of ``scale``, if larger)."""
    error = np.linalg.norm(np.asarray(ours) - theirs)
    size = np.linalg.norm(ours) + np.linalg.norm(theirs)
    assert error <= 1e-9 * max(size, scale), f"{name} differs by {error}"


def show(name, value):
    print(f"{name} {np.shape(value) or ''}\\n{value}\\n")
'''


def program(subject: Subject) -> list[Cell]:
    """Return all cells in the order in which they run."""
    working = subject.working
    if working is None:
        raise ValueError("a program needs a working")
    cells = [
        Cell(_title(subject, working)),
        Cell("Needs: `pip install numpy autograd scikit-learn`", _START),
    ]
    if subject.at is None:
        cells.append(_given(working))
    else:
        text, code = data_source(subject.at.initial_state)
        cells.append(Cell(f"## Data\n\n{text}", f"{code}\nprint(X.shape, Y.shape)"))
        cells += training_cells(subject.at.initial_state, subject.at.step)
        cells.append(_arrived(subject.at))
        cells.append(_start(subject.at, working))
    cells += _lines(working)
    cells.append(_compared(working.trace, working))
    cells.append(_proof(working))
    return cells


def _title(subject: Subject, working: ExportedWorking) -> str:
    convention = working.notation.convention.title
    return f"# Backpropagation, line by line\n\n{subject.source}\n\nConvention: {convention}."


def _given(working: ExportedWorking) -> Cell:
    """Return the given numbers of a working without an experiment."""
    trace = working.trace
    axes, show = trace.graph.axes, working.notation.show
    values = {name: show(value, axes[name]) for name, value in trace.givens.items()}
    functions = sources(functions_of(trace.network, trace.objective))
    return Cell(
        "Given: the sample, the target and the weights.",
        f"{unpacking(*values.values())}{functions}\n\n{assignments(values)}",
    )


def _arrived(at: Snapshot) -> Cell:
    expected = at.parameters.named()
    return Cell(
        f"The explorer's parameters at step {at.step}. If this check fails in an unchanged "
        "program: processors round differently, and long training can amplify the difference.",
        f"arrived = {table(expected)}\n"
        "for name, value in arrived.items():\n"
        "    check(name, parameters[name], value, scale=1.0)",
    )


def _start(at: Snapshot, working: ExportedWorking) -> Cell:
    """Select the sample, and assign the names that the lines of the working read."""
    trace, notation = working.trace, working.notation
    parameters = at.parameters.named()
    lines = []
    if working.sample is None:
        lines += [f"rows = batch({at.step})", "x, target = X[rows], Y[rows]"]
        what = "the batch that the next update uses"
    else:
        lines.append(f"x, target = X[{working.sample}], Y[{working.sample}]")
        what = f"training sample {working.sample}"
    lines.append(f"{', '.join(parameters)} = parameters.values()")
    axes = trace.graph.axes
    turns = {name: ".T" if notation.orientation(axes[name]).turns else "" for name in parameters}
    if any(turns.values()):
        lines.append("# From here on W is (n_out, n_in).")
        lines += [f"{name} = {name}{turn}" for name, turn in turns.items() if turn]
    lines.append(f"cost_factor = {cost_factor(trace.objective, notation.single)}")
    if trace.objective.penalized:
        lines.append(f"l1, l2 = {number(trace.objective.l1)}, {number(trace.objective.l2)}")
    update = working.update
    if update is not None:
        for state in update.optimizer.state:
            for name, turn in turns.items():
                line = names.state(state, names.named(name))
                lines.append(f'{line} = state["{state}"]["{name}"]{turn}')
        if update.optimizer.counts:
            lines.append(f"{names.UPDATE_COUNT} = count + 1")
        if update.layer_factors:
            layers = range(1, len(update.layer_factors) + 1)
            factors = [names.indexed("layer_factor", layer) for layer in layers]
            lines.append(f"{', '.join(factors)}, = layer_factors")
        if update.schedule != "constant":
            lines.append(f"step = {at.step}")
    return Cell(f"## The working at step {at.step}\n\nOf {what}.", "\n".join(lines))


_PHASES = {
    "forward": "## Forward",
    "cost": "## Cost",
    "backward": "## Backward",
    "update": "## Update",
}


def _lines(working: ExportedWorking) -> list[Cell]:
    """Return one cell per line, with its formula and an explanation."""
    cells: list[Cell] = []
    phase = ""
    for line in working.trace.lines:
        shown = present_line(line, working.notation)
        head = "" if line.node.role == phase else f"{_PHASES[line.node.role]}\n\n"
        phase = line.node.role
        code = statement(line.node, working.notation)
        cells.append(
            Cell(
                head + shown["text"],
                f'{code}\nshow("{line.node.id}", {line.node.id})',
                shown["formula"],
            )
        )
    return cells


def _compared(trace: Trace, working: ExportedWorking) -> Cell:
    """Compare the results with the explorer's numbers."""
    _, lines = present(trace, working.notation)
    values = {line["id"]: line["value"] for line in lines if np.isfinite(line["value"]).all()}
    if sum(np.size(value) for value in values.values()) > MAX_WRITTEN:
        kept = ("C", "C_data", "updated")
        values = {
            name: value
            for name, value in values.items()
            if name.quantity in kept or name.gradient_of in ("W", "b")
        }
    return Cell(
        "## The same numbers as in the explorer",
        f"{unpacking(*values.values())}expected = {table(values)}\n"
        "for name, value in expected.items():\n"
        "    check(name, globals()[name], value, scale=1.0)\n"
        'print(f"{len(expected)} lines agree with the explorer within 1e-9")',
    )


def _proof(working: ExportedWorking) -> Cell:
    trace = working.trace
    verdict = check_autograd(trace.graph, trace.values(), names.COST).by_line
    compared: list[Name] = []
    hidden: list[Name] = []
    for name in trace.graph.parameters:
        found = verdict[names.gradient(name)]
        # NaN compares false, so it counts as not resolved.
        resolved = not isinstance(found, str) and found < 1e-9
        (compared if resolved else hidden).append(name)
    text = (
        "## The proof\n\nautograd differentiates a second, independent implementation of the cost."
    )
    if hidden:
        text += f"\nIn float64 it cannot resolve the gradients of {', '.join(hidden)}."
    return Cell(text, autograd_source(trace.network, trace.objective, working.notation, compared))


def autograd_source(
    network: Network, objective: Objective, notation: Notation, compared: Iterable[Name]
) -> str:
    """Return source of ``cost_of`` and of a check of the gradients of ``compared``."""
    graph = dense_graph(network, objective)
    parameters = [str(name) for name in graph.parameters]
    lines: list[str] = []
    for node in graph.of_role("forward"):
        source = source_of(node.op)
        value = source.format(z=node.inputs[0]) if source else expression(node, notation)
        lines.append(f"{node.id} = {value}")
    first = graph.of_role("cost")[0]
    prediction, target, _ = first.inputs
    loss = str(source_of(first.op)).format(a=prediction, y=target)
    cost = f"cost_factor * anp.sum({loss})"
    if objective.penalized:
        lines.append(f"cost = {cost}")
        for p in parameters if objective.biases else parameters[::2]:
            penalty = f"l1 * anp.sum(anp.abs({p})) + l2 / 2 * anp.sum({p} * {p})"
            lines.append(f"cost = cost + {penalty}")
        lines.append("return cost")
    else:
        lines.append(f"return {cost}")
    body = "\n".join(f"    {line}" for line in lines)
    helpers = [source for name, source in HELPERS.items() if name in body]
    definition = f"def cost_of({', '.join(parameters)}):\n{body}\n"
    checks = [
        f"gradients_of = grad(cost_of, argnum=tuple(range({len(parameters)})))",
        'with np.errstate(all="ignore"):',
        f"    oracle = gradients_of({', '.join(parameters)})",
        f"oracle = dict(zip({parameters!r}, oracle))",
        *(f'check("{gradient(p)}", {gradient(p)}, oracle["{p}"])' for p in compared),
        'print("autograd finds the same gradients")',
    ]
    return "\n\n".join(
        [
            "import autograd.numpy as anp\nfrom autograd import grad\n",
            *helpers,
            definition,
            "\n".join(checks),
        ]
    )


def data_source(initial_state: InitialState) -> tuple[str, str]:
    """Return (a sentence, source that defines X (N, inputs) and Y (N, outputs)).

    X and Y are the training part before any edit.
    """
    part = initial_state.recipe.dataset
    dataset = initial_state.dataset
    if not dataset.source:
        X, Y = initial_state.train
        return (
            "The training data as the network sees it"
            + (", standardised." if part.standardize else "."),
            unpacking(X, Y) + assignments({"X": X, "Y": Y}),
        )
    parts = [dataset.lines(part.seed, part.parameters), _splitting(initial_state)]
    if part.standardize:
        parts.append(_standardising(initial_state))
    else:
        parts.append("X = features[train]")
    parts.append(_target(initial_state))
    return (
        "The data, made as the explorer makes it: same generator, same seed, same split"
        + (", standardised by the training part alone." if part.standardize else "."),
        _imports_first("\n".join(parts)),
    )


def _imports_first(source: str) -> str:
    lines = [line for line in source.splitlines() if line]
    imports = [line for line in lines if line.startswith("from ")]
    return "\n".join([*imports, "", *(line for line in lines if line not in imports)])


def _splitting(initial_state: InitialState) -> str:
    seed, tests = initial_state.recipe.dataset.seed, len(initial_state.split.test_rows)
    if not tests:
        return "train = np.arange(len(labels))"
    stratify = ", stratify=labels" if is_stratified(initial_state.table, tests) else ""
    return (
        "from sklearn.model_selection import train_test_split\n\n"
        f"train, test = train_test_split(np.arange(len(labels)), test_size={tests},\n"
        f"    train_size=len(labels) - {tests}, random_state={seed}{stratify})"
    )


def _standardising(initial_state: InitialState) -> str:
    lines = ["mean, scale = features[train].mean(axis=0), features[train].std(axis=0)"]
    raw = initial_state.table.features[initial_state.split.train_rows]
    if (raw == raw[0]).all(axis=0).any():
        lines += [
            "# A column of equal numbers becomes 0.",
            "constant = (features[train] == features[train][0]).all(axis=0)",
            "mean = np.where(constant, features[train][0], mean)",
            "scale = np.where(constant, 1.0, scale)",
        ]
    return "\n".join([*lines, "X = (features[train] - mean) / scale"])


def _target(initial_state: InitialState) -> str:
    if initial_state.classes and initial_state.network.outputs > 1:
        return f"Y = np.eye({initial_state.network.outputs})[labels[train]]"
    if not initial_state.classes and initial_state.recipe.dataset.standardize:
        return (
            "mean, scale = labels[train].mean(), labels[train].std()\n"
            "Y = ((labels[train] - mean) / scale)[:, None]"
        )
    return "Y = labels[train].astype(float)[:, None]"
