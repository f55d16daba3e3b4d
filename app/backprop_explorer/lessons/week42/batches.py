"""Week 42, exercise 6: backpropagation for a batch."""

from __future__ import annotations

from collections.abc import Sequence

from backprop_explorer.lessons.drawn import first
from backprop_explorer.lessons.lesson import Card, Draw, Lesson
from backprop_explorer.lessons.questions import Choice, LineValue, Option
from backprop_explorer.lessons.scenes import ask, look, opening
from backprop_explorer.lessons.week42.numbers import code, is_clear, network
from backprop_explorer.lessons.working import LessonWorking

SAMPLES = 4


def cards(draw: Draw) -> Sequence[Card]:
    """2 → 3 → 2 with sigmoids, four samples as rows."""
    return pages(
        first(lambda: network(draw, (2, 3, 2), "sigmoid", "sigmoid", samples=SAMPLES), is_clear)
    )


def pages(working: LessonWorking) -> Sequence[Card]:
    """The same for a given network and batch."""
    return (*_outputs(working), *_last_layer(working), *_first_layer(working))


def _outputs(working: LessonWorking) -> Sequence[Card]:
    return (
        Card(
            "An error that everybody meets",
            "Somebody uses the backpropagation of exercise 5 on a batch of 10 samples. The forward "
            "pass works, and the first round of the loop does. Then `dC_da = dC_dz @ W` stops:\n\n"
            "```\nValueError: matmul: ... (size 3 is different from 10)\n```\n\n"
            "Below is a smaller batch, four samples as rows, with weights of shape (inputs, "
            f"outputs) and `z = a @ W + b`. Both layers have the sigmoid.\n\n```\n{code(working)}"
            "\n```",
            opening(working, "C", "dC_da2"),
            Choice(
                "What is the cause?",
                (
                    Option(
                        "the formulas are those of one sample: `.T`, `np.diag` and the outer "
                        "product mean something else for a matrix of rows",
                        "With vectors, transposing did nothing and the diagonal matrix was a way "
                        "to multiply entry by entry. With a batch each of the three has to be "
                        "written anew, and NumPy notices only when shapes stop fitting.",
                        right=True,
                    ),
                    Option(
                        "the batch must have as many samples as the layer has neurons",
                        "Then the error would go away and the numbers would be wrong. The number "
                        "of samples is free.",
                    ),
                    Option(
                        "`W` has to be transposed once more, `dC_dz @ W.T`, and all is well",
                        "That is one of the changes. The slopes and the gradient of `W` need "
                        "theirs too.",
                    ),
                ),
                hint="10 is the number of samples. Which of the lines of exercise 5 know about "
                "samples?",
            ),
        ),
        Card(
            "The cost of a batch",
            "The mean squared error is now the mean over all entries: $N$ samples with "
            "$n$ outputs each, $C = \\frac{1}{N n} \\sum (a - y)^2$. Here $N = 4$ and $n = 2$.",
            ask("dC_da2"),
            LineValue(
                "What is $\\partial C / \\partial a^{(2)}$, one row for each sample?",
                working,
                "dC_da2",
                why="$\\frac{2}{N n} (a - y)$: the factor is 2/8 here. `2 / len(predict)` would "
                "divide by 4, since `len` of a matrix counts its rows.",
                hint="The derivative of a mean over 8 squares.",
            ),
        ),
        Card(
            "Slopes of a batch",
            "For one sample `sigmoid_der(z)` could give a diagonal matrix. For a batch `z2` is a "
            "(4, 2) matrix.",
            ask("dC_dz2"),
            LineValue(
                "What is $\\partial C / \\partial z^{(2)}$?",
                working,
                "dC_dz2",
                why="`dC_da * a * (1 - a)`, entry by entry. (`np.diag` of a matrix does something "
                "quite different: it takes the diagonal out.)",
                hint="Each entry has its own slope, so nothing is summed.",
            ),
        ),
    )


def _last_layer(working: LessonWorking) -> Sequence[Card]:
    return (
        Card(
            "Adding up over the samples",
            "For one sample $\\partial C / \\partial W$ was an outer product of what goes in and "
            "$\\partial C / \\partial z$. For a batch there is one such product for each sample, "
            "and the gradient is their sum. `a1` is (4, 3), `dC_dz2` is (4, 2), `W2` is (3, 2).",
            look("dC_dW2", "dC_dW2"),
            Choice(
                "Which matrix product does that?",
                (
                    Option(
                        "`a1.T @ dC_dz2`",
                        "(3, 4) times (4, 2): the sum runs over the 4 samples, and the result has "
                        "the shape of `W2`.",
                        right=True,
                    ),
                    Option(
                        "`dC_dz2.T @ a1`",
                        "The same numbers in the shape (2, 3): right where weights are (outputs, "
                        "inputs). Here they are (inputs, outputs).",
                    ),
                    Option(
                        "`np.outer(dC_dz2, a1)`",
                        "`np.outer` flattens both matrices and gives 8 × 12 products, most of them "
                        "between different samples.",
                    ),
                    Option(
                        "`a1 @ dC_dz2.T`",
                        "(4, 3) times (2, 4) does not fit, and the sum must not run over neurons.",
                    ),
                ),
                hint="The axis that vanishes is the one with the samples.",
            ),
        ),
        Card(
            "The weights of layer 2",
            "Compute it.",
            ask("dC_dW2"),
            LineValue(
                "What is $\\partial C / \\partial W^{(2)}$?",
                working,
                "dC_dW2",
                why="Every sample has pulled at every weight; what you see is the sum.",
                hint="`a1.T @ dC_dz2`",
            ),
        ),
        Card(
            "The biases of layer 2",
            "`b2` is added to every row, so every row of `dC_dz2` pulls at it.",
            ask("dC_db2"),
            LineValue(
                "What is $\\partial C / \\partial b^{(2)}$?",
                working,
                "dC_db2",
                why="`np.sum(dC_dz2, axis=0)`. The 1/N of the mean is in `dC_dz2` already, so a "
                "mean here would divide twice.",
                hint="It must have the shape of `b2`, (2,).",
            ),
        ),
        Card(
            "Back to layer 1",
            "`W2` stands the other way round than in exercise 4.",
            look("dC_da1", "dC_da1"),
            Choice(
                "What is $\\partial C / \\partial a^{(1)}$ for the batch?",
                (
                    Option(
                        "`dC_dz2 @ W2.T`",
                        "(4, 2) times (2, 3) is (4, 3): one row for each sample, one column for "
                        "each neuron of layer 1.",
                        right=True,
                    ),
                    Option(
                        "`dC_dz2 @ W2`",
                        "So it was with `W2` as (outputs, inputs). Now (4, 2) meets (3, 2) and "
                        "does not fit. In a square layer it would fit, and be wrong.",
                    ),
                    Option(
                        "`W2.T @ dC_dz2`",
                        "(2, 3) times (4, 2) does not fit; samples have to stay rows.",
                    ),
                    Option(
                        "`np.sum(dC_dz2 @ W2.T, axis=0)`",
                        "The samples are added up for weights and biases, which they share. "
                        "Each sample has its own $a^{(1)}$.",
                    ),
                ),
                hint="Forwards: `a @ W`. The way back goes through the transpose.",
            ),
        ),
    )


def _first_layer(working: LessonWorking) -> Sequence[Card]:
    return (
        Card(
            "The weights of layer 1",
            "The same lines again, one layer lower.",
            ask("dC_dW1"),
            LineValue(
                "What is $\\partial C / \\partial W^{(1)}$?",
                working,
                "dC_dW1",
                why="`x.T @ dC_dz1`. With these lines the loop of exercise 5 works for a batch, "
                "and for a batch of one.",
                hint="`dC_dz2 @ W2.T`, times the slopes of layer 1, then `x.T @` it.",
            ),
        ),
        Card(
            "Another way to look at it",
            "Run the code of exercise 5 on each of the four samples alone, each with its own mean "
            "over 2 outputs. That gives four gradients of `b1`.",
            ask("dC_db1"),
            Choice(
                "How do you get the batch's $\\partial C / \\partial b^{(1)}$ from them?",
                (
                    Option(
                        "it is their mean",
                        "The batch's cost is the mean of the samples' costs, and the derivative of "
                        "a mean is the mean of the derivatives. This is a good test of your code.",
                        right=True,
                    ),
                    Option(
                        "it is their sum",
                        "The sum would belong to the sum of the four costs. Here the batch's cost "
                        "divides by the number of samples too.",
                    ),
                    Option(
                        "it cannot be got from them",
                        "The samples do not mix: each of them goes through the network alone.",
                    ),
                ),
                hint="Compare $\\frac{1}{N n} \\sum$ with the $\\frac{1}{n} \\sum$ of one sample.",
            ),
        ),
        Card(
            "Try it",
            "Take the mean of the four, or add up the columns.",
            ask("dC_db1"),
            LineValue(
                "What is $\\partial C / \\partial b^{(1)}$?",
                working,
                "dC_db1",
                why="Both ways give this.",
                hint="`np.sum(dC_dz1, axis=0)`",
            ),
        ),
    )


LESSON = Lesson(
    name="backprop-in-batches",
    title="Backpropagation for a batch",
    group="week42",
    exercise="6",
    summary="Which lines change when samples are rows, and what is added up.",
    minutes=25,
    cards=cards,
)
