"""``check_code``: run a student's function and annotate each of its source lines."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from backprop_explorer.engine.costs import COSTS
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.names import Name, X, biases, weights
from backprop_explorer.engine.objective import Objective
from backprop_explorer.notebook.arrays import plain
from backprop_explorer.notebook.givens import Options, read_problem, with_options
from backprop_explorer.notebook.html import document, matrix, shape_text, verdict_line
from backprop_explorer.notebook.layers import split_layers
from backprop_explorer.record.source import file_title
from backprop_explorer.texts import notebook as texts
from backprop_explorer.tutor.exercise.check import check_exercise
from backprop_explorer.tutor.exercise.other_numbers import CodeGivens
from backprop_explorer.tutor.problem import Problem
from backprop_explorer.tutor.program.cases import CheckedCase, checked_cases
from backprop_explorer.tutor.program.recording import ProgramCall
from backprop_explorer.tutor.program.report import CheckedRun, check_recorded
from backprop_explorer.tutor.program.result import CodeResult, Compared, SourceLine, as_plain
from backprop_explorer.tutor.program.time_limit import MAX_SECONDS
from backprop_explorer.tutor.spellings import usual_name

if TYPE_CHECKING:
    from backprop_explorer.notebook.explore import EmbeddedExplorer

_MARKS = {"right": "✓", "wrong": "✗", "follows": "↳", "other": " "}
_CLASSES = {"wrong": "bx-bad", "follows": "bx-after"}


class CodeCheck(CodeResult):
    """What a student's function computes, line by line.

    ``verdict`` is "correct", "wrong", "incomplete" (nothing is wrong, but not all was checked) or
    "unclear"; ``summary`` says it in one or two sentences. ``not_checked`` lists the gradients or
    updates that were not found right, by their ids "dC_dW1" or "W1_next". ``first_wrong`` is the
    line of the source ``file`` or cell, from 1, in which the first mistake is made, or None.
    ``lines`` has every source line of the functions that ran. ``diagnoses`` are the mistakes, the
    first one first: ``diagnoses[0].misconception`` is its name. ``error`` says why the program
    raised an exception; ``printed`` is what it printed, at most 10,000 characters. ``other_lines``
    are further lines where it can be set right, ``latent`` mistakes that only other
    inputs show, ``writes`` the arguments that the function wrote into, ``assumed`` the cost that
    the gradient fits if the program computes none, ``compared`` the results beside the true
    gradients, empty if answers are not shown, and ``notes`` further remarks.
    """

    _program: ProgramCall
    _kept: CheckedRun | None
    _answers: bool
    _exercise: bool

    def __init__(
        self,
        result: CodeResult,
        program: ProgramCall,
        kept: CheckedRun | None = None,
        *,
        answers: bool,
        exercise: bool = False,
    ) -> None:
        vars(self).update(vars(result))
        vars(self).update(_program=program, _kept=kept, _answers=answers, _exercise=exercise)

    @cached_property
    def cases(self) -> tuple[CheckedCase, ...]:
        """The check on the arguments that were passed, then on others, with the arrays of each.

        The program runs again on others, and on its own if its arrays are large: with arguments
        that were changed since, that is another check.
        """
        given = self._program, self, self._kept
        return tuple(checked_cases(*given, answers=self._answers, exercise=self._exercise))

    def document(self) -> dict[str, Any]:
        """Return what ``save`` writes and the page of a check reads."""
        return {"version": 1, **self.as_dict(), "cases": [as_plain(each) for each in self.cases]}

    def save(self, file: str | Path) -> None:
        """Write the check as JSON to a file, which the page of programs opens."""
        text = json.dumps(self.document(), ensure_ascii=False, allow_nan=False)
        Path(file).write_text(text, encoding="utf-8")

    def explore(self, *, height: int = 760) -> EmbeddedExplorer:
        """Show the check on its page: each line with its array, yours beside right."""
        from backprop_explorer.notebook.explore import explore

        return explore(self, height=height)

    def __bool__(self) -> bool:
        """Whether the verdict is "correct"."""
        return self.verdict == "correct"

    def __repr__(self) -> str:
        """Return the annotated source as text."""
        rows = [f"{self.verdict}: {self.summary}"]
        rows += [texts.then(each.message) for each in self.diagnoses[1:]]
        if self.error is not None:
            rows.append(f"  {self.error.error}")
            if self.error.message not in self.summary and self.error.message != self.error.error:
                rows.append(texts.in_line(self.error.source_line, self.error.message))
        rows += [texts.note(note) for note in self._remarks()]
        rows += [f"{texts.PRINTED}\n{self.printed}".rstrip()] if self.printed else []
        width = min(60, max((len(line.text) for line in self.lines), default=0))
        for line, title in self._titled():
            rows += [f"  {title}"] if title else []
            rows.append(
                f"{line.number:4} {_MARKS[line.status]} {line.text:<{width}}  {line.note}".rstrip()
            )
        return "\n".join(rows)

    def _remarks(self) -> Iterator[str]:
        """Yield the notes, latent faults and written arguments as sentences."""
        yield from self.notes
        for fault in self.latent:
            yield texts.latent(fault.shows, fault.message)
        for write in self.writes:
            yield texts.written(write.argument, write.line, file_title(write.file))

    def _titled(self) -> Iterator[tuple[SourceLine, str]]:
        """Yield each line, with the cell or file before its first line if there are several."""
        files = {line.file for line in self.lines}
        before = next(iter(files)) if len(files) == 1 else None
        for line in self.lines:
            yield line, "" if line.file == before else file_title(line.file)
            before = line.file

    def _repr_html_(self) -> str:
        """Return the annotated source as a table."""
        parts = [verdict_line(self.verdict, self.summary)]
        parts += [f'<div class="bx-note">{escape(d.message)}</div>' for d in self.diagnoses[1:]]
        if self.error is not None:
            parts.append(f'<div class="bx-note"><code>{escape(self.error.error)}</code></div>')
            if self.error.message not in self.summary and self.error.message != self.error.error:
                parts.append(f'<div class="bx-note">{escape(self.error.message)}</div>')
        parts += [f'<div class="bx-note bx-soft">{escape(e)}</div>' for e in self._remarks()]
        parts += [_compared_html(each) for each in self.compared]
        if self.printed:
            parts.append(f'<pre class="bx-note">{escape(self.printed)}</pre>')
        rows = []
        for line, title in self._titled():
            if title:
                rows.append(f'<tr><td></td><td></td><td colspan="2">{escape(title)}</td></tr>')
            style = _CLASSES.get(line.status, "")
            rows.append(
                f'<tr class="{style}"><td class="bx-n">{line.number}</td>'
                f"<td>{_MARKS[line.status].strip()}</td><td>{escape(line.text)}</td>"
                f'<td class="bx-what">{escape(line.note)}</td></tr>'
            )
        parts.append(f'<table class="bx-code">{"".join(rows)}</table>')
        return document(*parts)


def _compared_html(each: Compared) -> str:
    """Return a result beside the true gradient, with the wrong entries marked."""
    mine, true = np.asarray(each.mine), np.asarray(each.true)
    right = np.isclose(mine, true, rtol=1e-5, atol=1e-9) if mine.shape == true.shape else None
    title = f"{_MARKS['right' if each.right else 'wrong']} {each.path}"
    body = matrix(mine, right) if each.right else f"{matrix(mine, right)} ∂C/∂ {matrix(true)}"
    return (
        f"<details{'' if each.right else ' open'}><summary>{escape(title)} "
        f'<span class="bx-soft">{escape(shape_text(mine))}</span></summary>'
        f'<div class="bx-body">{body}</div></details>'
    )


@with_options
def check_code(
    function: Callable[..., Any],
    *args: Any,
    layers: Sequence[Any] | None = None,
    x: Any = None,
    target: Any = None,
    keywords: Mapping[str, Any] | None = None,
    forward: Callable[..., Any] | None = None,
    args_of_forward: Sequence[Any] = (),
    upstream: Any = None,
    time_limit: float = MAX_SECONDS,
    answers: bool | None = None,
    **options: Unpack[Options],
) -> CodeCheck:
    """Run ``function(*args)`` and say what each of its source lines computes.

    The run is recorded, and its gradients and updates are compared with the gradient of its own
    forward pass: of the cost that it computes, or of the outputs, with ``upstream`` (one array for
    each float output). A backward function is checked with the function ``forward``, which is
    called with ``args_of_forward``: its last result is the cache, and ``args`` are the upstream
    gradients. A given array that is called a gradient counts as ``upstream`` where no cost is
    computed.

    Givens of an exercise are those of ``trace``: ``layers``, ``x``, ``target``, and with them
    activations, cost, reduction, convention, penalties and learning rate. Each array that a source
    line makes is then compared with the working too. ``cost`` may stand alone: the gradient is then
    that of this cost, whatever the program computes. Without ``args`` they are passed to the
    parameters of these names. ``answers``: whether the true gradients are shown, which they are not
    where givens are passed; by default without givens.

    Globals, arguments and the random state are put back afterwards. The function is stopped after
    ``time_limit`` seconds, as soon as a call in C returns. Raises InvalidInput naming the argument.
    """
    if not callable(function):
        raise InvalidInput("function", texts.FUNCTION_NEEDED)
    if forward is not None and not callable(forward):
        raise InvalidInput("forward", texts.FUNCTION_NEEDED)
    given = {"layers": layers, "x": x, "target": target}
    told = any(each is not None for each in given.values()) or bool(options)
    if told and answers:
        raise InvalidInput("answers", texts.NO_ANSWERS)
    if layers is None or x is None or target is None:
        missing = [name for name, each in given.items() if each is None]
        cost = usual_name(options["cost"], COSTS) if "cost" in options else None
        if cost is not None:
            Objective(cost, options.get("reduction", "mean"))
        if len(missing) < len(given) or set(options) - {"cost"}:
            raise InvalidInput(missing[0], texts.give_option(missing[0]))
        if forward is None:
            _accepted(function, args, keywords or {}, "args")
        else:
            _accepted(forward, args_of_forward, {}, "args_of_forward")
        program = ProgramCall(
            *(function, args, dict(keywords or {}), forward, args_of_forward, upstream),
            max_seconds=time_limit,
            cost=cost,
        )
        shown = answers is not False and not told
        result, kept = _explained(program, answers=shown)
        return CodeCheck(result, program, kept, answers=shown)
    givens = read_problem(layers, x, target, **options)
    passed, named = args, dict(keywords or {})
    if not args and not named:
        activations = options.get("activations", "sigmoid")
        passed, named = (), arguments_by_name(function, layers, x, target, activations, givens)
    exercise = CodeGivens(givens, _objects(layers, x, givens))
    program = ProgramCall(function, passed, named, max_seconds=time_limit)
    result = check_exercise(program, exercise, set(options))
    return CodeCheck(result, program, answers=False, exercise=True)


def _accepted(
    function: Callable[..., Any], args: Sequence[Any], keywords: Mapping[str, Any], name: str
) -> None:
    """Raise InvalidInput naming the argument ``name`` if a function does not take arguments."""
    if not isinstance(args, tuple | list):
        raise InvalidInput(name, texts.TUPLE_NEEDED)
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return  # of some functions written in C
    try:
        signature.bind(*args, **keywords)
    except TypeError as error:
        called = f"{getattr(function, '__name__', texts.THE_FUNCTION)}{signature}"
        raise InvalidInput(name, f"{called}: {error}") from None


# What students call the parameter that takes what the forward pass keeps.
_CACHE = re.compile(r"cache|ctx|context|saved|memo", re.IGNORECASE)


def _explained(program: ProgramCall, *, answers: bool) -> tuple[CodeResult, CheckedRun | None]:
    """Check a program. Raises InvalidInput naming an argument that explains why it failed."""
    try:
        result, kept = check_recorded(program, answers=answers)
    except InvalidInput:
        for name, why in _tables(program):
            raise InvalidInput(name, why) from None
        raise
    if result.error is not None or result.verdict == "unclear":
        _explain_arguments(program, result)
        notes = (why for _, why in _tables(program))
        result = replace(result, notes=(*result.notes, *notes))
    return result, kept


def _explain_arguments(program: ProgramCall, result: CodeResult) -> None:
    """Raise InvalidInput naming an argument if one of a call that failed explains the failure."""
    passed = _bound(program.function, program.arguments, program.keywords)
    arrays = [each for each in passed if isinstance(passed[each], np.ndarray)]
    error = "" if result.error is None else result.error.error
    is_none = "NoneType" in error or "object" in result.summary
    for each, value in passed.items():
        is_cache = _CACHE.search(each)
        other = next((k for k in passed if k not in arrays and not _CACHE.search(k)), None)
        if is_cache and each in arrays and other and (program.forward or "unpack" in error):
            raise InvalidInput("args", texts.swapped(each, other, ", ".join(passed)))
        if value is None and (is_none if program.forward is None else not (arrays or is_cache)):
            raise InvalidInput("args", texts.none_passed(each))


def _bound(
    function: Callable[..., Any] | None, args: Sequence[Any], keywords: Mapping[str, Any]
) -> dict[str, Any]:
    """Return arguments by the names of their parameters, nothing where these are not known."""
    try:
        return inspect.signature(function or _bound).bind_partial(*args, **keywords).arguments
    except (TypeError, ValueError):
        return {}


def _tables(program: ProgramCall) -> Iterator[tuple[str, str]]:
    """Yield the argument of ``check_code`` with each table, and what to pass in its place."""
    forward = _bound(program.forward, program.of_forward, {})
    passed = _bound(program.function, program.arguments, program.keywords)
    for name, arguments in (("args_of_forward", forward), ("args", passed)):
        for each, value in arguments.items():
            if hasattr(value, "to_numpy"):
                yield name, texts.table_passed(each, type(value).__name__)


def _objects(layers: Sequence[Any], x: Any, givens: Problem) -> dict[Name, Any]:
    """Return x and the parameters that the network has, W1, b1, …, as they were given."""
    objects: dict[Name, Any] = {X: x}
    pairs = zip(split_layers(layers, givens.notation), givens.layers, strict=True)
    for k, ((given_W, given_b), (W, _)) in enumerate(pairs, start=1):
        objects[weights(k)] = given_W
        if given_b is not None or np.size(plain(given_W)) > W.size:
            objects[biases(k)] = given_b
    return objects


_NAMES = {
    "layers": ("layers", "parameters", "params", "weights_and_biases", "network"),
    "x": ("x", "X", "input", "inputs", "sample", "batch"),
    "target": ("target", "targets", "y", "Y", "t", "y_true", "labels"),
    "activations": ("activations", "activation_funcs", "funcs", "fs"),
}


def arguments_by_name(
    function: Callable[..., Any],
    layers: Sequence[Any],
    x: Any,
    target: Any,
    activations: Any,
    givens: Problem,
) -> dict[str, Any]:
    """Return the givens by the names of the function's parameters.

    Known are layers, x, target, activations and common spellings, W1, b1, … and W, b of one layer.
    Raises InvalidInput for a parameter without a default that is none of them.
    """
    values = {"layers": layers, "x": x, "target": target, "activations": activations}
    known = {name: values[kind] for kind, names in _NAMES.items() for name in names}
    pairs = split_layers(layers, givens.notation)
    for k, (W, b) in enumerate(pairs, start=1):
        known |= {weights(k): W, biases(k): b}
    if len(pairs) == 1:
        known |= {"W": pairs[0][0], "b": pairs[0][1]}
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        raise InvalidInput("args", texts.ARGUMENTS_NEEDED) from None
    found: dict[str, Any] = {}
    for parameter in parameters:
        if parameter.name in known:
            found[parameter.name] = known[parameter.name]
        elif parameter.default is parameter.empty and parameter.kind in (
            parameter.POSITIONAL_OR_KEYWORD,
            parameter.KEYWORD_ONLY,
        ):
            raise InvalidInput(
                "args",
                texts.parameter_needed(
                    getattr(function, "__name__", texts.THE_FUNCTION), parameter.name
                ),
            )
    return found
