"""Finds the parameters whose gradient or update was not checked."""

from __future__ import annotations

import re

import numpy as np

from backprop_explorer.tutor.program.alignment import Alignment
from backprop_explorer.tutor.program.made_parameters import is_called_parameter
from backprop_explorer.tutor.program.steps import VIEWS, last_name, owner_of
from backprop_explorer.tutor.program.versions import versions_of

# The operations that make a running average of its last value and a gradient.
_OF_AVERAGES = VIEWS | {"", "add", "subtract", "negative", "multiply", "divide"}

_EPSILON = re.compile(r"_?eps(ilon)?_?$", re.IGNORECASE)


def not_checked(alignment: Alignment) -> list[str]:
    """Return the parameters whose gradient was not seen: those in the role of the others."""
    run = alignment.run
    known = {each.source for each in alignment.outcomes}
    right = [e for e in alignment.outcomes if e.state == "right" and not e.is_update]
    # The last of the gradients of a loop's states is that of the first state.
    states = {each.path.rpartition("[")[0] for each in alignment.of_rounds}
    roles = {
        role
        for each in alignment.outcomes
        if each.path.rpartition("[")[0] not in states
        for role in alignment.roles(each.source)
    }
    judged_of = [
        (each.is_update, run.steps[each.source].path or "")
        for each in alignment.outcomes
        if each.source is not None
    ]
    lists = {_list_of(path) for _, path in judged_of} - {""}
    owners = {owner_of(path) for is_update, path in judged_of if is_update}
    if not owners and all(owner_of(path) for _, path in judged_of):
        owners = {owner_of(path) for _, path in judged_of}
    objects = {owner_of(path.partition("[")[0]) for is_update, path in judged_of if is_update}
    found = []
    for source in run.sources:
        gradient = alignment.truth.gradients.get(source)
        if gradient is None or source in known or alignment.is_dead(gradient):
            continue
        if _EPSILON.match(last_name(run.steps[source].path or "")):
            continue
        # Of two names of one array one is a result.
        if any(e.wanted is not None and np.array_equal(e.wanted, gradient) for e in right):
            continue
        path = run.steps[source].path or ""
        beside = _list_of(path) in lists
        # A bias of the same object, which nothing updates.
        is_bias = is_called_parameter(path) and alignment.is_bias(source)
        beside |= is_bias and owner_of(path.partition("[")[0]) in objects
        # What belongs to something else is not trained with the parameters that are updated.
        if owners and not beside and owner_of(run.steps[source].path) not in owners:
            continue
        if source in alignment.targets or alignment.is_optional(source):
            continue
        if _is_input_of_ones(alignment, source):
            continue
        if beside or roles & alignment.roles(source):
            found.append(run.steps[source].path or "")
    return found


def _is_input_of_ones(alignment: Alignment, source: int) -> bool:
    """Whether an array called bias is the constant input that weights are multiplied by."""
    run, step = alignment.run, alignment.run.steps[source]
    is_one = bool((np.abs(step.value) == 1.0).all()) and "bias" in (step.path or "").lower()
    readers = [run.steps[at] for at in run.readers_through(source, VIEWS)] if is_one else []
    return bool(readers) and all(each.op in ("multiply", "matmul") for each in readers)


def updated_otherwise(alignment: Alignment) -> list[str]:
    """Return the parameters that the cost does not depend on, but what is added to them does: those
    of another cost, as of a policy beside its baseline. An average of gradients is none.
    """
    run, firsts = alignment.run, dict[int, int]()
    if alignment.fit.root.kind == "upstream":
        return []
    for at, source in sorted(versions_of(run).items()):
        firsts.setdefault(source, at)
    found = list[str]()
    for source, at in firsts.items():
        step, path = run.steps[at], run.steps[source].path
        if source in alignment.truth.gradients or path is None or step.value.size < 2:
            continue
        bit, inputs = 1 << run.sources.index(source), step.inputs[:2]
        if step.op in ("add", "subtract") and all(run.depends[each] & bit for each in inputs):
            behind = [run.steps[each] for each in run.ancestors(inputs) if run.depends[each] & bit]
            found += [path] if any(each.op not in _OF_AVERAGES for each in behind) else []
    return found


def _list_of(path: str | None) -> str:
    """Return the list of which a source is an item: "params" of "params[2]"; "" without one."""
    whole, _, key = (path or "").rpartition("[")
    return whole if key.rstrip("]").isdigit() and whole != "args" else ""
