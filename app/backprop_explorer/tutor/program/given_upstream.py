"""Gradients that a program is given, of what its forward pass computes, and that nobody told of.

``dx = dout * (1 - h**2)`` after ``h = tanh(x)`` is the gradient of the sum of dout · h.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator

import numpy as np

from backprop_explorer.tutor.program.cost_roots import SHOWS, CostRoot, Fit
from backprop_explorer.tutor.program.source import operand_of
from backprop_explorer.tutor.program.steps import Run, Step, last_name
from backprop_explorer.tutor.spellings import is_upstream

MAX_GIVEN = 3
MAX_READERS = 3
MAX_OUTPUTS = 40  # of one shape, of which the last ones are looked at


def given_upstream(
    run: Run, among: Collection[int], fit_of: Callable[[CostRoot], Fit]
) -> Fit | None:
    """Return the fit of the arrays that are called gradients and are given, each as the gradient of
    the value of its shape that explains most together with those before; None if none does.

    They are some of the steps ``among`` all.
    """
    best: Fit | None = None
    are_named = True
    for gradient in [e for e in _given(run) if e.index in among][:MAX_GIVEN]:
        seeds = {} if best is None else best.root.seeds
        name = last_name(gradient.path or gradient.name)
        given_as = name if best is None else f"{best.root.given_as}, {name}"
        value = gradient.value.astype(float)
        most = (-1.0, False, -1) if best is None else (best.given, False, best.inner)
        for at in _outputs(run, gradient):
            own = {**seeds, at: value + seeds[at] if at in seeds else value}
            fit = fit_of(CostRoot("upstream", own, given_as=given_as))
            of = last_name(run.steps[at].name)
            explained = (fit.given, bool(of) and name.endswith(of), fit.inner)
            if explained > most:
                best, most = fit, explained
        are_named &= most[1]
    # Where nothing is right, only names tell.
    is_known = best is not None and (best.given > 0 or (best.inner > 0 and are_named))
    return best if is_known else None


def _given(run: Run) -> list[Step]:
    """Return the given arrays that have the name of a gradient, and are read."""
    found, updated = list[Step](), {at for at, after in run.after.items() if at != after}
    for step in run.steps[: run.recorded]:
        is_array = not step.op and step.value.dtype.kind == "f" and step.value.size > 1
        is_array = is_array and step.index not in updated and not _is_parameter(run, step)
        if is_array and step.value.any() and any(map(is_upstream, _names_of(run, step))):
            found.append(step)
    return found


def _is_parameter(run: Run, step: Step) -> bool:
    """Whether an array is another source, or the negative of one."""
    others = (run.steps[at].value for at in run.sources if at != step.index)
    alike = (each for each in others if each.shape == step.value.shape)
    return any(np.array_equal(abs(each), abs(step.value)) for each in alike)


def _names_of(run: Run, step: Step) -> Iterator[str]:
    """Yield the name of a given array, and those that what reads it has for it."""
    readers = [run.steps[at] for at in run.readers[step.index][:MAX_READERS]]
    if readers:
        yield last_name(step.path or step.name)
    for reader in readers:
        operand = operand_of(reader.text, reader.inputs.index(step.index))
        if operand is not None:
            yield ast.unparse(operand)
        if reader.op == "getitem":
            yield reader.text.partition("[")[0]


def _outputs(run: Run, gradient: Step) -> Iterator[int]:
    """Yield the values of the shape of a gradient that are computed before it is read."""
    begin = min(run.readers_through(gradient.index, SHOWS), default=0)
    found = [
        each.index
        for each in run.steps[:begin]
        if each.op and run.moves[each.index] and each.value.shape == gradient.value.shape
        if not any(_replaces_entries(run, at, each) for at in run.readers[each.index])
    ]
    known = run.made_of(frozenset([gradient.index]))
    yield from (at for at in found[-MAX_OUTPUTS:] if not known[at])


def _replaces_entries(run: Run, at: int, whole: Step) -> bool:
    return run.steps[at].op == "setitem" and run.steps[at].inputs[0] == whole.index
