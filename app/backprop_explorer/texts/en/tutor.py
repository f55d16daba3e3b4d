"""Texts of ``tutor``."""

from __future__ import annotations

# tutor/problem.py
SAMPLES_ARE_COLUMNS = "The samples of x are its columns; here they are rows, so x was transposed."
weights_inputs = "W takes {} inputs and {} {}; in the {} convention W is {}".format
bias_entries = "b has {} entries and W has {} outputs".format
layer_has = "layer {} has".format
bias_in_weights = "The {} {} of W was read as the bias, since b is not given.".format
classes_counted = "classes are counted from 0: the largest can be {}".format
CLASS_NUMBERS = "The targets were read as class numbers: 1 for the class and 0 for the others."
X_HAS = "x has"
COLUMN = "column"
ROW = "row"
FIRST = "first"
LAST = "last"
ONE_LIST = "one list"
LIST_OF_ROWS = "a list of rows"
target_like_x = "must be {}, like x".format
