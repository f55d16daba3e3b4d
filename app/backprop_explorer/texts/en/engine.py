"""Texts of ``engine``."""

from __future__ import annotations

# engine/errors.py


did_you_mean = "did you mean {!r}? ".format
unknown_name = "unknown {}; {}known: {}".format
given = ", {:,} given".format
at_most = "at most {:,} {}{}".format

# engine/network.py
NO_INPUT = "a network needs at least one input"
NO_LAYER = "a network needs at least one layer"
NO_UNIT = "a layer needs at least one unit"
parameter_count = "expected {} parameters, got {}".format
layers_needed = "{} layers of weights are needed".format
weights_shape = "shape {} given, {} (n_in, n_out) needed".format
bias_shape = "shape {} given, ({},) needed".format

# engine/objective.py
not_negative = "{} must be a number from 0 upwards".format

# engine/trace.py
JACOBIAN_ENTRIES = "entries in a Jacobian"
numbers_per_sample = "{} numbers per sample are needed".format
target_shape = "target has shape {}, {} needed: one row per sample, one number per output".format

# engine/updates.py
no_such_parameter = "{} has no such parameter; known: {}".format

# engine/registry.py
not_finite = "{} must be a finite number".format
not_whole = "{} must be a whole number".format
out_of_bounds = "{} must be {}".format
bounds = "between {:,.15g} and {:,.15g}".format

# engine/activation_parameters.py
leaky_relu = "leaky ReLU with slope {:g}".format
leaky_relu_description = "ReLU with slope {:g} for negative z.".format
elu = "ELU with α = {:g}".format
elu_description = "Like ReLU for positive z; bends down to −{:g} below.".format
# engine/ops: {layer} is the number of the line's layer
activation_text = "The output of layer {{layer}} is {} of its z.".format
back_through = "back through {}".format
MIXES = "Every output of softmax depends on every z of its row."
slope_text = (
    "The gradient is multiplied by the slope of the activation at z: the derivative of {}."
).format
jacobian_of = "Jacobian of {}".format
JACOBIAN_MIXES = "Each output of softmax depends on each z."
JACOBIAN_DIAGONAL = "Each unit depends on its own z only, so the matrix is diagonal."
COST_TEXT = "How far the prediction is from the target, as one number."
gradient_of_cost = "gradient of the {}".format
COST_GRADIENT_TEXT = "How the cost changes with each output: the start of the backward pass."
cost_of = "{} of {}".format
fused_cost_text = "The {}, computed from z so that no logarithm of 0 can occur.".format
gradient_together = "gradient of {} and {} together".format
cancel_text = "Cost and {} cancel to prediction minus target.".format
learning_rate = "learning rate, {}".format
LEARNING_RATE_TEXT = "The learning rate of this step."

# engine/updates.py
factors_counted = "{} numbers are needed, one per layer; {} given".format

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


state_of = "{} of {}".format
share = "{} through {}".format

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


before_sum = "{} before the sum".format

# engine/ops/accumulate.py
START = "start of the way back"
START_TEXT = "The cost changes as much as itself."
SAME = "gradient of a summand"
SAME_TEXT = "The value is added to others, so the cost changes with it as with the sum."
ADD_SHARES = "sum of the gradients through each place"
ADD_SHARES_TEXT = "The value is read in several places; its gradient is the sum of their shares."
CHAIN = "chain rule"
CHAIN_TEXT = "The gradient of the number, times its derivative."
# engine/ops of recorded programs
ENTRY_BY_ENTRY = "Each entry is computed from the entries at the same place."
ENTRY_BY_ENTRY_BACKWARD = "Each entry of the gradient times the slope at the same place."
ALONG_AXES = "The entries along the axes become one number."
ALONG_AXES_BACKWARD = "Each entry along the axes gets its part of the gradient of the one number."
SUM_OF_PRODUCTS = "Each entry is a sum of products along the common axis."
SUM_OF_PRODUCTS_BACKWARD = "The gradient times the other factor, summed over the axes it lacks."
MOVED = "The same entries in another place."
MOVED_BACKWARD = "The gradient of each entry, at the place where the entry came from."
ENTRIES = "Entries are read from an array, or written into it."
ENTRIES_BACKWARD = "The gradient of each entry that was read or written; repeats are summed."
WITHOUT_GRADIENT = "The result jumps or is constant, so no gradient goes through it."
SUM_STRETCHED = "sum over the repeats"
SUM_STRETCHED_TEXT = "The value was repeated along these axes, so the gradients of the repeats add."
VIEW_OUTSIDE = "the view leaves its array"


def function(name: str) -> str:
    return name.replace("np_", "").replace("_", " ")


def gradient_of_function(name: str) -> str:
    return f"gradient of {function(name.removesuffix('_backward'))}"
