"""Week 41, exercise 4: an activation function for each layer."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from backprop_explorer.lessons.drawn import distinct_slips, first
from backprop_explorer.lessons.lesson import Card, Draw, Lesson
from backprop_explorer.lessons.questions import Choice, LineValue, Option, Signs, Slip, Values
from backprop_explorer.lessons.scenes import ask, look, opening
from backprop_explorer.lessons.working import LessonWorking, assigned, listed

NAMES = ("relu", "relu", "sigmoid")


def _make(draw: Draw) -> LessonWorking:
    sizes = (3, 5, 4, 3)
    layers = [
        (draw.normal(n_in, n_out), draw.normal(n_out, scale=0.5), name)
        for (n_in, n_out), name in zip(pairwise(sizes), NAMES, strict=True)
    ]
    return LessonWorking(layers, draw.normal(3), np.zeros(3))


def _teaches(working: LessonWorking) -> bool:
    """ReLU takes something away in each layer and leaves something; σ is not saturated."""
    a1, a2, z3 = (working.shown(name) for name in ("a1", "a2", "z3"))
    on = 1 <= (a1 == 0).sum() <= 3 and 1 <= (a2 == 0).sum() <= 2
    signs = 1 <= (z3 < -0.2).sum() <= 2 and (np.abs(z3) > 0.2).all()
    return bool(on and signs and np.abs(z3).max() < 4)


def cards(draw: Draw) -> Sequence[Card]:
    """ReLU, ReLU, sigmoid on 3 → 5 → 4 → 3; then ReLU at the end."""
    working = first(lambda: _make(draw), _teaches)
    return (*_loop(working), *_numbers(working), *_relu_at_the_end(working))


def _code(working: LessonWorking) -> str:
    arrays = {"x": working.x}
    for k, (W, b, _) in enumerate(working.layers, start=1):
        arrays |= {f"W{k}": np.asarray(W).T, f"b{k}": b}
    return assigned(**arrays)


def _loop(working: LessonWorking) -> Sequence[Card]:
    return (
        Card(
            "A function for each layer",
            "Not every layer has to have the same activation. The functions come as a list, one "
            "for each layer: `activation_funcs = [ReLU, ReLU, sigmoid]`.\n\n```\n"
            "def feed_forward(input, layers, activation_funcs):\n"
            "    a = input\n"
            "    ...\n"
            "        z = W @ a + b\n"
            "        a = activation_func(z)\n"
            "    return a\n```",
            opening(working, "z1", "z1"),
            Choice(
                "Which line stands in place of the dots?",
                (
                    Option(
                        "`for (W, b), activation_func in zip(layers, activation_funcs):`",
                        "`zip` gives the first layer with the first function, then the second "
                        "with the second, and so on.",
                        right=True,
                    ),
                    Option(
                        "`for W, b, activation_func in zip(layers, activation_funcs):`",
                        "`zip` gives two things in each round: a pair `(W, b)` and a function. "
                        "The pair needs its own brackets, else Python has 2 values for 3 names.",
                    ),
                    Option(
                        "`for W, b in layers: for activation_func in activation_funcs:`",
                        "A loop inside a loop would run each layer with each of the functions.",
                    ),
                    Option(
                        "`for (W, b), activation_func in layers, activation_funcs:`",
                        "Without `zip` this is a tuple of two lists; the loop would take the "
                        "lists one after the other.",
                    ),
                ),
                hint="You go through two lists of the same length, side by side.",
            ),
        ),
        Card(
            "What a sigmoid can give",
            "The sigmoid function is $\\sigma(z) = \\frac{1}{1 + e^{-z}}$, where $e^{-z}$ is "
            "`np.exp(-z)`.",
            look("z1", "z1"),
            Choice(
                "In which range do the outputs of the network lie, before you compute any?",
                (
                    Option(
                        "between 0 and 1, never 0 or 1 exactly",
                        "$e^{-z}$ is positive for every $z$, so the fraction lies strictly "
                        "between 0 and 1. It can be read as a probability.",
                        right=True,
                    ),
                    Option(
                        "between −1 and 1",
                        "That is the range of tanh, another activation of the same form.",
                    ),
                    Option(
                        "0 or any positive number", "That is ReLU, which the first layers have."
                    ),
                    Option(
                        "any number",
                        "So it is for $z$. The activation of the last layer decides the range of "
                        "the output.",
                    ),
                ),
                hint="What does the formula give for a very large and for a very negative $z$?",
            ),
        ),
    )


def _numbers(working: LessonWorking) -> Sequence[Card]:
    z3 = working.shown("z3")
    names = tuple(f"`z3[{k}]`" for k in range(3))
    return (
        Card(
            "Through the two ReLU layers",
            f"The network 3 → 5 → 4 → 3 with ReLU, ReLU, sigmoid:\n\n```\n{_code(working)}\n```",
            ask("a2"),
            LineValue(
                "What is `a2`, the output of the second layer?",
                working,
                "a2",
                why="Some entries are 0: ReLU is the last thing that happened to them.",
                hint="Two rounds of the loop: `a1 = ReLU(W1 @ x + b1)`, then the same with `W2`, "
                "`b2` and `a1`.",
            ),
        ),
        Card(
            "The last pre-activation",
            "The third layer begins like the others.",
            ask("z3"),
            LineValue(
                "What is `z3`?",
                working,
                "z3",
                why=f"{listed(z3)}: both signs occur, which only an activation can change.",
                hint="`z3 = W3 @ a2 + b3`",
            ),
        ),
        Card(
            "Above or below one half",
            "Before the numbers: $\\sigma(0)$ is $\\frac{1}{2}$, and $\\sigma$ rises with $z$.",
            look("z3", "a3"),
            Signs(
                "For each output, is it above one half (positive) or below (negative)?",
                np.sign(z3),
                names=names,
                why="The sign of $z$ decides: positive above one half, negative below.",
                wrong="Compare with $\\sigma(0)$: a negative $z$ gives less than one half.",
                hint="Look at the signs of `z3`.",
            ),
        ),
        Card(
            "The output",
            "Now the sigmoid of each.",
            ask("a3"),
            LineValue(
                "What is `a3`?",
                working,
                "a3",
                why="This is what `feed_forward(x, layers, [ReLU, ReLU, sigmoid])` gives.",
                hint="`1 / (1 + np.exp(-z3))`. Mind the minus sign.",
            ),
        ),
    )


def _relu_at_the_end(working: LessonWorking) -> Sequence[Card]:
    z3 = working.shown("z3")
    right = np.maximum(z3, 0.0)
    changed = LessonWorking(
        [(W, b, "relu") for W, b, _ in working.layers], working.x, working.target
    )
    zeros = int((right == 0).sum())
    return (
        Card(
            "ReLU at the end",
            "Now put ReLU in the last place too. `z3` stays as it is; only the last step changes.",
            opening(changed, "z3", "a3"),
            Choice(
                "In which range do the outputs lie now?",
                (
                    Option(
                        "0 or any positive number",
                        "Nothing bounds them from above any more, and exact zeros occur.",
                        right=True,
                    ),
                    Option("between 0 and 1", "So it was with the sigmoid. ReLU has no upper end."),
                    Option("any number", "ReLU never lets a negative number through."),
                    Option(
                        "any positive number, never 0",
                        "Every negative $z$ becomes 0 exactly, not nearly.",
                    ),
                ),
                hint="What does ReLU do to −3, and to 30?",
            ),
        ),
        Card(
            "The same z, another output",
            f"`z3` is {listed(z3)}.",
            ask("a3"),
            Values(
                "What is the output with ReLU?",
                right,
                why=f"{zeros} of 3 outputs {'is' if zeros == 1 else 'are'} 0, however negative "
                "$z$ is: what was told apart before is not any more.",
                slips=distinct_slips(
                    right,
                    Slip(1 / (1 + np.exp(-z3)), "This is still the sigmoid."),
                    Slip(np.abs(z3), "ReLU does not turn the sign round: it puts 0 in place."),
                ),
                hint="0 for what is negative, $z$ itself for what is positive.",
            ),
        ),
        Card(
            "What it suits",
            "The activation of the last layer has to fit what the network should predict.",
            look("a3"),
            Choice(
                "For which target can a ReLU output be right?",
                (
                    Option(
                        "the rain of a day in millimetres",
                        "Never negative, often exactly 0, without a fixed upper end: the range of "
                        "ReLU.",
                        right=True,
                    ),
                    Option(
                        "tomorrow's temperature in °C",
                        "Winter days are below 0, and this output cannot be. Use no activation in "
                        "the last layer.",
                    ),
                    Option(
                        "the probability of rain",
                        "Nothing keeps ReLU below 1. The sigmoid does.",
                    ),
                ),
                hint="Compare the range of the target with the range of ReLU.",
            ),
        ),
    )


LESSON = Lesson(
    name="an-activation-for-each-layer",
    title="An activation for each layer",
    group="week41",
    exercise="4 a–c",
    summary="ReLU, ReLU, sigmoid; and what an output layer with ReLU can and cannot say.",
    minutes=15,
    cards=cards,
)
