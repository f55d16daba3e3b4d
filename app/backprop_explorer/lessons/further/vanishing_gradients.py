"""Vanishing gradients: what a deep stack of sigmoids leaves for its first layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from backprop_explorer.lessons.drawn import first_seed
from backprop_explorer.lessons.frames import frames, z_norms
from backprop_explorer.lessons.lesson import Card, Draw, Lesson, Scene
from backprop_explorer.lessons.questions import Choice, Option, Slip, Values
from backprop_explorer.lessons.scenes import look, opening
from backprop_explorer.lessons.working import LessonWorking
from backprop_explorer.lessons.written import bracketed, tex

HIDDEN, UNITS, STEPS = 6, 6, 200


def deep(activation: str, initializer: str, seed: int) -> dict[str, Any]:
    """Moons, learned by six hidden layers of six units."""
    hidden = [{"units": UNITS, "activation": activation} for _ in range(HIDDEN)]
    return {
        "dataset": {"name": "moons", "samples": 100, "noise": 0.15, "seed": seed},
        "network": {
            "layers": [*hidden, {"units": 1, "activation": "sigmoid"}],
            "initializer": initializer,
            "seed": seed,
        },
        "cost": {"name": "binary_cross_entropy", "reduction": "mean"},
        "optimizer": {"name": "sgd", "learning_rate": 0.5},
        "batch": {"size": None, "shuffle": False},
    }


def _learns(seed: int) -> bool:
    """Now and then all units of a ReLU layer are dead: another lesson."""
    return bool(frames(deep("relu", "he_normal", seed), 0, STEPS)[1]["cost"]["train"] < 0.25)


def _chain(draw: Draw) -> LessonWorking:
    w = draw.rng.uniform(0.5, 1.4, 4).round(2) * draw.rng.choice([-1.0, 1.0], 4)
    b = draw.normal(4, scale=0.5)
    layers = [([[w[k]]], [b[k]], "sigmoid") for k in range(4)]
    return LessonWorking(layers, draw.normal(1), np.round(draw.rng.uniform(0.1, 0.9, 1), 2))


def cards(draw: Draw) -> Sequence[Card]:
    """A chain of four units by hand, then two real networks."""
    chain = _chain(draw)
    seed = first_seed(draw, _learns)
    sigmoid, relu = deep("sigmoid", "xavier_normal", seed), deep("relu", "he_normal", seed)
    start, end = frames(sigmoid, 0, STEPS)
    relu_start, relu_end = frames(relu, 0, STEPS)
    return (*_by_hand(chain), *_real(sigmoid, relu, (start, end), (relu_start, relu_end)))


def _by_hand(chain: LessonWorking) -> Sequence[Card]:
    z = [float(chain.shown(f"z{k}")[0]) for k in range(1, 5)]
    w = [float(chain.shown(f"W{k}")[0, 0]) for k in range(1, 5)]
    sigma = [1.0 / (1.0 + np.exp(-value)) for value in z]
    slope = [s * (1.0 - s) for s in sigma]
    factors = [w[k] * slope[k - 1] for k in (3, 2, 1)]
    product = factors[0] * factors[1] * factors[2]
    return (
        Card(
            "The slope of a sigmoid",
            "Four layers with one unit each, one after the other: "
            r"$z^{(l)} = w^{(l)} a^{(l-1)} + b^{(l)}$ and $a^{(l)} = \sigma(z^{(l)})$, where $l$ "
            "counts the layers and $a^{(0)} = x$. On the way back the gradient passes each "
            r"sigmoid, and there it is multiplied by the slope $\sigma'(z)$.",
            opening(chain, "C", hide="dC_da3"),
            Values(
                r"How large can $\sigma'(z)$ be, at most?",
                0.25,
                why=r"$\sigma' = \sigma (1 - \sigma)$ is largest where $\sigma = \frac{1}{2}$, at "
                r"$z = 0$: there it is $\frac{1}{4}$. Everywhere else it is smaller.",
                slips=(
                    Slip(0.5, r"That is $\sigma(0)$, the value; its slope is asked for."),
                    Slip(1.0, r"$\sigma$ itself comes close to 1; its slope does not."),
                ),
                hint=r"$\sigma' = \sigma (1 - \sigma)$. Which $\sigma$ between 0 and 1 makes the "
                "product largest?",
            ),
        ),
        Card(
            "One layer down",
            r"From $\frac{\partial C}{\partial z^{(4)}}$ to "
            r"$\frac{\partial C}{\partial z^{(3)}}$ the gradient is multiplied by one number. "
            f"The page shows $w^{{(4)}} = {tex(w[3])}$ and "
            rf"$a^{{(3)}} = \sigma(z^{{(3)}}) = {tex(sigma[2], 6)}$.",
            look("dC_dz4", "dC_da3"),
            Values(
                "Which number?",
                factors[0],
                why=rf"$w^{{(4)}} \sigma'(z^{{(3)}}) = {bracketed(w[3])} \cdot {tex(slope[2])} = "
                f"{tex(factors[0])}$: through the weight, then through the sigmoid below it.",
                slips=(
                    Slip(
                        w[3],
                        r"That leads to $\frac{\partial C}{\partial a^{(3)}}$; the sigmoid of "
                        "layer 3 is still to be passed. Its derivative is missing.",
                    ),
                    Slip(
                        w[3] * sigma[2],
                        r"This multiplies by $\sigma(z)$, the value. The chain rule asks for the "
                        r"slope $\sigma'(z)$.",
                    ),
                    Slip(
                        w[2] * slope[2],
                        "These are the weights of layer 3. Between layers 3 and 4 lies $w^{(4)}$.",
                    ),
                    Slip(
                        w[3] * slope[3],
                        r"This is the slope at $z^{(4)}$, and $\frac{\partial C}{\partial "
                        r"z^{(4)}}$ has that already. The next sigmoid is that of layer 3.",
                    ),
                ),
                hint=r"$z^{(4)}$ depends on $a^{(3)}$ through $w^{(4)}$, and $a^{(3)}$ on "
                r"$z^{(3)}$ through the sigmoid.",
            ),
        ),
        Card(
            "All the way down",
            "Two more such steps lead to layer 1. The weights are "
            f"$w^{{(3)}} = {tex(w[2])}$, $w^{{(2)}} = {tex(w[1])}$, the outputs "
            f"$a^{{(2)}} = {tex(sigma[1], 6)}$, $a^{{(1)}} = {tex(sigma[0], 6)}$.",
            look("dC_dz4", "dC_da3"),
            Values(
                r"By which number is $\frac{\partial C}{\partial z^{(4)}}$ multiplied in all, "
                r"to give $\frac{\partial C}{\partial z^{(1)}}$?",
                product,
                why=f"${bracketed(factors[0], 3)} \\cdot {bracketed(factors[1], 3)} \\cdot "
                f"{bracketed(factors[2], 3)} = {tex(product)}$. Each factor is small, and there "
                "are three of them.",
                slips=(
                    Slip(
                        w[3] * w[2] * w[1],
                        "These are the weights alone; each sigmoid on the way multiplies by its "
                        "slope.",
                    ),
                    Slip(
                        factors[0] + factors[1] + factors[2],
                        "Along a path the factors are multiplied. Sums belong to several paths.",
                    ),
                ),
                hint="Three factors of the kind you have just computed, one for each step down.",
            ),
        ),
        Card(
            "The most that can arrive",
            "Let all weights be 1, and let every unit stand where its sigmoid is steepest.",
            look("dC_dz1"),
            Values(
                "By which number is the gradient multiplied from layer 4 to layer 1, at best?",
                0.015625,
                why=r"$\left(\frac{1}{4}\right)^3 = \frac{1}{64}$. With ten layers it is "
                r"$\left(\frac{1}{4}\right)^9$, about $4 \cdot 10^{-6}$: the gradient vanishes "
                "with depth, layer by layer.",
                slips=(
                    Slip(0.00390625, "From layer 4 to layer 1 there are three steps, not four."),
                    Slip(0.75, "The factors are multiplied, not added."),
                ),
                hint=r"Three steps, each with $\sigma' = \frac{1}{4}$ and a weight of 1.",
            ),
        ),
    )


def _real(
    sigmoid: dict[str, Any],
    relu: dict[str, Any],
    run: tuple[dict[str, Any], dict[str, Any]],
    relu_run: tuple[dict[str, Any], dict[str, Any]],
) -> Sequence[Card]:
    norms, relu_norms = z_norms(run[0]), z_norms(relu_run[0])
    last, share = len(norms), norms[0] / norms[-1]
    relu_share = relu_norms[0] / relu_norms[-1]
    cost, relu_cost = run[1]["cost"]["train"], relu_run[1]["cost"]["train"]
    top, bottom = (
        rf"\frac{{\partial C}}{{\partial z^{{({last})}}}}",
        (r"\frac{\partial C}{\partial z^{(1)}}"),
    )
    return (
        Card(
            "A real network",
            f"Six hidden layers of six sigmoid units, not trained yet. $\\|{top}\\|$ is the size "
            "of the gradient at the last layer: the root of the sum of all its squared entries, "
            "over all samples.",
            Scene(recipe=sigmoid, step=0, line="C", sample="batch", hide="dC_dz7"),
            Choice(
                "How much of it do you expect at layer 1?",
                (
                    Option(
                        "About half of it.",
                        "Each layer would have to pass on nearly all of it. A sigmoid passes on "
                        r"at most $\frac{1}{4}$ times the weights.",
                    ),
                    Option(
                        "About a tenth of it.",
                        "That would be a factor of 0.7 for each layer. A sigmoid's slope alone is "
                        r"at most $\frac{1}{4}$.",
                    ),
                    Option(
                        "Less than a thousandth.",
                        "Six steps, each with a small factor. The figure of the gradient flow "
                        "shows it, layer by layer, on a logarithmic scale.",
                        right=True,
                    ),
                ),
                hint="Six steps down. What did three steps leave in the chain?",
            ),
        ),
        Card(
            "In numbers",
            f"Of this network, $\\|{top}\\| = {tex(norms[-1], 7)}$ and "
            f"$\\|{bottom}\\| = {tex(norms[0], 7)}$.",
            Scene(line="dC_dz1", figure="flow"),
            Values(
                "Which share of the gradient of the last layer arrives at layer 1?",
                share,
                why=f"${tex(share, 3)}$. The first layer, which sees the data, learns that much "
                "more slowly than the last.",
                slips=(Slip(1.0 / share, "The other way round: layer 1 divided by the last."),),
                hint="A share is the part divided by the whole.",
            ),
        ),
        Card(
            "What one layer does",
            f"From layer {last} to layer 1 there are {last - 1} steps. Suppose each had the same "
            "factor.",
            Scene(line="dC_dz1", figure="flow"),
            Values(
                "Which factor would that be?",
                share ** (1.0 / (last - 1)),
                why=rf"$\left({tex(share, 3)}\right)^{{1/{last - 1}}} = "
                rf"{tex(share ** (1.0 / (last - 1)), 3)}$, near the $\frac{{1}}{{4}}$ that a "
                "sigmoid allows.",
                slips=(
                    Slip(share / (last - 1), "The factors multiply, so a root undoes them."),
                    Slip(share ** (1.0 / last), f"Between {last} layers lie {last - 1} steps."),
                ),
                hint=f"It is a number whose power {last - 1} is the share.",
            ),
        ),
        Card(
            "The same with ReLU",
            "The second run has the same data and the same shape, with ReLU in its hidden layers "
            "and He's first weights: between hidden layers, twice Xavier's variance. Its gradient "
            f"at layer 1 is ${tex(relu_share, 3)}$ times that at the last layer.",
            Scene(reference=relu, figure="flow"),
            Choice(
                "Why does so much more arrive?",
                (
                    Option(
                        "ReLU's slope is 1 wherever the unit is active.",
                        "Where $z > 0$ the gradient passes unchanged; where $z < 0$ it stops. "
                        "Nothing shrinks on the way but by the weights.",
                        right=True,
                    ),
                    Option(
                        "ReLU's outputs are larger, so its gradients are larger.",
                        "The outputs do not occur in the factor from layer to layer: that is a "
                        "weight times a slope.",
                    ),
                    Option(
                        "ReLU has no derivative, so nothing is multiplied.",
                        "It has one: 1 for $z > 0$ and 0 for $z < 0$. The chain rule multiplies by "
                        "it like by any other.",
                    ),
                ),
                hint="Compare the slopes of the two functions where they are not flat.",
            ),
        ),
        Card(
            "Does it matter?",
            f"Both runs are trained with the same learning rate 0.5 for {STEPS} steps. A network "
            r"that says $\frac{1}{2}$ to everything has the cost $\log 2 = 0.693$.",
            Scene(step=0),
            Choice(
                "What do you expect?",
                (
                    Option(
                        "The sigmoid network is slower, but nearly there.",
                        "A step is the learning rate times the gradient. With a share like the "
                        "one you computed, the first layers do not move in so few steps.",
                    ),
                    Option(
                        "The sigmoid network still has a cost of about 0.69; ReLU is far below.",
                        f"The costs are ${tex(cost, 3)}$ with sigmoid and ${tex(relu_cost, 3)}$ "
                        "with ReLU.",
                        right=True,
                    ),
                    Option(
                        "ReLU's larger gradients make it diverge.",
                        f"The share that arrives at layer 1 is ${tex(relu_share / share, 3)}$ "
                        f"times that of the sigmoid network, but the cost falls, to "
                        f"${tex(relu_cost, 3)}$.",
                    ),
                ),
                hint="How far does the first layer move in a step of the sigmoid network?",
            ),
            after="Look at both curves on one clock. What helps against vanishing gradients: "
            "ReLU or tanh in hidden layers, first weights of the right size, fewer layers.",
        ),
        Card(
            "After the training",
            f"After {STEPS} steps the sigmoid network has the cost ${tex(cost, 3)}$, the one with "
            f"ReLU ${tex(relu_cost, 3)}$. Go back to any step with the slider and compare the "
            "gradient flow.",
            Scene(step=STEPS, figure="flow"),
        ),
    )


LESSON = Lesson(
    name="vanishing-gradients",
    title="Vanishing gradients",
    group="further",
    exercise="",
    summary="Why the first layers of a deep sigmoid network hardly learn, and what ReLU changes.",
    minutes=15,
    cards=cards,
    questions=9,
)
