"""The registry of data sets, and making a table from checked input."""

from __future__ import annotations

import math
from collections.abc import Mapping

from backprop_explorer.datasets.bundled import BUNDLED
from backprop_explorer.datasets.dataset import Dataset, Table
from backprop_explorer.datasets.generated import CLOUDS, CURVES, SHAPES
from backprop_explorer.engine.errors import InvalidInput, UnknownName
from backprop_explorer.engine.registry import Registry
from backprop_explorer.texts import datasets as texts

MAXIMUM_SEED = 2**32 - 1  # the largest that scikit-learn's generators accept

DATASETS: Registry[Dataset] = Registry("dataset", *CLOUDS, *SHAPES, *CURVES, *BUNDLED)


def check_seed(seed: int) -> None:
    """Raise InvalidInput for the field ``dataset.seed`` unless it is within 0..2³²-1."""
    if not 0 <= seed <= MAXIMUM_SEED:
        raise InvalidInput("dataset.seed", texts.seed_between(MAXIMUM_SEED))


def _values(dataset: Dataset, given: Mapping[str, float]) -> dict[str, int | float]:
    """Return every parameter of ``dataset``: the given value, checked, or the default."""
    known = [parameter.name for parameter in dataset.parameters]
    for name in given:
        if name not in known and not known:
            raise InvalidInput(f"dataset.{name}", texts.no_parameters(dataset.name))
        if name not in known:
            raise UnknownName(f"dataset.{name}", texts.parameter_of(dataset.name), known, name)
    values: dict[str, int | float] = {}
    for parameter in dataset.parameters:
        value = given.get(parameter.name, parameter.default)
        field = f"dataset.{parameter.name}"
        if not -math.inf < value < math.inf:  # NaN fails too; Parameter.check cannot take either
            raise InvalidInput(field, texts.finite_number(parameter.name))
        value = parameter.check(value, field)
        values[parameter.name] = int(value) if parameter.integer else float(value)
    if values.get("samples", math.inf) < values.get("classes", 0):
        raise InvalidInput("dataset.samples", texts.FEWER_SAMPLES_THAN_CLASSES)
    return values


def make_table(name: str, *, seed: int, parameters: Mapping[str, float]) -> Table:
    """Make the data set ``name``; missing parameters take their defaults.

    The same name, seed and parameters give the same table, bit for bit, in any process.

    Raises UnknownName for ``dataset.name``; InvalidInput for ``dataset.<parameter>`` if it is
    unknown or out of bounds, for ``dataset.samples`` if there are fewer samples than classes, and
    for ``dataset.seed`` outside 0..2³²-1.
    """
    dataset = DATASETS.find(name, "dataset.name")
    check_seed(seed)
    return dataset.make(seed=seed, **_values(dataset, parameters))
