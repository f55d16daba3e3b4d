"""Texts of ``experiments_sweeps``."""

from __future__ import annotations

# experiments/sweeps/groups.py
CELLS = "cells in a sweep"
STEPS = "steps, counted from 0"
UPDATES = "updates in a sweep (cells × repeats × steps)"
COST_ONLY_FOR_STEPS = "a cost is needed for steps_to_cost, and for nothing else"
SAME_AXIS = "must not be that of the first axis"
NO_TEST_PART = "the data have no test part: dataset.test_fraction is 0"

# experiments/sweeps/fields.py
HIDDEN_DEPTH = "number of hidden layers, each like the first"
HIDDEN_UNITS = "units of every hidden layer"
HIDDEN_ACTIVATION = "activation of every hidden layer"
HIDDEN_LAYERS = "must be a whole number of hidden layers, 0 or more"
NO_HIDDEN_LAYER = "this network has no hidden layer"
NUMBER = "must be a number"
layers_numbered = "layers are numbered from 1 to {}".format
NOT_A_SETTING = "is not a setting of this recipe"

# experiments/sweeps/sweep.py
MUST_BE = "must be"
VALUES_OR_SCALE = "needs values, or scale, from, to and count"
FROM_AND_TO = "needs numbers as from and to"
count_up_to = "needs a count from 1 to {}".format
SCALE = "needs the scale linear or log, or listed values"
POSITIVE_BOUNDS = "needs positive numbers as from and to of a log scale"

# experiments/sweeps/sweeps.py
cells_counted = "this sweep has {}, counted from 0".format
UNKNOWN_SWEEP = "unknown sweep: this server does not have it; POST it again"
