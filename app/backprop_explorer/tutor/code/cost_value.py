"""Find a wrong cost in a program whose gradients are right.

A program may compute numbers beside its gradients that are no cost, such as the accuracy, or the
cost without a factor. A number counts as a wrong cost only if one mistake of the catalog gives it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backprop_explorer.tutor.checker.reference import ReferenceWorking
from backprop_explorer.tutor.code.explanations import Explainer, Explanation
from backprop_explorer.tutor.code.observed import Observed
from backprop_explorer.tutor.code.recorder import RETURN
from backprop_explorer.tutor.code.results import Result

_COST_NAME = re.compile(
    r"cost|loss|error_total|kost|coste?$|custo|perte|p[eé]rdida|verlust|tap$|strata|^[JC]$",
    re.IGNORECASE,
)
_PART_NAME = re.compile(r"data|mse|nll|acc|part|sum_|_sum|batch|sample", re.IGNORECASE)
# A cost with a small number inside its logarithm is right.
EPSILON = 1e-4


def wrong_cost(observed: Observed) -> tuple[Explanation, tuple[Result, ...]] | None:
    """Return the mistake in the cost and the results with this cost; None if there is none."""
    right = float(observed.values["C"])
    numbers = [float(v.flat[0]) for v in observed.recording.values if v.size == 1]
    if any(abs(each - right) <= EPSILON * abs(right) for each in numbers):
        return None
    taken = [result.value for result in observed.results if result.line != "C_data"]
    for path, key, returned in _candidates(observed):
        value = observed.recording.values[key]
        if any(each is value for each in taken):
            continue
        results = (*observed.results, Result(path, value, "C"))
        for trace in observed.traces:
            for each in Explainer(observed, ReferenceWorking(trace), results).single():
                if _is_of_cost(each, returned=returned):
                    return each, results
    return None


def _candidates(observed: Observed) -> Iterator[tuple[str, int, bool]]:
    """Yield (path, key, whether a function hands it back) of the numbers that may be the cost."""
    recording = observed.recording
    numbers = [each for each in recording.bindings if recording.values[each.key].ndim == 0]
    for each in numbers:
        if each.path.startswith(RETURN) and each.visit.frame is recording.frames[0]:
            yield each.path, each.key, True
    for each in numbers:
        names = re.findall(r"[^\W\d]\w*", each.path)
        name = names[-1] if names else ""
        if each.path == RETURN:
            code = each.visit.frame.code
            name = getattr(code, "co_qualname", code.co_name)
        if _COST_NAME.search(name) and not _PART_NAME.search(name):
            yield each.path, each.key, each.path == RETURN


def _is_of_cost(explanation: Explanation, *, returned: bool) -> bool:
    (mistake, *more) = explanation.mistakes
    if more or not explanation.complete:
        return False
    if not mistake.lines <= {"C", "C_data"}:
        # The gradients of some costs do not show a mistake of the forward pass.
        return returned and explanation.forward
    return returned or mistake.name != "cost_scale"
