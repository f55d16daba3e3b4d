"""A program checked as an exercise: the working of the givens, and its own gradient.

The working says whether the forward pass is that of the exercise, and names mistakes of its
lines. The program's own gradient decides about the way back and the updates: where the working
knows nothing of the program, and where the two differ.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.texts import tutor_code
from backprop_explorer.tutor.code.result import CodeResult
from backprop_explorer.tutor.program.recording import ProgramCall
from backprop_explorer.tutor.program.report import check_recorded

# Mistakes for which the working takes another convention, such as parameters without biases.
_CONVENTIONS = frozenset(
    {"bias_gradient_not_summed", "cost_gradient_sign", "gradient_ascent", "cost_gradient_scale"}
    | {"batch_scale", "weight_gradient_not_summed"}
)
_STOPPED = tutor_code.stopped("").partition(";")[0].rstrip()
_OTHER_NUMBERS = tutor_code.other_numbers("").partition(":")[0]
# What a cost or reduction that was told decides.
_TOLD = {
    "cost": {"wrong_cost", "dC_dz_used_as_dC_da", "output_derivative_twice"},
    "reduction": {"cost_gradient_scale", "batch_scale", "weight_gradient_not_summed"},
    "l1": {"penalty_gradient_missing", "penalty_gradient_scale", "penalty_on_bias"},
    "l2": {"penalty_gradient_missing", "penalty_gradient_scale", "penalty_on_bias"},
    "learning_rate": {"learning_rate_missing", "cost_gradient_scale", "batch_scale"},
}


def joined(
    working: CodeResult, program: ProgramCall, told: Set[str], cost: str, *, answers: bool = False
) -> CodeResult:
    """Return the result of both checks. ``told``: the options that the caller gave."""
    stopped = (working.summary, *working.notes)
    if working.error is not None or any(each.startswith(_STOPPED) for each in stopped):
        return working
    try:
        own = check_recorded(program, answers=answers, variants=False)
    except InvalidInput:
        return working
    if own.verdict == "unclear" or own.error is not None:
        return working
    if working.verdict == "unclear":
        return replace(own, notes=(*own.notes, *working.notes))
    if working.verdict == "correct":
        return own if own.verdict == "wrong" and own.diagnoses else working
    if working.verdict == "wrong" and own.verdict == "correct":
        return own if _is_answered(working, own, told, cost) else working
    return working


def _is_answered(working: CodeResult, own: CodeResult, told: Set[str], cost: str) -> bool:
    """Whether the gradient of the program's own forward pass settles what the working says."""
    names = {each.misconception for each in working.diagnoses}
    # Where the given numbers hide a mistake, the working was compared with others.
    if not names <= _CONVENTIONS or any(n.startswith(_OTHER_NUMBERS) for n in working.notes):
        return False
    lines = [line for each in working.diagnoses for line in each.lines]
    if any(not line.startswith("dC_d") and not line.endswith("_next") for line in lines):
        return False
    for option, decided in _TOLD.items():
        if option in told and names & decided:
            return False
    if own.assumed and "cost" in told:
        return all(kind == cost for kind in own.assumed)
    return True
