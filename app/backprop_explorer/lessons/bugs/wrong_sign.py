"""Find the bug: target minus prediction."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backprop_explorer.lessons.bugs.listing import Listing
from backprop_explorer.lessons.drawn import first
from backprop_explorer.lessons.lesson import Card, Draw, Lesson
from backprop_explorer.lessons.questions import Choice, LineValue, Option, Signs
from backprop_explorer.lessons.scenes import ask, look, opening
from backprop_explorer.lessons.working import Array, LessonWorking, assigned
from backprop_explorer.lessons.written import tex

ETA, SMALL_ETA, STEPS = 0.5, 0.001, (0, 1, 5, 20)

LISTING = Listing(
    """\
def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def mse(a, target):
    return np.mean((a - target) ** 2)

def gradients(W, b, x, target):
    a = sigmoid(x @ W + b)
    dC_da = 2 / target.size * (target - a)
    dC_dz = dC_da * a * (1 - a)
    return x.T @ dC_dz, dC_dz.sum(axis=0)

def train(W, b, x, target, eta, steps):
    for _ in range(steps):
        dC_dW, dC_db = gradients(W, b, x, target)
        W = W - eta * dC_dW
        b = b - eta * dC_db
    return mse(sigmoid(x @ W + b), target)""",
    fault="(target - a)",
    fix="(a - target)",
)


def _trained(working: LessonWorking, eta: float, steps: int, sign: float) -> float:
    """The cost after ``steps``; ``sign`` −1 is what the listing does."""
    W, b = (np.array(given, dtype=np.float64) for given in working.layers[0][:2])
    x, target = working.shown("x"), working.shown("target")

    def output() -> Array:
        a: Array = 1.0 / (1.0 + np.exp(-(x @ W + b)))
        return a

    for _ in range(steps):
        a = output()
        dC_dz = sign * 2.0 / target.size * (a - target) * a * (1.0 - a)
        W, b = W - eta * x.T @ dC_dz, b - eta * dC_dz.sum(axis=0)
    return float(np.mean((output() - target) ** 2))


def _batch(draw: Draw) -> LessonWorking:
    def make() -> LessonWorking:
        return LessonWorking(
            [(draw.normal(2, 1), draw.normal(1, scale=0.5), "sigmoid")],
            draw.normal(4, 2),
            np.round(draw.rng.uniform(0.1, 0.9, (4, 1)), 2),
            convention="row",
            single=False,
            learning_rate=ETA,
        )

    def tells(working: LessonWorking) -> bool:
        signs = np.sign(working.shown("dC_da1"))
        costs = [_trained(working, ETA, steps, -1.0) for steps in STEPS]
        return bool(
            abs(signs.sum()) < 4
            and np.abs(working.shown("dC_da1")).min() > 0.02
            and np.diff(costs).min() > 1e-4
            and _trained(working, SMALL_ETA, 20, -1.0) > costs[0] + 1e-6
        )

    return first(make, tells)


def cards(draw: Draw) -> Sequence[Card]:
    """One sigmoid unit, four samples."""
    working = _batch(draw)
    W, b, _ = working.layers[0]
    costs = [_trained(working, ETA, steps, -1.0) for steps in STEPS]
    rising = ", ".join(
        f"`{cost:.6f}` after {steps}" for cost, steps in zip(costs, STEPS, strict=True)
    )
    shown = assigned(W=W, b=b, x=working.x, target=working.target)
    return (
        Card(
            "A cost that climbs",
            "One sigmoid unit, four samples (rows), the mean squared error. $W$ has the shape "
            f"(2, 1).\n\n```\n{LISTING.code}\n\n{shown}\n```\n\n"
            f"With `eta = {ETA}` the cost is {rising} steps.",
            opening(working, "C", hide="dC_da1"),
            Choice(
                f"With `eta = {SMALL_ETA}` it climbs too, from `{costs[0]:.6f}` to "
                f"`{_trained(working, SMALL_ETA, 20, -1.0):.6f}` in 20 steps. What does that say?",
                (
                    Option(
                        "The learning rate is still too large.",
                        "A step that is small enough goes down if it goes against the gradient. "
                        "A cost that climbs with every rate, however small, has another reason.",
                    ),
                    Option(
                        "Somewhere a sign is wrong.",
                        "A small step against the gradient lowers the cost. This one raises it, so "
                        "it goes along the gradient.",
                        right=True,
                    ),
                    Option(
                        "Four samples are too few.",
                        "The cost is that of these four samples, and descent lowers it whether "
                        "they are few or many.",
                    ),
                ),
                hint="What does a very small step against the gradient do to the cost?",
            ),
        ),
        Card(
            "Signs, before numbers",
            "$a$ is the unit's output, one for each sample. The page shows $a$ and the target.",
            ask("dC_da1"),
            Signs(
                "What is the sign of $\\partial C / \\partial a$ for each sample?",
                working.shown("dC_da1"),
                names=tuple(f"sample {k}" for k in range(4)),
                why="Positive where $a$ is above its target: more of it costs more.",
                wrong="Where $a$ is larger than the target, a larger $a$ costs more: the sign is "
                "that of $a$ minus target.",
                hint="If $a$ grows a little, does the square of its distance to the target grow?",
            ),
        ),
        Card(
            "Find the line",
            "Every entry of the gradients has the right size and the wrong sign.",
            look("dC_da1", "dC_da1"),
            LISTING.question(
                "Which line is wrong?",
                "The derivative of $(a - y)^2$ with respect to $a$ is $2 (a - y)$. With "
                "target minus prediction all later lines inherit the wrong sign.",
                "A sign that is wrong in every gradient is made before they part.",
                {
                    "return np.mean": "In the square the order does not matter: right.",
                    "W = W - eta": "Descent subtracts the gradient: right.",
                    "b = b - eta": "Descent subtracts the gradient: right.",
                    "dC_dz = dC_da": "The slope of the sigmoid, $a (1 - a)$, is never negative: "
                    "right.",
                },
            ),
        ),
        Card(
            "The line, in numbers",
            f"It should be `dC_da = 2 / target.size * {LISTING.fix}`.",
            ask("dC_da1"),
            LineValue(
                "What is $\\partial C / \\partial a$, one row for each sample?",
                working,
                "dC_da1",
                why="$\\frac{2}{4} (a - y)$: 2 from the square, 4 from the mean over four numbers.",
                hint="Prediction minus target, times 2, divided by how many numbers are averaged.",
            ),
        ),
        Card(
            "The gradient of the weights",
            "From here on the code is right.",
            ask("dC_dW1"),
            LineValue(
                "What is $\\partial C / \\partial W$, of shape (2, 1)?",
                working,
                "dC_dW1",
                why="`x.T @ dC_dz`: each sample adds its share.",
                hint="Run the repaired code, or multiply `x.T` by the $\\partial C / \\partial z$ "
                "on the page.",
            ),
        ),
        Card(
            "Two wrongs",
            "A neighbour has the same line with `(target - a)`, and her cost falls.",
            look("dC_dW1"),
            Choice(
                "How can that be?",
                (
                    Option(
                        "Her learning rate is smaller.",
                        "You saw that a smaller one does not help.",
                    ),
                    Option(
                        "She adds the step: `W = W + eta * dC_dW`.",
                        "The two signs cancel, and training works. But what she calls the gradient "
                        "is its negative: compared with autograd every entry is wrong, and other "
                        "code that uses it goes wrong too.",
                        right=True,
                    ),
                    Option(
                        "For a square the sign of the difference does not matter.",
                        "For its value, no; for its derivative it does.",
                    ),
                ),
                hint="Where else in the code is there a sign?",
            ),
        ),
        Card(
            "One step, the right way",
            f"$\\eta = {ETA}$ is the learning rate: "
            "$b_{\\mathrm{new}} = b - \\eta\\, \\partial C / \\partial b$.",
            ask("b1_next"),
            LineValue(
                "What is $b$ after one step?",
                working,
                "b1_next",
                why=f"And the cost goes from ${tex(costs[0])}$ to "
                f"${tex(_trained(working, ETA, 1, 1.0))}$.",
                hint="$\\partial C / \\partial b$ is the column sum of "
                "$\\partial C / \\partial z$.",
            ),
        ),
        Card(
            "Next time",
            "The checker calls this **target minus prediction**, and where the plus is in the "
            "update, **step along the gradient**. A cost that climbs with every learning "
            "rate is a sign; a cost that climbs with a large one only is a learning rate. "
            "Compare one gradient with a difference quotient before you train.",
        ),
    )


LESSON = Lesson(
    name="bug-wrong-sign",
    title="The cost that climbs",
    group="bugs",
    exercise="",
    summary="Training makes it worse, with every learning rate.",
    minutes=12,
    cards=cards,
)
