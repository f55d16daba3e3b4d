"""Texts of ``engine``."""

from __future__ import annotations

# engine/errors.py


def did_you_mean(name: object) -> str:
    return f"did you mean {name!r}? "


def unknown_name(kind: object, hint: object, names: object) -> str:
    return f"unknown {kind}; {hint}known: {names}"


def given(count: int) -> str:
    return f", {count:,} given"


def at_most(limit: int, what: object, got: object) -> str:
    return f"at most {limit:,} {what}{got}"


# engine/network.py
NO_INPUT = "a network needs at least one input"
NO_LAYER = "a network needs at least one layer"
NO_UNIT = "a layer needs at least one unit"


def parameter_count(count: object, shape: object) -> str:
    return f"expected {count} parameters, got {shape}"


def layers_needed(depth: object) -> str:
    return f"{depth} layers of weights are needed"


def weights_shape(given: object, needed: object) -> str:
    return f"shape {given} given, {needed} (n_in, n_out) needed"


def bias_shape(given: object, needed: object) -> str:
    return f"shape {given} given, ({needed},) needed"


# engine/objective.py


def not_negative(name: object) -> str:
    return f"{name} must be a number from 0 upwards"


# engine/trace.py
JACOBIAN_ENTRIES = "entries in a Jacobian"


def numbers_per_sample(count: object) -> str:
    return f"{count} numbers per sample are needed"


def target_shape(given: object, needed: object) -> str:
    return f"shape {given} given, {needed} needed: one row per sample, one number per output"


# engine/updates.py


def no_such_parameter(name: object, known: object) -> str:
    return f"{name} has no such parameter; known: {known}"


# engine/registry.py
def not_finite(name: object) -> str:
    return f"{name} must be a finite number"


def not_whole(name: object) -> str:
    return f"{name} must be a whole number"


def out_of_bounds(name: object, bounds: object) -> str:
    return f"{name} must be {bounds}"


def bounds(minimum: float, maximum: float) -> str:
    return f"between {minimum:,.15g} and {maximum:,.15g}"


# engine/activation_parameters.py
def leaky_relu(slope: float) -> str:
    return f"leaky ReLU with slope {slope:g}"


def leaky_relu_description(slope: float) -> str:
    return f"ReLU with slope {slope:g} for negative z."


def elu(alpha: float) -> str:
    return f"ELU with α = {alpha:g}"


def elu_description(alpha: float) -> str:
    return f"Like ReLU for positive z; bends down to −{alpha:g} below."


# engine/ops: {layer} is the number of the line's layer
def activation_text(title: object) -> str:
    return f"The output of layer {{layer}} is {title} of its z."


def back_through(title: object) -> str:
    return f"back through {title}"


MIXES = "Every output of softmax depends on every z of its row."


def slope_text(title: object) -> str:
    return (
        "The gradient is multiplied by the slope of the activation at z: "
        f"the derivative of {title}."
    )


def jacobian_of(title: object) -> str:
    return f"Jacobian of {title}"


JACOBIAN_MIXES = "Each output of softmax depends on each z."
JACOBIAN_DIAGONAL = "Each unit depends on its own z only, so the matrix is diagonal."
COST_TEXT = "How far the prediction is from the target, as one number."


def gradient_of_cost(title: object) -> str:
    return f"gradient of the {title}"


COST_GRADIENT_TEXT = "How the cost changes with each output: the start of the backward pass."


def cost_of(title: object, activation: object) -> str:
    return f"{title} of {activation}"


def fused_cost_text(title: object) -> str:
    return f"The {title}, computed from z so that no logarithm of 0 can occur."


def gradient_together(title: object, activation: object) -> str:
    return f"gradient of {title} and {activation} together"


def cancel_text(activation: object) -> str:
    return f"Cost and {activation} cancel to prediction minus target."


def learning_rate(schedule: object) -> str:
    return f"learning rate, {schedule}"


LEARNING_RATE_TEXT = "The learning rate of this step."


# engine/updates.py


def factors_counted(depth: object, given: object) -> str:
    return f"{depth} numbers are needed, one per layer; {given} given"


# engine/names.py: what a screen reader says
SPOKEN = {"C": "cost", "C_data": "cost of the data", "learning_rate": "learning rate"}


def _in_layer(words: str, layer: int | None) -> str:
    return f"layer {layer}, {words}" if layer else words


def spoken_of_layer(quantity: str, layer: int) -> str:
    if quantity == "penalty":
        return f"penalty of layer {layer}"
    return _in_layer(quantity, layer)


def spoken_gradient(quantity: str, layer: int | None) -> str:
    return _in_layer(f"dC/d{quantity}", layer)


def spoken_jacobian(above: str, below: str, layer: int | None) -> str:
    return _in_layer(f"Jacobian d{above}/d{below}", layer)


def spoken_state(quantity: str, parameter: str, layer: int | None) -> str:
    return _in_layer(state_of(quantity, parameter), layer)


def spoken_new(quantity: str, layer: int | None) -> str:
    return _in_layer(f"new {quantity}", layer)


def state_of(quantity: str, parameter: str) -> str:
    return f"{quantity} of {parameter}"


def share(gradient: str, reader: str) -> str:
    return f"{gradient} through {reader}"


# engine/trace.py
AXES = {"n": "sample", "i": "unit below", "j": "unit", "k": "other unit"}
_ABOUT = {
    "x": "The inputs: one row for each sample.",
    "target": "What the network should answer for each sample.",
    "W": "The weights: how much each unit counts each of its inputs.",
    "b": "The biases: what each unit adds to its weighted inputs.",
    "z": "What each unit adds up, before its activation.",
    "a": "What each unit passes on, after its activation.",
    "C": "The cost: one number for how wrong the answers are.",
    "C_data": "The cost without the penalty.",
    "cost_factor": "The factor of the sum of losses, 1/N for a mean.",
    "penalty": "What large parameters add to the cost.",
    "gradient": "How fast the cost changes when {of} changes.",
    "share": "How fast the cost changes when the value changes in one place only.",
    "jacobian": "How each entry of {of} changes with each entry of the value that it reads.",
    "updated": "{of} after the update.",
    "learning_rate": "How far the parameters move against the gradient.",
    "l1": "The strength of the penalty on absolute values.",
    "l2": "The strength of the penalty on squares.",
}


def about(quantity: str, of: str, label: str) -> str:
    return _ABOUT.get(quantity, f"{label[:1].upper()}{label[1:]}.").format(of=of)


# engine/ops/accumulate.py
START = "start of the way back"
START_TEXT = "The cost changes as much as itself."
SAME = "gradient of a summand"
SAME_TEXT = "The value is added to others, so the cost changes with it as with the sum."
ADD_SHARES = "sum of the gradients through each place"
ADD_SHARES_TEXT = "The value is read in several places; its gradient is the sum of their shares."
CHAIN = "chain rule"
CHAIN_TEXT = "The gradient of the number, times its derivative."
