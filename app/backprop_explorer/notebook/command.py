"""``backprop-explorer check FILE.py::FUNCTION --given FILE.json`` for terminals and graders."""

from __future__ import annotations

import argparse
import json
import linecache
import sys
import traceback
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.notebook.code import CodeCheck, check_code
from backprop_explorer.texts import notebook as texts

CORRECT, WRONG, UNCLEAR = 0, 1, 2
_FIELDS = frozenset(
    {"layers", "x", "target", "activations", "cost", "reduction", "convention", "arguments"}
    | {"l1", "l2", "penalty_on_biases", "learning_rate"}
)


def main(arguments: Sequence[str]) -> int:
    """Check a function; return 0 if it is correct, 1 if it is wrong, 2 if that is unclear."""
    options = _parse(arguments)
    try:
        file, _, name = options.function.partition("::")
        given = read_given(Path(options.given))
        names = load_file(Path(file))
        found = check_file(names, name, given)
    except InvalidInput as error:
        sys.stderr.write(f"backprop-explorer check: {error.field}: {error.message}\n")
        return UNCLEAR
    except OSError as error:
        sys.stderr.write(f"backprop-explorer check: {error.filename}: {error.strerror}\n")
        return UNCLEAR
    if options.junit is not None:
        Path(options.junit).write_text(junit_xml(options.function, found), encoding="utf-8")
    if options.json:
        sys.stdout.write(json.dumps(found.as_dict(), ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stdout.write(f"{found!r}\n")
    return {"correct": CORRECT, "wrong": WRONG}.get(found.verdict, UNCLEAR)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="backprop-explorer check",
        description="Run a function and say what each of its source lines computes.",
        epilog="Exit status: 0 correct, 1 wrong, 2 unclear or not possible.",
    )
    parser.add_argument("function", metavar="FILE.py::FUNCTION")
    parser.add_argument(
        "--given", required=True, metavar="FILE.json", help="layers, x, target and options"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--junit", metavar="FILE.xml", help="write the result as JUnit XML")
    return parser.parse_args(arguments)


def read_given(path: Path) -> dict[str, Any]:
    """Read the givens: the fields of ``POST /api/v1/trace``, and ``arguments``.

    Raises InvalidInput naming the field, OSError if the file cannot be read.
    """
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InvalidInput("given", texts.not_json(path, error)) from None
    if not isinstance(given, dict):
        raise InvalidInput("given", texts.GIVENS_OBJECT)
    unknown = set(given) - _FIELDS
    if unknown:
        raise InvalidInput(min(unknown), texts.unknown_field(", ".join(sorted(_FIELDS))))
    missing = {"layers", "x", "target"} - set(given)
    if missing:
        raise InvalidInput(min(missing), texts.MISSING)
    return given


def load_file(path: Path) -> dict[str, Any]:
    """Execute a student's file as a module, not as a program; return its names.

    Raises InvalidInput if it cannot be executed, OSError if it cannot be read.
    """
    source = path.read_text(encoding="utf-8")
    name = str(path.resolve())
    linecache.checkcache(name)
    names: dict[str, Any] = {"__name__": path.stem, "__file__": name}
    before = list(sys.path)
    sys.path.insert(0, str(path.resolve().parent))
    try:
        exec(compile(source, name, "exec"), names)  # noqa: S102 - the file to be checked
    except Exception as error:  # noqa: BLE001 - a student's file may raise anything
        lines = traceback.extract_tb(error.__traceback__)
        line = next((each.lineno for each in reversed(lines) if each.filename == name), None)
        where = texts.at_line(line or getattr(error, "lineno", None))
        raise InvalidInput(path.name, f"{type(error).__name__}{where}: {error}") from None
    finally:
        sys.path[:] = before
    return names


def check_file(names: Mapping[str, Any], function: str, given: Mapping[str, Any]) -> CodeCheck:
    """Check one function of a file. Raises InvalidInput."""
    if not callable(names.get(function)):
        known = ", ".join(name for name, each in names.items() if hasattr(each, "__code__"))
        raise InvalidInput("function", texts.no_function(function, known or texts.NONE))
    options = {key: value for key, value in given.items() if key != "arguments"}
    layers, activations = _read_layers(given)
    options["layers"] = layers
    options |= {name: _as_array(given[name], name) for name in ("x", "target")}
    if "activations" not in options and activations:
        options["activations"] = activations
    arguments = _arguments(given.get("arguments", []), names, options)
    return check_code(names[function], *arguments, **options)


def _read_layers(given: Mapping[str, Any]) -> tuple[list[Any], list[str]]:
    """Return (W, b) of each layer as arrays, and the activations that stand beside them."""
    import numpy as np

    layers, activations = [], []
    for index, layer in enumerate(given["layers"]):
        if isinstance(layer, dict) and "W" in layer:
            W, b = layer["W"], layer.get("b")
            activations += [layer["activation"]] if "activation" in layer else []
        elif isinstance(layer, list) and len(layer) == 2:
            W, b = layer
        else:
            raise InvalidInput(f"layers.{index}", texts.LAYER_OBJECT)
        try:
            bias = None if b is None else np.array(b, dtype=float)
            layers.append((np.array(W, dtype=float), bias))
        except (TypeError, ValueError):
            raise InvalidInput(f"layers.{index}", texts.W_AND_B_NUMBERS) from None
    return layers, activations


def _as_array(value: Any, name: str) -> Any:
    """Return numbers as a program holds them; class numbers stay whole. Raises InvalidInput."""
    import numpy as np

    try:
        array = np.array(value)
        return array if name == "target" and array.ndim == 1 else array.astype(float)
    except (TypeError, ValueError):
        raise InvalidInput(name, texts.array_of_numbers(type(value).__name__)) from None


def _arguments(wanted: Any, names: Mapping[str, Any], options: Mapping[str, Any]) -> list[Any]:
    """Return the arguments: names stand for givens or for names of the file, lists for lists."""
    known = {name: options.get(name) for name in ("x", "target", "layers", "activations")}
    for k, (W, b) in enumerate(options["layers"], start=1):
        known |= {f"W{k}": W, f"b{k}": b}

    def read(value: Any) -> Any:
        if isinstance(value, list):
            return [read(each) for each in value]
        if not isinstance(value, str):
            return value
        if value in known:
            return known[value]
        if value in names:
            return names[value]
        raise InvalidInput("arguments", texts.unknown_argument(value))

    if not isinstance(wanted, list):
        raise InvalidInput("arguments", texts.ARGUMENT_LIST)
    return [read(each) for each in wanted]


def junit_xml(function: str, found: CodeCheck) -> str:
    """Return the result as JUnit XML with one test case."""
    wrong = int(found.verdict == "wrong")
    unclear = int(found.verdict == "unclear")
    suite = ET.Element(
        "testsuite",
        name="backprop-explorer check",
        tests="1",
        failures=str(wrong),
        errors=str(unclear),
    )
    file, _, name = function.partition("::")
    case = ET.SubElement(suite, "testcase", classname=file, name=name)
    if found.first_wrong is not None:
        case.set("line", str(found.first_wrong))
    if wrong or unclear:
        kind = found.diagnoses[0].misconception if found.diagnoses else found.verdict
        tag = "failure" if wrong else "error"
        part = ET.SubElement(case, tag, type=kind, message=found.summary)
        part.text = repr(found)
    return ET.tostring(suite, encoding="unicode", xml_declaration=True)
