"""Regularisation: what L1 and L2 add to cost and gradient, and what they do to a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from backprop_explorer.lessons.drawn import first
from backprop_explorer.lessons.frames import frames
from backprop_explorer.lessons.lesson import Card, Draw, Lesson, Scene
from backprop_explorer.lessons.questions import Choice, LineValue, Option, Slip, Values
from backprop_explorer.lessons.scenes import ask, opening
from backprop_explorer.lessons.working import Array, LessonWorking, assigned
from backprop_explorer.lessons.written import tex

STEPS, L1, L2 = 500, 0.01, 0.05
# Where the page draws no line any more.
SMALL = 0.02
# Seeds of moons; a test shows that all of them do what is said of the runs.
SEEDS = range(24)


def moons(seed: int, l1: float = 0.0, l2: float = 0.0) -> dict[str, Any]:
    """42 noisy moons, 8 tanh units."""
    return {
        "dataset": {"name": "moons", "samples": 60, "noise": 0.3, "seed": seed},
        "network": {
            "layers": [{"units": 8, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}],
            "seed": seed,
        },
        "cost": {"name": "binary_cross_entropy", "reduction": "mean"},
        "penalty": {"l1": l1, "l2": l2},
        "optimizer": {"name": "sgd", "learning_rate": 0.5},
        "batch": {"size": None, "shuffle": False},
    }


def weights_after(recipe: dict[str, Any]) -> Array:
    """All weights of both layers after the training, without the biases."""
    (frame,) = frames(recipe, STEPS)
    return np.concatenate([np.ravel(layer["W"]) for layer in frame["layers"]])


def data_costs(recipe: dict[str, Any]) -> tuple[float, float]:
    """The cross-entropy of training and test part after the training, without an L2 penalty."""
    (frame,) = frames(recipe, STEPS)
    penalty = recipe["penalty"]["l2"] / 2 * float(np.square(weights_after(recipe)).sum())
    return frame["cost"]["train"] - penalty, frame["cost"]["test"] - penalty


def tells(seed: int) -> bool:
    """Whether L2 shrinks the weights clearly, and L1 takes some to 0."""
    free, shrunk, sparse = (
        weights_after(moons(seed, *penalty)) for penalty in ((0, 0), (0, L2), (L1, 0))
    )
    small = [(np.abs(W) < SMALL).sum() for W in (shrunk, sparse)]
    return bool(np.square(free).sum() > 4 * np.square(shrunk).sum() and small[1] >= small[0] + 5)


def _batch(draw: Draw, l1: float, l2: float) -> LessonWorking:
    """Three samples through 2 → 2 (tanh) → 1."""

    def make() -> LessonWorking:
        layers = [
            (draw.normal(2, 2), draw.normal(2, scale=0.5), "tanh"),
            (draw.normal(2, 1), draw.normal(1, scale=0.5), "identity"),
        ]
        return LessonWorking(
            layers, draw.normal(3, 2), draw.normal(3, 1), "mse", "mean", "row", False, l1=l1, l2=l2
        )

    def tells(working: LessonWorking) -> bool:
        W, b = working.shown("W1"), working.shown("b1")
        squares = [np.square(each).sum() for each in (W, b, working.shown("W2"))]
        # Both signs, or |W| would be W; and sums that can be told apart.
        return bool(
            np.abs(W).min() > 0.2
            and np.abs(b).min() > 0.1
            and W.min() < 0 < W.max()
            and abs(squares[1] - squares[2]) > 0.05 * squares[0]
            and abs(squares[0] - np.abs(W).sum()) > 0.05 * squares[0]
        )

    return first(make, tells)


def cards(draw: Draw) -> Sequence[Card]:
    """A penalty by hand, then three runs."""
    l2 = float(draw.rng.choice([0.1, 0.2, 0.3, 0.5]))
    l1 = float(draw.rng.choice([0.02, 0.05, 0.08]))
    ridge = _batch(draw, 0.0, l2)

    seed = int(draw.rng.choice(SEEDS))
    return (*_by_hand(ridge, l1, l2), *_runs(seed))


def _by_hand(ridge: LessonWorking, l1: float, l2: float) -> Sequence[Card]:
    W, b = ridge.shown("W1"), ridge.shown("b1")
    squares = float(np.square(W).sum())
    eta = 0.1
    numbers = assigned(
        W1=W,
        b1=b,
        W2=ridge.shown("W2"),
        b2=ridge.shown("b2"),
        x=ridge.shown("x"),
        target=ridge.shown("target"),
    )
    return (
        Card(
            "A price for weights",
            "2 → 2 (tanh) → 1 (linear), three samples as rows, the mean squared error. L2 adds "
            "$R = \\frac{\\lambda_2}{2} \\sum W^2$ for each layer to the cost, over all entries of "
            f"$W$, here with $\\lambda_2 = {l2}$.\n\n```\n{numbers}\n```",
            opening(ridge, "C_data", hide="penalty1"),
            Values(
                "What does the first layer add to the cost?",
                l2 / 2 * squares,
                why=f"$\\frac{{{l2}}}{{2}} \\cdot {tex(squares)}$. Biases are not counted: they "
                "shift a unit, they do not make it steeper.",
                slips=(
                    Slip(
                        l2 * squares,
                        "The $\\frac{1}{2}$ is missing. It cancels the 2 of the derivative.",
                    ),
                    Slip(
                        l2 / 2 * (squares + float(np.square(b).sum())),
                        "The biases are not penalised.",
                    ),
                    Slip(l2 / 2 * float(np.abs(W).sum()), "L2 sums squares, L1 absolute values."),
                    Slip(
                        l2 / 2 * (squares + float(np.square(ridge.shown("W2")).sum())),
                        "That is both layers. Asked for is the first.",
                    ),
                ),
                hint="Four squares, added up, times half of $\\lambda_2$.",
            ),
        ),
        Card(
            "In the gradient",
            "The derivative of the penalty is added to $\\partial C / \\partial W$, once, after "
            "everything else.",
            ask("dC_dW1"),
            LineValue(
                "What is $\\partial C / \\partial W^{(1)}$, of shape (2, 2)?",
                ridge,
                "dC_dW1",
                why="$x^T \\frac{\\partial C}{\\partial z^{(1)}} + \\lambda_2 W^{(1)}$. It is not "
                "divided by the number of samples: the penalty has none.",
                hint="`x.T @ dC_dz`, and the derivative of $\\frac{\\lambda_2}{2} W^2$.",
            ),
        ),
        Card(
            "And the bias",
            "Now the bias of the same layer.",
            ask("dC_db1"),
            LineValue(
                "What is $\\partial C / \\partial b^{(1)}$?",
                ridge,
                "dC_db1",
                why="The column sums of $\\partial C / \\partial z^{(1)}$, as without a penalty.",
                hint="Is there a $b$ in the penalty?",
            ),
        ),
        Card(
            "Weight decay",
            "Suppose the data has nothing to say about a weight: its gradient without the penalty "
            f"is 0. The learning rate is {eta}.",
            Scene(line="dC_dW1"),
            Values(
                "By which number does a step multiply this weight?",
                1.0 - eta * l2,
                why=f"$w - \\eta \\lambda_2 w = (1 - {eta} \\cdot {l2})\\, w$. It decays to 0, "
                "step by step, and never gets there: the smaller it is, the slower.",
                slips=(
                    Slip(eta * l2, "That is the share it loses. How much is left?"),
                    Slip(
                        1.0 - eta * l2 / 2,
                        "The derivative of $\\frac{\\lambda_2}{2} w^2$ is $\\lambda_2 w$.",
                    ),
                    Slip(1.0 - l2, "The learning rate is missing."),
                ),
                hint="Write down the step for $w$ and take $w$ out.",
            ),
        ),
        Card(
            "L1",
            "L1 adds $\\lambda_1 \\sum |W|$ instead. Its derivative is $\\lambda_1$ where a weight "
            f"is positive and $-\\lambda_1$ where it is negative. Let $\\lambda_1 = {l1}$, and "
            "$W^{(1)}$ as before.",
            Scene(line="dC_dW1"),
            Values(
                "What does L1 add to $\\partial C / \\partial W^{(1)}$?",
                l1 * np.sign(W),
                why="The same size for every weight, however small. So L1 takes a small weight all "
                "the way to 0, where L2 has long become gentle.",
                slips=(
                    Slip(l1 * W, "That would be L2: proportional to the weight."),
                    Slip(l1 * np.abs(W), "That is the penalty itself, not its derivative."),
                    Slip(np.sign(W), f"Times $\\lambda_1 = {l1}$."),
                    Slip(
                        -l1 * np.sign(W),
                        "The step subtracts it; the gradient has this sign turned round.",
                    ),
                ),
                hint="The sign of each weight, times $\\lambda_1$.",
            ),
        ),
    )


def _runs(seed: int) -> Sequence[Card]:
    free, shrunk, sparse = (moons(seed), moons(seed, l2=L2), moons(seed, l1=L1))
    squares = [float(np.square(weights_after(recipe)).sum()) for recipe in (free, shrunk)]
    small = [int((np.abs(weights_after(r)) < SMALL).sum()) for r in (shrunk, sparse)]
    costs = [data_costs(recipe) for recipe in (free, shrunk)]
    return (
        Card(
            "Two runs",
            f"8 tanh units and 42 noisy moons. The second run has $\\lambda_2 = {L2}$, and all "
            f"else is the same. After {STEPS} steps the sum of all squared weights is "
            f"${tex(squares[0], 3)}$ without the penalty and ${tex(squares[1], 3)}$ with it.",
            Scene(recipe=free, step=0, line="C", sample="batch", figure="data", reference=shrunk),
            Choice(
                "Which of the two has the lower cross-entropy on the training data, not counting "
                "the penalty?",
                (
                    Option(
                        "The one without the penalty.",
                        f"${tex(costs[0][0], 3)}$ against ${tex(costs[1][0], 3)}$. It minimises "
                        "just that; the cost that the page shows for the second run has the "
                        f"penalty in it. On the test data it is ${tex(costs[0][1], 3)}$ against "
                        f"${tex(costs[1][1], 3)}$.",
                        right=True,
                    ),
                    Option(
                        "The one with the penalty: it generalises better.",
                        "That would show on the test data, if at all. On the training data nothing "
                        "beats minimising the training cost itself.",
                    ),
                    Option(
                        "Both have the same.",
                        "The second one pays for its weights, and gives up something else for it.",
                    ),
                ),
                hint="What does each of them minimise?",
            ),
        ),
        Card(
            "Small weights, few weights",
            f"A third run has $\\lambda_1 = {L1}$ instead. Each network has 24 weights.",
            Scene(recipe=sparse, step=STEPS, line="C", reference=shrunk),
            Choice(
                f"After {STEPS} steps, how many weights are smaller than {SMALL} in size?",
                (
                    Option(
                        f"{small[0]} with L1, {small[1]} with L2.",
                        "The other way round. Which of the two pulls at a small weight as hard as "
                        "at a large one?",
                    ),
                    Option(
                        f"{small[1]} with L1, {small[0]} with L2.",
                        "L1 pulls with the same force down to 0. L2 makes all weights smaller and "
                        "leaves nearly all of them there. On the page, look at the edges that "
                        "have gone.",
                        right=True,
                    ),
                    Option(
                        f"{small[1]} with both.",
                        "L2 pulls less and less the smaller a weight is.",
                    ),
                ),
                hint="What did L1 add to the gradient of a small weight, and what L2?",
            ),
        ),
    )


LESSON = Lesson(
    name="regularisation",
    title="A price for large weights",
    group="further",
    exercise="",
    summary="L1 and L2: in the cost, in the gradient, and in three runs.",
    minutes=15,
    cards=cards,
    questions=7,
)
