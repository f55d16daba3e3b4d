"""The subprocess of ``backprop-explorer check``: runs a student's file and sends what was found.

It sends three lines to ``supervised``: READY before the student's code runs, DONE after the check,
and the answer behind the secret that it gets for DONE.
"""

from __future__ import annotations

import contextlib
import json
import linecache
import math
import os
import sys
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.names import biases, weights
from backprop_explorer.notebook.code import CodeCheck, check_code
from backprop_explorer.notebook.supervised import DONE, READY
from backprop_explorer.texts import notebook as texts
from backprop_explorer.tutor.program.time_limit import LimitReached, TimeLimit

# The program is interrupted, and its line named, before the parent ends the process.
REPORT_SECONDS = 2.0
MAX_FILE_BYTES = 64 * 2**20
# Libraries such as torch map gigabytes, of which they use little.
MAPPED_BYTES = 8 * 2**30
_TRUSTED = ("backprop_explorer", "builtins", "json", "numpy")


def main() -> None:
    """Check what the first line of stdin names, and send the answer to stdout."""
    job = json.loads(sys.stdin.buffer.readline())
    # What the program prints and reads goes elsewhere.
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with Path(os.devnull).open("r+b") as nothing:
        for number in range(3):
            os.dup2(nothing.fileno(), number)
    _limit_resources(job["time_limit"], job["memory_limit"])
    functions, dumps = _functions, json.dumps
    before = functions()
    answers.write(READY + b"\n")
    answers.flush()
    try:
        answer = _check(job)
    except InvalidInput as error:
        answer = {"field": error.field, "message": error.message}
    except OSError as error:
        answer = {"field": str(error.filename), "message": str(error.strerror)}
    except BaseException as error:  # noqa: BLE001 - a student's file may raise anything
        answer = {"field": job["function"], "message": f"{type(error).__name__}: {error}"}
    functions_now = functions()
    changed = [name for name, known in before.items() if functions_now.get(name) != known]
    if changed:
        answer = {"field": min(changed), "message": texts.CHANGED}
    answers.write(DONE + b"\n")
    answers.flush()
    answers.write(asked.readline().rstrip() + dumps(answer).encode() + b"\n")
    answers.flush()
    # What the program has registered for its end must not run: the parent ends the process.
    os._exit(0)


def _check(job: Mapping[str, Any]) -> dict[str, Any]:
    limit = job["time_limit"]
    end = time.monotonic() + limit - min(REPORT_SECONDS, limit / 2)
    names = load_file(Path(job["file"]), end - time.monotonic())
    found = check_file(names, job["function"], job["given"], end - time.monotonic())
    return {"result": found.as_dict(), "text": repr(found)}


def _limit_resources(seconds: float, memory: int) -> None:
    """Limit this process and each that it starts, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    limits = {
        "RLIMIT_AS": memory + MAPPED_BYTES,
        "RLIMIT_CORE": 0,
        "RLIMIT_CPU": math.ceil(seconds * (os.cpu_count() or 1)) + 1,
        "RLIMIT_DATA": memory,
        "RLIMIT_FSIZE": MAX_FILE_BYTES,
    }
    for name, limit in limits.items():
        with contextlib.suppress(AttributeError, OSError, ValueError):
            kind = getattr(resource, name)
            most = resource.getrlimit(kind)[1]
            new = limit if most == resource.RLIM_INFINITY else min(limit, most)
            resource.setrlimit(kind, (new, new))


def _functions() -> dict[str, tuple[Any, ...]]:
    """The functions that the answer depends on, by module and name: a program may replace them."""
    found = {}
    for module in [name for name in sys.modules if name.partition(".")[0] in _TRUSTED]:
        for name, value in list(vars(sys.modules[module]).items()):
            # Inherited ones too: a class may get a method in place of its base's.
            bases = reversed(type.mro(value)) if isinstance(value, type) else ()
            of_class = {k: v for base in bases for k, v in vars(base).items()}
            for path, each in [(name, value), *((f"{name}.{k}", v) for k, v in of_class.items())]:
                if callable(each) or isinstance(each, property):
                    code = getattr(each, "__code__", None)
                    found[f"{module}.{path}"] = (id(each), id(code))
    return found


def load_file(path: Path, seconds: float) -> dict[str, Any]:
    """Execute a student's file as a module, for at most ``seconds``; return its names.

    Raises InvalidInput if it cannot be executed, OSError if it cannot be read.
    """
    source = path.read_text(encoding="utf-8")
    name = str(path.resolve())
    linecache.checkcache(name)
    names: dict[str, Any] = {"__name__": path.stem, "__file__": name}
    before = list(sys.path)
    sys.path.insert(0, str(path.resolve().parent))
    try:
        with TimeLimit(seconds):
            exec(compile(source, name, "exec"), names)  # noqa: S102 - the file to be checked
    except BaseException as error:  # noqa: BLE001 - a student's file may raise anything
        lines = traceback.extract_tb(error.__traceback__)
        line = next((each.lineno for each in reversed(lines) if each.filename == name), None)
        where = texts.at_line(line or getattr(error, "lineno", None))
        if isinstance(error, LimitReached):
            raise InvalidInput(path.name, texts.file_stopped(where)) from None
        raise InvalidInput(path.name, f"{type(error).__name__}{where}: {error}") from None
    finally:
        sys.path[:] = before
    return names


def check_file(
    names: Mapping[str, Any], function: str, given: Mapping[str, Any], seconds: float
) -> CodeCheck:
    """Check one function of a file, which may run for ``seconds``. Raises InvalidInput."""
    if not callable(names.get(function)):
        known = ", ".join(name for name, each in names.items() if hasattr(each, "__code__"))
        raise InvalidInput("function", texts.no_function(function, known or texts.NONE))
    options = {key: value for key, value in given.items() if key != "arguments"}
    # What a grader's report may say is not what the student is asked for.
    options.setdefault("answers", False)
    if "layers" not in given:
        options |= _program_options(given, names)
        arguments = _plain_arguments(given.get("arguments", []), names)
        return check_code(names[function], *arguments, time_limit=seconds, **options)
    layers, activations = _read_layers(given)
    options["layers"] = layers
    options |= {name: _as_array(given[name], name) for name in ("x", "target")}
    if "activations" not in options and activations:
        options["activations"] = activations
    arguments = _arguments(given.get("arguments", []), names, options)
    return check_code(names[function], *arguments, time_limit=seconds, **options)


def _program_options(given: Mapping[str, Any], names: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a pair: ``forward`` is a name of the file."""
    options: dict[str, Any] = {}
    if "forward" in given:
        if not callable(names.get(given["forward"])):
            raise InvalidInput("forward", texts.not_defined(given["forward"]))
        options["forward"] = names[given["forward"]]
    if "args_of_forward" in given:
        options["args_of_forward"] = _plain_arguments(given["args_of_forward"], names)
    if "upstream" in given:
        options["upstream"] = _upstream(given["upstream"])
    return options


def _upstream(value: Any) -> Any:
    """Return an array, or a list of arrays: one for each output, of different shapes."""
    try:
        return np.array(value, dtype=float)
    except ValueError:
        pass
    try:
        return [np.array(each, dtype=float) for each in value]
    except (TypeError, ValueError):
        raise InvalidInput("upstream", texts.array_of_numbers(type(value).__name__)) from None


def _plain_arguments(wanted: Any, names: Mapping[str, Any]) -> list[Any]:
    """Return arguments: nested lists of numbers are arrays, names are those of the file."""

    def read(value: Any) -> Any:
        if isinstance(value, str) and value in names:
            return names[value]
        if isinstance(value, list):
            try:
                return np.array(value, dtype=None if _are_whole(value) else float)
            except (TypeError, ValueError):
                return [read(each) for each in value]
        if isinstance(value, dict):
            return {key: read(each) for key, each in value.items()}
        return value

    if not isinstance(wanted, list):
        raise InvalidInput("arguments", texts.ARGUMENT_LIST)
    return [read(each) for each in wanted]


def _are_whole(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_are_whole, value))
    return isinstance(value, int) and not isinstance(value, bool)


def _read_layers(given: Mapping[str, Any]) -> tuple[list[Any], list[str]]:
    """Return (W, b) of each layer as arrays, and the activations that stand beside them."""
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
    try:
        array = np.array(value)
        return array if name == "target" and array.ndim == 1 else array.astype(float)
    except (TypeError, ValueError):
        raise InvalidInput(name, texts.array_of_numbers(type(value).__name__)) from None


def _arguments(wanted: Any, names: Mapping[str, Any], options: Mapping[str, Any]) -> list[Any]:
    """Return the arguments: names stand for givens or for names of the file, lists for lists."""
    known = {name: options.get(name) for name in ("x", "target", "layers", "activations")}
    for k, (W, b) in enumerate(options["layers"], start=1):
        known |= {weights(k): W, biases(k): b}

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
