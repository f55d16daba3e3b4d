"""Week 42, exercise 8: all of it as a class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backprop_explorer.lessons.drawn import create_layers, distinct_slips, first_seed, legacy
from backprop_explorer.lessons.lesson import Card, Draw, Lesson
from backprop_explorer.lessons.questions import Choice, CodeLine, LineValue, Option, Slip, Values
from backprop_explorer.lessons.scenes import ask, look, opening
from backprop_explorer.lessons.working import LessonWorking

RATE = 0.1
CLASSES = (0, 1, 2, 0, 1, 2)
SKELETON = """class NeuralNetwork:
    def __init__(self, input_size, output_sizes,
                 activation_funcs, activation_ders): ...
    def predict(self, inputs): ...
    def cost(self, inputs, targets): ...
    def _feed_forward_saver(self, inputs): ...
    def compute_gradient(self, inputs, targets): ...
    def update_weights(self, layer_grads, learning_rate): ...
    def autograd_gradient(self, inputs, targets): ..."""
UPDATE = """def update_weights(self, layer_grads, learning_rate):
    for (W, b), (W_g, b_g) in zip(self.layers, layer_grads):
        W = W - learning_rate * W_g
        b -= learning_rate * b_g"""


def _working(seed: int) -> LessonWorking:
    """What a notebook draws after ``np.random.seed(seed)``: the layers, then the inputs."""
    state = legacy(seed)
    (W1, b1), (W2, b2) = create_layers(state, (4, 5, 3))
    return LessonWorking(
        [(W1.T, b1, "sigmoid"), (W2.T, b2, "softmax")],
        state.rand(len(CLASSES), 4),
        np.eye(3)[list(CLASSES)],
        cost="cross_entropy",
        reduction="sum",
        convention="row",
        single=False,
        learning_rate=RATE,
    )


def _cost_after(working: LessonWorking, rate: float) -> float:
    """The cost after one update with ``rate``."""
    layers = []
    for k, (W, b, name) in enumerate(working.layers, start=1):
        W_g, b_g = working.shown(f"dC_dW{k}"), working.shown(f"dC_db{k}")
        layers.append((np.asarray(W) - rate * W_g, np.asarray(b) - rate * b_g, name))
    after = LessonWorking(
        layers, working.x, working.target, "cross_entropy", "sum", convention="row", single=False
    )
    return after.trace.cost


def _teaches(seed: int) -> bool:
    """No probability is near 0 or 1, and a step lowers the cost well."""
    working = _working(seed)
    p = working.shown("a2")
    before = working.trace.cost
    return bool(p.min() > 0.02 and 0.5 * before < _cost_after(working, RATE) < 0.95 * before)


def cards(draw: Draw) -> Sequence[Card]:
    """What each method does, in which order, and what it must print."""
    seed = first_seed(draw, _teaches)
    working = _working(seed)
    return (*_methods(working), *_numbers(working, seed), *_training(working))


def _methods(working: LessonWorking) -> Sequence[Card]:
    return (
        Card(
            "One object for a network",
            "The functions of the exercises hand the same things to each other again and again. A "
            f"class keeps them together:\n\n```\n{SKELETON}\n```",
            opening(working, "z1", "z1"),
            Choice(
                "What should the object keep from one call to the next?",
                (
                    Option(
                        "the layers and the functions",
                        "They are what the network is. Inputs and targets are handed in with each "
                        "call: they belong to the data, not to the network.",
                        right=True,
                    ),
                    Option(
                        "the layers, the inputs and the targets",
                        "Then the network would know one data set only, and mini-batches or a test "
                        "set would need a way round it.",
                    ),
                    Option(
                        "nothing: each method gets all it needs as arguments",
                        "That is what the functions did. `predict(inputs)` could not know which "
                        "weights to use.",
                    ),
                ),
                hint="Look at the arguments of `predict` and `cost`. What is missing there?",
            ),
        ),
        Card(
            "Which forward pass",
            "There are two: `predict` gives the output, `_feed_forward_saver` gives the inputs and "
            "$z$ of all layers too.",
            look("z1", "z1"),
            Choice(
                "Which method needs the second one?",
                (
                    Option(
                        "`compute_gradient`",
                        "Each layer's input and $z$ occur in its gradients. The underscore says "
                        "that the method is meant for the class itself.",
                        right=True,
                    ),
                    Option(
                        "`cost`",
                        "The cost needs the output only: `predict` is enough.",
                    ),
                    Option(
                        "`update_weights`",
                        "It gets finished gradients, and does not look at any data.",
                    ),
                    Option(
                        "`autograd_gradient`",
                        "autograd writes down the forward pass by itself.",
                    ),
                ),
                hint="Who needs numbers from the middle of the network?",
            ),
        ),
        Card(
            "One step of training",
            "The step is repeated for every batch.",
            look("z1", "z1"),
            Choice(
                "Which methods does it call, in which order?",
                (
                    Option(
                        "`compute_gradient`, then `update_weights`",
                        "`compute_gradient` makes its own forward pass first, with the weights as "
                        "they are now.",
                        right=True,
                    ),
                    Option(
                        "`update_weights`, then `compute_gradient`",
                        "The update needs the gradient. In this order each step would use the one "
                        "of weights that are gone.",
                    ),
                    Option(
                        "`predict`, `cost`, `compute_gradient`, `update_weights`",
                        "It would work, with two forward passes more than needed. The cost is "
                        "worth printing now and then, but the step does not use it.",
                    ),
                    Option(
                        "`cost`, then `update_weights`",
                        "The cost is a number. Which way the weights should go is in its gradient.",
                    ),
                ),
                hint="What does the update need, and who makes it?",
            ),
        ),
        Card(
            "An update that does half",
            "After this update the cost has hardly changed, and no error is raised.",
            look("z1", "z1"),
            CodeLine(
                "Which line does nothing to the network?",
                UPDATE,
                frozenset({2}),
                "`W = W - ...` makes a new array and calls it `W`; the one in `self.layers` stays "
                "as it was. `W -= ...` changes the array itself. (Or build a new list of layers.)",
                others={
                    1: "The loop takes each layer with its gradients. This is right.",
                    3: "`-=` changes the array that is in `self.layers`. This line works.",
                },
                hint="Compare the two lines of the loop. Which of them changes an array, which "
                "makes a new one?",
            ),
        ),
    )


def _numbers(working: LessonWorking, seed: int) -> Sequence[Card]:
    cost = working.trace.cost
    return (
        Card(
            "What it must predict",
            "Write the class, in batches, with sigmoid and softmax; `__init__` draws "
            "`W = np.random.randn(output_size, i_size).T`, then `b`, for each layer. Then:\n\n```\n"
            f"np.random.seed({seed})\n"
            "network = NeuralNetwork(4, [5, 3], [sigmoid, softmax], ...)\n"
            "inputs = np.random.rand(6, 4)\n"
            f"targets = np.eye(3)[{list(CLASSES)}]\n"
            "print(network.predict(inputs))\n```",
            ask("a2"),
            LineValue(
                "What is printed?",
                working,
                "a2",
                why="Six rows, each adding up to 1.",
                hint="The network first, then the inputs: the order decides what is drawn.",
            ),
        ),
        Card(
            "Its cost",
            "The cost is the cross-entropy, added up over the samples.",
            ask("C"),
            Values(
                "What does `network.cost(inputs, targets)` give?",
                cost,
                why="Six times $\\log 3$ would be 6.59: that is what equal probabilities cost.",
                slips=distinct_slips(
                    cost,
                    Slip(cost / 6, "This is the mean over the six samples. Here it is the sum."),
                    Slip(cost / 18, "`np.mean` divides by all 18 entries. Here it is the sum."),
                    Slip(-cost, "The cross-entropy has a minus sign in front."),
                ),
                hint="`np.sum(-targets * np.log(self.predict(inputs)))`",
            ),
        ),
        Card(
            "Its gradient",
            "`layer_grads = network.compute_gradient(inputs, targets)`",
            ask("dC_dW1"),
            LineValue(
                "What is `layer_grads[0][0]`?",
                working,
                "dC_dW1",
                why="So the way back through both layers is right. The gradients of `W2` and of "
                "the biases are not on it: compare them too.",
                hint="At the end of the network: `predictions - targets`.",
            ),
        ),
    )


def _training(working: LessonWorking) -> Sequence[Card]:
    before, after = working.trace.cost, _cost_after(working, RATE)
    return (
        Card(
            "After one update",
            "```\nnetwork.update_weights(layer_grads, 0.1)\n"
            "print(network.cost(inputs, targets))\n```",
            ask("W1_next"),
            Values(
                "What is the cost now?",
                after,
                why=f"It fell from {before:.3f} to {after:.3f}. If it does not fall, halve the "
                "learning rate; if it still does not, the gradient is wrong.",
                slips=distinct_slips(
                    after,
                    Slip(before, "Nothing has changed: has the update reached `self.layers`?"),
                    Slip(_cost_after(working, -RATE), "It went up: the sign of the update."),
                ),
                hint="All four arrays move, `W1`, `b1`, `W2` and `b2`, each against its own "
                "gradient.",
            ),
        ),
        Card(
            "The twin",
            "`autograd_gradient` should give the same list with autograd, so that the two can be "
            "compared in a test.",
            look("dC_dW1"),
            Choice(
                "Why can it not be `grad(self.cost)(inputs, targets)`?",
                (
                    Option(
                        "that differentiates with respect to `inputs`; the layers must be an "
                        "argument of the function",
                        "`grad` takes the first argument. So write a function `cost(layers, "
                        "inputs, targets)` and call `grad(cost, 0)(self.layers, inputs, targets)`.",
                        right=True,
                    ),
                    Option(
                        "autograd cannot differentiate methods",
                        "It can: a method is a function whose first argument is filled in.",
                    ),
                    Option(
                        "the cost must be a mean for autograd",
                        "Any function that gives one number will do.",
                    ),
                    Option(
                        "autograd knows no softmax",
                        "It knows `exp`, `sum` and division, and softmax is made of them.",
                    ),
                ),
                hint="With respect to which argument does `grad` differentiate if nothing is said?",
            ),
        ),
    )


LESSON = Lesson(
    name="a-network-as-a-class",
    title="A network as a class",
    group="week42",
    exercise="8 (optional)",
    summary="Which method does what, in which order, and the numbers that it must print.",
    minutes=30,
    cards=cards,
)
