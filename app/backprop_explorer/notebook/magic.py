"""``%%check``: check the function of a notebook cell."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Mapping
from types import FunctionType
from typing import Any

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.notebook.code import CodeCheck, check_code
from backprop_explorer.texts import notebook as texts
from backprop_explorer.tutor.program.time_limit import MAX_SECONDS, LimitReached, TimeLimit

OPTIONS = (
    *("layers", "x", "target", "activations", "cost", "reduction", "convention"),
    *("l1", "l2", "penalty_on_biases", "learning_rate"),
)
PROGRAM_OPTIONS = (
    *("keywords", "forward", "args_of_forward", "upstream", "answers", "time_limit"),
)
# Other names under which a notebook has them.
_SPELLINGS = {
    "x": ("X", "inputs", "input"),
    "target": ("targets", "y", "Y", "t"),
    "activations": ("activation_funcs", "activation_functions", "funcs"),
}

_DEFINITIONS = (ast.Import, ast.ImportFrom, ast.ClassDef)


def register(shell: Any) -> None:
    """Add ``%%check`` to ``shell``, an IPython InteractiveShell."""

    def check(line: str, cell: str) -> CodeCheck | None:
        """%%check [arguments …,] [function=NAME,] [layers=…, x=…, target=…, activations=…, …]

        Runs the cell and checks its last function, or the cell itself if it has none or trains
        in a loop outside its functions, against the gradient of its own forward pass. Arguments
        that are not in the line are the notebook's variables with the names of the parameters.
        layers, x and target in the line are givens of an exercise. Cell and function are stopped
        after 10 seconds each, or after time_limit=SECONDS.
        """
        # The magic is line 1 of the cell in the editor, so a comment takes its place.
        cell = f"# %%check\n{cell}"
        limit = re.search(r"\btime_limit *= *([\d.]+)", line)
        seconds = float(limit[1]) if limit else MAX_SECONDS
        with TimeLimit(seconds):
            outcome = shell.run_cell(cell)
        if outcome.error_before_exec is not None:
            return None
        if isinstance(outcome.error_in_exec, LimitReached):
            sys.stderr.write(f"%%check: {texts.cell_stopped(seconds)}\n")
            return None
        filename = shell.compile.cache(cell, shell.execution_count)
        try:
            return check_cell(line, shell.transform_cell(cell), shell.user_ns, filename)
        except InvalidInput as error:
            sys.stderr.write(f"%%check: {error.field}: {error.message}\n")
            return None

    shell.register_magic_function(check, magic_kind="cell", magic_name="check")


def check_cell(line: str, cell: str, variables: Mapping[str, Any], filename: str) -> CodeCheck:
    """Check the function that ``cell`` defines, or its statements, with the options in ``line``.

    ``variables`` are those of the notebook after the cell ran, ``filename`` is the cell's. Raises
    InvalidInput.
    """
    arguments, options = read_line(line, variables)
    name = options.pop("function", None) or last_function(cell)
    function = variables.get(name) if isinstance(name, str) else name
    if name is not None and function is None:
        raise InvalidInput("function", texts.not_defined(name))
    unknown = set(options) - {*OPTIONS, *PROGRAM_OPTIONS}
    if unknown:
        known = ", ".join((*OPTIONS, *PROGRAM_OPTIONS))
        raise InvalidInput(min(unknown), texts.unknown_option(known))
    if function is not None:
        told = set(OPTIONS) & set(options)
        if not arguments and "keywords" not in options and not told:
            options["keywords"] = by_name(function, variables)
        return check_code(function, *arguments, **options)
    if all(isinstance(node, _DEFINITIONS) for node in ast.parse(cell).body):
        raise InvalidInput("cell", texts.NOTHING_RUNS)
    # The statements as a function whose globals are the variables.
    statements = FunctionType(compile(cell, filename, "exec"), dict(variables))
    return check_code(statements, **options)


def by_name(function: Any, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the notebook's variables with the names of a function's parameters.

    Raises InvalidInput for a parameter without a default that has none.
    """
    values: dict[str, Any] = {}
    for each in inspect.signature(function).parameters.values():
        if each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD):
            continue
        names = (each.name, *_SPELLINGS.get(each.name, ()))
        name = next((name for name in names if name in variables), None)
        if name is not None and each.name not in values:
            values[each.name] = variables[name]
        elif each.default is each.empty:
            raise InvalidInput("args", texts.variable_needed(function.__name__, each.name))
    return values


def read_line(line: str, variables: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Read the line of the magic as the arguments of a call. Raises InvalidInput."""
    try:
        call = ast.parse(f"_({line})", mode="eval").body
    except SyntaxError:
        raise InvalidInput("line", texts.WRITE_ARGUMENTS) from None
    assert isinstance(call, ast.Call), texts.SOURCE_IS_CALL

    def value(node: ast.expr) -> Any:
        code = compile(ast.Expression(node), "<%%check>", "eval")
        try:
            return eval(code, dict(variables))  # noqa: S307 - the student's own expression
        except Exception as error:  # noqa: BLE001 - it is the student's expression
            raise InvalidInput("line", f"{ast.unparse(node)}: {error}") from None

    keywords: dict[str, Any] = {}
    for each in call.keywords:
        if each.arg is None:
            keywords |= value(each.value)
        else:
            keywords[each.arg] = value(each.value)
    return [value(node) for node in call.args], keywords


def last_function(cell: str) -> str | None:
    """Return the name of the last function that a cell defines; None if the cell itself trains."""
    try:
        body = ast.parse(cell).body
    except SyntaxError:
        return None
    if any(isinstance(node, ast.For | ast.While | ast.AugAssign) for node in body):
        return None
    names = [node.name for node in body if isinstance(node, ast.FunctionDef)]
    return names[-1] if names else None
