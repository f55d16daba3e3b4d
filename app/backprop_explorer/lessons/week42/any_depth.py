"""Week 42, exercise 5: one reversed loop for a network of any depth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backprop_explorer.lessons.drawn import create_layers, first, first_seed, legacy
from backprop_explorer.lessons.lesson import Card, Draw, Lesson
from backprop_explorer.lessons.questions import Choice, CodeLine, LineValue, Option, Signs
from backprop_explorer.lessons.scenes import ask, look, opening
from backprop_explorer.lessons.week42.numbers import code, network
from backprop_explorer.lessons.working import LessonWorking, listed

LOOP = """layer_grads = [() for layer in layers]
for i in reversed(range(len(layers))):
    layer_input, z, activation_der = layer_inputs[i], zs[i], activation_ders[i]
    if i == len(layers) - 1:
        dC_da = cost_der(predict, target)
    else:
        W, b = layers[i]
        dC_da = W.T @ dC_dz
    dC_dz = dC_da * activation_der(z)
    dC_dW = np.outer(dC_dz, layer_input)
    dC_db = dC_dz
    layer_grads[i] = (dC_dW, dC_db)"""
DEEP = (3, 5, 4, 3, 2)
DEEP_NAMES = ("sigmoid", "relu", "sigmoid", "sigmoid")


def _small(working: LessonWorking) -> bool:
    """Some outputs of the ReLU layer are off, some on, and no z is in doubt."""
    z1, z2 = working.trace["z1"], working.trace["z2"]
    on = (z2 > 0).sum()
    clear = np.abs(z2).min() > 0.05 and np.abs(z1).max() < 3 and np.abs(z2).max() < 4
    away = np.abs(working.trace["a2"] - np.asarray(working.target)).min() > 0.03
    return bool(clear and away and 2 <= on <= 3)


def _deep(seed: int) -> LessonWorking:
    """What a notebook draws after ``np.random.seed(seed)``: layers, then x, then target."""
    state = legacy(seed)
    layers = create_layers(state, DEEP)
    x, target = state.rand(DEEP[0]), state.rand(DEEP[-1])
    return LessonWorking(
        [(W.T, b, name) for (W, b), name in zip(layers, DEEP_NAMES, strict=True)], x, target
    )


def _deep_teaches(seed: int) -> bool:
    """The ReLU layer is half on, and the gradient still arrives at the first layer."""
    made = _deep(seed)
    on = (made.trace["z2"] > 0).sum()
    least = min(np.abs(made.trace[name]).max() for name in ("dC_dW1", "dC_db1"))
    return bool(1 <= on <= 3 and least > 1e-3)


def cards(draw: Draw) -> Sequence[Card]:
    """2 → 3 (sigmoid) → 4 (ReLU), then a network of four layers."""
    small = first(lambda: network(draw, (2, 3, 4), "sigmoid", "relu"), _small)
    return (*pages(small), *_four_layers(draw))


def pages(working: LessonWorking) -> Sequence[Card]:
    """The loop, and its numbers for a given network 2 → 3 (sigmoid) → 4 (ReLU)."""
    return (*_loop(working), *_numbers(working))


def _loop(working: LessonWorking) -> Sequence[Card]:
    return (
        Card(
            "What has to be kept",
            "Backpropagation needs numbers of the forward pass. So the forward pass is written "
            "once more, as `feed_forward_saver`, which keeps them in lists on its way. The network "
            f"on the page is 2 → 3 (sigmoid) → 4 (ReLU):\n\n```\n{code(working)}\n```",
            opening(working, "z1", "dC_da2"),
            Choice(
                "What must be kept of each layer?",
                (
                    Option(
                        "its input and its $z$",
                        "The input is needed for $\\partial C / \\partial W$, and $z$ for the "
                        "slope of the activation. The output of the last layer goes to the cost.",
                        right=True,
                    ),
                    Option(
                        "its $z$ only",
                        "$\\partial C / \\partial W$ is an outer product with the layer's input. "
                        "It could be computed from the $z$ before, but for the first layer there "
                        "is none.",
                    ),
                    Option(
                        "its weights and biases",
                        "These are in `layers` already and do not change on the way.",
                    ),
                    Option(
                        "nothing, the output of the network is enough",
                        "From the output alone the slopes and inputs of the layers cannot be got "
                        "back.",
                    ),
                ),
                hint="Go through the lines of exercise 4 and note what each of them reads.",
            ),
        ),
        Card(
            "One loop, with a fault",
            "Going from the last layer to the first, each round uses the `dC_dz` of the round "
            "before.",
            look("C", "dC_da2"),
            CodeLine(
                "One line is wrong. Which?",
                LOOP,
                frozenset({6}),
                "The gradient comes from the layer behind, so it passes through **that** layer's "
                "weights: `layers[i + 1]`. With `layers[i]` the shapes mostly do not fit; where "
                "all layers have the same size, nothing stops and the numbers are wrong.",
                others={
                    1: "Backwards: 1, 0 for two layers. This is right.",
                    2: "The layer's own input, $z$ and slope. All three belong to layer `i`.",
                    3: "Lists count from 0, so the last layer is `len(layers) - 1`.",
                    4: "Only the last layer meets the cost itself.",
                    7: "`W.T @ dC_dz` is the step of exercise 4 c). The formula is right; the "
                    "question is which `W`.",
                    8: "With slopes as a vector, entry by entry is right. (With `np.diag` it would "
                    "be a matrix product.)",
                    9: "Rows belong to outputs, columns to inputs. This is right.",
                    10: "$\\partial z / \\partial b$ is the identity.",
                    11: "It goes to the place of its layer, although the loop runs backwards.",
                },
                hint="In the round for layer `i`, `dC_dz` still belongs to layer `i + 1`.",
            ),
        ),
        Card(
            "The slope of ReLU",
            "A ReLU layer needs a `ReLU_der`.",
            look("dC_dz2", "dC_da2"),
            Choice(
                "What is the derivative of ReLU?",
                (
                    Option(
                        "1 where $z > 0$, 0 where $z < 0$",
                        "Either the neuron passes the gradient on as it is, or nothing of it. At "
                        "$z = 0$ there is a corner; 0 is taken there.",
                        right=True,
                    ),
                    Option(
                        "$z$ where $z > 0$, 0 where $z < 0$",
                        "That is ReLU itself. Its slope is that of the line through the origin: 1.",
                    ),
                    Option(
                        "1 everywhere",
                        "To the left of 0 the function is flat.",
                    ),
                    Option(
                        "$a (1 - a)$",
                        "That belongs to the sigmoid.",
                    ),
                ),
                hint="Draw it. How steep is it left of 0, and right of it?",
            ),
        ),
    )


def _numbers(working: LessonWorking) -> Sequence[Card]:
    a, z = working.shown("a2"), working.shown("z2")
    target = np.asarray(working.target)
    off = int((z < 0).sum())
    return (
        Card(
            "Which outputs learn",
            f"`z2` = {listed(z)}, `a2` = {listed(a)}, `target` = {listed(target)}.",
            ask("dC_dz2"),
            Signs(
                "What is the sign of each entry of $\\partial C / \\partial z^{(2)}$?",
                working.shown("dC_dz2"),
                names=tuple(f"`z2[{k}]`" for k in range(4)),
                why="Where $z$ is negative nothing passes, however wrong the output is: "
                f"{off} of 4 here. For this sample their weights get no gradient.",
                wrong="Two things decide: whether ReLU is on (is $z$ positive), and whether $a$ is "
                "above or below the target.",
                hint="0 where $z$ is negative; elsewhere the sign of $a - y$.",
            ),
        ),
        Card(
            "The gradients of the last layer",
            "Now write the loop, without the fault, and run it on this network.",
            ask("dC_dW2"),
            LineValue(
                "What is $\\partial C / \\partial W^{(2)}$, that is `layer_grads[1][0]`?",
                working,
                "dC_dW2",
                why="A row of zeros for each output that is off.",
                hint="`layer_grads[1]` is a pair: weights, then biases.",
            ),
        ),
        Card(
            "And of the first",
            "The second round of the loop.",
            ask("dC_dW1"),
            LineValue(
                "What is $\\partial C / \\partial W^{(1)}$, that is `layer_grads[0][0]`?",
                working,
                "dC_dW1",
                why="What reaches layer 1 comes through the outputs that are on.",
                hint="`W2.T @ dC_dz2`, then the slope of the sigmoid at `z1`, then the outer "
                "product with `x`.",
            ),
        ),
    )


def _four_layers(draw: Draw) -> Sequence[Card]:
    deep_seed = first_seed(draw, _deep_teaches)
    deep = _deep(deep_seed)
    return (
        Card(
            "Four layers, the same code",
            "If the loop is right it works for any depth. `create_layers` draws `W` of shape "
            "(outputs, inputs) first, then `b`, with `np.random.randn`:\n\n```\n"
            f"np.random.seed({deep_seed})\n"
            "layers = create_layers(3, [5, 4, 3, 2])\n"
            "x = np.random.rand(3)\n"
            "target = np.random.rand(2)\n"
            "activation_funcs = [sigmoid, ReLU, sigmoid, sigmoid]\n```",
            opening(deep, "dC_db1", "z1"),
            LineValue(
                "What does your function give for `b1`, that is `layer_grads[0][1]`?",
                deep,
                "dC_db1",
                why="The gradient has come back through four layers. Compare the whole list with "
                "`grad(cost, 0)(layers, ...)`: every pair must agree.",
                hint="If it does not fit, check `x` and `target` first: they are drawn after the "
                "layers.",
            ),
        ),
        Card(
            "Its first weights",
            "The last check: on its way here the gradient has passed through all four layers.",
            ask("dC_dW1"),
            LineValue(
                "What is `layer_grads[0][0]`?",
                deep,
                "dC_dW1",
                why="So every $\\partial C / \\partial z$ on the way is right. The other gradients "
                "have lines of their own: compare them with autograd too.",
                hint="It has the shape of `W1`, (5, 3).",
            ),
        ),
    )


LESSON = Lesson(
    name="any-depth",
    title="Backpropagation for any depth",
    group="week42",
    exercise="5",
    summary="One loop from the last layer to the first, for any layers and activations.",
    minutes=25,
    cards=cards,
)
