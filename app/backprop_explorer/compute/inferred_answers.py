"""The answers to pasted text: what was read, and the check whose settings are found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from backprop_explorer.compute.inferred_requests import InferredCheckRequest
from backprop_explorer.compute.numbers import read_submitted
from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import COSTS, REDUCTIONS
from backprop_explorer.engine.names import TARGET, X, biases, weights
from backprop_explorer.engine.notation import CONVENTIONS
from backprop_explorer.experiments.initial_state import check_network, check_trace
from backprop_explorer.limits import Limits
from backprop_explorer.texts import compute as texts
from backprop_explorer.tutor.checker.naming import lines_of_names
from backprop_explorer.tutor.inference import Inferred, Known, check_inferred
from backprop_explorer.tutor.inference.pasted import Pasted, as_chosen, from_text, passes, pasted
from backprop_explorer.tutor.reading.arrays import SHORTENED, AmbiguousArray, reading_of_size
from backprop_explorer.tutor.reading.printed_array import (
    BLANK,
    PrintedArray,
    check_size,
    from_array,
)
from backprop_explorer.tutor.reading.transcript import MAX_UNREAD, PastedArray, read_transcript
from backprop_explorer.tutor.spellings import activation_name, line_ids, usual_name

Unread = dict[str, Any]


def inferred_answer(request: InferredCheckRequest, limits: Limits) -> dict[str, Any]:
    """Return the settings, how each array was read, and the marks. Raises LimitExceeded."""
    arrays, unread, words = _submitted(request.submitted)
    arrays = [*_givens(request), *arrays]
    check_size(sum(array.values.size for array in arrays), "submitted")
    # An array that a person says is no line leaves its place empty.
    for place, line in request.read_as.items():
        if place.isdecimal() and int(place) < len(arrays):
            array = arrays[int(place)]
            arrays[int(place)] = (
                as_chosen(array, line) if line else replace(array, values=BLANK.values)
            )
    runs = passes(arrays)
    if request.optimizer is not None:
        for run in runs:
            run.rates.append(request.optimizer.learning_rate)
    result = check_inferred(runs, _known(request, words))
    if result.problem is not None:
        check_network(result.problem.network, limits)
        check_trace(result.problem.network, len(result.problem.x), limits, "submitted")
    if result.problem is None and any(each["message"] == SHORTENED for each in unread):
        result = replace(result, summary=SHORTENED)
    return _content(result, arrays, unread)


def _submitted(given: Any) -> tuple[list[Pasted], list[Unread], Mapping[str, list[str]]]:
    """Return the arrays, the places that are none, and the words by name."""
    if isinstance(given, str):
        transcript = read_transcript(given)
        unread = [
            {"name": None, "at_line": each.line, "index": None, "message": each.message}
            for each in transcript.unread
        ]
        return from_text(transcript.arrays), unread, transcript.words
    arrays: list[Pasted] = []
    unread = []
    for name, value in _flat(given):
        try:
            arrays.append(pasted(name, read_submitted(value)))
        except ValueError as error:
            unread.append({"name": name, "at_line": None, "index": None, "message": str(error)})
    return arrays, unread, {}


def _flat(given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the arrays of dictionaries in each other, and of lists of arrays of several shapes."""
    for name, value in given.items():
        if isinstance(value, dict) and "bdata" not in value:
            yield from _flat({str(key)[:64]: each for key, each in value.items()})
        elif isinstance(value, list) and len({str(_shape(each)) for each in value}) > 1:
            yield from ((f"{name}[{k}]", each) for k, each in enumerate(value))
        else:
            yield name, value


def _shape(value: Any) -> tuple[int, ...]:
    return (len(value), *_shape(value[0])) if isinstance(value, list) and value else ()


def _givens(request: InferredCheckRequest) -> list[Pasted]:
    """Return the givens that the request has apart from the pasted arrays."""
    arrays = [(X, request.x), (TARGET, request.target)]
    for k, layer in enumerate(request.layers or (), start=1):
        arrays += [(weights(k), layer.W), (biases(k), layer.b)]
    return [pasted(name, from_array(value)) for name, value in arrays if value is not None]


def _known(request: InferredCheckRequest, words: Mapping[str, list[str]]) -> Known:
    """Return what the request, or words in the text, say of the settings. Raises UnknownName."""
    activations = [layer.activation for layer in request.layers or ()]
    said = [
        activation_name(word)
        for name, found in words.items()
        if name.lower().startswith("activation") and "der" not in name
        for word in found
    ]
    if not any(activations):
        activations = list(request.activations or ())
    if not any(activations) and all(word in ACTIVATIONS for word in said):
        activations = [str(word) for word in said]
    costs = [usual_name(word, COSTS) for name in ("cost", "loss") for word in words.get(name, ())]
    cost = request.cost or next((name for name in costs if name in COSTS), None)
    for name, table, field in (
        (cost, COSTS, "cost"),
        (request.reduction, REDUCTIONS, "reduction"),
        (request.convention, CONVENTIONS, "convention"),
    ):
        if name is not None:
            table.find(name, field)
    for k, activation in enumerate(activations):
        if activation is not None:
            ACTIVATIONS.find(activation, f"activations.{k}")
    given = request.penalty
    penalty = {"l1": given.l1, "l2": given.l2 * (2.0 if given.square == "whole" else 1.0)}
    options = {
        "biases": given.on == "weights_and_biases",
        "per_sample": given.divided_by == "samples",
    }
    return Known(
        activations,
        cost,
        request.reduction,
        request.convention,
        request.step,
        penalty if any(penalty.values()) else {},
        **options,
    )


def _content(check: Inferred, arrays: list[Pasted], unread: list[Unread]) -> dict[str, Any]:
    places = {id(array): index for index, array in enumerate(arrays)}
    marks = (
        {"first_wrong": None, "diagnoses": [], "lines": {}, "notes": []}
        if check.result is None
        else check.result.as_dict()
    )
    read = {id(each.array): each for each in check.read}
    verdicts = {line: mark["verdict"] for line, mark in marks["lines"].items()}

    def place(array: Pasted) -> dict[str, Any]:
        return {
            "index": places.get(id(array), 0),
            "name": None if array.name is None or array.listed else array.name[:64],
            "at_line": array.line or None,
        }

    return {
        **marks,
        "verdict": check.verdict,
        "summary": check.summary,
        "notes": [*marks["notes"], *(note.as_dict() for note in check.notes)],
        "settings": None
        if check.settings is None
        else asdict(check.settings) | {"penalty": {"l1": 0.0, "l2": 0.0, **check.settings.penalty}},
        "read_as": [
            {
                **place(array),
                "as": each.line if (each := read.get(id(array))) else role,
                "how": each.how if each else "given",
                "agrees": not (each and each.line) or verdicts.get(each.line) == "correct",
                "shape": list(array.values.shape),
            }
            for array in check.arrays
            if (role := check.given and check.given.role(array)) or id(array) in read
        ],
        "not_read": [
            *({**place(array), "message": texts.NO_LINE_KNOWN} for array in check.not_read),
            *unread,
        ],
        "givens": check.givens(),
        "submitted": {
            line: _readable(printed) for line, printed in sorted(check.submitted.items())
        },
    }


def _readable(printed: PrintedArray) -> Any:
    return readable(printed) if np.ndim(printed.values) else float(printed.values)


def paste_answer(text: str, layers: int | None) -> dict[str, Any]:
    """All arrays with names and shapes, and the places of other text.

    ``layers`` is how many the network has, if that is known. Each line has its first array:
    students print autograd's gradients below their own, with the same names. The others stay in
    the answer without a line, with a question. Repeated equal numbers keep their line.
    """
    pasted = read_transcript(text)
    names = [piece.name for piece in pasted.arrays if piece.name]
    lines = lines_of_names(names, line_ids(layers or 24), layers or 0)
    arrays = [_array(piece, lines.get(piece.name or "")) for piece in pasted.arrays]
    unread = [asdict(each) for each in pasted.unread]
    first: dict[str, dict[str, Any]] = {}
    kept: list[dict[str, Any]] = []
    repeated = 0
    for array in arrays:
        line = array["as"]
        if line is not None and first.setdefault(line, array)["value"] != array["value"]:
            repeated += 1
            if repeated > MAX_UNREAD + 1:
                continue
            array["as"] = None
            question = texts.already_read(line, first[line]["at_line"])
            message = question if repeated <= MAX_UNREAD else texts.FURTHER_ARRAYS
            unread.append({"line": array["at_line"], "column": 1, "message": message})
        if repeated <= MAX_UNREAD or array["as"]:
            kept.append(array)
    words = {name[:64]: [word[:64] for word in values] for name, values in pasted.words.items()}
    unread.sort(key=lambda each: each["line"])
    return {"arrays": kept, "words": words, "unread": unread}


def _array(piece: PastedArray, line: str | None) -> dict[str, Any]:
    printed = reading_of_size(piece.printed, 1) if line == "C" else piece.printed
    answer = {
        "name": piece.name and piece.name[:64],
        # An array of errors is no cost.
        "as": None if line == "C" and printed.values.size > 1 else line,
        "guessed": False,
        "shape": list(printed.values.shape),
        "value": readable(printed),
        "at_line": piece.line,
    }
    # The commas may separate numbers or decimals. The client knows the line's size: send both.
    if isinstance(printed, AmbiguousArray):
        answer["decimal"] = readable(printed.decimal)
    return answer


def readable(printed: PrintedArray) -> Any:
    """Nested lists, or their text if a number is not finite."""
    listed = printed.values.tolist()
    return listed if np.isfinite(printed.values).all() else str(listed)
