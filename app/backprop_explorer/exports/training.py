"""Source of the training up to a step: batches, gradients, updates and edits."""

from __future__ import annotations

from backprop_explorer.engine import names
from backprop_explorer.engine.dense import dense_graph
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.network import Network
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.updates import Update
from backprop_explorer.experiments.data_edits import DataWrite
from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.segments import Segment
from backprop_explorer.exports.cells import Cell
from backprop_explorer.exports.functions import sources
from backprop_explorer.exports.lines import (
    SCHEDULES,
    cost_factor,
    expression,
    functions_of,
    of_entries,
)
from backprop_explorer.exports.literals import number, table, unpacking


def training_cells(initial_state: InitialState, step: int) -> list[Cell]:
    """Return cells that compute ``parameters``, ``state`` and ``count`` on arrival at ``step``.

    They need X and Y. W is (n_in, n_out), whatever the convention of the working.
    """
    segments = [segment for segment in initial_state.segments if segment.start <= step]
    initial = initial_state.parameters.named()
    cells = [
        Cell(
            "The first weights, as drawn: W is (n_in, n_out).",
            f"{unpacking(*initial.values())}parameters = {table(initial)}",
        ),
        _batches(initial_state),
    ]
    before: Segment | None = None
    ends = [segment.start for segment in segments[1:]] + [step]
    for segment, end in zip(segments, ends, strict=True):
        cells += _segment_cells(initial_state, before, segment)
        if before is None:
            cells.append(_loop())
        if end > segment.start:
            cells.append(Cell("", f"train({segment.start}, {end})"))
        before = segment
    return cells


def _batches(initial_state: InitialState) -> Cell:
    batch = initial_state.recipe.batch
    order = (
        f"np.random.default_rng([{batch.seed}, epoch]).permutation(len(X))"
        if batch.shuffle
        else "np.arange(len(X))"
    )
    return Cell(
        "The batches: each epoch has its own order, which depends on the seed.",
        f"""\
BATCH_SIZE = {initial_state.batch_size}
STEPS_PER_EPOCH = {initial_state.steps_per_epoch}


def batch(step):
    \"\"\"The training samples that the update of ``step`` uses.\"\"\"
    epoch, index = divmod(step, STEPS_PER_EPOCH)
    order = {order}
    return order[index * BATCH_SIZE : (index + 1) * BATCH_SIZE]
""",
    )


def _loop() -> Cell:
    return Cell(
        "Training: one update after the other.",
        """\
def train(start, stop):
    global count
    for step in range(start, stop):
        rows = batch(step)
        count += 1
        update(gradients(X[rows], Y[rows]), step, count)
""",
    )


def _segment_cells(
    initial_state: InitialState, before: Segment | None, segment: Segment
) -> list[Cell]:
    """Return what an edit changes, or everything at the start."""
    objective = initial_state.objective
    cells: list[Cell] = []
    when = f"Edit at step {segment.start}: " if before else ""
    if before is None or before.network != segment.network:
        what = "other activations." if before else "Backpropagation of a batch: rows are samples."
        code = f"{sources(functions_of(segment.network, objective))}\n\n"
        cells.append(Cell(when + what, code + gradients_source(segment.network, objective)))
    if before is None or segment.fresh:
        title = segment.update.optimizer.title
        what = f"{title} from here on." if before else f"The update: {title}."
        cells.append(Cell(when + what, update_source(segment.update)))
    elif before.update.learning_rate != segment.update.learning_rate:
        cells.append(Cell(f"{when}the learning rate.", _rate(segment.update)))
    if segment.writes:
        lines = [
            f'parameters["{name}"][{_index(segment.network, name, at)}] = {number(value)}'
            for name, at, value in segment.writes
        ]
        cells.append(Cell(f"Edit at step {segment.start}: single parameters.", "\n".join(lines)))
    if segment.data:
        lines = [_row(initial_state, write) for write in segment.data]
        what = "single values of the training data, as the network sees them."
        cells.append(Cell(f"Edit at step {segment.start}: {what}", "\n".join(lines)))
    return cells


def _row(initial_state: InitialState, write: DataWrite) -> str:
    """Return ``X[3, 0] = …``, or the target of a row; a class as the network's output entries."""
    if write.column is not None:
        array = "X" if write.of == "x" else "Y"
        return f"{array}[{write.row}, {write.column}] = {number(write.value)}"
    if initial_state.classes and initial_state.network.outputs > 1:
        return f"Y[{write.row}] = np.eye({initial_state.network.outputs})[{int(write.value)}]"
    return f"Y[{write.row}] = {number(write.value)}"


def _index(network: Network, name: Name, at: int) -> str:
    if name.quantity == "b":
        return str(at)
    n_out = network.shapes[(name.number or 0) - 1][1]
    return "{}, {}".format(*divmod(at, n_out))


def gradients_source(network: Network, objective: Objective) -> str:
    """Return source of ``def gradients(x, target)``, in rows, with the explorer's lines."""
    notation = Notation.of("row", single=False, reduction=objective.reduction)
    graph = dense_graph(network, objective)
    numbers = [f"cost_factor = {cost_factor(objective, single=False)}"]
    if objective.penalized:
        numbers += [f"l1, l2 = {number(objective.l1)}, {number(objective.l2)}"]
    lines = [
        f"{', '.join(graph.parameters)} = parameters.values()",
        *numbers,
        *(
            f"{node.id} = {expression(node, notation)}"
            for node in graph.of_role("forward", "backward")
        ),
        "return {"
        + ", ".join(f'"{name}": {names.gradient(name)}' for name in graph.parameters)
        + "}",
    ]
    body = "\n".join(f"    {line}" for line in lines)
    return f"def gradients(x, target):\n{body}\n"


def _rate(update: Update) -> str:
    name = "learning_rate" if update.schedule == "constant" else "base_learning_rate"
    return f"{name} = {number(update.learning_rate)}"


def update_source(update: Update) -> str:
    """Return source of an optimizer's numbers, state and ``def update(gradient, step, count)``."""
    numbers = [_rate(update)]
    numbers += [f"{name} = {number(value)}" for name, value in update.parameters.items()]
    body: list[str] = []
    if update.schedule != "constant":
        numbers += [f"{k} = {number(v)}" for k, v in update.schedule_parameters.items()]
        read = (names.BASE_LEARNING_RATE, names.STEP, *update.schedule_parameters)
        body.append(f"    learning_rate = {SCHEDULES[update.schedule].format(*read)}")
    rate = "learning_rate"
    body.append("    for name, p in parameters.items():")
    body.append("        g = gradient[name]")
    if update.layer_factors:
        listed = ", ".join(number(each) for each in update.layer_factors)
        numbers.append(f"layer_factors = [{listed}]")
        rate = "layer_rate"
        body.append(f"        {rate} = learning_rate * layer_factors[int(name[1:]) - 1]")
    p = names.single("p")
    known: dict[str, str] = {p: "p", names.gradient(p): "g", names.UPDATE_COUNT: "count"}
    known[names.LEARNING_RATE] = rate
    known |= {names.state(each, p): f'state["{each}"][name]' for each in update.optimizer.state}
    for step in update.optimizer.steps:
        right = of_entries(step.op).format(*(known.get(name, name) for name in step.inputs_of(p)))
        name = step.name(p)
        if name == names.updated(p):
            left = "parameters[name]"
        elif step.carries is not None:
            known[name] = f"{step.carries}_new"
            left = f'{known[name]} = state["{step.carries}"][name]'
        else:
            left = known[name] = name.quantity
        body.append(f"        {left} = {right}")
    zeros = "{k: np.zeros_like(p) for k, p in parameters.items()}"
    state = "".join(f'    "{name}": {zeros},\n' for name in update.optimizer.state)
    return "\n".join(
        [
            *numbers,
            f"state = {{\n{state}}}" if state else "state = {}",
            "count = 0  # updates that this optimizer has made",
            "",
            "",
            "def update(gradient, step, count):",
            *body,
        ]
    )
