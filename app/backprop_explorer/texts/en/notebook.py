"""Texts of ``notebook``."""

from __future__ import annotations

# notebook/activation_names.py


def one_for_each_layer(layers: object) -> str:
    return f"{layers} needed, one for each layer"


ACTIVATION_OR_FUNCTION = "must be the name of an activation or a function of z"


def unknown_function(name: object, known: object) -> str:
    return f"{name}(z) has the values of no known activation; give its name instead. Known: {known}"


# notebook/arrays.py
NOT_COMPLEX = "must be real numbers, complex given"


def array_of_numbers(kind: object) -> str:
    return f"must be an array of numbers, {kind} given"


NOT_FINITE = "contains NaN or infinite numbers"

# notebook/checked.py


def likely_mistake(message: object) -> str:
    return f"  likely mistake: {message}"


SUBMITTED_DICT = 'must be a dict such as {"dC_dW1": array}'
ARRAY_OR_TEXT = "must be an array of numbers or printed text"

# notebook/code.py


def then(message: object) -> str:
    return f"  then: {message}"


def in_line(line: object, message: object) -> str:
    return f"  line {line}: {message}"


PRINTED = "  printed:"


def note(note: object) -> str:
    return f"  note: {note}"


FUNCTION_NEEDED = "must be a function"
THE_FUNCTION = "the function"
ARGUMENTS_NEEDED = "pass the arguments of the function"


def parameter_needed(function: object, name: object) -> str:
    return f"{function} has a parameter {name!r}: pass its arguments after the function"


# notebook/command.py


def not_json(path: object, error: object) -> str:
    return f"{path} is not JSON: {error}"


NO_VERDICT = "no verdict"
UNFINISHED = "The check was not finished."
INTERRUPTED = "The check was ended by a signal."
GIVENS_OBJECT = "must be an object with layers, x and target"


def unknown_field(known: object) -> str:
    return f"unknown field; known: {known}"


NONE = "none"
MISSING = "is missing in the givens"


# notebook/supervised.py


def time_limit(seconds: float) -> str:
    return f"the check was not finished after {seconds:g} seconds"


def not_finished(status: int) -> str:
    how = f"exit status {status}" if status >= 0 else f"signal {-status}"
    return f"the program ended the process of the check before it was finished ({how})"


# notebook/submission.py
CHANGED = "the program replaces this function, which the check needs"


def at_line(line: object) -> str:
    return f", line {line}"


def file_stopped(where: object) -> str:
    return f"stopped at the time limit{where}"


def no_function(name: object, known: object) -> str:
    return f"no function {name!r}; functions: {known}"


LAYER_OBJECT = 'must be {"W": …, "b": …, "activation": …}'
W_AND_B_NUMBERS = "W and b must be numbers"


def unknown_argument(name: object) -> str:
    return f"{name!r} is no given and no name of the file"


ARGUMENT_LIST = 'must be a list such as ["layers", "x", "target"]'

# notebook/experiment.py
FIGURES = '"training curves", "gradient flow", "network" or "data"'


def figure_needed(known: object, given: object) -> str:
    return f"{known} needed, {given!r} given"


STEPS = "steps, counted from 0"


def experiment(name: object, dataset: object, layers: object, step: object) -> str:
    return f"Experiment {name}: {dataset}, layers {layers}, trained to step {step}"


# notebook/explore.py


def explorer_at(url: object) -> str:
    return f"Backprop Explorer: {url}"


def most_samples(rows: object, columns: object) -> str:
    return f"the explorer shows up to {rows} samples of {columns} columns"


PENALTY_ON_WEIGHTS = "the explorer's penalty is on weights only"
ONE_CLASS = "the explorer needs one class for each sample with this cost"


def class_title(number: object) -> str:
    return f"class {number}"


# notebook/figures.py
GRADIENT_FLOW = "Gradient flow"


def layer_title(number: object) -> str:
    return f"layer {number}"


TRAINING_CURVES = "Training curves"
COST_TRAIN = "cost, training data"
COST_TEST = "cost, test data"
TRAINING_DATA = "Training data"

# notebook/givens.py


VECTOR_OR_ROWS = "must be a vector, or an array with one row for each sample"

# notebook/layers.py
ONE_LAYER = "at least one layer (W, b) is needed"


def w_matrix(shape: object) -> str:
    return f"W must be a matrix, shape {shape} given"


def bias_vector(shape: object) -> str:
    return f"must be one row or column, {shape} given"


W_AND_B = "must have W, and b or None"
PAIR = "must be a pair (W, b)"

# notebook/magic.py


def not_defined(name: object) -> str:
    return f"{name} is not defined"


def unknown_option(known: object) -> str:
    return f"unknown option; known: {known}"


def give_option(name: object) -> str:
    return f"give it as in: %%check {name}=…"


def cell_stopped(seconds: float) -> str:
    return f"the cell was stopped after {seconds:g} seconds; give it more: %%check time_limit=60"


WRITE_ARGUMENTS = "write it as arguments: x=x, target=y, cost='mse'"
SOURCE_IS_CALL = "the source is a call"

# notebook/sweep.py


def value_range(least: float, most: float) -> str:
    return f"{least:.4g} to {most:.4g}"


NO_VALUE = "no value"


def map_title(
    measure: object, fields: object, step: object, span: object, died: object, runs: object
) -> str:
    return f"Map of {measure} over {fields} after {step} steps: {span}, {died} of {runs} diverged"


def seconds_left(seconds: float) -> str:
    return f"{seconds:.0f} s left"


# notebook/working.py
FORWARD = "Forward pass"
BACKWARD = "Backward pass"


def no_line(name: object, known: object) -> str:
    return f"{name}: no such line; lines: {known}"


def working_figure(given: object) -> str:
    return f'"network" or "gradient flow" needed, {given!r} given'


def working_title(sizes: object, cost: float) -> str:
    return f"Working of a {sizes} network, C = {cost:.6g}"


TOO_SMALL = "too small to check"
CHECKED = "✓ checked"
AGREES = "agrees"
CHECK_FAILED = "✗ check failed"
DOES_NOT_AGREE = "does not agree"


def every_gradient(state: object) -> str:
    return f"every gradient {state} with autograd and finite differences"


# notebook/server.py
NOT_STARTED = "the local server did not start; try: backprop-explorer --port 0"


# notebook/explain.py
def program_title(lines: int, cost: float) -> str:
    return f"Working of a program: {lines} lines, C = {cost:.6g}"


def latent(shows: str, message: str) -> str:
    return f"Not seen with these numbers, but with {shows}: {message}"


def written(argument: str, line: int, file: str) -> str:
    return f"The function writes into its argument {argument} (line {line} of {file})."
