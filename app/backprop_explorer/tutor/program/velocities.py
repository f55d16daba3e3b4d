"""Statements of a source that set a velocity without what it was before."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from backprop_explorer.tutor.program.made_parameters import is_called_parameter
from backprop_explorer.tutor.program.source import nodes_of, statement_at

# What velocities are called: v, v_W, vs, velocities, momentum_b, prevDW.
_VELOCITY = re.compile(r"_?(([vm]s?|[vV]d?)(_?[A-Za-z]\w?\d?)?|vel\w*|mom\w*|prev\w*)$")
# What the factor of a velocity is called.
_FACTOR = re.compile(r"mom\w*|alpha|beta|mu|rho|gamma|inertia", re.IGNORECASE)
NEAR = 12  # lines between the updates of one function
_WORDS = re.compile(r"[A-Za-z]+")


def sets_velocity(file: str, line: int) -> bool:
    """Whether a statement sets a velocity from other values, and another statement sets it to 0.

    It is one by its name, if another value of its kind is kept, or if a factor is never read.
    """
    statement = statement_at(file, line)
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return False
    names = {*_names_in(statement.targets[0])}
    if not names.isdisjoint(_read_in(statement.value)):
        return False
    others = [e for e in nodes_of(file) if isinstance(e, ast.Assign) and e is not statement]
    # By another name it is kept for the next round.
    kept = (e for e in others if len(names) == 1 and ast.unparse(e.value) in names)
    known = names.union(*(_names_in(target) for e in kept for target in e.targets))
    # What an attribute is set to may have been a variable of another function.
    known |= {each.rpartition(".")[2] for each in known}
    # The gradient of a bias that begins with 0 is none.
    known = {
        each
        for each in known
        if _VELOCITY.match(each.rpartition(".")[2]) or not is_called_parameter(each)
    }
    if not any(
        known.intersection(_names_in(target)) and _is_zero(value)
        for each in others
        for target, value in _pairs(each)
    ):
        return False
    return (
        any(_VELOCITY.match(each.rpartition(".")[2]) for each in names)
        or _has_sibling(file, statement, known)
        or (_has_unread_factor(file, line))
    )


def _has_sibling(file: str, statement: ast.Assign, names: set[str]) -> bool:
    """Whether another statement near by keeps a part of a value whose name has the same last word,
    such as "w_change" beside "b_change", or "delta1" beside "delta2".
    """
    words = {word for each in names for word in _WORDS.findall(each)[-1:]}
    words = {each for each in words if not is_called_parameter(each)}
    for node in nodes_of(file):
        if not isinstance(node, ast.Assign | ast.AugAssign) or node is statement:
            continue
        if abs(node.lineno - statement.lineno) > NEAR:
            continue
        multiplies = isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Mult)
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for own in ({*_names_in(target)} for target in targets):
            alike = words.intersection(*({*_WORDS.findall(each)[-1:]} for each in own))
            reads = isinstance(node, ast.Assign) and own & _read_in(node.value)
            if alike and own.isdisjoint(names) and (multiplies or reads):
                return True
    return False


def _has_unread_factor(file: str, line: int) -> bool:
    """Whether a parameter of the function around a line, or an attribute, is called like the factor
    of a velocity and never read.
    """
    nodes = nodes_of(file)
    around = [
        e
        for e in nodes
        if isinstance(e, ast.FunctionDef) and e.lineno <= line <= (e.end_lineno or 0)
    ]
    for function in around[-1:]:
        given = {e.arg for e in (*function.args.args, *function.args.kwonlyargs)}
        read = {e.id for e in ast.walk(function) if isinstance(e, ast.Name)}
        if any(_FACTOR.fullmatch(each) for each in given - read):
            return True
    attributes = [e for e in nodes if isinstance(e, ast.Attribute)]
    read = {e.attr for e in attributes if isinstance(e.ctx, ast.Load)}
    names = [e for e in nodes if isinstance(e, ast.Name) and _FACTOR.fullmatch(e.id)]
    unread = {e.id for e in names} - {e.id for e in names if isinstance(e.ctx, ast.Load)}
    return bool(unread) or any(_FACTOR.fullmatch(e.attr) for e in attributes if e.attr not in read)


def _names_in(target: ast.expr) -> Iterator[str]:
    """Yield the name of what an assignment sets: "self.v" of self.v[i], "v" of state["v"]."""
    while isinstance(target, ast.Subscript):
        words = (e.value for e in ast.walk(target.slice) if isinstance(e, ast.Constant))
        if (key := next((e for e in words if isinstance(e, str)), None)) is not None:
            yield key
            return
        target = target.value
    yield ast.unparse(target)


def _read_in(value: ast.expr) -> set[str]:
    """Return the names of all that an expression reads."""
    read = (e for e in ast.walk(value) if isinstance(e, ast.Name | ast.Attribute | ast.Subscript))
    return {name for each in read for name in _names_in(each)}


def _pairs(statement: ast.Assign) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield what an assignment sets, with its value: of a, b = 0, 1 each."""
    value = statement.value
    for target in statement.targets:
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            yield from zip(target.elts, value.elts, strict=False)
        else:
            yield target, value


def _is_zero(value: ast.expr) -> bool:
    is_number = isinstance(value, ast.Constant) and value.value == 0
    return is_number or "zeros" in ast.unparse(value)
