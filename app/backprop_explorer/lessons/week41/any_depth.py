"""Week 41, exercise 3: layers by a loop, and why activations are needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backprop_explorer.lessons.drawn import create_layers, distinct_slips, first_seed, legacy
from backprop_explorer.lessons.lesson import Card, Draw, Lesson
from backprop_explorer.lessons.questions import Choice, CodeLine, Option, Shape, Slip, Values
from backprop_explorer.lessons.scenes import look, opening
from backprop_explorer.lessons.working import LessonWorking, assigned

SIZES = (8, 10, 16, 6, 2)
FORWARD = """def feed_forward_all_relu(layers, input):
    a = input
    for W, b in layers:
        z = W @ input + b
        a = ReLU(z)
    return a"""


@dataclass(frozen=True, slots=True)
class _NetworkDraw:
    """What a student's notebook draws after ``np.random.seed(seed)``."""

    seed: int
    x: Any
    layers: Any

    @property
    def outputs(self) -> list[Any]:
        """a1 to a4."""
        return _forward(self.layers, self.x)


def _forward(layers: Any, x: Any) -> list[Any]:
    found, a = [], x
    for W, b in layers:
        a = np.maximum(W @ a + b, 0.0)
        found.append(a)
    return found


def _drawn(seed: int) -> _NetworkDraw:
    state = legacy(seed)
    x = state.rand(SIZES[0])
    return _NetworkDraw(seed, x, create_layers(state, SIZES))


def _teaches(seed: int) -> bool:
    """Both outputs are on, and so is a part of each hidden layer."""
    *hidden, last = _drawn(seed).outputs
    shares = [(a > 0).mean() for a in hidden]
    return bool((last > 0.5).all() and min(shares) > 0.2 and max(shares) < 0.9)


def _slips(seed: int, right: Any) -> tuple[Slip, ...]:
    """Other orders of drawing, and other ways through the layers."""
    x = _drawn(seed).x
    others = []
    for choice in ({"bias_first": True}, {"turned": True}):
        state = legacy(seed)
        state.rand(SIZES[0])
        others.append(create_layers(state, SIZES, **choice))
    bias_first, turned = others
    state = legacy(seed)
    layers_first = create_layers(state, SIZES)
    late_x = state.rand(SIZES[0])
    plain = x
    for W, b in _drawn(seed).layers:
        plain = W @ plain + b
    return distinct_slips(
        right,
        Slip(plain, "There is no ReLU in it: your `feed_forward` leaves out the activation."),
        Slip(
            _forward(bias_first, x)[-1],
            "Your function draws `b` before `W`. Any order would do, but with the same seed other "
            "numbers come out: draw `W` first.",
        ),
        Slip(
            _forward(turned, x)[-1],
            "Your function draws (inputs, outputs) and turns it round. The shape is right; with "
            "this seed the numbers are others. Draw `np.random.randn(output_size, i_size)`.",
        ),
        Slip(
            _forward(layers_first, late_x)[-1],
            "You drew the layers before `x`. Run the three lines in the order given.",
        ),
    )


def cards(draw: Draw) -> Sequence[Card]:
    """From create_layers to a network of four layers, and to two that are worth one."""
    drawn = _drawn(first_seed(draw, _teaches))
    return (*_building(drawn), *_running(drawn), *_without(draw))


def _building(drawn: _NetworkDraw) -> Sequence[Card]:
    working = LessonWorking([(W.T, b, "relu") for W, b in drawn.layers], drawn.x, np.zeros(2))
    return (
        Card(
            "Layers from a list of sizes",
            "A network is a list of layers, each a pair `(W, b)`. `create_layers` makes the list "
            "from the size of the input and the sizes of the layers:\n\n```\n"
            "def create_layers(input_size, output_sizes):\n"
            "    layers = []\n"
            "    i_size = input_size\n"
            "    for output_size in output_sizes:\n"
            "        W = np.random.randn(...)            # 1\n"
            "        b = np.random.randn(output_size)\n"
            "        layers.append((W, b))\n"
            "        ...                                 # 2\n"
            "    return layers\n```",
            opening(working, "z1", "z1"),
            Choice(
                "Line 1: what goes between the brackets, if $z = W a + b$?",
                (
                    Option(
                        "`output_size, i_size`",
                        "A row for each output, a column for each input.",
                        right=True,
                    ),
                    Option(
                        "`i_size, output_size`",
                        "This fits `a @ W`. For `W @ a` the columns must match the entries of $a$.",
                    ),
                    Option(
                        "`output_size, input_size`",
                        "That is right for the first layer only. The others receive what the "
                        "layer before gives, not the input of the network.",
                    ),
                ),
                hint="Which of the sizes changes from layer to layer?",
            ),
        ),
        Card(
            "From one layer to the next",
            "The loop goes on with the next size.",
            look("z1", "z1"),
            Choice(
                "Line 2: what has to happen before the next layer is made?",
                (
                    Option(
                        "`i_size = output_size`",
                        "What this layer gives is what the next one takes.",
                        right=True,
                    ),
                    Option(
                        "`i_size = input_size`",
                        "Then every layer would expect the input of the network.",
                    ),
                    Option(
                        "`i_size += output_size`",
                        "Then the next layer would expect everything so far, side by side.",
                    ),
                    Option(
                        "`output_size = i_size`",
                        "The loop sets `output_size` itself; this line changes nothing that is "
                        "used later.",
                    ),
                ),
                hint="Think of two layers, 8 → 10 → 16. What does the second one receive?",
            ),
        ),
        Card(
            "Four layers",
            "Now `create_layers(8, [10, 16, 6, 2])`: 8 inputs, then layers of 10, 16, 6 and 2 "
            "neurons. The explorer shows this network.",
            look("z1", "z1"),
            Shape(
                "What is the shape of the **third** `W`?",
                (6, 16),
                why="It takes the 16 numbers of layer 2 and gives 6.",
                slips={
                    (16, 6): "The right two sizes; rows are the outputs.",
                    (16, 10): "This is the second layer.",
                    (2, 6): "This is the fourth layer.",
                    (6, 8): "8 is the size of the network's input. Only the first layer sees it.",
                },
                hint="Which size stands before the 6 in the list?",
            ),
        ),
        Card(
            "How many parameters",
            "Four matrices and four vectors of biases.",
            look("z1", "z1"),
            Values(
                "How many numbers does the whole network have to learn?",
                382,
                why="10·8 + 16·10 + 6·16 + 2·6 = 348 weights, and 10 + 16 + 6 + 2 = 34 biases.",
                slips=(
                    Slip(348, "These are the weights. There are 34 biases too."),
                    Slip(34, "These are the biases alone."),
                ),
                hint="Sum `W.size + b.size` over the layers.",
            ),
        ),
    )


def _running(drawn: _NetworkDraw) -> Sequence[Card]:
    output = drawn.outputs[-1]
    silent = int((drawn.outputs[1] == 0).sum())
    return (
        Card(
            "A forward pass with a fault",
            "The forward pass goes through the list. Here is one that does not do what it should:",
            look("z1", "z1"),
            CodeLine(
                "Which line is wrong?",
                FORWARD,
                frozenset({3}),
                "Each layer must act on `a`, what the layer before gave. With `input` here, a "
                "second layer of another size stops with an error; one of the same size would give "
                "wrong numbers without a word.",
                others={
                    1: "The first layer acts on the input, so `a` begins as the input.",
                    2: "A layer is a pair; the loop takes it apart.",
                    4: "After each $z$ comes the activation. This is right.",
                    5: "After the last layer, `a` is the output of the network.",
                },
                hint="Follow `a` through two rounds of the loop. Who reads it?",
            ),
        ),
        Card(
            "Run your own",
            "Write both functions. `create_layers` draws `W` with `np.random.randn(output_size, "
            "i_size)` first, then `b`. Then run:\n\n```\n"
            f"np.random.seed({drawn.seed})\n"
            "x = np.random.rand(8)\n"
            "layers = create_layers(8, [10, 16, 6, 2])\n"
            "print(feed_forward_all_relu(layers, x))\n```",
            look("z1", "z1"),
            Values(
                "What is printed?",
                output,
                why="The explorer has drawn the same network: its last neurons show your two "
                "numbers.",
                slips=_slips(drawn.seed, output),
                hint="If the numbers differ, look at the order in which your function draws `W` "
                "and `b`.",
            ),
        ),
        Card(
            "Silent neurons",
            "Print the output of layer 2, after its ReLU.",
            look("a2", "a2"),
            Values(
                "How many of its 16 entries are 0?",
                silent,
                why=f"{silent} of 16 neurons give nothing for this `x`. Another `x` silences "
                "others.",
                slips=distinct_slips(
                    silent, Slip(16 - silent, "That is how many are not 0: count the others.")
                ),
                hint="`np.sum(a2 == 0)`",
            ),
        ),
    )


def _without(draw: Draw) -> Sequence[Card]:
    W1, b1, W2, b2 = draw.normal(2, 2), draw.normal(2), draw.normal(2, 2), draw.normal(2)
    right = W2 @ b1 + b2
    return (
        Card(
            "Two layers without an activation",
            "Leave the activations out: $z^{(1)} = W^{(1)} x + b^{(1)}$ and "
            "$z^{(2)} = W^{(2)} z^{(1)} + b^{(2)}$. Put the first into the second.",
            look("a4"),
            Choice(
                "Which single layer $W x + b$ does the same?",
                (
                    Option(
                        "$W = W^{(2)} W^{(1)},\\; b = W^{(2)} b^{(1)} + b^{(2)}$",
                        "Two affine maps in a row are one affine map. However many layers there "
                        "are, without activations between them they can do no more than one.",
                        right=True,
                    ),
                    Option(
                        "$W = W^{(1)} W^{(2)},\\; b = b^{(1)} + b^{(2)}$",
                        "The first layer acts first, so its matrix stands next to $x$; and "
                        "$b^{(1)}$ goes through the second layer too.",
                    ),
                    Option(
                        "$W = W^{(2)} W^{(1)},\\; b = b^{(1)} + b^{(2)}$",
                        "The matrix is right. But $b^{(1)}$ is a part of $z^{(1)}$, and all of "
                        "that is multiplied by $W^{(2)}$.",
                    ),
                    Option(
                        "$W = W^{(1)} + W^{(2)},\\; b = b^{(1)} + b^{(2)}$",
                        "The layers act one after the other, not side by side: matrices multiply.",
                    ),
                ),
                hint="Write $W^{(2)} (W^{(1)} x + b^{(1)}) + b^{(2)}$ and multiply out.",
            ),
        ),
        Card(
            "The same with numbers",
            f"```\n{assigned(W1=W1, b1=b1, W2=W2, b2=b2)}\n```",
            look("a4"),
            Values(
                "What is the bias `b` of the single layer?",
                right,
                why="And its matrix is `W2 @ W1`. Try it with any `x`: both ways give the same.",
                slips=distinct_slips(
                    right,
                    Slip(
                        b1 + b2,
                        "`b1` has to go through the second layer: it is multiplied by `W2`.",
                    ),
                    Slip(W1 @ b1 + b2, "The matrix that acts on `b1` is that of the second layer."),
                    Slip(W2 @ b1, "Add the bias of the second layer."),
                ),
                hint="What comes out for $x = 0$?",
            ),
        ),
    )


LESSON = Lesson(
    name="any-number-of-layers",
    title="Any number of layers",
    group="week41",
    exercise="3 a–d",
    summary="A list of layers, one loop through it, and what activations are for.",
    minutes=20,
    cards=cards,
)
