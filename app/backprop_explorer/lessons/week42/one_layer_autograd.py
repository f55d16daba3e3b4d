"""Week 42, exercise 2: gradients of one layer, by autograd."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backprop_explorer.lessons.drawn import distinct_slips
from backprop_explorer.lessons.lesson import Card, Draw, Lesson
from backprop_explorer.lessons.questions import Choice, LineValue, Option, Shape, Slip, Values
from backprop_explorer.lessons.scenes import ask, look, opening
from backprop_explorer.lessons.week42.numbers import code, one_layer
from backprop_explorer.lessons.working import LessonWorking

COST = """import autograd.numpy as np
from autograd import grad

def cost_one_layer(W, b, x, target):
    a = sigmoid(W @ x + b)
    return np.mean((a - target) ** 2)"""


def cards(draw: Draw) -> Sequence[Card]:
    """Shapes of gradients, and the gradient of a sigmoid layer 2 → 3."""
    return pages(one_layer(draw.seed))


def pages(working: LessonWorking) -> Sequence[Card]:
    """The same for a given sigmoid layer 2 → 3."""
    return (*_shapes(working), *_building(working), *_running(working))


def _shapes(working: LessonWorking) -> Sequence[Card]:
    return (
        Card(
            "A number that depends on a matrix",
            "A network's **cost** $C$ is one number: how wrong the prediction is. It depends on "
            "every weight and every bias. The **gradient** of $C$ with respect to $W$ holds the "
            "derivative of $C$ with respect to each weight: how much $C$ changes when that weight "
            "does. It is written $\\partial C / \\partial W$.",
            opening(working, "C", "dC_da1"),
            Shape(
                "Suppose a layer has `W` of shape (10, 4). What is the shape of its gradient?",
                (10, 4),
                why="One derivative for each weight, in the same place.",
                slips={
                    (4, 10): "Entry by entry it belongs to `W`, so it is not turned round.",
                    (40,): "The right number of entries. They keep the places of the weights.",
                    (10,): "Each weight has its own derivative, not each row.",
                },
                hint="How many derivatives are there, one for each what?",
            ),
        ),
        Card(
            "And for the biases",
            "The same layer has `b` of shape (10,).",
            look("C", "dC_da1"),
            Shape(
                "What is the shape of $\\partial C / \\partial b$?",
                (10,),
                why="So each parameter can be changed by its own entry of the gradient.",
                slips={
                    (10, 4): "That is the gradient of the weights.",
                    (1,): "There are ten biases, each with its own derivative.",
                },
                hint="One derivative for each bias.",
            ),
        ),
    )


def _building(working: LessonWorking) -> Sequence[Card]:
    a, target = working.shown("a1"), np.asarray(working.target)
    square = np.square(a - target)
    right = square.mean()
    return (
        Card(
            "A layer with a cost",
            "Now with numbers: a sigmoid layer with 2 inputs and 3 outputs, $a = \\sigma(W x + b)$ "
            "with $\\sigma(z) = 1 / (1 + e^{-z})$. The cost is the **mean squared error**: "
            "$C = \\frac{1}{3} \\sum_i (a_i - y_i)^2$, where $y$ is the target."
            f"\n\n```\n{code(working)}\n```",
            ask("C"),
            Values(
                "What is $C$?",
                right,
                why="The mean over the three outputs: a layer with more outputs is not punished "
                "for having more.",
                slips=distinct_slips(
                    right,
                    Slip(square.sum(), "This is the sum of the squares. The mean divides it by 3."),
                    Slip(
                        0.5 * square.sum(),
                        "This is half the sum, a form that some books use. "
                        "Here it is the mean over 3 outputs.",
                    ),
                    Slip(np.abs(a - target).mean(), "The differences are squared."),
                    Slip(
                        np.square(working.shown("z1") - target).mean(),
                        "The sigmoid is missing: compare $a$ with the target, not $z$.",
                    ),
                ),
                hint="`np.mean((a - target) ** 2)`",
            ),
        ),
        Card(
            "Asking autograd",
            "autograd takes a function that gives one number and makes the function that gives its "
            f"gradient.\n\n```\n{COST}\n```",
            look("C", "dC_da1"),
            Choice(
                "How do you get the gradients with respect to `W` and `b`?",
                (
                    Option(
                        "`grad(cost_one_layer, [0, 1])(W, b, x, target)`",
                        "Arguments 0 and 1 are `W` and `b`. The new function is called like the "
                        "old one and gives two arrays.",
                        right=True,
                    ),
                    Option(
                        "`grad(cost_one_layer(W, b, x, target))`",
                        "Inside the brackets stands a number. `grad` needs the function itself, "
                        "not one of its values.",
                    ),
                    Option(
                        "`grad(cost_one_layer)(W, b, x, target)`",
                        "Without a second argument `grad` differentiates with respect to the first "
                        "argument only, so the gradient of `b` is missing.",
                    ),
                    Option(
                        "`grad(cost_one_layer, [2, 3])(W, b, x, target)`",
                        "Arguments count from 0: 2 and 3 are `x` and `target`, which are not "
                        "learned.",
                    ),
                ),
                hint="`grad` takes a function and says with respect to which arguments.",
            ),
        ),
        Card(
            "A number, not a vector",
            "`sigmoid(z)` gives a vector for a vector `z`.",
            look("C", "dC_da1"),
            Choice(
                "What does `grad(sigmoid)(z)` do?",
                (
                    Option(
                        "it stops with an error: `grad` needs a function that gives one number",
                        "A vector has a derivative for each pair of its entries and those of `z`: "
                        "a whole matrix. For a function that acts entry by entry, "
                        "`elementwise_grad` gives the diagonal of it; `jacobian` gives all.",
                        right=True,
                    ),
                    Option(
                        "it gives $\\sigma'(z)$ for each entry",
                        "That is what `elementwise_grad(sigmoid)(z)` does. `grad` refuses, since "
                        "it cannot know that the entries do not mix.",
                    ),
                    Option(
                        "it gives the gradient of the sum of all entries",
                        "The sum would have to stand in the function: `grad` does not add it.",
                    ),
                ),
                hint="A gradient tells how **one** number changes.",
            ),
        ),
    )


def _running(working: LessonWorking) -> Sequence[Card]:
    W, b = np.asarray(working.layers[0][0]).T, np.asarray(working.layers[0][1])
    x = np.asarray(working.x)
    gradient = working.shown("dC_dW1")
    row, column = np.unravel_index(np.argmax(np.abs(gradient)), gradient.shape)
    slope = gradient[row, column]
    nudged = W.copy()
    nudged[row, column] += 0.01
    a = 1 / (1 + np.exp(-(nudged @ x + b)))
    change = np.square(a - np.asarray(working.target)).mean() - float(working.shown("C"))
    return (
        Card(
            "The gradient of the weights",
            "Run it: `W_g, b_g = grad(cost_one_layer, [0, 1])(W, b, x, target)`.",
            ask("dC_dW1"),
            LineValue(
                "What is `W_g`?",
                working,
                "dC_dW1",
                why="The explorer does the same by hand, and below the working it says whether "
                "autograd agrees.",
                hint="`print(W_g)`. If the numbers do not fit, compare your $C$ with that on the "
                "page.",
            ),
        ),
        Card(
            "The gradient of the biases",
            "The second array is for `b`.",
            ask("dC_db1"),
            LineValue(
                "What is `b_g`?",
                working,
                "dC_db1",
                why="Compare it with `W_g`: each row of `W_g` is `b_g[i] * x`. Exercise 3 "
                "shows why.",
                hint="`print(b_g)`",
            ),
        ),
        Card(
            "What a derivative promises",
            f"Entry [{row}, {column}] of `W_g` is {slope:.4g}, the largest. Make that weight "
            "larger by 0.01, leave all others as they are, and compute the cost again.",
            look("dC_dW1"),
            Values(
                f"By how much does $C$ change when 0.01 is added to `W[{row}, {column}]`? A "
                "number with its sign, three digits.",
                change,
                within=max(abs(change - 0.01 * slope), 0.03 * abs(change)) * 1.05,
                why=f"The derivative times the change: {slope:.4g} · 0.01 = {0.01 * slope:.3g}. "
                f"Computed with the new weight it is {change:.3g}; the difference comes from the "
                "curve, and shrinks with the step.",
                slips=distinct_slips(
                    change,
                    Slip(
                        slope,
                        "This is the derivative: the change for a step of 1, if the "
                        "slope stayed the same. The step is 0.01.",
                    ),
                    Slip(-change, "Mind the sign: new cost minus old cost."),
                ),
                hint="Either compute $C$ twice, or multiply the derivative by 0.01.",
            ),
        ),
    )


LESSON = Lesson(
    name="one-layer-autograd",
    title="One layer, by autograd",
    group="week42",
    exercise="2 a–c",
    summary="What a gradient is, which shape it has, and how autograd gives one.",
    minutes=15,
    cards=cards,
)
