"""Mistakes in the backward rules of z = a W + b: ∂C/∂a of the layer below, ∂C/∂W and ∂C/∂b."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.texts import tutor_mistakes as texts
from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.mistakes.relations import (
    MistakePlace,
    Operand,
    ReadOperand,
    again,
    gradient_of,
    over,
    under,
    updated,
)
from backprop_explorer.tutor.mistakes.rule import (
    Array,
    Misconception,
    MistakeSite,
    WrongRule,
    penalty_gradient,
)

# By a, W and b, which are the inputs 0, 1 and 2.
INPUT, WEIGHTS, BIASES = (
    MistakePlace("affine", 0),
    MistakePlace("affine", 1),
    MistakePlace("affine", 2),
)
_BOTH = (WEIGHTS, BIASES)


def _other_weights(W: Operand, detail: str, words: str) -> WrongRule:
    def compute(g: Array, W: Array, a: Array) -> Any:
        value = g @ (W if detail.endswith("transposed") else W.T)
        return value if value.shape == a.shape else None

    return WrongRule(INPUT, compute, ("g", W, 0), detail, words, confused=(W, 1))


def _spread(g: Array, a: Array) -> Any:
    alike = g.shape == a.shape or g.shape[1] == 1
    return np.broadcast_to(g, a.shape).copy() if alike else None


def _spread_sum(g: Array, a: Array) -> Array:
    return np.broadcast_to(g.sum(axis=1, keepdims=True), a.shape).copy()


def _times_output(g: Array, a: Array) -> Any:
    return g * a if g.shape == a.shape or g.shape[1] == 1 else None


def _sum_times_output(g: Array, a: Array) -> Any:
    """Return the sum times a, where the product entry by entry does not fit."""
    return g.sum(axis=1, keepdims=True) * a if _times_output(g, a) is None else None


BACKWARD = (
    Misconception(
        name=ids.WEIGHTS_TRANSPOSED_BACKWARD,
        title="weights not transposed on the way back",
        did="On the way back W was used in the same orientation as in the forward pass.",
        why="Each unit sums the gradients of the units that use its output, so the backward pass"
        " needs the transpose; with a square W there is no shape error.",
        rules=(WrongRule(INPUT, lambda g, W: g @ W, ("g", 1), confused=(1, 1)),),
    ),
    Misconception(
        name=ids.WEIGHTS_OF_WRONG_LAYER,
        title="weights of another layer",
        did="On the way back ∂C/∂z was multiplied by the weights {detail}.",
        why="Between ∂C/∂z of the next layer and ∂C/∂a of this layer are the weights of the next"
        " layer; check the index of W in your loop.",
        rules=(
            _other_weights(again(1, -1), "own", texts.LAYER_ITSELF),
            _other_weights(again(1, -1), "own transposed", texts.LAYER_ITSELF),
            _other_weights(again(1, 1), "after next", texts.LAYER_AFTER_NEXT),
            _other_weights(again(1, 1), "after next transposed", texts.LAYER_AFTER_NEXT),
        ),
    ),
    Misconception(
        name=ids.UPDATED_WEIGHTS_BACKWARD,
        title="weights already updated",
        did="∂C/∂z was multiplied by weights that this step had already updated.",
        why="All gradients belong to the weights of the forward pass; check the order of gradients"
        " and updates in your loop.",
        rules=(WrongRule(INPUT, "input_gradient", ("g", updated(1))),),
    ),
    Misconception(
        name=ids.MISSING_WEIGHTS_BACKWARD,
        title="weights left out on the way back",
        did="∂C/∂z of the next layer was used as ∂C/∂a, without the weights.",
        why="z of the next layer depends on this a through W, so the chain rule multiplies by W;"
        " check the step from ∂C/∂z of one layer to ∂C/∂a of the layer below.",
        rules=(WrongRule(INPUT, _spread, ("g", 0)), WrongRule(INPUT, _spread_sum, ("g", 0), "sum")),
    ),
    Misconception(
        name=ids.DC_DA_PASSED_BACK,
        title="∂C/∂a used instead of ∂C/∂z on the way back",
        did="The next layer's ∂C/∂a was multiplied by the weights.",
        why="The weights of the next layer lead to its z, not to its a; check which of the two"
        " gradients you multiply by them.",
        rules=(
            WrongRule(
                INPUT,
                "input_gradient",
                (gradient_of(over("result")), 1),
                confused=(gradient_of(over("result")), "g"),
            ),
        ),
    ),
    Misconception(
        name=ids.ACTIVATION_INSTEAD_OF_WEIGHTS,
        title="a used instead of W",
        did="On the way back ∂C/∂z was multiplied by the layer's own a.",
        why="How the next z depends on this a is not a matter of a itself; check what stands"
        " between two layers in z = W a + b.",
        rules=(
            WrongRule(INPUT, _times_output, ("g", 0)),
            WrongRule(INPUT, _sum_times_output, ("g", 0), "sum", doubt=0.3),
        ),
    ),
    Misconception(
        name=ids.SIGN_LOST_BACKWARD,
        title="sign changed on the way back",
        did="The gradient has the opposite sign after the step to the layer below.",
        why="∂z/∂a is W itself, without a minus; check the step to the layer below.",
        rules=(WrongRule(INPUT, lambda g, W: -(g @ W.T), ("g", 1)),),
    ),
)


def _bias_rule(detail: str, words: str, compute: Callable[[Array], Any]) -> WrongRule:
    return WrongRule(BIASES, compute, ("g",), detail, words, batch=True)


def _weight_rule(detail: str, words: str, compute: Callable[[Array, Array], Any]) -> WrongRule:
    return WrongRule(WEIGHTS, compute, (0, "g"), detail, words, batch=True)


_OUTER_ENTRIES = 10_000


def _outer(axes: str, a: Array, g: Array) -> Any:
    """Compute an outer product, but not of a large batch, which has N² times as many entries."""
    if np.size(a) * np.size(g) > _OUTER_ENTRIES:
        return None
    return np.outer(a, g) if axes == "outer" else np.einsum(f"ni,nj->{axes}", a, g)


def _scaled(by: Callable[[int], float], detail: str, words: str) -> tuple[WrongRule, ...]:
    # The penalty does not depend on the samples, so its term in ∂C/∂W keeps its scale.
    return (
        WrongRule(
            WEIGHTS,
            lambda right, penalty, N: (right - penalty) * by(N) + penalty,
            ("right", "penalty", "samples"),
            detail,
            words,
            batch=True,
        ),
        WrongRule(
            BIASES, lambda right, N: right * by(N), ("right", "samples"), detail, words, batch=True
        ),
    )


# ∂C/∂a of the operation's own layer, and what may be taken for the a of the layer below.
_BEFORE_SLOPE = gradient_of(over("result"))
_OWN, _TWO_BELOW, _Z_BELOW = over("result"), again(0, -1), under(0)


def _other_input(a: Operand, detail: str = "", words: str = "") -> WrongRule:
    return WrongRule(WEIGHTS, "weight_gradient", (a, "g"), detail, words, confused=(a, 0))


PARAMETERS = (
    Misconception(
        name=ids.ACTIVATION_OF_WRONG_LAYER,
        title="a of another layer",
        did="∂C/∂W was computed with the a {detail}.",
        why="The gradient of the weights needs the input of the layer, the a of the previous layer"
        " (x for the first layer); check the index of a in your loop.",
        rules=(
            _other_input(_OWN, "own", texts.LAYER_ITSELF),
            _other_input(_TWO_BELOW, "two below", texts.TWO_LAYERS_BELOW),
        ),
    ),
    Misconception(
        name=ids.Z_INSTEAD_OF_ACTIVATION,
        title="z used instead of a",
        did="∂C/∂W was computed with the z of the previous layer.",
        why="The weights multiply a, the output of the previous layer, so ∂z/∂W contains a; check"
        " what your forward pass stores as the layer's input.",
        rules=(_other_input(_Z_BELOW),),
    ),
    Misconception(
        name=ids.DC_DA_INSTEAD_OF_DC_DZ,
        title="∂C/∂a used instead of ∂C/∂z",
        did="The gradients of W and b were computed from ∂C/∂a, without f'(z).",
        why="W and b act on z, before the activation; check which gradient of the layer you pass"
        " to these lines.",
        rules=(
            WrongRule(
                WEIGHTS, "weight_gradient", (0, _BEFORE_SLOPE), confused=(_BEFORE_SLOPE, "g")
            ),
            WrongRule(BIASES, "bias_gradient", (_BEFORE_SLOPE,), confused=(_BEFORE_SLOPE, "g")),
        ),
    ),
    Misconception(
        name=ids.GRADIENT_TRANSPOSED,
        title="∂C/∂W transposed",
        did="∂C/∂W is transposed.",
        why="The gradient must have the shape of W, so that it can be subtracted from W; check the"
        " order of the factors, and the convention of your W.",
        rules=(WrongRule(WEIGHTS, lambda right: right.T.copy(), ("right",)),),
    ),
    Misconception(
        name=ids.BIAS_GRADIENT_NOT_SUMMED,
        title="bias gradient not summed over the samples",
        did="∂C/∂b was {detail}.",
        why="All samples share the same b, so each of them adds to ∂C/∂b, which has the shape of"
        " b; check how you sum, and over which axis.",
        rules=(
            _bias_rule("mean", texts.AVERAGED, lambda g: g.mean(axis=0)),
            _bias_rule("whole", texts.ROW_PER_SAMPLE, lambda g: g),
            _bias_rule("first", texts.FIRST_SAMPLE, lambda g: g[0]),
            _bias_rule("last", texts.LAST_SAMPLE, lambda g: g[-1]),
            _bias_rule("samples", texts.SUMMED_OVER_UNITS, lambda g: g.sum(axis=1)),
            _bias_rule("total", texts.SUMMED_OVER_EVERYTHING, lambda g: g.sum()),
            _bias_rule("N times", texts.SUMMED_N_TIMES, lambda g: len(g) * g.sum(axis=0)),
        ),
    ),
    Misconception(
        name=ids.BATCH_SCALE,
        title="number of samples counted wrongly",
        did="The gradients of the parameters are {detail} the number of samples.",
        why="A division by N belongs to the cost and occurs once on the way back, in ∂C/∂a or in"
        " the gradients of the parameters; count the divisions in your code.",
        rules=(
            *_scaled(lambda N: 1.0 / N, "twice", texts.DIVIDED_TWICE),
            *_scaled(float, "not at all", texts.NOT_DIVIDED),
        ),
    ),
    Misconception(
        name=ids.WEIGHT_GRADIENT_NOT_SUMMED,
        title="∂C/∂W not summed over the samples",
        did="∂C/∂W is {detail}.",
        why="All samples share the same W, so their contributions are summed; the matrix product of"
        " the whole batch does that, because its inner index is the sample.",
        rules=(
            _weight_rule("first", texts.one_sample("first"), lambda a, g: a[:1].T @ g[:1]),
            _weight_rule("last", texts.one_sample("last"), lambda a, g: a[-1:].T @ g[-1:]),
            _weight_rule(
                "sums", texts.PRODUCT_OF_SUMS, lambda a, g: np.outer(a.sum(axis=0), g.sum(axis=0))
            ),
            _weight_rule("outer", texts.OUTER_PRODUCT, partial(_outer, "outer")),
            *(
                _weight_rule(axes, texts.MATRIX_PER_SAMPLE, partial(_outer, axes))
                for axes in ("nij", "nji", "ijn", "jin", "inj", "jni")
            ),
        ),
    ),
)


# An array needs this many entries to show that a constant was added to it.
MIN_ENTRIES_OF_OFFSET = 4
# A detail: the constant, λ for example, is there in place of the penalty's gradient.
_FOR_PENALTY = "penalty"
# torch.nn.utils.clip_grad_norm_ adds this to the length before it divides by it.
TORCH_EPSILON = 1e-6


def _clipped(detail: str, right: Array, gradients: Sequence[Array]) -> Any:
    how, limit = detail.split(" ")
    bound = float(limit)
    if how == "entries":
        return np.clip(right, -bound, bound)
    together = [right] if how == "length" else gradients
    parts = [each for each in together if how != "weights" or np.ndim(each) == 2]
    length = float(np.sqrt(sum(np.vdot(each, each) for each in parts)))
    if length <= bound:
        return None
    return right * (bound / (length + (TORCH_EPSILON if how == "torch" else 0.0)))


def _clipped_words(detail: str) -> str:
    how, limit = detail.split(" ")
    return {
        "entries": texts.clipped_entries(limit),
        "length": texts.clipped_length(limit),
        "weights": texts.clipped_with_weights(limit),
    }.get(how, texts.clipped_together(limit))


def _offsets(site: MistakeSite) -> Sequence[str]:
    found = [repr(offset) for offset in site.evidence.offsets]
    return [*found, *(f"{each} {_FOR_PENALTY}" for each in found if site.penalized)]


def _with_offset(detail: str, right: Array, penalty: Any) -> Any:
    """Add the constant; in an array of few entries it cannot be told from other mistakes."""
    offset, _, instead = detail.partition(" ")
    if np.size(right) < MIN_ENTRIES_OF_OFFSET:
        return None
    return (right - penalty if instead else right) + float(offset)


def _offset_words(detail: str) -> str:
    offset, _, instead = detail.partition(" ")
    number = f"{float(offset):g}"
    return texts.for_the_penalty(number) if instead else number


FINISHED = (
    Misconception(
        name=ids.GRADIENT_CLIPPED,
        title="gradient clipped",
        did="The gradient was clipped {detail}.",
        why="Clipping belongs to the update: it keeps a step short, but what it returns is not the"
        " derivative of C; compare before you clip.",
        rules=(
            WrongRule(
                _BOTH,
                _clipped,
                ("right", "all"),
                details=lambda site: site.evidence.limits,
                doubt=0.15,
            ),
        ),
        words=_clipped_words,
    ),
    Misconception(
        name=ids.CONSTANT_ADDED,
        title="constant added to ∂C/∂W",
        did="The same constant, {detail}, was added to every entry of ∂C/∂W.",
        why="A constant in C has the derivative 0, so nothing is added to a gradient; look for a"
        " number that is added in the line, such as a small number against division by 0.",
        rules=(
            WrongRule(WEIGHTS, _with_offset, ("right", "penalty"), details=_offsets, doubt=0.2),
        ),
        words=_offset_words,
    ),
)


_PENALTY: tuple[Operand, ...] = (ReadOperand(-3), ReadOperand(-2), ReadOperand(-1))


def _penalty_rule(
    detail: str,
    words: str,
    of: Callable[[Any, float, float], Any],
    by: Callable[[int], float] | None = None,
) -> WrongRule:
    """Return the rule that adds another term; ``of`` p, λ₁ and λ₂, times ``by`` of N in a batch."""

    def compute(plain: Array, N: int, p: Any, l1: float, l2: float) -> Any:
        return plain + of(p, l1, l2) * (1.0 if by is None else by(N))

    batch = by is not None
    return WrongRule(_BOTH, compute, ("plain", "samples", *_PENALTY), detail, words, batch=batch)


def _of_other(W: Operand, detail: str) -> WrongRule:
    def compute(plain: Array, W: Array, l1: float, l2: float) -> Any:
        return plain + penalty_gradient(W, l1, l2) if np.shape(W) == plain.shape else None

    return WrongRule(WEIGHTS, compute, ("plain", W, *_PENALTY[1:]), detail)


def _also_of_bias(site: MistakeSite, right: Array, b: Array, l1: float, l2: float) -> Any:
    return None if site.penalized else right + penalty_gradient(b, l1, l2)


PENALTIES = (
    Misconception(
        name=ids.PENALTY_GRADIENT_MISSING,
        title="penalty's gradient left out",
        did="The gradient of the penalty was left out.",
        why="The penalty depends on the parameters too, so its derivative belongs to their"
        " gradients; check the L1 and L2 terms.",
        rules=(WrongRule(_BOTH, lambda plain: plain, ("plain",)),),
    ),
    Misconception(
        name=ids.PENALTY_GRADIENT_SCALE,
        title="penalty's gradient with another factor or sign",
        did="The gradient of the penalty was added {detail}.",
        why="Differentiate the penalty, as it is defined, by one entry of W, and compare factor"
        " and sign.",
        rules=(
            _penalty_rule(
                "doubled",
                texts.TWICE_L2,
                lambda p, l1, l2: penalty_gradient(p, (1.0 if l2 else 2.0) * l1, 2.0 * l2),
            ),
            _penalty_rule(
                "halved",
                texts.HALF_L2,
                lambda p, l1, l2: penalty_gradient(p, (1.0 if l2 else 0.5) * l1, 0.5 * l2),
            ),
            _penalty_rule(
                "subtracted", texts.OPPOSITE_SIGN, lambda p, l1, l2: penalty_gradient(p, -l1, -l2)
            ),
            _penalty_rule(
                "value", texts.PENALTY_ITSELF, lambda p, l1, l2: l1 * np.abs(p) + 0.5 * l2 * p**2
            ),
            _penalty_rule("divided", texts.DIVIDED_BY_SAMPLES, penalty_gradient, lambda N: 1.0 / N),
            _penalty_rule("multiplied", texts.MULTIPLIED_BY_SAMPLES, penalty_gradient, float),
            _penalty_rule(
                "without λ",
                texts.WITHOUT_LAMBDA,
                lambda p, l1, l2: penalty_gradient(p, float(l1 != 0.0), float(l2 != 0.0)),
            ),
        ),
    ),
    Misconception(
        name=ids.PENALTY_OF_WRONG_LAYER,
        title="penalty with another layer's weights",
        did="The penalty's gradient was computed with the weights of the {detail} layer.",
        why="Each W has its own part of the penalty; check the index of W where it is added.",
        rules=(_of_other(again(1, 1), "next"), _of_other(again(1, -1), "previous")),
    ),
    Misconception(
        name=ids.PENALTY_ON_BIAS,
        title="penalty on the bias",
        did="The penalty was applied to b as well.",
        why="The penalty applies only to weights, because a bias does not make the function"
        " steeper; check which parameters your L1 and L2 terms run over.",
        rules=(WrongRule(BIASES, _also_of_bias, ("site", "right", 2, names.L1, names.L2)),),
    ),
)
