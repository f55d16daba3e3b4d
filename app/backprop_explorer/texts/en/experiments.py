"""Texts of ``experiments``."""

from __future__ import annotations

from collections.abc import Sequence

# experiments/boundary.py
TWO_FEATURES_ARE = "two different features are"
ONE_FEATURE_IS = "one feature is"
features_needed = "{} needed, counted from 0 to {}".format

# experiments/data_edits.py
features_counted = "x has {} features, counted from 0".format
one_target = "a row has one target: target[{}]".format
targets_counted = "a row has {} targets, counted from 0".format
several_targets = "a row has several targets: target[{},0] and so on".format
target_class = "the target is a class, from 0 to {}".format
data_between = "data must be between -{0:,.0f} and {0:,.0f}".format
training_rows = "training rows are numbered from 0 to {}".format

# experiments/explorer.py
POINTS_OF_BOUNDARY = "points on a side, and at least 2"
STEPS = "steps, counted from 0"
unknown_content = "There is no {} with this id. It may have been dropped; send it again.".format
training_samples = "training samples are numbered from 0 to {}".format
UNKNOWN_EXPERIMENT = "unknown experiment: this server does not have it; POST its recipe again"

# experiments/frame.py
unknown_part = "unknown part; known: {}".format
diverged = (
    "Training diverged at step {}: the update with learning rate {:g} made the parameters so "
    "large that the numbers of the network would overflow."
).format

# experiments/health.py
fraction = "a fraction of {}".format
EACH_LAYER_SMALLER = "each layer on the way makes it smaller"
TRY_FEWER_LAYERS = "Try fewer layers, the Xavier initializer, or a smaller learning rate."
SIGMOID_SLOPES = "each sigmoid multiplies it by its slope, which is at most ¼"
TRY_TANH = "Try tanh or ReLU, fewer layers, or the Xavier initializer."
SATURATED_ON_THE_WAY = (
    "saturated units on the way, whose slope is nearly 0, let little of it through"
)
gradient_vanishes = "Of the gradient of layer {}, {} arrives at layer 1: {}.".format
gradient_explodes = (
    "The gradient grows {} on its way down to layer 1: the weights are so large that each layer "
    "multiplies it."
).format
TRY_SMALLER_RATE = "Try a smaller learning rate, or the Xavier or He initializer."
rate_too_large = "The learning rate {:g} throws the weights too far.".format
units_dead = (
    "{} of the units of layer {} are 0 for every sample: their slope is 0, so no gradient can "
    "bring them back."
).format
TRY_LEAKY_RELU = "Try leaky ReLU, a smaller learning rate, or the He initializer."
units_saturated = (
    "{} of the outputs of layer {} lie on the flat ends of the activation, where its slope is "
    "nearly 0."
).format
TRY_SMALLER_WEIGHTS = "Try smaller first weights (Xavier), or a smaller learning rate."
units_alike = (
    "All units of layer {} have the same weights and so the same gradients: they will stay copies "
    "of each other."
).format
TRY_DIFFERENT_WEIGHTS = "Try an initializer that draws different weights."

# experiments/initial_state.py
UNITS_IN_A_LAYER = "units in a layer"
samples_in_working = "samples in the working of a network of {:,} units".format
rows_differ = "rows of different lengths: row {} has {}, row 0 has {}".format
cost_does_not_suit = "{} does not suit a {}; use {} or {}".format
NO_DATA = "this server does not have these data: upload them again"
samples_in_batch = "samples in a batch for a network of {:,} units".format
ACTIVATIONS_OVERFLOW = "initial weights too large: activations overflow; use smaller weights"
cost_meant_for = (
    "{} is meant for an output layer of {}; {} may leave the range in which it makes sense."
).format
SOFTMAX_HIDDEN = "Softmax in a hidden layer makes its units compete; it is rarely meant."
cannot_reach = "A {} output cannot reach every target of a regression; identity can.".format
ONE_UNIT = "1 unit"
ONE_TARGET = "a regression has one target"
each_row_targets = "each row has {} targets".format
units = "{} units".format
last_layer_needs = "{}: the last layer needs {}".format
units_for_classes = "the data has {0} classes: the last layer needs {0} units".format
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
numbers_are = "{} numbers are".format
NO_CONTROL_CHARACTERS = "must not have control characters or extra spaces"
as_in_the_first = "{} needed, as in the first".format
ONE_ROW_PER_POINT = "each row of x is one point: transpose x"
one_per_point = "{} needed, one per point".format
TWO_NAMES = "two or more names are needed, all different"
class_needed = "a class from 0 to {} is needed".format
ONE_NAME_IS = "1 name is"
names_are = "{} names are".format
one_per_column = "{} needed, one per column".format
as_in_first_row = "{} needed, as in the first row".format
DATASET_ID = "must be an id as POST /datasets gives it: 20 digits from 0 to 9, a to f"

# experiments/recipe_fields.py
MUST_BE_OBJECT = "must be an object: {example}"
ANY_NUMBER = "number"
NONE = "none"
LONG_UNKNOWN_NAME = "has an unknown parameter with a long name"
TOO_MANY_FIELDS = "must have at most {most} fields, {count} given"
not_parameter = "is not a parameter of {}; known: {}".format
WHOLE_NUMBER = "whole number"
must_be = "must be a {} {}".format

# experiments/segments.py
SOFTMAX_OF_ONE = "softmax of one unit is always 1: use sigmoid, or one unit per class"
NEGATIVE_RATE = "the learning rate must not be negative"
NOT_EDITABLE = "unknown field: an edit cannot set it"
layers_numbered = "layers are numbered from 1 to {}".format
entries_counted = "{} is {}, entries are counted from 0".format

# experiments/shares.py
NUMBERS_IN_PARTS = "numbers in all parts"
ENTRY = "must be an entry such as W[0,2] or b[1]"
shape_of_layer = "W is ({0}, {1}), b is ({1},), counted from 0".format

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
not_kept = "experiments cannot be kept at the moment: {}".format

# experiments/typed_arrays.py
TYPED_ARRAY = 'must be nested lists, or {"dtype": "f8", "bdata": "…", "shape": "4,3"}'
dtype_one_of = "dtype must be one of {}".format
BDATA_TEXT = "bdata must be text in base64"
most_numbers = "must have at most {:,} numbers".format
BDATA_NOT_BASE64 = "bdata is not base64"
bdata_length = "bdata has {} bytes, no multiple of the {} of {}".format
shape_needs = "shape {} needs {} numbers, bdata has {}".format
SHAPE = "shape must be lengths of axes such as 4,3"


def one_or_another(names: Sequence[str]) -> str:
    return " or ".join(names)
