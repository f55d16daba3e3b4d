"""Softmax with cross-entropy: the full Jacobian, and why nearly all of it cancels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backprop_explorer.lessons.drawn import first
from backprop_explorer.lessons.lesson import Card, Draw, Lesson, Scene
from backprop_explorer.lessons.questions import Choice, LineValue, Option, Signs, Slip, Values
from backprop_explorer.lessons.scenes import ask, look, opening
from backprop_explorer.lessons.working import LessonWorking, assigned
from backprop_explorer.lessons.written import tex, vector


def _working(draw: Draw, fused: bool) -> LessonWorking:
    def make() -> LessonWorking:
        layer = (draw.normal(2, 3), draw.normal(3, scale=0.5), "softmax")
        target = np.eye(3)[draw.rng.integers(3)]
        return LessonWorking(
            [layer],
            draw.normal(2),
            target,
            "cross_entropy",
            "sum",
            "column",
            fused=fused,
            jacobians=True,
        )

    def tells(working: LessonWorking) -> bool:
        p = np.sort(working.shown("a1"))
        return bool(p[0] > 0.04 and np.diff(p).min() > 0.03)

    return first(make, tells)


def cards(draw: Draw) -> Sequence[Card]:
    """A softmax layer 2 → 3, one sample, the long way and the short one."""
    working = _working(draw, fused=False)
    p, target = working.shown("a1"), np.asarray(working.target, dtype=np.float64)
    at = int(np.argmax(target))
    jacobian = np.diag(p) - np.outer(p, p)
    numbers = assigned(
        W=working.shown("W1"), b=working.shown("b1"), x=working.shown("x"), target=target
    )
    return (
        Card(
            "Probabilities",
            "A softmax layer, 2 → 3. $z = W x + b$, and $p_k = e^{z_k} / \\sum_j e^{z_j}$ is the "
            f"probability of class $k$. The target $t$ is 1 for class {at + 1} and 0 for the "
            f"others.\n\n```\n{numbers}\n```",
            opening(working, "z1", hide="a1"),
            LineValue(
                "What is $p$?",
                working,
                "a1",
                why="The three add up to 1. That is what ties them together on the way back.",
                hint="$z$ is on the page. Exponentials first, then divide by their sum.",
            ),
        ),
        Card(
            "The cost of one sample",
            "The cross-entropy is $C = -\\sum_k t_k \\log p_k$, with the natural logarithm.",
            ask("C"),
            Values(
                "What is $C$?",
                -np.log(p[at]),
                why=f"$-\\log {tex(p[at])}$: of the sum only the right class is left.",
                slips=(
                    Slip(-np.log10(p[at]), "The natural logarithm is meant: `np.log`."),
                    Slip(
                        -np.log(p).sum(),
                        "The target is 0 for two of the three classes: they do not count.",
                    ),
                    Slip(np.log(p[at]), "The minus in front is missing: a cost is positive here."),
                    Slip(
                        -np.log(p[at]) / 3,
                        "A sum is meant, not a mean over the classes.",
                    ),
                ),
                hint="Two of the three terms are 0.",
            ),
        ),
        Card(
            "The long way: from C to p",
            "First the gradient with respect to $p$.",
            ask("dC_da1"),
            LineValue(
                "What is $\\partial C / \\partial p$?",
                working,
                "dC_da1",
                why=f"$-t_k / p_k$: $-1 / {tex(p[at])}$ for the right class, 0 for the others.",
                hint="The derivative of $-\\log p$.",
            ),
        ),
        Card(
            "A full Jacobian",
            "A sigmoid's output depends on its own $z$ alone. Each $p_j$ of softmax depends on all "
            "$z_k$, through the sum: $\\partial p_j / \\partial z_k = p_j (1 - p_j)$ if $j = k$, "
            "and $-p_j\\, p_k$ if not.",
            ask("da1_dz1"),
            Values(
                "What is the first row of $\\partial p / \\partial z$, that of $p_1$?",
                jacobian[0],
                why="The row adds up to 0: a number added to all $z$ changes no probability.",
                slips=(
                    Slip(
                        np.array([p[0] * (1 - p[0]), 0.0, 0.0]),
                        "This treats softmax as if each output were alone. $p_1$ falls when "
                        "another $z$ grows.",
                    ),
                    Slip(
                        np.array([p[0] * (1 - p[0]), p[0] * p[1], p[0] * p[2]]),
                        "When another $z$ grows, does $p_1$ grow or fall?",
                    ),
                    Slip(p * (1 - p), "That is the diagonal of the Jacobian, not its first row."),
                ),
                hint=f"$p = {vector(p)}$. One entry is positive, two are negative.",
            ),
        ),
        Card(
            "From p to z",
            "$\\frac{\\partial C}{\\partial z_k} = \\sum_j \\frac{\\partial C}{\\partial p_j} "
            "\\frac{\\partial p_j}{\\partial z_k}$.",
            ask("dC_dz1"),
            LineValue(
                "What is $\\partial C / \\partial z$?",
                working,
                "dC_dz1",
                why=f"Only row {at + 1} of the Jacobian counts, times $-1 / p_{at + 1}$. The "
                f"$p_{at + 1}$ cancels, and $p - t$ is left: prediction minus target.",
                hint="$\\partial C / \\partial p$ has one entry that is not 0. Which row of the "
                "Jacobian does it multiply?",
            ),
        ),
        Card(
            "The short way",
            "The page now computes both together: $\\partial C / \\partial z = p - t$, and "
            "$\\partial C / \\partial p$ does not occur.",
            Scene(line="dC_dz1", fused=True, jacobians=False),
            Choice(
                "The numbers are the same. Why is the short way better?",
                (
                    Option(
                        "It is more exact for large probabilities only.",
                        "It is for small ones that the long way fails.",
                    ),
                    Option(
                        "It never divides by $p$, which may be as small as 0 for a computer.",
                        "With $z$ of some hundreds the right class can get $p = 0$: $\\log 0$ and "
                        "$1 / 0$ on the long way, and still $p - t$ on the short one.",
                        right=True,
                    ),
                    Option(
                        "It is the gradient of a simpler cost.",
                        "It is the gradient of the same cost: you computed both.",
                    ),
                ),
                hint="What if the network is very sure, and wrong?",
            ),
        ),
        Card(
            "Who gains, who loses",
            "A step goes against the gradient.",
            look("dC_dz1"),
            Signs(
                "In which direction does a small step against $\\partial C / \\partial b$ change "
                "each $b_k$?",
                target - p,
                names=("$b_1$", "$b_2$", "$b_3$"),
                why="Up for the right class, down for the others. The three changes add up to 0.",
                wrong="The step is $-\\eta\\,(p - t)$.",
                hint="$\\partial C / \\partial b$ is $\\partial C / \\partial z$, and the step has "
                "the opposite sign.",
            ),
        ),
        Card(
            "One weight",
            "From here on all is as with any other layer.",
            ask("dC_dW1"),
            LineValue(
                "What is $\\partial C / \\partial W$, of shape (3, 2)?",
                working,
                "dC_dW1",
                why="`np.outer(p - t, x)`.",
                hint="The outer product of $\\partial C / \\partial z$ and $x$.",
            ),
        ),
    )


LESSON = Lesson(
    name="softmax-with-cross-entropy",
    title="Softmax with cross-entropy",
    group="further",
    exercise="",
    summary="Through the full Jacobian to prediction minus target, and the short way.",
    minutes=15,
    cards=cards,
)
