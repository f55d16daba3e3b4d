"""``backprop-explorer check FILE.py::FUNCTION --given FILE.json`` for terminals and graders."""

from __future__ import annotations

import argparse
import contextlib
import csv
import json
import math
import re
import signal
import sys
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, TextIO

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.notebook.supervised import check_apart
from backprop_explorer.texts import notebook as texts
from backprop_explorer.tutor.program.result import CodeResult

# The exit status of each verdict; of any other, and of none, it is UNCLEAR.
EXIT_STATUS = {"correct": 0, "wrong": 1}
UNCLEAR = 2
TIME_LIMIT, MEMORY_LIMIT = 30.0, 2.0
# A program that is checked may send these to its parent.
_SIGNALS = ("SIGALRM", "SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2")
_NOT_XML = re.compile(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FIELDS = frozenset(
    {"layers", "x", "target", "activations", "cost", "reduction", "convention", "arguments"}
    | {"forward", "args_of_forward", "upstream", "answers"}
    | {"l1", "l2", "penalty_on_biases", "learning_rate"}
)


def main(arguments: Sequence[str]) -> int:
    """Check a function; return 0 if it is correct, 1 if wrong, 2 if that is not known.

    Without a verdict the status is 2 too, and the report says why.
    """
    options = _parse(arguments)
    if options.marks is not None:
        return _mark_folder(options)
    problem = None
    try:
        with _ended_by_signals():
            # It stays if this process is killed.
            _write(options, *_no_verdict(texts.UNFINISHED))
            document, text = _check(options)
    except InvalidInput as error:
        problem = f"{error.field}: {error.message}"
    except OSError as error:
        problem = f"{error.filename}: {error.strerror}"
    except KeyboardInterrupt:
        problem = texts.INTERRUPTED
    if problem is not None:
        document, text = _no_verdict(problem)
        _say(sys.stderr, f"backprop-explorer check: {problem}")
    try:
        _write(options, document, text)
    except OSError as error:
        _say(sys.stderr, f"backprop-explorer check: {error.filename}: {error.strerror}")
        return UNCLEAR
    if options.json:
        _say(sys.stdout, json.dumps(document, indent=1))
    elif problem is None:
        _say(sys.stdout, text)
    return EXIT_STATUS.get(document["verdict"], UNCLEAR)


def _check(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Return the result as a dict and as text. Raises InvalidInput or OSError."""
    file, _, name = options.function.partition("::")
    answer = check_apart(
        {
            "file": file,
            "function": name,
            "given": read_given(Path(options.given)),
            "time_limit": options.time_limit,
            "memory_limit": int(options.memory_limit * 2**30),
        }
    )
    return answer["result"], answer["text"]


def _mark_folder(options: argparse.Namespace) -> int:
    """Check the function of each file in a folder; write a row for each; 0 if all have a verdict.

    A file is a student, its name the student's number.
    """
    folder, _, name = options.function.partition("::")
    files = sorted(Path(folder).glob("*.py"))
    if not files:
        _say(sys.stderr, f"backprop-explorer check: {texts.no_programs(folder)}")
        return UNCLEAR
    status = 0
    with Path(options.marks).open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(("student", "points", "verdict", "line", "mistake", "summary"))
        for file in files:
            options.function = f"{file}::{name}"
            try:
                document, _ = _check(options)
            except (InvalidInput, OSError) as error:
                document, _ = _no_verdict(str(error))
            verdict = document["verdict"] or texts.NO_VERDICT
            mistakes = [each["misconception"] for each in document["diagnoses"]]
            points = int(verdict == "correct")
            summary = " ".join(document["summary"].split())
            line, mistake = document["first_wrong"] or "", mistakes[0] if mistakes else ""
            rows.writerow((file.stem, points, verdict, line, mistake, summary))
            stream.flush()
            _say(sys.stdout, f"{file.stem}: {verdict}")
            status = max(status, 0 if document["verdict"] in ("correct", "wrong") else UNCLEAR)
    return status


def _no_verdict(problem: str) -> tuple[dict[str, Any], str]:
    return CodeResult("unclear", None, None, problem).as_dict() | {"verdict": None}, problem


def _write(options: argparse.Namespace, document: Mapping[str, Any], text: str) -> None:
    if options.junit is not None:
        report = junit_xml(options.function, document, text)
        Path(options.junit).write_text(report, encoding="utf-8")


def _say(stream: TextIO, text: str) -> None:
    """Print text, of which the terminal may not have all characters."""
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "replace").decode(encoding) + "\n")


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Raise KeyboardInterrupt, once, at a signal that would end this process without a report."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(*_: object) -> NoReturn:
        for each in before:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    kinds = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
    before = {each: signal.getsignal(each) for each in kinds}
    try:
        for each in kinds:
            signal.signal(each, end)
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler or signal.SIG_DFL)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="backprop-explorer check",
        description="Run a function and say what each of its source lines computes.",
        epilog="Exit status: 0 correct, 1 wrong, 2 incomplete, unclear or no verdict.",
    )
    parser.add_argument("function", metavar="FILE.py::FUNCTION")
    parser.add_argument(
        "--given", required=True, metavar="FILE.json", help="arguments, or layers, x and target"
    )
    parser.add_argument(
        "--time-limit",
        type=_positive,
        default=TIME_LIMIT,
        metavar="SECONDS",
        help=f"after which the program is ended (default {TIME_LIMIT:g})",
    )
    parser.add_argument(
        "--memory-limit",
        type=_positive,
        default=MEMORY_LIMIT,
        metavar="GIB",
        help=f"of the program (default {MEMORY_LIMIT:g}; not on Windows)",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--junit", metavar="FILE.xml", help="write the result as JUnit XML")
    parser.add_argument(
        "--marks", metavar="FILE.csv", help="write a row for each program of FOLDER::FUNCTION"
    )
    return parser.parse_args(arguments)


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < math.inf:
        raise ValueError
    return value


def read_given(path: Path) -> dict[str, Any]:
    """Read the givens: the fields of ``POST /api/v1/trace``, and ``arguments``.

    Raises InvalidInput naming the field, OSError if the file cannot be read.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InvalidInput("given", texts.not_json(path, error)) from None
    if not isinstance(content, dict):
        raise InvalidInput("given", texts.GIVENS_OBJECT)
    unknown = set(content) - _FIELDS
    if unknown:
        raise InvalidInput(min(unknown), texts.unknown_field(", ".join(sorted(_FIELDS))))
    missing = {"layers", "x", "target"} - set(content)
    if len(missing) < len({"layers", "x", "target"}) and missing:
        raise InvalidInput(min(missing), texts.MISSING)
    return content


def junit_xml(function: str, document: Mapping[str, Any], text: str) -> str:
    """Return the result, a dict of a CodeResult, as JUnit XML with one test case."""
    status = EXIT_STATUS.get(document["verdict"], UNCLEAR)
    wrong = int(status == EXIT_STATUS["wrong"])
    suite = ET.Element(
        "testsuite",
        name="backprop-explorer check",
        tests="1",
        failures=str(wrong),
        errors=str(int(status == UNCLEAR)),
    )
    file, _, name = function.partition("::")
    case = ET.SubElement(suite, "testcase", classname=file, name=name)
    if document["first_wrong"] is not None:
        case.set("line", str(document["first_wrong"]))
    shown = {
        "not_checked": document["not_checked"],
        "assumed": document["assumed"],
        "latent": [each["misconception"] for each in document["latent"]],
        "writes": [each["argument"] for each in document["writes"]],
    }
    if any(shown.values()):
        properties = ET.SubElement(case, "properties")
        for name, values in shown.items():
            if values:
                value = _NOT_XML.sub("�", " ".join(values))
                ET.SubElement(properties, "property", name=name, value=value)
    if status:
        diagnoses = document["diagnoses"]
        kind = (
            diagnoses[0]["misconception"] if diagnoses else document["verdict"] or texts.NO_VERDICT
        )
        tag = "failure" if wrong else "error"
        part = ET.SubElement(case, tag, type=kind, message=_NOT_XML.sub("�", document["summary"]))
        part.text = _NOT_XML.sub("�", text)
    return ET.tostring(suite, encoding="unicode", xml_declaration=True)
