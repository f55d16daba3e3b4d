"""Find the bug: cross-entropy with the gradient of the squared error."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backprop_explorer.lessons.bugs.listing import Listing
from backprop_explorer.lessons.drawn import first
from backprop_explorer.lessons.lesson import Card, Draw, Lesson
from backprop_explorer.lessons.questions import Choice, LineValue, Option, Signs, Slip, Values
from backprop_explorer.lessons.scenes import ask, look, opening
from backprop_explorer.lessons.working import Array, LessonWorking, assigned, listed
from backprop_explorer.lessons.written import tex, vector

LISTING = Listing(
    """\
def softmax(z):
    e = np.exp(z - np.max(z))
    return e / np.sum(e)

def softmax_der(p):
    return np.diag(p) - np.outer(p, p)

def cross_entropy(p, target):
    return -np.sum(target * np.log(p))

def cross_entropy_der(p, target):
    return -target / p

def mse_der(p, target):
    return 2 / len(p) * (p - target)

def cost(W, b, x, target):
    return cross_entropy(softmax(W @ x + b), target)

def gradients(W, b, x, target, cost_der=mse_der):
    p = softmax(W @ x + b)
    dC_da = cost_der(p, target)
    dC_dz = softmax_der(p) @ dC_da
    return np.outer(dC_dz, x), dC_dz""",
    fault="cost_der=mse_der",
    fix="cost_der=cross_entropy_der",
)


def _as_written(p: Array, target: Array) -> Array:
    dC_da = 2.0 / 3.0 * (p - target)
    dC_dz: Array = p * (dC_da - p @ dC_da)
    return dC_dz


def _working(draw: Draw) -> LessonWorking:
    """A sample of which the network is quite sure, and wrong."""

    def make() -> LessonWorking:
        layer = (draw.normal(2, 3, scale=1.5), draw.normal(3, scale=0.5), "softmax")
        target = np.eye(3)[draw.rng.integers(3)]
        return LessonWorking(
            [layer], draw.normal(2), target, "cross_entropy", "sum", "column", fused=False
        )

    def tells(working: LessonWorking) -> bool:
        p = working.shown("a1")
        at = int(np.argmax(np.asarray(working.target)))
        return bool(0.01 < p[at] < 0.06 and p.min() > 0.005)

    return first(make, tells)


def cards(draw: Draw) -> Sequence[Card]:
    """A softmax layer 2 → 3, one sample."""
    working = _working(draw)
    p, target = working.shown("a1"), np.asarray(working.target, dtype=np.float64)
    at = int(np.argmax(target))
    written, right = _as_written(p, target), p - target
    numbers = assigned(
        W=working.shown("W1"), b=working.shown("b1"), x=working.shown("x"), target=target
    )
    return (
        Card(
            "Sure, and wrong",
            "A softmax layer, 2 → 3, with the cross-entropy $C = -\\sum_k t_k \\log p_k$, where "
            "$p$ is what softmax gives and $t$ the target: 1 for the right class, else 0.\n\n"
            f"```\n{LISTING.code}\n\n{numbers}\n```\n\n"
            f"The probabilities are `{listed(p)}`: the right class, number {at + 1}, gets "
            f"${tex(100 * p[at], 3)}$ %.",
            opening(working, "a1", hide="C"),
            Signs(
                "Which sign has $\\partial C / \\partial b_k$ for each class?",
                right,
                names=("$b_1$", "$b_2$", "$b_3$"),
                why="More for the right class lowers the cost; more for the others raises it, "
                "since it takes probability away from the right one.",
                wrong="A larger $b_k$ makes class $k$ more likely. Does that help the right class?",
                hint="Softmax shares out 1 in all. What one class gains the others lose.",
            ),
        ),
        Card(
            "Two answers",
            f"The code gives ∂C/∂b = `{listed(written, 8)}`. Difference quotients of `cost` give "
            f"`{listed(right, 8)}`, and autograd agrees with them.",
            look("C", "dC_da1"),
            Values(
                "How many times too small is the code's number for the right class?",
                right[at] / written[at],
                why=f"${tex(right[at] / written[at], 3)}$ times. The network is sure and wrong, "
                "and it would hardly move.",
                slips=(Slip(written[at] / right[at], "The other way round."),),
                hint=f"Divide the two numbers for class {at + 1}.",
            ),
        ),
        Card(
            "A trace",
            "Difference quotients of `np.mean((softmax(W @ x + b) - target) ** 2)` give exactly "
            "the code's numbers.",
            look("C", "dC_da1"),
            Choice(
                "What follows?",
                (
                    Option(
                        "The code's gradient is right, but for another cost.",
                        "It descends on the mean squared error, while the cross-entropy is what is "
                        "printed.",
                        right=True,
                    ),
                    Option(
                        "The derivative of softmax is wrong.",
                        "With a wrong Jacobian it would not be the gradient of any of the two "
                        "costs.",
                    ),
                    Option(
                        "Both costs have the same gradient.",
                        "The difference quotients of the two are not the same: you divided them.",
                    ),
                ),
                hint="A difference quotient knows nothing of the code's formulas.",
            ),
        ),
        Card(
            "Find the line",
            "Each function for itself is right.",
            look("C", "dC_da1"),
            LISTING.question(
                "In which line does the fault come in?",
                "The default argument `cost_der=mse_der` was left over from an exercise with "
                "another cost. Nobody hands in a `cost_der`, so it is used.",
                "Who decides which derivative is called?",
                {
                    "return 2 / len(p)": "The derivative of the mean squared error: right for "
                    "that cost.",
                    "return -target / p": "The derivative of the cross-entropy: right.",
                    "np.diag(p)": "The full Jacobian of softmax: right.",
                    "dC_da = cost_der": "It calls whatever it was given. What was that?",
                },
            ),
        ),
        Card(
            "The line, in numbers",
            "Now with the derivative of the cost that is used.",
            ask("dC_da1"),
            LineValue(
                "What is $\\partial C / \\partial p$?",
                working,
                "dC_da1",
                why="$-t_k / p_k$: 0 for the wrong classes, and for the right one the larger, the "
                f"smaller its probability is. Here $-1 / {tex(p[at])}$.",
                hint="Only one term of the sum is not 0. Differentiate $-\\log p$.",
            ),
        ),
        Card(
            "Through softmax",
            "The full Jacobian of softmax takes it back to $z$.",
            ask("dC_dz1"),
            LineValue(
                "What is $\\partial C / \\partial z$?",
                working,
                "dC_dz1",
                why=f"Prediction minus target: ${vector(p)}$ minus $t$. The small probability in "
                "the denominator has cancelled.",
                hint="`softmax_der(p) @ dC_da`, or the rule that you know for softmax with "
                "cross-entropy.",
            ),
        ),
        Card(
            "Why the squared error is so slow here",
            "In the code's gradient every term has a factor $p_k$ of softmax's slope, and nothing "
            "that cancels it.",
            look("dC_dz1"),
            Choice(
                "When does that hurt most?",
                (
                    Option(
                        "When the network is nearly right.",
                        "Then the gradient should be small.",
                    ),
                    Option(
                        "When the network is sure and wrong.",
                        "The right class has a tiny $p$, so the slope is tiny, though the error is "
                        "as large as can be. Cross-entropy divides by that $p$.",
                        right=True,
                    ),
                    Option(
                        "When all classes are equally likely.",
                        "Then softmax's slopes are near their largest.",
                    ),
                ),
                hint="Where is $p_k (1 - p_k)$ small?",
            ),
        ),
        Card(
            "Next time",
            "The checker calls this **gradient of another cost**, and says which. Keep a cost and "
            "its derivative in one place, and hand over the pair. A cost that falls very slowly, "
            "and a gradient that autograd does not confirm, are its signs. Compare with a "
            "difference quotient of the very function that you print.",
        ),
    )


LESSON = Lesson(
    name="bug-gradient-of-another-cost",
    title="Descending on the wrong hill",
    group="bugs",
    exercise="",
    summary="Cross-entropy is printed, and something else is minimised.",
    minutes=15,
    cards=cards,
)
