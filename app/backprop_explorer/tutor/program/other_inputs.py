"""Other inputs of a program that is right with the given ones: what a course's check misses.

Shapes, paddings, strides, ties, repeated indices, large numbers and one sample are varied, where
the forward function accepts them.
"""

from __future__ import annotations

import copy
import inspect
import io
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from typing import Any, NamedTuple

import numpy as np

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.texts import tutor_program as texts
from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.program.check import check_run
from backprop_explorer.tutor.program.program_result import ProgramResult
from backprop_explorer.tutor.program.recording import ProgramCall, Recorded
from backprop_explorer.tutor.program.result import LatentFault
from backprop_explorer.tutor.program.saved_state import saved_state
from backprop_explorer.tutor.program.steps import Run

# Of the processor, for all other inputs together; the first run is not counted. Where a program
# waits, for each of them.
MAX_SECONDS = 6.0
MAX_VARIANTS = 8
LARGE = 400.0


class OtherInput(NamedTuple):
    """Other arguments. ``kind`` says what is other, ``text`` how in words."""

    kind: str
    text: str
    arguments: list[Any]


class TriedInput(NamedTuple):
    """Another input, and what the check of the program with it found.

    ``recorded`` and ``found`` are None where only the forward pass ran, for large numbers.
    """

    variant: OtherInput
    recorded: Recorded | None
    found: ProgramResult | None
    fault: LatentFault | None


def latent_faults(program: ProgramCall) -> Iterator[LatentFault]:
    """Yield the faults that other inputs show, each with the first input that shows it."""
    return (tried.fault for tried in tried_inputs(program) if tried.fault is not None)


def tried_inputs(program: ProgramCall, *, more: bool = False) -> Iterator[TriedInput]:
    """Yield other inputs that the program accepts, with what their checks found.

    A kind of input that shows a fault is not varied further. ``more``: with the same numbers in
    another order, and with an upstream gradient of ones.
    """
    is_pair = program.forward is not None
    given = list(program.of_forward if is_pair else program.arguments)
    is_cell = not is_pair and any(isinstance(each, dict) for each in given)
    if is_cell or not _are_copied(given):
        return
    end, seen = time.thread_time() + MAX_SECONDS, set[str]()
    names = parameter_names(program.forward or program.function, given)
    variants = sorted(_variants(given, names), key=lambda each: each.kind != "pad")
    variants = variants[:MAX_VARIANTS]
    if more:
        variants += _redrawn(given, is_pair=is_pair)
    for variant in variants:
        # What a whole program differentiates is known less surely than the output of a pair.
        if not is_pair and variant.kind not in ("repeated", "shape", "large", "order"):
            continue
        if time.thread_time() > end:
            return
        tried = None if variant.kind in seen else _tried(program, variant)
        if tried is not None:
            if tried.fault is not None:
                seen.add(variant.kind)
            yield tried


def _tried(program: ProgramCall, variant: OtherInput) -> TriedInput | None:
    """Return what another input shows; None if the program rejects it, or nothing can be said."""
    if variant.kind == "large":
        fault = None
        if _overflows(program, variant.arguments):
            fault = LatentFault(ids.OVERFLOW, texts.MISTAKES[ids.OVERFLOW], variant.text)
        return TriedInput(variant, None, None, fault)
    other = _with(program, variant.arguments, ones=variant.kind == "ones")
    if other is None:
        return None
    try:
        recorded = Recorded(other)
        found = check_run(recorded.run, recorded.root, program.cost)
    except InvalidInput:
        return None
    wrong = found.verdict == "wrong"
    hidden = wrong and variant.kind == "ties" and not _is_counted_twice(found)
    if recorded.run.limit is not None or hidden or _is_misfit(program, variant, recorded.run):
        return None
    return TriedInput(variant, recorded, found, _fault(variant, found) if wrong else None)


def _is_misfit(program: ProgramCall, variant: OtherInput, run: Run) -> bool:
    """Whether a whole program raises as it combines what was varied with an argument that was not,
    such as a target of fixed shape.
    """
    if program.forward is not None or run.failed is None:
        return False
    changed = [
        getattr(one, "shape", None) != getattr(other, "shape", None)
        for one, other in zip(program.arguments, variant.arguments, strict=True)
    ]
    names = parameter_names(program.function, program.arguments)
    varied = {name for name, other in zip(names, changed, strict=True) if other}
    for at in run.failed[1] if varied else ():
        path = run.steps[run.whole_of(at)].path
        if path is not None and path not in varied:
            return True
    return False


def parameter_names(function: Callable[..., Any], given: Sequence[Any]) -> list[str]:
    """Return what the arguments are called: the names of parameters, else their positions."""
    try:
        names = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        names = []
    return [*names, *(texts.argument(k + 1) for k in range(len(names), len(given)))][: len(given)]


def _redrawn(given: Sequence[Any], *, is_pair: bool) -> Iterator[OtherInput]:
    rng = np.random.default_rng(2)
    floats = [k for k, v in enumerate(given) if isinstance(v, np.ndarray) and v.dtype.kind == "f"]
    changes = dict.fromkeys(floats, lambda v: rng.permuted(v.ravel()).reshape(v.shape))
    yield _changed(given, changes, "order", texts.OTHER_ORDER)
    if is_pair:
        yield OtherInput("ones", texts.ONES, list(given))


def _are_copied(given: list[Any]) -> bool:
    """Whether arguments can be copied: not an object that holds a module."""
    try:
        copy.deepcopy(given)
    except (Exception, SystemExit):  # noqa: BLE001 - an object of a student's class may raise anything
        return False
    return True


def _fault(variant: OtherInput, found: ProgramResult) -> LatentFault:
    name = found.name or ""
    if variant.kind == "ties":
        name = ids.TIES_COUNTED_TWICE
    elif variant.kind == "pad":
        name = ids.EMPTY_SLICE_WITHOUT_PADDING
    message = texts.MISTAKES.get(name) or found.summary
    line = None if found.line is None else found.line[1]
    return LatentFault(name or "unknown", message, variant.text, line)


def _is_counted_twice(found: ProgramResult) -> bool:
    """Whether more gradient comes back than goes in: any sharing among equal entries is right."""
    alignment = found.alignment
    if alignment is None or alignment.run.raised is not None:
        return False
    for each in alignment.wrong:
        if each.wanted is None:
            continue
        value, wanted = alignment.run.steps[each.index].value, each.wanted
        if value.shape == wanted.shape and not np.isclose(value.sum(), wanted.sum()):
            return True
    return False


def _overflows(program: ProgramCall, arguments: list[Any]) -> bool:
    """Whether the forward pass gives what is not a number."""
    function = program.forward or program.function
    try:
        with saved_state(function), np.errstate(all="ignore"), redirect_stdout(io.StringIO()):
            out = function(*arguments)
    except (Exception, SystemExit):  # noqa: BLE001 - a student's function may raise anything
        return False
    values = out if isinstance(out, tuple) else (out,)
    return any(
        isinstance(each, np.ndarray | float) and np.isnan(each).any()
        for each in values
        if not isinstance(each, np.ndarray) or each.dtype.kind == "f"
    )


def _with(program: ProgramCall, arguments: list[Any], *, ones: bool = False) -> ProgramCall | None:
    """Return the program with other arguments; None if its forward function rejects them."""
    if program.forward is None:
        return ProgramCall(
            program.function,
            arguments,
            program.keywords,
            upstream=program.upstream,
            max_seconds=MAX_SECONDS,
            is_variant=True,
        )
    try:
        with (
            saved_state(program.forward),
            np.errstate(all="ignore"),
            redirect_stdout(io.StringIO()),
        ):
            out = program.forward(*copy.deepcopy(arguments))
    except (Exception, SystemExit):  # noqa: BLE001 - a student's function may raise anything
        return None
    parts = list(out) if isinstance(out, tuple) else [out]
    outputs = [each for each in parts if isinstance(each, np.ndarray) and each.dtype.kind == "f"]
    rng = np.random.default_rng(1)
    upstream = [
        (np.ones(np.shape(output)) if ones else _like(rng, output))
        if isinstance(old, np.ndarray | float)
        else old
        for old, output in zip(program.arguments, outputs, strict=False)
    ]
    upstream += list(program.arguments[len(upstream) :])
    if not outputs or any(not np.isfinite(each).all() or not each.size for each in outputs):
        return None
    return ProgramCall(
        program.function,
        upstream,
        program.keywords,
        program.forward,
        arguments,
        max_seconds=MAX_SECONDS,
        is_variant=True,
    )


def _like(rng: np.random.Generator, output: Any) -> Any:
    """Return an upstream gradient without equal entries."""
    return rng.normal(size=np.shape(output)) + 0.5


def _variants(given: Sequence[Any], names: Sequence[str]) -> Iterator[OtherInput]:
    for at, value in enumerate(given):
        if isinstance(value, dict):
            for key, number in value.items():
                yield from _numbers(given, at, str(key), number, key)
        elif isinstance(value, int) and not isinstance(value, bool):
            yield from _numbers(given, at, names[at], value, None)
    yield from _arrays(given)


def _numbers(
    given: Sequence[Any], at: int, name: str, number: Any, key: Any
) -> Iterator[OtherInput]:
    """Other whole numbers: no padding, other strides, windows that overlap."""
    if not isinstance(number, int) or isinstance(number, bool):
        return
    others = [0] if "pad" in name else [1, 2, 3]
    for other in others:
        if other == number:
            continue
        changed = copy.deepcopy(list(given))
        if key is None:
            changed[at] = other
        else:
            changed[at][key] = other
        yield OtherInput("pad" if "pad" in name else name, texts.other_number(name, other), changed)


def _arrays(given: Sequence[Any]) -> Iterator[OtherInput]:
    """Ties, repeated indices, other lengths, one sample, large numbers."""
    floats = [k for k, v in enumerate(given) if isinstance(v, np.ndarray) and v.dtype.kind == "f"]
    whole = [k for k, v in enumerate(given) if isinstance(v, np.ndarray) and v.dtype.kind in "iu"]
    for at in whole:
        if given[at].ndim <= 2 and given[at].size > 1:
            yield _changed(given, {at: _repeated}, "repeated", texts.REPEATED)
    if not floats:
        return
    largest = max(floats, key=lambda k: given[k].ndim)
    yield _changed(given, {largest: _with_ties}, "ties", texts.TIES)
    if given[largest].ndim == 4:
        yield _changed(given, {largest: _longer}, "shape", texts.LONGER)
    lengths = [len(given[k]) for k in floats if given[k].ndim]
    first = lengths[0] if lengths else 0
    same = [k for k in (*floats, *whole) if given[k].ndim and len(given[k]) == first]
    if first > 1 and all(given[k].ndim > 1 or k in whole for k in same):
        yield _changed(given, dict.fromkeys(same, lambda v: v[:1]), "one", texts.ONE_SAMPLE)
    yield _changed(given, {largest: lambda v: v * LARGE}, "large", texts.LARGE)


def _changed(
    given: Sequence[Any], changes: dict[int, Callable[[Any], Any]], kind: str, text: str
) -> OtherInput:
    changed = copy.deepcopy(list(given))
    for at, change in changes.items():
        changed[at] = change(changed[at])
    return OtherInput(kind, text, changed)


def _repeated(indices: Any) -> Any:
    flat = indices.copy().ravel()
    flat[1:2] = flat[0]
    return flat.reshape(indices.shape)


def _with_ties(array: Any) -> Any:
    # Positive, so that the corner of a rectifier is no tie.
    return (np.arange(array.size).reshape(array.shape) // 2 % 3 + 1).astype(array.dtype)


def _longer(array: Any) -> Any:
    return np.concatenate([array, array[:, :, :1] * 0.5], axis=2)
