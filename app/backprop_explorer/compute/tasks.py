"""The tasks: functions with plain arguments that return an encoded answer.

A task is short: training stops after a slice of time with the error NotReached; running the task
again continues. Tasks use the process's ``STATE`` and raise the errors of
``backprop_explorer.engine.errors``.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from backprop_explorer.compute.check_requests import CheckRequest, PasteRequest
from backprop_explorer.compute.encoding import Reply, dumps, json_reply, picked, typed_frame
from backprop_explorer.compute.formulas import Formulas
from backprop_explorer.compute.inferred_answers import inferred_answer
from backprop_explorer.compute.inferred_requests import InferredCheckRequest
from backprop_explorer.compute.task_options import HistoryPart, SliceOptions, TraceOptions
from backprop_explorer.compute.trace_answer import trace_answer
from backprop_explorer.compute.trace_requests import TraceRequest
from backprop_explorer.compute.worker_process import HURRIED, OTHERS_WAIT, STATE
from backprop_explorer.datasets import Rows
from backprop_explorer.datasets.column_selection import Role, Task, select_columns, wanted_roles
from backprop_explorer.datasets.csv_table import CsvLimits, CsvTable, decode, read_csv, read_head
from backprop_explorer.engine.errors import InvalidInput, LimitExceeded, NotReached
from backprop_explorer.engine.names import OF_W
from backprop_explorer.engine.notation import Notation
from backprop_explorer.experiments.frame_parts import Wanted
from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.recipe_data import MAX_POINT_COLUMNS
from backprop_explorer.experiments.shares import shares as shares_of
from backprop_explorer.experiments.slices import gradient_slice, plane_slice, weights_slice
from backprop_explorer.experiments.sweeps import Sweep
from backprop_explorer.limits import Limits
from backprop_explorer.texts import compute as texts

MAX_HISTORY_POINTS = 10_000
# A task returns its part of a history when the part has this size.
HISTORY_PART_BYTES = 64 * 1024
# A map keeps all workers busy. With short slices, while others wait, each has its turn soon; alone,
# a map would take a tenth longer with them.
SLICE_SECONDS, SHORT_SLICE_SECONDS = 0.05, 0.01
PREVIEW_ROWS = 10
MAX_CELL = 60


# Traces of given numbers


def trace(request: TraceRequest, arrays: str, formulas: Formulas) -> Reply:
    """Every line of the backpropagation of given numbers."""
    problem = request.problem(STATE.get().limits)
    answer = trace_answer(problem.trace, problem.notation, verify=request.verify, formulas=formulas)
    return json_reply(answer, arrays)


def check(request: CheckRequest) -> Reply:
    """Mark submitted lines."""
    return json_reply(request.result(STATE.get().limits).as_dict())


def check_inferred(request: InferredCheckRequest) -> Reply:
    """Find settings and lines of submitted numbers, and mark them."""
    return json_reply(inferred_answer(request, STATE.get().limits))


def parse(request: PasteRequest) -> Reply:
    """Read the arrays in a printed text."""
    return json_reply(request.answer())


# Data


def upload(
    content: bytes | str,
    target: str | None,
    features: list[str] | None,
    task: Task | None,
    header: bool | None,
    leave_out: bool,
) -> Reply:
    """Read a table from CSV, choose target and features, and store its rows."""
    state = STATE.get()
    limits = state.limits
    text = decode(content) if isinstance(content, bytes) else content
    most = CsvLimits(limits.max_samples, limits.max_columns, limits.max_cells)
    try:
        table = read_csv(text, most, header)
        chosen = select_columns(table, target, features, task, leave_out=leave_out)
    except InvalidInput as error:
        if head := read_head(text, PREVIEW_ROWS, header):
            error.more["table"] = _shown(head, wanted_roles(head, target, features))
        raise
    rows = chosen.rows
    name = state.explorer.store.put_rows(rows)
    answer = {
        "id": name,
        **_shown(table, chosen.roles),
        "task": "classification" if rows.classes else "regression",
        "classes": rows.classes,
        "rows": len(rows.x),
        "left_out": chosen.left_out,
        **picked(table, "delimiter"),
        "dataset": {"name": "uploaded", "id": name},
        "points": _points(rows, limits),
    }
    return json_reply(answer, status=201)


def _shown(table: CsvTable, roles: list[Role]) -> dict[str, Any]:
    """The columns and the first rows."""
    rows = zip(*(column[:PREVIEW_ROWS] for column in table.columns), strict=True)
    return {
        "columns": [
            {"name": name, "kind": "number" if numeric else "text", "role": role}
            for name, numeric, role in zip(table.names, table.numbers, roles, strict=True)
        ],
        "preview": [[cell[:MAX_CELL] for cell in row] for row in rows],
        "preview_rows": table.row_numbers[:PREVIEW_ROWS],
        "header": table.header,
    }


def _points(rows: Rows, limits: Limits) -> dict[str, Any] | None:
    """The rows as the data set "points" of a recipe; None if there are too many."""
    if len(rows.x) > limits.max_points or len(rows.features) > MAX_POINT_COLUMNS:
        return None
    return {"name": "points", **picked(rows, "x", "target", "classes", "features")}


# Experiments


def create(recipe: Recipe) -> Reply:
    """Check a recipe and store it."""
    initial_state = STATE.get().explorer.create(recipe)
    location = ("Location", f"/api/v1/experiments/{recipe.id}")
    return Reply(dumps(_experiment(initial_state)), 201, headers=(location,))


def read(name: str) -> Reply:
    """The same answer as ``create`` gave."""
    return json_reply(_experiment(STATE.get().explorer.initial_state(name)))


def _experiment(initial_state: InitialState) -> Mapping[str, Any]:
    return {
        "id": initial_state.recipe.id,
        "experiment": initial_state.recipe.model_dump(mode="json"),
        "parameters": initial_state.network.parameter_count,
        "steps_per_epoch": initial_state.steps_per_epoch,
        "warnings": initial_state.warnings(),
    }


def data(name: str, step: int | None, arrays: str) -> Reply:
    """The training and test sets, scaled as the network sees them."""
    initial_state = STATE.get().explorer.initial_state(name)
    split, table = initial_state.split, initial_state.table
    x, target = (
        (split.train_x, split.train_target) if step is None else initial_state.raw_train_at(step)
    )
    answer = {
        "task": initial_state.dataset.task,
        "features": list(table.feature_names),
        "classes": list(table.class_names),
        "target_name": table.target_name,
        "image_shape": table.image_shape,
        "train": {"x": x, "target": target, "rows": split.train_rows},
        "test": {"x": split.test_x, "target": split.test_target, "rows": split.test_rows},
        **picked(split, "feature_mean", "feature_scale", "target_mean", "target_scale"),
    }
    return json_reply(answer, arrays)


def frame(name: str, step: int, wanted: Wanted, convention: str, arrays: str) -> Reply:
    """A frame: the experiment at a step. W is shown as ``convention`` says."""
    frame = STATE.get().explorer.frame(name, step, wanted)
    return Reply(dumps(_written_frame(frame, convention, arrays)))


def _written_frame(frame: dict[str, Any], convention: str, arrays: str) -> dict[str, Any]:
    notation = Notation.of(convention, single=False, reduction="mean")
    for layer in frame["layers"]:
        layer |= {each: notation.show(layer[each], "ij") for each in ("W", OF_W) if each in layer}
    return typed_frame(frame) if arrays == "base64" else frame


def frame_trace(name: str, step: int, sample: int | None, options: TraceOptions) -> Reply:
    """The trace at a step, with the update that leads to the next step."""
    return json_reply(_trace_at(name, step, sample, options), options.arrays)


def _trace_at(name: str, step: int, sample: int | None, options: TraceOptions) -> dict[str, Any]:
    explorer = STATE.get().explorer
    reduced = options.reduction or explorer.initial_state(name).objective.reduction
    notation = Notation.of(options.convention, single=sample is not None, reduction=reduced)
    trace, at, rows = explorer.trace(
        name,
        step,
        sample,
        jacobians=options.jacobians,
        fused=options.fused,
        reduction=options.reduction,
    )
    answer = trace_answer(
        trace, notation, verify=options.verify, extent=options.extent, formulas=options.formulas
    )
    return {"step": at, "rows": rows, **answer}


def steps(
    name: str, at: range, wanted: Wanted, once: frozenset[str], options: TraceOptions
) -> Reply:
    """Frame and trace of each step of ``at``, as many as one slice of time allows, at least one.

    The frame of the first has the parts ``once`` too. W of the frames is (n_in, n_out).
    """
    explorer = STATE.get().explorer
    deadline = time.perf_counter() + explorer.limits.frame_budget_seconds
    explorer.check_step(at.start, "first")
    answers: list[dict[str, Any]] = []
    for step in at:
        if step > explorer.limits.max_steps:
            break
        parts = wanted.parts if answers else wanted.parts | once
        try:
            frame = explorer.frame(name, step, replace(wanted, parts=parts))
        except NotReached:
            if not answers:
                raise
            break
        trace = _trace_at(name, frame["step"], wanted.sample, options)
        answers.append({"frame": _written_frame(frame, "row", options.arrays), "trace": trace})
        if frame["diverged"] or time.perf_counter() >= deadline or HURRIED.get():
            break
    return Reply(dumps({"steps": answers}))


def history(name: str, every: int, until: int, first: int) -> HistoryPart:
    """Points at every ``every``-th step from ``first`` on, as many as one slice of time allows."""
    explorer = STATE.get().explorer
    deadline = time.perf_counter() + explorer.limits.frame_budget_seconds
    explorer.check_step(until, "until")
    explorer.initial_state(name)  # an unknown experiment is told before too many points
    points = until // every + 1
    if points > MAX_HISTORY_POINTS:
        raise LimitExceeded("every", texts.POINTS, MAX_HISTORY_POINTS, points)
    lines = bytearray()
    step = first
    while step <= until:
        try:
            point = explorer.point(name, step)
        except NotReached:
            break
        lines += dumps(point) + b"\n"
        if "diverged" in point:
            return HistoryPart(bytes(lines), None)
        step += every
        if time.perf_counter() >= deadline or len(lines) >= HISTORY_PART_BYTES:
            break
    return HistoryPart(bytes(lines), step if step <= until else None)


def cost_slice(name: str, step: int, options: SliceOptions, arrays: str) -> Reply:
    """The cost along the gradient or over a plane, around the parameters at a step."""
    explorer = STATE.get().explorer
    at = explorer.snapshot(name, step)
    kind, points, span, a, b, second, seed = options
    most = explorer.limits.max_grid
    if kind == "gradient":
        answer = gradient_slice(at, points, span)
    elif kind == "plane":
        answer = plane_slice(at, points, span, second, seed, most)
    else:
        answer = weights_slice(at, points, span, a, b, most)
    return json_reply(answer, arrays)


def shares(
    name: str,
    step: int,
    layer: int,
    entry: str | None,
    full: bool,
    reduction: str | None,
    arrays: str,
) -> Reply:
    """Each sample's share of a gradient."""
    at = STATE.get().explorer.snapshot(name, step)
    return json_reply(shares_of(at, layer, entry, full, reduction), arrays)


# Sweeps


def create_sweep(sweep: Sweep) -> Reply:
    """Check a sweep and store it."""
    name = STATE.get().explorer.sweeps.create(sweep)
    return Reply(dumps(sweep.summary()), 201, headers=(("Location", f"/api/v1/sweeps/{name}"),))


def advance_sweep(name: str, client: str, worker: int, workers: int) -> bool:
    """Compute cells for one slice of time; True when all are there."""
    sweeps = STATE.get().explorer.sweeps
    seconds = SHORT_SLICE_SECONDS if OTHERS_WAIT.get() else SLICE_SECONDS
    return sweeps.advance(name, worker, workers, client=client, seconds=seconds)


def sweep_map(name: str, arrays: str) -> Reply:
    """The cells that are there: status 200 if they are all, else 202."""
    found_map = STATE.get().explorer.sweeps.map(name)
    done = found_map.reached == found_map.target
    content = {
        **(found_map.sweep.summary() if done else {}),
        **picked(found_map, "reached", "target", "values", "spread", "diverged"),
    }
    return json_reply(content, arrays, 200 if done else 202)


def sweep_cell(name: str, row: int, column: int, repeat: int) -> Reply:
    """The experiment of a cell."""
    recipe = STATE.get().explorer.sweeps.recipe(name, row, column, repeat)
    return json_reply({"id": recipe.id, "experiment": recipe.model_dump(mode="json")})
