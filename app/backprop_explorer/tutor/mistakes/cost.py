"""Mistakes in the value of the cost, and in its gradient.

The gradient is ∂C/∂a of the output, or ∂C/∂z if cost and output activation are one step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from backprop_explorer.engine.activations import backward_of
from backprop_explorer.engine.costs import COSTS, REDUCTIONS
from backprop_explorer.texts import tutor_mistakes as texts
from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.mistakes.relations import MistakePlace, ReadOperand
from backprop_explorer.tutor.mistakes.rule import Array, Misconception, MistakeSite, WrongRule

C, TOTAL, GRADIENT = MistakePlace("cost"), MistakePlace("total_cost"), MistakePlace("cost", 0)
# Prediction, target and factor, in the cost and in its gradient, whether or not it is fused.
_READ = (ReadOperand(0), ReadOperand(1), ReadOperand(2))


@lru_cache(maxsize=4096)
def simple_fraction(factor: float) -> Fraction | None:
    """Return ``factor`` as a fraction with a denominator up to 4096, None if it is not one."""
    fraction = Fraction(factor).limit_denominator(4096)
    near = abs(float(fraction) - factor) <= 1e-12 * abs(factor)
    return fraction if near and fraction else None


def format_factor(factor: float) -> str:
    """Format a factor for a sentence: "3", "1.5", "1/3", "−2"."""
    fraction = simple_fraction(factor)
    short = fraction is None or round(factor, 2) == factor
    return (f"{factor:.4g}" if short else str(fraction)).replace("-", "−")


def _other_costs(site: MistakeSite) -> Sequence[str]:
    """List the other costs with the reduction of the exercise, then with other reductions."""
    objective = site.evidence.objective
    reductions = [objective.reduction, *(r for r in REDUCTIONS if r != objective.reduction)]
    return [f"{c}/{r}" for r in reductions for c in COSTS if c != objective.cost]


def _cost_title(detail: str) -> str:
    return COSTS[detail.split("/")[0]].title


def _other_cost(detail: str, site: MistakeSite, a: Array, target: Array, factor: float) -> float:
    cost, reduction = detail.split("/")
    if reduction != site.evidence.objective.reduction:
        factor = REDUCTIONS[reduction].factor(*target.shape)
    return float(factor * COSTS[cost].loss(a, target).sum())


def _doubt_of_cost(of_mse: float, of_others: float) -> Callable[[str, MistakeSite], float]:
    """Doubt Huber and absolute error, and other reductions, as much as they are rare.

    In a gradient, another reduction is more likely for the squared error, which is often copied
    from another exercise together with its scaling.
    """

    def doubt(detail: str, site: MistakeSite) -> float:
        cost, reduction = detail.split("/")
        rare = 0.1 if cost in ("huber", "mae") else 0.0
        if reduction == site.evidence.objective.reduction:
            return rare
        return rare + (of_mse if cost == "mse" else of_others)

    return doubt


def _pairs(at: MistakePlace, *details: str) -> tuple[WrongRule, ...]:
    """Return the rules for predictions (N, 1) and targets (N,), which NumPy broadcasts to (N, N).

    ``details`` are "sum" and "mean", which divides by N once more.
    """

    def rule(detail: str) -> WrongRule:
        def compute(N: int, site: MistakeSite, a: Array, target: Array, factor: float) -> Any:
            if target.shape[1] != 1:
                return None
            factor, of_all = factor / N if detail == "mean" else factor, target.T
            if at == C:
                loss = COSTS[site.evidence.objective.cost].loss
                return float(factor * loss(a, of_all).sum())
            if site.fused:
                return factor * (a - of_all)
            return factor * COSTS[site.forward.op].derivative(a, of_all)

        return WrongRule(at, compute, ("samples", "site", *_READ), detail, batch=True)

    return tuple(map(rule, details))


def _cost_scale(detail: str, right: float, target: Array, factor: float) -> float:
    other = 0.5 * factor if detail == "half" else REDUCTIONS[detail].factor(*target.shape)
    return float(right * other / factor)


# The factor of the penalty in the cost, as a function of the number of samples.
_PENALTY: Mapping[str, tuple[Callable[[int], float] | None, str]] = {
    "doubled": (lambda samples: 2.0, texts.TWICE_AS_LARGE),
    "divided": (lambda samples: 1.0 / samples, texts.DIVIDED_BY_SAMPLES),
    "halved": (lambda samples: 0.5, texts.HALF_AS_LARGE),
    "biases": (None, texts.WITH_BIASES),
    "weights": (None, texts.WITHOUT_BIASES),
    "halved and divided": (lambda samples: 0.5 / samples, texts.HALF_AND_DIVIDED),
    "doubled and divided": (lambda samples: 2.0 / samples, texts.TWICE_AND_DIVIDED),
    "subtracted": (lambda samples: -1.0, texts.SUBTRACTED),
    "multiplied": (lambda samples: samples, texts.MULTIPLIED_BY_SAMPLES),
}


def _penalty_in_cost(detail: str, site: MistakeSite) -> Any:
    data, *penalties = (site.read(name) for name in site.node.inputs)
    objective, factor = site.evidence.objective, _PENALTY[detail][0]
    if factor is not None:
        return data + factor(site.evidence.samples) * sum(penalties)
    if objective.biases != (detail == "weights"):
        return None
    biases = [b for each in site.relations.parameters if np.ndim(b := site.read(each)) == 1]
    of_biases = sum(
        objective.l1 * np.abs(b).sum() + 0.5 * objective.l2 * np.square(b).sum() for b in biases
    )
    return data + sum(penalties) + (of_biases if detail == "biases" else -of_biases)


COST = (
    Misconception(
        name=ids.COST_SCALE,
        title="cost scaled differently",
        did="The cost is off by a constant factor: it was taken as {detail}.",
        why="The factor also scales all gradients; compare what you divide the cost by with the"
        " given definition.",
        rules=(
            WrongRule(
                C,
                _cost_scale,
                ("right", ReadOperand(1), ReadOperand(2)),
                details=lambda site: (*REDUCTIONS, "half"),
            ),
        ),
        words=lambda detail: texts.HALF_OF_IT if detail == "half" else REDUCTIONS[detail].title,
    ),
    Misconception(
        name=ids.COST_SIGN,
        title="sign of the cost",
        did="The cost has the opposite sign.",
        why="A cost falls as the prediction gets better; check the sign in front of the sum.",
        rules=(WrongRule(C, np.negative, ("right",)),),
    ),
    Misconception(
        name=ids.WRONG_COST_VALUE,
        title="another cost",
        did="The cost was computed as {detail}.",
        why="Each cost measures the error in its own way; check which cost is required.",
        rules=(
            WrongRule(
                C,
                _other_cost,
                ("site", *_READ),
                details=_other_costs,
                doubt=_doubt_of_cost(0.2, 0.2),
            ),
        ),
        words=_cost_title,
    ),
    Misconception(
        name=ids.BROADCAST_COLUMNS_IN_COST,
        title="(N, 1) − (N,) gives (N, N) in the cost",
        did="The cost compares every prediction with the targets of all samples: an array of shape"
        " (N, 1) and one of shape (N,) were combined.",
        why="NumPy stretches both to (N, N) without an error; print the shapes of both before you"
        " subtract.",
        rules=_pairs(C, "mean", "sum"),
    ),
    Misconception(
        name=ids.PENALTY_SCALE_IN_COST,
        title="penalty scaled differently in the cost",
        did="The penalty in the cost is {detail}.",
        why="Penalties are defined with λ or λ/2, with or without a division by N; compare the"
        " definition with yours, and take the gradient from the same one.",
        rules=(WrongRule(TOTAL, _penalty_in_cost, ("site",), details=lambda site: _PENALTY),),
        words=lambda detail: _PENALTY[detail][1],
    ),
    Misconception(
        name=ids.PENALTY_MISSING_IN_COST,
        title="penalty left out of the cost",
        did="The cost does not contain the penalty.",
        why="With L1 or L2 the penalty of the weights of every layer is added; check the last line"
        " of the cost.",
        rules=(WrongRule(TOTAL, lambda data: data, (0,)),),
    ),
)


_SIGN, _SCALE = ids.COST_GRADIENT_SIGN, ids.COST_GRADIENT_SCALE


def is_fitted(name: str, detail: str) -> bool:
    """Whether the detail is a factor that was fitted to the numbers: it explains nothing."""
    return name == _SCALE and simple_fraction(float(detail)) is None


def sign_apart(name: str, detail: str) -> tuple[tuple[str, str], ...]:
    """Return a negative factor as a mistake in the sign and one in the factor."""
    if name == _SCALE and float(detail) < 0.0:
        return (_SIGN, ""), (_SCALE, repr(-float(detail)))
    return ((name, detail),)


def _factors(site: MistakeSite) -> Sequence[str]:
    # A factor of −1 is the opposite sign.
    return [repr(factor) for factor in site.evidence.factors if factor != -1.0]


def _factor_words(detail: str) -> str:
    factor = float(detail)
    words = texts.times_and_sign if factor < 0.0 else texts.times_correct
    return words(format_factor(factor))


def _doubt_of_factor(detail: str, site: MistakeSite) -> float:
    """Doubt a factor that is not a simple fraction, and one that is the number of samples.

    A single number always has a factor, so any other mistake that gives it is more likely. A factor
    of the number of samples is missing more often in the sum over the samples than here.
    """
    factor, samples = float(detail), site.evidence.samples
    if simple_fraction(factor) is None:
        return 0.4 if np.size(site.value("right")) == 1 else 0.2
    return 0.05 if samples > 1 and factor in (samples, 1.0 / samples) else 0.0


def _gradient_of_other(detail: str, site: MistakeSite, a: Array, target: Array) -> Any:
    cost, reduction = detail.split("/")
    g = COSTS[cost].derivative(a, target) * REDUCTIONS[reduction].factor(*target.shape)
    if not site.fused:
        return g
    f = site.function
    return backward_of(f)(g, a if f.mixing is not None else site.value(0))


def _fused_gradient(site: MistakeSite, a: Array, target: Array, factor: float) -> Any:
    """Compute ∂C/∂z of the output, which programs with softmax pass on as ∂C/∂a."""
    cost = COSTS.get(site.forward.op)
    fused = None if cost is None else cost.fused.get(site.function.name)
    return None if fused is None else factor * fused.gradient(a, target)


OUTPUT_GRADIENT = (
    Misconception(
        name=_SIGN,
        title="target minus prediction",
        did="The gradient of the cost has the opposite sign: target minus prediction, or a"
        " logarithm without its minus.",
        why="C grows as the prediction moves away from the target, so a step against your gradient"
        " would increase C; check the order of the difference and the sign in front of it.",
        rules=(WrongRule(GRADIENT, np.negative, ("right",)),),
    ),
    Misconception(
        name=_SCALE,
        title="constant factor in the gradient of the cost",
        did="The gradient of the cost is off by a constant factor: {detail}.",
        why="Differentiate the cost as it is defined; compare its constants one by one with yours:"
        " the factor of the loss, and what the sum is divided by.",
        rules=(
            WrongRule(
                GRADIENT,
                lambda detail, right: float(detail) * right,
                ("right",),
                details=_factors,
                doubt=_doubt_of_factor,
            ),
        ),
        words=_factor_words,
    ),
    Misconception(
        name=ids.WRONG_COST,
        title="gradient of another cost",
        did="The gradient is that of {detail}.",
        why="It must be the derivative of the given cost; compare the two formulas.",
        rules=(
            WrongRule(
                GRADIENT,
                _gradient_of_other,
                ("site", ReadOperand(0), ReadOperand(1)),
                details=_other_costs,
                doubt=_doubt_of_cost(0.05, 0.3),
            ),
        ),
        words=_cost_title,
    ),
    Misconception(
        name=ids.BROADCAST_COLUMNS,
        title="(N, 1) − (N,) gives (N, N)",
        did="Every prediction was compared with the targets of all samples: an array of shape"
        " (N, 1) and one of shape (N,) were combined.",
        why="NumPy stretches both to (N, N) without an error; print the shapes of both before you"
        " subtract.",
        rules=_pairs(GRADIENT, "sum", "mean"),
    ),
    Misconception(
        name=ids.DC_DZ_USED_AS_DC_DA,
        title="∂C/∂z in place of ∂C/∂a",
        did="∂C/∂a of the output is ∂C/∂z: the derivative of the activation is already in it.",
        why="Prediction minus target is what remains after cost and activation are differentiated"
        " together; check which of the two your function returns.",
        rules=(WrongRule(GRADIENT, _fused_gradient, ("site", *_READ)),),
    ),
)
