"""Texts of ``experiments``."""

from __future__ import annotations

from collections.abc import Sequence

# experiments/boundary.py
TWO_FEATURES_ARE = "two different features are"
ONE_FEATURE_IS = "one feature is"


def features_needed(what: object, last: object) -> str:
    return f"{what} needed, counted from 0 to {last}"


# experiments/data_edits.py


def features_counted(count: object) -> str:
    return f"x has {count} features, counted from 0"


def one_target(row: object) -> str:
    return f"a row has one target: target[{row}]"


def targets_counted(count: object) -> str:
    return f"a row has {count} targets, counted from 0"


def several_targets(row: object) -> str:
    return f"a row has several targets: target[{row},0] and so on"


def target_class(last: object) -> str:
    return f"the target is a class, from 0 to {last}"


def data_between(largest: float) -> str:
    return f"data must be between -{largest:,.0f} and {largest:,.0f}"


def training_rows(last: object) -> str:
    return f"training rows are numbered from 0 to {last}"


# experiments/explorer.py
POINTS_OF_BOUNDARY = "points on a side, and at least 2"
AT_LEAST_1 = "must be at least 1"
STEPS = "steps, counted from 0"


def training_samples(last: object) -> str:
    return f"training samples are numbered from 0 to {last}"


UNKNOWN_GRAPH = "There is no graph with this id. It may have been dropped; send it again."
UNKNOWN_EXPERIMENT = "unknown experiment: this server does not have it; POST its recipe again"

# experiments/frame.py


def unknown_part(known: object) -> str:
    return f"unknown part; known: {known}"


def diverged(step: object, rate: float) -> str:
    return (
        f"Training diverged at step {step}: the update with learning rate {rate:g} made the "
        "parameters so large that the numbers of the network would overflow."
    )


# experiments/health.py


def share(power: object) -> str:
    return f"a share of {power}"


EACH_LAYER_SMALLER = "each layer on the way makes it smaller"
TRY_FEWER_LAYERS = "Try fewer layers, the Xavier initializer, or a smaller learning rate."
SIGMOID_SLOPES = "each sigmoid multiplies it by its slope, which is at most ¼"
TRY_TANH = "Try tanh or ReLU, fewer layers, or the Xavier initializer."
SATURATED_ON_THE_WAY = (
    "saturated units on the way, whose slope is nearly 0, let little of it through"
)


def gradient_vanishes(layer: object, share: object, why: object) -> str:
    return f"Of the gradient of layer {layer}, {share} arrives at layer 1: {why}."


def gradient_explodes(times: object) -> str:
    return (
        f"The gradient grows {times} on its way down to layer 1: the weights are so large "
        "that each layer multiplies it."
    )


TRY_SMALLER_RATE = "Try a smaller learning rate, or the Xavier or He initializer."


def rate_too_large(rate: float) -> str:
    return f"The learning rate {rate:g} throws the weights too far."


def units_dead(share: object, layer: object) -> str:
    return (
        f"{share} of the units of layer {layer} are 0 for every sample: their slope is 0, so "
        "no gradient can bring them back."
    )


TRY_LEAKY_RELU = "Try leaky ReLU, a smaller learning rate, or the He initializer."


def units_saturated(share: object, layer: object) -> str:
    return (
        f"{share} of the outputs of layer {layer} lie on the flat ends of the activation, "
        "where its slope is nearly 0."
    )


TRY_SMALLER_WEIGHTS = "Try smaller first weights (Xavier), or a smaller learning rate."


def units_alike(layer: object) -> str:
    return (
        f"All units of layer {layer} have the same weights and so the same gradients: they "
        "will stay copies of each other."
    )


TRY_DIFFERENT_WEIGHTS = "Try an initializer that draws different weights."

# experiments/initial_state.py
UNITS_IN_A_LAYER = "units in a layer"


def samples_in_working(units: int) -> str:
    return f"samples in the working of a network of {units:,} units"


def rows_differ(row: object, length: object, first: object) -> str:
    return f"rows of different lengths: row {row} has {length}, row 0 has {first}"


def cost_does_not_suit(cost: object, task: object, others: object, last: object) -> str:
    return f"{cost} does not suit a {task}; use {others} or {last}"


NO_DATA = "this server does not have these data: upload them again"


def samples_in_batch(units: int) -> str:
    return f"samples in a batch for a network of {units:,} units"


ACTIVATIONS_OVERFLOW = "initial weights too large: activations overflow; use smaller weights"


def cost_meant_for(cost: object, activations: object, last: object) -> str:
    return (
        f"{cost} is meant for an output layer of {activations}; {last} may leave the range in "
        "which it makes sense."
    )


SOFTMAX_HIDDEN = "Softmax in a hidden layer makes its units compete; it is rarely meant."


def cannot_reach(activation: object) -> str:
    return f"A {activation} output cannot reach every target of a regression; identity can."


ONE_UNIT = "1 unit"
ONE_TARGET = "a regression has one target"


def each_row_targets(count: object) -> str:
    return f"each row has {count} targets"


def units(count: object) -> str:
    return f"{count} units"


def last_layer_needs(reason: object, units: object) -> str:
    return f"{reason}: the last layer needs {units}"


def units_for_classes(classes: object) -> str:
    return f"the data has {classes} classes: the last layer needs {classes} units"


UNITS_FOR_TWO_CLASSES = "the data has 2 classes: the last layer needs 1 or 2 units"

# experiments/recipe.py
MUST_BE = "must be {wanted}"
A_NUMBER = "a number"
NAME_OF_ACTIVATION = "the name of an activation"
OPTIMIZER = 'an optimizer such as {"name": "adam"}'
EDITED_FIELD = (
    "must be learning_rate, optimizer, activation2, W1[0,2], b2[0], x[3,1], target[3] or "
    "target[3,1] (layers are counted from 1, all else from 0)"
)

# experiments/recipe_data.py
A_NUMBER_IS = "a number is"


def numbers_are(count: object) -> str:
    return f"{count} numbers are"


NO_CONTROL_CHARACTERS = "must not have control characters or extra spaces"


def as_in_the_first(numbers: object) -> str:
    return f"{numbers} needed, as in the first"


ONE_ROW_PER_POINT = "each row of x is one point: transpose x"


def one_per_point(numbers: object) -> str:
    return f"{numbers} needed, one per point"


TWO_NAMES = "two or more names are needed, all different"


def class_needed(last: object) -> str:
    return f"a class from 0 to {last} is needed"


ONE_NAME_IS = "1 name is"


def names_are(count: object) -> str:
    return f"{count} names are"


def one_per_column(names: object) -> str:
    return f"{names} needed, one per column"


def as_in_first_row(numbers: object) -> str:
    return f"{numbers} needed, as in the first row"


DATASET_ID = "must be an id as POST /datasets gives it: 20 digits from 0 to 9, a to f"

# experiments/recipe_fields.py
MUST_BE_OBJECT = "must be an object: {example}"
ANY_NUMBER = "number"
NONE = "none"
LONG_UNKNOWN_NAME = "has an unknown parameter with a long name"
TOO_MANY_FIELDS = "must have at most {most} fields, {count} given"


def not_parameter(name: object, known: object) -> str:
    return f"is not a parameter of {name}; known: {known}"


WHOLE_NUMBER = "whole number"


def must_be(kind: object, bounds: object) -> str:
    return f"must be a {kind} {bounds}"


# experiments/segments.py
SOFTMAX_OF_ONE = "softmax of one unit is always 1: use sigmoid, or one unit per class"
NEGATIVE_RATE = "the learning rate must not be negative"
NOT_EDITABLE = "unknown field: an edit cannot set it"


def layers_numbered(depth: object) -> str:
    return f"layers are numbered from 1 to {depth}"


def entries_counted(size: object) -> str:
    return f"{size}, entries are counted from 0"


# experiments/shares.py
NUMBERS_IN_PARTS = "numbers in all parts"
ENTRY = "must be an entry such as W[0,2] or b[1]"


def shape_of_layer(inputs: object, outputs: object) -> str:
    return f"W is ({inputs}, {outputs}), b is ({outputs},), counted from 0"


# experiments/slices.py
POINTS_OF_SLICE = "points on a side, and at least 3"
PLANE_NEEDS_TWO = "a plane needs at least two parameters"
OTHER_PARAMETER = "must be another parameter than a"
PARAMETER = "must be a parameter such as W1[0,2] or b2[1]"

# experiments/store/redis.py
STORE_UNREACHABLE = "the store of experiments cannot be reached at the moment; try again soon"

DAMAGED = (
    "the store of experiments is damaged: the operator of the server must restore its file, or "
    "remove it and start again"
)

# experiments/store/sqlite.py


def not_kept(error: object) -> str:
    return f"experiments cannot be kept at the moment: {error}"


# experiments/typed_arrays.py
TYPED_ARRAY = 'must be nested lists, or {"dtype": "f8", "bdata": "…", "shape": "4,3"}'


def dtype_one_of(names: object) -> str:
    return f"dtype must be one of {names}"


BDATA_TEXT = "bdata must be text in base64"


def most_numbers(most: int) -> str:
    return f"must have at most {most:,} numbers"


BDATA_NOT_BASE64 = "bdata is not base64"


def bdata_length(length: object, itemsize: object, dtype: object) -> str:
    return f"bdata has {length} bytes, no multiple of the {itemsize} of {dtype}"


def shape_needs(shape: object, needed: object, given: object) -> str:
    return f"shape {shape} needs {needed} numbers, bdata has {given}"


SHAPE = "shape must be lengths of axes such as 4,3"


def one_or_another(names: Sequence[str]) -> str:
    return " or ".join(names)
