"""``lesson``: check a student's function with the numbers of a lesson's card."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from backprop_explorer.engine.errors import InvalidInput, UnknownName
from backprop_explorer.engine.names import TARGET, X
from backprop_explorer.lessons.functions import AskedFunction, CostOfArrays, FunctionCall
from backprop_explorer.lessons.lesson import Card, deal
from backprop_explorer.lessons.library import Library
from backprop_explorer.lessons.seed import DEFAULT_SEED, Seed, read_seed
from backprop_explorer.notebook.code import CodeCheck, check_code
from backprop_explorer.notebook.html import document, verdict_line
from backprop_explorer.settings import load_settings
from backprop_explorer.texts import notebook as texts


class FunctionCheck:
    """The mark of a function; ``code`` is what the card takes as an answer, None if it is wrong.

    ``found`` is the check of the program's lines, if it was needed and could be made.
    """

    def __init__(self, message: str, code: str | None, found: CodeCheck | None = None) -> None:
        self.message, self.code, self.found = message, code, found

    def __bool__(self) -> bool:
        """Whether the function is right."""
        return self.code is not None

    def __repr__(self) -> str:
        """Return the message, and the annotated source of a wrong function."""
        return self.message if self.found is None else f"{self.message}\n{self.found!r}"

    def _repr_html_(self) -> str:
        """Return the message, and the annotated source of a wrong function as a table."""
        verdict = "correct" if self.code else "wrong"
        shown = document(verdict_line(verdict, self.message))
        return shown if self.found is None else shown + self.found._repr_html_()


class NotebookLesson:
    """A lesson with the numbers of a seed."""

    def __init__(self, name: str, seed: Seed) -> None:
        lessons = Library.of(load_settings()).lessons()
        if name not in lessons:
            raise UnknownName("name", "lesson", lessons, name)
        self.name, self.seed = name, seed
        self._cards: Sequence[Card] = deal(lessons[name], seed)

    def __repr__(self) -> str:
        """Return the lesson's name, and the cards that ask for a function with their calls."""
        rows = [f"{card}: {asked.call}" for card, asked in self.functions.items()]
        return "\n".join([texts.lesson_title(self.name, self.seed), *rows])

    @property
    def functions(self) -> dict[str, AskedFunction]:
        """The functions that the cards ask for, by the name of the card."""
        asked = {card.name: getattr(card.question, "function", None) for card in self._cards}
        return {name: each for name, each in asked.items() if each is not None}

    def arguments(self, card: str) -> dict[str, Any]:
        """Return the arguments of a card's first call by name, to try a function with them."""
        asked = self._asked(card)
        return dict(zip(asked.parameters, copy.deepcopy(asked.calls[0].arguments), strict=True))

    def check(self, card: str, function: Callable[..., Any]) -> FunctionCheck:
        """Call ``function`` with the card's numbers and compare what it returns.

        The arguments are passed by name if its parameters have the names that the card says, else
        in the order of the card. Raises InvalidInput naming ``card`` or ``function``.
        """
        asked = self._asked(card)
        if not callable(function):
            raise InvalidInput("function", texts.FUNCTION_NEEDED)
        for number, call in enumerate(asked.calls, start=1):
            message = _difference(asked, call, function)
            if message is None:
                continue
            if len(asked.calls) > 1:
                layers = [W.shape for W, _ in call.working.layers]
                message = texts.in_network(number, len(asked.calls), layers, message)
            return FunctionCheck(message, None, _diagnosed(asked, call, function))
        return FunctionCheck(texts.function_right(asked.name, asked.code), asked.code)

    def _asked(self, card: str) -> AskedFunction:
        if card not in self.functions:
            raise UnknownName("card", "card", self.functions, card)
        return self.functions[card]


def _difference(
    asked: AskedFunction, call: FunctionCall, function: Callable[..., Any]
) -> str | None:
    """Return what is wrong with a call, None if it is right with slopes or with Jacobians."""
    messages = [
        _called(asked, call, arguments, function)
        for arguments in (call.arguments, call.jacobians)
        if arguments is not None
    ]
    return None if None in messages else messages[0]


def _called(
    asked: AskedFunction, call: FunctionCall, arguments: Sequence[Any], function: Callable[..., Any]
) -> str | None:
    positional, named = _bound(asked, copy.deepcopy(list(arguments)), function)
    try:
        result = function(*positional, **named)
    except Exception as error:  # noqa: BLE001 - a student's function may raise anything
        return texts.function_raised(asked.call, type(error).__name__, error)
    return _first_difference(call, result)


def _bound(
    asked: AskedFunction, arguments: Sequence[Any], function: Callable[..., Any]
) -> tuple[Sequence[Any], dict[str, Any]]:
    """Return the arguments by name where the parameters have the card's names, else in order."""
    try:
        known = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return arguments, {}
    named = dict(zip(asked.parameters, arguments, strict=True))
    if set(named) <= set(known):
        return (), named
    try:
        inspect.signature(function).bind(*arguments)
    except TypeError:
        raise InvalidInput("function", texts.call_as(asked.call)) from None
    return arguments, {}


def _diagnosed(
    asked: AskedFunction, call: FunctionCall, function: Callable[..., Any]
) -> CodeCheck | None:
    """Return the check of the function's lines; None if it cannot be recorded."""
    if any(isinstance(each, CostOfArrays) for each in call.arguments):
        return None  # what computes the cost is not the student's
    positional, named = _bound(asked, copy.deepcopy(list(call.arguments)), function)
    problem, show = call.working, call.working.notation.show
    try:
        check = check_code(
            function,
            *positional,
            keywords=named,
            layers=[(show(W, "ij"), b) for W, b in problem.layers],
            x=problem[X],
            target=problem[TARGET],
            activations=problem.activations,
            cost=problem.objective.cost,
            reduction=problem.objective.reduction,
            convention=problem.notation.convention.name,
            answers=False,
        )
    except InvalidInput:
        return None
    return check if check.verdict == "wrong" or check.error is not None else None


def _arrays_of(value: Any, path: str = "") -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    """Yield the arrays in nested lists, tuples and dictionaries with their paths, such as [0][1].

    Raises TypeError for what is neither array nor number.
    """
    items: Iterable[tuple[Any, Any]] | None = None
    if isinstance(value, Mapping):
        items = value.items()
    elif isinstance(value, list | tuple) and not all(np.isscalar(each) for each in value):
        items = enumerate(value)
    if items is not None:
        for key, each in items:
            yield from _arrays_of(each, f"{path}[{key!r}]")
        return
    found = np.asarray(value)
    if found.dtype.kind not in "fiub":
        raise TypeError(type(value).__name__)
    yield path, found.astype(np.float64)


def _first_difference(call: FunctionCall, result: Any) -> str | None:
    """Return what is wrong with the result of a call; None if it is right.

    Right are numbers with a relative error of at most 1e-5 of their array's largest one, so that a
    program in single precision passes.
    """
    try:
        arrays = list(_arrays_of(result))
    except TypeError as error:
        return texts.no_array(error)
    expected = list(_arrays_of(call.expected))
    if len(arrays) != len(expected):
        return texts.result_count(len(expected), len(arrays))
    for (path, mine), (_, right) in zip(arrays, expected, strict=True):
        where = texts.result_at(path) if path else texts.RESULT
        if mine.shape != right.shape:
            return texts.result_shape(where, mine.shape, right.shape)
        if not np.isfinite(mine).all():
            return texts.result_not_finite(where)
        off = np.abs(mine - right).max(initial=0.0)
        if off > 1e-5 * np.abs(right).max(initial=0.0) + 1e-12:
            return texts.result_differs(where)
    return None


def lesson(name: str, seed: int | str = DEFAULT_SEED) -> NotebookLesson:
    """Return a lesson with the numbers of a seed, to check one's functions with its cards.

    name: as in the lesson's address, such as "any-depth". Lessons of one's own are found in the
    folders of the setting EXPLORER_LESSONS. Raises InvalidInput naming ``name`` or ``seed``.
    """
    try:
        read = read_seed(seed)
    except ValueError as error:
        raise InvalidInput("seed", str(error)) from None
    return NotebookLesson(name, read)
