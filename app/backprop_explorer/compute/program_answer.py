"""The answer for a program: its source, its lines forward and backward, and their proof."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from backprop_explorer.compute.encoding import is_finite, picked
from backprop_explorer.compute.formulas import formula
from backprop_explorer.compute.task_options import Extent, ProgramOptions
from backprop_explorer.compute.trace_answer import verification
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.proof import MAX_ENTRIES, check_program
from backprop_explorer.record import ProgramRecording
from backprop_explorer.record.closed_forms import closed_forms
from backprop_explorer.record.entries import Entries
from backprop_explorer.record.folding import fold
from backprop_explorer.record.lines import described, written
from backprop_explorer.record.received import index_arrays, size_of
from backprop_explorer.texts import compute as texts

# Of a value that is left out, so many entries are sent: those of the largest size.
LARGEST = 8
# Operations on numbers that a proof may take, by an upper bound; larger graphs are not proved.
MAX_PROOF_WORK = 2_000_000_000


def program_answer(
    recording: ProgramRecording,
    source: Mapping[str, Any],
    options: ProgramOptions,
    show: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The answer for ``recording``, ready to be encoded; ``source`` is the program's text.

    ``show`` says how some variables are to be drawn, by id.
    Raises InvalidInput (field "lines") if ``options.extent`` has an unknown id.
    """
    extent, formulas = options.extent, options.formulas
    wanted = extent.lines
    if wanted is not None:
        unknown = sorted(wanted.difference(recording.values))
        if unknown:
            raise InvalidInput("lines", texts.unknown_line(unknown[0][:40]))
    values, entries = recording.values, Entries(recording)
    read = {name for node in recording.graph.of_role("forward", "cost") for name in node.inputs}
    read &= {*recording.arguments, *recording.graph.parameters}
    givens = [
        {
            **described(recording, each.name),
            "parameter": each.parameter,
            "argument": each.name in read,
        }
        for each in recording.graph.givens
        if wanted is None or each.name in wanted
    ]
    also = closed_forms(recording)
    lines = [
        written(entries, node)
        for node in recording.graph.nodes
        if wanted is None or node.id in wanted
    ]
    folding = fold(recording)
    groups = [
        {
            **picked(
                group,
                "id",
                "label",
                "kind",
                "axis",
                "count",
                "within",
                "folded",
                "members",
                "inputs",
                "output",
            ),
            **({"formula": group.formula} if group.formula else {}),
        }
        for group in folding.groups
    ]
    forms: list[dict[str, Any]] = []
    for each in lines:
        each["group"] = folding.of.get(each["of"] or each["id"])
        if each["id"] in also:
            each["also"] = also[each["id"]]
            forms += each["also"]
    for each in (*givens, *lines, *groups, *forms):
        for name in ("symbol", "formula"):
            text = each.pop(name, None)
            if text is not None and formulas != "none":
                each[name] = formula(text, formulas)
    for each in (*givens, *lines):
        each |= _value(values[each["id"]], extent)
        if show and each["id"] in show:
            each["show"] = show[each["id"]]
        if each.get("left_out"):
            each.pop("mask", None)
    return {
        "source": source,
        "cost": float(values[recording.cost]),
        "cost_line": recording.cost,
        "wrt": recording.wrt,
        "notes": recording.notes,
        "groups": groups,
        "givens": givens,
        "lines": lines,
        "verification": _verification(recording) if options.verify else None,
    }


def _value(value: Any, extent: Extent) -> dict[str, Any]:
    """Shape and value, or only the largest entries of a large array."""
    array = np.asarray(value)
    shown = array.astype(np.uint8) if array.dtype == bool else array
    answer: dict[str, Any] = {"shape": array.shape, "value": shown if array.ndim else shown.item()}
    if extent.value(array) is None:
        flat = np.nan_to_num(np.abs(array.astype(np.float64)), nan=np.inf).ravel()
        places = np.argsort(-flat, kind="stable")[:LARGEST]
        answer |= {
            "value": None,
            "left_out": True,
            "largest": [
                {
                    "index": [int(k) for k in np.unravel_index(place, array.shape)],
                    "value": float(array.ravel()[place]),
                }
                for place in places
            ],
        }
    if not is_finite(array):
        answer["finite"] = False
    return answer


def _verification(recording: ProgramRecording) -> dict[str, Any] | None:
    if _proof_work(recording) > MAX_PROOF_WORK:
        return None
    checks = check_program(recording.graph, recording.values, recording.cost, recording.wrt)
    return verification(checks)


def _proof_work(recording: ProgramRecording) -> int:
    """Every move of a number computes the graph again, twice or four times."""
    work = sum(
        size_of(
            node,
            [recording.shapes[name] for name in node.inputs],
            index_arrays(node, recording.values),
        )[1]
        for node in recording.graph.of_role("forward", "cost")
    )
    moves = sum(min(MAX_ENTRIES, np.size(recording.values[name])) for name in recording.wrt)
    return work * 4 * (moves + len(recording.graph.of_role("backward")))


def source_lines(recording: ProgramRecording) -> dict[str, Any]:
    """The text of the functions that ran, with file and number of each line."""
    function = next((each.function for each in recording.sources.values()), "")
    lines = [
        {"file": recording.file_names[file], "number": number, "text": line}
        for file, text in recording.source_text.items()
        for number, line in enumerate(text, 1)
        if line is not None
    ]
    return {"name": function, "title": function, "lines": lines}
