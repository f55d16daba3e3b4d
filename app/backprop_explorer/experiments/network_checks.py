"""Whether a network is small enough, and fits its data; each error names the field."""

from __future__ import annotations

from backprop_explorer.engine.errors import InvalidInput, LimitExceeded
from backprop_explorer.engine.network import Network
from backprop_explorer.experiments.segments import check_softmax
from backprop_explorer.limits import Limits
from backprop_explorer.texts import experiments as texts

# Samples × units of one trace. Its lines are z, a and their gradients: 20 MB of JSON.
MAX_TRACE_NUMBERS = 250_000


def check_network(network: Network, limits: Limits) -> None:
    """Raise LimitExceeded if ``network`` exceeds ``limits``."""
    if network.depth > limits.max_layers:
        raise LimitExceeded("layers", "layers", limits.max_layers, network.depth)
    for index, layer in enumerate(network.layers):
        if layer.units > limits.max_units:
            raise LimitExceeded(
                f"layers.{index}.units", texts.UNITS_IN_A_LAYER, limits.max_units, layer.units
            )
    if network.inputs > limits.max_units:
        raise LimitExceeded("x", "inputs", limits.max_units, network.inputs)
    if network.parameter_count > limits.max_parameters:
        raise LimitExceeded("layers", "parameters", limits.max_parameters, network.parameter_count)


def check_trace(network: Network, samples: int, limits: Limits, field: str) -> None:
    """Raise LimitExceeded if a trace of ``samples`` samples is too large to show."""
    units = sum(layer.units for layer in network.layers)
    most = min(limits.max_trace_batch, max(1, MAX_TRACE_NUMBERS // units))
    if samples > most:
        what = texts.samples_in_working(units)
        raise LimitExceeded(field, what, most, samples)


def check_outputs(network: Network, classes: int, targets: int) -> None:
    """Raise InvalidInput if the last layer does not fit the data; ``classes`` 0: a regression."""
    outputs, last = network.outputs, len(network.layers) - 1
    field = f"network.layers.{last}.units"
    if classes == 0 and outputs != targets:
        has = texts.ONE_TARGET if targets == 1 else texts.each_row_targets(targets)
        units = texts.ONE_UNIT if targets == 1 else texts.units(targets)
        raise InvalidInput(field, texts.last_layer_needs(has, units))
    if classes > 2 and outputs != classes:
        raise InvalidInput(field, texts.units_for_classes(classes))
    if classes == 2 and outputs not in (1, 2):
        raise InvalidInput(field, texts.UNITS_FOR_TWO_CLASSES)
    check_softmax(network, f"network.layers.{last}.activation")
