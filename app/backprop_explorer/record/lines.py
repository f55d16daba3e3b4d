"""The lines of a recorded program in words: names, formulas, axes, and places in the source."""

from __future__ import annotations

from typing import Any

from backprop_explorer.engine import names
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.graph import Node
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.notation import Notation
from backprop_explorer.record.entries import Entries
from backprop_explorer.record.recording import ProgramRecording
from backprop_explorer.texts import record as texts

# The formulas of a program's operations do not depend on it.
_NOTATION = Notation.of("row", single=False, reduction="mean")


def described(recording: ProgramRecording, name: Name) -> dict[str, Any]:
    """Return what a value is called, the names of its axes, and where it stands.

    ``file``, ``line`` and ``span`` (line, end line, first column, column after the last) are None
    for what has no place, such as an argument. ``run`` has the loop variables around the place.
    """
    origin = recording.source_of(name)
    place = origin is not None and origin.line > 0
    return {
        "id": name,
        "symbol": name.latex,
        "label": name.plain,
        "spoken": name.spoken,
        "about": _about(recording, name),
        "axes": recording.axes[name],
        "file": recording.file_names[origin.file] if origin is not None and place else None,
        "line": origin.line if origin is not None and place else None,
        "span": origin.span if origin is not None and place else None,
        "run": {} if origin is None else {run.name: run.value for run in origin.runs},
    }


def _about(recording: ProgramRecording, name: Name) -> str:
    if name.quantity == "share":
        reader, of = name.of
        return texts.about_share(of.plain, reader.plain)
    if name.of:
        return texts.about_gradient(name.of[-1].plain)
    origin = recording.source_of(name)
    if origin is None:
        return texts.ABOUT_GIVEN
    return texts.about_value(origin.text, origin.line)


def formula(node: Node) -> str:
    """Return a line's formula in LaTeX."""
    right = node.operation.formula(node.inputs, _NOTATION, **node.keywords)
    return f"{node.id.latex} = {right}"


def signature_and_entry(recording: ProgramRecording, node: Node) -> tuple[str, str]:
    """Return the axes of inputs and value, and how one entry is computed (see ``engine.ops``)."""
    operation = node.operation
    shapes = [recording.shapes[each] for each in node.inputs]
    if operation.written is not None:
        # An attribute "shape" is that of the value, which is passed already.
        keywords = {name: each for name, each in node.attributes if name != "shape"}
        return operation.written(shapes, recording.shapes[node.id], **keywords)
    if not node.inputs:
        return f"->{node.axes}", operation.entry
    # The rules that add gradients read arrays like the value.
    parts = [node.axes if shape == recording.shapes[node.id] else "" for shape in shapes]
    entry = operation.entry
    if entry.endswith("…"):
        entry = " + ".join(f"{{{k}}}" for k in range(len(parts)))
    return f"{','.join(parts)}->{node.axes}", entry


def _axes_of(recording: ProgramRecording, node: Node, signature: str) -> dict[str, str]:
    """The name of the axis that each letter of a signature stands for."""
    inputs, output = signature.split("->")
    parts = zip((node.id, *node.inputs), (output, *inputs.split(",")), strict=False)
    found: dict[str, str] = {}
    for name, part in parts:
        for letter, axis in zip(part, recording.axes[name], strict=False):
            if letter != "1":
                found.setdefault(letter, axis)
    return found


def check_lines(recording: ProgramRecording) -> None:
    """Raise InvalidInput with the first node of a received graph that cannot be described.

    NumPy computes with some attributes that the recorder never writes, such as an axis that is a
    number where operations have a tuple.
    """
    entries = Entries(recording)
    for node in recording.graph.nodes:
        try:
            written(entries, node)
        except Exception as error:  # noqa: BLE001 - attributes may be wrong in any way
            message = texts.not_computed(str(error)[:200])
            raise InvalidInput(f"nodes.{node.id.variable}", message) from None


def written(entries: Entries, node: Node) -> dict[str, Any]:
    """Return the description of a line, without its value.

    ``of`` is the value whose gradient it is. ``part`` says of a share of a gradient which one it is
    a share of, through which reader, and where that reads; ``sum_of`` has the shares of a sum.
    ``entries`` adds its fields.
    """
    recording, name = entries.recording, node.id
    signature, entry = signature_and_entry(recording, node)
    found = {
        **described(recording, name),
        "phase": node.role,
        "op": node.op,
        "of": name.of[-1] if name.of else None,
        "inputs": list(node.inputs),
        "formula": formula(node),
        "text": node.operation.text,
        "signature": signature,
        "axes_of": _axes_of(recording, node, signature),
        "entry": entry,
        **entries.of(node, signature),
    }
    if name.quantity == "share":
        reader, of = name.of
        origin = recording.source_of(reader)
        found["part"] = {
            "of": names.gradient(of),
            "through": reader,
            "read": None if origin is None else {"line": origin.line, "span": origin.span},
        }
    if node.op == "add_shares":
        found["sum_of"] = list(node.inputs)
    return found
