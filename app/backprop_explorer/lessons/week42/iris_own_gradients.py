"""Week 42, exercise 7: training on iris with one's own gradients, then with momentum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from backprop_explorer.lessons import iris
from backprop_explorer.lessons.drawn import distinct_slips, first
from backprop_explorer.lessons.lesson import Card, Draw, Lesson, Scene
from backprop_explorer.lessons.questions import Choice, LineValue, Option, Slip, Values
from backprop_explorer.lessons.runs import Point, points
from backprop_explorer.lessons.scenes import ask, look, opening
from backprop_explorer.lessons.working import LessonWorking

RATE, MOMENTUM = 0.002, 0.9
BATCH, EPOCHS = 16, 10
STEPS = EPOCHS * 10


def cards(draw: Draw) -> Sequence[Card]:
    """Prediction minus target, the loop of exercise 6, and SGD with momentum."""
    seed = first(lambda: int(draw.rng.integers(1, 1000)), _teaches)
    rows = [50 * k + int(draw.rng.integers(50)) for k in range(3)]
    working = iris.working(seed, *rows, learning_rate=RATE, optimizer="momentum")
    return (
        *_softmax(working, seed, rows),
        *_gradients(working),
        *_momentum(working),
        *_run(seed),
    )


def _softmax(working: LessonWorking, seed: int, rows: list[int]) -> Sequence[Card]:
    return (
        Card(
            "Softmax and cross-entropy together",
            "The network of week 41: 4 inputs, 8 sigmoid, 3 softmax, and the cross-entropy added "
            "up over all flowers, $C = -\\sum t_k \\log p_k$. Take one flower. With "
            "$p_k = e^{z_k} / \\sum_l e^{z_l}$ its cost is "
            "$-\\sum_k t_k z_k + \\log \\sum_l e^{z_l}$, since $\\sum_k t_k = 1$.\n\n"
            "The page shows three flowers, one of each species.",
            opening(working, "C", "dC_dz2"),
            Choice(
                "What is the derivative with respect to $z_k$?",
                (
                    Option(
                        "$p_k - t_k$",
                        "The first part gives $-t_k$, the second $e^{z_k} / \\sum_l e^{z_l}$, "
                        "which is $p_k$. Prediction minus target.",
                        right=True,
                    ),
                    Option(
                        "$p_k (1 - p_k)$",
                        "That is one entry of the Jacobian of softmax, and only one on its "
                        "diagonal. Each $z_k$ changes all three probabilities.",
                    ),
                    Option(
                        "$-t_k / p_k$",
                        "That is the derivative with respect to $p_k$. Softmax comes before it.",
                    ),
                    Option(
                        "$t_k - p_k$",
                        "The right two numbers with the sign turned round: the cost would rise.",
                    ),
                ),
                hint="Differentiate the two parts of $-\\sum_k t_k z_k + \\log \\sum_l e^{z_l}$ "
                "one after the other.",
            ),
        ),
        Card(
            "Three flowers",
            "With the explorer's first weights:\n\n```\n"
            f"{iris.first_weights_code(seed)}\n"
            f"rows = {rows}\n"
            "x, target = inputs[rows], targets[rows]\n```\n\n"
            "where `inputs` (150, 4) are the flowers and `targets` (150, 3) their species.",
            ask("dC_dz2"),
            LineValue(
                "What is $\\partial C / \\partial z^{(2)}$, a row for each flower?",
                working,
                "dC_dz2",
                why="`predictions - target`. No Jacobian, no division by a small probability.",
                hint="First `predictions`, as in week 41; softmax along each row.",
            ),
        ),
        Card(
            "A check",
            "Add up each row of it: `np.sum(dC_dz2, axis=1)`.",
            look("dC_dz2"),
            Values(
                "What must come out, for each of the three flowers?",
                np.zeros(3),
                why="Probabilities add up to 1 and so does a one-hot target. If your rows do not "
                "add up to 0, the softmax runs along the wrong axis.",
                slips=(
                    Slip(
                        np.ones(3), "That is the sum of the probabilities. Take the targets away."
                    ),
                ),
                hint="What do the probabilities of a flower add up to, and its target?",
            ),
        ),
    )


def _gradients(working: LessonWorking) -> Sequence[Card]:
    return (
        Card(
            "Back through both layers",
            "The rest is the loop of exercise 6, which begins with `dC_dz = predictions - target` "
            "in place of the first two factors.",
            ask("dC_dW1"),
            LineValue(
                "What is $\\partial C / \\partial W^{(1)}$ for the three flowers?",
                working,
                "dC_dW1",
                why="Nothing is divided by the number of flowers: the cost is a sum. With your own "
                "gradients in place of autograd's, the training of week 41 gives the same run.",
                hint="`dC_dz2 @ W2.T`, times `a1 * (1 - a1)`, then `x.T @` it.",
            ),
        ),
        Card(
            "Stochastic gradient descent",
            "Instead of all 150 flowers, each step now takes the next 16 of a list that is "
            "shuffled in every epoch. The last step of an epoch takes what is left.",
            look("dC_dW1"),
            Values(
                "How many steps are in an epoch?",
                10,
                why="Nine batches of 16 and one of 6. Each step costs a tenth of a full one, and "
                "its gradient is a rough guess of the full one.",
                slips=(
                    Slip(150 / 16, "The batch that is left, of 6 flowers, is a step too."),
                    Slip(9, "Nine full batches hold 144 flowers. The other 6 want to be seen too."),
                    Slip(16, "This is how many flowers are in a batch."),
                ),
                hint="Divide 150 by 16 and round up.",
            ),
        ),
    )


def _two_steps(working: LessonWorking) -> dict[str, Any]:
    """b2 after two steps on the same three flowers: with momentum, and as others may do it."""

    def gradient(layers: list[Any]) -> list[Any]:
        (W1, b1), (W2, b2) = layers
        x, target = np.asarray(working.x), np.asarray(working.target)
        a1 = 1 / (1 + np.exp(-(x @ W1 + b1)))
        d2 = iris.softmax(a1 @ W2 + b2) - target
        d1 = (d2 @ W2.T) * a1 * (1 - a1)
        return [(x.T @ d1, d1.sum(axis=0)), (a1.T @ d2, d2.sum(axis=0))]

    def descend(momentum: float) -> Any:
        layers = [(np.array(W), np.array(b)) for W, b, _ in working.layers]
        velocity = [(np.zeros_like(W), np.zeros_like(b)) for W, b in layers]
        for _ in range(2):
            steps = []
            for (v_W, v_b), (W_g, b_g) in zip(velocity, gradient(layers), strict=True):
                steps.append((momentum * v_W + RATE * W_g, momentum * v_b + RATE * b_g))
            velocity = steps
            layers = [
                (W - v_W, b - v_b) for (W, b), (v_W, v_b) in zip(layers, velocity, strict=True)
            ]
        return layers[1][1]

    start = np.array(working.layers[1][1])
    return {"momentum": descend(MOMENTUM), "plain": descend(0.0), "start": start}


def _momentum(working: LessonWorking) -> Sequence[Card]:
    two = _two_steps(working)
    change = two["momentum"] - two["start"]
    return (
        Card(
            "Momentum",
            "A step of plain gradient descent forgets the one before. With **momentum** each "
            "parameter has a velocity $v$, which begins at 0 and keeps a share $\\mu$ of itself; "
            "here $\\mu = 0.9$, $\\eta = 0.002$. $g$ is the gradient of the parameter.",
            look("W2_next", "velocity_W2_next"),
            Choice(
                "Which two lines are one step?",
                (
                    Option(
                        "`v = mu * v + eta * g`, then `W -= v`",
                        "What is left of the last step, plus the new push; then the parameter "
                        "moves by the velocity.",
                        right=True,
                    ),
                    Option(
                        "`v = mu * v + eta * g`, then `W += v`",
                        "This $v$ points uphill, like $g$. It has to be taken away.",
                    ),
                    Option(
                        "`v = eta * g`, then `W -= mu * v`",
                        "Nothing is remembered here: it is plain gradient descent with the "
                        "learning rate $\\mu \\eta$.",
                    ),
                    Option(
                        "`v = mu * v + eta * g`, then `W -= eta * v`",
                        "$\\eta$ is in $v$ already. Twice makes the steps 500 times too short.",
                    ),
                ),
                hint="Where does the memory come in, and which way is down?",
            ),
        ),
        Card(
            "Two steps",
            "Make two steps with momentum on the same three flowers, from the first weights and "
            "with $v = 0$ at the start. The gradient of the second step is that at the new "
            "weights, and all weights and biases move.",
            ask("b2_next"),
            Values(
                "By how much has `b2` changed after the two steps? Three numbers, new minus old.",
                change,
                why="In the second step nine tenths of the first are repeated: if the gradient "
                "hardly changes, the second step is 1.9 times as long as the first, and in the "
                "end steps become ten times as long.",
                slips=distinct_slips(
                    change,
                    Slip(
                        two["plain"] - two["start"],
                        "This is two steps without momentum: has $v$ kept its value from the "
                        "first step to the second?",
                    ),
                    Slip(two["momentum"], "These are the new biases. Take the old ones away."),
                    Slip(-change, "New minus old: the biases move against the gradient."),
                    Slip(
                        np.asarray(working.shown("b2_next")) - two["start"],
                        "This is one step. Make another with the new weights.",
                    ),
                ),
                hint="In a loop of two rounds: gradient, `v = 0.9 * v + 0.002 * g` for every "
                "parameter, then subtract. Keep `v` outside the loop.",
            ),
        ),
    )


def _recipe(seed: int, **optimizer: Any) -> dict[str, Any]:
    return iris.recipe(
        seed,
        optimizer={"learning_rate": RATE, **optimizer},
        batch={"size": BATCH, "shuffle": True, "seed": seed},
    )


def _three_ways(seed: int) -> tuple[Point, Point, Point]:
    """The run after so many epochs: full batches, small ones, small ones with momentum."""
    (full,) = points(iris.recipe(seed, optimizer={"name": "sgd", "learning_rate": RATE}), EPOCHS)
    (plain,) = points(_recipe(seed, name="sgd"), STEPS)
    (after,) = points(_recipe(seed, name="momentum", momentum=MOMENTUM), STEPS)
    return full, plain, after


def _teaches(seed: int) -> bool:
    """As it is for most weights: momentum is ahead, and the other two near each other."""
    full, plain, after = _three_ways(seed)
    near = abs(full.cost - plain.cost) < 0.03 * full.cost
    return near and after.cost < 0.9 * min(plain.cost, full.cost)


def _run(seed: int) -> Sequence[Card]:
    recipe = _recipe(seed, name="momentum", momentum=MOMENTUM)
    full_recipe = iris.recipe(seed, optimizer={"name": "sgd", "learning_rate": RATE})
    (start,) = points(recipe, 0)
    full, plain, after = _three_ways(seed)
    return (
        Card(
            "Ten epochs",
            f"Now train on all flowers for {EPOCHS} epochs, {STEPS} steps. The order in epoch `e` "
            f"(from 0) is `np.random.default_rng([{seed}, e]).permutation(150)`, and each step "
            "takes the next 16 of it. The weights begin as above. Use your notebook, or let the "
            f"explorer go to step {STEPS}.",
            Scene(
                recipe=recipe,
                reference=full_recipe,
                step=0,
                line="C",
                sample="batch",
                convention="row",
                fused=True,
            ),
            Values(
                "What accuracy does the network have then?",
                after.accuracy,
                within=0.0034,
                why=f"The cost over all flowers went from {start.cost:.1f} to {after.cost:.1f}. "
                f"Without momentum, with the same batches, it would be {plain.cost:.1f}; with "
                f"{EPOCHS} full steps, one each epoch, {full.cost:.1f}.",
                slips=distinct_slips(
                    after.accuracy,
                    Slip(start.accuracy, "This is the accuracy at the start."),
                ),
                hint="Two loops: over epochs, and over `range(0, 150, 16)` in each.",
            ),
        ),
        Card(
            "What made the difference",
            f"After {EPOCHS} epochs, all with $\\eta = 0.002$: {full.cost:.1f} with full batches, "
            f"{plain.cost:.1f} with batches of 16, {after.cost:.1f} with momentum too.",
            look("C", step=STEPS),
            Choice(
                "Full batches made 10 steps and small ones 100. Why do they end so near each "
                "other?",
                (
                    Option(
                        "the cost is a sum, so the ten gradients of an epoch add up to about one "
                        "full gradient",
                        "Ten small steps go about as far as a full one, and cost as much. With a "
                        "mean in place of the sum each small step would be as long as a full one: "
                        "ten times as far in an epoch. Momentum makes steps up to "
                        "$1 / (1 - \\mu) = 10$ times as long where the gradients agree, and that "
                        "is what you see here.",
                        right=True,
                    ),
                    Option(
                        "both have found the minimum",
                        "Momentum got much lower, so neither of the two is there yet.",
                    ),
                    Option(
                        "the order of the flowers was shuffled",
                        "The order decides which flowers are in a batch. It does not make the "
                        "steps shorter or longer.",
                    ),
                    Option(
                        "small batches point in a random direction",
                        "Then they would hardly have lowered the cost at all. The gradient of 16 "
                        "flowers points roughly where that of 150 does.",
                    ),
                ),
                hint="How long is the gradient of 16 flowers, compared with that of 150? Look at "
                "the cost.",
            ),
        ),
    )


LESSON = Lesson(
    name="iris-with-own-gradients",
    title="Training with your own gradients",
    group="week42",
    exercise="7",
    summary="Prediction minus target, mini-batches, and momentum, on the iris flowers.",
    minutes=35,
    cards=cards,
    questions=9,
)
