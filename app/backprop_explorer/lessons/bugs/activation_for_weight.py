"""Find the bug: a¹ where w² belongs, in a chain of two units."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backprop_explorer.lessons.bugs.listing import Listing
from backprop_explorer.lessons.drawn import first
from backprop_explorer.lessons.lesson import Card, Draw, Lesson
from backprop_explorer.lessons.questions import Choice, LineValue, Option, Slip, Values
from backprop_explorer.lessons.scenes import ask, look, opening
from backprop_explorer.lessons.working import LessonWorking
from backprop_explorer.lessons.written import tex

ETA = 0.5
H = 1e-5

LISTING = Listing(
    """\
def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def cost(w1, b1, w2, b2, x, y):
    a1 = sigmoid(w1 * x + b1)
    a2 = sigmoid(w2 * a1 + b2)
    return (a2 - y) ** 2 / 2

def dC_dw1(w1, b1, w2, b2, x, y):
    a0 = x
    a1 = sigmoid(w1 * a0 + b1)
    a2 = sigmoid(w2 * a1 + b2)
    delta2 = (a2 - y) * a2 * (1 - a2)
    delta1 = delta2 * a1 * a1 * (1 - a1)
    return delta1 * a0""",
    fault="delta2 * a1 *",
    fix="delta2 * w2 *",
)


def _sigmoid(z: float) -> float:
    return float(1.0 / (1.0 + np.exp(-z)))


class _Chain:
    """The numbers of one draw; ``written`` is what the listing gives, ``right`` what it should."""

    def __init__(self, draw: Draw) -> None:
        self.w1 = float(np.round(draw.rng.uniform(0.4, 1.5), 2)) * float(draw.rng.choice([-1, 1]))
        self.w2 = -float(np.round(draw.rng.uniform(0.5, 1.6), 2))
        self.b1, self.b2, self.x = (float(v) for v in draw.normal(3, scale=0.7))
        self.y = float(np.round(draw.rng.uniform(0.05, 0.95), 2))
        self.a1 = _sigmoid(self.w1 * self.x + self.b1)
        self.a2 = _sigmoid(self.w2 * self.a1 + self.b2)
        below = (self.a2 - self.y) * self.a2 * (1 - self.a2) * self.a1 * (1 - self.a1) * self.x
        self.right, self.written = below * self.w2, below * self.a1

    def cost(self, w1: float) -> float:
        a2 = _sigmoid(self.w2 * _sigmoid(w1 * self.x + self.b1) + self.b2)
        return (a2 - self.y) ** 2 / 2

    @property
    def good(self) -> bool:
        """Large enough to see, and no two of the quotients alike."""
        quotients = [v / self.w2 for v in (self.a1, self.a2, self.x, self.w1)]
        gaps = np.abs(np.subtract.outer(quotients, quotients))[np.triu_indices(4, 1)]
        here = self.cost(self.w1)
        return bool(
            abs(self.right) > 2e-3
            and gaps.min() > 0.05
            and self.cost(self.w1 - ETA * self.written) > here
            and self.cost(self.w1 - ETA * self.right) < here
        )


def cards(draw: Draw) -> Sequence[Card]:
    """A chain of two sigmoid units, and a weight that is negative."""
    c = first(lambda: _Chain(draw), lambda chain: chain.good)
    working = LessonWorking(
        [([[c.w1]], [c.b1], "sigmoid"), ([[c.w2]], [c.b2], "sigmoid")],
        [c.x],
        [c.y],
        reduction="half_sum",
    )
    quotient = (c.cost(c.w1 + H) - c.cost(c.w1 - H)) / (2 * H)
    given = f"w1, b1, w2, b2 = {c.w1}, {c.b1}, {c.w2}, {c.b2}\nx, y = {c.x}, {c.y}"
    here = c.cost(c.w1)
    return (
        Card(
            "Two numbers that should agree",
            "Two sigmoid units in a chain: $a^{(1)} = \\sigma(w^{(1)} a^{(0)} + b^{(1)})$ and "
            "$a^{(2)} = \\sigma(w^{(2)} a^{(1)} + b^{(2)})$ with $a^{(0)} = x$. The cost is "
            "$C = \\frac{1}{2} (a^{(2)} - y)^2$.\n\n"
            f"```\n{LISTING.code}\n\n{given}\n```\n\n"
            f"The code says that ∂C/∂w¹ is `{c.written:.8f}`. A difference quotient, "
            "`(cost(w1 + h, …) - cost(w1 - h, …)) / (2 * h)` with a small `h`, says "
            f"`{quotient:.8f}`.",
            opening(working, "C", hide="dC_da2"),
            Values(
                "Divide what the code says by the difference quotient. What do you get?",
                c.written / c.right,
                why=f"${tex(c.written / c.right)}$. A quotient that is neither 1 nor a simple "
                "number is a trace: one factor stands where another belongs.",
                slips=(Slip(c.right / c.written, "The other way round: the code's number first."),),
                hint="One division. The sign counts too.",
            ),
        ),
        Card(
            "Read the trace",
            f"The numbers of the working: $a^{{(0)}} = {tex(c.x)}$, $a^{{(1)}} = {tex(c.a1)}$, "
            f"$a^{{(2)}} = {tex(c.a2)}$, $w^{{(1)}} = {tex(c.w1)}$, $w^{{(2)}} = {tex(c.w2)}$.",
            look("C"),
            Choice(
                f"Which of these quotients is ${tex(c.written / c.right)}$?",
                (
                    Option(
                        "$a^{(0)} / w^{(2)}$",
                        f"That is ${tex(c.x / c.w2)}$.",
                    ),
                    Option(
                        "$a^{(2)} / w^{(2)}$",
                        f"That is ${tex(c.a2 / c.w2)}$.",
                    ),
                    Option(
                        "$a^{(1)} / w^{(2)}$",
                        "So the code has $a^{(1)}$ somewhere, and $w^{(2)}$ belongs there.",
                        right=True,
                    ),
                    Option(
                        "$w^{(1)} / w^{(2)}$",
                        f"That is ${tex(c.w1 / c.w2)}$.",
                    ),
                ),
                hint="Work them out one by one; begin with the sign.",
            ),
        ),
        Card(
            "Find the line",
            "From the cost back to $w^{(1)}$: through $a^{(2)}$, $z^{(2)}$, $a^{(1)}$, $z^{(1)}$.",
            look("C"),
            LISTING.question(
                "Which line is wrong?",
                "$\\partial z^{(2)} / \\partial a^{(1)}$ is $w^{(2)}$. The line multiplies by "
                "$a^{(1)}$, which is $\\partial z^{(2)} / \\partial w^{(2)}$: it belongs to "
                "another gradient.",
                "Say for each factor which derivative of which line it is.",
                {
                    "delta2 = (a2 - y)": "$\\partial C / \\partial z^{(2)}$: the cost's derivative "
                    "times the slope of the second sigmoid. Right.",
                    "return delta1 * a0": "$\\partial z^{(1)} / \\partial w^{(1)} = a^{(0)}$: "
                    "right.",
                    "return (a2 - y) ** 2 / 2": "The 2 in the denominator cancels the one of the "
                    "square: right.",
                },
            ),
        ),
        Card(
            "The line, in numbers",
            "Back from $z^{(2)}$ to $a^{(1)}$, the right way.",
            ask("dC_da1"),
            LineValue(
                "What is $\\partial C / \\partial a^{(1)}$?",
                working,
                "dC_da1",
                why="$\\frac{\\partial C}{\\partial z^{(2)}} w^{(2)}$, and nothing else.",
                hint="$z^{(2)} = w^{(2)} a^{(1)} + b^{(2)}$. Differentiate with respect to "
                "$a^{(1)}$.",
            ),
        ),
        Card(
            "The repaired gradient",
            f"The line is now `delta1 = {LISTING.fix} a1 * (1 - a1)`.",
            ask("dC_dW1"),
            LineValue(
                "What is $\\partial C / \\partial w^{(1)}$?",
                working,
                "dC_dW1",
                why="$\\frac{\\partial C}{\\partial w^{(1)}} = (a^{(2)} - y)\\, "
                "\\sigma'(z^{(2)})\\, w^{(2)}\\, \\sigma'(z^{(1)})\\, a^{(0)}$: it agrees with the "
                f"difference quotient ${tex(quotient)}$.",
                hint="Five factors. You know it already, to many digits, from the first card.",
            ),
        ),
        Card(
            "What the fault does",
            f"Here $w^{{(2)}} = {tex(c.w2)}$ is negative, and $a^{{(1)}}$ is positive, as all "
            f"outputs of a sigmoid are. The cost is ${tex(here)}$ now.",
            look("dC_dW1"),
            Choice(
                "What does a small step $w^{(1)} \\leftarrow w^{(1)} - \\eta\\, \\partial C / "
                "\\partial w^{(1)}$ with the faulty gradient do to the cost?",
                (
                    Option(
                        "It falls, but not as far as it could.",
                        "That would be so if the sign were right. The faulty factor has another "
                        "sign.",
                    ),
                    Option(
                        "It stays as it is.",
                        "Only a gradient of 0 does that.",
                    ),
                    Option(
                        "It grows.",
                        f"With $\\eta = {ETA}$ it grows by "
                        f"${tex(c.cost(c.w1 - ETA * c.written) - here, 3)}$; with the right "
                        f"gradient it falls by ${tex(here - c.cost(c.w1 - ETA * c.right), 3)}$. "
                        "Where all weights are positive, the same code seems to learn.",
                        right=True,
                    ),
                ),
                hint="Which sign has the quotient of the first card?",
            ),
        ),
        Card(
            "Next time",
            "The checker calls this **a used instead of W**. Both belong to the same line: $a$ is "
            "its derivative with respect to $w$, and $w$ its derivative with respect to $a$. "
            "Test a gradient with negative weights too, and against a difference quotient. If "
            "the two differ, divide them: the quotient often says which factor is wrong.",
        ),
    )


LESSON = Lesson(
    name="bug-activation-for-weight",
    title="A chain with the wrong link",
    group="bugs",
    exercise="",
    summary="A scalar chain whose gradient has the wrong size, and the wrong sign.",
    minutes=12,
    cards=cards,
)
