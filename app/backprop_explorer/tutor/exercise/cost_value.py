"""Find a wrong cost in a program whose gradients are right.

A program may compute numbers beside its gradients that are no cost, such as the accuracy, or the
cost without a factor. A number counts as a wrong cost only if one mistake of the catalog gives it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backprop_explorer.tutor.checker.reference import ReferenceWorking
from backprop_explorer.tutor.exercise.explanations import Explainer, Explanation
from backprop_explorer.tutor.exercise.observed import Observed, Result
from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.program.source import class_of

_COST_NAME = re.compile(
    r"cost|loss|error_total|kost|coste?$|custo|perte|p[eé]rdida|verlust|tap$|strata|^[JC]$",
    re.IGNORECASE,
)
_PART_NAME = re.compile(r"data|mse|nll|acc|part|sum_|_sum|batch|sample", re.IGNORECASE)
# A cost with a small number inside its logarithm is right.
EPSILON = 1e-4


def wrong_cost(observed: Observed) -> tuple[Explanation, tuple[Result, ...]] | None:
    """Return the mistake in the cost and the results with this cost; None if there is none."""
    right = float(observed.lines["C"])
    numbers = [
        float(value.flat[0])
        for key, value in enumerate(observed.values)
        if observed.made[key] and value.size == 1 and not _is_part(observed, key)
    ]
    if any(abs(each - right) <= EPSILON * abs(right) for each in numbers):
        return None
    taken = {result.index for result in observed.results if result.line != "C_data"}
    for path, index, returned in _candidates(observed):
        if index in taken:
            continue
        results = (*observed.results, Result(path, observed.values[index], "C", index))
        for trace in observed.traces:
            for each in Explainer(observed, ReferenceWorking(trace), results).single():
                if _is_of_cost(each, returned=returned):
                    return each, results
    return None


def _is_part(observed: Observed, key: int) -> bool:
    """Whether a number is only read by a number that the same line computes of it."""
    run = observed.run
    step, readers = run.steps[key], [run.steps[at] for at in run.readers[key]]
    return bool(readers and not step.name and not step.returned) and all(
        each.value.size == 1 and each.line == step.line for each in readers
    )


def _candidates(observed: Observed) -> Iterator[tuple[str, int, bool]]:
    """Yield (path, step, whether a function hands it back) of the numbers that may be the cost."""
    run = observed.run
    for each in run.returned:
        if observed.values[each.index].ndim == 0:
            yield each.path, each.index, True
    for step in run.steps:
        if not step.op or step.value.ndim or step.value.dtype.kind != "f":
            continue
        found = [(step.name.rpartition(".")[2], False)]
        frames = step.frames[:1] if step.returned else ()
        found += [(f"{class_of(frame)}.{frame.function}", True) for frame in frames]
        for name, returned in found:
            if name and _COST_NAME.search(name) and not _PART_NAME.search(name):
                yield name, step.index, returned


def _is_of_cost(explanation: Explanation, *, returned: bool) -> bool:
    (mistake, *more) = explanation.variant.mistakes
    if more or not explanation.complete:
        return False
    if not mistake.lines <= {"C", "C_data"}:
        return returned  # the gradients of some costs do not show a mistake of the forward pass
    return returned or mistake.name != ids.COST_SCALE
