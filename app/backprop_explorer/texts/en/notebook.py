"""Texts of ``notebook``."""

from __future__ import annotations

from collections.abc import Sequence

# notebook/givens.py
one_for_each_layer = "{} needed, one for each layer".format
ACTIVATION_OR_FUNCTION = "must be the name of an activation or a function of z"
unknown_function = (
    "{}(z) has the values of no known activation; give its name instead. Known: {}"
).format

# notebook/arrays.py
NOT_COMPLEX = "must be real numbers, complex given"
array_of_numbers = "must be an array of numbers, {} given".format
NOT_FINITE = "contains NaN or infinite numbers"

# notebook/checked.py
likely_mistake = "  likely mistake: {}".format
SUBMITTED_DICT = 'must be a dict such as {"dC_dW1": array}'
ARRAY_OR_TEXT = "must be an array of numbers or printed text"

# notebook/code.py
then = "  then: {}".format
in_line = "  line {}: {}".format
PRINTED = "  printed:"
note = "  note: {}".format
table_passed = "{0} is a {1}, whose operations are not read: pass {0}.to_numpy()".format
swapped = "{} is an array and {} is not: pass the arguments in the order {}".format
none_passed = (
    "{} is None, and the function computes with it. Pass the array; if it is the cache, pass the "
    "function that returns the cache: forward=conv_forward, args_of_forward=(x, W, b)"
).format
FUNCTION_NEEDED = "must be a function itself, not its name or its result"
TUPLE_NEEDED = "must be a tuple of arguments, as in (x, W, b) or (x,)"
NO_ANSWERS = "true gradients are shown only where no givens are passed; leave this out"
THE_FUNCTION = "the function"
ARGUMENTS_NEEDED = "pass the arguments of the function"
parameter_needed = "{} has a parameter {!r}: pass its arguments after the function".format

# notebook/command.py
not_json = "{} is not JSON: {}".format
NO_VERDICT = "no verdict"
UNFINISHED = "The check was not finished."
INTERRUPTED = "The check was ended by a signal."
GIVENS_OBJECT = "must be an object with layers, x and target"
unknown_field = "unknown field; known: {}".format
NONE = "none"
MISSING = "is missing in the givens"

# notebook/supervised.py
time_limit = "the check was not finished after {:g} seconds".format


def not_finished(status: int) -> str:
    how = f"exit status {status}" if status >= 0 else f"signal {-status}"
    return f"the program ended the process of the check before it was finished ({how})"


# notebook/submission.py
CHANGED = "the program replaces this function, which the check needs"
at_line = ", line {}".format
file_stopped = "stopped at the time limit{}".format
no_function = "no function {!r}; functions: {}".format
LAYER_OBJECT = 'must be {"W": …, "b": …, "activation": …}'
W_AND_B_NUMBERS = "W and b must be numbers"
unknown_argument = "{!r} is no given and no name of the file".format
ARGUMENT_LIST = 'must be a list such as ["layers", "x", "target"]'

# notebook/experiment.py
FIGURES = '"training curves", "gradient flow", "network" or "data"'
figure_needed = "{} needed, {!r} given".format
STEPS = "steps, counted from 0"
experiment = "Experiment {}: {}, layers {}, trained to step {}".format

# notebook/explore.py
explorer_at = "Backprop Explorer: {}".format
most_samples = "the explorer shows up to {} samples of {} columns".format
PENALTY_ON_WEIGHTS = "the explorer's penalty is on weights only"
ONE_CLASS = "the explorer needs one class for each sample with this cost"
class_title = "class {}".format

# notebook/figures.py
GRADIENT_FLOW = "Gradient flow"
layer_title = "layer {}".format
GIVEN = "given"
COMPUTED = "computed"
TRAINING_CURVES = "Training curves"
COST_TRAIN = "cost, training data"
COST_TEST = "cost, test data"
TRAINING_DATA = "Training data"

# notebook/givens.py
VECTOR_OR_ROWS = "must be a vector, or an array with one row for each sample"

# notebook/heat.py
EMPTY = "empty"
more_slices = "… {} more".format
averaged = "{}, means of {} × {}".format
picture_about = "{} entries from {} to {}".format

# notebook/layers.py
ONE_LAYER = "at least one layer (W, b) is needed"
w_matrix = "W must be a matrix, shape {} given".format
bias_vector = "must be one row or column, {} given".format
W_AND_B = "must have W, and b or None"
PAIR = "must be a pair (W, b)"

# notebook/magic.py
not_defined = "{} is not defined".format
unknown_option = "unknown option; known: {}".format
give_option = "give it as in: %%check {}=…".format
variable_needed = (
    "{0} has a parameter {1!r}, and the notebook no variable of this name: make one, or write the "
    "arguments, as in %%check x, {1}=W"
).format
NOTHING_RUNS = "nothing in this cell computes: define a function, or call what the cell defines"
cell_stopped = "the cell was stopped after {:g} seconds; give it more: %%check time_limit=60".format
WRITE_ARGUMENTS = "write it as arguments: x=x, target=y, cost='mse'"
SOURCE_IS_CALL = "the source is a call"

# notebook/sweep.py
value_range = "{:.4g} to {:.4g}".format
NO_VALUE = "no value"
map_title = "Map of {} over {} after {} steps: {}, {} of {} diverged".format
seconds_left = "{:.0f} s left".format

# notebook/working.py
FORWARD = "Forward pass"
BACKWARD = "Backward pass"
no_line = "{}: no such line; lines: {}".format
working_figure = '"network" or "gradient flow" needed, {!r} given'.format
working_title = "Working of a {} network, C = {:.6g}".format
TOO_SMALL = "too small to check"
CHECKED = "✓ checked"
AGREES = "agrees"
CHECK_FAILED = "✗ check failed"
DOES_NOT_AGREE = "does not agree"
every_gradient = "every gradient {} with autograd and finite differences".format

# notebook/program_display.py
SOURCE = "source"
VALUE = "value ↓"
GRADIENT = "gradient ∂C/∂ · ↑ from below"
ORACLES = {"autograd": "autograd", "finite_differences": "differences"}
ROW_OPENS = "A row opens with a click: its formulas, and the parts that add up to its gradient."
WORKING = "Working of a program"
NOT_CHECKED = "the cost is no finite number, so no gradient can be checked"
CALL = "call"
TIE = "tie: several are right"
STARTS_HERE = "the way back starts here"
working_of = "Working of {}".format
runs = "{} runs".format
more_runs = "… {} more runs".format


def part_from(reader: object, expression: object) -> str:
    return f"from {reader}: {expression}" if expression else f"from {reader}"


shape_and_largest = "{}, largest {}".format


# notebook/program_rows.py
def times(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape)) if shape else "number"


given_row = "{}  {}, given".format

# notebook/server.py
NOT_STARTED = "the local server did not start; try: backprop-explorer --port 0"

# notebook/explain.py
program_figure = '"graph" needed, {!r} given'.format
latent = "Not seen with these numbers, but with {}: {}".format
written = "The function writes into its argument {} (line {} of {}).".format

# notebook/figures.py
GRAPH = "Graph of the program"
largest_gradient = "largest ∂C/∂: {}".format

# notebook/command.py
no_programs = "{}: there are no programs (files that end in .py)".format

# notebook/lesson.py
lesson_title = "{}, seed {}".format
function_right = "{} is right. Type this code on the card: {}".format
function_raised = "{} stopped with {}: {}".format
call_as = "does not take the arguments of this card, which calls {}".format
no_array = "The function returned {}; arrays or numbers are expected.".format
result_count = "Expected: {} arrays; the function returned {}.".format
RESULT = "the result"
result_at = "result{}".format
result_shape = "The shape of {} is {}; expected {}.".format
result_not_finite = "There are infinite numbers or NaN in {}.".format
result_differs = "The numbers of {} differ from the right ones.".format


def in_network(number: int, count: int, shapes: Sequence[tuple[int, ...]], message: str) -> str:
    sizes = " → ".join(str(size) for size in (shapes[0][0], *(shape[1] for shape in shapes)))
    return f"Network {number} of {count} ({sizes}): {message}"
