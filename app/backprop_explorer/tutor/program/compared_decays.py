"""Compares what weights lose beside their gradients, where the program computes no cost.

Which penalty the cost has is then known by the updates alone: those of all layers should have one.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.program.divided_updates import Aligned
from backprop_explorer.tutor.program.outcome import Outcome
from backprop_explorer.tutor.program.truth import multiple
from backprop_explorer.tutor.program.updates import decay_of, linear, near


def compare_decays(alignment: Aligned) -> None:
    """Mark weights that lack the penalty that those of most layers have, or have another one, and
    a bias that has one where others have none.
    """
    if alignment.fit.root.kind in ("own", "upstream"):
        return
    known = [(e, k) for e in alignment.outcomes if (k := _decay(alignment, e)) is not None]
    if not any(strength for _, strength in known):
        return
    biases = [(e, k) for e, k in known if alignment.is_bias(e.source or 0)]
    weights = [(e, k) for e, k in known if (e, k) not in biases and _axes(e) > 1]
    for each, strength in biases:
        if strength and any(not other for _, other in biases):
            _mark(alignment, each, ids.PENALTY_ON_BIAS, [])
    having = [(e, k) for e, k in weights if k]
    if 2 * len(having) < len(weights) or len({_is_square(alignment, e) for e, _ in having}) > 1:
        return  # the strengths of an L1 and of an L2 penalty cannot be compared
    counts = Counter(next(a for _, a in having if near(a, k)) for _, k in having)
    own = [k for k in counts if alignment.is_rate(k)]
    usual, times = counts.most_common(1)[0] if counts else (0.0, 0)
    if len(counts) > 1 and times * 2 <= len(having):
        if len(own) != 1:
            return  # each layer may have a strength of its own
        (usual,) = own
    for each, strength in weights:
        if not strength:
            _mark(alignment, each, ids.PENALTY_GRADIENT_MISSING, [e for e, _ in having])
        elif not near(strength, usual):
            _mark(alignment, each, ids.PENALTY_GRADIENT_SCALE, [])


def _decay(alignment: Aligned, outcome: Outcome) -> float | None:
    """Return how much of a parameter is added to its gradient; None where that is not known."""
    if outcome.state != "right" or outcome.source is None or outcome.wanted is None:
        return None
    if outcome.rate is not None or outcome.averages is not None:
        return None  # the step is divided by √v: a decay is no separate term of it
    before, value = _terms(alignment, outcome)
    if value.shape != before.shape or outcome.wanted.shape != before.shape:
        return None
    if not value[before != 0.0].all():
        return None  # of rows that are read alone, only these may decay
    return decay_of(value, outcome.wanted, before, alignment.tolerance)


def _is_square(alignment: Aligned, outcome: Outcome) -> bool:
    """Whether a result is the gradient plus a multiple of the parameter: an L2 penalty."""
    before, value = _terms(alignment, outcome)
    wanted = [] if outcome.wanted is None else [outcome.wanted]
    return linear(value, [*wanted, before], alignment.tolerance) is not None


def _terms(alignment: Aligned, outcome: Outcome) -> tuple[Array, Array]:
    """Return a parameter, and the gradient that is computed or by how much an update lowers it."""
    before = alignment.run.steps[outcome.source or 0].value
    value = alignment.run.steps[outcome.index].value
    return before, before - value if outcome.is_update and value.shape == before.shape else value


def _axes(outcome: Outcome) -> int:
    return 0 if outcome.wanted is None else np.squeeze(outcome.wanted).ndim


def _mark(alignment: Aligned, outcome: Outcome, name: str, beside: list[Outcome]) -> None:
    outcome.state = "wrong"
    outcome.cause = name, _added_at(alignment, outcome, beside), None


def _added_at(alignment: Aligned, outcome: Outcome, beside: list[Outcome]) -> int:
    """Return the step that adds a penalty to a gradient, or the gradient to which one is not added
    where that is done before the update ``beside``.
    """
    steps, index = alignment.run.steps, outcome.index
    for each in (outcome, *beside):
        at = _sum_with(alignment, each)
        if at is None:
            continue
        if each is outcome:
            return at
        if steps[at].line != steps[each.index].line:
            behind = sorted(alignment.run.ancestors([index]) - alignment.truth.forward)
            own = [k for k in behind if _is_multiple(alignment, k, outcome.wanted)]
            return next((k for k in own[::-1] if steps[k].line != steps[index].line), index)
    return index


def _sum_with(alignment: Aligned, outcome: Outcome) -> int | None:
    """Return the first sum of a gradient and a multiple of its parameter."""
    run, source = alignment.run, outcome.source or 0
    before = run.steps[source].value
    for at in sorted(run.ancestors([outcome.index]) - alignment.truth.forward):
        step = run.steps[at]
        if step.op in ("add", "subtract") and step.value.shape == before.shape:
            value = before - step.value if at == outcome.index and outcome.is_update else step.value
            wanted = outcome.wanted
            if wanted is not None and decay_of(value, wanted, before, alignment.tolerance):
                return at
    return None


def _is_multiple(alignment: Aligned, at: int, of: Array | None) -> bool:
    value = alignment.run.steps[at].value
    same = of is not None and np.squeeze(value).shape == np.squeeze(of).shape
    return bool(
        same and of is not None and multiple(value.reshape(of.shape), of, alignment.tolerance)
    )
