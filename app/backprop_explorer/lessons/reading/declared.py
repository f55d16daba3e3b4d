"""The numbers that a lesson declares in its front matter, without Python.

``values`` are constants, ``numbers`` are drawn, ``working`` is a backpropagation with them,
``experiments`` are recipes, ``points`` are experiments at a step, ``compute`` are expressions, and
``require`` are conditions: all is drawn again until they hold. docs/lessons.md has examples.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from backprop_explorer.datasets.column_selection import select_columns
from backprop_explorer.datasets.csv_table import CsvLimits, decode, read_csv
from backprop_explorer.datasets.own_data import Rows
from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.recipe_data import MAX_POINT_COLUMNS
from backprop_explorer.lessons.distinct import first, most_distinct
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.reading import templates
from backprop_explorer.lessons.reading.error import LessonError, one_of
from backprop_explorer.lessons.runs import points
from backprop_explorer.lessons.working import lesson_problem
from backprop_explorer.limits import Limits
from backprop_explorer.texts import lessons_reading as texts
from backprop_explorer.texts import lessons_writing
from backprop_explorer.tutor.problem import Problem

# The value whose lines can be named without its own name.
WORKING = "working"


class LessonValues(Mapping[str, Any]):
    """The numbers of a lesson; beside them, the lines and givens of ``numbers["working"]``.

    ``values["a1"]`` is that line as the working's convention shows it.
    """

    def __init__(self, numbers: Mapping[str, Any]) -> None:
        self.numbers = numbers
        working = numbers.get(WORKING)
        self._working = working if isinstance(working, Problem) else None

    def __getitem__(self, name: str) -> Any:
        if name in self.numbers or self._working is None:
            return self.numbers[name]
        return self._working[name]

    def __iter__(self) -> Iterator[str]:
        yield from self.numbers
        if self._working is not None:
            yield from (name for name in self._working.trace.values() if name not in self.numbers)

    def __len__(self) -> int:
        return sum(1 for _ in self)


ENTRIES = ("values", "numbers", "working", "experiments", "points", "compute", "require")
MOST_NUMBERS = 10_000
_WORKING = ("layers", "cost", "reduction", "convention", "learning_rate", "optimizer")
_WORKING_NUMBERS = ("learning_rate", "l1", "l2")
_WORKING_ALSO = ("jacobians", "fused", "l1", "l2")
_POINT = re.compile(r"(\w+) at (\d{1,4})")


def declared_numbers(
    path: Path, front: Mapping[str, Any], lines: Mapping[str, int], draw: Draw
) -> dict[str, Any]:
    """Return the values of a draw by name. Raises LessonError."""
    return _Declared(path, front, lines, draw).make()


def draw_functions(draw: Draw) -> dict[str, templates.TextFunction]:
    """Return what ``numbers`` may call; every result is rounded so that it can be typed."""

    def checked(*shape: Any) -> tuple[int, ...]:
        if not all(isinstance(n, int) and n > 0 for n in shape):
            raise ValueError(texts.SHAPE_IN_CALL)
        if np.prod(shape, dtype=float) > MOST_NUMBERS:
            raise ValueError(texts.most_drawn(MOST_NUMBERS))
        return shape

    def normal(*shape: int, scale: float = 1.0, decimals: int = 2) -> Any:
        places = templates.checked_digits(decimals)
        drawn = draw.normal(*checked(*shape), scale=scale, decimals=places)
        return drawn if shape else float(drawn)

    def uniform(low: float, high: float, *shape: int, decimals: int = 2) -> Any:
        places = templates.checked_digits(decimals)
        drawn = np.round(draw.rng.uniform(low, high, checked(*shape)), places) + 0.0
        return drawn if shape else float(drawn)

    def integer(low: int, high: int) -> int:
        return int(draw.rng.integers(low, high + 1))

    def choice(*options: Any) -> Any:
        return options[int(draw.rng.integers(len(options)))]

    def one_hot(count: int, *samples: int) -> Any:
        *shape, _ = checked(*samples, count)
        classes = draw.rng.integers(0, count, shape)
        return np.equal(classes[..., None], np.arange(count)).astype(np.float64)

    functions: Mapping[str, Callable[..., Any]] = {
        "normal": normal,
        "uniform": uniform,
        "integer": integer,
        "choice": choice,
        "one_hot": one_hot,
    }
    return {name: templates.TextFunction(function) for name, function in functions.items()}


class _Declared:
    def __init__(
        self, path: Path, front: Mapping[str, Any], lines: Mapping[str, int], draw: Draw
    ) -> None:
        self.path, self.lines, self.draw = path, lines, draw
        self.front = {name: front.get(name) for name in ENTRIES}
        self.functions = draw_functions(draw)

    def make(self) -> dict[str, Any]:
        conditions = self.front["require"] or []
        if isinstance(conditions, str):
            conditions = [conditions]

        def good(values: Mapping[str, Any]) -> bool:
            return self._holds(values, conditions)

        try:
            if self.front["working"] is None or self.front["points"] is not None:
                return first(self._once, good)  # of several draws each would be trained
            return most_distinct(self._once, good, lambda values: values[WORKING])
        except RuntimeError:
            raise LessonError(self.path, self._line("require"), texts.NO_DRAW) from None

    def _holds(self, values: Mapping[str, Any], conditions: Any) -> bool:
        return all(
            bool(np.all(self._evaluated("require", str(condition), LessonValues(values))))
            for condition in conditions
        )

    def _once(self) -> dict[str, Any]:
        values: dict[str, Any] = {"seed": self.draw.seed, **self._mapping("values")}
        for name, source in self._mapping("numbers").items():
            given = {**self.functions, **values}
            values[name] = self._evaluated(name, str(source), given)
        if self.front["working"] is not None:
            values = self._with_working(values)
        for name, recipe in self._mapping("experiments").items():
            values[name] = self._recipe(name, self._filled(name, recipe, LessonValues(values)))
        for name, point in self._mapping("points").items():
            values[name] = self._point(name, str(point), values)
        for name, source in self._mapping("compute").items():
            values[name] = self._evaluated(name, str(source), LessonValues(values))
        return values

    def _mapping(self, entry: str) -> Mapping[str, Any]:
        entries = self.front[entry]
        if entries is None:
            return {}
        if not isinstance(entries, Mapping):
            raise LessonError(self.path, self._line(entry), texts.name_value(entry))
        return {str(name): value for name, value in entries.items()}

    def _working_entries(self, line: int) -> Mapping[str, Any]:
        entries = self._mapping("working")
        for name, value in entries.items():
            if name not in (*_WORKING, *_WORKING_ALSO):
                message = lessons_writing.unknown_entry(
                    name, one_of((*_WORKING, *_WORKING_ALSO), name)
                )
                raise LessonError(self.path, line, texts.working_error(message))
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if name in _WORKING_NUMBERS and not number:
                message = texts.working_error(texts.number_wanted(name, value))
                raise LessonError(self.path, self._line(name), message)
        return entries

    def _with_working(self, made: dict[str, Any]) -> dict[str, Any]:
        line = self._line("working")
        given = self._working_entries(line)
        names = given.get("layers")
        names = [names] if isinstance(names, str) else names
        if not isinstance(names, list) or not names:
            raise LessonError(self.path, line, texts.LAYERS_NEEDED)
        for name in names:
            if name not in ACTIVATIONS:
                message = texts.unknown_activation(name, one_of(ACTIVATIONS, str(name)))
                raise LessonError(self.path, line, texts.working_error(message))
        column = given.get("convention", "column") == "column"
        layers, used = [], {"x", "target"}
        for k, activation in enumerate(names, start=1):
            pair = []
            for letter in "Wb":
                name = f"{letter}{k}"
                name = letter if len(names) == 1 and name not in made else name
                if name not in made:
                    raise LessonError(self.path, line, texts.numbers_needed(name))
                used.add(name)
                pair.append(np.asarray(made[name], dtype=np.float64))
            layers.append((pair[0].T if column else pair[0], pair[1], activation))
        for name in ("x", "target"):
            if name not in made:
                raise LessonError(self.path, line, texts.numbers_needed(name))
        x = np.asarray(made["x"], dtype=np.float64)
        more = {name: value for name, value in given.items() if name != "layers"}
        more.setdefault("convention", "column")
        try:
            working = lesson_problem(layers, x, made["target"], single=x.ndim == 1, **more)
            working.trace  # noqa: B018 - what does not fit is reported here
        except (InvalidInput, ValueError, IndexError, KeyError) as error:
            raise LessonError(self.path, line, texts.working_error(error)) from None
        kept = {name: value for name, value in made.items() if name not in used}
        alone: dict[str, Any] = {name: made[name] for name in ("W", "b") if name in used}
        return {**kept, **alone, WORKING: working}

    def _filled(self, name: str, value: Any, values: Mapping[str, Any]) -> Any:
        """Return a recipe with its ``@{…}`` replaced; an entry that is one value keeps its type."""
        if isinstance(value, Mapping):
            return {key: self._filled(name, each, values) for key, each in value.items()}
        if isinstance(value, list):
            return [self._filled(name, each, values) for each in value]
        if not isinstance(value, str) or templates.OPENING not in value:
            return value
        if whole := re.fullmatch(r"@\{([^{}]+)\}", value):
            found = self._evaluated(name, whole[1], values)
            return found.tolist() if isinstance(found, np.ndarray) else found
        return self._at(name, lambda: templates.text(value)(values))

    def _recipe(self, name: str, recipe: Any) -> Any:
        try:
            recipe = with_table(recipe, self.path.parent)
            InitialState(Recipe.model_validate(recipe), Limits())
        except (ValueError, InvalidInput) as error:
            message = " ".join(str(error).split())
            raise LessonError(self.path, self._line(name), f"{name}: {message:.300}") from None
        return recipe

    def _point(self, name: str, source: str, made: Mapping[str, Any]) -> Any:
        match = _POINT.fullmatch(source)
        known = self._mapping("experiments")
        if match is None or match[1] not in known:
            raise LessonError(self.path, self._line(name), texts.point_wanted(name))
        return self._at(name, lambda: points(made[match[1]], int(match[2]))[0])

    def _evaluated(self, name: str, source: str, values: Mapping[str, Any]) -> Any:
        return self._at(name, lambda: templates.expression(source)(values))

    def _at(self, name: str, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except (templates.TextError, ValueError, InvalidInput) as error:
            message = f"{name}: {error}"
            if isinstance(error, templates.MissingValueError):
                message = f"{message}; {one_of(error.known, error.name)}"
            raise LessonError(self.path, self._line(name), message) from None

    def _line(self, name: str) -> int:
        return self.lines.get(name, 1)


# Entries of a data set that say how the file is read; the others are those of the recipe.
FILE, TARGET, FEATURES = "csv", "target", "features"


def with_table(recipe: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return the recipe with the rows of ``dataset: {csv: file}`` as the data set "points".

    So the experiment has its data in itself, and its id does not depend on a file. Raises
    InvalidInput naming the row and column of a cell that cannot be used, and ValueError for a file
    that is missing, outside the folder or too long.
    """
    dataset = recipe.get("dataset")
    if not isinstance(dataset, Mapping) or FILE not in dataset:
        return dict(recipe)
    path = (folder / str(dataset[FILE])).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise ValueError(texts.file_elsewhere(dataset[FILE]))
    if not path.is_file():
        raise ValueError(texts.no_file_beside(dataset[FILE]))
    features = dataset.get(FEATURES)
    rows = _rows(
        path,
        path.stat().st_mtime_ns,
        None if dataset.get(TARGET) is None else str(dataset[TARGET]),
        None if features is None else tuple(str(each) for each in features),
    )
    others = {k: v for k, v in dataset.items() if k not in (FILE, TARGET, FEATURES)}
    points = {
        "name": "points",
        "x": rows.x,
        "target": rows.target,
        "classes": rows.classes,
        "features": rows.features,
        **others,
    }
    return {**recipe, "dataset": {k: v for k, v in points.items() if v is not None}}


@lru_cache(maxsize=32)
def _rows(path: Path, _changed: int, target: str | None, features: tuple[str, ...] | None) -> Rows:
    limits = Limits()
    most = CsvLimits(limits.max_points, limits.max_columns, limits.max_cells)
    try:
        table = read_csv(decode(path.read_bytes()), most, None)
        rows = select_columns(table, target, features, None, leave_out=True).rows
    except InvalidInput as error:
        raise ValueError(f"{path.name}: {error.message}") from None
    if len(rows.features) > MAX_POINT_COLUMNS:
        message = texts.most_features(MAX_POINT_COLUMNS)
        raise ValueError(f"{path.name}: {message}")
    return rows
