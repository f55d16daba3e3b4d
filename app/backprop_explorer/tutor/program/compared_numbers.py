"""Numbers that decide what a program runs next and are no costs, such as the margin of a hinge."""

from __future__ import annotations

import ast
from functools import lru_cache

from backprop_explorer.tutor.program.source import function_of, normal, statement_at
from backprop_explorer.tutor.program.steps import Run, Step

COMPARES = frozenset({"less", "greater", "less_equal", "greater_equal"})
# The limits with which margins are compared.
_LIMITS = frozenset({0, 1})


def is_compared(run: Run, step: Step) -> bool:
    """Whether a number without a name is only compared, such as the length of a step; or one with a
    name is a margin.
    """
    readers = [run.steps[each] for each in run.readers[step.index]]
    if not COMPARES.issuperset(each.op for each in readers):
        return False
    if step.name:
        return is_margin(step)
    statements = (statement_at(*frame[:2]) for frame in step.frames)
    around = next((each for each in statements if not isinstance(each, ast.Return)), None)
    return isinstance(around, ast.If | ast.While)


def is_less_than(run: Run, step: Step) -> bool:
    """Whether a difference is only compared, as 1 - m < 0."""
    return step.op == "subtract" and not run.readers[step.index] and is_compared(run, step)


def decides_beside(run: Run, step: Step) -> bool:
    """Whether a number without a name is m of 1 - m < 0 in one line. A cost that another line
    compares is none.
    """
    readers = [run.steps[each] for each in run.readers[step.index]]
    same = all(each.line == step.line and is_less_than(run, each) for each in readers)
    return bool(readers) and not step.name and same


def is_margin(step: Step) -> bool:
    """Whether a comparison of a number with 0 or 1 decides which of two values is computed, and
    neither is made of this number.
    """
    function = function_of(step.frames[0]) if step.frames else None
    return function is not None and bool(step.name) and _is_margin_in(function, step.name)


@lru_cache(256)
def _is_margin_in(function: ast.AST, name: str) -> bool:
    nodes = (each for each in ast.walk(function) if isinstance(each, ast.If))
    tests = (each for each in nodes if isinstance(each.test, ast.Compare))
    own = [each for each in tests if name in map(ast.unparse, ast.walk(each.test))]
    return len(own) == 1 and _chooses(own[0], name)


def is_tested(step: Step) -> bool:
    """Whether a number is compared with 0 or 1 where it is computed."""
    statement = statement_at(*step.line) if step.line is not None else None
    tests = (e for e in ast.walk(statement) if isinstance(e, ast.Compare)) if statement else ()
    return any(
        normal(step.text) == ast.unparse(each.left)
        and {e.value for e in each.comparators if isinstance(e, ast.Constant)} <= _LIMITS
        for each in tests
    )


def _chooses(test: ast.If, name: str) -> bool:
    """Whether both branches go on, and compute values that are not made of a number."""
    limits = {each.value for each in ast.walk(test.test) if isinstance(each, ast.Constant)}
    nodes = [e for block in (test.body, test.orelse) for s in block for e in ast.walk(s)]
    ends = (ast.Break, ast.Return, ast.Continue, ast.Raise)
    leaves = any(isinstance(e, ends) or getattr(e, "id", "") == name for e in nodes)
    computes = any(isinstance(e, ast.BinOp) for e in nodes) and bool(test.orelse)
    return bool(limits) and limits <= _LIMITS and computes and not leaves
