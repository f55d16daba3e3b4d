"""Optimizers: each entry lists the steps that compute new parameters from a gradient.

An update step is defined once, for a parameter ``p``. A trace instantiates it for "W1", "b1", … and
keeps the values. Training instantiates it once for the flat vector of all parameters. The
operations are the same and elementwise, so both give the same bits.

To add an optimizer, add one entry to OPTIMIZERS and any new operations to ``ops.update``.

Where definitions differ between libraries:

* momentum, nesterov: v ← μ v + η g, W ← W − v. The learning rate is inside the velocity, as in most
  lecture notes and in scikit-learn (with the opposite sign of v). PyTorch keeps η outside; the two
  agree while η is constant.
* nesterov: W ← W − (μ v_new + η g), the form of scikit-learn and PyTorch, with the gradient taken
  at the parameters themselves.
* adam: η m̂ / (√v̂ + ε), as in Kingma & Ba 2015 and PyTorch. scikit-learn adds ε to √v before the
  correction of v, which makes its ε larger by 1/√(1 − β₂ᵗ).
* adagrad, rmsprop: ε is added to the root, as in PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from backprop_explorer.engine.names import (
    LEARNING_RATE,
    UPDATE_COUNT,
    Name,
    gradient,
    single,
    updated,
)
from backprop_explorer.engine.names import state as state_name
from backprop_explorer.engine.registry import Parameter, Registry

# The name of a value of an update, as a function of the parameter's name.
OfParameter = Callable[[Name], Name]


@dataclass(frozen=True, slots=True)
class UpdateStep:
    """One line of an update of a parameter.

    ``inputs`` are names that depend on the parameter, and those of numbers. ``carries`` names the
    optimizer state that stores the value for the next update.
    """

    name: OfParameter
    op: str
    inputs: tuple[OfParameter | Name, ...]
    carries: str | None = None

    def inputs_of(self, parameter: Name) -> tuple[Name, ...]:
        """Return the names of the inputs for one parameter."""
        return tuple(each if isinstance(each, Name) else each(parameter) for each in self.inputs)


@dataclass(frozen=True, slots=True)
class Optimizer:
    """One optimizer and its update steps."""

    name: str
    title: str
    description: str
    formula: str
    steps: tuple[UpdateStep, ...]
    parameters: tuple[Parameter, ...] = ()
    default_learning_rate: float = 0.1

    @property
    def state(self) -> tuple[str, ...]:
        """What it keeps: arrays like the parameters, initially 0."""
        return tuple(step.carries for step in self.steps if step.carries)

    @property
    def counts(self) -> bool:
        """Whether the steps read ``update_count``, which starts at 1 (Adam)."""
        return any(UPDATE_COUNT in step.inputs for step in self.steps)


def _itself(parameter: Name) -> Name:
    return parameter


def _state(quantity: str) -> OfParameter:
    return lambda parameter: state_name(quantity, parameter)


def _new(quantity: str) -> OfParameter:
    return lambda parameter: updated(state_name(quantity, parameter))


def _kept(quantity: str, operation: str, *constants: Name) -> UpdateStep:
    """The step that renews a state from itself and the gradient."""
    return UpdateStep(_new(quantity), operation, (_state(quantity), gradient, *constants), quantity)


def _scaled(step: OfParameter, squares: OfParameter) -> UpdateStep:
    inputs = (_itself, step, squares, LEARNING_RATE, single("epsilon"))
    return UpdateStep(updated, "scaled_descend", inputs)


_MOMENTUM = Parameter("momentum", "momentum μ", 0.9, 0.0, 1.0)


def _epsilon(default: float) -> Parameter:
    return Parameter("epsilon", "ε", default, 1e-300, 1.0)


OPTIMIZERS: Registry[Optimizer] = Registry(
    "optimizer",
    Optimizer(
        name="sgd",
        title="gradient descent",
        description="A step against the gradient, scaled by the learning rate.",
        formula=r"W \leftarrow W - \eta\, g",
        steps=(UpdateStep(updated, "descend", (_itself, gradient, LEARNING_RATE)),),
    ),
    Optimizer(
        name="momentum",
        title="momentum",
        description="Averages gradients over steps: faster along valleys, less zig-zag.",
        formula=r"v \leftarrow \mu v + \eta g,\quad W \leftarrow W - v",
        steps=(
            _kept("velocity", "velocity", single("momentum"), LEARNING_RATE),
            UpdateStep(updated, "move", (_itself, _new("velocity"))),
        ),
        parameters=(_MOMENTUM,),
        default_learning_rate=0.05,
    ),
    Optimizer(
        name="nesterov",
        title="Nesterov momentum",
        description="Momentum with a look-ahead: the step uses the next velocity.",
        formula=r"v \leftarrow \mu v + \eta g,\quad W \leftarrow W - (\mu v + \eta g)",
        steps=(
            _kept("velocity", "velocity", single("momentum"), LEARNING_RATE),
            UpdateStep(
                updated,
                "look_ahead",
                (_itself, _new("velocity"), gradient, single("momentum"), LEARNING_RATE),
            ),
        ),
        parameters=(_MOMENTUM,),
        default_learning_rate=0.05,
    ),
    Optimizer(
        name="adagrad",
        title="Adagrad",
        description="Shortens the step of parameters that have had large gradients.",
        formula=r"s \leftarrow s + g^2,\quad W \leftarrow W - \frac{\eta\, g}{\sqrt{s} + \epsilon}",
        steps=(_kept("sum", "sum_of_squares"), _scaled(gradient, _new("sum"))),
        parameters=(_epsilon(1e-10),),
        default_learning_rate=0.1,
    ),
    Optimizer(
        name="rmsprop",
        title="RMSProp",
        description="Adagrad with a running mean, so that steps do not shrink for ever.",
        formula=r"s \leftarrow \rho s + (1 - \rho) g^2,\quad"
        r" W \leftarrow W - \frac{\eta\, g}{\sqrt{s} + \epsilon}",
        steps=(
            _kept("square", "average_of_squares", single("rho")),
            _scaled(gradient, _new("square")),
        ),
        parameters=(Parameter("rho", "decay ρ", 0.9, 0.0, 1.0), _epsilon(1e-8)),
        default_learning_rate=0.01,
    ),
    Optimizer(
        name="adam",
        title="Adam",
        description="Momentum and RMSProp combined, with a correction for the start at zero.",
        formula=r"m \leftarrow \beta_1 m + (1 - \beta_1) g,\;"
        r" v \leftarrow \beta_2 v + (1 - \beta_2) g^2,\;"
        r" W \leftarrow W - \frac{\eta\, \hat m}{\sqrt{\hat v} + \epsilon}",
        steps=(
            _kept("m", "average", single("beta1")),
            _kept("v", "average_of_squares", single("beta2")),
            UpdateStep(_state("m_hat"), "correct", (_new("m"), single("beta1"), UPDATE_COUNT)),
            UpdateStep(_state("v_hat"), "correct", (_new("v"), single("beta2"), UPDATE_COUNT)),
            _scaled(_state("m_hat"), _state("v_hat")),
        ),
        parameters=(
            Parameter("beta1", "β₁", 0.9, 0.0, 0.999999),
            Parameter("beta2", "β₂", 0.999, 0.0, 0.999999),
            _epsilon(1e-8),
        ),
        default_learning_rate=0.01,
    ),
)
