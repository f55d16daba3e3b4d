"""Week 42, exercise 3: the gradients of one sigmoid layer, by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.lessons.lesson import Card, Draw, Lesson, Scene
from app.lessons.questions import Choice, LineValue, Option, Shape, Signs
from app.lessons.working import Working, assigned


def cards(draw: Draw) -> Sequence[Card]:
    """A sigmoid layer 2 → 3 with the mean squared error."""
    W, b = draw.normal(2, 3), draw.normal(3, scale=0.5)
    x = draw.normal(2)
    target = np.round(draw.rng.uniform(0.05, 0.95, 3), 2)
    working = Working([(W, b, "sigmoid")], x, target, jacobians=True)
    shown = assigned(W=W.T, b=b, x=x, target=target)

    def scene(line: str, hide: str | None = None) -> Scene:
        return Scene(line=line, hide=hide, sample=0, convention="column")

    return (
        Card(
            "One layer, one sample",
            "A sigmoid layer takes two numbers $x$ and gives three numbers $a$: "
            "$z = W x + b$, $a = \\sigma(z)$. The cost is the mean squared error "
            "$C = \\frac{1}{3} \\sum_i (a_i - y_i)^2$, where $y$ is the target.\n\n"
            "How does $C$ change when one of the weights does? We go back from $C$, one line "
            f"at a time. In your notebook:\n\n```\n{shown}\n```",
            Scene(
                recipe=working.recipe(),
                step=0,
                line="C",
                sample=0,
                convention="column",
                jacobians=True,
                fused=True,
                hide="dC_da1",
            ),
            Choice(
                "$\\partial C / \\partial W$ and $\\partial C / \\partial b$ begin with the same "
                "two factors. Which?",
                (
                    Option(
                        "$\\frac{\\partial C}{\\partial a} \\cdot \\frac{\\partial a}"
                        "{\\partial z}$",
                        "Both $W$ and $b$ reach the cost only through $z$, and $z$ only "
                        "through $a$.",
                        right=True,
                    ),
                    Option(
                        "$\\frac{\\partial C}{\\partial a} \\cdot \\frac{\\partial z}"
                        "{\\partial x}$",
                        "$x$ is given and does not change when $W$ or $b$ does.",
                    ),
                    Option(
                        "$\\frac{\\partial z}{\\partial W} \\cdot \\frac{\\partial z}"
                        "{\\partial b}$",
                        "These are the two last factors, and each belongs to one of the two "
                        "gradients only.",
                    ),
                ),
                hint="Follow the arrows from $W$ to $C$, then from $b$ to $C$. "
                "Where do the ways meet?",
            ),
        ),
        Card(
            "The cost, first",
            "Each $a_i$ occurs in one square: $\\frac{1}{3}(a_i - y_i)^2$.",
            scene("dC_da1", hide="dC_da1"),
            Signs(
                "Before any number: what is the sign of each entry of $\\partial C / \\partial a$?",
                working.shown("dC_da1"),
                names=("$a_1$", "$a_2$", "$a_3$"),
                why="Where the layer gives too much, more of it costs more.",
                wrong="Where $a_i$ is larger than $y_i$, making it larger still makes the cost "
                "larger.",
                hint="Compare $a$ and the target, entry by entry, on the page.",
            ),
        ),
        Card(
            "The numbers of it",
            "Now the three numbers.",
            scene("dC_da1", hide="dC_da1"),
            LineValue(
                "What is $\\partial C / \\partial a$?",
                working,
                "dC_da1",
                why="$\\frac{\\partial C}{\\partial a_i} = \\frac{2}{3}(a_i - y_i)$: 2 from the "
                "square, 3 from the mean.",
                hint="The square brings a factor 2 down; the mean divides by the number of "
                "outputs.",
            ),
        ),
        Card(
            "Through the activation",
            "The sigmoid acts on each entry alone, and its derivative can be written with its "
            "own value: $\\sigma' = \\sigma (1 - \\sigma)$.",
            scene("dC_dz1", hide="dC_dz1"),
            LineValue(
                "What is $\\partial C / \\partial z$?",
                working,
                "dC_dz1",
                why="$\\frac{\\partial C}{\\partial z} = \\frac{\\partial C}{\\partial a} "
                "\\odot a (1 - a)$, entry by entry: the Jacobian $\\partial a / \\partial z$ is "
                "diagonal.",
                hint="Multiply entry by entry by $a(1-a)$, with the $a$ on the page.",
            ),
        ),
        Card(
            "A tensor that is mostly zeros",
            "$\\partial z / \\partial W$ says how each $z_i$ changes with each weight $W_{kl}$.",
            scene("dz1_dW1", hide="dz1_dW1"),
            Shape(
                "What is its shape?",
                (3, 3, 2),
                why="One axis for $z$, two for $W$. Only where $i = k$ is there something other "
                "than 0, and there it is $x_l$.",
                slips={
                    (3, 2): "That is the shape of $W$ itself; each of the entries of $z$ has a "
                    "derivative with respect to all of them.",
                    (3, 2, 3): "The axes of $z$ come first.",
                },
                hint="First the axes of what is differentiated, then the axes of $W$.",
            ),
        ),
        Card(
            "All the weights at once",
            "So the product collapses: of the tensor only $x$ is left, and "
            "$\\frac{\\partial C}{\\partial W_{kl}} = \\frac{\\partial C}{\\partial z_k} x_l$.",
            scene("dC_dW1", hide="dC_dW1"),
            LineValue(
                "What is $\\partial C / \\partial W$, with the shape of $W$?",
                working,
                "dC_dW1",
                why="`np.outer(dC_dz, x)`: a row for each output, a column for each input.",
                hint="An outer product. Which of the two gives the rows?",
            ),
        ),
        Card(
            "And the biases",
            "$\\partial z / \\partial b$ is the identity.",
            scene("dC_db1", hide="dC_db1"),
            LineValue(
                "What is $\\partial C / \\partial b$?",
                working,
                "dC_db1",
                why="It is $\\partial C / \\partial z$ itself. The checks below the working say "
                "that autograd agrees with every number.",
                hint="Something times the identity matrix.",
            ),
        ),
    )


LESSON = Lesson(
    name="one-layer-by-hand",
    title="One layer by hand",
    group="week42",
    exercise="3",
    summary="From the cost back to the weights of a sigmoid layer, one factor at a time.",
    minutes=15,
    cards=cards,
)
