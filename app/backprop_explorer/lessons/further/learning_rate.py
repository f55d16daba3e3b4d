"""The learning rate: too small, right, too large, in a case that can be worked out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from backprop_explorer.lessons.drawn import first
from backprop_explorer.lessons.frames import frames
from backprop_explorer.lessons.lesson import Card, Draw, Lesson, Scene
from backprop_explorer.lessons.questions import Choice, LineValue, Option, Slip, Values
from backprop_explorer.lessons.scenes import opening
from backprop_explorer.lessons.working import LessonWorking, assigned
from backprop_explorer.lessons.written import tex

SLOW, GOOD, FAST, STEPS = 0.001, 0.1, 3.0, 200


def sine(learning_rate: float, seed: int) -> dict[str, Any]:
    """A sine, learned by 8 tanh units."""
    return {
        "dataset": {"name": "sine", "samples": 60, "noise": 0.1, "seed": seed},
        "network": {
            "layers": [{"units": 8, "activation": "tanh"}, {"units": 1, "activation": "identity"}],
            "seed": seed,
        },
        "cost": {"name": "mse", "reduction": "mean"},
        "optimizer": {"name": "sgd", "learning_rate": learning_rate},
        "batch": {"size": None, "shuffle": False},
    }


def _unit(draw: Draw) -> LessonWorking:
    """One linear unit with one input; the learning rate is between a third and half of the best."""

    def make() -> LessonWorking:
        x = float(draw.normal(1)[0])
        rate = float(np.round(draw.rng.uniform(0.3, 0.45) / (x * x + 1.0) / 2.0, 3))
        return LessonWorking(
            [([[float(draw.normal(1)[0])]], draw.normal(1, scale=0.5), "identity")],
            [x],
            draw.normal(1),
            learning_rate=rate,
        )

    def tells(working: LessonWorking) -> bool:
        miss = abs(float((working.shown("a1") - working.shown("target"))[0]))
        x = abs(float(working.shown("x")[0]))
        return 0.4 < x < 2.0 and 0.4 < miss < 3.0

    return first(make, tells)


def _bad(draw: Draw) -> int:
    """A seed for which the three rates do what is said of them."""

    def tells(seed: int) -> bool:
        slow, good = (frames(sine(rate, seed), 0, STEPS) for rate in (SLOW, GOOD))
        fast = frames(sine(FAST, seed), STEPS)[0]
        start = slow[0]["cost"]["train"]
        return bool(
            slow[1]["cost"]["train"] > 2.5 * good[1]["cost"]["train"]
            and start > slow[1]["cost"]["train"]
            and fast["diverged"]
        )

    return first(lambda: int(draw.rng.integers(10_000)), tells)


def cards(draw: Draw) -> Sequence[Card]:
    """One unit by hand, then three runs."""
    unit = _unit(draw)
    return (*_by_hand(unit), *_runs(_bad(draw)))


def _by_hand(unit: LessonWorking) -> Sequence[Card]:
    rate, x = float(unit.learning_rate or 0.0), float(unit.shown("x")[0])
    miss = float((unit.shown("a1") - unit.shown("target"))[0])
    curve = x * x + 1.0
    factor = 1.0 - 2.0 * rate * curve
    best = 1.0 / (2.0 * curve)
    numbers = assigned(
        W=unit.shown("W1"), b=unit.shown("b1"), x=unit.shown("x"), target=unit.shown("target")
    )
    return (
        Card(
            "One step",
            "One linear unit with one input, $a = w x + b$, one sample, the squared error "
            f"$C = (a - y)^2$.\n\n```\n{numbers}\n```\n\nThe learning rate $\\eta$ is {rate}.",
            opening(unit, "dC_dW1", hide="W1_next"),
            LineValue(
                "What is $w$ after one step of gradient descent?",
                unit,
                "W1_next",
                why="$w - \\eta \\cdot 2 (a - y)\\, x$. The bias moves too, by $\\eta \\cdot 2 "
                "(a - y)$.",
                hint="Against the gradient on the page, as far as $\\eta$ says.",
            ),
        ),
        Card(
            "What becomes of the miss",
            f"The miss $e = a - y$ is ${tex(miss)}$. A step changes $w$ by $-2 \\eta e x$ and $b$ "
            "by $-2 \\eta e$. So the miss becomes $e + (-2 \\eta e x)\\, x - 2 \\eta e$, which is "
            "$e$ times a number.",
            Scene(line="W1_next"),
            Values(
                "Which number?",
                factor,
                why=f"$1 - 2 \\eta (x^2 + 1) = 1 - 2 \\cdot {tex(rate)} \\cdot {tex(curve)} = "
                f"{tex(factor)}$. Each step multiplies the miss by it.",
                slips=(
                    Slip(1.0 - 2.0 * rate * x * x, "The bias moves too: $x^2 + 1$."),
                    Slip(1.0 - rate * curve, "The square of the cost brings a factor 2."),
                    Slip(2.0 * rate * curve, "That is the part that is taken away from 1."),
                ),
                hint="Take $e$ out of the sum.",
            ),
        ),
        Card(
            "The best rate",
            "For this sample there is a learning rate with which one step is enough.",
            Scene(line="W1_next"),
            Values(
                "Which one?",
                best,
                why=f"The factor is 0 for $\\eta = \\frac{{1}}{{2 (x^2 + 1)}} = {tex(best)}$. A "
                "smaller rate leaves something of the miss, a larger one overshoots.",
                slips=(
                    Slip(
                        1.0 / curve, "With that the factor is −1: the miss changes its sign only."
                    ),
                    Slip(1.0 / (2.0 * x * x), "The bias moves too: $x^2 + 1$."),
                ),
                hint="For which $\\eta$ is the factor 0?",
            ),
        ),
        Card(
            "Where it tips over",
            "Training goes on as long as the miss gets smaller, be it with another sign each time.",
            Scene(line="W1_next"),
            Values(
                "Above which learning rate does the miss grow from step to step?",
                2.0 * best,
                why="The factor is below −1 for $\\eta > \\frac{1}{x^2 + 1} = "
                f"{tex(2 * best)}$: twice the best rate. Between the two the miss changes its sign "
                "in every step, and shrinks.",
                slips=(
                    Slip(best, "There the miss is gone after one step. It may overshoot a little."),
                    Slip(4.0 * best, "There the factor is −3 already."),
                ),
                hint="For which $\\eta$ is the factor −1?",
            ),
        ),
        Card(
            "Beyond",
            # With four digits of η the third power of the factor is off by more than is accepted.
            f"Take twice that again: $\\eta = {tex(4 * best, 7)}$. "
            f"The miss is ${tex(miss, 7)}$ now.",
            Scene(line="W1_next"),
            Values(
                "What is it after three steps?",
                -27.0 * miss,
                why="The factor is $1 - 4 = -3$, and $(-3)^3 = -27$. The steps get longer and "
                "longer: the training diverges.",
                slips=(
                    Slip(27.0 * miss, "Its sign changes with every step, and three is odd."),
                    Slip(-9.0 * miss, "The factor −3, three times."),
                ),
                hint="Put this $\\eta$ into $1 - 2 \\eta (x^2 + 1)$.",
            ),
        ),
    )


def _runs(seed: int) -> Sequence[Card]:
    start, slow = (frame["cost"]["train"] for frame in frames(sine(SLOW, seed), 0, STEPS))
    good = frames(sine(GOOD, seed), STEPS)[0]["cost"]["train"]
    step = frames(sine(FAST, seed), STEPS)[0]["diverged"]["step"]
    return (
        Card(
            "A real network",
            "8 tanh units learn a sine, with the mean squared error. It begins at "
            f"${tex(start, 3)}$. With $\\eta = {SLOW}$ it is ${tex(slow, 3)}$ after {STEPS} steps.",
            Scene(recipe=sine(SLOW, seed), step=STEPS, line="C", sample="batch", figure="data"),
            Choice(
                f"And with $\\eta = {GOOD}$, a hundred times as much?",
                (
                    Option(
                        "It diverges.",
                        "Not yet: it depends on how curved the cost is, as with the single unit.",
                    ),
                    Option(
                        "It gets much further.",
                        f"${tex(good, 3)}$ after {STEPS} steps. With the small rate it would get "
                        "there too, a hundred times later.",
                        right=True,
                    ),
                    Option(
                        "It is about the same after so many steps.",
                        "With the small rate the training has only begun.",
                    ),
                ),
                hint="Is the small one near its limit, or far from it?",
            ),
        ),
        Card(
            "Too far",
            f"The second run has $\\eta = {GOOD}$. Now $\\eta = {FAST:g}$.",
            Scene(recipe=sine(FAST, seed), step=0, reference=sine(GOOD, seed), figure="data"),
            Choice(
                "What happens?",
                (
                    Option(
                        "It learns thirty times as fast.",
                        "Only as long as a step is short for the landscape.",
                    ),
                    Option(
                        "The cost swings up and down and stays where it is.",
                        "That is the border. Here every swing is longer than the last.",
                    ),
                    Option(
                        "Every step is longer than the one before, until the numbers overflow.",
                        f"It happens at step {step}. The page says so and offers a smaller rate.",
                        right=True,
                    ),
                ),
                hint="What did the single unit do, well above its limit?",
            ),
            after="A rate is too large if the cost climbs within a few steps, and too small if it "
            "falls along a straight line. Look for the largest one that does not climb, "
            "in factors of 3 or 10.",
        ),
    )


LESSON = Lesson(
    name="learning-rate",
    title="The length of a step",
    group="further",
    exercise="",
    summary="From which learning rate on does training diverge? Worked out, then watched.",
    minutes=15,
    cards=cards,
    questions=7,
)
