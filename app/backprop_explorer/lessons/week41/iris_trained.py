"""Week 41, exercise 7: cross-entropy, and training with autograd's gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from backprop_explorer.lessons import iris
from backprop_explorer.lessons.drawn import distinct_slips, first
from backprop_explorer.lessons.lesson import Card, Draw, Lesson, Scene
from backprop_explorer.lessons.questions import Choice, Option, Shape, Slip, Values
from backprop_explorer.lessons.runs import Point, points
from backprop_explorer.lessons.scenes import look
from backprop_explorer.lessons.working import assigned

EPOCHS = 100
LATER = 500


def cards(draw: Draw) -> Sequence[Card]:
    """From the cost of one flower to a trained network."""
    seed = int(draw.rng.integers(1, 1000))
    start, after, later = points(iris.recipe(seed), 0, EPOCHS, LATER)
    return (
        *_cost(draw, seed),
        *_gradient(),
        *_run(seed, start, after),
        *_judging(after, later),
    )


def _cost(draw: Draw, seed: int) -> Sequence[Card]:
    def three() -> Any:
        raw = draw.rng.uniform(0.1, 1.0, (3, 3))
        p = np.round(raw / raw.sum(axis=1, keepdims=True), 2)
        p[:, 2] = np.round(1.0 - p[:, 0] - p[:, 1], 2)
        return p

    p = first(three, lambda q: bool(q.min() >= 0.1 and q.max() <= 0.8))
    classes = draw.rng.permutation(3)
    target = np.eye(3)[classes]
    true = p[np.arange(3), classes]
    right = -np.log(true).sum()
    return (
        Card(
            "The cost of one flower",
            "The network gives three probabilities $p_k$, the target is $t_k$: 1 for the true "
            "species, 0 for the others. The **cross-entropy** of a flower is "
            "$-\\sum_k t_k \\log p_k$, with the natural logarithm. The sum has three terms, and "
            f"two of them are 0.\n\n```\n{assigned(p=p[0], t=target[0])}\n```",
            Scene(
                recipe=iris.recipe(seed),
                step=0,
                line="C",
                sample="batch",
                convention="row",
                fused=True,
                hide="C",
            ),
            Values(
                "What is the cross-entropy of this flower?",
                -np.log(true[0]),
                why=f"Only the probability of the true species counts: $-\\log {true[0]:.2f}$. It "
                "is 0 if that is 1, and grows without end as it goes to 0.",
                slips=distinct_slips(
                    -np.log(true[0]),
                    Slip(
                        np.log(true[0]),
                        "The logarithm of a number below 1 is negative; the "
                        "minus sign in front makes the cost positive.",
                    ),
                    Slip(
                        -np.log10(true[0]),
                        "This is the logarithm to base 10. `np.log` is the natural one.",
                    ),
                    Slip(
                        -np.log2(true[0]),
                        "This is the logarithm to base 2. `np.log` is the natural one.",
                    ),
                    Slip(
                        -np.log(p[0]).sum(),
                        "The logarithms are multiplied by the target first: "
                        "two of the three terms are 0.",
                    ),
                    Slip(
                        1 - true[0],
                        "This is how much is missing to 1. The cost takes the logarithm.",
                    ),
                ),
                hint="`-np.sum(t * np.log(p))`",
            ),
        ),
        Card(
            "The cost of three flowers",
            "The exercise adds up the cross-entropy over all flowers: "
            "`np.sum(-targets * np.log(predictions))`.\n\n"
            f"```\n{assigned(predictions=p, targets=target)}\n```",
            look("C", "C"),
            Values(
                "What is the cost of the three together?",
                right,
                why="A sum, not a mean: with more flowers the cost is larger, and so is the "
                "gradient. That is why the learning rate below is small.",
                slips=distinct_slips(
                    right,
                    Slip(right / 3, "This is the mean over the flowers. Here it is the sum."),
                    Slip(right / 9, "`np.mean` divides by all nine entries. Here it is the sum."),
                    Slip(-right, "The minus sign belongs in front of every term."),
                ),
                hint="One term for each flower: minus the logarithm of the probability of its "
                "true species.",
            ),
        ),
    )


def _gradient() -> Sequence[Card]:
    return (
        Card(
            "What autograd gives",
            "`gradient_func = grad(cost, 0)` makes a function that differentiates the cost with "
            "respect to its first argument, here `layers`. "
            "`gradient_func(layers, inputs, [sigmoid, softmax], targets)` gives a list of pairs, "
            "like `layers` itself. `W1` has the shape (4, 8), `W2` (8, 3).",
            look("C", "C"),
            Shape(
                "What is the shape of the gradient with respect to `W1`?",
                (4, 8),
                why="The cost is one number, so there is one derivative for each weight: a "
                "gradient always has the shape of what it belongs to.",
                slips={
                    (8, 4): "Not turned round: entry by entry it belongs to `W1`.",
                    (150, 4, 8): "The cost sums over the flowers, and so does its gradient.",
                    (32,): "The right number of entries. They keep the places of the weights.",
                },
                hint="How many numbers does the cost have, and how many the matrix?",
            ),
        ),
        Card(
            "One step",
            "The gradient points to where the cost rises fastest. $\\eta$, the **learning rate**, "
            "says how long the step is; here $\\eta = 0.001$.",
            look("W1_next", "C"),
            Choice(
                "How is `W` of each layer changed in one step?",
                (
                    Option("`W -= learning_rate * W_g`", "Against the gradient: downhill.", True),
                    Option(
                        "`W += learning_rate * W_g`",
                        "This climbs: the cost gets larger with every step.",
                    ),
                    Option(
                        "`W = learning_rate * W_g`",
                        "This forgets the weights. The gradient is a change, not a new value.",
                    ),
                    Option(
                        "`W -= W_g`",
                        "The right direction with a step a thousand times as long: far beyond "
                        "the place where the gradient holds.",
                    ),
                ),
                hint="In which direction does the cost fall?",
            ),
        ),
    )


def _run(seed: int, start: Point, after: Point) -> Sequence[Card]:
    code = iris.first_weights_code(seed)
    even = 150 * np.log(3)
    return (
        Card(
            "Before the first step",
            "It helps to know what a cost means. Suppose the network gave each species the "
            "probability 1/3, for all 150 flowers.",
            look("C", "C"),
            Values(
                "What would the cost be?",
                even,
                why=f"$150 \\log 3$. With the weights of the next card the cost begins at "
                f"{start.cost:.1f}: untrained networks are often worse than even odds, since they "
                "are sure of the wrong things.",
                slips=(
                    Slip(np.log(3), "This is the cost of one flower."),
                    Slip(50.0, "150 times 1/3 leaves out the logarithm."),
                    Slip(
                        450 * np.log(3),
                        "One term for each flower, not three: the target is 0 "
                        "for the other species.",
                    ),
                ),
                hint="150 times the cost of one flower.",
            ),
        ),
        Card(
            "Train",
            f"An **epoch** is one pass through all samples. Train for {EPOCHS} epochs with "
            "$\\eta = 0.001$, each with the gradient of the cost of all 150 flowers. Begin with "
            f"these weights, which are the explorer's:\n\n```\n{code}\n"
            "layers = [(W1, b1), (W2, b2)]\n```\n\n"
            "Use your notebook and autograd (`import autograd.numpy as np`), or let the explorer "
            f"go to epoch {EPOCHS}.",
            look("C"),
            Values(
                f"What is the accuracy after {EPOCHS} epochs?",
                after.accuracy,
                within=0.0034,
                why=f"{after.accuracy * 150:.0f} of 150 flowers, from {start.accuracy:.3f} at the "
                f"start. The cost fell from {start.cost:.1f} to {after.cost:.1f}.",
                slips=distinct_slips(
                    after.accuracy,
                    Slip(
                        start.accuracy,
                        "This is the accuracy at the start: has the update "
                        "reached `layers`? `W -= …` changes the array itself; `W = W - …` makes a "
                        "new one that must go back into the list.",
                    ),
                    Slip(round(after.accuracy * 150), "Give the share, between 0 and 1."),
                ),
                hint="`for e in range(100):` compute the gradient of all layers, then change "
                "every `W` and `b`. In the explorer it stands below the picture.",
            ),
        ),
        Card(
            "The name of the method",
            "Every step used all 150 flowers.",
            look("C", step=EPOCHS),
            Choice(
                "What is this method called?",
                (
                    Option(
                        "gradient descent on the full batch",
                        "One step for each pass through the data, with the exact gradient of the "
                        "cost.",
                        right=True,
                    ),
                    Option(
                        "stochastic gradient descent",
                        "That takes the gradient of a few samples, or of one, drawn at random, and "
                        "steps many times in an epoch.",
                    ),
                    Option(
                        "Newton's method",
                        "That uses second derivatives to choose direction and length of the step.",
                    ),
                    Option(
                        "backpropagation",
                        "That is how a gradient can be computed (autograd does it too). What is "
                        "done with the gradient is another matter.",
                    ),
                ),
                hint="How many samples does one step look at? How many steps are in an epoch?",
            ),
        ),
    )


def _judging(after: Point, later: Point) -> Sequence[Card]:
    return (
        Card(
            "How far it can go",
            f"{EPOCHS} epochs are few: your run stands at {after.accuracy:.3f}. Imagine 2,000.",
            look("C", step=LATER),
            Choice(
                "What accuracy on these 150 flowers can be expected at best?",
                (
                    Option(
                        "97 to 99 %",
                        "Two of the species overlap: two to four flowers lie on the other side of "
                        f"any smooth border. Your run has {later.accuracy:.3f} after {LATER} "
                        "epochs; some first weights need longer.",
                        right=True,
                    ),
                    Option(
                        "100 %",
                        "A few versicolor and virginica flowers have nearly the same lengths. A "
                        "network of this size, trained like this, does not separate them.",
                    ),
                    Option(
                        "67 %",
                        "So it is for a network that tells setosa from the rest and the other two "
                        "not at all. A stuck run stays there; a faulty softmax is a common cause.",
                    ),
                    Option(
                        "about 80 %",
                        "Many runs are there on the way. With more epochs they go on to rise.",
                    ),
                ),
                hint="One species stands apart. How well are the other two separated? Look at the "
                "data in the explorer.",
            ),
        ),
    )


LESSON = Lesson(
    name="iris-with-autograd",
    title="Training on iris",
    group="week41",
    exercise="7",
    summary="Cross-entropy, its gradient by autograd, and a hundred epochs of gradient descent.",
    minutes=25,
    cards=cards,
    questions=8,
)
