"""Optimizers: one update by hand with each of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backprop_explorer.lessons.drawn import first
from backprop_explorer.lessons.lesson import Card, Draw, Lesson, Scene
from backprop_explorer.lessons.questions import Choice, LineValue, Option, Slip, Values
from backprop_explorer.lessons.scenes import opening
from backprop_explorer.lessons.working import LessonWorking, assigned, listed
from backprop_explorer.lessons.written import tex

ETA, MU, RHO = 0.1, 0.9, 0.9
BETA1, BETA2 = 0.9, 0.999


def _unit(draw: Draw) -> LessonWorking:
    """A linear unit whose two weights have gradients of very different size."""

    def make() -> LessonWorking:
        x = np.array([float(draw.normal(1)[0]), float(draw.normal(1, scale=0.1)[0])])
        layer = (draw.normal(2, 1), draw.normal(1, scale=0.5), "identity")
        return LessonWorking([layer], x, draw.normal(1), learning_rate=ETA)

    def tells(working: LessonWorking) -> bool:
        g = np.abs(working.shown("dC_dW1")[0])
        return bool(g.min() > 0.02 and 5 < g.max() / g.min() < 60 and g.max() < 6)

    return first(make, tells)


def _with(working: LessonWorking, optimizer: str) -> LessonWorking:
    return LessonWorking(
        working.layers, working.x, working.target, learning_rate=ETA, optimizer=optimizer
    )


def _second_gradient(working: LessonWorking) -> np.ndarray:
    """∂C/∂W after one step of gradient descent."""
    W, b = working.shown("W1_next"), working.shown("b1_next")
    x = working.shown("x")
    after: np.ndarray = 2.0 * (W @ x + b - working.shown("target"))[:, None] * x
    return after


def cards(draw: Draw) -> Sequence[Card]:
    """A linear unit with two weights, one sample."""
    plain = _unit(draw)
    g, x = plain.shown("dC_dW1"), plain.shown("x")
    numbers = assigned(W=plain.shown("W1"), b=plain.shown("b1"), x=x, target=plain.shown("target"))
    return (
        _descent(plain, numbers),
        *_momentum(plain),
        *_scaled(plain),
        *_adam(plain),
        Card(
            "Next to each other",
            f"For one and the same gradient `{listed(g)}` the first step of $W$ was "
            f"`{listed(plain.shown('W1_next') - plain.shown('W1'))}` with gradient descent and "
            f"`{listed(_with(plain, 'adam').shown('W1_next') - plain.shown('W1'))}` with Adam.",
            Scene(line="W1_next"),
            Choice(
                "A cost is multiplied by 10, and so are all its gradients. Whose first step stays "
                "the same?",
                (
                    Option(
                        "That of gradient descent and of momentum.",
                        "Their step is the gradient times $\\eta$: it becomes ten times as long.",
                    ),
                    Option(
                        "That of Adagrad, RMSProp and Adam.",
                        "They divide the gradient by a root of its own squares, so its size "
                        "cancels, but for the tiny $\\epsilon$. What is left is its sign.",
                        right=True,
                    ),
                    Option(
                        "None: every step is proportional to the gradient.",
                        "A gradient divided by its own size is not.",
                    ),
                ),
                hint="In which updates is the gradient divided by something of its own size?",
            ),
        ),
    )


def _descent(plain: LessonWorking, numbers: str) -> Card:
    return Card(
        "Gradient descent",
        "One linear unit, $a = w_1 x_1 + w_2 x_2 + b$, one sample, the squared error. The two "
        "inputs are of different size, and so are the gradients: "
        f"$g = \\partial C / \\partial W =$ `{listed(plain.shown('dC_dW1'), 6)}`.\n\n"
        f"```\n{numbers}\n```\n\nThe learning rate $\\eta$ is {ETA} in all of this lesson.",
        opening(plain, "dC_dW1", hide="W1_next"),
        LineValue(
            "What is $W$ after one step of gradient descent?",
            plain,
            "W1_next",
            why="$W - \\eta\\, g$. The weight with the large gradient moves far, the other hardly.",
            hint="Against the gradient, as far as $\\eta$ says.",
        ),
    )


def _momentum(plain: LessonWorking) -> Sequence[Card]:
    g, after = plain.shown("dC_dW1"), _second_gradient(plain)
    velocity = MU * ETA * g + ETA * after
    return (
        Card(
            "Momentum remembers",
            "Momentum keeps a velocity $v$, at first 0, and moves by it: "
            f"$v \\leftarrow \\mu v + \\eta g$, $W \\leftarrow W - v$, with $\\mu = {MU}$. "
            "Its first step is that of gradient descent. After it the gradient is "
            f"$g =$ `{listed(after, 6)}`.",
            Scene(
                recipe=_with(plain, "momentum").recipe(),
                step=1,
                line="dC_dW1",
                hide="velocity_W1_next",
            ),
            Values(
                "What is the velocity of $W$ in the second step?",
                velocity,
                why=f"`{MU} * {listed(ETA * g)} + {ETA} * {listed(after)}`: most of the last step, "
                "and the new push.",
                slips=(
                    Slip(
                        ETA * after,
                        "That is the new push alone. What is left of the last velocity?",
                    ),
                    Slip(
                        MU * ETA * g + (1 - MU) * ETA * after,
                        "This is a running mean, with $1 - \\mu$ in front of the new gradient. "
                        "Momentum as it is written here adds all of it.",
                    ),
                    Slip(
                        MU * g + ETA * after,
                        "The last velocity was $\\eta$ times the first gradient.",
                    ),
                ),
                hint=f"The last velocity is {ETA} times the first gradient.",
            ),
        ),
    )


def _scaled(plain: LessonWorking) -> Sequence[Card]:
    adagrad, rmsprop = _with(plain, "adagrad"), _with(plain, "rmsprop")
    return (
        Card(
            "Adagrad",
            "Adagrad adds up the squares of all gradients so far, for each weight: "
            "$s \\leftarrow s + g^2$, at first $s = 0$. Then $W \\leftarrow W - "
            "\\frac{\\eta\\, g}{\\sqrt{s} + \\epsilon}$, where $\\epsilon = 10^{-10}$ only keeps "
            "the division from failing.",
            Scene(recipe=adagrad.recipe(), step=0, line="dC_dW1", hide="sum_W1_next"),
            LineValue(
                "What is $W$ after the first step of Adagrad?",
                adagrad,
                "W1_next",
                why="$\\sqrt{s}$ is $|g|$ in the first step, so each weight moves by $\\eta$, "
                "whatever the size of its gradient.",
                hint="What is $g / \\sqrt{g^2}$?",
            ),
        ),
        Card(
            "RMSProp",
            "In Adagrad $s$ only grows, and the steps shrink for ever. RMSProp lets it fade: "
            f"$s \\leftarrow \\rho s + (1 - \\rho) g^2$ with $\\rho = {RHO}$, again from 0. The "
            "update is the same.",
            Scene(recipe=rmsprop.recipe(), step=0, line="dC_dW1", hide="square_W1_next"),
            Values(
                "How many times $\\eta$ does each weight move in the first step?",
                1.0 / np.sqrt(1.0 - RHO),
                why=r"$s = 0.1\, g^2$, and $\frac{g}{\sqrt{0.1\, g^2}} = \pm 3.162$: the running "
                "mean began at 0 and is too small at first.",
                slips=(
                    Slip(1.0, "That would be Adagrad: here $s$ is only a tenth of $g^2$."),
                    Slip(1.0 / (1.0 - RHO), "The square root of $s$ is missing."),
                    Slip(np.sqrt(1.0 - RHO), "The gradient is divided by the root of $s$."),
                ),
                hint="$s$ is $(1 - \\rho)\\, g^2$ in the first step. Divide $g$ by its root.",
            ),
        ),
    )


def _adam(plain: LessonWorking) -> Sequence[Card]:
    adam = _with(plain, "adam")
    return (
        Card(
            "Adam, before its correction",
            "Adam has two running means: $m \\leftarrow \\beta_1 m + (1 - \\beta_1) g$ and "
            "$v \\leftarrow \\beta_2 v + (1 - \\beta_2) g^2$, both from 0, with "
            f"$\\beta_1 = {BETA1}$ and $\\beta_2 = {BETA2}$.",
            Scene(recipe=adam.recipe(), step=0, line="dC_dW1", hide="m_W1_next"),
            LineValue(
                "What is $m$ of $W$ after the first step?",
                adam,
                "m_W1_next",
                why=f"A tenth of the gradient: ${tex(1 - BETA1)}\\, g$. As a mean of gradients it "
                "is far too small, because of the 0 it began with.",
                hint="$m$ was 0. What remains of the formula?",
            ),
        ),
        Card(
            "The bias correction",
            "In step $t$, counted from 1, Adam divides both means by what they lack: "
            "$\\hat m = m / (1 - \\beta_1^t)$, $\\hat v = v / (1 - \\beta_2^t)$.",
            Scene(line="m_W1_next", hide="m_hat_W1"),
            LineValue(
                "What is $\\hat m$ in the first step?",
                adam,
                "m_hat_W1",
                why="$1 - \\beta_1^1 = 0.1$, so it is $g$ again: after one gradient their mean is "
                "that gradient.",
                hint="$t$ is 1.",
            ),
        ),
        Card(
            "Adam's first step",
            "$W \\leftarrow W - \\frac{\\eta\\, \\hat m}{\\sqrt{\\hat v} + \\epsilon}$, with "
            "$\\epsilon = 10^{-8}$.",
            Scene(line="m_hat_W1", hide="W1_next"),
            LineValue(
                "What is $W$ after it?",
                adam,
                "W1_next",
                why="$\\hat m = g$ and $\\hat v = g^2$: each weight moves by $\\eta$. Without the "
                r"correction it would have been $0.1 / \sqrt{0.001} = 3.16$ times as far.",
                hint="Both means are corrected. What is $\\hat v$?",
            ),
        ),
        Card(
            "Why a correction",
            "Suppose the gradient stays the same for many steps.",
            Scene(line="W1_next"),
            Choice(
                "What does the bias correction do then?",
                (
                    Option(
                        "It makes the first steps as long as the later ones.",
                        "$\\hat m$ is $g$ and $\\hat v$ is $g^2$ in every step. Without it the "
                        "first steps would be too long, since $v$ lags further behind than $m$.",
                        right=True,
                    ),
                    Option(
                        "It keeps the bias $b$ of the unit near 0.",
                        "It has nothing to do with $b$. The bias meant here is that of a mean that "
                        "began at 0.",
                    ),
                    Option(
                        "It makes the steps shorter and shorter.",
                        "That is what Adagrad does. $1 - \\beta^t$ goes to 1, and the correction "
                        "fades.",
                    ),
                ),
                hint="Compute $m / (1 - \\beta_1^t)$ for a gradient that is always $g$.",
            ),
        ),
    )


LESSON = Lesson(
    name="optimizers",
    title="One step with five optimizers",
    group="further",
    exercise="",
    summary="Gradient descent, momentum, Adagrad, RMSProp and Adam, by hand, with one gradient.",
    minutes=20,
    cards=cards,
)
